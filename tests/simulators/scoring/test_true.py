"""What the truth's geometry is worth: known shapes, identities, and a check that counts points in quadrilaterals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import box

from core.model.enums import Operation
from core.model.fixtable import Floats
from core.model.traffic import Truth
from simulators.scoring.figures import JobFigures, JobKey
from simulators.scoring.true import true_figures
from tests.simulators.scoring.ground import COOPERATIVE, Ends, plot, poured, straight, truth, worked_lines

FIELD = plot(box(0.0, 0.0, 200.0, 42.0))


def figures(of: Truth, *plots: object) -> JobFigures:
    (only,) = true_figures(of, list(plots) or [FIELD]).values()  # type: ignore[arg-type]
    return only


def test_a_rectangle_flown_edge_to_edge_has_its_exact_area() -> None:
    job = figures(truth(*worked_lines(6, 200.0, 7.0)))
    (field,) = job.plots
    assert field.net_m2 == pytest.approx(8_400.0, rel=2e-6)
    assert field.gross_m2 == pytest.approx(8_400.0, rel=2e-6)
    assert field.missed_m2 < 0.02
    assert field.overlap_m2 < 0.02
    assert job.off_target_m2 < 0.02
    assert field.volume_l == pytest.approx(16.8, rel=2e-6)
    assert field.dose_lpha == pytest.approx(20.0, rel=1e-5)


def test_strips_that_lie_on_each_other_count_once_twice_and_three_times() -> None:
    strips = [straight(0.0, 200.0, y, 10.0) for y in (10.0, 14.0, 18.0)]
    (field,) = figures(truth(strips)).plots
    assert field.gross_m2 == pytest.approx(6_000.0, rel=1e-5)
    assert field.net_m2 == pytest.approx(18.0 * 200.0, rel=1e-5)
    assert field.overlap_m2 == pytest.approx(10.0 * 200.0, rel=1e-5), "from 9 to 19, less nothing"
    assert field.overlap3_m2 == pytest.approx(2.0 * 200.0, rel=1e-5), "from 13 to 15"


def test_what_falls_beside_the_plot_is_off_target() -> None:
    strip = straight(-50.0, 250.0, 0.0, 7.0)
    job = figures(truth([strip], [poured(strip, 30.0)]))
    (field,) = job.plots
    assert field.net_m2 == pytest.approx(700.0, rel=1e-4)
    assert job.off_target_m2 == pytest.approx(2_100.0 - 700.0, rel=1e-4)
    assert field.volume_l == pytest.approx(10.0, rel=1e-4)
    assert job.off_target_volume_l == pytest.approx(20.0, rel=1e-4)
    assert job.volume_l == pytest.approx(30.0, rel=1e-12)


def test_without_any_plot_everything_is_off_target() -> None:
    strip = straight(0.0, 100.0, 0.0, 7.0)
    (job,) = true_figures(truth([strip], [poured(strip, 3.0)]), []).values()
    assert job.plots == ()
    assert job.off_target_m2 == pytest.approx(700.0, rel=1e-5)
    assert job.off_target_volume_l == pytest.approx(3.0)


def test_plots_that_overlap_do_not_make_more_of_what_was_let_go() -> None:
    strip = straight(0.0, 100.0, 10.0, 8.0)
    halves = [plot(box(0.0, 0.0, 60.0, 20.0), "a"), plot(box(40.0, 0.0, 100.0, 20.0), "b")]
    job = figures(truth([strip], [poured(strip, 8.0)]), *halves)
    assert [p.net_m2 for p in job.plots] == pytest.approx([480.0, 480.0], rel=1e-5)
    assert job.net_m2 == pytest.approx(800.0, rel=1e-5)
    assert job.off_target_volume_l == pytest.approx(0.0, abs=1e-4)


def test_a_boom_that_spins_on_the_spot_treats_a_circle() -> None:
    turns = np.radians(np.arange(0.0, 180.1, 5.0))
    arm = 4.0 * np.column_stack([np.cos(turns), np.sin(turns)])
    centre = np.array([50.0, 20.0])
    spin = (centre - arm, centre + arm)
    (field,) = figures(truth([spin], [poured(spin, 2.0)])).plots
    polygon = 72 / 2 * 4.0**2 * np.sin(np.radians(5.0))
    assert field.net_m2 == pytest.approx(polygon, rel=1e-4)
    assert field.gross_m2 == pytest.approx(polygon, rel=1e-4), "half a turn, both arms: every spot once"
    assert field.overlap_m2 == pytest.approx(0.0, abs=0.02)
    assert field.volume_l == pytest.approx(2.0, rel=1e-4)


def test_a_strip_that_crosses_itself_overlaps_itself() -> None:
    turns = np.radians(np.arange(0.0, 360.1, 3.0))
    along = np.arange(0.0, 40.1, 1.0)
    there = np.column_stack([along, np.full(len(along), 20.0)])
    circle = np.array([40.0, 32.0]) + 12.0 * np.column_stack([np.sin(turns), -np.cos(turns)])
    path = np.concatenate([there, circle[1:], there[1:] + np.array([40.0, 0.0])])
    step = np.gradient(path, axis=0)
    normal = np.column_stack([-step[:, 1], step[:, 0]]) / np.hypot(step[:, 0], step[:, 1])[:, None]
    (field,) = figures(truth([(path + 2.0 * normal, path - 2.0 * normal)]), plot(box(-10.0, 0.0, 100.0, 60.0))).plots
    assert field.gross_m2 == pytest.approx(4.0 * (80.0 + 2.0 * np.pi * 12.0), rel=2e-3)
    assert 30.0 < field.overlap_m2 < 60.0, "the crossing where the circle meets the line on a slant"
    assert field.net_m2 == pytest.approx(field.gross_m2 - field.overlap_m2 - field.overlap3_m2, abs=1.0)


def test_what_is_let_go_while_hovering_is_counted_by_its_place() -> None:
    still = (np.array([[50.0, 24.0]] * 3), np.array([[50.0, 16.0]] * 3))
    away = (np.array([[50.0, 104.0]] * 3), np.array([[50.0, 96.0]] * 3))
    job = figures(truth([still, away], [np.array([1.0, 2.0, 0.0]), np.array([0.5, 0.0, 0.0])]))
    (field,) = job.plots
    assert field.net_m2 == 0.0
    assert field.volume_l == pytest.approx(3.0)
    assert job.off_target_volume_l == pytest.approx(0.5)


def test_seed_and_fertiliser_are_kilograms() -> None:
    strips, amounts = worked_lines(6, 200.0, 7.0, dose_lpha=120.0)
    (field,) = figures(truth(strips, amounts, op=Operation.SOW)).plots
    assert np.isnan(field.volume_l)
    assert field.dose_kgpha == pytest.approx(120.0, rel=1e-5)


def test_jobs_count_apart_and_those_without_a_name_by_day_and_operation() -> None:
    strips = [straight(0.0, 100.0, 10.0, 7.0), straight(0.0, 100.0, 10.0, 7.0), straight(0.0, 100.0, 10.0, 7.0)]
    found = true_figures(truth(strips, job=["a", "", "a"]), [FIELD])
    assert set(found) == {JobKey(COOPERATIVE, "a"), JobKey(COOPERATIVE, "2026-01-01-spray")}
    assert found[JobKey(COOPERATIVE, "a")].plots[0].overlap_m2 == pytest.approx(700.0, rel=1e-4)
    assert found[JobKey(COOPERATIVE, "2026-01-01-spray")].plots[0].overlap_m2 == 0.0


def test_another_cooperatives_plots_are_not_ones_own() -> None:
    strip = straight(0.0, 100.0, 10.0, 7.0)
    job = figures(truth([strip]), plot(box(0.0, 0.0, 200.0, 42.0), cooperative="other"))
    assert job.plots == ()
    assert job.off_target_m2 == pytest.approx(700.0, rel=1e-5)


def test_a_truth_of_nothing_is_nothing() -> None:
    assert true_figures(truth([]), [FIELD]) == {}
    point = (np.array([[1.0, 1.0]]), np.array([[1.0, 3.0]]))
    assert figures(truth([point])).net_m2 == 0.0


walks = st.integers(0, 2**32 - 1)


def wander(seed: int) -> list[Ends]:
    """Booms that wander, turn on the spot, fly backwards and hover, over and beside the field."""
    rng = np.random.default_rng(seed)
    strips: list[Ends] = []
    for _ in range(int(rng.integers(1, 5))):
        n = int(rng.integers(2, 25))
        heading = np.cumsum(rng.normal(0.0, rng.choice([0.05, 0.5, 1.5]), n)) + rng.uniform(0.0, 6.3)
        pace = rng.choice([0.0, 1.0, 4.0, -2.0], n)
        path = np.cumsum(np.column_stack([pace * np.cos(heading), pace * np.sin(heading)]), axis=0)
        path += rng.uniform([20.0, 5.0], [180.0, 40.0])
        arm = 3.5 * np.column_stack([-np.sin(heading), np.cos(heading)])
        strips.append((path + arm, path - arm))
    return strips


@settings(max_examples=40, deadline=None)
@given(walks)
def test_identities_hold_whatever_the_boom_does(seed: int) -> None:
    strips = wander(seed)
    litres = [np.append(np.random.default_rng(seed).uniform(0.0, 1.0, len(s[0]) - 1), 0.0) for s in strips]
    halves = [plot(box(0.0, 0.0, 100.0, 42.0), "west"), plot(box(100.0, 0.0, 200.0, 42.0), "east")]
    job = figures(truth(strips, litres), *halves)
    for field in job.plots:
        assert 0.0 <= field.overlap3_m2 <= field.overlap_m2 + 1e-6
        assert field.overlap_m2 <= field.net_m2 + 1e-6
        assert field.net_m2 + field.overlap_m2 + field.overlap3_m2 <= field.gross_m2 + 1e-3
        assert field.net_m2 + field.missed_m2 == pytest.approx(field.area_m2, rel=1e-12)
    assert sum(p.net_m2 for p in job.plots) + job.off_target_m2 == pytest.approx(job.net_m2, abs=1e-6)
    assert sum(p.volume_l for p in job.plots) + job.off_target_volume_l == pytest.approx(job.volume_l, abs=1e-9)
    assert job.volume_l == pytest.approx(sum(float(x.sum()) for x in litres), rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(walks)
def test_counting_points_in_quadrilaterals_gives_the_same_areas(seed: int) -> None:
    strips = wander(seed)
    whole = plot(box(0.0, -60.0, 200.0, 100.0))
    job = figures(truth(strips), whole)
    step = 0.4
    x, y = np.arange(step / 2, 200.0, step), np.arange(-60.0 + step / 2, 100.0, step)
    times = sum(swept_times(x, y, strip) for strip in strips)
    counted = [float(np.count_nonzero(times >= k)) * step**2 for k in (1, 2, 3)]
    gross = float(np.sum(times)) * step**2
    (field,) = job.plots or (None,)
    told = [0.0] * 4 if field is None else [field.net_m2, field.overlap_m2, field.overlap3_m2, field.gross_m2]
    assert told == pytest.approx([*counted, gross], rel=0.05, abs=6.0)


def swept_times(x: Floats, y: Floats, strip: Ends) -> Floats:
    """In how many of a strip's quadrilaterals each point of a grid lies, by the parity of the sides to its right."""
    times = np.zeros((len(y), len(x)))
    left, right = strip
    for k in range(len(left) - 1):
        corners = np.array([left[k], left[k + 1], right[k + 1], right[k]])
        (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
        columns, rows = slice(*np.searchsorted(x, [west, east])), slice(*np.searchsorted(y, [south, north]))
        east_of, north_of = x[None, columns], y[rows, None]
        inside = np.zeros((len(y[rows]), len(x[columns])), np.bool_)
        for (ax, ay), (bx, by) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            if ay != by:
                crossed = (ay > north_of) != (by > north_of)
                inside ^= crossed & (east_of < (bx - ax) * (north_of - ay) / (by - ay) + ax)
        times[rows, columns] += inside
    return times
