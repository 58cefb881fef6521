"""Queries of the department's roll-ups (``treated``): withheld cells are left out of all of them but one."""

from __future__ import annotations

from dashboards.queries.parts import CONG, chosen, where
from dashboards.queries.parts import by_day as of_days

_TOLD = '"withheld" = 0'
_CHOSEN = (chosen("commune"), chosen("operation"))
ALL = "all"


def _cells(commune: str, operation: str, group: str) -> tuple[str, ...]:
    """The rows of one kind: each tag ``all`` (sums over it) or ``each``."""
    tags = {"commune": commune, "operation": operation, "product_group": group}
    return tuple(f"\"{tag}\" {'=' if how == ALL else '!='} 'all'" for tag, how in tags.items())


def totals() -> str:
    """The province's hectares, công, litres, kilograms and hours in the range."""
    sums = f'sum("net_ha") AS "ha", sum("net_ha") {CONG} AS "cong", sum("volume_l") AS "litres"'
    rest = 'sum("mass_kg") AS "kg", sum("hours") AS "hours"'
    return f'SELECT {sums}, {rest} FROM "treated" {where(_TOLD, *_cells(ALL, ALL, ALL))}'


def by_day(field: str) -> str:
    """A figure of each local day, of the province."""
    return f'SELECT "{field}" FROM "treated" {where(_TOLD, *_cells(ALL, ALL, ALL))}'


def area_by_day(split: str) -> str:
    """Hectares of each local day, of the province, by ``operation`` or ``product_group``, without withheld cells."""
    rows = where(_TOLD, *_cells(ALL, "each", "each"))
    return f'SELECT sum("net_ha") AS "net_ha" FROM "treated" {rows} {of_days(split)}'


def by_commune() -> str:
    """Figures of each commune in the range; operations as chosen, else all of them together."""
    sums = ", ".join(f'sum("{it}") AS "{it}"' for it in ("net_ha", "volume_l", "mass_kg", "flights", "hours"))
    rows = where(_TOLD, chosen("commune"), *_cells("each", ALL, ALL))
    inner = f'SELECT {sums} FROM "treated" {rows} GROUP BY "commune"'
    return f'SELECT "commune", "net_ha", "volume_l", "mass_kg", "flights", "hours" FROM ({inner})'


def largest_communes(limit: int = 15) -> str:
    """The communes with the most hectares."""
    rows = where(_TOLD, chosen("commune"), *_cells("each", ALL, ALL))
    inner = f'SELECT sum("net_ha") AS "net_ha" FROM "treated" {rows} GROUP BY "commune"'
    return f'SELECT top("net_ha", "commune", {limit}) AS "net_ha" FROM ({inner})'


def cells() -> str:
    """Cells of the chosen communes and operations, by day and product group."""
    fields = '"net_ha", "volume_l", "mass_kg", "flights", "drones"'
    rows = where(_TOLD, *_CHOSEN, chosen("product_group"), *_cells("each", "each", "each"))
    return (
        f'SELECT "commune", "operation", "product_group", {fields} FROM "treated" {rows} ORDER BY time DESC LIMIT 500'
    )


def commune_by_day() -> str:
    """Hectares of the chosen communes by local day."""
    rows = where(_TOLD, chosen("commune"), *_cells("each", ALL, ALL))
    return f'SELECT "net_ha" FROM "treated" {rows} GROUP BY "commune"'


def withheld_by_day() -> str:
    """How many communes' figures may not be told, by day."""
    rows = where(*_cells("each", ALL, ALL))
    counts = 'sum("withheld") AS "withheld", count("withheld") AS "communes"'
    return f'SELECT {counts} FROM "treated" {rows} {of_days()}'
