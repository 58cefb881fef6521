"""One boundary of rings that belong together: a ring inside another is a hole, one in a hole or beside it a part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon, STRtree

from core.model.land import Boundary

_MOST: Final = 0.5
_SAME: Final = 0.99


def assembled(rings: Sequence[Polygon]) -> Boundary:
    """The polygon, or polygons, of rings in any order.

    A ring counts as inside another where more than half of its area is, so that holes that stick out are still holes.

    Args:
        rings: At least one, each as a polygon without holes; they may cross themselves.
    """
    if len(rings) == 1:
        return rings[0]
    grounds = [_ground(ring) for ring in rings]
    around = _around(grounds)
    holes: list[list[Any]] = [[] for _ in rings]
    for ring, outer in zip(rings, around, strict=True):
        if len(outer) % 2:
            nearest = min(outer, key=lambda at: float(grounds[at].area))
            holes[nearest].append(ring.exterior)
    made = [
        Polygon(ring.exterior, inner)
        for ring, inner, outer in zip(rings, holes, around, strict=True)
        if len(outer) % 2 == 0
    ]
    return made[0] if len(made) == 1 else MultiPolygon(made)


def same_ground(one: Polygon, other: Polygon) -> bool:
    """Whether two rings are drawn around the same ground: they share 99 % of what either covers."""
    first, second = _ground(one), _ground(other)
    return bool(shapely.intersection(first, second).area > _SAME * shapely.union(first, second).area)


def _ground(ring: Polygon) -> Any:
    return ring if ring.is_valid else shapely.make_valid(ring)


def _around(grounds: Sequence[Any]) -> list[list[int]]:
    """By ring, the rings that it lies inside."""
    found: list[list[int]] = [[] for _ in grounds]
    place = np.empty(len(grounds), np.intp)
    place[sorted(range(len(grounds)), key=lambda at: -grounds[at].area)] = np.arange(len(grounds))
    for ring, other in STRtree(grounds).query(grounds, predicate="intersects").T.tolist():
        if place[other] < place[ring]:
            shared = shapely.intersection(grounds[ring], grounds[other]).area
            if shared > _MOST * grounds[ring].area:
                found[ring].append(other)
    return found
