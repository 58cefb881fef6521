"""Queries of what flights did to plots (measurement ``coverage``)."""

from __future__ import annotations

from dashboards.queries.parts import CONG, STANDS, by_day, chosen, columns, where

_CHOSEN = (STANDS, chosen("plot"), chosen("operation"))


def totals() -> str:
    """Treated, missed and overlapping area of the range."""
    sums = f'sum("net_ha") AS "ha", sum("net_ha") {CONG} AS "cong", sum("overlap_ha") AS "overlap_ha"'
    return f'SELECT {sums}, mean("covered_pct") AS "covered_pct" FROM "coverage" {where(*_CHOSEN)}'


def plots_visited() -> str:
    """Plots with something done in the range."""
    inner = f'SELECT last("net_ha") AS "n" FROM "coverage" {where(*_CHOSEN)} GROUP BY "plot"'
    return f'SELECT count("n") AS "plots" FROM ({inner})'


def last_visits() -> str:
    """Each plot's last visit in the range, at its time, with where it lies."""
    areas = columns("plot_name", "area_ha", "net_ha", "missed_ha", "overlap_ha")
    rest = columns("dose_l_per_ha", "dose_kg_per_ha", "dose_cv_pct", "lat", "lon")
    found = f'last("covered_pct") AS "covered_pct", {areas}, {rest}'
    inner = f'SELECT {found} FROM "coverage" {where(*_CHOSEN)} GROUP BY "plot"'
    return f'SELECT "plot", {areas}, "covered_pct", {rest} FROM ({inner})'


def sums_by_plot() -> str:
    """Hectares treated and overlapping, visits, litres and kilograms by plot."""
    sums = 'sum("net_ha") AS "net_ha", sum("overlap_ha") AS "overlap_ha", count("net_ha") AS "visits"'
    more = 'sum("volume_l") AS "litres", sum("mass_kg") AS "kg"'
    inner = f'SELECT {sums}, {more} FROM "coverage" {where(*_CHOSEN)} GROUP BY "plot"'
    return f'SELECT "plot", "net_ha", "overlap_ha", "visits", "litres", "kg" FROM ({inner})'


def missed_by_plot(limit: int = 20) -> str:
    """The largest missed parts of last visits, a row a plot."""
    inner = f'SELECT last("missed_ha") AS "missed_ha" FROM "coverage" {where(*_CHOSEN)} GROUP BY "plot"'
    return f'SELECT top("missed_ha", "plot", {limit}) AS "missed_ha" FROM ({inner})'


def overlap_by_plot(limit: int = 20) -> str:
    """The largest overlaps of last visits, a row a plot."""
    inner = f'SELECT last("overlap_ha") AS "overlap_ha" FROM "coverage" {where(*_CHOSEN)} GROUP BY "plot"'
    return f'SELECT top("overlap_ha", "plot", {limit}) AS "overlap_ha" FROM ({inner})'


def area_by_day() -> str:
    """Hectares by local day and operation."""
    return f'SELECT sum("net_ha") AS "ha" FROM "coverage" {where(*_CHOSEN)} {by_day("operation")}'


def amount_by_day(field: str) -> str:
    """Litres or kilograms by local day."""
    return f'SELECT sum("{field}") AS "{field}" FROM "coverage" {where(*_CHOSEN)} {by_day()}'


def over_time(field: str) -> str:
    """A figure of each visit, a series a plot."""
    known = f'"{field}" > 0'
    return f'SELECT "{field}" FROM "coverage" {where(*_CHOSEN, known)} GROUP BY "plot"'


def of_flights() -> str:
    """What the flights of the chosen drones did to plots, the newest first."""
    fields = '"plot_name", "area_ha", "net_ha", "missed_ha", "overlap_ha", "covered_pct", "dose_l_per_ha"'
    return f'SELECT "plot", {fields} FROM "coverage" {where(STANDS, chosen("device"))} ORDER BY time DESC LIMIT 100'
