"""Which commune a plot lies in on a day: a commune's polygon decides; without one, the record that came with the plot.

A plot whose commune was split stays uncertain until somebody supplies the polygons (``canhdong admin import``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from shapely import Point, STRtree

from core.errors import ConfigError, NotFound
from core.model.admin import AdminLevel, AdminUnit
from core.model.land import Plot
from land.admin_source import EARLIEST
from land.gazetteer import Gazetteer, Placed

_CODE: Final = re.compile(r"\d{5}")


class Evidence(StrEnum):
    """What tells a plot's commune."""

    POLYGON = "polygon"
    RECORD = "record"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlotUnit:
    """The commune of a plot on a day; not ``certain``: ``units`` are the candidates, ``words`` say why."""

    units: tuple[AdminUnit, ...]
    certain: bool
    by: Evidence
    words: str = ""

    @property
    def unit(self) -> AdminUnit | None:
        """The commune, where it is certain."""
        return self.units[0] if self.certain else None


class Communes:
    """The communes of one day whose polygons are held."""

    def __init__(self, units: Sequence[AdminUnit]) -> None:
        self._units = [unit for unit in units if unit.boundary is not None]
        self._tree = STRtree([unit.boundary for unit in self._units if unit.boundary is not None])

    def __bool__(self) -> bool:
        return bool(self._units)

    def at(self, lon: float, lat: float) -> AdminUnit | None:
        """The commune that a place in WGS 84 lies in; None outside all of them."""
        found = sorted(int(n) for n in self._tree.query(Point(lon, lat), predicate="intersects"))
        return self._units[found[0]] if found else None


def unit_of(plot: Plot, day: date, communes: Communes, gazetteer: Gazetteer) -> PlotUnit:
    """The commune of a plot.

    Args:
        plot: The plot; ``source_unit`` is a code of five digits or a name, as of ``source_date``.
        day: On which day.
        communes: Polygons that are held for that day.
        gazetteer: Names, codes and successions.
    """
    inside = plot.boundary.representative_point()
    unit = communes.at(inside.x, inside.y)
    if unit is not None:
        return PlotUnit((unit,), certain=True, by=Evidence.POLYGON)
    if not plot.source_unit:
        return PlotUnit(
            (), certain=False, by=Evidence.NONE, words="no polygon holds it and its record names no commune"
        )
    if plot.source_date and plot.source_date < EARLIEST.isoformat():
        words = f"the record is of {plot.source_date}, and the table of units begins on {EARLIEST}"
        return PlotUnit((), certain=False, by=Evidence.RECORD, words=words)
    try:
        recorded = _recorded(plot, gazetteer)
        found = [gazetteer.on_day(it.code, AdminLevel.COMMUNE, _day_of(plot, it), day) for it in recorded]
    except (ConfigError, NotFound) as error:
        return PlotUnit((), certain=False, by=Evidence.RECORD, words=str(error))
    return _merged(found, plot.source_unit)


def _recorded(plot: Plot, gazetteer: Gazetteer) -> tuple[AdminUnit, ...]:
    """The communes that a record may mean."""
    on = date.fromisoformat(plot.source_date) if plot.source_date else None
    text = plot.source_unit.strip()
    if _CODE.fullmatch(text):
        return (gazetteer.resolve(text, AdminLevel.COMMUNE, on),)
    if on is None:
        raise ConfigError(f"commune {text!r} needs the date of the record: names were used anew on 1 July 2025")
    return gazetteer.find(text.partition(",")[0], on, AdminLevel.COMMUNE)


def _day_of(plot: Plot, unit: AdminUnit) -> date:
    return date.fromisoformat(plot.source_date) if plot.source_date else unit.valid_from


def _merged(found: Sequence[Placed], record: str) -> PlotUnit:
    units = tuple(dict.fromkeys(unit for placed in found for unit in placed.units))
    certain = len(units) == 1 and all(placed.certain for placed in found)
    if certain:
        return PlotUnit(units, certain=True, by=Evidence.RECORD)
    names = ", ".join(f"{unit.code} {unit.name}" for unit in units[:5]) or "none"
    words = f"the record {record!r} may be any of: {names}" if units else f"no commune is called {record!r}"
    return PlotUnit(units, certain=False, by=Evidence.RECORD, words=words)
