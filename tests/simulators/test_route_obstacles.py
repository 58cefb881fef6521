from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from core.errors import ConfigError
from simulators.route import Obstacle, Obstacles, Pace, plan_lines, transit
from tests.simulators.outlines import SWATH_M, crooked, sprayed, strips, ways

PACE = Pace()


@st.composite
def obstacles(draw: st.DrawFn) -> list[Obstacle]:
    """Some poles, houses and lines of wire in and around a plot."""
    where = st.floats(-110.0, 110.0)
    found: list[Obstacle] = []
    for kind in draw(st.lists(st.sampled_from(["pole", "house", "wire"]), min_size=1, max_size=5)):
        x, y = draw(where), draw(where)
        if kind == "pole":
            found.append(Point(x, y))
        elif kind == "house":
            found.append(shapely.affinity.rotate(box(x, y, x + 12.0, y + 8.0), draw(st.floats(0.0, 90.0))))
        else:
            found.append(LineString([(x, y), (x + draw(st.floats(5.0, 60.0)), y + draw(st.floats(-60.0, 60.0)))]))
    return found


def _clear_m(way: BaseGeometry, shapes: Sequence[Obstacle]) -> float:
    return min(float(way.distance(shape)) for shape in shapes)


@settings(max_examples=60, deadline=None)
@given(plot=crooked(), shapes=obstacles(), rounds=st.integers(0, 2), clearance_m=st.floats(0.5, 8.0))
def test_no_strip_and_no_flight_comes_near(
    plot: Polygon, shapes: list[Obstacle], rounds: int, clearance_m: float
) -> None:
    lines = plan_lines(plot, SWATH_M, headlands=rounds, obstacles=Obstacles.around(shapes, clearance_m), pace=PACE)
    for shape in [*strips(lines), *ways(lines, PACE)]:
        assert _clear_m(shape, shapes) > clearance_m - 0.005


@settings(max_examples=60, deadline=None)
@given(
    shapes=obstacles(),
    ends=st.tuples(*[st.floats(-150.0, 150.0)] * 4),
    clearance_m=st.floats(0.0, 10.0),
)
def test_way_keeps_clear_and_is_no_detour(
    shapes: list[Obstacle], ends: tuple[float, float, float, float], clearance_m: float
) -> None:
    start, end = ends[:2], ends[2:]
    assume(_clear_m(Point(start), shapes) > 1.5 * clearance_m + 0.1 < _clear_m(Point(end), shapes))
    known = Obstacles.around(shapes, clearance_m)
    assume(not known.zone.intersects(shapely.MultiPoint([start, end])))
    try:
        way = transit(start, end, known)
    except ConfigError:
        assert any(part.interiors for part in shapely.get_parts(known.zone))
        return
    assert (way[0], way[-1]) == (start, end)
    assert start == end or _clear_m(LineString(way), shapes) >= clearance_m
    length_m = sum(math.dist(a, b) for a, b in pairwise(way))
    round_all = shapely.convex_hull(shapely.union_all([known.zone, shapely.MultiPoint([start, end])]))
    assert length_m <= math.dist(start, end) + round_all.length
    assert way == transit(start, end, known)
    back_m = sum(math.dist(a, b) for a, b in pairwise(transit(end, start, known)))
    assert back_m == pytest.approx(length_m)


def test_way_is_straight_where_nothing_stands() -> None:
    assert transit((0.0, 0.0), (100.0, 0.0), Obstacles.around([Point(50.0, 20.0)], 5.0)) == [(0.0, 0.0), (100.0, 0.0)]
    assert transit((0.0, 0.0), (9.0, 9.0), Obstacles.around([], 5.0)) == [(0.0, 0.0), (9.0, 9.0)]


def test_way_goes_round_the_nearer_side_of_a_house() -> None:
    house = box(40.0, -4.0, 60.0, 30.0)
    way = transit((0.0, 0.0), (100.0, 0.0), Obstacles.around([house], 3.0))
    assert [pytest.approx(p, abs=0.1) for p in way[1:-1]] == [(37.0, -7.0), (63.0, -7.0)]


def test_way_round_one_house_does_not_hit_the_next() -> None:
    houses: list[Obstacle] = [box(40.0, -10.0, 60.0, 30.0), box(40.0, -60.0, 60.0, -12.0)]
    way = transit((0.0, 0.0), (100.0, 0.0), Obstacles.around(houses, 3.0))
    assert _clear_m(LineString(way), houses) >= 3.0
    assert min(y for _, y in way) > -1.0  # over the top of the first: no room between them


def test_crew_beside_a_house_starts_out_of_its_clearance() -> None:
    house = box(0.0, 0.0, 10.0, 10.0)
    way = transit((5.0, -2.0), (5.0, 60.0), Obstacles.around([house], 5.0))
    assert way[1] == pytest.approx((5.0, -5.02), abs=0.01)
    assert _clear_m(LineString(way[1:]), [house]) >= 5.0


def test_no_way_out_of_a_yard_is_told() -> None:
    wall = LineString([(0, 0), (50, 0), (50, 50), (0, 50), (0, 0)])
    with pytest.raises(ConfigError, match=r"no way from \(25.0, 25.0\) to \(200.0, 25.0\)"):
        transit((25.0, 25.0), (200.0, 25.0), Obstacles.around([wall], 2.0))


def test_pole_in_the_plot_cuts_its_lines_and_the_rest_is_sprayed() -> None:
    plot = box(0.0, 0.0, 200.0, 42.0)
    lines = plan_lines(plot, 7.0, obstacles=Obstacles.around([Point(100.0, 24.0)], 2.0), pace=PACE)
    # the pole stands 0.5 m beside a line: that line is cut, with room to brake on both sides
    cut = [line for line in lines if line.length_m < 150.0]
    assert [line.y for line in cut] == pytest.approx([24.5, 24.5])
    assert sum(line.length_m for line in cut) == pytest.approx(200.0 - 4.04 - 2 * PACE.room_m, abs=0.01)
    assert sprayed(lines, 7.0).area > 0.975 * plot.area


def test_whole_flight_over_a_plot_keeps_clear() -> None:
    """Lines, the ways on which they speed up and brake, and the ways between them."""
    shapes: list[Obstacle] = [
        Point(100.0, 24.0),
        box(60.0, -25.0, 75.0, -8.0),
        LineString([(150.0, 60.0), (230.0, 10.0)]),
    ]
    known = Obstacles.around(shapes, 3.0)
    lines = plan_lines(box(0.0, 0.0, 200.0, 84.0), 7.0, headlands=1, obstacles=known, pace=PACE)
    ends = [(line.point(-PACE.room_m), line.point(line.length_m + PACE.room_m)) for line in lines]
    between = [transit(a[1], b[0], known) for a, b in pairwise(ends)]
    assert any(len(way) > 2 for way in between)
    for way in [*between, *ends]:
        assert way[0] == way[-1] or _clear_m(LineString(way), shapes) >= 3.0


def test_house_beside_the_plot_leaves_room_to_brake() -> None:
    plot = box(0.0, 0.0, 200.0, 42.0)
    house = box(204.0, 10.0, 214.0, 20.0)
    lines = plan_lines(plot, 7.0, obstacles=Obstacles.around([house], 3.0), pace=PACE)
    assert max(shape.intersection(house.buffer(2.9)).area for shape in strips(lines, 7.0)) == 0.0
    assert _clear_m(shapely.union_all(ways(lines, PACE)), [house]) > 3.0
    assert sorted({round(line.length_m) for line in lines}) == [round(201.0 - PACE.room_m), 200]


def test_obstacle_far_from_the_plot_changes_nothing() -> None:
    plot = box(0.0, 0.0, 200.0, 42.0)
    assert plan_lines(plot, 7.0, obstacles=Obstacles.around([Point(100.0, 90.0)], 5.0)) == plan_lines(plot, 7.0)


def test_round_goes_round_a_tree() -> None:
    plot = box(0.0, 0.0, 150.0, 90.0)
    tree = Point(75.0, 45.0)
    lines = plan_lines(plot, 7.0, headlands=1, obstacles=Obstacles.around([tree], 4.0))
    around = [line for line in lines if line.length_m < 25.0]
    assert [round(line.length_m, 1) for line in around] == [22.0] * 4
    assert sprayed(lines, 7.0).area > 0.97 * (plot.area - 64.0)


@pytest.mark.parametrize(
    "shape", [Point(3, 4), LineString([(0, 0), (30, 5), (31, 40)]), box(0, 0, 9, 5), Point(0, 0).buffer(20)]
)
@pytest.mark.parametrize("clearance_m", [0.5, 3.0, 12.0])
def test_nothing_closer_than_the_clearance_is_free(shape: Obstacle, clearance_m: float) -> None:
    zone = Obstacles.around([shape], clearance_m).zone
    assert shape.buffer(clearance_m - 0.001).within(zone)
    assert zone.hausdorff_distance(shape.buffer(clearance_m)) < clearance_m + 0.7


@pytest.mark.parametrize("clearance_m", [-1.0, math.nan, math.inf])
def test_bad_clearance_is_refused(clearance_m: float) -> None:
    with pytest.raises(ConfigError, match="clearance_m"):
        Obstacles.around([Point(0, 0)], clearance_m)
