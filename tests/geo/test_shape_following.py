"""Shapes of computed flights are kept, replaced and withdrawn."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.localtime import day_window_ms
from core.model.land import Cooperative, Device, DeviceKind
from core.shapes import FlightShape, ShapeKind, ShapeQuery
from geo.coverage import Parameters
from geo.projection import geodesic_area_m2
from geo.recompute import recompute
from geo.shape_following import ShapeFollower
from storage.registry.repository import SqlRegistry
from tests.support import rectangle
from tests.support.fakes import FakeTelemetryStore

HTX, DRONE = "htx-a", "d1"
START_MS = day_window_ms("2026-11-20")[0] + 6 * 3_600_000


@dataclass
class Farm:
    store: FakeTelemetryStore
    registry: SqlRegistry

    def fly(self, lines: int, start_ms: int = START_MS) -> None:
        table = rectangle.flight(DRONE, start_ms, lines)
        self.store.write(HTX, list(table.rows()), start_ms)
        self.computed(start_ms, int(table.ts_ms[-1]))

    def computed(self, start_ms: int, end_ms: int) -> None:
        done = recompute(self.store, self.registry, HTX, DRONE, start_ms, end_ms)
        ShapeFollower(self.store, self.registry, self.registry, Parameters()).follow(done)

    def shapes(self, *kinds: ShapeKind) -> list[FlightShape]:
        return [shape for _, shape in self.registry.shapes(HTX, ShapeQuery(kinds))]


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    with closing(SqlRegistry(tmp_path / "registry.sqlite")) as registry:
        registry.add_cooperative(Cooperative(HTX, HTX))
        registry.add_device(Device(DRONE, HTX, DeviceKind.DRONE, swath_m=rectangle.SWATH_M))
        registry.put_plot(rectangle.plot(HTX))
        yield Farm(FakeTelemetryStore(), registry)


def test_what_was_treated_and_missed_lies_where_it_should(farm: Farm) -> None:
    farm.fly(lines=4)
    (covered,) = farm.shapes(ShapeKind.COVERED)
    (missed,) = farm.shapes(ShapeKind.MISSED)
    line_m2 = rectangle.LENGTH_M * rectangle.SWATH_M
    assert covered.area_m2 == pytest.approx(4 * line_m2, rel=1e-4)
    assert missed.area_m2 == pytest.approx(2 * line_m2, rel=1e-4)
    assert geodesic_area_m2(covered.shape) == pytest.approx(covered.area_m2, rel=1e-3)
    plot = farm.registry.plot(HTX, "rect-1").boundary
    assert plot.buffer(1e-6).covers(covered.shape)
    assert covered.shape.intersection(missed.shape).area < 1e-3 * covered.shape.area
    assert covered.plot == missed.plot == "rect-1"


def test_each_pass_is_a_swath_and_the_path_a_track(farm: Farm) -> None:
    farm.fly(lines=4)
    swaths = farm.shapes(ShapeKind.SWATH)
    assert [s.part for s in swaths] == [1, 2, 3, 4]
    assert all(s.area_m2 == pytest.approx(rectangle.LENGTH_M * rectangle.SWATH_M, rel=1e-4) for s in swaths)
    (track,) = farm.shapes(ShapeKind.TRACK)
    assert math.isnan(track.area_m2)
    assert track.length_m == pytest.approx(4 * rectangle.LENGTH_M + 3 * rectangle.SWATH_M, rel=1e-4)


def test_late_data_replace_the_shapes_and_a_second_time_changes_nothing(farm: Farm) -> None:
    farm.fly(lines=2)
    (before,) = farm.shapes(ShapeKind.COVERED)
    farm.fly(lines=6)
    (after,) = farm.shapes(ShapeKind.COVERED)
    assert after.area_m2 == pytest.approx(3 * before.area_m2, rel=1e-4)
    assert farm.shapes(ShapeKind.MISSED) == []
    farm.computed(START_MS, START_MS + 1)
    assert [s.shape.wkb for s in farm.shapes(ShapeKind.COVERED)] == [after.shape.wkb]


def test_a_flight_that_became_part_of_another_leaves_no_shape(farm: Farm) -> None:
    farm.fly(lines=1)
    farm.fly(lines=1, start_ms=START_MS + 400_000)
    assert len({s.flight for s in farm.shapes(ShapeKind.TRACK)}) == 2
    joining = rectangle.flight(DRONE, START_MS + 45_000, lines=5)
    farm.store.write(HTX, list(joining.rows()), START_MS)
    farm.computed(START_MS, START_MS + 500_000)
    assert {s.flight for s in farm.shapes(*ShapeKind)} == {f.flight for f in farm.registry.flights(HTX, 0, 2**60)}
