"""Rows of strips side by side over a plot: the best direction, the best place of the first and the last one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from geo.overlay import GRID_M, Area, polygonal, union
from simulators.routing.directions import directions
from simulators.routing.line import Line, Point, Spans, line_on
from simulators.routing.pace import Pace
from simulators.routing.strips import SLACK_M, Axes, blocked, common, inside, runs, swept, touching

_MISSED: Final = 4.0
"""A square metre without spray costs so many times the time that spraying it takes: somebody has to do it by hand."""
_SHARES: Final = (1.0, 0.6, 0.0)
_ENOUGH: Final = 0.8
_EQUAL_S: Final = 1e-6
_CORNERS: Final = 6

Rows = list[list[Line]]
"""Per row from right to left (looking along the lines), its lines, all in the same direction."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """A plot and how it is flown: strips of ``swath_m`` lie in ``area`` and keep out of ``keep_out``."""

    area: Polygon
    keep_out: BaseGeometry
    swath_m: float
    pace: Pace

    def bare_s(self, bare_m2: float) -> float:
        """What ground without spray costs, in seconds."""
        return _MISSED * bare_m2 / (self.swath_m * self.pace.speed_mps)

    def is_worth_a_line(self, bare_m2: float) -> bool:
        """Whether ground without spray costs more than a turn."""
        return self.bare_s(bare_m2) > self.pace.turn_s(self.swath_m)


@dataclass(frozen=True, slots=True)
class Laid:
    """Rows, what they cost in seconds (their flight, and the ground that they miss), and the area that they cover."""

    cost_s: float
    covered_m2: float
    rows: Rows


@dataclass(frozen=True, slots=True, eq=False)
class _Bed:
    """Where rows may be: their middles (m across the direction) and the distance between them."""

    across: Floats
    step_m: float


def lay(ground: Ground, way: Point | None, *, strict: bool) -> Laid:
    """The cheapest rows over a plot without headlands.

    A strip's pump is on where its whole width lies in the plot. Unless ``strict``, a plot of which that leaves a fifth
    bare is sprayed where the middle part of the strip lies inside, or at least the line itself.

    Args:
        ground: The plot.
        way: Direction of the lines; None chooses.
        strict: Never spray over the boundary.
    """
    ways = [way] if way else directions(ground.area, ground.swath_m)
    best = Laid(math.inf, 0.0, [])
    for share in _SHARES[:1] if strict else _SHARES:
        for chosen in ways:
            beds = _beds(_across(ground.area, chosen), ground.swath_m)
            best = _cheaper(best, _laid(ground, ground.area, chosen, beds, share))
        if best.covered_m2 > _ENOUGH * ground.area.area:
            break
    return best


def lay_rest(ground: Ground, rest: Polygon, way: Point | None) -> Laid:
    """The cheapest rows over what headlands leave of a plot; they reach into the headlands, never out of the plot."""
    best = Laid(math.inf, 0.0, [])
    for chosen in [way] if way else directions(rest, ground.swath_m):
        across = _across(rest, chosen)
        bed = _bed(across[0], across[-1], ground.swath_m, spare=0.98)
        best = _cheaper(best, _laid(ground, rest, chosen, [bed], 1.0))
    return best


def fill(ground: Ground, lines: Sequence[Line], way: Point | None) -> list[Laid]:
    """More rows for what some lines leave bare, wherever these cost less than to leave it.

    It happens beside a bay or a step of the boundary that does not lie on the edge of a strip.
    """
    pace, swath = ground.pace, ground.swath_m
    strips = union(swept(lines, swath / 2))
    found: list[Laid] = []
    if not ground.is_worth_a_line(ground.area.area - strips.area):
        return []
    for bare in _broad(_without(ground.area, strips, ground.keep_out), 0.1 * swath):
        if not ground.is_worth_a_line(bare.area):
            continue
        best = Laid(math.inf, 0.0, [])
        for chosen in [way] if way else directions(bare, swath):
            across = _across(bare, chosen)
            beds = [_Bed(np.array([middle]), swath) for middle in (across[0] + swath / 2, across[-1] - swath / 2)]
            beds.append(_bed(across[0], across[-1], swath, spare=0.98))
            best = _cheaper(best, _laid(ground, bare, chosen, beds, 1.0))
        more = [line for row in best.rows for line in row]
        gained = bare.area - _without(bare, union(swept(more, swath / 2))).area
        if ground.bare_s(gained) > pace.flying_s(more) + pace.turn_s(swath) - pace.run_s(0.0):
            found.append(best)
    return found


def _without(area: Area, *others: BaseGeometry) -> Area:
    for other in others:
        area = polygonal(shapely.difference(area, other, grid_size=GRID_M))
    return area


def _broad(area: Area, by_m: float) -> list[Polygon]:
    """Parts of an area without slivers."""
    inner = shapely.buffer(area, -by_m, join_style="mitre", mitre_limit=2.0)
    parts = shapely.get_parts(shapely.buffer(inner, by_m, join_style="mitre", mitre_limit=2.0))
    return [part for part in parts if not part.is_empty]


def _cheaper(best: Laid, other: Laid) -> Laid:
    """The other only where it is cheaper by more than rounding: the choice is the same on every CPU."""
    return other if other.rows and other.cost_s < best.cost_s - _EQUAL_S else best


def _across(area: Polygon, way: Point) -> Floats:
    """Distances of the corners across a direction, in order."""
    corners = shapely.get_coordinates(area.exterior)
    return np.unique(np.round(corners[:, 1] * way[0] - corners[:, 0] * way[1], 6))


def _beds(across: Floats, swath_m: float) -> list[_Bed]:
    """The outer edges of the first and the last strip lie at corners of the plot's two long sides."""
    lows = across[across <= across[0] + swath_m][:_CORNERS].tolist()
    highs = across[across >= across[-1] - swath_m][-_CORNERS:].tolist()
    return [_bed(low, high, swath_m, spare=0.8) for low, high in product(lows, highs) if high > low]


def _bed(low: float, high: float, swath_m: float, spare: float) -> _Bed:
    width = high - low
    count = max(1, math.floor(width / swath_m + spare))
    touch = count == 1 or count * swath_m <= width + 2.0 * SLACK_M
    step = swath_m if touch else (width - swath_m) / (count - 1)
    first = (low + high - step * (count - 1)) / 2
    return _Bed(first + step * np.arange(count, dtype=np.float64), step)


def _laid(ground: Ground, target: Polygon, way: Point, beds: Sequence[_Bed], share: float) -> Laid:
    """The cheapest of some beds of rows for one direction."""
    across = np.concatenate([bed.across for bed in beds])
    axes = _axes(ground, way, across)
    half = ground.swath_m / 2
    spans = inside(axes, ground.area, share * half, ground.keep_out, ground.swath_m)
    if target is not ground.area:
        reached = touching(axes, target, half - SLACK_M)
        spans = [common(mine, there) for mine, there in zip(spans, reached, strict=True)]
    if ground.keep_out.is_empty:
        found = [[mine] if mine else [] for mine in spans]
    else:
        lanes = zip(spans, blocked(axes, ground.keep_out), strict=True)
        found = [runs(mine, stretches, ground.pace.room_m) for mine, stretches in lanes]
    best, best_cost, best_m2, at = (0, 0), math.inf, 0.0, 0
    for bed in beds:
        rows = slice(at, at := at + len(bed.across))
        cost, covered = _cost(ground, target.area, found[rows], bed.step_m)
        if cost < best_cost - _EQUAL_S:
            best, best_cost, best_m2 = (rows.start, rows.stop), cost, covered
    chosen = range(*best)
    return Laid(best_cost, best_m2, [_lines(axes, row, found[row]) for row in chosen])


def _cost(ground: Ground, area_m2: float, rows: Sequence[Sequence[Spans]], step_m: float) -> tuple[float, float]:
    """What rows cost in seconds, and the area that they cover."""
    pace, swath = ground.pace, ground.swath_m
    lines = [run for row in rows for run in row]
    covered = sum(b - a for run in lines for a, b in run) * min(step_m, swath)
    seconds = sum(run[-1][1] - run[0][0] for run in lines) / pace.speed_mps + len(lines) * pace.turn_s(swath)
    return seconds + ground.bare_s(max(0.0, area_m2 - covered)), covered


def _axes(ground: Ground, way: Point, across: Floats) -> Axes:
    """Lines in one direction that reach beyond the plot, with room to speed up and to brake."""
    ux, uy = way
    corners = shapely.get_coordinates(ground.area.exterior)
    along = corners[:, 0] * ux + corners[:, 1] * uy
    room = ground.pace.room_m + 1.0
    one = np.ones(len(across))
    return Axes(
        -uy * across,
        ux * across,
        ux * one,
        uy * one,
        (float(along.min()) - room) * one,
        (float(along.max()) + room) * one,
    )


def _lines(axes: Axes, row: int, found: Sequence[Spans]) -> list[Line]:
    x, y, ux, uy = (float(column[row]) for column in (axes.x, axes.y, axes.ux, axes.uy))
    return [line_on(x, y, ux, uy, run) for run in found]
