"""Two workers that finish flights of one job at the same moment: both flights are in the job's row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from core.errors import Conflict, RetriableError
from core.localtime import day_window_ms
from core.model.fixtable import FixTable
from core.model.land import Cooperative
from core.registry import Registry
from geo.recompute import Recomputed, recompute
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore

HTX, DAY = "htx-a", "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 6 * 3_600_000
FIXES_PER_LINE = 41


class Halting:
    """A registry that calls something before it saves; all else is the registry's own."""

    def __init__(self, registry: Registry, before_saving: Callable[[], object]) -> None:
        self._registry = registry
        self._before_saving = before_saving

    def __getattr__(self, name: str) -> Any:
        return getattr(self._registry, name)

    def save_flights(self, *args: Any, **known: Any) -> None:
        self._before_saving()
        self._registry.save_flights(*args, **known)


@pytest.fixture(params=each(REGISTRIES))
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    backend: Backend[Registry] = request.param
    with closing(backend.open(tmp_path)) as it:
        it.add_cooperative(Cooperative(HTX, HTX))
        it.put_plot(rectangle.plot(HTX))
        yield it


def lines(device: str, first: int, last: int) -> FixTable:
    return rectangle.flight(device, START_MS).take(slice(first * FIXES_PER_LINE, last * FIXES_PER_LINE))


def flown(*tables: FixTable) -> FakeTelemetryStore:
    store = FakeTelemetryStore()
    for table in tables:
        store.write(HTX, list(table.rows()), START_MS)
    return store


def computed(store: FakeTelemetryStore, registry: Any, table: FixTable) -> Recomputed:
    return recompute(store, registry, HTX, table.device, int(table.ts_ms[0]), int(table.ts_ms[-1]))


def test_neither_flight_is_lost_from_the_jobs_row(registry: Registry) -> None:
    """Lines 1 to 4 and 3 to 6 by two drones: both workers have read the registry before either saves."""
    tables = [lines("d1", 0, 4), lines("d2", 2, 6)]
    store, both_have_read, saves = flown(*tables), threading.Barrier(2), []

    def worker(table: FixTable) -> None:
        first = [True]

        def before_saving() -> None:
            saves.append(table.device)
            if first.pop() if first else False:
                both_have_read.wait(60.0)

        computed(store, Halting(registry, before_saving), table)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(worker, tables))
    (row,) = registry.job_plots(HTX, DAY)
    assert [name[:2] for name in row.flights] == ["d1", "d2"]
    assert row.coverage.net_m2 == pytest.approx(rectangle.AREA_M2, abs=0.5)
    assert row.coverage.overlap_m2 == pytest.approx(rectangle.AREA_M2 / 3.0, abs=0.5)
    assert len(saves) == 3


def test_two_workers_on_the_same_flight_end_with_one(registry: Registry) -> None:
    table = lines("d1", 0, 4)
    store, both_have_read = flown(table), threading.Barrier(2)

    def worker(_number: int) -> None:
        waits = iter([both_have_read.wait])
        computed(store, Halting(registry, lambda: next(waits, lambda _s: 0)(60.0)), table)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(worker, range(2)))
    (flight,) = registry.flights(HTX, 0, 2**50)
    assert len(registry.flight_history(HTX, flight.flight)) == 1


def test_who_always_comes_too_late_is_told_to_try_again_later() -> None:
    def too_late() -> None:
        raise Conflict("somebody was faster")

    registry = next(b for b in REGISTRIES if b.name == "fake").open(Path())
    registry.add_cooperative(Cooperative(HTX, HTX))
    table = lines("d1", 0, 1)
    with pytest.raises(RetriableError, match="d1 of htx-a"):
        computed(flown(table), Halting(registry, too_late), table)
