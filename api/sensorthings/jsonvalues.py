"""Values of entities as JSON has them."""

from __future__ import annotations

from typing import Any

from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from api.sensorthings.times import Duration, Span


def json_value(name: str, value: Any) -> Any:
    """A property's value, by the property's name: times as ISO 8601, shapes as GeoJSON, a feature around its shape."""
    if isinstance(value, Span):
        return value.text()
    if isinstance(value, Duration):
        return value.ms
    shape = mapping(value) if isinstance(value, BaseGeometry) else None
    if name == "feature":
        return {"type": "Feature", "geometry": shape, "properties": {}}
    return value if shape is None else shape
