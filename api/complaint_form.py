"""The question of the complaint page as people type it: a place as maps show it, a day, two times of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

from api.complaints import LONGEST_MS
from core.localtime import ZONE
from geo.nearby import Place

RADII_M: Final = (50, 100, 200, 500, 1_000)
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500
LARGEST_M: Final = 2_000.0
_NUMBER: Final = r"(-?\d{1,3}(?:\.\d{1,12})?)°?"
_PLACE: Final = re.compile(rf"\s*{_NUMBER}(?:\s*[,;]\s*|\s+){_NUMBER}\s*")
_COMMA_PLACE: Final = re.compile(r"\s*(-?\d{1,3}),(\d{1,12})°?(?:\s*;\s*|\s+)(-?\d{1,3}),(\d{1,12})°?\s*")
_LAT_DEG, _LON_DEG = 90.0, 180.0


class Unclear(Exception):
    """A field cannot be read; the message is the key of the words that say so."""


@dataclass(frozen=True, slots=True)
class Form:
    """The fields as they were typed."""

    place: str = ""
    day: str = ""
    start: str = ""
    end: str = ""
    radius_m: str = "100"
    reason: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing was asked yet."""
        return not (self.place or self.reason)

    def read(self) -> Place:
        """The place and the span of time. Raises ``Unclear``."""
        lat, lon = spot(self.place)
        try:
            day = date.fromisoformat(self.day)
            start, end = (datetime.combine(day, time.fromisoformat(it), ZONE) for it in (self.start, self.end))
        except ValueError:
            raise Unclear("who_bad_time") from None
        if self.radius_m not in map(str, RADII_M):
            raise Unclear("who_bad_radius")
        if not SHORTEST_REASON <= len(self.reason.strip()) <= LONGEST_REASON:
            raise Unclear("who_bad_reason")
        return placed(lat, lon, float(self.radius_m), start, end)


def spot(text: str) -> tuple[float, float]:
    """Latitude and longitude in degrees, as maps write them: ``9.285, 105.725`` or ``9,285; 105,725``.

    Raises:
        Unclear: It is no place.
    """
    found, commas = _PLACE.fullmatch(text), _COMMA_PLACE.fullmatch(text)
    if found:
        lat, lon = float(found[1]), float(found[2])
    elif commas:
        lat, lon = float(f"{commas[1]}.{commas[2]}"), float(f"{commas[3]}.{commas[4]}")
    else:
        raise Unclear("who_bad_place")
    if abs(lat) > _LAT_DEG or abs(lon) > _LON_DEG:
        raise Unclear("who_bad_place")
    return lat, lon


def placed(lat_deg: float, lon_deg: float, radius_m: float, start: datetime, end: datetime) -> Place:
    """A place and a span of time; a time without a zone is Vietnamese.

    Raises:
        Unclear: It ends before it begins, or is longer than a question may be.
    """
    first, last = (int((it if it.tzinfo else it.replace(tzinfo=ZONE)).timestamp() * 1_000) for it in (start, end))
    if not 0 <= last - first <= LONGEST_MS:
        raise Unclear("who_bad_time")
    return Place(lat_deg, lon_deg, radius_m, first, last)
