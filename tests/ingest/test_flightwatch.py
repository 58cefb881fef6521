"""When a window closes, and what reopens it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.enums import EventKind
from core.model.samples import Event, Fix
from ingest.flightwatch import FlightWatch, Window
from ingest.ledger import activity_of
from tests.ingest.samples import COOPERATIVE, T0, a_fix, an_event


def watch() -> FlightWatch:
    return FlightWatch(gap_s=300.0)


def seconds(windows: list[Window]) -> list[tuple[float, float, str]]:
    return [((w.start_ms - T0) / 1e3, (w.end_ms - T0) / 1e3, w.reason) for w in windows]


def observe(
    w: FlightWatch, samples: Sequence[Fix | Event], *, cooperative: str = COOPERATIVE, now_ms: int = T0
) -> list[Window]:
    return [window for activity in activity_of(cooperative, samples) for window in w.observe(activity, now_ms)]


def feed(w: FlightWatch, *samples: Fix | Event, now_ms: int = T0) -> list[tuple[float, float, str]]:
    return seconds(observe(w, samples, now_ms=now_ms))


@pytest.mark.parametrize("kind", [EventKind.LANDING, EventKind.DISARM, EventKind.REFILL])
def test_a_landing_closes_from_the_first_fix_to_the_event(kind: EventKind) -> None:
    w = watch()
    assert feed(w, a_fix(0), a_fix(1), a_fix(2)) == []
    assert feed(w, an_event(2.5, kind)) == [(0.0, 2.5, kind.word)]
    assert w.open == 0


@pytest.mark.parametrize("kind", [EventKind.ON, EventKind.OFF, EventKind.TAKEOFF, EventKind.ARM])
def test_other_events_close_nothing(kind: EventKind) -> None:
    w = watch()
    assert feed(w, a_fix(0), a_fix(1), an_event(1, kind)) == []
    assert w.open == 1


def test_silence_by_device_time_closes_and_opens_the_next() -> None:
    w = watch()
    assert feed(w, a_fix(0), a_fix(300)) == []
    assert feed(w, a_fix(600.001)) == [(0.0, 300.0, "silence")]
    assert feed(w, an_event(601, EventKind.LANDING)) == [(600.001, 601.0, "landing")]


def test_a_new_boot_closes_an_empty_one_does_not() -> None:
    w = watch()
    assert feed(w, a_fix(0), a_fix(1), a_fix(2, boot="")) == []
    assert feed(w, a_fix(3, boot="b2")) == [(0.0, 2.0, "boot")]


def test_silence_on_the_wall_clock_closes_once() -> None:
    w = watch()
    feed(w, a_fix(0), a_fix(1), now_ms=T0 + 1_000)
    assert w.silent(T0 + 300_999) == []
    assert seconds(w.silent(T0 + 301_000)) == [(0.0, 1.0, "silence")]
    assert w.silent(T0 + 900_000) == []


def test_several_flights_in_one_batch_in_any_order_close_by_time() -> None:
    w = watch()
    landings = an_event(12, EventKind.LANDING), an_event(2, EventKind.LANDING)
    assert feed(w, landings[0], a_fix(10), a_fix(1), landings[1], a_fix(0), a_fix(11)) == [
        (0.0, 2.0, "landing"),
        (10.0, 12.0, "landing"),
    ]


def test_late_data_of_a_closed_window_closes_it_again() -> None:
    w = watch()
    feed(w, a_fix(0), a_fix(100), an_event(101, EventKind.LANDING))
    assert feed(w, a_fix(50), a_fix(51)) == [(50.0, 51.0, "late")]
    assert feed(w, an_event(40, EventKind.OFF)) == [(40.0, 40.0, "late")]
    assert w.open == 0


def test_a_backlog_of_long_ago_does_not_stretch_the_flight_under_way() -> None:
    w = watch()
    feed(w, a_fix(10_000), a_fix(10_001))
    assert feed(w, a_fix(0), a_fix(1), a_fix(5_000)) == [(0.0, 1.0, "late"), (5_000.0, 5_000.0, "late")]
    assert feed(w, an_event(10_002, EventKind.LANDING)) == [(10_000.0, 10_002.0, "landing")]


def test_data_a_little_older_than_the_open_window_belongs_to_it() -> None:
    w = watch()
    feed(w, a_fix(100))
    assert feed(w, a_fix(50)) == []
    assert feed(w, an_event(101, EventKind.LANDING)) == [(50.0, 101.0, "landing")]


def test_devices_and_cooperatives_do_not_touch_each_other() -> None:
    w = watch()
    feed(w, a_fix(0), a_fix(0, device="d2"))
    observe(w, [a_fix(5)], cooperative="khac")
    assert feed(w, an_event(1, EventKind.LANDING)) == [(0.0, 1.0, "landing")]
    assert w.open == 2


def test_after_a_start_the_newest_fix_counts_as_an_open_window() -> None:
    w = watch()
    w.recover(COOPERATIVE, [a_fix(100)], T0)
    assert feed(w, an_event(101, EventKind.LANDING)) == [(100.0, 101.0, "landing")]
    w = watch()
    w.recover(COOPERATIVE, [a_fix(100)], T0)
    assert seconds(w.silent(T0 + 300_000)) == [(100.0, 100.0, "silence")]


@given(
    st.lists(st.tuples(st.integers(0, 4_000), st.sampled_from(["fix", "landing"])), min_size=1, max_size=40),
    st.lists(st.integers(1, 6), min_size=1, max_size=40),
)
def test_every_fix_is_told_of_after_it_came(moments: list[tuple[int, str]], sizes: list[int]) -> None:
    """Whatever the order and the batches: at the end, each fix lies in a window that was closed at or after it."""
    w = watch()
    left = list(moments)
    told: list[tuple[int, Window]] = []
    came: list[tuple[int, int]] = []
    for number, size in enumerate([*sizes, len(left)]):
        batch, left = left[:size], left[size:]
        came += [(number, T0 + second * 1_000) for second, what in batch if what == "fix"]
        made = [a_fix(s) if what == "fix" else an_event(s, EventKind.LANDING) for s, what in batch]
        told += [(number, window) for window in observe(w, made)]
    told += [(10**6, window) for window in w.silent(T0 + 10**9)]
    for number, ts_ms in came:
        assert any(when >= number and window.start_ms <= ts_ms <= window.end_ms for when, window in told)
