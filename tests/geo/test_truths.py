"""What is known without computing, and what GEOS finds by itself: the whole way from fixes to figures against it."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon, affinity, box

from bench.thin_fields import day
from core.model.coverage import Coverage
from core.model.fixtable import FixTable, Floats
from core.model.land import Plot
from geo.coverage import Parameters, compute
from geo.overlay import polygonal
from tests.geo.tracks import PLANE, plot, table

SWATH_M: Final = 7.0
OFF_CENTRE: Final = (20.0, 30.0)
"""PROJ answers for the very centre of a plane by another way, a millimetre from that of all other places."""
EXACT: Final = Parameters(simplify_m=0.0)
NOISES: Final = {"rtk": (0.017, 0.01), "single": (1.0, 0.04)}
"""Of each receiver: standard deviation of the error that wanders for a minute, and of the white one, m."""


@settings(max_examples=25, deadline=None)
@given(
    degrees=st.floats(0.0, 360.0),
    length_m=st.floats(5.0, 400.0),
    lines=st.integers(1, 6),
    overlap_m=st.floats(0.0, 3.0),
)
def test_straight_strips_to_a_millionth(degrees: float, length_m: float, lines: int, overlap_m: float) -> None:
    """Lines beside each other, in any direction, some lying on each other in part."""
    turn, apart_m = math.radians(degrees), SWATH_M - overlap_m
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    along = np.linspace(0.0, length_m, 2 + int(length_m))
    rows = [np.column_stack([along, np.full(len(along), k * apart_m)]) @ spin + OFF_CENTRE for k in range(lines)]
    tables = [table(row.tolist(), swath_m=SWATH_M) for row in rows]
    ground: Any = affinity.rotate(box(-10.0, -30.0, length_m + 10.0, 80.0), degrees, origin=(0.0, 0.0))
    ground = affinity.translate(ground, *OFF_CENTRE)
    (found,) = compute("f", tables, [plot(ground)], plane=PLANE).coverage.plots
    assert found.gross_m2 == pytest.approx(lines * SWATH_M * length_m, rel=1e-6)
    assert found.net_m2 == pytest.approx((SWATH_M + (lines - 1) * apart_m) * length_m, rel=1e-6)
    assert found.overlap_m2 == pytest.approx((lines - 1) * overlap_m * length_m, rel=1e-6, abs=1e-4)


@pytest.mark.parametrize("parameters", [EXACT, Parameters()], ids=["every-fix", "simplified"])
@pytest.mark.parametrize("radius_m", [10.0, 17.0, 40.0, 150.0])
def test_arcs_to_half_a_thousandth(radius_m: float, parameters: Parameters) -> None:
    """Three quarters of a ring, flown at 3 m/s and 5 Hz."""
    turn = np.arange(0.0, 1.5 * math.pi, 0.6 / radius_m)
    track = np.column_stack([radius_m * np.cos(turn), radius_m * np.sin(turn)])
    (found,) = compute("f", [table(track.tolist(), swath_m=SWATH_M)], [plot(box(-200, -200, 200, 200))], parameters,
                       plane=PLANE).coverage.plots  # fmt: skip
    area_m2 = float(turn[-1]) * radius_m * SWATH_M
    assert found.net_m2 == pytest.approx(area_m2, rel=5e-4)
    assert found.gross_m2 == pytest.approx(area_m2, rel=5e-4)
    assert found.overlap_m2 == pytest.approx(0.0, abs=5e-4 * area_m2)


def _errors_m(rng: np.random.Generator, n: int, noise: tuple[float, float]) -> Floats:
    """A receiver's error of ``n`` fixes at 5 Hz, shape (n, 2): a Gauss-Markov path of a minute, and white noise."""
    slow_m, white_m = noise
    keep = math.exp(-0.2 / 60.0)
    path = np.empty((n, 2))
    path[0] = slow_m * rng.standard_normal(2)
    for k, step in enumerate(slow_m * math.sqrt(1.0 - keep**2) * rng.standard_normal((n - 1, 2))):
        path[k + 1] = keep * path[k] + step
    return path + white_m * rng.standard_normal((n, 2))


def _flown(rng: np.random.Generator, centre: tuple[float, float], noise: tuple[float, float]) -> tuple[FixTable, Plot]:
    """A plot of four or five corners with a hole now and then, and six lines over it, flown back and forth."""
    corners = np.sort(rng.uniform(0.0, 2.0 * math.pi, rng.integers(4, 6)))
    reach = rng.uniform(12.0, 35.0, len(corners))[:, None]
    shell = np.column_stack([np.cos(corners), np.sin(corners)]) * reach + centre
    ground: Any = shapely.Polygon(shell).buffer(0.5)
    if rng.random() < 0.2:
        ground = ground.difference(shapely.Point(centre).buffer(3.0))
    along = np.arange(-30.0, 30.0, 1.2)
    rows = [np.column_stack([along[:: (-1) ** k], np.full(len(along), (k - 2.5) * SWATH_M)]) for k in range(6)]
    turn = rng.uniform(0.0, 2.0 * math.pi)
    spin = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    track = np.concatenate(rows) @ spin + centre + _errors_m(rng, 6 * len(along), noise)
    on = np.tile(np.append(np.ones(len(along) - 1, np.bool_), False), 6)
    flow = 2.5 + 0.3 * rng.standard_normal(len(track))
    name = f"{centre}"
    return table(track.tolist(), on=on, swath_m=SWATH_M, flow_lpm=flow, device=name), plot(polygonal(ground), name)


@pytest.mark.parametrize("receiver", NOISES)
def test_every_fix_counted_is_the_union_that_geos_finds(receiver: str) -> None:
    """300 random plots: net to 1e-6 m² of GEOS's union in full precision, and volumes that balance to 1e-6 l."""
    rng = np.random.default_rng(7)
    places = [(90.0 * (k % 20), 90.0 * (k // 20)) for k in range(300)]
    tables, plots = zip(*(_flown(rng, place, NOISES[receiver]) for place in places), strict=True)
    result = compute("day", tables, plots, EXACT, plane=PLANE)
    figures = {it.plot: it for it in result.coverage.plots}
    quads: Any = shapely.polygons(result.pieces.corners.reshape(-1, 4, 2))
    tree = shapely.STRtree(quads)
    off = []
    for it in plots:
        ground = PLANE.to_plane(it.boundary)
        near = quads[tree.query(ground, predicate="intersects")]
        net_m2 = shapely.union_all(near).intersection(ground).area
        off.append(figures[it.plot].net_m2 - net_m2)
    assert len(off) == 300
    assert np.abs(off).max() < 1e-6
    _balances(result.coverage)


def _balances(found: Coverage) -> None:
    on_plots = sum(it.volume_l for it in found.plots)
    assert on_plots + found.off_target_volume_l == pytest.approx(found.volume_l, abs=1e-6)


@cache
def _both(receiver: str) -> tuple[Coverage, Coverage]:
    """A simulated day of 60 plots, simplified and with every fix."""
    tables, plots = day(receiver, 60)
    return compute("day", tables, plots).coverage, compute("day", tables, plots, EXACT).coverage


@pytest.mark.parametrize(
    ("receiver", "total_pct", "rms_pct", "worst_pct"), [("rtk", 0.02, 0.04, 0.25), ("single", 0.06, 0.08, 0.3)]
)
def test_simplified_areas_are_near_those_of_every_fix(
    receiver: str, total_pct: float, rms_pct: float, worst_pct: float
) -> None:
    ours, exact = _both(receiver)
    areas = np.array([it.area_m2 for it in ours.plots])
    nets = {it.plot: it.net_m2 for it in exact.plots}
    off = np.array([it.net_m2 - nets[it.plot] for it in ours.plots])
    errors = 100.0 * off / areas
    assert len(errors) == len(exact.plots) >= 55
    assert abs(100.0 * off.sum() / areas.sum()) <= total_pct
    assert np.sqrt((errors**2).mean()) <= rms_pct
    assert np.abs(errors).max() <= worst_pct
    _balances(ours)


@pytest.mark.parametrize(("receiver", "cv"), [("rtk", 0.01), ("single", 0.03)])
def test_simplified_doses_are_near_those_of_every_fix(receiver: str, cv: float) -> None:
    """A single receiver's white noise makes edges ragged, and so the dose uneven, until it is smoothed away."""
    ours, exact = _both(receiver)
    every = {it.plot: it for it in exact.plots}
    for it in ours.plots:
        other = every[it.plot]
        assert it.volume_l / it.net_m2 == pytest.approx(other.volume_l / other.net_m2, rel=6e-3)
        assert it.dose_cv == pytest.approx(other.dose_cv, abs=cv)
    assert max(it.dose_cv for it in ours.plots) > 0.1, "a day on which the dose hardly varies shows nothing"


def test_the_dose_varies_by_every_fix_on_a_line_that_became_one_piece() -> None:
    """One straight line, whose flow is one or three litres a minute by turns: the CV is a half."""
    flow = np.tile([1.0, 3.0], 41)[:81]
    along = np.column_stack([np.linspace(0.0, 80.0, 81), np.zeros(81)])
    result = compute("f", [table(along.tolist(), swath_m=SWATH_M, flow_lpm=flow)], [plot(box(0, -4, 80, 4))],
                     plane=PLANE)  # fmt: skip
    assert len(result.pieces) == 1
    (found,) = result.coverage.plots
    assert found.dose_cv == pytest.approx(0.5, abs=0.001)


def test_two_such_lines_on_each_other_vary_less() -> None:
    """Doses of two passes add up, their variances too, where they do not know of each other: half of each mean's."""
    flow = np.tile([1.0, 3.0], 41)[:81]
    along = np.column_stack([np.linspace(0.0, 80.0, 81), np.zeros(81)])
    both = [table(along.tolist(), swath_m=SWATH_M, flow_lpm=flow, device=name) for name in ("a", "b")]
    (found,) = compute("f", both, [plot(Polygon([(0, -4), (80, -4), (80, 4), (0, 4)]))], plane=PLANE).coverage.plots
    assert found.dose_cv == pytest.approx(0.5 / math.sqrt(2.0), abs=0.001)


def test_the_dose_varies_by_the_litres_where_any_came_down() -> None:
    """Litres evenly on the first plot, none on the second; kilograms three to one over the halves of both."""
    track = np.column_stack([np.linspace(1.0, 81.0, 161), np.full(161, 50.0)])
    first = track[:, 0] < 41.0
    fixes = table(
        track.tolist(),
        swath_m=SWATH_M,
        flow_lpm=np.where(first, 6.0, 0.0),
        rate_kgpm=np.where((track[:, 0] - 1.0) % 40.0 < 20.0, 9.0, 3.0),
    )
    plots = [plot(box(1, 0, 41, 100), "wet"), plot(box(41, 0, 81, 100), "dry")]
    wet, dry = sorted(compute("f", [fixes], plots).coverage.plots, key=lambda it: it.plot, reverse=True)
    assert wet.dose_cv == pytest.approx(0.0, abs=0.01)
    assert dry.volume_l == pytest.approx(0.0, abs=1e-6)
    assert dry.mass_kg == pytest.approx(wet.mass_kg, rel=1e-6)
    assert wet.volume_l > 0.5
