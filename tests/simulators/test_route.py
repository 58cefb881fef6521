from __future__ import annotations

import math
from itertools import pairwise

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Polygon, box
from shapely.affinity import rotate

from core.errors import ConfigError
from geo.overlay import Area, polygonal
from simulators.route import Line, Pace, gaps, plan_lines
from tests.simulators.outlines import SWATH_M, crooked, rectangles, rice_areas, sprayed, strips


def _sprayed(lines: list[Line], swath_m: float) -> tuple[float, Area]:
    return float(sum(s.area for s in strips(lines, swath_m))), sprayed(lines, swath_m)


@pytest.mark.parametrize("angle", [0.0, 17.0, 45.0, 90.0])
def test_rectangle_of_whole_swaths_is_flown_edge_to_edge(angle: float) -> None:
    plot = rotate(box(0.0, 0.0, 200.0, 42.0), angle)
    gross, net = _sprayed(plan_lines(plot, 7.0), 7.0)
    assert gross == pytest.approx(8_400.0, abs=1e-6)
    assert net.area == pytest.approx(8_400.0, abs=0.1)
    assert net.difference(plot).area < 0.1


def test_every_other_line_comes_back() -> None:
    lines = plan_lines(box(0.0, 0.0, 200.0, 28.0), 7.0)
    assert [round(line.ux) for line in lines] in ([1, -1, 1, -1], [-1, 1, -1, 1])
    assert sorted(line.y for line in lines) == pytest.approx([3.5, 10.5, 17.5, 24.5])


def test_pump_is_off_over_a_hole_and_nowhere_outside() -> None:
    pond = box(90.0, 15.0, 110.0, 30.0)
    plot = polygonal(box(0.0, 0.0, 200.0, 42.0).difference(pond))
    lines = plan_lines(plot, 7.0)
    _, net = _sprayed(lines, 7.0)
    assert net.difference(plot).area < 0.1
    # three strips of 7 m touch the pond and are interrupted for its 20 m
    assert net.area == pytest.approx(8_400.0 - 3 * 7.0 * 20.0, abs=0.01)
    assert [len(line.spans) for line in lines] == [1, 1, 2, 2, 2, 1]


def test_width_that_is_no_multiple_overlaps_instead_of_missing() -> None:
    plot = box(0.0, 0.0, 200.0, 40.0)
    gross, net = _sprayed(plan_lines(plot, 7.0), 7.0)
    assert net.area == pytest.approx(8_000.0, abs=0.01)
    assert gross == pytest.approx(6 * 7.0 * 200.0, abs=0.01)


def test_plot_thinner_than_the_swath_gets_one_line() -> None:
    lines = plan_lines(box(0.0, 0.0, 100.0, 5.0), 7.0)
    assert len(lines) == 1
    assert lines[0].sprayed_m == pytest.approx(100.0, abs=1e-6)
    assert lines[0].y == pytest.approx(2.5)


def test_all_parts_of_a_plot_are_flown() -> None:
    plot = MultiPolygon([box(0.0, 0.0, 100.0, 14.0), box(0.0, 50.0, 100.0, 64.0)])
    assert sum(line.sprayed_m for line in plan_lines(plot, 7.0)) == pytest.approx(400.0, abs=1e-6)


def test_crumb_without_room_gives_no_line() -> None:
    assert plan_lines(box(0.0, 0.0, 2.0, 2.0), 7.0) == []


@settings(max_examples=60, deadline=None)
@given(
    sprayed=st.floats(0.05, 0.95),
    lengths=st.lists(st.floats(5.0, 80.0), min_size=1, max_size=5).filter(lambda v: len(v) % 2 == 1),
    angle=st.floats(0.0, 2.0 * math.pi),
)
def test_cut_and_turned_lines_spray_what_the_whole_did(sprayed: float, lengths: list[float], angle: float) -> None:
    edges = [0.0]
    for length in lengths:
        edges.append(edges[-1] + length)
    spans = tuple(zip(edges[::2], edges[1::2], strict=True))
    line = Line(3.0, -4.0, math.cos(angle), math.sin(angle), spans)
    first, rest = line.cut(sprayed * line.sprayed_m)
    assert first.sprayed_m == pytest.approx(sprayed * line.sprayed_m)
    assert first.sprayed_m + rest.sprayed_m == pytest.approx(line.sprayed_m)
    assert rest.point(rest.length_m) == pytest.approx(line.point(line.length_m))
    back = line.reversed()
    assert back.sprayed_m == pytest.approx(line.sprayed_m)
    assert back.point(back.length_m) == pytest.approx((line.x, line.y), abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(plot=crooked())
def test_no_strip_leaves_the_plot(plot: Polygon) -> None:
    inside = plot.buffer(0.0055, join_style="mitre")
    assert all(strip.within(inside) for strip in strips(plan_lines(plot, SWATH_M, strict=True)))


@settings(max_examples=30, deadline=None)
@given(plot=crooked())
def test_lines_stay_inside_where_whole_strips_leave_too_much_bare(plot: Polygon) -> None:
    inside = plot.buffer(0.0055, join_style="mitre")
    lines = plan_lines(plot, SWATH_M)
    assert all(strip.within(inside) for strip in strips(lines, 0.001))
    assert sprayed(lines).intersection(plot).area > 0.6 * plot.area


@settings(max_examples=30, deadline=None)
@given(plot=rectangles())
def test_fat_rectangle_is_covered_whole(plot: Polygon) -> None:
    """At most a fifth of a swath is left bare."""
    bare_m2 = plot.area - sprayed(plan_lines(plot, SWATH_M)).area
    assert bare_m2 < 0.2 * SWATH_M * plot.length / 2


@settings(max_examples=40, deadline=None)
@given(plot=crooked())
def test_chosen_direction_costs_no_more_than_that_of_the_longest_edge(plot: Polygon) -> None:
    chosen = plan_lines(plot, SWATH_M, strict=True)
    along = plan_lines(plot, SWATH_M, _longest_deg(plot), strict=True)
    assert _cost_s(chosen, plot) <= 1.05 * _cost_s(along, plot) + 15.0


def _cost_s(lines: list[Line], plot: Polygon) -> float:
    """Flying time, and four times that of spraying for what is left bare."""
    pace = Pace()
    bare_m2 = plot.area - sprayed(lines).intersection(plot).area
    return pace.flying_s(lines) + 4.0 * bare_m2 / (SWATH_M * pace.speed_mps)


def test_fewer_lines_than_along_the_longest_edges() -> None:
    """Of plots from which a corner is cut off at a slant, so that the cut is the longest edge."""
    few = many = 0
    for cut in range(40, 100, 5):
        plot = Polygon([(0, 0), (90, 0), (90 + cut, cut), (90 + cut, 110), (60, 112), (0, 110)])
        few += len(plan_lines(plot, SWATH_M))
        many += len(plan_lines(plot, SWATH_M, _longest_deg(plot)))
    assert few < 0.95 * many


def _longest_deg(plot: Polygon) -> float:
    corners = shapely.get_coordinates(plot.exterior)
    a, b = max(pairwise(corners.tolist()), key=lambda edge: math.dist(*edge))
    return math.degrees(math.atan2(b[1] - a[1], b[0] - a[0]))


def test_direction_has_the_fewest_turns_not_the_longest_edge() -> None:
    """Its longest edge is a slope of 113 m; along the plot's 200 m there are fewer lines."""
    plot = Polygon([(0, 0), (99, -2), (200, 0), (280, 79), (200, 84), (100, 82), (0, 84)])
    longest = plan_lines(plot, SWATH_M, _longest_deg(plot))
    chosen = plan_lines(plot, SWATH_M)
    assert len(chosen) < len(longest)
    assert Pace().flying_s(chosen) < 0.9 * Pace().flying_s(longest)


def test_arms_of_a_horseshoe_are_flown_one_after_the_other() -> None:
    """A wide bay is not crossed in every row: two dozen lines would be flown over a hundred metres of nothing."""
    plot = Polygon([(0, 0), (200, 0), (200, 150), (150, 150), (150, 30), (50, 30), (50, 150), (0, 150)])
    lines = plan_lines(plot, 7.0, 0.0)
    assert all(gap < 60.0 for line in lines for gap in gaps(line))
    changes = sum((a.start[0] < 100.0) != (b.start[0] < 100.0) for a, b in pairwise(_short(lines)))
    assert changes == 1
    assert sprayed(lines).area > 0.98 * plot.area


def _short(lines: list[Line]) -> list[Line]:
    return [line for line in lines if line.length_m < 100.0]


def test_narrow_bay_is_crossed_with_the_pump_off() -> None:
    plot = Polygon([(0, 0), (200, 0), (200, 70), (110, 70), (110, 35), (90, 35), (90, 70), (0, 70)])
    lines = plan_lines(plot, 7.0, 0.0)
    assert [len(line.spans) for line in lines].count(2) == 5


def test_same_plot_same_lines_to_the_last_digit() -> None:
    plots = rice_areas(14)
    first = [plan_lines(plot, SWATH_M, headlands=1) for plot in plots]
    assert first == [plan_lines(plot, SWATH_M, headlands=1) for plot in plots]
    lines = [line for plot in first for line in plot]
    grid = [(line if round(line.x, 4) == line.x else line.reversed()) for line in lines]
    assert all(round(v, 4) == pytest.approx(v, abs=1e-9) for line in grid for v in (line.x, line.y, line.length_m))


def test_bad_swath_is_refused() -> None:
    with pytest.raises(ConfigError, match="swath_m = 0"):
        plan_lines(box(0, 0, 10, 10), 0.0)
    with pytest.raises(ConfigError, match="headlands = -1"):
        plan_lines(box(0, 0, 10, 10), 7.0, headlands=-1)
