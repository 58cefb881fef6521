"""Local days of Vietnam: UTC+7, without daylight saving."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.localtime import day_window_ms, iso_utc, local, local_day

SIX_IN_THE_MORNING = 1_764_025_200_000
"""2025-11-25 06:00 in Vietnam; 23:00 of the day before in Greenwich."""
DAY_MS = 86_400_000
_times = st.integers(1_104_537_600_000, 4_102_444_800_000)


def test_a_flight_at_dawn_is_on_its_own_day() -> None:
    assert iso_utc(SIX_IN_THE_MORNING) == "2025-11-24T23:00:00.000Z"
    assert local(SIX_IN_THE_MORNING).isoformat() == "2025-11-25T06:00:00+07:00"
    assert local_day(SIX_IN_THE_MORNING) == "2025-11-25"


def test_midnight_divides_two_days() -> None:
    start_ms, end_ms = day_window_ms("2025-11-25")
    assert iso_utc(start_ms) == "2025-11-24T17:00:00.000Z"
    assert [local_day(t) for t in (start_ms - 1, start_ms, end_ms, end_ms + 1)] == [
        "2025-11-24",
        "2025-11-25",
        "2025-11-25",
        "2025-11-26",
    ]


@pytest.mark.parametrize(
    ("day", "following"),
    [("2024-02-28", "2024-02-29"), ("2025-02-28", "2025-03-01"), ("2025-12-31", "2026-01-01")],
)
def test_one_day_ends_where_the_next_begins(day: str, following: str) -> None:
    assert day_window_ms(day)[1] + 1 == day_window_ms(following)[0]


@given(_times)
def test_every_time_lies_in_the_window_of_its_day(ts_ms: int) -> None:
    start_ms, end_ms = day_window_ms(local_day(ts_ms))
    assert start_ms <= ts_ms <= end_ms
    assert end_ms - start_ms + 1 == DAY_MS


@pytest.mark.parametrize("day", ["", "2025-02-29", "25/11/2025", "hôm nay"])
def test_what_is_no_date_is_refused(day: str) -> None:
    with pytest.raises(ValueError, match=r"day|isoformat"):
        day_window_ms(day)


def test_times_are_written_to_the_millisecond() -> None:
    assert iso_utc(0) == "1970-01-01T00:00:00.000Z"
    assert iso_utc(SIX_IN_THE_MORNING + 7) == "2025-11-24T23:00:00.007Z"
