from __future__ import annotations

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, box
from shapely.affinity import rotate

from geo.overlay import Area, polygonal, union
from simulators.route import Line, plan_lines


def _sprayed(lines: list[Line], swath_m: float) -> tuple[float, Area]:
    strips = [
        shapely.LineString([line.point(a), line.point(b)]).buffer(swath_m / 2, cap_style="flat")
        for line in lines
        for a, b in line.spans
    ]
    return float(sum(s.area for s in strips)), union(strips)


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
