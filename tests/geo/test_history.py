"""A plot's season, and which flight went over missed ground again."""

from __future__ import annotations

import math
from typing import Any

import pytest
from shapely import box

from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from geo.coverage import compute
from geo.history import FlightGround, credited, days_since, seasons, treatments
from geo.overlay import EMPTY
from tests.geo.tracks import boustrophedon, plot, table

NAN = math.nan


def row(
    day: str, net_m2: float, job: str = "", op: Operation = Operation.SPRAY, flights: int = 1, **more: Any
) -> JobPlot:
    it = PlotCoverage("p1", 1_000.0, net_m2, net_m2, 0.0, 0.0, 1_000.0 - net_m2, **more)
    return JobPlot(job or day, day, op, tuple(f"f{i}" for i in range(flights)), it)


def test_a_season_adds_up_each_operation() -> None:
    rows = [
        row("2026-07-10", 950.0, volume_l=2.0),
        row("2026-06-20", 800.0, volume_l=NAN),
        row("2026-07-12", 400.0, op=Operation.SPREAD, mass_kg=9.0),
        row("2026-05-31", 999.0),
        row("2026-07-01", 990.0, flights=0),
        row("2026-07-02", 0.0),
    ]
    done = treatments(rows, "p1")
    assert [t.day for t in done] == ["2026-05-31", "2026-06-20", "2026-07-10", "2026-07-12"]
    assert treatments(rows, "p2") == ()
    spray, spread = seasons(done, "2026-06-01", "2026-09-30", today="2026-07-20")
    assert (spray.op, spread.op) == (Operation.SPRAY, Operation.SPREAD)
    assert spray.net_m2 == 1_750.0
    assert spray.turns == pytest.approx(1.75)
    assert spray.worst_pct == pytest.approx(80.0)
    assert spray.volume_l == 2.0
    assert math.isnan(spray.mass_kg)
    assert (spray.last_day, spray.days_since, len(spray.treatments)) == ("2026-07-10", 10, 2)
    assert (spread.mass_kg, spread.days_since) == (9.0, 8)


def test_days_since_are_local_days_and_nothing_later_counts() -> None:
    done = treatments([row("2026-07-10", 950.0), row("2026-08-01", 950.0, op=Operation.SOW)], "p1")
    assert days_since(done, "2026-07-10") == 0
    assert days_since(done, "2026-07-31") == 21
    assert days_since(done, "2026-08-03") == 2
    assert days_since(done, "2026-08-03", Operation.SPRAY) == 24
    assert days_since(done, "2026-07-09") is None
    assert days_since([], "2026-07-09") is None
    assert seasons(done, "2026-06-01", "2026-09-30", today="2026-07-01") == ()


def test_a_later_flight_is_credited_with_what_earlier_ones_missed() -> None:
    first, second, third = box(0, 0, 100, 20), box(0, 15, 100, 40), box(0, 0, 50, 50)
    flights = [
        FlightGround("c", 3_000, third),
        FlightGround("a", 1_000, first),
        FlightGround("b", 2_000, second),
        FlightGround("d", 500, EMPTY),
    ]
    made = credited(flights)
    assert [c.flight for c in made] == ["d", "a", "b", "c"]
    assert [c.net_m2 for c in made] == pytest.approx([0.0, 2_000.0, 2_500.0, 2_500.0])
    assert [c.fresh_m2 for c in made] == pytest.approx([0.0, 2_000.0, 2_000.0, 500.0])
    assert [c.again_m2 for c in made] == pytest.approx([0.0, 0.0, 500.0, 2_000.0])
    assert [c.respray_m2 for c in made] == pytest.approx([0.0, 0.0, 2_000.0, 500.0])


def test_fresh_ground_adds_up_to_the_jobs_net_area() -> None:
    field = plot(box(0, 0, 100, 70))
    points, on = boustrophedon(10, 100.0, 7.0)
    gaps = [o and not 240 <= i < 400 for i, o in enumerate(on)]
    one = table(points, on=gaps, swath_m=7.0)
    other = table(points[230:420], on=on[230:420], swath_m=7.0, ts_ms=[900_000 + 200 * i for i in range(190)])
    nets = []
    plane = compute("job", [one, other], [field]).shapes.plane
    for fixes in (one, other):
        drawn = compute("f", [fixes], [field]).shapes
        nets.append(plane.to_plane(drawn.plane.to_wgs84(drawn.plots[0].net)))
    first, second = credited([FlightGround("a", 0, nets[0]), FlightGround("b", 900_000, nets[1])])
    together = compute("job", [one, other], [field]).coverage.plots[0]
    assert first.fresh_m2 + second.fresh_m2 == pytest.approx(together.net_m2, abs=0.5)
    missed_first = compute("f", [one], [field]).coverage.plots[0].missed_m2
    assert second.respray_m2 == pytest.approx(missed_first - together.missed_m2, abs=0.5)
    assert second.respray_m2 > 900.0
