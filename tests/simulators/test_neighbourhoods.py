"""Plots shared out among drones."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from shapely import Polygon

from core.model.land import Plot
from geo.projection import LocalPlane
from simulators.neighbourhoods import neighbourhoods
from simulators.plots import rice_plots

PLANE = LocalPlane.around(105.725, 9.285)


def _square(name: str, x_m: float, y_m: float, side_m: float = 50.0) -> Plot:
    x, y = x_m + side_m * np.array([0.0, 1.0, 1.0, 0.0]), y_m + side_m * np.array([0.0, 0.0, 1.0, 1.0])
    return Plot(name, Polygon(np.column_stack(PLANE.lonlat(x, y))), cooperative="a")


def _areas(groups: list[list[Plot]]) -> list[float]:
    return [sum(PLANE.to_plane(plot.boundary).area for plot in group) for group in groups]


@pytest.mark.parametrize(("count", "drones"), [(1, 1), (1, 6), (3, 10), (7, 7), (40, 6), (80, 4), (60, 25)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_plot_is_in_exactly_one_group(count: int, drones: int, seed: int) -> None:
    plots = rice_plots("a", count, seed)
    groups = neighbourhoods(plots, drones)
    assert sorted(plot.plot for group in groups for plot in group) == sorted(plot.plot for plot in plots)
    assert all(groups)
    assert 1 <= len(groups) <= min(count, drones)


@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize(("count", "drones"), [(40, 6), (80, 4), (200, 30)])
def test_areas_are_about_the_same(count: int, drones: int, seed: int) -> None:
    areas = _areas(neighbourhoods(rice_plots("a", count, seed), drones))
    fair = sum(areas) / drones
    assert len(areas) == drones
    assert max(areas) < 1.35 * fair
    assert min(areas) > 0.6 * fair


def test_equal_plots_in_a_row_are_shared_out_evenly() -> None:
    row = [_square(f"p{k:02d}", 60.0 * k, 0.0) for k in range(12)]
    groups = neighbourhoods(row, 4)
    assert sorted(sorted(plot.plot for plot in group) for group in groups) == [
        [f"p{k:02d}" for k in range(first, first + 3)] for first in (0, 3, 6, 9)
    ]
    assert [len(group) for group in neighbourhoods(row, 12)] == [1] * 12


def test_neighbours_stay_together() -> None:
    """Two hamlets 3 km apart: nobody works in both."""
    hamlets = [[_square(f"{name}{k}", x_m + 60.0 * k, 0.0) for k in range(4)] for name, x_m in (("w", 0.0), ("e", 3e3))]
    mixed = [plot for pair in zip(*hamlets, strict=True) for plot in pair]
    for group in neighbourhoods(mixed, 2):
        assert len({plot.plot[0] for plot in group}) == 1


def test_a_group_begins_with_its_smallest_plot_and_goes_on_with_the_nearest() -> None:
    for group in neighbourhoods(rice_plots("a", 40, 3), 5):
        areas = [PLANE.to_plane(plot.boundary).area for plot in group]
        assert areas[0] == min(areas)
        middles = [PLANE.to_plane(plot.boundary).centroid.coords[0] for plot in group]
        for k, (here, following) in enumerate(pairwise(middles)):
            nearest = min(math.dist(here, other) for other in middles[k + 1 :])
            assert math.dist(here, following) == pytest.approx(nearest, abs=1e-3)


def test_the_order_of_the_plots_makes_no_difference() -> None:
    plots = rice_plots("a", 30, 2)
    shuffled = [plots[k] for k in np.random.default_rng(1).permutation(30)]
    one, other = ([[plot.plot for plot in group] for group in neighbourhoods(some, 5)] for some in (plots, shuffled))
    assert one == other
    assert one == [[plot.plot for plot in group] for group in neighbourhoods(plots, 5)]


def test_more_drones_than_plots_leave_some_at_home() -> None:
    groups = neighbourhoods([_square("a", 0.0, 0.0), _square("b", 100.0, 0.0)], 9)
    assert [[plot.plot for plot in group] for group in groups] == [["a"], ["b"]]
