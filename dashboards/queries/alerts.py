"""Queries of alerts of flying drones (measurement ``alert``)."""

from __future__ import annotations

from dashboards.queries import fixes
from dashboards.queries.parts import by_day, chosen, recent, where

_DEVICE = chosen("device")


def standing(minutes: int = 1_440) -> str:
    """Alerts that stand now, as ``standing``; 0 where any drone was heard in the range."""
    active = f'SELECT "active" AS "standing" FROM "alert" {where(_DEVICE, time=recent(minutes))}'
    return f'SELECT sum("standing") AS "standing" FROM ({active}), ({fixes.known("standing")})'


def newest(limit: int = 50) -> str:
    """Alerts, the newest first."""
    fields = '"kind", "subject", "cause", "value", "limit", "unit", "active", "lasted_s", "flight"'
    return f'SELECT "device", {fields} FROM "alert" {where(_DEVICE)} ORDER BY time DESC LIMIT {limit}'


def by_kind() -> str:
    """Alerts by local day and kind."""
    return f'SELECT count("active") AS "alerts" FROM "alert" {where(_DEVICE)} {by_day("kind")}'


def annotation() -> str:
    """Alerts as marks over time."""
    return f'SELECT "kind", "device", "ended_ms" FROM "alert" {where(_DEVICE)}'
