"""Lines to and fro over a plot (boustrophedon), in plane metres: where a drone flies, and where its pump is on."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, Final

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon
from shapely.affinity import rotate

from core.model.fixtable import Floats

_SLACK_M: Final = 0.005
"""A strip may stand this far over the boundary: a rectangle is none to the micrometre in another plane."""
_SHORTEST_M: Final = 3.0
"""The pump is not switched on for less."""
_TURN_M: Final = 15.0
"""A turn costs about as much time as this many metres of a line."""

Spans = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line from (``x``, ``y``) along the unit vector (``ux``, ``uy``), in metres.

    ``spans`` are the parts with the pump on, as distances from the start; the first begins at 0.
    """

    x: float
    y: float
    ux: float
    uy: float
    spans: Spans

    @property
    def length_m(self) -> float:
        """From the first switching on to the last switching off."""
        return self.spans[-1][1]

    @property
    def sprayed_m(self) -> float:
        """Length with the pump on."""
        return sum(b - a for a, b in self.spans)

    def point(self, along_m: float) -> tuple[float, float]:
        """The point at a distance from the start."""
        return self.x + self.ux * along_m, self.y + self.uy * along_m

    def reversed(self) -> Line:
        """The same line flown the other way."""
        end = self.length_m
        x, y = self.point(end)
        return Line(x, y, -self.ux, -self.uy, tuple((end - b, end - a) for a, b in reversed(self.spans)))

    def cut(self, sprayed_m: float) -> tuple[Line, Line]:
        """Two lines: the first ends where ``sprayed_m`` metres (more than 0, less than all) have been sprayed."""
        done: list[tuple[float, float]] = []
        left: list[tuple[float, float]] = []
        budget = sprayed_m
        for a, b in self.spans:
            here = min(max(budget, 0.0), b - a)
            budget -= here
            if here > 0.0:
                done.append((a, a + here))
            if here < b - a:
                left.append((a + here, b))
        x, y = self.point(left[0][0])
        rest = tuple((a - left[0][0], b - left[0][0]) for a, b in left)
        return Line(self.x, self.y, self.ux, self.uy, tuple(done)), Line(x, y, self.ux, self.uy, rest)


def plan_lines(area: Polygon | MultiPolygon, swath_m: float, angle_deg: float | None = None) -> list[Line]:
    """Lay lines over a plot so that the spray stays inside it.

    The lines follow the plot's long side (or ``angle_deg``, anticlockwise from the x axis). A line's pump is on where
    the whole width of its strip lies in the plot; a plot that is too thin or crooked for that is sprayed where the
    middle part of the strip, or at least the line itself, lies inside. Neighbouring strips touch, or overlap evenly
    where the plot's width is no multiple of the swath.

    Args:
        area: The plot in plane metres; holes are not sprayed.
        swath_m: Width of a strip.
        angle_deg: Direction of the lines; None chooses.

    Returns:
        Lines in flying order, every other one reversed; empty for a plot without room for one.
    """
    lines: list[Line] = []
    for part in shapely.get_parts(area):
        angles = _angles(part) if angle_deg is None else [math.radians(angle_deg)]
        best: tuple[float, list[Line]] = (0.0, [])
        for share in (1.0, 0.6, 0.0):
            found = max((_lay(part, swath_m, angle, share) for angle in angles), key=lambda f: f[0])
            best = max(best, found, key=lambda f: f[0])
            if best[0] > 0.8 * part.area:
                break
        lines += best[1]
    return lines


def _angles(part: Polygon) -> list[float]:
    """Directions in radians of the longest edge, and of the long side of the smallest box around."""
    box = shapely.get_coordinates(shapely.minimum_rotated_rectangle(part))
    return [_longest(shapely.get_coordinates(part.exterior)), _longest(box)]


def _longest(corners: Floats) -> float:
    edges = np.diff(corners, axis=0)
    dx, dy = edges[np.argmax(np.hypot(edges[:, 0], edges[:, 1]))]
    return math.atan2(dy, dx)


def _lay(part: Polygon, swath_m: float, angle: float, share: float) -> tuple[float, list[Line]]:
    """The best rows for one direction: (area in m² less the cost of turns, lines)."""
    level = rotate(part, -angle, origin=(0.0, 0.0), use_radians=True)
    best: tuple[float, list[tuple[float, Spans]]] = (0.0, [])
    for low, high in _extents(level, swath_m):
        ys, step = _rows(low, high, swath_m)
        rows = [(y, s) for y, s in zip(ys.tolist(), _spans(level, ys, share * swath_m / 2), strict=True) if s]
        covered = sum(b - a for _, spans in rows for a, b in spans) * min(step, swath_m)
        score = covered - _TURN_M * swath_m * 0.1 * len(rows)
        if score > best[0]:
            best = (score, rows)
    return best[0], list(_turned(best[1], angle))


def _extents(level: Polygon, swath_m: float) -> Iterator[tuple[float, float]]:
    """Where the outer edges of the first and the last strip may lie: at corners of the plot's two long sides."""
    ys = np.unique(np.round(shapely.get_coordinates(level.exterior)[:, 1], 9))
    lows = ys[ys <= ys[0] + swath_m][:6]
    highs = ys[ys >= ys[-1] - swath_m][-6:]
    yield from ((float(lo), float(hi)) for lo, hi in product(lows, highs) if hi > lo)


def _rows(low: float, high: float, swath_m: float) -> tuple[Floats, float]:
    """Middles of the strips between two edges, and their distance."""
    width = high - low
    count = max(1, math.floor(width / swath_m + 0.8))
    touching = count == 1 or count * swath_m <= width + 2.0 * _SLACK_M
    step = swath_m if touching else (width - swath_m) / (count - 1)
    first = (low + high - step * (count - 1)) / 2
    return first + step * np.arange(count, dtype=np.float64), step


def _spans(level: Polygon, ys: Floats, half_m: float) -> list[Spans]:
    """Per row, where the strip from ``y - half_m`` to ``y + half_m`` lies wholly inside."""
    half = max(half_m - 1.01 * _SLACK_M, _SLACK_M)
    west, _, east, _ = level.bounds
    edge = np.ones(len(ys))
    bands = shapely.box((west - 1.0) * edge, ys - half, (east + 1.0) * edge, ys + half)
    outside: Any = shapely.difference(bands, level)
    parts, row = shapely.get_parts(outside, return_index=True)
    bounds = shapely.bounds(parts)
    found: list[Spans] = []
    for i in range(len(ys)):
        mine = bounds[row == i]
        mine = mine[np.argsort(mine[:, 0], kind="stable")]
        reach = np.maximum.accumulate(mine[:, 2])
        gaps = zip(reach[:-1].tolist(), mine[1:, 0].tolist(), strict=True)
        found.append(tuple((a, b) for a, b in gaps if b - a >= _SHORTEST_M))
    return found


def _turned(rows: list[tuple[float, Spans]], angle: float) -> Iterator[Line]:
    ux, uy = math.cos(angle), math.sin(angle)
    for number, (y, spans) in enumerate(rows):
        start = spans[0][0]
        line = Line(start * ux - y * uy, start * uy + y * ux, ux, uy, tuple((a - start, b - start) for a, b in spans))
        yield line.reversed() if number % 2 else line


def gaps(line: Line) -> list[float]:
    """Lengths in m between the spans of a line, where the drone flies on with its pump off."""
    return [b[0] - a[1] for a, b in pairwise(line.spans)]
