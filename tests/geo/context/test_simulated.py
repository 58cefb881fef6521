"""A simulated morning with a weather station and a pond: what is kept against what the simulator knows to be true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import select

from core.model.context import FlightContext
from core.model.fixtable import FixTable
from core.model.land import DeviceKind, Plot, Site, SiteKind
from core.model.samples import Event, Fix, Reading
from core.model.traffic import Run, Truth
from geo.context.following import ContextFollower
from geo.parameters import Parameters
from geo.projection import LocalPlane
from geo.recompute import recompute
from simulators import specs, world
from simulators.flying.truth import truth_of
from simulators.weather.course import Course
from storage.registry.context_tables import FlightContextRow, JobContextRow
from storage.registry.repository import SqlRegistry
from tests.support.fakes import FakeTelemetryStore

BUFFER_M = 80.0
ALWAYS = (-(2**62), 2**62)
SCENARIO = specs.Scenario(
    name="pond",
    title_vi="Ao",
    title_en="Pond",
    start=dt.datetime.fromisoformat("2026-03-02T08:00:00+07:00"),
    hours=1.0,
    seed=5,
    weather=specs.Weather(wind_mps=2.4, showers_per_day=0.0),
    cooperatives=[
        specs.Cooperative(
            id="a",
            name="A",
            land=specs.Land(count=3),
            fleets=[specs.Fleet(count=2, meter_error_pct=0.5)],
            sensors=[specs.Sensor(kind="weather", every_s=60.0)],
        )
    ],
)


@dataclass
class Morning:
    """The run in a store and a registry, the pond in it, and the truth."""

    registry: SqlRegistry
    run: Run
    truth: Truth
    course: Course
    store: FakeTelemetryStore = field(default_factory=FakeTelemetryStore)

    def __post_init__(self) -> None:
        for cooperative in self.run.cooperatives:
            self.registry.add_cooperative(cooperative)
        for device in self.run.devices:
            self.registry.add_device(device)
        self.registry.put_all(list(self.run.plots))
        self.plot = max(self.run.plots, key=lambda p: p.boundary.area)
        self.plane = LocalPlane.around(self.plot.boundary.centroid.x, self.plot.boundary.centroid.y)
        self.pond = pond_beside(self.plot, self.plane)
        self.registry.put(
            Site("ao", "a", SiteKind.POND, self.plane.to_wgs84(self.pond), buffer_m=BUFFER_M, downwind_m=100.0)
        )

    @property
    def drones(self) -> list[str]:
        return sorted({s.device for s in self.run.streams if s.kind is DeviceKind.DRONE})

    def send(self, until_ms: float = float("inf")) -> None:
        """Everything that was measured up to an instant."""
        for stream in self.run.streams:
            if isinstance(stream.samples, FixTable):
                told: list[Fix | Event | Reading] = list(stream.samples.rows())
            else:
                told = [s for s in stream.samples if isinstance(s, Event | Reading)]
            self.store.write("a", [s for s in told if s.ts_ms <= until_ms], self.run.start_ms)

    def close(self) -> list[FlightContext]:
        """The geo worker's part, for every drone and the whole morning."""
        follower = ContextFollower(self.store, self.registry, self.registry, Parameters())
        end_ms = self.run.start_ms + 3 * 3_600_000
        for drone in self.drones:
            follower.follow(recompute(self.store, self.registry, "a", drone, self.run.start_ms, end_ms))
        return self.registry.flight_contexts("a", *ALWAYS)

    def versions(self) -> list[tuple[object, ...]]:
        with self.registry._looking() as connection:
            return [
                tuple(it)
                for row in (FlightContextRow, JobContextRow)
                for it in connection.execute(select(row.version, row.newest, row.saved_ms))
            ]

    def truly_in_buffer_l(self) -> float:
        """Litres that fell within the buffer, strip by strip of the truth."""
        truth, zone = self.truth, self.pond.buffer(BUFFER_M, quad_segs=64)
        left = np.column_stack(self.plane.xy(truth.left_lon_deg, truth.left_lat_deg))
        right = np.column_stack(self.plane.xy(truth.right_lon_deg, truth.right_lat_deg))
        inner = np.setdiff1d(np.arange(len(truth.ts_ms) - 1), truth.start[1:] - 1)
        corners = np.stack([left[inner], right[inner], right[inner + 1], left[inner + 1]], axis=1)
        ground = shapely.convex_hull(shapely.multipoints(corners))
        area, inside = (np.asarray(shapely.area(g)) for g in (ground, shapely.intersection(ground, zone)))
        share = np.divide(inside, area, out=np.zeros(len(area)), where=area > 0.0)
        return float((truth.released[inner] * share).sum())


def pond_beside(plot: Plot, plane: LocalPlane) -> shapely.Polygon:
    """A pond of 20 m across, 5 m to the east of a plot's easternmost corner."""
    corners = shapely.get_coordinates(plane.to_plane(plot.boundary))
    x, y = corners[np.argmax(corners[:, 0])].tolist()
    pond: shapely.Polygon = shapely.box(x + 5.0, y - 10.0, x + 25.0, y + 10.0)
    return pond


@lru_cache(maxsize=1)
def _flown() -> tuple[Run, Truth, Course]:
    ready = world.prepare(SCENARIO)
    parts = list(ready.made())
    run = ready.run([stream for part in parts for stream in part.streams])
    return run, truth_of([strips for part in parts for strips in part.strips]), ready.sites[0].weather


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    with closing(SqlRegistry(tmp_path / "registry.sqlite")) as registry:
        yield Morning(registry, *_flown())


def in_buffer_l(flights: list[FlightContext]) -> float:
    return sum(c.in_buffer_l for f in flights for c in f.contacts)


def test_the_litres_beside_the_pond_and_the_weather_are_those_of_the_simulation(morning: Morning) -> None:
    morning.send()
    flights = morning.close()
    assert {f.device for f in flights} == set(morning.drones)
    assert in_buffer_l(flights) > 5.0
    assert in_buffer_l(flights) == pytest.approx(morning.truly_in_buffer_l(), rel=0.02)
    (near,) = (c for f in flights for c in f.contacts if c.in_buffer_l > 0.0)
    assert near.distance_m < 20.0
    assert 0.0 < near.downwind_l <= sum(morning.truth.released)
    assert near.reasons == ()
    for flight in flights:
        assert flight.stamps is not None
        assert flight.treating is not None
        assert flight.stamps.minutes_without == 0
        minutes = np.array([m.start_ms + 60_000 for m in flight.treating.minutes])
        course, mean = morning.course, flight.stamps.mean.weather
        assert mean.temperature_c == pytest.approx(course.at(course.air_c, minutes).mean(), abs=0.5)
        assert mean.delta_t_c == pytest.approx(course.at(course.delta_t_c(), minutes).mean(), abs=0.3)
        assert mean.wind_mps == pytest.approx(course.at(course.wind_mps, minutes - 300_000).mean(), abs=0.4)
        assert mean.wind_from_deg == pytest.approx(course.wind_from_deg(minutes - 300_000).mean(), abs=15.0)


def test_a_second_run_changes_nothing(morning: Morning) -> None:
    morning.send()
    morning.close()
    before = morning.versions()
    morning.close()
    assert morning.versions() == before


def test_late_data_takes_the_place_of_what_was_known(morning: Morning) -> None:
    middle_ms = float(np.median(morning.truth.ts_ms))
    morning.send(until_ms=middle_ms)
    early = morning.close()
    assert 0.0 < in_buffer_l(early) < 0.95 * morning.truly_in_buffer_l()
    morning.send()
    late = morning.close()
    assert [f.flight for f in late] == [f.flight for f in early]
    assert in_buffer_l(late) == pytest.approx(morning.truly_in_buffer_l(), rel=0.02)
    jobs = {f.job for f in late}
    assert sorted(n for job in jobs for j in morning.registry.job_contexts("a", job) for n in j.flights) == sorted(
        f.flight for f in late
    )
