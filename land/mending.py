"""Mending one boundary: doubled points, spikes, rings that cross themselves. In WGS 84 degrees, judged in metres."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from core.model.fixtable import Floats
from core.model.land import Boundary
from core.units import M_PER_DEG
from land.layers import Geometries

SAME_POINT_M: Final = 0.0005
SPIKE_WIDTH_M: Final = 0.01
SPIKE_LENGTH_M: Final = 0.1
MAX_CHANGE: Final = 0.01
"""Share of the area that a repair may change."""
_ROUNDS: Final = 50


class Unmendable(ValueError):
    """A boundary that no repair can be trusted with; the message says why."""


def polygons_in(geometry: Any) -> list[Polygon]:
    """The polygons inside a geometry, also of collections in collections."""
    if isinstance(geometry, Polygon):
        return [] if geometry.is_empty else [geometry]
    return [polygon for part in getattr(geometry, "geoms", ()) for polygon in polygons_in(part)]


def untidy(made: Geometries) -> NDArray[np.intp]:
    """Rows of the polygons that hold a doubled point or a spike.

    Args:
        made: Polygons and multipolygons in degrees, shape (n,).
    """
    parts, part_of = shapely.get_parts(made, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    points, of = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        return np.empty(0, np.intp)
    last = np.diff(of, append=-1) != 0
    first = np.diff(of, prepend=-1) != 0
    # A ring's last point is its first: every corner but the last is judged, and the one before the first is last - 1.
    before = np.arange(len(points)) - 1
    before[first] = np.flatnonzero(last) - 1
    corner = np.flatnonzero(~last)
    bad = _bad_corner(points[before[corner]], points[corner], points[corner + 1])
    return np.unique(part_of[ring_of[of[corner[bad]]]])


def tidied(boundary: Boundary) -> tuple[Boundary, list[str]]:
    """The boundary without doubled points and spikes, and in words what was taken out."""
    doubled = spikes = 0
    polygons: list[Polygon] = []
    for polygon in polygons_in(boundary):
        rings = []
        for ring in (polygon.exterior, *polygon.interiors):
            points, doubles, spiked = _tidy_ring(shapely.get_coordinates(ring)[:-1])
            doubled, spikes = doubled + doubles, spikes + spiked
            rings.append(points)
        holes = [_closed(ring) for ring in rings[1:] if len(ring)]
        if len(rings[0]):
            polygons.append(Polygon(_closed(rings[0]), holes))
    counts = ((doubled, "doubled point"), (spikes, "spike"))
    said = [f"had {count} {what}{'s' if count > 1 else ''}, taken out" for count, what in counts if count]
    return (polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)), said


def valid(boundary: Boundary) -> tuple[Boundary, str]:
    """The boundary made valid, and in words what was done.

    Every ring is repaired by itself and may lose or gain a hundredth of its area; then the shells are united and the
    holes taken off, since repaired together, a part of a hole outside its shell would count as ground.

    Raises:
        Unmendable: A ring crosses itself in a way that leaves its area open, or nothing with an area is left.
    """
    polygons = polygons_in(boundary)
    why = _reason(boundary)
    grounds = [_valid_ring(polygon.exterior, why) for polygon in polygons]
    holes = [_valid_ring(hole, why) for polygon in polygons for hole in polygon.interiors]
    whole = shapely.difference(shapely.union_all(grounds), shapely.union_all(holes))
    parts = [p for p in polygons_in(whole) if p.area > 0.0]
    if not parts:
        raise Unmendable("holds no polygon with an area")
    return (parts[0] if len(parts) == 1 else MultiPolygon(parts)), f"had an invalid boundary ({why}), repaired"


def _bad_corner(before: Floats, at: Floats, after: Floats) -> NDArray[np.bool_]:
    """Whether corners are doubled points or tips of spikes; all arguments in degrees, shape (n, 2)."""
    scale = np.column_stack([np.cos(np.radians(at[:, 1])) * M_PER_DEG, np.full(len(at), M_PER_DEG)])
    back, on = (before - at) * scale, (after - at) * scale
    back_m, on_m = np.hypot(back[:, 0], back[:, 1]), np.hypot(on[:, 0], on[:, 1])
    cross = np.abs(back[:, 0] * on[:, 1] - back[:, 1] * on[:, 0])
    ahead = (back * on).sum(axis=1) > 0.0
    shorter = np.minimum(back_m, on_m)
    # The distance from the end of the shorter side to the line of the longer one.
    spike = ahead & (shorter >= SPIKE_LENGTH_M) & (cross <= SPIKE_WIDTH_M * np.maximum(back_m, on_m))
    return np.asarray((on_m < SAME_POINT_M) | spike)


def _tidy_ring(points: Floats) -> tuple[Floats, int, int]:
    """A ring (open, shape (n, 2)) without doubled points and spikes, and how many of each; empty if nothing is left."""
    doubled = spikes = 0
    for _ in range(_ROUNDS):
        if len(points) < 3:  # noqa: PLR2004 - a triangle has three corners
            return np.empty((0, 2)), doubled, spikes
        after = np.roll(points, -1, axis=0)
        apart = np.hypot(*((after - points) * [np.cos(np.radians(points[0, 1])), 1.0]).T) * M_PER_DEG
        same = apart < SAME_POINT_M
        if same.any():
            # Those that taking out a spike has made were not in the file.
            doubled += 0 if spikes else int(same.sum())
            points = points[~same]
            continue
        tips = np.flatnonzero(_bad_corner(np.roll(points, 1, axis=0), points, after))
        if not len(tips):
            break
        # One at a time: taking out a tip changes what its neighbours are.
        spikes += 1
        points = np.delete(points, tips[0], axis=0)
    return points, doubled, spikes


def _closed(points: Floats) -> Floats:
    return np.vstack([points, points[:1]])


def _valid_ring(ring: Any, why: str) -> Any:
    """The ground inside a ring."""
    drawn = Polygon(ring)
    if drawn.is_valid:
        return drawn
    made = shapely.make_valid(drawn, method="structure", keep_collapsed=False)
    if made.area <= 0.0:
        return made
    change = abs(made.area - abs(_signed_area(shapely.get_coordinates(ring)))) / made.area
    if change > MAX_CHANGE:
        raise Unmendable(f"crosses itself ({why}): a repair would change its area by {change:.0%}; draw it anew")
    return made


def _signed_area(points: Floats) -> float:
    x, y = (points - points[0]).T
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2.0)


def _reason(boundary: Boundary) -> str:
    """Why a boundary is invalid, with the place to 1e-6 degrees."""
    said = shapely.is_valid_reason(boundary)
    words, bracket, place = said.partition("[")
    try:
        lon, lat = (float(part) for part in place.rstrip("]").split()[:2])
    except ValueError:
        return said
    return f"{words.strip()} at {lon:.6f}, {lat:.6f}" if bracket else said
