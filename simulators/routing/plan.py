"""A plot's lines in cells and rounds, and the ways in which the plot can be flown."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from core.errors import ConfigError
from simulators.routing.headlands import Rounds, rounds
from simulators.routing.line import Line, Point, gaps, line_on
from simulators.routing.obstacles import Obstacles, no_obstacles
from simulators.routing.order import in_order
from simulators.routing.pace import Pace
from simulators.routing.rows import Ground, Rows, fill, lay, lay_rest
from simulators.routing.strips import split

_GRID_M: Final = 1e-6
"""Corners are rounded first: what a projection computed differs in its last digits from CPU to CPU."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How plots are flown.

    Attributes:
        swath_m: Width of a strip.
        angle_deg: Direction of the lines, anticlockwise from the x axis; None chooses.
        headlands: Rounds along the boundary.
        headlands_first: Rounds before the lines inside them, not after.
        obstacles: What to keep clear of.
        pace: What the route is planned for.
        strict: Never spray over the boundary, not even where a plot is too thin or crooked for whole strips.
    """

    swath_m: float
    angle_deg: float | None = None
    headlands: int = 0
    headlands_first: bool = False
    obstacles: Obstacles = field(default_factory=no_obstacles)
    pace: Pace = field(default_factory=Pace)
    strict: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.swath_m) and self.swath_m > 0.0):
            raise ConfigError(f"swath_m = {self.swath_m:g}: give a number above 0")
        if self.headlands < 0:
            raise ConfigError(f"headlands = {self.headlands}: give 0 or more rounds")

    @property
    def way(self) -> Point | None:
        """The direction as a unit vector."""
        if self.angle_deg is None:
            return None
        return math.cos(math.radians(self.angle_deg)), math.sin(math.radians(self.angle_deg))


@dataclass(frozen=True, slots=True)
class Draft:
    """A plot's lines before they are in order.

    ``cells`` are lines side by side, all in the same direction, that are flown to and fro; ``rings`` are rounds.
    """

    cells: list[list[Line]]
    rings: list[list[Line]]


def draft(area: Polygon | MultiPolygon, manner: Manner) -> Draft:
    """Lay a plot's lines."""
    cells: list[list[Line]] = []
    rings: list[list[Line]] = []
    for part in shapely.get_parts(shapely.set_precision(area, _GRID_M)):
        if part.is_empty:
            continue
        keep_out = manner.obstacles.near(part.bounds, manner.pace.room_m + 2.0 * manner.swath_m)
        ground = Ground(part, keep_out, manner.swath_m, manner.pace)
        found = rounds(ground, manner.headlands) if manner.headlands else Rounds([], [], [part])
        rings += found.rings
        laid = [lay_rest(ground, left, manner.way) for left in found.rest]
        laid += [lay(replace(ground, area=tongue), manner.way, strict=manner.strict) for tongue in found.tongues]
        lines = [*(ln for one in laid for row in one.rows for ln in row), *(ln for ring in found.rings for ln in ring)]
        if found.rings or ground.is_worth_a_line(part.area - sum(one.covered_m2 for one in laid)):
            laid += fill(ground, lines, manner.way)
        for rows in (one.rows for one in laid):
            cells += _cells(rows, manner)
    return Draft(cells, rings)


def variants(plot: Draft, manner: Manner) -> list[list[Line]]:
    """Four ways to fly a plot: from either end of the first or of the last line; none where there is no line."""
    starts = _starts(plot.cells)
    if not starts:
        return [_with_rounds([], plot.rings[turn:] + plot.rings[:turn], manner) for turn in range(4) if plot.rings]
    return [_with_rounds(_from(plot.cells, start, number), plot.rings, manner) for number, start in enumerate(starts)]


def first_variant(plot: Draft, manner: Manner) -> list[Line]:
    """The first of :func:`variants`, without the work for the others; empty where there is no line."""
    inner = _from(plot.cells, plot.cells[0][0].start, 0) if plot.cells else []
    return _with_rounds(inner, plot.rings, manner)


def _starts(cells: Sequence[list[Line]]) -> list[Point]:
    """The ends of the first and of the last line."""
    if not cells:
        return []
    first, last = cells[0][0], cells[-1][-1]
    return [first.start, first.end, last.start, last.end]


def _from(cells: Sequence[list[Line]], start: Point, number: int) -> list[Line]:
    """All cells in order, from one of the four starts on."""
    if len(cells) == 1:
        return _options(cells[0])[number]
    ordered = in_order([_options(cell) for cell in cells], start, closed=False)
    return [line for _, lines in ordered for line in lines]


def _options(cell: Sequence[Line]) -> list[list[Line]]:
    """To and fro over a cell: from the first row or the last, along the lines or against them."""
    return [
        [line.reversed() if (number + against) % 2 else line for number, line in enumerate(rows)]
        for rows in (cell, cell[::-1])
        for against in (0, 1)
    ]


def _cells(rows: Rows, manner: Manner) -> list[list[Line]]:
    """Rows in cells; a wide gap is flown over in every row only where going round it would take longer.

    Gaps are crossed at the speed of spraying, so that one which costs less than the turn between two lines stays. The
    others part the rows into cells (boustrophedon decomposition), unless the whole plot takes longer that way.
    """
    pace = manner.pace
    whole = _linked(rows)
    widest = pace.turn_s(manner.swath_m) * pace.speed_mps
    if all(gap <= widest for row in rows for line in row for gap in gaps(line)):
        return whole
    parted = _linked([[piece for line in row for piece in _parted(line, widest)] for row in rows])
    ways = [(cells, _from(cells, cells[0][0].start, 0)) for cells in (whole, parted)]
    return min(ways, key=lambda way: round(pace.flying_s(way[1]), 6))[0]


def _parted(line: Line, widest_m: float) -> list[Line]:
    return [line_on(line.x, line.y, line.ux, line.uy, run) for run in split(line.spans, widest_m)]


def _linked(rows: Rows) -> list[list[Line]]:
    """Cells: lines of neighbouring rows of which each has only the other beside it."""
    cells: list[list[Line]] = []
    before: list[tuple[Line, list[Line]]] = []
    for row in rows:
        beside = [[k for k, (line, _) in enumerate(before) if _overlap(line, mine)] for mine in row]
        now: list[tuple[Line, list[Line]]] = []
        for mine, others in zip(row, beside, strict=True):
            if len(others) == 1 and sum(others[0] in there for there in beside) == 1:
                cell = before[others[0]][1]
            else:
                cells.append(cell := [])
            cell.append(mine)
            now.append((mine, cell))
        before = now
    return cells


def _overlap(line: Line, other: Line) -> bool:
    """Whether two parallel lines in the same direction lie side by side anywhere."""
    ahead = (other.x - line.x) * line.ux + (other.y - line.y) * line.uy
    return ahead < line.length_m and ahead + other.length_m > 0.0


def _with_rounds(inner: list[Line], rings: Sequence[list[Line]], manner: Manner) -> list[Line]:
    """Rounds before or after the lines inside, each from the corner that is next."""
    if not rings:
        return inner
    if not inner:
        return _rounds_from(rings[0][0].start, rings)
    if manner.headlands_first:
        back = [[line.reversed() for line in reversed(ring)] for ring in rings]
        return [line.reversed() for line in reversed(_rounds_from(inner[0].start, back))] + inner
    return inner + _rounds_from(inner[-1].end, rings)


def _rounds_from(here: Point, rings: Sequence[list[Line]]) -> list[Line]:
    """Always the round with the nearest corner."""
    left, found = list(rings), list[Line]()
    while left:
        starts = [(number, turn) for number, ring in enumerate(left) for turn in range(len(ring))]
        away = [math.dist(here, left[number][turn].start) for number, turn in starts]
        number, turn = starts[int(np.argmin(np.round(away, 6)))]
        ring = left.pop(number)
        found += ring[turn:] + ring[:turn]
        here = found[-1].end
    return found
