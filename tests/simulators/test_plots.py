from __future__ import annotations

from itertools import combinations

import pytest
import shapely

from geo.projection import LocalPlane, geodesic_area_m2
from simulators.plots import CENTRE, rice_plots


def test_forty_valid_plots_near_bac_lieu_that_do_not_overlap() -> None:
    plots = rice_plots("htx-demo")
    assert len(plots) == 40
    assert [plots[0].plot, plots[-1].plot] == ["bl-001", "bl-040"]
    assert plots[0].name == "Thửa 1, Kênh Ba"
    boundaries = [p.boundary for p in plots]
    assert all(shapely.is_valid(boundaries))
    assert all(p.cooperative == "htx-demo" and p.crop == "lúa" for p in plots)
    west, south, east, north = shapely.union_all(boundaries).bounds
    assert west == pytest.approx(CENTRE[0], abs=0.02)
    assert east == pytest.approx(CENTRE[0], abs=0.02)
    assert south == pytest.approx(CENTRE[1], abs=0.02)
    assert north == pytest.approx(CENTRE[1], abs=0.02)
    assert max(a.intersection(b).area for a, b in combinations(boundaries, 2)) == 0.0
    assert sum(bool(shapely.get_parts(b)[0].interiors) for b in boundaries) == 5


def test_plots_are_thin_mekong_plots_with_their_true_area() -> None:
    for plot in rice_plots("htx-demo"):
        area = geodesic_area_m2(plot.boundary)
        assert 1_300.0 < area < 30_000.0
        assert plot.declared_area_m2 == pytest.approx(area, rel=1e-4, abs=1.0)
        box = shapely.minimum_rotated_rectangle(LocalPlane.around(*CENTRE).to_plane(plot.boundary))
        corners = shapely.get_coordinates(box)
        sides = sorted([shapely.Point(corners[i]).distance(shapely.Point(corners[i + 1])) for i in (0, 1)])
        assert sides[1] / sides[0] > 2.0


@pytest.mark.parametrize("count", [1, 2, 7, 13, 100])
def test_any_number_of_plots(count: int) -> None:
    plots = rice_plots("a", count)
    assert len({p.plot for p in plots}) == count
    boundaries = [p.boundary for p in plots]
    assert shapely.union_all(boundaries).area == pytest.approx(sum(b.area for b in boundaries))


def test_same_seed_same_plots() -> None:
    assert rice_plots("a", 12, seed=5) == rice_plots("a", 12, seed=5)
    assert rice_plots("a", 12, seed=5) != rice_plots("a", 12, seed=6)
