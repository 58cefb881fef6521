"""Queries of closed flights (measurement ``flight``)."""

from __future__ import annotations

from dashboards.queries.parts import CONG, STANDS, by_day, chosen, columns, where

_DEVICE = chosen("device")


def totals() -> str:
    """Hectares, công, flights, hours and litres of all flights in the range."""
    sums = f'sum("net_ha") AS "ha", sum("net_ha") {CONG} AS "cong", count("net_ha") AS "flights"'
    return f'SELECT {sums}, sum("hours") AS "hours", sum("volume_l") AS "litres" FROM "flight" {where(STANDS, _DEVICE)}'


def area_by_day() -> str:
    """Hectares by local day and operation."""
    return f'SELECT sum("net_ha") AS "ha" FROM "flight" {where(STANDS, _DEVICE)} {by_day("operation")}'


def newest(limit: int = 100) -> str:
    """Flights, the newest first."""
    fields = (
        '"flight", "operation", "job", "net_ha", "off_target_ha", "volume_l", "mass_kg", "hours", "grade", "weather", '
        'floor("end_ms" - "hours" * 3600000) AS "start_ms", "end_ms"'
    )
    return f'SELECT "device", {fields} FROM "flight" {where(STANDS, _DEVICE)} ORDER BY time DESC LIMIT {limit}'


def last_flight() -> str:
    """The last flight in the range, as one row of figures."""
    area = f'"net_ha", "net_ha" {CONG} AS "cong", "off_target_ha", "hours" * 60 AS "minutes"'
    amounts = columns("dose_l_per_ha", "volume_l", "dose_kg_per_ha", "mass_kg", "grade", "flight")
    return f'SELECT {area}, {amounts} FROM "flight" {where(STANDS, _DEVICE)} ORDER BY time DESC LIMIT 1'


def expected_area() -> str:
    """Net area as logged and as expected in truth, with its bounds, a row a flight."""
    fields = '"flight", "net_ha", "expected_net_ha", "expected_low_ha", "expected_high_ha", "fixes", "bridged_m"'
    return f'SELECT {fields} FROM "flight" {where(STANDS, _DEVICE)} ORDER BY time DESC LIMIT 50'


def annotation() -> str:
    """Flights as marks over time."""
    return f'SELECT "flight", "device", "end_ms" FROM "flight" {where(STANDS, _DEVICE)}'
