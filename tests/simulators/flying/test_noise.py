"""Slow errors, what follows them, and grids of seconds. Seeds are fixed, tolerances four standard errors or more."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.flying.noise import STEP_MS, Seconds, between, followed, gauss_markov, spans

INSTANTS = st.integers(0, 2_000_000_000_000)


def _rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


# --- Gauss–Markov


@pytest.mark.parametrize("tau_s", [6.0, 60.0])
def test_a_slow_error_has_its_spread_and_its_memory(tau_s: float) -> None:
    """200,000 s hold 1,667 independent minutes (a standard error of 2 %), more where the memory is shorter."""
    count = 200_000
    error = gauss_markov(count, 1.5, tau_s, _rng())
    assert error.shape == (count,)
    assert abs(error.mean()) < 4.0 * 1.5 * math.sqrt(2.0 * tau_s / count)
    assert error.std() == pytest.approx(1.5, rel=4.0 * math.sqrt(tau_s / count / 2.0))
    for lags in (0.5, 1.0, 2.0):
        lag = round(lags * tau_s)
        told = float((error[:-lag] * error[lag:]).mean()) / float((error**2).mean())
        assert told == pytest.approx(math.exp(-lags), abs=0.07)


def test_it_has_its_spread_from_the_first_second_on() -> None:
    rng = _rng(2)
    first = np.array([gauss_markov(3, 0.8, 60.0, rng) for _ in range(4_000)])
    assert first.std(axis=0) == pytest.approx(np.full(3, 0.8), rel=0.05)


def test_steps_are_those_of_the_memory() -> None:
    """Of two neighbours the second is the first, a little less, and noise: no more than that in a second."""
    error = gauss_markov(50_000, 1.0, 60.0, _rng(3))
    assert np.diff(error).std() == pytest.approx(math.sqrt(2.0 * (1.0 - math.exp(-1.0 / 60.0))), rel=0.02)


def test_same_seed_same_error() -> None:
    assert (gauss_markov(500, 1.0, 60.0, _rng(7)) == gauss_markov(500, 1.0, 60.0, _rng(7))).all()
    assert (gauss_markov(500, 1.0, 60.0, _rng(7)) != gauss_markov(500, 1.0, 60.0, _rng(8))).any()


def test_without_spread_there_is_no_error() -> None:
    assert gauss_markov(5, 0.0, 60.0, _rng()).tolist() == [0.0] * 5


# --- seconds


@given(INSTANTS, st.integers(0, 5_000), st.data())
def test_every_instant_lies_between_two_seconds(first_ms: int, lasting_ms: int, data: st.DataObject) -> None:
    seconds = Seconds.over(first_ms, first_ms + lasting_ms)
    grid = seconds.times_ms
    assert grid[0] % STEP_MS == 0
    assert first_ms - STEP_MS < grid[0] <= first_ms
    assert grid[-1] > first_ms + lasting_ms
    ts = np.array(data.draw(st.lists(st.integers(first_ms, first_ms + lasting_ms), min_size=1)), np.int64)
    before, share = seconds.weights(ts)
    assert ((share >= 0.0) & (share < 1.0)).all()
    assert (before >= 0).all()
    assert (before + 1 < seconds.count).all()
    assert (grid[before] + share * STEP_MS == ts).all()


def test_on_a_whole_second_its_own_value_counts() -> None:
    seconds = Seconds.over(10_000, 12_000)
    before, share = seconds.weights(np.array([10_000, 11_000, 12_000]))
    assert before.tolist() == [0, 1, 2]
    assert share.tolist() == [0.0, 0.0, 0.0]


def test_between_is_a_straight_line() -> None:
    seconds = Seconds.over(10_000, 13_000)
    values = np.array([1.0, 3.0, -1.0, 0.0, 9.0])
    ts = np.array([10_000, 10_250, 10_999, 11_000, 11_500, 12_750, 13_000])
    told = between(values[: seconds.count], *seconds.weights(ts))
    assert told == pytest.approx(np.interp(ts, seconds.times_ms, values))
    assert told[[0, 3, 6]].tolist() == [1.0, 3.0, 0.0]


@given(INSTANTS, st.integers(0, 7_000))
def test_inside_is_strictly_inside(first_ms: int, lasting_ms: int) -> None:
    last_ms = first_ms + lasting_ms
    found = Seconds.over(first_ms, last_ms).inside(first_ms, last_ms).tolist()
    assert found == [ms for ms in range(first_ms + 1, last_ms) if ms % STEP_MS == 0]


# --- followed


def test_a_controller_makes_up_for_a_step() -> None:
    step = np.array([0.0, *[2.0] * 12])
    left = 2.0 - followed(step, 0.65)
    assert left[0] == 2.0
    assert left[1:] == pytest.approx([2.0 * 0.35**k for k in range(1, 13)])


def test_it_begins_where_the_course_begins() -> None:
    assert followed(np.full(4, 3.3), 0.65).tolist() == [3.3] * 4


def test_it_lags_behind_a_ramp_by_a_constant() -> None:
    """With a gain g it hangs back by (1 − g) / g of a step."""
    ramp = np.arange(60.0)
    assert (ramp - followed(ramp, 0.65))[30:] == pytest.approx(np.full(30, 0.35 / 0.65))


# --- spans


def test_spans_lie_inside_and_are_as_many_and_as_long_as_told() -> None:
    count = 400 * 3_600
    found = spans(count, 3.0, 15.0, 40.0, _rng(4))
    assert len(found) == pytest.approx(1_200, abs=140)  # four standard deviations of Poisson
    lengths = np.array([part.stop - part.start for part in found])
    assert all(0 <= part.start < part.stop <= count for part in found)
    assert lengths.max() <= 40
    assert (lengths < 15).mean() < 0.01, "only one that the end cuts is shorter"
    assert lengths.mean() == pytest.approx(27.5, abs=1.0)
    assert found == sorted(found, key=lambda part: part.start)


@pytest.mark.parametrize("count", [1, 2, 40])
def test_a_short_grid_is_never_left(count: int) -> None:
    found = [part for seed in range(50) for part in spans(count, 3_600.0, 1.0, 90.0, _rng(seed))]
    assert found
    assert all(0 <= part.start < part.stop <= count for part in found)


def test_what_never_happens_draws_nothing() -> None:
    rng = _rng()
    assert spans(10_000, 0.0, 1.0, 2.0, rng) == []
    assert rng.random() == _rng().random()
