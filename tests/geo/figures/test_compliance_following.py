"""The department's figures of compliance follow what is computed, in every kind of store."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.errors import RetriableError
from core.model.figures import Figures
from core.model.fleet import Pilot
from core.model.land import Device, DeviceKind
from core.model.work import Product
from core.ports import TelemetryStore
from core.rollup import ALL, DATABASE
from storage.registry.repository import SqlRegistry
from tests.geo.figures.conftest import ALWAYS, COMMUNE, DAY, DRONE, Farm
from tests.support.fakes import FakeTelemetryStore

NAMES = ("htx-a", "htx-b", "htx-c")


def farms(registry: SqlRegistry, store: TelemetryStore, **weather: float) -> Iterator[Farm]:
    for name in NAMES:
        farm = Farm(registry, store, name)
        farm.measure(**weather)
        farm.fly()
        yield farm


def flown(farm: Farm) -> None:
    farm.compliance().follow(farm.computed())


def told(store: TelemetryStore) -> dict[str, dict[str, Any]]:
    return {row.tags["commune"]: dict(row.values) for row in store.figures(DATABASE, "compliance", *ALWAYS)}


def test_three_farms_are_told_and_two_are_not(registry: SqlRegistry, store: TelemetryStore) -> None:
    a, b, c = farms(registry, store)
    flown(a)
    flown(b)
    assert {it["withheld"] for it in told(store).values()} == {1.0}
    assert {it["flights"] for it in told(store).values()} == {0.0}
    flown(c)
    cell = told(store)[COMMUNE]
    assert cell == told(store)[ALL]
    buffer_l = cell.pop("buffer_l")
    assert cell == dict.fromkeys(cell, 0.0) | {"flights": 3.0, "in_window": 3.0}
    context = registry.flight_contexts("htx-a", *ALWAYS)[0]
    assert buffer_l == pytest.approx(3.0 * sum(it.in_buffer_l for it in context.contacts))
    before = told(store)
    c.compliance().refresh([DAY])
    assert told(store) == before


def test_a_flight_that_is_withdrawn_takes_its_commune_back(registry: SqlRegistry, store: TelemetryStore) -> None:
    made = list(farms(registry, store))
    for farm in made:
        flown(farm)
    assert told(store)[COMMUNE]["withheld"] == 0.0
    for left, farm in zip((2, 1, 0), made, strict=True):
        (flight,) = registry.flights(farm.name, *ALWAYS)
        gone = [replace(row, flights=()) for row in registry.job_plots(farm.name, DAY)]
        registry.save_flights(farm.name, DRONE, flight.start_ms, flight.end_ms, [], rows=gone)
        assert farm.compliance().refresh([DAY]) == (2 if left else 0)
        cell = told(store)[COMMUNE]
        assert cell == dict.fromkeys(cell, 0.0) | ({"withheld": 1.0} if left else {})


def test_what_was_broken_is_counted_by_what_it_was(registry: SqlRegistry, store: TelemetryStore) -> None:
    a, b, c = farms(registry, store)
    registry.put(Pilot("p1", "htx-a", "A", "GP-1", licence_until="2026-11-19"))
    registry.add_device(Device(DRONE, "htx-b", DeviceKind.DRONE, registration_until="2025-01-01"))
    registry.add_device(Device(DRONE, "htx-c", DeviceKind.DRONE))
    registry.put(Pilot("p1", "htx-b", "B"))
    registry.put(Product("thuoc", "75", "Thuốc", "htx-c", banned=True))
    for farm in (a, b, c):
        flown(farm)
    cell = told(store)[COMMUNE]
    wanted = ("without_licence", "licence_unknown", "unregistered_drone", "drone_unknown", "unregistered_product")
    assert {name: cell[name] for name in wanted} == dict.fromkeys(wanted, 1.0)
    assert cell["product_unknown"] == 0.0
    assert cell["flights"] == cell["in_window"] + cell["in_bad_weather"] + cell["weather_unknown"] == 3.0


class Overtaken(FakeTelemetryStore):
    """Another worker saves a result, so many times, while this one is about to write."""

    def __init__(self, other: Callable[[], None], times: int) -> None:
        super().__init__()
        self.other = other
        self.times = times

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        if self.times and rows[0].measurement == "compliance":
            self.times -= 1
            self.other()
        super().put_figures(name, rows)


def test_a_worker_that_was_overtaken_writes_again(registry: SqlRegistry) -> None:
    a, b, c = farms(registry, FakeTelemetryStore())
    for farm in (a, b):
        farm.computed()
    sink = Overtaken(lambda: c.compliance(sink).follow(c.computed()), 1)
    a.compliance(sink).refresh([DAY])
    assert told(sink)[COMMUNE]["flights"] == 3.0


def test_one_that_is_overtaken_for_ever_says_so(registry: SqlRegistry) -> None:
    (farm, _, _) = farms(registry, FakeTelemetryStore())
    done = farm.computed()
    empty = [replace(row, flights=()) for row in done.rows]
    courses = itertools.cycle([empty, done.rows])
    sink = Overtaken(lambda: registry.save_job_plots("htx-a", next(courses)), 100)
    with pytest.raises(RetriableError, match="other workers"):
        farm.compliance(sink).refresh([DAY])


def test_strong_wind_is_bad_weather(registry: SqlRegistry, store: TelemetryStore) -> None:
    for farm in farms(registry, store, wind_speed=9.0):
        flown(farm)
    cell = told(store)[COMMUNE]
    assert (cell["in_bad_weather"], cell["in_window"], cell["weather_unknown"]) == (3.0, 0.0, 0.0)


def test_a_job_that_nobody_planned_is_unknown(registry: SqlRegistry, store: TelemetryStore) -> None:
    for name in NAMES:
        farm = Farm(registry, store, name)
        farm.fly(job="")
        flown(farm)
    cell = told(store)[COMMUNE]
    assert (cell["product_unknown"], cell["licence_unknown"], cell["weather_unknown"]) == (3.0, 3.0, 3.0)
