"""Queries of the platform's own processes (``ingest_stats`` in ``canhdong_platform``)."""

from __future__ import annotations

from dashboards.queries.parts import by_step, chosen, recent, where

_SLOT = chosen("slot")


def rate(*fields: str) -> str:
    """How fast counters rise, per second, by slot; a restarted process begins at 0."""
    asked = ", ".join(f'non_negative_derivative(last("{it}"), 1s) AS "{it}"' for it in fields)
    return f'SELECT {asked} FROM "ingest_stats" {where(_SLOT)} {by_step("slot")}'


def level(field: str) -> str:
    """The highest of a gauge in each step, by slot."""
    return f'SELECT max("{field}") AS "{field}" FROM "ingest_stats" {where(_SLOT)} {by_step("slot")}'


def total_level(field: str, minutes: int = 5) -> str:
    """A gauge now, over all slots."""
    inner = (
        f'SELECT last("{field}") AS "{field}" FROM "ingest_stats" {where(_SLOT, time=recent(minutes))} GROUP BY "slot"'
    )
    return f'SELECT sum("{field}") AS "{field}" FROM ({inner})'


def total_rate(field: str, minutes: int = 5) -> str:
    """How fast a counter rose in the last minutes, per second, over all slots."""
    rows = where(_SLOT, time=recent(minutes))
    inner = f'SELECT spread("{field}") / {minutes * 60} AS "{field}" FROM "ingest_stats" {rows} GROUP BY "slot"'
    return f'SELECT sum("{field}") AS "{field}" FROM ({inner})'


def slots() -> str:
    """The last report of each slot, at its time."""
    fields = '"received", "stored", "duplicates", "conflicts", "rejected", "late", "spool_bytes", "waiting"'
    inner = f'SELECT last("messages") AS "messages", {fields} FROM "ingest_stats" {where(_SLOT)} GROUP BY "slot"'
    return f'SELECT "slot", "messages", {fields} FROM ({inner})'


def reports() -> str:
    """Reports of each slot in each step: none where it is dead."""
    return f'SELECT count("messages") AS "reports" FROM "ingest_stats" {where(_SLOT)} {by_step("slot", fill="0")}'


def rate_of_all(field: str) -> str:
    """How fast a counter rises, per second, over all slots; a restarted process begins at 0.

    One counter a query: InfluxDB runs the inner query anew for every figure of the outer one.
    """
    rise = f'non_negative_derivative(last("{field}"), 1s) AS "{field}"'
    inner = f'SELECT {rise} FROM "ingest_stats" {where(_SLOT)} {by_step("slot")}'
    return f'SELECT sum("{field}") AS "{field}" FROM ({inner}) {where()} {by_step()}'


def dead_letters_now() -> str:
    """Letters that are kept and were not replayed."""
    return f'SELECT last("dead_letters") AS "dead_letters" FROM "ingest_stats" {where(time=recent(60))}'


def slowest_store(minutes: int = 15) -> str:
    """The mean time of a write of the slowest slot, ms."""
    return f'SELECT max("store_ms") AS "store_ms" FROM "ingest_stats" {where(time=recent(minutes))}'


def missing_now() -> str:
    """Samples that the ledgers of all cooperatives miss today."""
    return f'SELECT last("missing") AS "missing" FROM "ingest_stats" {where(time=recent(60))}'


def dead_letters() -> str:
    """Dead letters over time, by reason."""
    return f'SELECT last("letters") AS "letters" FROM "dead_letters" {where()} {by_step("reason")}'


def dead_letters_by_reason() -> str:
    """Dead letters by reason, now."""
    inner = f'SELECT last("letters") AS "letters" FROM "dead_letters" {where()} GROUP BY "reason"'
    return f'SELECT "reason", "letters" FROM ({inner})'


def ledger() -> str:
    """What the ledgers of all cooperatives miss of today, and in how many gaps."""
    return f'SELECT last("missing") AS "missing", last("gaps") AS "gaps" FROM "ingest_stats" {where()} {by_step()}'


def devices() -> str:
    """Devices that were heard, of all cooperatives."""
    return f'SELECT max("devices") AS "devices" FROM "ingest_stats" {where()} {by_step()}'
