from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box
from shapely.affinity import rotate

from simulators.flying.trajectory import Kinematics, run_ms, run_up_m, travel_ms
from simulators.route import Line, Obstacles, Pace, plan_lines, plan_tour
from tests.simulators.outlines import SWATH_M, crooked, rice_areas

Tour = list[tuple[int, list[Line]]]
BASE = (-300.0, 40.0)


def _length_m(tour: Tour, base: tuple[float, float]) -> float:
    stops = [base, *(place for _, lines in tour for place in (lines[0].start, lines[-1].end)), base]
    return sum(math.dist(a, b) for a, b in list(pairwise(stops))[::2])


def _entries(lines: list[Line]) -> list[list[Line]]:
    turned = [line.reversed() for line in lines]
    return [lines, turned, lines[::-1], turned[::-1]]


def _nearest(plots: list[Polygon], base: tuple[float, float]) -> Tour:
    """Always the plot whose nearest corner is next."""
    left = {number: _entries(plan_lines(plot, SWATH_M)) for number, plot in enumerate(plots)}
    left = {number: ways for number, ways in left.items() if ways[0]}
    tour: Tour = []
    here = base
    while left:
        number, lines = min(
            ((n, way) for n, ways in left.items() for way in ways), key=lambda c: math.dist(here, c[1][0].start)
        )
        tour.append((number, lines))
        here = lines[-1].end
        del left[number]
    return tour


@st.composite
def scattered(draw: st.DrawFn) -> list[Polygon]:
    places = draw(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=12, unique=True))
    sizes = st.floats(20.0, 110.0)
    return [
        rotate(box(120.0 * i, 120.0 * j, 120.0 * i + draw(sizes), 120.0 * j + draw(sizes)), draw(st.floats(0.0, 30.0)))
        for i, j in places
    ]


@settings(max_examples=60, deadline=None)
@given(plots=scattered())
def test_tour_is_no_longer_than_the_nearest_neighbours(plots: list[Polygon]) -> None:
    tour = plan_tour(plots, BASE, SWATH_M)
    assert sorted(number for number, _ in tour) == list(range(len(plots)))
    assert _length_m(tour, BASE) <= _length_m(_nearest(plots, BASE), BASE) + 1e-3


@settings(max_examples=20, deadline=None)
@given(plots=scattered())
def test_every_plot_is_flown_as_if_it_were_alone(plots: list[Polygon]) -> None:
    tour = plan_tour(plots, BASE, SWATH_M)
    assert tour == plan_tour(plots, BASE, SWATH_M)
    for number, lines in tour:
        alone = plan_lines(plots[number], SWATH_M)
        assert sum(line.sprayed_m for line in lines) == pytest.approx(sum(line.sprayed_m for line in alone))
        assert len(lines) == len(alone)
        assert all(min(math.dist(_middle(line), _middle(other)) for other in alone) < 0.001 for line in lines)


def _middle(line: Line) -> tuple[float, float]:
    return line.point(line.length_m / 2)


def test_row_of_strips_is_flown_from_one_to_the_next() -> None:
    """Four lines each: every strip ends on the side on which it began, and the next begins right there."""
    plots = [box(30.0 * k, 0.0, 30.0 * k + 28.0, 200.0) for k in (3, 0, 4, 1, 2)]
    tour = plan_tour(plots, (0.0, -20.0), 7.0)
    order = [number for number, _ in tour]
    assert order in ([1, 3, 4, 0, 2], [2, 0, 4, 3, 1])
    assert all(math.dist(a[1][-1].end, b[1][0].start) < 10.0 for a, b in pairwise(tour))


def test_rice_plots_in_half_the_way_of_their_list() -> None:
    plots = rice_areas(60)
    tour = plan_tour(plots, (0.0, 0.0), SWATH_M)
    listed = [(number, plan_lines(plot, SWATH_M)) for number, plot in enumerate(plots)]
    assert _length_m(tour, (0.0, 0.0)) < 0.5 * _length_m(listed, (0.0, 0.0))


@settings(max_examples=20, deadline=None)
@given(plots=st.lists(crooked(), min_size=1, max_size=3))
def test_rounds_stay_closed_whichever_way_a_plot_is_entered(plots: list[Polygon]) -> None:
    for number, lines in plan_tour(plots, BASE, SWATH_M, headlands=1):
        alone = plan_lines(plots[number], SWATH_M, headlands=1)
        assert sum(line.sprayed_m for line in lines) == pytest.approx(sum(line.sprayed_m for line in alone))
        assert Pace().flying_s(lines) < 1.35 * Pace().flying_s(alone)


def test_plot_without_room_is_left_out() -> None:
    tour = plan_tour([box(0, 0, 100, 28), box(200, 0, 202, 2), box(300, 0, 400, 28)], (0.0, 0.0), 7.0)
    assert [number for number, _ in tour] == [0, 2]
    assert plan_tour([], (0.0, 0.0), 7.0) == []


def test_obstacles_cut_lines_of_a_tour_too() -> None:
    known = Obstacles.around([Point(50.0, 12.0)], 3.0)
    ((_, lines),) = plan_tour([box(0.0, 0.0, 100.0, 28.0)], (0.0, 0.0), 7.0, obstacles=known)
    assert len(lines) == 5


@settings(max_examples=50, deadline=None)
@given(
    speed=st.floats(2.0, 9.0), accel=st.floats(1.0, 4.0), distance=st.floats(0.01, 400.0), steady_ms=st.integers(0, 900)
)
def test_pace_takes_as_long_as_the_flight(speed: float, accel: float, distance: float, steady_ms: int) -> None:
    airframe = Kinematics(accel_mps2=accel, steady_ms=steady_ms)
    pace = Pace(speed, accel, airframe.transit_mps, airframe.turn_dps, steady_ms)
    line = Line(0.0, 0.0, 1.0, 0.0, ((0.0, distance),))
    assert pace.run_s(distance) == pytest.approx(run_ms(line, speed, airframe) / 1000.0, abs=0.005)
    assert pace.hop_s(distance) == pytest.approx(travel_ms(distance, airframe) / 1000.0, abs=0.005)
    assert max(run_up_m(line, speed, airframe)) <= pace.room_m + 1e-9
