"""Paddies of some decimetres up and down, and how closely a drone follows them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.flying.terrain import Terrain

SIDE_M = 128 * 25.0
GROUND = Terrain.made(np.random.default_rng(4))
METRES = st.floats(-5_000.0, 5_000.0)


def test_heights_are_those_of_a_delta() -> None:
    x, y = np.random.default_rng(1).uniform(-SIDE_M, SIDE_M, (2, 50_000))
    height = GROUND.at(x, y)
    assert height.shape == (50_000,)
    assert np.abs(height).max() <= 0.35
    assert 0.05 < height.std() < 0.2
    assert abs(height.mean()) < 0.02


@given(METRES, METRES, st.floats(-1.0, 1.0), st.floats(-1.0, 1.0))
def test_there_is_no_step(x_m: float, y_m: float, dx_m: float, dy_m: float) -> None:
    """The steepest slope is from the lowest to the highest within a cell's side, in both directions at most."""
    one, other = GROUND.at(np.array([x_m, x_m + dx_m]), np.array([y_m, y_m + dy_m]))
    assert abs(other - one) <= 0.7 / 25.0 * (abs(dx_m) + abs(dy_m)) + 1e-9


@pytest.mark.parametrize("edge_m", [0.0, 25.0, -25.0, SIDE_M, -SIDE_M, 1_000.0])
def test_cells_meet_at_their_edges(edge_m: float) -> None:
    across = np.linspace(-200.0, 200.0, 101)
    below, above = (np.full(101, np.nextafter(edge_m, side)) for side in (-np.inf, np.inf))
    assert GROUND.at(below, across) == pytest.approx(GROUND.at(above, across), abs=1e-9)
    assert GROUND.at(across, below) == pytest.approx(GROUND.at(across, above), abs=1e-9)


def test_it_repeats_itself() -> None:
    x, y = np.random.default_rng(2).uniform(-SIDE_M, SIDE_M, (2, 2_000))
    for dx_m, dy_m in ((SIDE_M, 0.0), (0.0, -SIDE_M), (3 * SIDE_M, 2 * SIDE_M)):
        assert GROUND.at(x + dx_m, y + dy_m) == pytest.approx(GROUND.at(x, y), abs=1e-9)


def test_it_is_straight_between_grid_points() -> None:
    x, y = np.full(3, 50.0), np.array([75.0, 87.5, 100.0])
    low, middle, high = GROUND.at(x, y)
    assert middle == pytest.approx((low + high) / 2.0)


def test_same_source_of_chance_same_ground() -> None:
    again, other = (Terrain.made(np.random.default_rng(seed)) for seed in (4, 5))
    assert (again.heights_m == GROUND.heights_m).all()
    assert (other.heights_m != GROUND.heights_m).any()


@pytest.mark.parametrize("speed_mps", [3.0, 7.0, 8.0])
def test_a_drone_stays_near_the_told_height(speed_mps: float) -> None:
    """A second behind, over slopes of at most 0.028 in both directions."""
    worst = 0.0
    for turn in np.linspace(0.0, 2.0 * np.pi, 24):
        way = speed_mps * np.arange(600.0)
        x, y = way * np.cos(turn), way * np.sin(turn)
        above = GROUND.following(x, y)
        assert above.shape == (600,)
        assert above[0] == 0.0
        worst = max(worst, float(np.abs(above).max()))
    assert 0.01 < worst < 0.6


def test_over_level_ground_nothing_happens() -> None:
    level = Terrain(np.full((128, 128), 0.2))
    assert not level.following(np.arange(50.0), np.arange(50.0)).any()


def test_a_step_is_made_up_for_by_six_tenths_a_second() -> None:
    heights = np.zeros((128, 128))
    heights[2:, :] = 1.0
    x = np.array([0.0, 50.0, 50.0, 50.0, 50.0])
    assert Terrain(heights).following(x, np.zeros(5)) == pytest.approx([0.0, -0.4, -0.16, -0.064, -0.0256])


def test_it_climbs_and_sinks_no_faster_than_it_can() -> None:
    heights = np.zeros((128, 128))
    heights[2:, :] = 10.0
    up = Terrain(heights).following(np.array([0.0, 50.0, 50.0]), np.zeros(3))
    down = Terrain(heights).following(np.array([50.0, 0.0, 0.0]), np.zeros(3))
    assert up.tolist() == pytest.approx([0.0, -8.8, -7.6])
    assert down.tolist() == pytest.approx([0.0, 8.8, 7.6])
