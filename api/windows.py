"""Windows of time in queries: a local date, or from one instant to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Query

from api.deps import ClockDep
from api.schemas.fields import Instant
from core.localtime import day_window_ms, local_day

_DAY_MS: Final = 86_400_000
LONGEST_DAYS: Final = 400
DayQuery = Annotated[
    str | None,
    Query(pattern=r"^\d{4}-\d{2}-\d{2}$", description="local date (Asia/Ho_Chi_Minh)", examples=["2026-11-20"]),
]
FromQuery = Annotated[Instant | None, Query(alias="from", description="the first instant, instead of `day`")]
ToQuery = Annotated[Instant | None, Query(alias="to", description="the last instant; default: now")]


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last millisecond, since 1970 UTC."""

    start_ms: int
    end_ms: int


def _span(clock: ClockDep, day: DayQuery = None, start: FromQuery = None, end: ToQuery = None) -> Span:
    if start is None and end is None:
        return span_of_day(day or local_day(clock.now_ms()))
    if day is not None:
        raise HTTPException(422, "day: either a day or from and to")
    last = clock.now_ms() if end is None else end
    first = last - _DAY_MS if start is None else start
    if first > last or last - first > LONGEST_DAYS * _DAY_MS:
        raise HTTPException(422, f"from, to: from is before to, and a window has at most {LONGEST_DAYS} days")
    return Span(first, last)


def span_of_day(day: str) -> Span:
    """A local date; raises ``HTTPException`` 422 where it is none."""
    try:
        return Span(*day_window_ms(day))
    except (ValueError, OverflowError):
        raise HTTPException(422, f"day: {day} is no date") from None


SpanDep = Annotated[Span, Depends(_span)]
"""Of today, unless the query says otherwise."""
