"""Queries of the department's compliance figures (``compliance``), by commune and local day."""

from __future__ import annotations

from dashboards.queries.parts import by_day, chosen, columns, where

_TOLD = ('"withheld" = 0', chosen("commune"), "\"commune\" != 'all'")
PAPERS = ("unregistered_product", "without_licence", "unregistered_drone")
UNKNOWN = ("product_unknown", "licence_unknown", "drone_unknown")
COUNTS = ("in_window", "in_bad_weather", "weather_unknown")


def _sums(*fields: str) -> str:
    return ", ".join(f'sum("{field}") AS "{field}"' for field in fields)


def totals() -> str:
    """Flights, and those in good weather; litres inside buffers; flights with products that are not registered."""
    sums = _sums("flights", "in_bad_weather", "buffer_l", *PAPERS)
    share = 'sum("in_window") / sum("flights") * 100 AS "in_window_pct"'
    return f'SELECT {share}, {sums} FROM "compliance" {where(*_TOLD)}'


def weather_by_day() -> str:
    """Flights in good, bad and unknown weather, by local day."""
    return f'SELECT {_sums(*COUNTS)} FROM "compliance" {where(*_TOLD)} {by_day()}'


def buffer_by_commune(limit: int = 15) -> str:
    """The communes with the most litres inside buffers."""
    inner = f'SELECT sum("buffer_l") AS "buffer_l" FROM "compliance" {where(*_TOLD)} GROUP BY "commune"'
    return f'SELECT top("buffer_l", "commune", {limit}) AS "buffer_l" FROM ({inner})'


def papers_by_day() -> str:
    """Flights whose product, pilot or drone was not registered, by local day."""
    return f'SELECT {_sums(*PAPERS)} FROM "compliance" {where(*_TOLD)} {by_day()}'


def papers_unknown_by_day() -> str:
    """Flights of which nobody can tell, by local day."""
    return f'SELECT {_sums(*UNKNOWN)} FROM "compliance" {where(*_TOLD)} {by_day()}'


def by_commune() -> str:
    """All of it by commune."""
    fields = ("flights", *COUNTS, "buffer_l", *PAPERS)
    inner = f'SELECT {_sums(*fields)} FROM "compliance" {where(*_TOLD)} GROUP BY "commune"'
    return f'SELECT "commune", {columns(*fields)} FROM ({inner})'
