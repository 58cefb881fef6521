"""White noise of receivers without corrections neither lengthens strips nor turns them; turns and ends stay."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.model.enums import FixQuality
from core.model.fixtable import Floats
from geo.coverage import Parameters, compute
from geo.passes import Steps
from geo.smoothing import smoothed
from tests.geo.tracks import line, table

NOISE_M = 0.04


def steps_of(x: Floats, y: Floats, run: list[int] | None = None) -> Steps:
    n = len(x) - 1
    runs = np.array(run if run is not None else [1] * n, np.int64)
    nothing = np.zeros(n)
    return Steps(np.arange(n), x[:-1], y[:-1], x[1:], y[1:], nothing + 0.2, np.zeros(n, np.bool_), runs, nothing)


def test_noise_shrinks_and_steps_stay_joined() -> None:
    rng = np.random.default_rng(3)
    along, noise = np.arange(0.0, 2_400.0, 1.2), rng.normal(0.0, NOISE_M, 2_000)
    found = smoothed(steps_of(along, noise))
    assert float(found.y0[2:-2].std()) < 0.5 * NOISE_M
    np.testing.assert_array_equal(found.x1[:-1], found.x0[1:])
    np.testing.assert_array_equal(found.y1[:-1], found.y0[1:])


def test_a_straight_line_and_the_ends_of_passes_stay() -> None:
    along = np.cumsum(np.full(12, 1.2))
    noise = np.random.default_rng(4).normal(0.0, NOISE_M, 12)
    still = smoothed(steps_of(along, 0.5 * along))
    np.testing.assert_allclose(still.y0, 0.5 * along[:-1], atol=1e-12)
    parted = steps_of(along, noise, [1] * 5 + [2] * 6)
    found = smoothed(parted)
    ends = [0, 5]
    np.testing.assert_array_equal(found.y0[ends], parted.y0[ends])
    np.testing.assert_array_equal(found.y1[[4, 10]], parted.y1[[4, 10]])


def test_passes_do_not_smooth_each_other() -> None:
    along = np.arange(12.0)
    noise = np.random.default_rng(4).normal(0.0, NOISE_M, 12)
    both = smoothed(steps_of(along, noise, [1] * 5 + [2] * 6))
    alone = smoothed(steps_of(along[:6], noise[:6]))
    np.testing.assert_array_equal(both.y0[:5], alone.y0)


def test_corners_are_not_rounded() -> None:
    x = np.concatenate([np.arange(0.0, 12.0, 2.0), np.full(5, 10.0)])
    y = np.concatenate([np.zeros(6), np.arange(2.0, 12.0, 2.0)])
    found = smoothed(steps_of(x, y))
    assert (found.x0[5], found.y0[5]) == (10.0, 0.0)


@pytest.mark.parametrize("quality", [FixQuality.SINGLE, FixQuality.DGPS])
def test_noise_does_not_lengthen_the_gross_area(quality: FixQuality) -> None:
    points = np.array(line((1.0, 0.0), (601.0, 0.0), 1_000))
    noisy = points + np.random.default_rng(6).normal(0.0, NOISE_M, points.shape)
    noisy[[0, -1]] = points[[0, -1]]
    fixes = table(noisy.tolist(), swath_m=7.0, quality=quality)
    gross = compute("f", [fixes], []).coverage.gross_m2
    rough = compute("f", [fixes], [], Parameters(simplify_m=0.0)).coverage.gross_m2
    assert gross == pytest.approx(4_200.0, rel=1e-3)
    assert rough > gross * 1.002


def test_it_can_be_left_out_and_is_where_every_position_counts() -> None:
    rng = np.random.default_rng(7)
    points = np.array(line((1.0, 0.0), (61.0, 0.0), 50)) + rng.normal(0.0, NOISE_M, (51, 2))
    fixes = table(points.tolist(), swath_m=7.0, quality=FixQuality.SINGLE)
    exact = Parameters(simplify_m=0.0)
    areas = [compute("f", [fixes], [], p).coverage.gross_m2 for p in (exact, replace(exact, smooth=False))]
    assert areas[0] == areas[1]
    chosen = [compute("f", [fixes], [], Parameters(smooth=s)).coverage.gross_m2 for s in (True, False)]
    assert chosen[0] != chosen[1]
