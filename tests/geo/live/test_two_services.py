"""Two geo workers on a real broker: closed flights are shared, and what a killed one left is done."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path

import pytest
from shapely.affinity import translate

from core.model.land import Cooperative, Device, DeviceKind, Plot
from core.ports import Message
from core.registry import Registry
from core.settings import StoreSettings
from geo.parameters import Parameters
from geo.recompute import recompute
from geo.service import CLOSED, GeoService
from messaging.address import parse_url
from messaging.mqtt import MqttBus
from storage.urls import open_registry
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore
from tests.support.servers import running_broker

HTX = "htx-a"
START_MS = 1_795_129_200_000
ALWAYS = (-(2**62), 2**62)
DRONES = 8
PATIENCE_S = 40.0


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with running_broker("mosquitto", tmp_path / "broker") as chosen:
        yield chosen


class Place:
    """A registry, a store with the flights of eight drones, each over a plot of its own, and workers on a broker."""

    def __init__(self, folder: Path, port: int, stack: ExitStack) -> None:
        self.port, self.stack = port, stack
        self.store = FakeTelemetryStore()
        self.registry: Registry = open_registry(f"sqlite:///{folder}/registry.sqlite", StoreSettings())
        stack.callback(self.registry.close)
        self.registry.add_cooperative(Cooperative(HTX, HTX))
        self.flights = [rectangle.flight(f"d{k}", START_MS + k * 1000, lines=2) for k in range(DRONES)]
        plot = rectangle.plot(HTX)
        for k, fixes in enumerate(self.flights):
            self.registry.add_device(Device(f"d{k}", HTX, DeviceKind.DRONE))
            self.registry.put_plot(Plot(f"p{k}", translate(plot.boundary, 0.0, 0.01 * k), cooperative=HTX))
            moved = fixes.with_columns(lat_deg=fixes.lat_deg + 0.01 * k)
            self.flights[k] = moved
            self.store.write(HTX, list(moved.rows()), START_MS)

    def bus(self, name: str) -> MqttBus:
        return self.stack.enter_context(MqttBus(parse_url(f"mqtt://127.0.0.1:{self.port}"), name, persistent=True))

    def start(self, name: str) -> tuple[GeoService, threading.Event]:
        """A worker in a thread of its own; it is ready when this returns."""
        service = GeoService(self.bus(name), self.store, self.registry, Parameters())
        stop, ready = threading.Event(), threading.Event()
        thread = threading.Thread(target=service.run, args=(stop, ready.set), name=name)
        thread.start()
        self.stack.callback(thread.join)
        self.stack.callback(stop.set)
        assert ready.wait(PATIENCE_S)
        return service, stop

    def close_flights(self, rows: slice = slice(None)) -> None:
        """Tell that flights have closed."""
        with MqttBus(parse_url(f"mqtt://127.0.0.1:{self.port}"), "ingest") as bus:
            for fixes in self.flights[rows]:
                start_ms, end_ms = int(fixes.ts_ms[0]), int(fixes.ts_ms[-1])
                body = {"cooperative": HTX, "device": fixes.device, "start_ms": start_ms, "end_ms": end_ms}
                assert bus.publish(f"canhdong/v1/{HTX}/flights/closed", json.dumps(body).encode()).wait(PATIENCE_S)

    def results(self) -> dict[str, tuple[object, ...]]:
        """What the registry knows: every flight with its figures."""
        known = self.registry.flights(HTX, *ALWAYS)
        return {f.flight: (astuple(f), repr(self.registry.coverage(HTX, f.flight))) for f in known}


@pytest.fixture
def place(tmp_path: Path, port: int) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(tmp_path, port, stack)


def _until(done: Callable[[], bool]) -> None:
    waited, patience_s = threading.Event(), time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < patience_s, "it did not come to that in time"
        waited.wait(0.02)


def test_two_workers_share_the_closed_flights_and_end_as_one_does(place: Place, tmp_path: Path) -> None:
    (one, _), (other, _) = place.start("geo-a"), place.start("geo-b")
    place.close_flights()
    _until(lambda: len(place.results()) == DRONES)
    _until(lambda: one.counters.windows + other.counters.windows == DRONES)
    assert one.counters.windows > 0
    assert other.counters.windows > 0
    (tmp_path / "alone").mkdir()
    with ExitStack() as stack:
        alone = Place(tmp_path / "alone", place.port, stack)
        for fixes in alone.flights:
            recompute(alone.store, alone.registry, HTX, fixes.device, int(fixes.ts_ms[0]), int(fixes.ts_ms[-1]))
        assert alone.results() == place.results()


def test_what_a_killed_worker_had_not_acknowledged_is_done_by_its_successor(place: Place) -> None:
    taken: list[Message] = []
    with MqttBus(parse_url(f"mqtt://127.0.0.1:{place.port}"), "geo-a", persistent=True) as doomed:
        doomed.subscribe((CLOSED,), taken.append)
        place.close_flights()
        _until(lambda: len(taken) == DRONES)
    assert place.results() == {}
    service, _ = place.start("geo-a")
    _until(lambda: len(place.results()) == DRONES)
    assert service.counters.messages == DRONES


def test_late_data_open_a_flight_again_at_whichever_worker(place: Place) -> None:
    for name in ("geo-a", "geo-b"):
        place.start(name)
    place.close_flights(slice(0, 1))
    _until(lambda: len(place.results()) == 1)
    before = place.results()
    late = rectangle.flight("d0", START_MS, lines=4)
    place.flights[0] = late
    place.store.write(HTX, list(late.rows()), START_MS)
    place.close_flights(slice(0, 1))
    _until(lambda: place.results() != before)
    (flight,) = place.registry.flights(HTX, *ALWAYS)
    assert flight.fixes == len(late)
    net_m2 = place.registry.coverage(HTX, flight.flight).net_m2
    assert net_m2 == pytest.approx(rectangle.LENGTH_M * rectangle.SWATH_M * 4, abs=1.0)
