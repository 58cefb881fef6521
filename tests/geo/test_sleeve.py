"""Steps along straight lines become one, within the tolerance, and never across a turn or a way back."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.fixtable import Floats, Ints
from geo.sleeve import straight_runs

TOLERANCE_M = 0.05


def runs(x: Floats, y: Floats, tolerance_m: float = TOLERANCE_M) -> Ints:
    follows = np.ones(len(x) - 1, np.bool_)
    return straight_runs(x[:-1], y[:-1], x[1:], y[1:], np.hypot(np.diff(x), np.diff(y)), follows, tolerance_m)


def test_a_straight_line_is_one_run_whatever_its_steps() -> None:
    along = np.cumsum(np.random.default_rng(1).uniform(0.2, 2.0, 300))
    assert runs(along * 0.6, along * 0.8).tolist() == [0]


def test_noise_within_the_tolerance_does_not_part_a_line() -> None:
    rng = np.random.default_rng(2)
    along = np.arange(0.0, 600.0, 1.2)
    found = runs(along, rng.normal(0.0, 0.01, len(along)))
    assert len(found) < len(along) / 15


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.01, 0.5))
def test_no_point_lies_farther_from_its_chord_than_told(seed: int, tolerance_m: float) -> None:
    rng = np.random.default_rng(seed)
    heading = np.cumsum(rng.normal(0.0, 0.1, 80))
    x, y = np.cumsum(np.cos(heading)), np.cumsum(np.sin(heading))
    first = [*runs(x, y, tolerance_m).tolist(), len(x) - 1]
    for a, b in pairwise(first):
        dx, dy = x[b] - x[a], y[b] - y[a]
        beside = np.abs((x[a : b + 1] - x[a]) * dy - (y[a : b + 1] - y[a]) * dx) / math.hypot(dx, dy)
        assert beside.max() <= tolerance_m * (1.0 + 1e-9)


def test_a_way_out_and_back_is_two_runs() -> None:
    out = np.arange(0.0, 100.0, 1.0)
    x = np.concatenate([out, out[::-1]])
    found = runs(x, np.zeros(len(x)))
    assert found.tolist() == [0, len(out) - 1, len(out)] or found.tolist() == [0, len(out) - 1]


@pytest.mark.parametrize("radius_m", [10.0, 25.0, 100.0])
def test_arcs_keep_their_length(radius_m: float) -> None:
    """To 0.05 %: chords of arcs are shorter than the arc, on one side always."""
    turn = np.linspace(0.0, math.pi, int(radius_m * math.pi / 1.2))
    x, y = radius_m * np.cos(turn), radius_m * np.sin(turn)
    first = [*runs(x, y).tolist(), len(x) - 1]
    length = np.hypot(np.diff(x[first]), np.diff(y[first])).sum()
    assert length == pytest.approx(np.hypot(np.diff(x), np.diff(y)).sum(), rel=5e-4)


def test_nothing_is_joined_across_a_break_or_without_a_tolerance() -> None:
    x = np.arange(10.0)
    follows = np.ones(9, np.bool_)
    follows[4] = False
    assert straight_runs(x[:-1], x[:-1], x[1:], x[1:], np.ones(len(follows)), follows, TOLERANCE_M).tolist() == [0, 4]
    assert runs(x, x, 0.0).tolist() == list(range(9))


def test_a_run_ends_where_another_amount_begins() -> None:
    """A third of the dose from the middle on, as over the next plot; a meter that goes up and down parts nothing."""
    x = np.arange(0.0, 121.0, 1.2)
    follows = np.ones(len(x) - 1, np.bool_)
    steady = np.where(np.arange(len(follows)) < 50, 3.0, 1.0)
    ragged = np.tile([1.0, 3.0], len(x))[: len(x) - 1]
    lines = x[:-1], np.zeros(len(follows)), x[1:], np.zeros(len(follows))
    assert straight_runs(*lines, steady, follows, TOLERANCE_M).tolist() == [0, 50]
    assert straight_runs(*lines, ragged, follows, TOLERANCE_M).tolist() == [0]
    assert straight_runs(*lines, np.full(len(follows), np.nan), follows, TOLERANCE_M).tolist() == [0]
