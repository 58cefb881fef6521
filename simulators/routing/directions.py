"""Directions that lines over a plot may have."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import shapely
from shapely import Polygon

from core.model.fixtable import Floats
from simulators.routing.line import Point

_SAME: Final = math.cos(math.radians(1.0))
_TRIED: Final = 3
"""So many directions besides that of the longest edge are laid out and compared."""
_LONG_EDGES: Final = 3


def directions(plot: Polygon, swath_m: float) -> list[Point]:
    """Unit vectors along which it may pay to fly: that of the longest edge first.

    Candidates are the directions of all edges of the convex hull (one of them has the fewest rows: rotating calipers)
    and of the three longest edges, no two closer than a degree. Those with the fewest rows are kept.
    """
    longest = _edges(shapely.get_coordinates(plot.exterior))[:_LONG_EDGES]
    corners = shapely.get_coordinates(shapely.convex_hull(plot))
    found: list[Point] = []
    for edge in [*longest[:1], *_edges(corners), *longest[1:]]:
        if all(abs(edge[0] * ux + edge[1] * uy) < _SAME for ux, uy in found):
            found.append(edge)
    rows = [math.ceil(_width(corners, *way) / swath_m - 0.2) for way in found]
    fewest = sorted(range(1, len(found)), key=lambda i: rows[i])
    return [found[0], *(found[i] for i in fewest[:_TRIED] if rows[i] <= 1.5 * min(rows))]


def _edges(corners: Floats) -> list[Point]:
    """Unit vectors along a ring's edges, the longest edge first."""
    dx, dy = np.diff(corners[:, 0]), np.diff(corners[:, 1])
    lengths = np.sqrt(dx * dx + dy * dy)
    order = [i for i in np.argsort(-np.round(lengths, 6), kind="stable").tolist() if lengths[i] > 0.0]
    return [(float(dx[i] / lengths[i]), float(dy[i] / lengths[i])) for i in order]


def _width(corners: Floats, ux: float, uy: float) -> float:
    across = corners[:, 1] * ux - corners[:, 0] * uy
    return float(across.max() - across.min())
