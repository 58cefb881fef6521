"""Times of queries and answers: instants and intervals, in ms since 1970 UTC; durations in ms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from api.sensorthings.errors import BadQuery

FIRST_MS: Final = -9_000_000_000_000
LAST_MS: Final = 9_000_000_000_000
"""From 1684 to 2255: further than any store reaches."""
_DURATION: Final = re.compile(
    r"(?P<sign>[+-]?)P(?:(?P<D>\d+)D)?(?:T(?:(?P<H>\d+)H)?(?:(?P<M>\d+)M)?(?:(?P<S>\d+(?:\.\d+)?)S)?)?"
)
_MS: Final = {"D": 86_400_000, "H": 3_600_000, "M": 60_000, "S": 1_000}


@dataclass(frozen=True, slots=True)
class Span:
    """An instant (start equals end) or an interval."""

    start_ms: int
    end_ms: int

    @classmethod
    def at(cls, ts_ms: int) -> Span:
        """An instant."""
        return cls(ts_ms, ts_ms)

    @property
    def instant(self) -> bool:
        """Whether it has no length."""
        return self.start_ms == self.end_ms

    def before(self, other: Span) -> bool:
        """Whether it ends before another begins; intervals may touch, for their ends do not belong to them."""
        if self.instant and other.instant:
            return self.start_ms < other.start_ms
        return self.end_ms <= other.start_ms if not self.instant else self.start_ms < other.start_ms

    def moved(self, by_ms: int) -> Span:
        """The same length at another time."""
        return Span(_held(self.start_ms + by_ms), _held(self.end_ms + by_ms))

    def text(self) -> str:
        """ISO 8601 in UTC, to the millisecond."""
        start = _iso(self.start_ms)
        return start if self.instant else f"{start}/{_iso(self.end_ms)}"


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time."""

    ms: int


def instant_of(text: str) -> Span:
    """A date and time with its zone (UTC where it has none), or a date at midnight UTC; raises ``BadQuery``."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise BadQuery(f"{text!r} is no time; write 2026-11-20T06:00:00Z") from None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    try:
        seconds = told.replace(microsecond=0).timestamp()
    except OverflowError:
        raise BadQuery(f"{text!r} is out of range") from None
    return Span.at(_held(int(seconds) * 1_000 + told.microsecond // 1_000))


def interval_of(text: str) -> Span:
    """An interval as start/end; raises ``BadQuery``."""
    start, _, end = text.partition("/")
    span = Span(instant_of(start).start_ms, instant_of(end).end_ms)
    if span.end_ms < span.start_ms:
        raise BadQuery(f"{text!r} ends before it starts")
    return span


def duration_of(text: str) -> Duration:
    """A duration of days, hours, minutes and seconds (ISO 8601); raises ``BadQuery``."""
    found = _DURATION.fullmatch(text)
    if found is None or not any(found[part] for part in _MS):
        raise BadQuery(f"{text!r} is no duration; write P1D or PT90M")
    ms = sum(round(float(found[part] or 0) * ms) for part, ms in _MS.items())
    return Duration(-ms if found["sign"] == "-" else ms)


def clock_of(ts_ms: int) -> datetime:
    """A time as a date and a clock, UTC."""
    return datetime.fromtimestamp(ts_ms / 1000.0, UTC)


def _held(ts_ms: int) -> int:
    return min(max(ts_ms, FIRST_MS), LAST_MS)


def _iso(ts_ms: int) -> str:
    seconds, ms = divmod(ts_ms, 1_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"
