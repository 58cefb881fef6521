"""Alerts that a worker raises are kept, once, also when the store was away or another worker took over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.alerts import AlertQuery, PastAlert
from core.errors import NotFound, StoreUnavailable
from core.model.context import Alert, AlertKind
from core.model.fixtable import FixTable
from core.model.land import Cooperative
from geo.context.alert_following import AlertFollower
from geo.live.keeping import RETRY_MS, AlertKeeper
from geo.service import recompute
from storage.registry.repository import SqlRegistry
from tests.geo.live.test_worker import HTX, START_MS, Bench
from tests.support import rectangle

EVER = AlertQuery(0, 2**53)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[SqlRegistry]:
    with closing(SqlRegistry(tmp_path / "registry.sqlite")) as it:
        it.add_cooperative(Cooperative(HTX, HTX))
        yield it


class Moody:
    """A store that is away, or knows no cooperative, for as long as a test wants."""

    def __init__(self, registry: SqlRegistry) -> None:
        self._registry = registry
        self.mood: Exception | None = None

    def note_alert(self, cooperative: str, device: str, flight: str, alert: Alert) -> None:
        if self.mood is not None:
            raise self.mood
        self._registry.note_alert(cooperative, device, flight, alert)

    def end_alerts(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> None:
        self._registry.end_alerts(cooperative, device, start_ms, end_ms)

    def past_alerts(self, cooperative: str, query: AlertQuery) -> list[PastAlert]:
        return self._registry.past_alerts(cooperative, query)


def away() -> FixTable:
    table = rectangle.flight("d1", START_MS)
    return table.with_columns(lat_deg=table.lat_deg + 0.0008)


def flown(registry: SqlRegistry, rows: slice = slice(0, 20), before: slice = slice(0, 0)) -> Bench:
    """A worker that follows some rows of a flight; of those before, the store tells it."""
    bench = Bench()
    bench.store.write(HTX, list(away().take(before).rows()), START_MS)
    bench.workers[0].keeper = AlertKeeper(registry)
    bench.fly(away(), rows)
    return bench


def test_what_is_told_live_is_kept_from_beginning_to_end(registry: SqlRegistry) -> None:
    bench = flown(registry)
    (standing,) = registry.past_alerts(HTX, EVER)
    assert standing.end_ms is None
    closed = {"cooperative": HTX, "device": "d1", "start_ms": START_MS, "end_ms": int(away().ts_ms[-1])}
    bench.bus.deliver(f"canhdong/v1/{HTX}/flights/closed", json.dumps(closed).encode())
    bench.second()
    raised, ended = bench.alerts
    (it,) = registry.past_alerts(HTX, EVER)
    assert (it.began.ts_ms, it.end_ms, it.flight) == (raised["ts"], ended["ts"], raised["flight"])
    assert it.began.value == pytest.approx(raised["value"], abs=1e-3)
    assert it.began.limit == raised["limit"]


def test_the_same_flight_again_doubles_nothing(registry: SqlRegistry) -> None:
    """A replay, and a successor of a dead worker that begins to watch in the middle."""
    flown(registry)
    flown(registry)
    flown(registry, slice(8, 20), before=slice(0, 8))
    assert len(registry.past_alerts(HTX, EVER)) == 1


def test_a_store_that_is_away_gets_its_alerts_later(registry: SqlRegistry) -> None:
    store = Moody(registry)
    keeper = AlertKeeper(store)
    store.mood = StoreUnavailable("away")
    bench = Bench()
    bench.workers[0].keeper = keeper
    bench.fly(away(), slice(0, 12))
    assert [(a["kind"], a["raised"]) for a in bench.alerts] == [("outside-plot", True)]
    assert registry.past_alerts(HTX, EVER) == []
    store.mood = None
    bench.clock.advance(RETRY_MS / 1_000)
    bench.second()
    assert len(registry.past_alerts(HTX, EVER)) == 1
    assert keeper.lost == 0


def test_what_can_never_be_kept_does_not_hold_up_the_rest(registry: SqlRegistry) -> None:
    store = Moody(registry)
    keeper = AlertKeeper(store, most_waiting=2)
    alert = Alert(AlertKind.OUTSIDE_PLOT, True, START_MS, 105.7, 9.28)
    keeper.take("nobody", "d1", "f1", alert)
    keeper.take(HTX, "d1", "f1", alert)
    keeper.flush(0)
    assert (keeper.lost, len(registry.past_alerts(HTX, EVER))) == (1, 1)
    store.mood = NotFound("x")
    for _ in range(3):
        keeper.take(HTX, "d2", "f2", alert)
    assert keeper.lost == 2
    keeper.flush(0)
    assert keeper.lost == 4
    store.mood = ValueError("a fault of the program")
    keeper.take(HTX, "d2", "f2", alert)
    keeper.take(HTX, "d3", "f3", alert)
    with pytest.raises(ValueError, match="a fault"):
        keeper.flush(0)
    store.mood = None
    keeper.flush(0)
    assert [it.device for it in registry.past_alerts(HTX, EVER)] == ["d1", "d3"]


def test_an_alert_of_a_dead_worker_ends_with_the_flight(registry: SqlRegistry) -> None:
    bench = flown(registry)
    bench.fly(away(), slice(20, None))
    registry.end_alerts(HTX, "d2", 0, 2**53)
    assert registry.past_alerts(HTX, EVER)[0].end_ms is None
    registry.put_plot(rectangle.plot(HTX))
    table = away()
    done = recompute(bench.store, registry, HTX, "d1", START_MS, int(table.ts_ms[-1]), 300.0)
    for _ in range(2):
        AlertFollower(registry).follow(done)
    assert registry.past_alerts(HTX, EVER)[0].end_ms == done.results[0][0].end_ms
