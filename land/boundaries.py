"""From the geometry of a feature to a plot's boundary: repaired, flat, in WGS 84, or a reason why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from shapely import GeometryCollection, MultiPolygon, Polygon

from core.model.land import Boundary
from land.crs import ToWgs84

VIETNAM_BOX_DEG: Final = (102.0, 8.0, 110.0, 23.6)


@dataclass(frozen=True, slots=True)
class Made:
    """A boundary in WGS 84 (None: the feature is no plot) and, in words, what was wrong or was done."""

    boundary: Boundary | None
    note: str = ""


def to_boundary(wkb: bytes | None, to_wgs84: ToWgs84) -> Made:
    """Make the boundary of one feature.

    Args:
        wkb: The feature's geometry in its own CRS (curves already made straight), None where it has none.
        to_wgs84: The way from that CRS to WGS 84.
    """
    if wkb is None:
        return Made(None, "has no geometry, skipped")
    try:
        geometry = shapely.from_wkb(wkb)
    except shapely.errors.GEOSException as error:
        return Made(None, f"has an unreadable geometry, skipped: {error}")
    if not isinstance(geometry, Polygon | MultiPolygon | GeometryCollection):
        return Made(None, f"is a {geometry.geom_type}, not a polygon, skipped")
    note = ""
    if not geometry.is_valid:
        note = f"had an invalid boundary ({shapely.is_valid_reason(geometry)}), repaired"
        geometry = shapely.make_valid(geometry)
    polygons = _polygons(geometry)
    if not polygons:
        return Made(None, "holds no polygon with an area, skipped")
    whole = polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
    return _in_range(to_wgs84.geometry(whole), to_wgs84, note)


def _polygons(geometry: shapely.Geometry) -> list[Polygon]:
    """The polygons with an area inside a geometry."""
    if isinstance(geometry, Polygon):
        return [geometry] if geometry.area > 0.0 else []
    if not isinstance(geometry, MultiPolygon | GeometryCollection):
        return []
    return [polygon for part in geometry.geoms for polygon in _polygons(part)]


def _in_range(boundary: Boundary, to_wgs84: ToWgs84, note: str) -> Made:
    """Refuse coordinates that are none on Earth; name those of VN-2000 that lie outside Vietnam."""
    box = np.array(boundary.bounds)
    if not np.isfinite(box).all() or np.abs(box[[0, 2]]).max() > 180.0 or np.abs(box[[1, 3]]).max() > 90.0:  # noqa: PLR2004 - degrees
        return Made(None, f"has coordinates that are none in {to_wgs84.name}, skipped")
    west, south, east, north = VIETNAM_BOX_DEG
    inside = west <= box[0] and box[2] <= east and south <= box[1] and box[3] <= north
    if to_wgs84.vn2000 and not inside:
        far = f"lies outside Vietnam ({box[0]:.4f}, {box[1]:.4f}): are X (north) and Y (east) swapped?"
        note = f"{note}; {far}" if note else far
    if not boundary.is_valid:
        fixed = _polygons(shapely.make_valid(boundary))
        if not fixed:
            return Made(None, "has no area left in WGS 84, skipped")
        boundary = fixed[0] if len(fixed) == 1 else MultiPolygon(fixed)
    return Made(boundary, note)
