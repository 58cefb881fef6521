"""Days are computed once for all flights that closed meanwhile, and not lost while a store is away."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from core.errors import StoreUnavailable
from core.model.coverage import Flight
from core.model.enums import Operation
from geo.figures.later_days import LaterDays
from geo.recompute import Recomputed
from tests.geo.figures.conftest import DAY, DRONE, HTX, START_MS


def closed(start_ms: int = START_MS) -> Recomputed:
    gone = Flight("f1", HTX, DRONE, start_ms, start_ms + 1_000, 2, Operation.SPRAY)
    return Recomputed(HTX, DRONE, start_ms, start_ms + 1_000, (), (gone,), ())


def test_days_are_computed_once_for_many_flights() -> None:
    asked: list[list[str]] = []
    later = LaterDays(lambda days: asked.append(list(days)), {"2026-11-19"})
    for k in range(5):
        later.follow(closed(START_MS + k * 60_000))
    later.flush()
    later.flush()
    assert asked == [["2026-11-19"], [DAY]]


def test_a_day_that_fails_waits_and_holds_up_no_other() -> None:
    asked: list[str] = []

    def refresh(days: Iterable[str]) -> None:
        asked.extend(days)
        if asked[-1] == DAY and asked.count(DAY) == 1:
            raise StoreUnavailable("away")

    later = LaterDays(refresh, {DAY, "2026-11-21"})
    later.flush()
    later.flush()
    later.flush()
    assert asked == [DAY, "2026-11-21", DAY]


def test_what_waits_at_the_end_is_computed() -> None:
    stop, begun = threading.Event(), threading.Event()
    asked: list[str] = []

    def refresh(days: Iterable[str]) -> None:
        asked.extend(days)
        begun.set()

    later = LaterDays(refresh, {"2026-11-19"}, pace_s=0.001)
    thread = threading.Thread(target=later.run, args=(stop,))
    thread.start()
    assert begun.wait(10.0)
    later.pace_s = 60.0
    later.follow(closed())
    stop.set()
    thread.join(10.0)
    assert not thread.is_alive()
    assert asked == ["2026-11-19", DAY]


def test_a_fault_costs_one_day_and_not_the_thread() -> None:
    stop = threading.Event()
    asked: list[str] = []

    def refresh(days: Iterable[str]) -> None:
        asked.extend(days)
        if len(asked) == 1:
            raise ValueError("a fault of the program")
        stop.set()

    LaterDays(refresh, {DAY, "2026-11-21"}, pace_s=0.0).run(stop)
    assert asked == [DAY, "2026-11-21"]
