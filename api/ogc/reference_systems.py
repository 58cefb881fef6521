"""The coordinate reference systems that features are given in: CRS84, and every projected zone of VN-2000.

All of them have the easting (or the longitude) first, as EPSG's own definitions of these zones say. Geographic systems
of EPSG, which have the latitude first, are not offered: CRS84 says the same without the trap.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from land.crs import from_wgs84, transformer
from land.meridians import ZONES

CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
_EPSG: Final = "http://www.opengis.net/def/crs/EPSG/0/"
_KNOWN_LONGEST: Final = (3405, 3406, 5896, 5897, 5898, 5899)
"""Zones that older software knows too; they come first."""
_ALL: Final = (*_KNOWN_LONGEST, *(zone.epsg for zone in ZONES if zone.epsg not in _KNOWN_LONGEST))
SUPPORTED: Final[dict[str, str]] = {CRS84: "", **{f"{_EPSG}{epsg}": f"EPSG:{epsg}" for epsg in _ALL}}
"""The identifiers of all systems, and how ``land`` calls each ("" for CRS84 itself)."""
DEGREE_DIGITS: Final = 11
METRE_DIGITS: Final = 6
"""Decimal places that are written: a micrometre, so that areas of small plots agree to 1e-6 in every system."""
_EDGE_POINTS: Final = 32


def to_crs84(identifier: str) -> Callable[[Any, Any], tuple[Any, Any]]:
    """The way from a system to longitudes and latitudes."""
    name = SUPPORTED[identifier]
    return transformer(name).lonlat if name else lambda x, y: (x, y)


def written(geometry: BaseGeometry, identifier: str) -> BaseGeometry:
    """A geometry of WGS 84 in another system, rounded to what is written; rings as RFC 7946 orders them."""
    name = SUPPORTED[identifier]
    digits = METRE_DIGITS if name else DEGREE_DIGITS
    change = from_wgs84(name).xy if name else None

    def move(points: Any) -> Any:
        moved = points if change is None else np.column_stack(change(points[:, 0], points[:, 1]))
        return np.round(moved, digits)

    return shapely.orient_polygons(shapely.transform(shapely.force_2d(geometry), move))


def rectangle(west: float, south: float, east: float, north: float, identifier: str) -> BaseGeometry:
    """A rectangle of a system in longitude and latitude; its edges are bent where the system's are."""
    if not SUPPORTED[identifier]:
        return shapely.box(west, south, east, north)
    along = np.linspace(0.0, 1.0, _EDGE_POINTS, endpoint=False)
    corners = np.array([[west, south], [east, south], [east, north], [west, north], [west, south]])
    edges = [one + along[:, None] * (other - one) for one, other in pairwise(corners)]
    points = np.concatenate(edges)
    lon, lat = to_crs84(identifier)(points[:, 0], points[:, 1])
    good = np.isfinite(lon) & np.isfinite(lat)
    return shapely.Polygon(np.column_stack([lon, lat])) if good.all() else shapely.Polygon()
