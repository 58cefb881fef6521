"""The slow error: its size, its memory, one for each flight."""

from __future__ import annotations

import numpy as np

from geo.trust.draws import Paths
from geo.trust.sections import Knots


def knots(ts_s: np.ndarray, flight: np.ndarray) -> Knots:
    never = np.zeros(len(ts_s), np.bool_)
    return Knots(ts_s, flight, np.ones(len(ts_s)), never, never)


def drawn(places: Knots, draws: int = 4000) -> np.ndarray:
    paths = Paths.over(places, 60.0)
    rng = np.random.default_rng(5)
    return np.array([paths.drawn(rng)[:, 0] for _ in range(draws)])


def test_the_error_has_unit_size_everywhere_and_forgets_in_a_minute() -> None:
    ts = np.concatenate([np.arange(0.0, 60.0, 7.0), [120.0, 121.0, 2500.0, 2560.0]])
    found = drawn(knots(ts, np.zeros(len(ts), np.int64)))
    assert np.allclose(found.std(axis=0), 1.0, atol=0.05)
    assert abs(np.corrcoef(found[:, -1], found[:, -2])[0, 1] - np.exp(-1.0)) < 0.05
    assert abs(np.corrcoef(found[:, -3], found[:, -4])[0, 1] - np.exp(-1.0 / 60.0)) < 0.01


def test_flights_at_the_same_time_have_errors_of_their_own_and_the_order_does_not_matter() -> None:
    found = drawn(knots(np.array([1.0, 1.0, 0.0, 0.0]), np.array([0, 1, 0, 1])))
    assert abs(np.corrcoef(found[:, 0], found[:, 1])[0, 1]) < 0.05
    assert np.corrcoef(found[:, 0], found[:, 2])[0, 1] > 0.9
