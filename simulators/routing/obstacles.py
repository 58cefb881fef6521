"""Trees, poles, houses, power lines: what no strip and no way may come near, and ways around them."""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely import Point as Place
from shapely.geometry.base import BaseGeometry

from core.errors import ConfigError
from core.model.fixtable import Bools, Floats
from simulators.routing.line import Point

Obstacle = Place | LineString | Polygon | MultiPolygon
_GRID_M: Final = 1e-4
_CUT_M: Final = 0.02
"""Lines end this much before the clearance begins, and ways around it keep twice that: none ever touches it."""
_COARSE_M: Final = 0.3
_MANY_CORNERS: Final = 24


@dataclass(frozen=True, slots=True, eq=False)
class Obstacles:
    """What to keep clear of, made once for many plots and ways by :meth:`around`.

    Attributes:
        zone: Obstacles with their clearance, in plane metres: nothing of a route lies in it.
        cut: The same and 2 cm more: where lines are cut off.
        bends: The same and 4 cm more: ways bend at its corners.
    """

    zone: BaseGeometry
    cut: BaseGeometry
    bends: BaseGeometry

    @classmethod
    def around(cls, shapes: Sequence[Obstacle], clearance_m: float) -> Obstacles:
        """Keep ``clearance_m`` away from some shapes; corners are mitred, a point becomes a square.

        Raises:
            ConfigError: The clearance is negative or no number.
        """
        if not (math.isfinite(clearance_m) and clearance_m >= 0.0):
            raise ConfigError(f"clearance_m = {clearance_m:g}: give 0 or more metres")
        near = shapely.union_all([_near(shape, max(clearance_m, 0.01)) for shape in shapes])
        zone = shapely.set_precision(near, _GRID_M)
        shapely.prepare(zone)
        return cls(zone, _grown(zone, _CUT_M), _grown(zone, 2.0 * _CUT_M))

    def __bool__(self) -> bool:
        return not self.zone.is_empty

    def near(self, bounds: tuple[float, float, float, float], reach_m: float) -> BaseGeometry:
        """What of ``cut`` matters to lines in a box, with so much room around it."""
        west, south, east, north = bounds
        box = shapely.box(west - reach_m, south - reach_m, east + reach_m, north + reach_m)
        parts = shapely.get_parts(self.cut)
        return _together(parts[shapely.intersects(parts, box)])


@lru_cache(maxsize=1)
def no_obstacles() -> Obstacles:
    """Nothing to keep clear of."""
    return Obstacles.around((), 0.0)


def _near(shape: Obstacle, clearance_m: float) -> BaseGeometry:
    """A shape with its clearance: never less than the clearance, a little more where few corners can have it."""
    many = shapely.get_num_coordinates(shape) > _MANY_CORNERS
    wide: BaseGeometry = shapely.buffer(
        shape, clearance_m + _COARSE_M * many, cap_style="square", join_style="mitre", mitre_limit=2.0
    )
    return wide.simplify(_COARSE_M) if many else wide


def _grown(shape: BaseGeometry, by_m: float) -> BaseGeometry:
    grown: BaseGeometry = shapely.buffer(shape, by_m, join_style="mitre", mitre_limit=2.0)
    return shapely.set_precision(grown, _GRID_M)


def transit(start: Point, end: Point, obstacles: Obstacles) -> list[Point]:
    """The shortest way between two places that keeps clear of obstacles: straight where that is free.

    A place inside the clearance (a crew beside a house) is left, or reached, by the shortest way out of it.

    Returns:
        The points of the way in order, ``start`` and ``end`` among them; straight lines lie between them.

    Raises:
        ConfigError: There is no way.
    """
    if start == end or not obstacles.zone.intersects(LineString([start, end])):
        return [start, end]
    out, back = _outside(start, obstacles), _outside(end, obstacles)
    way = _around(out[-1], back[-1], obstacles)
    return [*out[:-1], *way, *back[-2::-1]]


def _outside(place: Point, obstacles: Obstacles) -> list[Point]:
    """The place, and the nearest one outside the clearance where it is not outside itself."""
    if not obstacles.zone.intersects(Place(place)):
        return [place]
    edge = shapely.get_coordinates(shapely.shortest_line(obstacles.cut.boundary, Place(place)))[0]
    return [place, (round(float(edge[0]), 4), round(float(edge[1]), 4))]


def _around(start: Point, end: Point, obstacles: Obstacles) -> list[Point]:
    """Look for the way with the corners of what stands in it only; what that runs into comes in as well."""
    parts = shapely.get_parts(obstacles.zone)
    bends = shapely.get_parts(obstacles.bends)
    way, known = [start, end], np.zeros(len(parts), bool)
    while True:
        line = LineString(way)
        hit = shapely.intersects(parts, line) & ~known
        if not hit.any():
            return way
        known |= hit
        zone = _together(parts[known])
        corners = shapely.get_coordinates(bends[shapely.intersects(bends, zone)])
        nodes = np.vstack([[start], [end], np.unique(corners, axis=0)])
        order = _shortest(nodes, _visible(nodes, zone))
        if not order:
            raise ConfigError(f"no way from {_named(start)} to {_named(end)} keeps clear of the obstacles")
        way = [(float(nodes[i, 0]), float(nodes[i, 1])) for i in order]


def _together(parts: Any) -> BaseGeometry:
    """Polygons of shape (n,), none of which touches another, as one shape."""
    return MultiPolygon(list(parts))


def _named(place: Point) -> str:
    return f"({place[0]:.1f}, {place[1]:.1f})"


def _visible(nodes: Floats, zone: BaseGeometry) -> Bools:
    """Between which nodes the straight way is free; shape (n, n)."""
    a, b = np.triu_indices(len(nodes), 1)
    ways = shapely.linestrings(np.stack([nodes[a], nodes[b]], axis=1))
    shapely.prepare(zone)
    free = np.zeros((len(nodes), len(nodes)), bool)
    free[a, b] = free[b, a] = ~shapely.intersects(zone, ways)
    return free


def _shortest(nodes: Floats, free: Bools) -> list[int]:
    """Dijkstra from node 0 to node 1; empty where no way leads there."""
    before: dict[int, int] = {}
    queue: list[tuple[float, int, int]] = [(0.0, 0, 0)]
    while queue:
        reached_m, node, previous = heapq.heappop(queue)
        if node in before:
            continue
        before[node] = previous
        if node == 1:
            return _traced(before)
        for other in np.flatnonzero(free[node]).tolist():
            if other not in before:
                heapq.heappush(queue, (reached_m + math.dist(nodes[node], nodes[other]), other, node))
    return []


def _traced(before: dict[int, int]) -> list[int]:
    order = [1]
    while order[-1] != 0:
        order.append(before[order[-1]])
    return order[::-1]
