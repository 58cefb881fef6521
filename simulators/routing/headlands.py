"""Rounds along the boundary of a plot, and around what stands in it: rings of straight lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from simulators.routing.line import SHORTEST_M, Line, line_on
from simulators.routing.rows import Ground
from simulators.routing.strips import Axes, blocked, common, inside, runs

_SMOOTH_M: Final = 0.3
"""A boundary of many small bends is flown along a simpler one inside it, nowhere further from it than twice this."""
_GRID_M: Final = 1e-4
_STRAIGHT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Rounds:
    """Rounds (the lines of each in flying order, the outermost first), and what they leave of a plot.

    ``rest`` lies inside the rounds; ``tongues`` are too narrow for a round and get lines of their own.
    """

    rings: list[list[Line]]
    rest: list[Polygon]
    tongues: list[Polygon]


def rounds(ground: Ground, count: int) -> Rounds:
    """Lay rounds: the first half a swath inside the boundary, each other one a swath further in.

    Where an edge ends, the pump stays on until the strip meets the next side of the plot, at most as far as the corner
    of the two strips needs.

    Args:
        ground: The plot; holes and what keeps out get rounds as well.
        count: How many rounds; those for which there is no room are left out.

    Returns:
        Rounds and what is left. Without room for a single one there are no rounds, and the plot is a tongue.
    """
    outline = _smooth(shapely.difference(ground.area, ground.keep_out))
    rings: list[list[Line]] = []
    done = 0
    for number in range(count):
        found = [_ring(ground, corners) for corners in _rings(_inset(outline, (number + 0.5) * ground.swath_m))]
        if not any(found):
            break
        rings += [ring for ring in found if ring]
        done = number + 1
    if not done:
        return Rounds([], [], [ground.area])
    return Rounds(rings, _polygons(_inset(outline, done * ground.swath_m)), _tongues(outline, ground.swath_m))


def _smooth(area: BaseGeometry) -> BaseGeometry:
    simple = _inset(area, _SMOOTH_M).simplify(_SMOOTH_M)
    fewer = shapely.get_num_coordinates(simple) < 0.7 * shapely.get_num_coordinates(area)
    return simple if bool(fewer) else area


def _inset(area: BaseGeometry, by_m: float) -> BaseGeometry:
    inner: BaseGeometry = shapely.buffer(area, -by_m, join_style="mitre", mitre_limit=2.0)
    return shapely.set_precision(inner, _GRID_M)


def _polygons(area: BaseGeometry) -> list[Polygon]:
    return [part for part in shapely.get_parts(area) if isinstance(part, Polygon) and not part.is_empty]


def _tongues(outline: BaseGeometry, swath_m: float) -> list[Polygon]:
    """Parts that are too narrow for a round: they get lines of their own."""
    body: BaseGeometry = shapely.buffer(_inset(outline, swath_m / 2), swath_m / 2, join_style="mitre", mitre_limit=3.0)
    return [part for part in _polygons(shapely.difference(outline, body)) if part.area > 2.0 * SHORTEST_M * swath_m]


def _rings(inset: BaseGeometry) -> list[Floats]:
    """Corners of all rings, the first repeated at the end."""
    parts = [ring for part in _polygons(inset) for ring in (part.exterior, *part.interiors)]
    return [shapely.get_coordinates(ring) for ring in parts]


def _ring(ground: Ground, corners: Floats) -> list[Line]:
    """The lines of one round."""
    dx, dy = np.diff(corners[:, 0]), np.diff(corners[:, 1])
    lengths = np.sqrt(dx * dx + dy * dy)
    keep = lengths >= SHORTEST_M
    if not keep.any():
        return []
    x, y, dx, dy, lengths = corners[:-1, 0][keep], corners[:-1, 1][keep], dx[keep], dy[keep], lengths[keep]
    ux, uy = dx / lengths, dy / lengths
    beyond = _beyond(ux, uy, ground.swath_m)
    west, south, east, north = ground.area.bounds
    reach = (east - west) + (north - south) + ground.pace.room_m
    axes = Axes(x, y, ux, uy, -reach * np.ones(len(x)), reach * np.ones(len(x)))
    spans = inside(axes, ground.area, ground.swath_m / 2, ground.keep_out, ground.swath_m)
    stops = [[] for _ in spans] if ground.keep_out.is_empty else blocked(axes, ground.keep_out)
    found: list[Line] = []
    for i, mine in enumerate(spans):
        edge = common(mine, [(-float(np.roll(beyond, 1)[i]), float(lengths[i] + beyond[i]))])
        at = float(x[i]), float(y[i]), float(ux[i]), float(uy[i])
        found += [line_on(*at, run) for run in runs(edge, stops[i], ground.pace.room_m)]
    return found


def _beyond(ux: Floats, uy: Floats, swath_m: float) -> Floats:
    """How far a strip has to go on behind each corner to cover it: half a swath times the tangent of half the turn."""
    vx, vy = np.roll(ux, -1), np.roll(uy, -1)
    sine, cosine = np.abs(ux * vy - uy * vx), ux * vx + uy * vy
    return np.minimum(swath_m / 2 * sine / np.maximum(1.0 + cosine, _STRAIGHT), swath_m)
