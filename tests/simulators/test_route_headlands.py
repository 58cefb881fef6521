from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Polygon, box
from shapely.affinity import rotate

from simulators.route import Line, plan_lines
from tests.simulators.outlines import SWATH_M, crooked, rectangles, rice_areas, sprayed, strips


def _near_edge(line: Line, plot: Polygon) -> bool:
    middle = LineString([line.start, line.end]).interpolate(0.5, normalized=True)
    return bool(plot.exterior.distance(middle) < SWATH_M / 2 + 0.01)


@settings(max_examples=40, deadline=None)
@given(plot=rectangles(), rounds=st.integers(1, 2))
def test_rounds_and_lines_cover_a_rectangle_at_any_angle(plot: Polygon, rounds: int) -> None:
    net = sprayed(plan_lines(plot, SWATH_M, headlands=rounds))
    assert net.area > 0.99 * plot.area
    assert net.difference(plot.buffer(0.0055, join_style="mitre")).area == 0.0


@settings(max_examples=50, deadline=None)
@given(plot=crooked(), rounds=st.integers(1, 3))
def test_no_strip_leaves_the_plot(plot: Polygon, rounds: int) -> None:
    inside = plot.buffer(0.0055, join_style="mitre")
    assert all(strip.within(inside) for strip in strips(plan_lines(plot, SWATH_M, headlands=rounds, strict=True)))


@settings(max_examples=40, deadline=None)
@given(plot=crooked())
def test_a_round_covers_more_of_a_crooked_plot_than_lines_alone(plot: Polygon) -> None:
    with_round = sprayed(plan_lines(plot, SWATH_M, headlands=1, strict=True)).area
    assert with_round > sprayed(plan_lines(plot, SWATH_M, strict=True)).area - 0.01 * plot.area


def test_round_follows_the_boundary_and_closes() -> None:
    plot = rotate(box(0.0, 0.0, 150.0, 80.0), 31.0)
    lines = plan_lines(plot, SWATH_M, headlands=1)
    ring = [line for line in lines if _near_edge(line, plot)]
    assert lines[-4:] == ring
    assert sorted(line.length_m for line in ring) == pytest.approx([80.0, 80.0, 150.0, 150.0], abs=0.02)
    turns = [a.ux * b.uy - a.uy * b.ux for a, b in pairwise([*ring, ring[0]])]
    assert turns in (pytest.approx([1.0] * 4), pytest.approx([-1.0] * 4))


def test_inner_lines_reach_the_round_and_stop_there() -> None:
    plot = box(0.0, 0.0, 150.0, 84.0)
    lines = plan_lines(plot, SWATH_M, headlands=2)
    inner = lines[:-8]
    assert {round(line.length_m, 2) for line in inner} == {150.0 - 4 * SWATH_M}
    assert len(inner) == 8


def test_rounds_come_first_where_told_and_begin_beside_the_lines() -> None:
    plot = box(0.0, 0.0, 150.0, 80.0)
    lines = plan_lines(plot, SWATH_M, headlands=1, headlands_first=True)
    assert all(_near_edge(line, plot) for line in lines[:4])
    assert not any(_near_edge(line, plot) for line in lines[4:])
    assert math.dist(lines[3].end, lines[4].start) < 20.0


def test_hole_gets_a_round_of_its_own() -> None:
    mound = box(60.0, 35.0, 85.0, 50.0)
    plot = box(0.0, 0.0, 170.0, 90.0).difference(mound)
    assert isinstance(plot, Polygon)
    lines = plan_lines(plot, SWATH_M, headlands=1)
    around = [ln for ln in lines if mound.distance(LineString([ln.start, ln.end])) == pytest.approx(3.5, abs=0.01)]
    assert len(around) >= 4
    assert sprayed(lines).area > 0.999 * plot.area
    assert sprayed(lines).intersection(mound).area < 0.5


def test_plot_too_thin_for_a_round_is_flown_without() -> None:
    plot = box(0.0, 0.0, 120.0, 6.5)
    assert plan_lines(plot, SWATH_M, headlands=1) == plan_lines(plot, SWATH_M)


def test_narrow_neck_between_two_fields_is_sprayed() -> None:
    fields = box(0, 0, 60, 60).union(box(60, 25, 120, 31)).union(box(120, 0, 180, 60))
    assert isinstance(fields, Polygon)
    net = sprayed(plan_lines(fields, SWATH_M, headlands=1))
    assert net.intersection(box(65, 25, 115, 31)).area > 0.9 * 50.0 * 6.0


def test_wavy_boundary_is_flown_in_few_lines() -> None:
    wavy = Polygon(
        [
            ((60.0 + 0.15 * (k % 2)) * math.cos(k * math.pi / 180), 60.0 * math.sin(k * math.pi / 180))
            for k in range(360)
        ]
    )
    lines = plan_lines(wavy, SWATH_M, headlands=1)
    assert sum(line.length_m < 20.0 for line in lines) < 60
    assert sprayed(lines).area > 0.96 * wavy.area


def test_rice_plots_with_a_round_are_covered() -> None:
    for area in rice_areas(20):
        net = sprayed(plan_lines(area, SWATH_M, headlands=1))
        assert net.intersection(area).area > 0.93 * area.area
        assert net.difference(area).area < 0.02 * area.area
