"""What surrounded flights is kept when they are computed, follows late data, and is withdrawn with them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shapely import Point

from core.contexts import Contexts
from core.errors import NotFound, StoreUnavailable
from core.localtime import day_window_ms
from core.model.context import Cause, FlightContext, JobContext, Objection, Stamps, Window
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind, Site, SiteKind
from core.model.samples import Reading
from core.model.work import Job, Product
from geo.context.following import ContextFollower
from geo.context.rules import SprayRules
from geo.context.window import Limits
from geo.parameters import Parameters
from geo.projection import LocalPlane
from geo.recompute import recompute
from storage.registry.repository import SqlRegistry
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore

HTX, DRONE, JOB, DAY = "htx-a", "d1", "j1", "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 10 * 3_600_000
MINUTE_MS = 60_000
ALWAYS = (-(2**62), 2**62)
PLANE = LocalPlane.centred(105.725, 9.285)
"""That of the rectangle: 200 m to the east, 42 m to the north."""
FAIR = {
    "wind_speed": (2.0, "m/s"),
    "wind_gust": (3.0, "m/s"),
    "wind_direction": (270.0, "deg"),
    "air_temperature": (30.0, "Cel"),
    "air_humidity": (60.0, "%RH"),
    "rain_rate": (0.0, "mm/h"),
}


def at(x: float, y: float) -> tuple[float, float]:
    lon, lat = PLANE.lonlat(np.array([x]), np.array([y]))
    return float(lon[0]), float(lat[0])


@dataclass
class Farm:
    """The rectangle, two drones, a station 300 m away, and a pond of one point 5 m east of the rectangle."""

    registry: SqlRegistry
    store: FakeTelemetryStore = field(default_factory=FakeTelemetryStore)
    rules: SprayRules = field(default_factory=SprayRules)
    contexts: Contexts | None = None

    def __post_init__(self) -> None:
        self.registry.add_cooperative(Cooperative(HTX, HTX))
        self.registry.put(replace(rectangle.plot(HTX), kind="rice-shrimp"))
        for name in (DRONE, "d2"):
            self.registry.add_device(Device(name, HTX, DeviceKind.DRONE))
        lon, lat = at(-300.0, 0.0)
        self.registry.add_device(Device("tram", HTX, DeviceKind.SENSOR, lon_deg=lon, lat_deg=lat))
        place = Point(*at(rectangle.LENGTH_M + 5.0, 21.0))
        self.registry.put(Site("ao", HTX, SiteKind.POND, place, buffer_m=15.0, downwind_m=30.0, source="xã"))

    def measure(self, minutes: range = range(-20, 60), **changed: float) -> None:
        """What the station tells every minute from the start on."""
        told = [
            Reading("tram", START_MS + k * MINUTE_MS, name, changed.get(name, value), unit)
            for k in minutes
            for name, (value, unit) in FAIR.items()
        ]
        self.store.write(HTX, told, START_MS)

    def fly(self, start_ms: int = START_MS, device: str = DRONE, *, job: str = JOB, rows: Any = None) -> FixTable:
        table = rectangle.flight(device, start_ms)
        table = table.with_columns(job=job) if job else table
        table = table if rows is None else table.take(rows)
        self.store.write(HTX, list(table.rows()), start_ms)
        return table

    def follower(self) -> ContextFollower:
        kept = self.contexts or self.registry
        return ContextFollower(self.store, self.registry, kept, Parameters(), self.rules)

    def close(self, start_ms: int = START_MS, device: str = DRONE, lasting_ms: int = 10 * MINUTE_MS) -> None:
        """What the geo worker does with a closed flight."""
        done = recompute(self.store, self.registry, HTX, device, start_ms, start_ms + lasting_ms)
        self.follower().follow(done)

    def flights(self) -> list[FlightContext]:
        return self.registry.flight_contexts(HTX, *ALWAYS)

    def job(self, name: str = JOB) -> JobContext:
        (found,) = self.registry.job_contexts(HTX, name)
        return found

    def everything(self) -> str:
        told = [[c.minutes.in_buffer_l.tolist() for c in f.contacts] for f in self.flights()]
        with self.registry._looking() as connection:
            versions = connection.exec_driver_sql("SELECT flight, version, newest FROM flight_context").fetchall()
        return repr((self.flights(), told, self.registry.job_contexts(HTX, JOB), versions))


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    with closing(SqlRegistry(tmp_path / "registry.sqlite")) as registry:
        yield Farm(registry)


def stamps(context: FlightContext | JobContext) -> Stamps:
    assert context.stamps is not None
    return context.stamps


def test_a_flight_has_its_weather_and_what_it_did_beside_the_pond(farm: Farm) -> None:
    farm.measure()
    farm.fly()
    farm.close()
    (flight,) = farm.flights()
    (pond,) = flight.contacts
    assert (flight.device, flight.job, flight.day, pond.site, pond.source) == (DRONE, JOB, DAY, "ao", "xã")
    assert pond.distance_m == pytest.approx(5.0, abs=0.01)
    radius, away = 15.0, 5.0
    segment_m2 = radius**2 * math.acos(away / radius) - away * math.sqrt(radius**2 - away**2)
    assert pond.in_buffer_l == pytest.approx(segment_m2 * rectangle.DOSE_LPHA / 10_000.0, rel=2e-3)
    assert pond.downwind_l > pond.in_buffer_l
    assert pond.reasons == ()
    found = stamps(flight)
    for stamp in (found.before, found.worst, found.mean, found.after):
        assert stamp.verdict.window is Window.GREEN
        assert stamp.weather.wind_mps == pytest.approx(2.0)
        assert stamp.weather.delta_t_c == pytest.approx(6.14, abs=0.01)
    source = (found.before.weather.sources or {})["wind_speed"]
    assert source.station == "tram"
    assert source.distance_m == pytest.approx(300.0, abs=5.0)
    assert (found.minutes, found.minutes_without) == (5, 0)
    assert found.before.weather.ts_ms == START_MS


def test_without_a_station_nobody_knows(farm: Farm) -> None:
    farm.fly()
    farm.close()
    (flight,) = farm.flights()
    assert stamps(flight).mean.verdict.window is Window.NO_DATA
    assert stamps(flight).minutes_without == stamps(flight).minutes
    (pond,) = flight.contacts
    assert pond.in_buffer_l > 0.0
    assert math.isnan(pond.downwind_l)
    assert pond.reasons == ("no-data",)
    assert stamps(farm.job()).worst.verdict.window is Window.NO_DATA


def test_a_job_has_the_weather_of_all_its_flights(farm: Farm) -> None:
    farm.measure(range(-20, 20))
    farm.measure(range(20, 60), wind_speed=5.0)
    later_ms = START_MS + 30 * MINUTE_MS
    farm.fly()
    farm.fly(later_ms, "d2")
    farm.close()
    assert farm.job().flights == ("d1-20261120T030000Z",)
    assert stamps(farm.job()).worst.verdict.window is Window.GREEN
    farm.close(later_ms, "d2")
    found = stamps(farm.job())
    assert farm.job().flights == ("d1-20261120T030000Z", "d2-20261120T033000Z")
    assert (found.before.verdict.window, found.after.verdict.window) == (Window.GREEN, Window.RED)
    assert (found.before.weather.ts_ms, found.minutes) == (START_MS, 10)
    assert found.worst.verdict.reasons[0].cause is Cause.WIND_HIGH
    assert 2.0 < found.mean.weather.wind_mps < 5.0


def test_told_again_nothing_changes(farm: Farm) -> None:
    farm.measure()
    farm.fly()
    farm.close()
    before = farm.everything()
    farm.close()
    assert farm.everything() == before


def test_late_data_replaces_what_was_kept(farm: Farm) -> None:
    farm.measure()
    half = slice(0, 120)
    farm.fly(rows=half)
    farm.close()
    (partly,) = (f.contacts[0].in_buffer_l for f in farm.flights())
    farm.fly()
    farm.close()
    (whole,) = (f.contacts[0].in_buffer_l for f in farm.flights())
    assert 0.0 < partly < 0.7 * whole
    assert [f.fixes for f in farm.flights()] == [246]
    assert stamps(farm.job()).minutes == 5


def test_flights_that_become_one_leave_no_ghost(farm: Farm) -> None:
    table = farm.fly(rows=slice(0, 41))
    late_ms = START_MS + 8 * MINUTE_MS
    rest = table.take(slice(0, 41)).with_columns(ts_ms=table.ts_ms[:41] + (late_ms - START_MS), seq=np.arange(41) + 500)
    farm.store.write(HTX, list(rest.rows()), START_MS)
    farm.close(START_MS, lasting_ms=20 * MINUTE_MS)
    assert len(farm.flights()) == len(farm.job().flights) == 2
    between = table.with_columns(
        ts_ms=table.ts_ms[:41] + 4 * MINUTE_MS, on=np.zeros(41, np.bool_), seq=np.arange(41) + 200
    )
    farm.store.write(HTX, list(between.rows()), START_MS)
    farm.close(START_MS, lasting_ms=20 * MINUTE_MS)
    assert len(farm.flights()) == len(farm.job().flights) == 1


def test_a_job_that_loses_its_only_flight_is_withdrawn_even_after_a_crash(farm: Farm) -> None:
    farm.fly(rows=slice(0, 41))
    farm.close()
    assert farm.job().flights
    table = rectangle.flight(DRONE, START_MS).with_columns(job="j2").take(slice(41, 246))
    farm.store.write(HTX, list(table.rows()), START_MS)
    recompute(farm.store, farm.registry, HTX, DRONE, START_MS, START_MS + MINUTE_MS)
    farm.close()
    assert farm.registry.job_contexts(HTX, JOB) == []
    assert len(farm.job("j2").flights) == 1


def test_a_product_is_held_against_the_kind_of_the_plots_that_were_treated(farm: Farm) -> None:
    farm.registry.put(Product("thuoc", "75", "Thuốc", banned_kinds=("rice-shrimp",)))
    farm.registry.put(Job(JOB, HTX, Operation.SPRAY, DAY, ("rect-1",), product="thuoc"))
    farm.fly()
    farm.close()
    (found,) = farm.job().exclusions
    assert (farm.job().product, found.plot, found.objection) == ("thuoc", "rect-1", Objection.BANNED_KIND)
    assert found.net_m2 == pytest.approx(rectangle.AREA_M2, rel=1e-3)


def test_a_product_may_have_limits_of_its_own(farm: Farm) -> None:
    farm.registry.put(Job(JOB, HTX, Operation.SPRAY, DAY, ("rect-1",), product="nhay"))
    farm.rules = SprayRules(products={"nhay": Limits(strong_mps=1.5, fresh_mps=1.2)})
    farm.measure()
    farm.fly()
    farm.fly(START_MS + 30 * MINUTE_MS, "d2", job="j2")
    farm.close()
    farm.close(START_MS + 30 * MINUTE_MS, "d2")
    windows = {f.job: stamps(f).mean.verdict.window for f in farm.flights()}
    assert windows == {JOB: Window.RED, "j2": Window.GREEN}
    assert stamps(farm.job()).mean.verdict.window is Window.RED


def test_a_flight_without_treatment_has_no_weather(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS).with_columns(job=JOB, on=np.zeros(246, np.bool_))
    farm.store.write(HTX, list(table.rows()), START_MS)
    farm.measure()
    farm.close()
    (flight,) = farm.flights()
    assert (flight.treating, flight.stamps, flight.contacts) == (None, None, ())
    assert farm.job().stamps is None


def test_a_station_counts_where_it_stood_then(farm: Farm) -> None:
    farm.measure()
    farm.fly()
    lon, lat = at(-40_000.0, 0.0)
    farm.registry.add_device(Device("tram", HTX, DeviceKind.SENSOR, lon_deg=lon, lat_deg=lat))
    farm.close()
    assert stamps(farm.flights()[0]).mean.verdict.window is Window.GREEN


@dataclass
class Meanwhile:
    """A registry of contexts beside which another worker finishes a flight when something is saved first."""

    farm: Farm
    pending: bool = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self.farm.registry, name)

    def save_contexts(self, *told: Any) -> None:
        self.farm.registry.save_contexts(*told)
        if self.pending:
            self.pending = False
            recompute(
                self.farm.store, self.farm.registry, HTX, "d2", START_MS + 30 * MINUTE_MS, START_MS + 31 * MINUTE_MS
            )


def test_a_flight_that_another_worker_adds_meanwhile_is_not_lost(farm: Farm) -> None:
    farm.measure()
    farm.fly()
    farm.fly(START_MS + 30 * MINUTE_MS, "d2")
    farm.contexts = Meanwhile(farm)
    farm.close()
    assert farm.job().flights == ("d1-20261120T030000Z", "d2-20261120T033000Z")
    assert stamps(farm.job()).minutes == 10


def test_an_outage_is_passed_on_and_the_next_time_saves_all(farm: Farm) -> None:
    farm.measure()
    farm.fly()
    done = recompute(farm.store, farm.registry, HTX, DRONE, START_MS, START_MS + MINUTE_MS)
    farm.store.outage.left = 1
    with pytest.raises(StoreUnavailable):
        farm.follower().follow(done)
    with pytest.raises(NotFound):
        farm.registry.flight_context(HTX, done.results[0][0].flight)
    farm.follower().follow(done)
    assert len(farm.flights()) == 1
