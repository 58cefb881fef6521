"""From the geometries of a layer to plots' boundaries: mended, flat, in WGS 84, or the reason why not.

Everything runs over all features at once; only those with something to mend are taken one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import MultiPolygon

from core.model.fixtable import Floats
from land.crs import ToWgs84
from land.layers import Geometries
from land.mending import Unmendable, polygons_in, tidied, untidy, valid

VIETNAM_BOX_DEG: Final = (102.0, 8.0, 110.0, 23.6)
_GEOD: Final = Geod(ellps="WGS84")
_POLYGON, _MULTIPOLYGON, _COLLECTION = 3, 6, 7
_LON_MAX_DEG, _LAT_MAX_DEG = 180.0, 90.0


@dataclass(slots=True)
class Boundaries:
    """By row: the boundary in WGS 84 (None where refused), what was mended, what is odd, and why a row is refused."""

    made: Geometries
    mended: dict[int, list[str]] = field(default_factory=dict)
    odd: dict[int, list[str]] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    def refuse(self, row: int, reason: str) -> None:
        """Refuse a row; the first reason stays."""
        self.refused.setdefault(row, reason)
        self.made[row] = None

    def mend(self, row: int, what: str) -> None:
        """Note what was mended."""
        self.mended.setdefault(row, []).append(what)


def boundaries(geometries: Geometries, to_wgs84: ToWgs84, *, swap: bool = False) -> Boundaries:
    """Make the boundaries of a layer.

    Args:
        geometries: shapely geometries in the layer's CRS, None where there is none; shape (n,).
        to_wgs84: The way from that CRS to WGS 84.
        swap: The first coordinate is the northing (latitude), the second the easting.
    """
    rows = Boundaries(np.array(geometries, object))
    _only_polygons(rows)
    _to_wgs84(rows, to_wgs84, swap=swap)
    _mend(rows)
    there = np.flatnonzero(~shapely.is_missing(rows.made))
    rows.made[there] = shapely.orient_polygons(rows.made[there])
    if to_wgs84.vn2000:
        _flag_far(rows)
    return rows


def areas_m2(made: Geometries) -> Floats:
    """Geodesic areas of oriented boundaries (shells counter-clockwise), NaN for None; shape (n,)."""
    parts, part_of = shapely.get_parts(made, return_index=True)
    rings, ring_of = shapely.get_rings(parts, return_index=True)
    points, of_ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.flatnonzero(np.diff(of_ring, append=-1)) + 1
    starts = np.concatenate([[0], ends[:-1]]) if len(ends) else ends
    lon, lat = np.ascontiguousarray(points[:, 0]), np.ascontiguousarray(points[:, 1])
    each = [_GEOD.polygon_area_perimeter(lon[a:b], lat[a:b])[0] for a, b in zip(starts, ends, strict=True)]
    total = np.bincount(part_of[ring_of], np.array(each, np.float64), len(made)).astype(np.float64)
    total[shapely.is_missing(made)] = np.nan
    return total


def centres(made: Geometries) -> tuple[Floats, Floats]:
    """Longitude and latitude of a point in each boundary: the centroid where it lies inside; NaN for None."""
    points = shapely.centroid(made)
    outside = np.flatnonzero(~shapely.contains(made, points) & ~shapely.is_missing(made))
    points[outside] = shapely.point_on_surface(made[outside])
    return shapely.get_x(points), shapely.get_y(points)


def _only_polygons(rows: Boundaries) -> None:
    """Refuse what is no polygon; take the polygons out of collections."""
    kinds = shapely.get_type_id(rows.made)
    for row in np.flatnonzero(kinds == -1):
        rows.refuse(int(row), "has no geometry")
    for row in np.flatnonzero((kinds >= 0) & shapely.is_empty(rows.made)):
        rows.refuse(int(row), "has an empty geometry")
    for row in np.flatnonzero(kinds == _COLLECTION):
        _from_collection(rows, int(row))
    for row in np.flatnonzero(~np.isin(kinds, [-1, _POLYGON, _MULTIPOLYGON, _COLLECTION])):
        if rows.made[row] is not None:
            rows.refuse(int(row), f"is a {rows.made[row].geom_type}, not a polygon")


def _from_collection(rows: Boundaries, row: int) -> None:
    if rows.made[row] is None:
        return
    parts = [part for part in shapely.get_parts(rows.made[row]) if part is not None]
    polygons = polygons_in(rows.made[row])
    if not polygons:
        rows.refuse(row, "is a GeometryCollection without a polygon")
        return
    rows.made[row] = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    others = sum(not polygons_in(part) for part in parts)
    if others:
        rows.mend(row, f"parts that are no polygons left out: {others}")


def _to_wgs84(rows: Boundaries, to_wgs84: ToWgs84, *, swap: bool) -> None:
    """Move all coordinates in one go; refuse rows where that is not possible."""
    there = np.flatnonzero(~shapely.is_missing(rows.made))
    flat = shapely.force_2d(rows.made[there])
    points, of = shapely.get_coordinates(flat, return_index=True)
    numbers = np.isfinite(points).all(axis=1)
    x, y = (points[:, 1], points[:, 0]) if swap else (points[:, 0], points[:, 1])
    lon, lat = to_wgs84.lonlat(np.where(numbers, x, 0.0), np.where(numbers, y, 0.0))
    on_earth = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= _LON_MAX_DEG) & (np.abs(lat) <= _LAT_MAX_DEG)
    rows.made[there] = shapely.set_coordinates(
        flat, np.column_stack([np.where(on_earth, lon, 0.0), np.where(on_earth, lat, 0.0)])
    )
    for at in np.unique(of[~numbers]):
        rows.refuse(int(there[at]), "has coordinates that are no numbers (NaN or infinite)")
    wrong = np.flatnonzero(numbers & ~on_earth)
    for at, first in zip(*np.unique(of[wrong], return_index=True), strict=True):
        x_bad, y_bad = points[wrong[first]]
        rows.refuse(int(there[at]), f"has coordinates that are none in {to_wgs84.name}: {x_bad:.10g}, {y_bad:.10g}")


def _mend(rows: Boundaries) -> None:
    """Take out doubled points and spikes, then repair what is still invalid."""
    there = np.flatnonzero(~shapely.is_missing(rows.made))
    for at in untidy(rows.made[there]):
        row = int(there[at])
        rows.made[row], said = tidied(rows.made[row])
        for what in said:
            rows.mend(row, what)
    there = there[~shapely.is_valid(rows.made[there])]
    for row in there.tolist():
        try:
            rows.made[row], what = valid(rows.made[row])
            rows.mend(row, what)
        except Unmendable as error:
            rows.refuse(row, str(error))


def _flag_far(rows: Boundaries) -> None:
    """Flag boundaries of VN-2000 that lie outside Vietnam."""
    west, south, east, north = VIETNAM_BOX_DEG
    box: NDArray[np.float64] = shapely.bounds(rows.made)
    outside = (box[:, 0] < west) | (box[:, 1] < south) | (box[:, 2] > east) | (box[:, 3] > north)
    for row in np.flatnonzero(outside).tolist():
        lon, lat = box[row, 0], box[row, 1]
        rows.odd.setdefault(row, []).append(
            f"lies outside Vietnam ({lon:.4f}, {lat:.4f}): are X (north) and Y (east) swapped?"
        )
