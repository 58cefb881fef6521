"""Queries of data quality, the ledger and clocks (``data_quality``, ``ingest_stats``, ``device_health``)."""

from __future__ import annotations

from dashboards.queries.parts import by_step, chosen, where

_DEVICE = chosen("device")
_EACH = "\"device\" != ''"
_TOGETHER = "\"device\" = ''"
SCORES = ("correct", "complete", "clean", "live")


def together() -> str:
    """The four scores of the cooperative, by local day."""
    return f'SELECT {_percent(SCORES)} FROM "data_quality" {where(_TOGETHER)}'


def score_by_device(score: str) -> str:
    """A score of each device, by local day."""
    return f'SELECT {_percent((score,))} FROM "data_quality" {where(_DEVICE, _EACH)} GROUP BY "device"'


def last_by_device() -> str:
    """The last day's scores of each device."""
    fields = '"complete", "clean", "live", "received", "stored", "had", "expected"'
    rows = where(_DEVICE, _EACH)
    inner = f'SELECT last("correct") AS "correct", {fields} FROM "data_quality" {rows} GROUP BY "device"'
    counts = '"received", "stored", "had", "expected"'
    return f'SELECT "device", {_percent(SCORES)}, {counts} FROM ({inner})'


def worst_days(limit: int = 15) -> str:
    """The least complete day of the devices that had the least complete ones."""
    inner = f'SELECT bottom("complete", "device", {limit}) AS "complete" FROM "data_quality" {where(_DEVICE, _EACH)}'
    return f'SELECT "device", "complete" * 100 AS "complete" FROM ({inner})'


def ledger() -> str:
    """The ledger's last page of each device in the range."""
    fields = '"stored", "duplicates", "conflicts", "rejected", "late", "expected", "missing", "gaps"'
    inner = f'SELECT last("received") AS "received", {fields} FROM "ingest_stats" {where(_DEVICE)} GROUP BY "device"'
    return f'SELECT "device", "received", {fields} FROM ({inner})'


def ledger_over_time(field: str) -> str:
    """A count of the ledger over time, by device."""
    return f'SELECT last("{field}") AS "{field}" FROM "ingest_stats" {where(_DEVICE)} {by_step("device")}'


def clocks_over_time() -> str:
    """What the clock of each device was found to be, over time."""
    return f'SELECT "clock" FROM "device_health" {where(_DEVICE)} GROUP BY "device"'


def clock_states() -> str:
    """What the clock of each device was last found to be, and by how much it is wrong."""
    inner = f'SELECT last("clock") AS "clock", "offset_s" FROM "device_health" {where(_DEVICE)} GROUP BY "device"'
    return f'SELECT "device", "clock", "offset_s" FROM ({inner})'


def _percent(scores: tuple[str, ...]) -> str:
    return ", ".join(f'"{score}" * 100 AS "{score}"' for score in scores)
