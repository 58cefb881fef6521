"""Where strips along straight lines lie in a plot, and which parts of a line can be flown: all lines at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from simulators.routing.line import SHORTEST_M, Line, Spans

SLACK_M: Final = 0.005
"""A strip may stand this far over the boundary: a rectangle is none to the micrometre in another plane."""
_POINT_M: Final = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Axes:
    """Straight lines through (``x``, ``y``) along (``ux``, ``uy``), between ``low`` and ``high`` metres from there.

    Every column has shape (n,).
    """

    x: Floats
    y: Floats
    ux: Floats
    uy: Floats
    low: Floats
    high: Floats

    def __len__(self) -> int:
        return len(self.x)

    def bands(self, half_m: float) -> Any:
        """The strips around the lines as polygons, shape (n,)."""
        nx, ny = -self.uy * half_m, self.ux * half_m
        ends = [(self.x + self.ux * a, self.y + self.uy * a) for a in (self.low, self.high)]
        (ax, ay), (bx, by) = ends
        corners = [(ax - nx, ay - ny), (bx - nx, by - ny), (bx + nx, by + ny), (ax + nx, ay + ny)]
        return shapely.polygons(np.stack([np.stack(c, axis=1) for c in corners], axis=1))

    def middles(self) -> Any:
        """The lines themselves, shape (n,)."""
        ends = [np.stack([self.x + self.ux * a, self.y + self.uy * a], axis=1) for a in (self.low, self.high)]
        return shapely.linestrings(np.stack(ends, axis=1))

    def along(self, shapes: Any) -> list[list[tuple[float, float]]]:
        """Per line, the stretches next to any part of its own shape (n,), merged, in order."""
        parts, line = shapely.get_parts(shapes, return_index=True)
        corners, part = shapely.get_coordinates(parts, return_index=True)
        found: list[list[tuple[float, float]]] = [[] for _ in range(len(self))]
        if not len(corners):
            return found
        mine = line[part]
        way = (corners[:, 0] - self.x[mine]) * self.ux[mine] + (corners[:, 1] - self.y[mine]) * self.uy[mine]
        first = np.flatnonzero(np.diff(part, prepend=-1))
        lows, highs, owner = np.minimum.reduceat(way, first), np.maximum.reduceat(way, first), mine[first]
        order = np.lexsort((lows, owner))
        for at, a, b in zip(owner[order].tolist(), lows[order].tolist(), highs[order].tolist(), strict=True):
            stretches = found[at]
            if b - a <= _POINT_M:
                continue
            if stretches and a <= stretches[-1][1]:
                stretches[-1] = (stretches[-1][0], max(stretches[-1][1], b))
            else:
                stretches.append((a, b))
        return found


def inside(axes: Axes, area: BaseGeometry, half_m: float, keep_out: BaseGeometry, swath_m: float) -> list[Spans]:
    """Per line, where the strip of ``half_m`` to both sides lies wholly in an area.

    The lines have to reach beyond the area at both ends. The whole strip keeps out of ``keep_out``.
    """
    shapely.prepare(area)
    outside: Any = shapely.difference(axes.bands(max(half_m - 1.01 * SLACK_M, SLACK_M)), area)
    if keep_out.is_empty:
        return [_between(stretches) for stretches in axes.along(outside)]
    taken: Any = shapely.intersection(axes.bands(swath_m / 2), keep_out)
    both = zip(axes.along(outside), axes.along(taken), strict=True)
    return [_between(_merged([*a, *b])) for a, b in both]


def swept(lines: Sequence[Line], half_m: float) -> Any:
    """The strips of all spans as polygons, shape (spans,)."""
    rows = [(line.x, line.y, line.ux, line.uy, a, b) for line in lines for a, b in line.spans]
    return Axes(*np.array(rows, np.float64).reshape(-1, 6).T).bands(half_m)


def blocked(axes: Axes, keep_out: BaseGeometry) -> list[list[tuple[float, float]]]:
    """Per line, the stretches on which nothing may fly."""
    return axes.along(shapely.intersection(axes.middles(), keep_out))


def touching(axes: Axes, area: BaseGeometry, half_m: float) -> list[list[tuple[float, float]]]:
    """Per line, the stretches on which any of its strip lies in an area."""
    return axes.along(shapely.intersection(axes.bands(half_m), area))


def common(spans: Spans, others: Sequence[tuple[float, float]]) -> Spans:
    """What lies in both, where it is long enough to switch the pump on."""
    cuts = ((max(a, c), min(b, d)) for a, b in spans for c, d in others)
    return tuple((a, b) for a, b in cuts if b - a >= SHORTEST_M)


def runs(spans: Spans, stretches: Sequence[tuple[float, float]], room_m: float) -> list[Spans]:
    """Spans in runs between blocked stretches: every run has its room to speed up and to brake before it meets one."""
    if not stretches or not spans:
        return [spans] if spans else []
    edges = [-np.inf, *(edge for stretch in stretches for edge in stretch), np.inf]
    free = [(edges[i] + room_m, edges[i + 1] - room_m) for i in range(0, len(edges), 2)]
    return [run for lane in free if (run := common(spans, [lane]))]


def split(spans: Spans, widest_m: float) -> list[Spans]:
    """Spans in runs that leave no gap wider than told."""
    found: list[Spans] = []
    for span in spans:
        if found and span[0] - found[-1][-1][1] <= widest_m:
            found[-1] = (*found[-1], span)
        else:
            found.append((span,))
    return found


def _between(stretches: Sequence[tuple[float, float]]) -> Spans:
    return tuple((a[1], b[0]) for a, b in pairwise(stretches) if b[0] - a[1] >= SHORTEST_M)


def _merged(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for a, b in sorted(stretches):
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], b))
        else:
            merged.append((a, b))
    return merged
