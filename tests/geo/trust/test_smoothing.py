"""White noise goes where the track is straight, and corners stay."""

from __future__ import annotations

import numpy as np

from geo.trust.smoothing import smoothed

SPANS_S = (0.6, 1.0, 5.0)
NOISE_M = 0.01


def test_a_straight_track_loses_most_of_its_noise_and_a_corner_keeps_its_place() -> None:
    rng = np.random.default_rng(1)
    ts = np.linspace(0.0, 39.8, 200)
    north = np.column_stack([np.zeros(100), np.arange(100) * 1.2])
    true = np.vstack([north, north[-1] + np.column_stack([1.2 * np.arange(1, 101), np.zeros(100)])])
    found = smoothed(ts, true + NOISE_M * rng.standard_normal(true.shape), np.zeros(200, np.int64), SPANS_S)
    straight = np.r_[20:80]
    assert np.std(found[straight, 0]) < 0.4 * NOISE_M
    assert np.abs(found - true)[95:105].max() < 5.0 * NOISE_M


def test_without_spans_or_without_noise_nothing_moves() -> None:
    ts = np.linspace(0.0, 9.8, 50)
    true = np.column_stack([np.sin(ts), ts])
    chain = np.repeat([0, 1], 25)
    assert (smoothed(ts, true, chain, ()) == true).all()
    line = np.column_stack([2.0 * ts, ts])
    assert np.allclose(smoothed(ts, line, chain, SPANS_S), line, atol=1e-9)
