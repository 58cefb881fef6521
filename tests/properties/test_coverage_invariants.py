"""What holds for every flight, whatever it looks like; and a second engine that counts points instead of areas."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from core.model.coverage import Coverage
from core.model.fixtable import FixTable
from geo.coverage import Parameters, compute
from geo.layers import layers
from tests.geo.tracks import plot, table

PLOTS = [plot(box(0, 0, 40, 30), "a"), plot(box(40, -10, 80, 30), "b"), plot(box(-30, -30, 20, 0), "c")]
TINY_M2 = 1e-4
PARAMETERS = Parameters(default_swath_m=6.0, simplify_m=0.0)


@st.composite
def tracks(draw: st.DrawFn) -> FixTable:
    """A walk of bounded steps with turns of every kind, the implement switched on and off, a flow that varies."""
    n = draw(st.integers(2, 50))
    floats = st.floats(0.0, 1.0, width=32)
    sharp = draw(st.sampled_from([0.1, 0.5, 1.5, math.pi]))
    turns = np.array(draw(st.lists(floats, min_size=n, max_size=n))) * 2.0 - 1.0
    lengths = 0.6 + np.array(draw(st.lists(floats, min_size=n, max_size=n))) * 3.0
    heading = np.cumsum(turns * sharp)
    x, y = np.cumsum(lengths * np.cos(heading)) + 20.3, np.cumsum(lengths * np.sin(heading)) + 5.7
    on = draw(st.lists(st.booleans(), min_size=n, max_size=n)) if draw(st.booleans()) else True
    flow = np.array(draw(st.lists(floats, min_size=n, max_size=n))) * 5.0
    return table(list(zip(x.tolist(), y.tolist(), strict=True)), on=on, flow_lpm=flow, swath_m=6.0)


def covered(*tables: FixTable) -> Coverage:
    return compute("f", tables, PLOTS, PARAMETERS).coverage


@settings(max_examples=120, deadline=None)
@given(track=tracks())
def test_areas_are_ordered_and_add_up(track: FixTable) -> None:
    result = covered(track)
    for figures in result.plots:
        assert figures.net_m2 <= figures.gross_m2 + TINY_M2
        assert figures.net_m2 + figures.missed_m2 == pytest.approx(figures.area_m2)
        assert -TINY_M2 <= figures.overlap3_m2 <= figures.overlap_m2 + TINY_M2
        assert figures.overlap_m2 <= figures.net_m2 + TINY_M2
        assert figures.missed_m2 >= -TINY_M2
        assert figures.net_m2 + figures.overlap_m2 + figures.overlap3_m2 <= figures.gross_m2 + TINY_M2
    assert result.net_m2 == pytest.approx(result.plots_net_m2 + result.off_target_m2, abs=TINY_M2)
    assert result.net_m2 <= result.gross_m2 + TINY_M2


@settings(max_examples=60, deadline=None)
@given(track=tracks())
def test_volume_inside_and_outside_is_all_of_it(track: FixTable) -> None:
    result = covered(track)
    inside = sum(p.volume_l for p in result.plots)
    assert inside + result.off_target_volume_l == pytest.approx(result.volume_l, abs=1e-9)
    expected = float((track.flow_lpm[:-1] * track.on[:-1]).sum()) * 0.2 / 60.0
    assert result.volume_l == pytest.approx(expected, abs=1e-9)
    assert -1e-6 <= result.off_target_volume_l <= result.volume_l + 1e-9


@settings(max_examples=60, deadline=None)
@given(track=tracks(), seed=st.integers(0, 1000))
def test_order_and_duplicates_do_not_matter(track: FixTable, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = np.concatenate([np.arange(len(track)), rng.integers(0, len(track), 5)])
    mixed = covered(track.take(rng.permutation(rows)))
    plain = covered(track)
    assert repr(mixed.plots) == repr(plain.plots)
    assert mixed.input_hash == plain.input_hash
    assert (mixed.net_m2, mixed.gross_m2, mixed.volume_l) == (plain.net_m2, plain.gross_m2, plain.volume_l)


@settings(max_examples=60, deadline=None)
@given(track=tracks(), share=st.floats(0.1, 0.9))
def test_adding_fixes_never_lowers_net(track: FixTable, share: float) -> None:
    fewer, more = covered(track.take(slice(0, max(2, int(share * len(track)))))), covered(track)
    assert more.net_m2 >= fewer.net_m2 - TINY_M2
    after = {p.plot: p.net_m2 for p in more.plots}
    assert all(after[p.plot] >= p.net_m2 - TINY_M2 for p in fewer.plots if p.net_m2 > TINY_M2)


@settings(max_examples=40, deadline=None)
@given(first=tracks(), second=tracks())
def test_tables_add_up_and_their_order_does_not_matter(first: FixTable, second: FixTable) -> None:
    both, other = covered(first, second), covered(second, first)
    alone = [covered(first), covered(second)]
    assert both.gross_m2 == pytest.approx(sum(r.gross_m2 for r in alone), abs=TINY_M2)
    assert max(r.net_m2 for r in alone) - TINY_M2 <= both.net_m2 <= sum(r.net_m2 for r in alone) + TINY_M2
    assert both.net_m2 == pytest.approx(other.net_m2, abs=TINY_M2)
    assert both.input_hash == other.input_hash


@settings(max_examples=60, deadline=None)
@given(track=tracks())
def test_layers_agree_with_counting_points(track: FixTable) -> None:
    """Each of 3,000 points: how many ribbons hold it, against whether the layers do."""
    ribbons = np.array(compute("f", [track], [], PARAMETERS).shapes.swaths, np.object_)
    assert shapely.is_valid(ribbons).all()
    if len(ribbons) == 0:
        return
    rng = np.random.default_rng(0)
    west, south, east, north = shapely.total_bounds(ribbons)
    points = np.array(shapely.points(rng.uniform(west, east, 3000), rng.uniform(south, north, 3000)))
    tree = shapely.STRtree(ribbons)
    hits = np.bincount(tree.query(points, predicate="intersects")[0], minlength=len(points))
    found = layers(ribbons)
    for pieces, least in ((found.twice, 2), (found.thrice, 3)):
        ground = shapely.union_all(pieces)
        shapely.prepare(ground)
        wrong = (shapely.contains_xy(ground, shapely.get_x(points), shapely.get_y(points)) != (hits >= least)).sum()
        assert wrong <= 1, "a point on an edge, at most"


@settings(max_examples=60, deadline=None)
@given(track=tracks())
def test_ribbons_hold_the_sweep(track: FixTable) -> None:
    """The bar at the middle of every treated step lies on treated ground: no turn leaves a hole."""
    result = compute("f", [track], [], PARAMETERS)
    ground = shapely.union_all(result.shapes.swaths).buffer(1e-6)
    x, y = result.shapes.plane.xy(track.lon_deg, track.lat_deg)
    dx, dy = np.diff(x), np.diff(y)
    length = np.hypot(dx, dy)
    middle = np.column_stack([(x[1:] + x[:-1]) / 2.0, (y[1:] + y[:-1]) / 2.0])
    across = np.column_stack([dy, -dx]) / length[:, None]
    for lateral_m in (-2.9, 0.0, 2.9):
        points = np.array(shapely.points(middle + lateral_m * across))[track.on[:-1]]
        assert shapely.covers(ground, points).all()
