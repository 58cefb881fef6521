"""What a receiver's errors look like, mode by mode. Seeds are fixed; tolerances are four standard errors or more."""

from __future__ import annotations

import numpy as np
import pytest

from core.model.enums import FixQuality
from simulators.flying.receiver import HDOP, Reception, receive
from simulators.specs import Gnss

HOURS = 60
COUNT = HOURS * 3_600


def _got(spec: Gnss, count: int = COUNT, seed: int = 1) -> Reception:
    return receive(spec, count, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("mode", "slow_m", "white_m", "quality"),
    [
        ("rtk", 0.017, 0.010, FixQuality.RTK),
        ("float", 0.25, 0.02, FixQuality.FLOAT),
        ("dgps", 0.5, 0.03, FixQuality.DGPS),
        ("single", 1.0, 0.04, FixQuality.SINGLE),
    ],
)
def test_modes_have_their_errors(mode: str, slow_m: float, white_m: float, quality: FixQuality) -> None:
    got = _got(Gnss(mode=mode))  # type: ignore[arg-type]
    for axis in (got.east_m, got.north_m):
        assert axis.shape == (COUNT,)
        assert axis.std() == pytest.approx(slow_m, rel=0.07)
        assert abs(axis.mean()) < 4.0 * slow_m * np.sqrt(2.0 * 60.0 / COUNT)
    assert abs(np.corrcoef(got.east_m, got.north_m)[0, 1]) < 0.1
    assert got.white_m == white_m
    assert set(got.quality.tolist()) == {float(quality)}
    assert quality in HDOP
    assert not got.lost.any()
    assert not got.zero.any()


def test_without_a_fix_nothing_is_claimed() -> None:
    got = _got(Gnss(mode="none"), 600)
    assert set(got.quality.tolist()) == {float(FixQuality.NONE)}
    assert not np.concatenate([got.east_m, got.north_m, [got.white_m]]).any()


def test_a_table_may_say_other_errors() -> None:
    got = _got(Gnss(mode="rtk", slow_sd_m=0.3, white_sd_m=0.2))
    assert got.east_m.std() == pytest.approx(0.3, rel=0.07)
    assert got.white_m == 0.2


@pytest.mark.parametrize("mode", ["rtk", "single"])
def test_no_error_told_no_error_made(mode: str) -> None:
    got = _got(Gnss(mode=mode, slow_sd_m=0.0, white_sd_m=0.0), 600)  # type: ignore[arg-type]
    assert not np.concatenate([got.east_m, got.north_m, [got.white_m]]).any()


def test_an_error_lasts_as_long_as_told() -> None:
    short, long = (_got(Gnss(mode="single", slow_tau_s=tau_s)).east_m for tau_s in (5.0, 120.0))
    assert np.diff(short).std() > 3.0 * np.diff(long).std()


def test_float_lowers_the_quality_only_where_it_is() -> None:
    got = _got(Gnss(slow_sd_m=0.0, white_sd_m=0.0, float_share=0.05))
    floating = got.quality == float(FixQuality.FLOAT)
    assert set(got.quality.tolist()) == {float(FixQuality.FLOAT), float(FixQuality.RTK)}
    assert floating.mean() == pytest.approx(0.05, abs=0.012)
    assert not got.east_m[~floating].any()
    assert not got.north_m[~floating].any()
    assert got.east_m[floating].std() == pytest.approx(0.25, rel=0.25)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], floating.astype(int), [0]])))
    lengths = edges[1::2] - edges[::2]
    assert np.median(lengths) == pytest.approx(27.5, abs=4.0)


def test_float_makes_no_worse_receiver_better() -> None:
    got = _got(Gnss(mode="single", float_share=0.2), 36_000)
    assert set(got.quality.tolist()) == {float(FixQuality.SINGLE)}


def test_jumps_are_as_large_as_told_and_end_again() -> None:
    got = _got(Gnss(slow_sd_m=0.0, white_sd_m=0.0, jumps_per_h=2.0, jump_m=5.0))
    away = np.hypot(got.east_m, got.north_m)
    jumped = away > 0.0
    starts = int((np.diff(jumped.astype(int), prepend=0) == 1).sum())
    assert starts == pytest.approx(2 * HOURS, abs=45)
    single = away[jumped]
    assert single.min() >= 2.5
    assert np.median(single) == pytest.approx(5.0, abs=1.0)
    assert (single <= 7.5).mean() > 0.97, "two at once may add up"
    assert jumped.mean() == pytest.approx(2.0 * 14.5 / 3_600.0, rel=0.4)
    turned = np.arctan2(got.east_m[jumped], got.north_m[jumped])
    assert np.histogram(turned, 4)[0].min() > 0, "to every side"
    assert set(got.quality.tolist()) == {float(FixQuality.RTK)}, "a jump is not told"


def test_lost_seconds_and_null_islands_are_marked() -> None:
    got = _got(Gnss(no_fix_per_h=6.0, no_fix_s=10.0, null_islands_per_h=3.0))
    assert got.lost.mean() == pytest.approx(6.0 * 10.0 / 3_600.0, rel=0.3)
    assert 0 < got.zero.sum() <= 2 * 3 * HOURS * 1.4
    starts = int((np.diff(got.zero.astype(int), prepend=0) == 1).sum())
    assert starts == pytest.approx(3 * HOURS, abs=55)
    assert set(got.quality.tolist()) == {float(FixQuality.RTK)}, "the fix itself says what was lost"


def test_same_source_of_chance_same_reception() -> None:
    spec = Gnss(float_share=0.1, jumps_per_h=3.0, no_fix_per_h=3.0, null_islands_per_h=3.0)
    one, same, other = (_got(spec, 7_200, seed) for seed in (5, 5, 6))
    for name in ("east_m", "north_m", "quality", "lost", "zero"):
        assert (getattr(one, name) == getattr(same, name)).all()
    assert (one.east_m != other.east_m).any()


@pytest.mark.parametrize("count", [1, 2, 30])
def test_the_shortest_sorties(count: int) -> None:
    spec = Gnss(float_share=1.0, jumps_per_h=2_000.0, no_fix_per_h=2_000.0, null_islands_per_h=2_000.0)
    for seed in range(30):
        assert len(_got(spec, count, seed).east_m) == count
