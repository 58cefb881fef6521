"""Two engines, one truth: the compiled sweep against GEOS, and both against what is known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, affinity, box

from core.model.fixtable import Floats
from geo.engines import engine
from geo.engines.lands import outlines_of
from geo.engines.model import AMOUNT, FAILSAFE, GROSS, MOMENT, NET, THREE, TRANSIT, TWO, WORK, Engine, Fields, Quads
from geo.engines.overlays import OverlayEngine
from geo.engines.sweep import SweepEngine
from geo.engines.tiles import TILE_M

ENGINES: list[Engine] = [SweepEngine(), OverlayEngine()]
PLOTS: list[Any] = [
    box(-120, -90, -50, 70),
    box(-50, -90, 30, 90),
    Polygon([(30, -60), (130, -50), (90, 90), (40, 60)]).difference(box(60, 0, 75, 20)),
]
GRID_M2 = 2e-5
"""What GEOS's grid of 0.1 µm moves along some hundred metres of edges."""
SAME_M2 = 1e-8
"""What rounding makes of some thousand square metres, by two ways."""


def rectangle(x: float, y: float, length_m: float, width_m: float, degrees: float = 0.0) -> Floats:
    """Corners of a rectangle that starts at a place and goes on in a direction, shape (8,)."""
    shape: Any = affinity.rotate(box(x, y - width_m / 2.0, x + length_m, y + width_m / 2.0), degrees, origin=(x, y))
    corners = shapely.get_coordinates(shape.exterior)[:4]
    return (corners if shape.exterior.is_ccw else corners[::-1]).reshape(8)


def _moved(plots: Sequence[Any], east: float, north: float) -> list[Any]:
    return [affinity.translate(p, east, north) for p in plots]


def quads(*corners: Floats, amount: float = 1.0, kind: int = WORK) -> Quads:
    return Quads(np.array(corners), np.full(len(corners), amount), np.full(len(corners), kind, np.int64))


@st.composite
def grounds(draw: st.DrawFn) -> Quads:
    """Strips in all directions, some of them edge to edge, some on whole metres."""
    n = draw(st.integers(1, 25))
    whole = draw(st.booleans())
    parallel = draw(st.booleans())
    numbers = st.floats(0.0, 1.0, width=32)
    rows = []
    for _ in range(n):
        x, y, length, width, turn = (draw(numbers) for _ in range(5))
        place = (240.0 * x - 120.0, 200.0 * y - 100.0, 1.0 + 90.0 * length, 0.5 + 7.0 * width)
        east, north, along, across = (float(round(v)) or 1.0 if whole else v for v in place)
        rows.append(rectangle(east, north, along, across, 30.0 if parallel else 360.0 * turn))
    amounts = np.array(draw(st.lists(numbers, min_size=n, max_size=n))) * 5.0
    kinds = np.array(draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)), np.int64)
    return Quads(np.array(rows), amounts, kinds)


@settings(max_examples=150, deadline=None)
@given(ground=grounds())
def test_both_engines_find_the_same(ground: Quads) -> None:
    fields = Fields.of(PLOTS)
    one, other = (it.measure(ground, fields) for it in ENGINES)
    for name in ("figures", "union", "off_m2", "off_amount"):
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-9, atol=SAME_M2, err_msg=name)


@settings(max_examples=100, deadline=None)
@given(ground=grounds())
def test_amounts_and_areas_balance(ground: Quads) -> None:
    found = SweepEngine().measure(ground, Fields.of(PLOTS))
    assert found.figures[:, AMOUNT].sum() + found.off_amount.sum() == pytest.approx(ground.amount.sum(), abs=1e-9)
    np.testing.assert_allclose(found.figures.sum(axis=0), found.union, atol=1e-9)
    assert (found.figures[:, NET] <= found.figures[:, GROSS] + 1e-9).all()
    assert (found.figures[:, THREE] <= found.figures[:, TWO] + 1e-9).all()
    assert (found.figures[:, TWO] <= found.figures[:, NET] + 1e-9).all()
    areas = [p.area for p in PLOTS]
    assert (found.figures[:, NET] <= np.array(areas) + 1e-9).all()


@settings(max_examples=60, deadline=None)
@given(ground=grounds(), east=st.floats(-500.0, 500.0), north=st.floats(-500.0, 500.0))
def test_it_does_not_matter_where_the_tiles_lie(ground: Quads, east: float, north: float) -> None:
    moved = Quads(ground.corners + np.tile([east, north], 4), ground.amount, ground.kind)
    here = SweepEngine().measure(ground, Fields.of(PLOTS))
    there = SweepEngine().measure(moved, Fields.of(_moved(PLOTS, east, north)))
    np.testing.assert_allclose(here.figures, there.figures, atol=1e-8)
    np.testing.assert_allclose(here.off_m2, there.off_m2, atol=1e-8)


@pytest.mark.parametrize("it", ENGINES, ids=lambda it: it.name)
def test_figures_of_three_strips_that_cross(it: Engine) -> None:
    """Two strips of 2 m cross at right angles on a plot, a third lies on one of them: all figures by hand."""
    ground = quads(rectangle(-10, 0, 20, 2), rectangle(0, -10, 20, 2, 90.0), rectangle(-10, 0, 20, 2), amount=40.0)
    found = it.measure(ground, Fields.of([box(-10, -10, 10, 10)]))
    ((net, two, three, gross, amount, moment),) = found.figures
    assert (net, two, three, gross, amount) == pytest.approx((76.0, 40.0, 4.0, 120.0, 120.0), abs=1e-6)
    assert moment == pytest.approx(36.0 * 1.0 + 36.0 * 4.0 + 4.0 * 9.0, abs=1e-6)
    assert found.off_m2.sum() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("it", ENGINES, ids=lambda it: it.name)
def test_ground_beside_the_plots_goes_by_the_most_meant_kind(it: Engine) -> None:
    ground = Quads(
        np.array([rectangle(0, 0, 10, 2), rectangle(0, 0, 20, 2), rectangle(0, 0, 30, 2)]),
        np.array([1.0, 2.0, 3.0]),
        np.array([WORK, TRANSIT, FAILSAFE]),
    )
    found = it.measure(ground, Fields.of([box(500, 500, 501, 501)]))
    np.testing.assert_allclose(found.off_m2, [20.0, 20.0, 20.0], atol=1e-6)
    np.testing.assert_allclose(found.off_amount, [1.0 + 1.0 + 1.0, 1.0 + 1.0, 1.0], atol=1e-6)
    assert found.figures[0, NET] == 0.0


@pytest.mark.parametrize("it", ENGINES, ids=lambda it: it.name)
def test_plots_that_overlap_count_once_together(it: Engine) -> None:
    found = it.measure(quads(rectangle(0, 5, 20, 10)), Fields.of([box(0, 0, 12, 10), box(8, 0, 20, 10)]))
    np.testing.assert_allclose(found.figures[:, NET], [120.0, 120.0], atol=1e-6)
    assert found.union[NET] == pytest.approx(200.0, abs=1e-6)


@pytest.mark.parametrize("it", ENGINES, ids=lambda it: it.name)
def test_nothing_and_no_plots(it: Engine) -> None:
    empty = Quads(np.empty((0, 8)), np.empty(0), np.empty(0, np.int64))
    assert it.measure(empty, Fields.of(PLOTS)).figures.tolist() == [[0.0] * 6] * 3
    alone = it.measure(quads(rectangle(0, 0, 10, 2)), Fields.of([]))
    assert alone.figures.shape == (0, 6)
    assert alone.off_m2.tolist() == pytest.approx([20.0, 0.0, 0.0], abs=1e-6)


def test_triangles_and_edges_from_one_corner_keep_their_order() -> None:
    """Edges that leave a corner in the order of rounding once lost a square metre."""
    corners = np.array(
        [
            [-5.95834053, -3.65909503, -6.77981151, -2.08578552, -12.09846932, -4.86281256, -11.27699834, -6.43612206],
            [-7.84505891, -6.01573646, -5.07419487, -4.27775029, -8.26235787, 0.80512456, -11.03322191, -0.93286162],
            [-11.03322191, -0.93286162, -13.38139043, -2.40571786, -9.43914041, -3.47429904, -9.43914041, -3.47429904],
        ]
    )
    ground = quads(*corners)
    found = SweepEngine().measure(ground, Fields.of([box(-100, -100, 100, 100)]))
    assert found.figures[0, GROSS] == pytest.approx(ground.area_m2.sum(), abs=1e-9)


@pytest.mark.parametrize("degrees", [0.0, 17.0, 45.0, 90.0, 123.4])
def test_straight_strips_edge_to_edge_are_exact(degrees: float) -> None:
    """Analytic truth to 1e-4 %, over many tiles."""
    rows = [rectangle(0.0, 7.0 * k, 10.0 * TILE_M, 7.0) for k in range(40)]
    turn = math.radians(degrees)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    turned = np.array([row.reshape(4, 2) @ spin for row in rows]).reshape(-1, 8)
    plot: Any = affinity.rotate(box(0.0, -3.5, 10.0 * TILE_M, 276.5), degrees, origin=(0.0, 0.0))
    found = SweepEngine().measure(quads(*turned), Fields.of([plot]))
    area = 280.0 * 10.0 * TILE_M
    assert found.figures[0, NET] == pytest.approx(area, rel=1e-9)
    assert found.figures[0, TWO] == pytest.approx(0.0, abs=1e-6)
    assert found.figures[0, MOMENT] == pytest.approx(40.0 / (7.0 * 10.0 * TILE_M), rel=1e-9)


def test_edges_of_plots_give_the_plots_back() -> None:
    for shape, again in zip(PLOTS, outlines_of(Fields.of(PLOTS)), strict=True):
        assert shape.symmetric_difference(again).area == pytest.approx(0.0, abs=1e-9)


def test_the_sweep_is_used_where_numba_is_there() -> None:
    assert engine().name == "sweep"
