"""The query of a request for features, read strictly: what is unknown, repeated or malformed is an error."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import shapely
from shapely.geometry.base import BaseGeometry

from api.ogc.reference_systems import CRS84, SUPPORTED, rectangle
from core.localtime import day_window_ms

LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 10_000
LON_MAX_DEG: Final = 180.0
LAT_MAX_DEG: Final = 90.0
COMMON: Final = ("bbox", "bbox-crs", "datetime", "limit", "crs", "after")
Window = tuple[int | None, int | None]
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_DURATION: Final = re.compile(
    r"P(?=.)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?"
    r"(?:T(?=.)(?:(\d{1,6})H)?(?:(\d{1,7})M)?(?:(\d{1,8})S)?)?"
)


class BadParameter(ValueError):
    """A parameter that cannot be answered; the message names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which features are asked for.

    ``area`` is in longitude and latitude; None asks for all. ``window_ms`` are the first and the last ms, None where
    open. ``properties`` are values that properties must have. ``after`` is the feature that the page before ended with.
    """

    area: BaseGeometry | None = None
    window_ms: Window | None = None
    limit: int = LIMIT_DEFAULT
    crs: str = CRS84
    after: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def box(self) -> tuple[float, float, float, float] | None:
        """The box of the area; None where all are asked for."""
        if self.area is None:
            return None
        west, south, east, north = self.area.bounds
        return west, south, east, north


def read(given: Sequence[tuple[str, str]], queryables: Sequence[str]) -> Query:
    """The query of a request for the items of a collection.

    Args:
        given: The parameters as they stand in the address.
        queryables: Names of the properties that may be asked for by value.

    Raises:
        BadParameter: One is unknown, given twice, or cannot be read.
    """
    told = checked(given, (*COMMON, *queryables))
    return Query(
        area=_area(told),
        window_ms=window(told["datetime"]) if "datetime" in told else None,
        limit=_limit(told.get("limit", str(LIMIT_DEFAULT))),
        crs=reference("crs", told.get("crs", CRS84)),
        after=told.get("after", ""),
        properties={name: value for name, value in told.items() if name in queryables},
    )


def checked(given: Sequence[tuple[str, str]], known: Sequence[str]) -> dict[str, str]:
    """Parameters by name.

    Raises:
        BadParameter: One is not among the known, or is given twice.
    """
    told: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            raise BadParameter(f"unknown parameter {name[:60]!r}; known are: {', '.join(known)}")
        if name in told:
            raise BadParameter(f"{name} is given twice")
        told[name] = value
    return told


def reference(name: str, value: str) -> str:
    """A supported reference system's identifier.

    Raises:
        BadParameter: It is not supported.
    """
    if value not in SUPPORTED:
        raise BadParameter(f"{name}: {value[:120]!r} is not among the systems that the collection lists")
    return value


def _area(told: Mapping[str, str]) -> BaseGeometry | None:
    system = reference("bbox-crs", told.get("bbox-crs", CRS84))
    if "bbox" not in told:
        return None
    try:
        numbers = [float(part) for part in told["bbox"].split(",")]
    except ValueError:
        numbers = []
    flat = {4: (0, 1, 2, 3), 6: (0, 1, 3, 4)}.get(len(numbers))
    if flat is None or not all(math.isfinite(n) for n in numbers):
        raise BadParameter("bbox: four numbers, or six with heights: west,south,east,north")
    west, south, east, north = (numbers[k] for k in flat)
    if south > north or (west > east and system != CRS84):
        raise BadParameter("bbox: the lower corner comes first")
    if system != CRS84:
        return rectangle(west, south, east, north, system)
    if max(abs(west), abs(east)) > LON_MAX_DEG or max(abs(south), abs(north)) > LAT_MAX_DEG:
        raise BadParameter("bbox: longitudes are within -180 and 180, latitudes within -90 and 90")
    if west <= east:
        return shapely.box(west, south, east, north)
    halves = shapely.box(west, south, LON_MAX_DEG, north), shapely.box(-LON_MAX_DEG, south, east, north)
    return shapely.MultiPolygon(halves)


def _limit(value: str) -> int:
    if not re.fullmatch(r"\d{1,9}", value) or int(value) < 1:
        raise BadParameter(f"limit: a whole number from 1; more than {LIMIT_MAX} gives {LIMIT_MAX}")
    return min(int(value), LIMIT_MAX)


def window(value: str) -> Window:
    """The first and the last ms of an instant, a local day, or an interval of them; None where it is open.

    A day (``2026-03-01``) is one of Asia/Ho_Chi_Minh. The end may be a duration (``P2D``).

    Raises:
        BadParameter: It is none of these.
    """
    parts = value.split("/")
    try:
        if len(parts) == 1:
            return _moment(parts[0])
        start, end = parts
        begin = None if start in {"", ".."} else _moment(start)[0]
        if end.startswith("P") and begin is not None:
            return begin, begin + _length_ms(end)
        close = None if end in {"", ".."} else _moment(end)[1]
    except (ValueError, OverflowError):
        raise BadParameter(
            "datetime: 2026-03-01, 2026-03-01T06:00:00Z, or two of them as start/end; .. is open"
        ) from None
    if begin is None and close is None:
        raise BadParameter("datetime: one end of an interval must be told")
    if begin is not None and close is not None and close < begin:
        raise BadParameter("datetime: the interval ends before it begins")
    return begin, close


def _moment(text: str) -> tuple[int, int]:
    if _DAY.fullmatch(text):
        return day_window_ms(date.fromisoformat(text).isoformat())
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(text)
    ms = math.floor(moment.timestamp() * 1000.0)
    return ms, ms


def _length_ms(text: str) -> int:
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(text)
    years, months, weeks, days, hours, minutes, seconds = (int(n or 0) for n in found.groups())
    whole = timedelta(days=365 * years + 30 * months + 7 * weeks + days, hours=hours, minutes=minutes, seconds=seconds)
    return round(whole.total_seconds() * 1000.0)
