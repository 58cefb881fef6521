"""The second engine against GEOS on a grid, and its parts against what is known and against each other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import MultiPolygon, Point, Polygon, affinity, box

from bench.thin_fields import day
from core.model.fixtable import Floats
from geo.coverage import compute
from geo.engines.convex import Convex
from geo.engines.lands import SURE_M2, united
from geo.engines.model import AMOUNT, FIGURES, GROSS, KINDS, MOMENT, NET, THREE, TWO, WORK, Fields, Measures, Quads
from geo.engines.overlap import LONG, Outlines, common_m2
from geo.engines.overlays import OverlayEngine
from geo.engines.sweep import SweepEngine
from geo.overlay import differences, intersections, union
from tests.geo.engines.test_engines import GRID_M2, quads, rectangle
from tests.geo.test_overlay import PIECES

SAME_M2 = 1e-9
PLOTS: list[Any] = [
    box(-30, -20, 0, 20).difference(box(-20, -5, -12.5, 5)),
    MultiPolygon([box(0, -20, 20, -2), box(0, 0, 20, 20)]),
    box(10, 5, 35, 30),
]
"""One with a hole, one in two parts, one that lies on another."""


@st.composite
def heaps(draw: st.DrawFn, most: int = 8) -> Quads:
    """Strips and triangles heaped up on each other, many of them on the same lines."""
    numbers = st.floats(0.0, 1.0, width=32)
    rows = []
    for _ in range(draw(st.integers(1, most))):
        x, y, length, turn = (draw(numbers) for _ in range(4))
        degrees = draw(st.sampled_from([0.0, 90.0, 30.0, 360.0 * turn]))
        whole = draw(st.booleans())
        place = (60.0 * x - 30.0, 40.0 * y - 20.0, 1.0 + 40.0 * length)
        east, north, along = (float(round(v)) if whole else v for v in place)
        row = rectangle(east, north, along, 7.0, degrees)
        if draw(st.booleans()):
            row[6:] = row[4:6]
        rows += [row] * draw(st.sampled_from([1, 1, 1, 2]))
    n = len(rows)
    amounts, variances = (np.array(draw(st.lists(numbers, min_size=n, max_size=n))) for _ in range(2))
    kinds = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)), np.int64)
    return Quads(np.array(rows), amounts, kinds, variances)


def by_geos(ground: Quads, plots: Sequence[Any]) -> Measures:
    """The same figures from unions on GEOS's grid, of all sets of up to three quadrilaterals."""
    shapes: Any = shapely.polygons(ground.corners.reshape(-1, 4, 2))
    dose, variance = ground.doses()
    lands = [*plots, union(plots)]
    figures = np.zeros((len(lands), FIGURES))
    for row, land in zip(figures, lands, strict=True):
        on = intersections(shapes, land)
        area = shapely.area(on)
        twos = {(i, j): intersections(on[[i]], on[j])[0] for i, j in itertools.combinations(range(len(on)), 2)}
        threes = [
            intersections(np.array([twos[i, j]], np.object_), on[k])[0]
            for i, j, k in itertools.combinations(range(len(on)), 3)
            if not (twos[i, j].is_empty or twos[j, k].is_empty)
        ]
        row[[NET, TWO, THREE]] = union(on).area, union(list(twos.values())).area, union(threes).area
        row[[GROSS, AMOUNT]] = area.sum(), (dose * area).sum()
        both = sum(dose[i] * dose[j] * shape.area for (i, j), shape in twos.items())
        row[MOMENT] = ((dose**2 + variance) * area).sum() + 2.0 * both
    beside, taken = differences(shapes, lands[-1]), union([])
    off_m2, off_amount = np.zeros(KINDS), np.zeros(KINDS)
    for kind in range(KINDS):
        mine = differences(np.array([union(beside[ground.kind == kind])], np.object_), taken)[0]
        off_m2[kind] = mine.area
        off_amount[kind] = (dose * shapely.area(intersections(beside, mine))).sum()
        taken = union([taken, mine])
    return Measures(figures[:-1], figures[-1], off_m2, off_amount)


@settings(max_examples=120, deadline=None)
@given(ground=heaps())
def test_it_finds_what_geos_finds_on_a_grid(ground: Quads) -> None:
    found, geos = OverlayEngine().measure(ground, Fields.of(PLOTS)), by_geos(ground, PLOTS)
    for name in ("figures", "union", "off_m2", "off_amount"):
        np.testing.assert_allclose(getattr(found, name), getattr(geos, name), rtol=0, atol=GRID_M2, err_msg=name)


@settings(max_examples=150, deadline=None)
@given(ground=heaps(30), east=st.sampled_from([0.0, 4_321.1]))
def test_heaps_are_what_the_sweep_finds(ground: Quads, east: float) -> None:
    """Up to sixty layers, near the centre of the plane and far from it."""
    ground = Quads(ground.corners + np.tile([east, -east], 4), ground.amount, ground.kind, ground.variance)
    fields = Fields.of([affinity.translate(plot, east, -east) for plot in PLOTS])
    one, other = OverlayEngine().measure(ground, fields), SweepEngine().measure(ground, fields)
    for name in ("figures", "union", "off_m2", "off_amount"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-11, atol=1e-8, err_msg=name)


def test_the_same_strip_forty_times_over() -> None:
    found = OverlayEngine().measure(quads(*[rectangle(0, 0, 20, 2)] * 40), Fields.of([box(-5, -5, 10, 5)]))
    assert found.figures[0] == pytest.approx([20.0, 20.0, 20.0, 800.0, 20.0, 20.0], abs=SAME_M2)
    assert found.off_m2 == pytest.approx([20.0, 0.0, 0.0], abs=SAME_M2)
    assert found.off_amount == pytest.approx([20.0, 0.0, 0.0], abs=SAME_M2)


def test_what_has_no_area_is_nothing() -> None:
    line, spot = np.array([0.0, 0, 9, 0, 9, 0, 0, 0]), np.array([5.0, 5] * 4)
    found = OverlayEngine().measure(quads(line, spot, rectangle(0, 0, 9, 2)), Fields.of([box(-5, -5, 10, 5)]))
    assert found.figures[0, [NET, TWO, THREE, GROSS, AMOUNT]] == pytest.approx([18.0, 0.0, 0.0, 18.0, 1.0])


def test_a_dent_is_no_part_of_a_quadrilateral() -> None:
    """A corner inside the line between its neighbours: other ground, cut along all four edges, would lose too much."""
    dented = np.array([0.0, 0, 10, 0, 10, 10, 5, 4])
    area = Polygon(dented.reshape(4, 2)).area
    assert area < 50.0
    for both in itertools.permutations([dented, rectangle(0, 5, 10, 10)]):
        found = OverlayEngine().measure(quads(*both), Fields.of([box(-5, -5, 20, 20)]))
        assert found.figures[0, [NET, TWO, THREE, GROSS]] == pytest.approx([100, area, 0, 100 + area], abs=SAME_M2)


def test_many_pairs_are_laid_out_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(5)
    places = rng.uniform((-20, -20, 0), (20, 20, 360), (60, 3)).tolist()
    ground = quads(*(rectangle(x, y, 15.0, 3.0, degrees) for x, y, degrees in places))
    whole = OverlayEngine().measure(ground, Fields.of(PLOTS))
    monkeypatch.setattr("geo.engines.quadpairs.BLOCK", 50)
    monkeypatch.setattr("geo.engines.overlap.MOST_PAIRS", 17)
    parted = OverlayEngine().measure(ground, Fields.of(PLOTS))
    assert whole.figures[:, THREE].min() > 1.0
    np.testing.assert_allclose(parted.figures, whole.figures, rtol=0, atol=SAME_M2)
    np.testing.assert_allclose(parted.off_m2, whole.off_m2, rtol=0, atol=SAME_M2)


@settings(max_examples=150, deadline=None)
@given(ground=heaps(2))
def test_cutting_and_integrating_agree_and_nothing_is_lost(ground: Quads) -> None:
    """What is on a quadrilateral and what is beside it make up the whole; an integral finds the same without a cut."""
    shapes, other = Convex.of_quads(ground.corners), ground.corners[::-1]
    inside, (parts, of) = shapes.within(other), shapes.without(other)
    outside = np.bincount(of, parts.area_m2, minlength=len(shapes))
    np.testing.assert_allclose(inside.area_m2 + outside, shapes.area_m2, rtol=0, atol=SAME_M2)
    every = np.arange(len(shapes))
    one, two = Outlines.of_convex(shapes), Outlines.of_convex(Convex.of_quads(other))
    np.testing.assert_allclose(common_m2(one, every, two, every), inside.area_m2, rtol=0, atol=SAME_M2)


@pytest.mark.parametrize("segments", [LONG // 8, 2 * LONG])
def test_common_area_of_outlines_with_few_edges_and_with_many(segments: int) -> None:
    disc: Any = Point(0, 0).buffer(20, segments)
    ring: Any = Point(9, 3).buffer(25, segments).difference(Point(9, 3).buffer(5))
    far = affinity.translate(disc, 3_000, 0)
    fields = Fields.of([disc, ring, far, disc])
    assert (np.diff(fields.start)[:1] > LONG) == (segments > LONG)
    outlines = Outlines.of(fields.ring, fields.start)
    found = common_m2(outlines, np.array([0, 1, 0, 0, 1]), outlines, np.array([1, 0, 2, 3, 1]))
    common = disc.intersection(ring).area
    assert found == pytest.approx([common, common, 0.0, disc.area, ring.area], abs=SAME_M2)
    assert outlines.area_m2 == pytest.approx(shapely.area([disc, ring, far, disc]), abs=SAME_M2)


def test_a_plot_without_ground_is_nothing() -> None:
    found = OverlayEngine().measure(
        quads(rectangle(0, 0, 9, 2)), Fields.of([box(0, 0, 5, 5), Polygon(), box(5, 0, 9, 5)])
    )
    assert found.figures[:, NET] == pytest.approx([5.0, 0.0, 4.0])
    assert found.off_m2[WORK] == pytest.approx(9.0)


def test_a_union_that_lost_ground_is_made_again_on_the_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    outlines: list[Any] = [box(0, 0, 10, 10), box(5, 5, 15, 15), box(14, 14, 20, 20), box(0, 9, 3, 30)]
    expected = union(outlines).area
    lossy = shapely.union
    assert united(outlines).area == pytest.approx(expected, abs=SURE_M2)
    spot: Any = box(9, 9, 9.1, 9.1)
    monkeypatch.setattr(shapely, "union", lambda one, other: shapely.difference(lossy(one, other), spot))
    assert united(outlines).area == pytest.approx(expected, abs=SURE_M2)
    monkeypatch.setattr(shapely, "union", lambda one, other: lossy(lossy(one, other), box(1, 20, 9, 30)))
    assert united(outlines).area == pytest.approx(expected, abs=SURE_M2)


def test_pieces_that_geos_unites_wrongly() -> None:
    assert united(list(shapely.from_wkb(list(PIECES)))).area == pytest.approx(21.8457, rel=1e-5)


def test_a_corner_cut_off_by_rounding_costs_nothing() -> None:
    """Two corners a billionth of a metre apart, far from the centre: an edge without a direction worth the name."""
    near: Floats = np.array([5_000.0, 0, 5_100, 0, 5_100, 7, 5_000, 7])
    rng = np.random.default_rng(3)
    for _ in range(200):
        cut = np.array([*near[:4], 5_100.0 + rng.uniform(-2e-9, 2e-9), 7.0 + rng.uniform(-2e-9, 2e-9), 5_100.0, 7.0])
        if Quads(cut[None], np.ones(1), np.zeros(1, np.int64)).area_m2[0] <= 0.0:
            continue
        found = OverlayEngine().measure(quads(cut, near), Fields.of([box(4_900, -50, 5_200, 50)]))
        assert found.figures[0, [NET, TWO]] == pytest.approx([700.0, 350.0], abs=1e-6)


@pytest.mark.parametrize("receiver", ["rtk", "single"])
def test_a_day_on_thin_plots_is_what_the_sweep_finds(receiver: str) -> None:
    tables, plots = day(receiver, 40)
    result = compute("day", tables, plots)
    swept, real = result.pieces, result.pieces.area_m2 > 0.0
    ground = Quads(swept.corners[real], swept.volume_l[real], swept.kind[real], swept.volume_variance[real])
    fields = Fields.of(list(result.plane.outlines([plot.boundary for plot in plots])))
    one, other = OverlayEngine().measure(ground, fields), SweepEngine().measure(ground, fields)
    assert one.union[THREE] > 10.0
    for name in ("figures", "union", "off_m2", "off_amount"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-11, atol=1e-8, err_msg=name)
    assert one.union[AMOUNT] + one.off_amount.sum() == pytest.approx(ground.amount.sum(), abs=SAME_M2)
