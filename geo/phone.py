"""GeoJSON that a telephone can load: shapes are simplified until the text fits a budget, their figures stay exact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from geo.projection import LocalPlane

BUDGET_BYTES: Final = 300_000
DIGITS: Final = 7
"""Decimal places of degrees: a centimetre."""
FINE_DIGITS: Final = 8
"""Decimal places in files for GIS: a millimetre."""
FIRST_M: Final = 0.02
GROWTH: Final = 1.7
LARGEST_M: Final = 50.0
_AREAL: Final = 2
_LEAST_BYTES: Final = 16


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """A shape in metres of a plane, and what is said of it."""

    geometry: BaseGeometry
    properties: Mapping[str, Any]


def collection(
    features: Sequence[Feature], plane: LocalPlane, budget_bytes: int = 0, digits: int = DIGITS
) -> dict[str, Any]:
    """Features as GeoJSON (RFC 7946, WGS 84), simplified with a tolerance that grows until they fit.

    Simplified polygons stay valid; parts that are small against the tolerance fall away. ``simplified_m`` is the
    tolerance that was needed.

    Args:
        features: What to write.
        plane: The plane that they are in.
        budget_bytes: Size of the JSON text (UTF-8, without blanks) that must not be exceeded; 0: any.
        digits: Decimal places of degrees.
    """
    if not budget_bytes or _may_fit(features, budget_bytes):
        made = _collection(features, plane, digits)
        if not budget_bytes or _size(made) <= budget_bytes:
            return made
    simpler, before_m, tolerance_m = list(features), 0.0, FIRST_M
    while True:
        # Step after step, each by the difference: no point moves by more than the tolerance in all.
        step_m = tolerance_m - before_m
        simpler = [Feature(simplified(f.geometry, step_m, tolerance_m**2), f.properties) for f in simpler]
        simpler = [f for f in simpler if not f.geometry.is_empty]
        if _may_fit(simpler, budget_bytes) or tolerance_m > LARGEST_M:
            made = _collection(simpler, plane, digits) | {"simplified_m": round(tolerance_m, 3)}
            if _size(made) <= budget_bytes or tolerance_m > LARGEST_M:
                return made
        before_m, tolerance_m = tolerance_m, tolerance_m * GROWTH


def _may_fit(features: Sequence[Feature], budget_bytes: int) -> bool:
    """Whether it is worth writing them out: a point takes some twenty bytes."""
    points = int(shapely.get_num_coordinates([f.geometry for f in features]).sum()) if features else 0
    return points * _LEAST_BYTES <= budget_bytes


def simplified(geometry: BaseGeometry, tolerance_m: float, least_m2: float) -> BaseGeometry:
    """A geometry with fewer points, none further off than the tolerance, valid if it was valid.

    Parts and holes not larger than ``least_m2`` are left out.
    """
    if shapely.get_dimensions(geometry) != _AREAL:
        return shapely.simplify(geometry, tolerance_m)
    parts = [p for p in shapely.get_parts(geometry) if isinstance(p, Polygon) and p.area > least_m2]
    solid = [Polygon(p.exterior, [h for h in p.interiors if Polygon(h).area > least_m2]) for p in parts]
    return shapely.simplify(shapely.MultiPolygon(solid), tolerance_m, preserve_topology=True)


def _collection(features: Sequence[Feature], plane: LocalPlane, digits: int) -> dict[str, Any]:
    written = [
        {"type": "Feature", "geometry": _written(f.geometry, plane, digits), "properties": dict(f.properties)}
        for f in features
    ]
    return {"type": "FeatureCollection", "features": [f for f in written if f["geometry"] is not None]}


def _written(geometry: BaseGeometry, plane: LocalPlane, digits: int) -> dict[str, Any] | None:
    """A geometry in degrees on the grid of the digits: valid still, or None where nothing of it is left."""
    wgs84 = plane.to_wgs84(geometry)
    areal = shapely.get_dimensions(geometry) == _AREAL
    rounded = shapely.set_precision(wgs84, 10.0**-digits, mode="valid_output" if areal else "pointwise")
    if rounded.is_empty:
        return None
    if areal:
        parts = [p for p in shapely.get_parts(rounded) if isinstance(p, Polygon)]
        rounded = shapely.orient_polygons(parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts))
    tidy = shapely.transform(rounded, lambda points: np.round(points, digits))
    written: dict[str, Any] = shapely.geometry.mapping(tidy)
    return written


def _size(document: Mapping[str, Any]) -> int:
    return len(text_of(document).encode())


def text_of(document: Mapping[str, Any]) -> str:
    """The document as JSON without blanks."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
