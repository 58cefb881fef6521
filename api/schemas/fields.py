"""The kinds of values that bodies and queries are made of: what cannot be is refused here, in words."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

import numpy as np
import shapely
from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator, WithJsonSchema
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from core.localtime import iso_utc

M = TypeVar("M", bound=BaseModel)
MOST_POINTS: Final = 20_000
_FIRST_MS: Final = -62_135_596_800_000
"""The year 1, in ms since 1970 UTC."""


def known(value: float) -> float | None:
    """A figure, or ``null`` where it is not known."""
    return value if math.isfinite(value) else None


def nan(value: float | None) -> float:
    """The inverse."""
    return math.nan if value is None else value


def _day(text: str) -> str:
    if text:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise ValueError(f"{text} is no date") from None
    return text


def _instant(value: object) -> int:
    """Milliseconds since 1970 UTC of an ISO 8601 instant with its offset."""
    if not isinstance(value, str):
        raise ValueError("write an instant such as 2026-11-20T06:00:00Z")  # noqa: TRY004 - pydantic tells ValueErrors
    try:
        at = datetime.fromisoformat(value.replace(" ", "+"))
        told = at.tzinfo is not None
        since_1970 = at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except (ValueError, OverflowError):
        told = False
    if not told:
        raise ValueError("write an instant with its offset, such as 2026-11-20T06:00:00Z")
    return round(since_1970.total_seconds() * 1_000.0)


def _box(value: object) -> tuple[float, float, float, float]:
    try:
        text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004 - a box
        raise ValueError("bbox: four numbers with commas: west,south,east,north in degrees")
    west, south, east, north = numbers
    if west > east or south > north:
        raise ValueError("bbox: west,south,east,north: west of east, south of north")
    return west, south, east, north


def _geometry(value: object, kinds: frozenset[str]) -> BaseGeometry:
    """A shape of GeoJSON (RFC 7946): longitude first, WGS 84."""
    if not isinstance(value, dict) or value.get("type") not in kinds:
        raise ValueError(f"a GeoJSON geometry: one of {', '.join(sorted(kinds))}")
    try:
        found = shapely.force_2d(shape(value))
        points = shapely.get_coordinates(found)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, shapely.errors.ShapelyError):
        raise ValueError("coordinates: not what GeoJSON says of this type") from None
    if found.is_empty or len(points) > MOST_POINTS:
        raise ValueError(f"coordinates: at least one and at most {MOST_POINTS} points")
    if not np.isfinite(points).all() or (np.abs(points) > (180.0, 90.0)).any():
        raise ValueError("coordinates: degrees, longitude first (to 180), then latitude (to 90)")
    if not found.is_valid:
        raise ValueError(f"coordinates: {shapely.is_valid_reason(found)}")
    return found


def _boundary(value: object) -> BaseGeometry:
    return _geometry(value, frozenset(("Polygon", "MultiPolygon")))


def _place(value: object) -> BaseGeometry:
    return _geometry(value, frozenset(("Point", "LineString", "Polygon", "MultiPolygon", "MultiLineString")))


_RING = [[105.0, 10.0], [105.001, 10.0], [105.001, 10.001], [105.0, 10.001], [105.0, 10.0]]
_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "coordinates"],
    "properties": {"type": {"type": "string"}, "coordinates": {"type": "array", "items": {}}},
    "description": "a GeoJSON geometry in WGS 84, longitude first",
    "examples": [{"type": "Polygon", "coordinates": [_RING]}],
}

Text = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f/?#]+$")]
JobName = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
DeviceName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$", examples=["drone-01"])]
DayText = Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2})?$", examples=["2026-11-20"]), AfterValidator(_day)]
SetDay = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-20"]), AfterValidator(_day)]
Positive = Annotated[float | None, Field(gt=0.0, le=1e9, allow_inf_nan=False)]
Share = Annotated[float | None, Field(ge=0.0, le=1e9, allow_inf_nan=False)]
Longitude = Annotated[float | None, Field(ge=-180.0, le=180.0, allow_inf_nan=False, examples=[105.4])]
Latitude = Annotated[float | None, Field(ge=-90.0, le=90.0, allow_inf_nan=False, examples=[10.3])]
Instant = Annotated[
    int,
    PlainValidator(_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-20T06:00:00Z"]}),
]
BoxText = Annotated[
    tuple[float, float, float, float],
    BeforeValidator(_box),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^-?\d+(\.\d+)?(,-?\d+(\.\d+)?){3}$",
            "description": "west,south,east,north in degrees",
            "examples": ["105.3,10.2,105.5,10.4"],
        }
    ),
]
BoundaryIn = Annotated[BaseGeometry, PlainValidator(_boundary), WithJsonSchema(_SCHEMA)]
PlaceIn = Annotated[BaseGeometry, PlainValidator(_place), WithJsonSchema(_SCHEMA)]


def since(valid_from_ms: int) -> str | None:
    """Since when a version counts; ``null``: ever since."""
    return iso_utc(valid_from_ms) if valid_from_ms > _FIRST_MS and valid_from_ms else None
