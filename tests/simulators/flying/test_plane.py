"""The plane's polynomial against PROJ, which it has to agree with far below a millimetre."""

from __future__ import annotations

import numpy as np
import pytest
from shapely import Polygon

from core.model.fixtable import Floats
from geo.projection import LocalPlane, geodesic_area_m2
from simulators.flying.plane import REACH_M, Plane

LATITUDES = [8.5, 10.0, 13.7, 16.0, 21.0, 23.0]


def _places(reach_m: float) -> tuple[Floats, Floats]:
    """A square full of places; none is the very middle, where PROJ jumps by a millimetre (see the test of it)."""
    steps = np.linspace(-reach_m, reach_m, 40)
    x, y = np.meshgrid(steps, steps)
    return x.ravel(), y.ravel()


@pytest.mark.parametrize("lat_deg", LATITUDES)
@pytest.mark.parametrize(("reach_m", "error_deg"), [(3_000.0, 1e-10), (REACH_M, 2e-9), (2.0 * REACH_M, 5e-8)])
def test_degrees_are_those_of_proj(lat_deg: float, reach_m: float, error_deg: float) -> None:
    """Twice the reach is what a drone's plots may span: still a few millimetres."""
    plane = Plane.around(105.7, lat_deg)
    x, y = _places(reach_m)
    for mine, proj in zip(plane.lonlat(x, y), plane.local.lonlat(x, y), strict=True):
        assert np.abs(mine - proj).max() < error_deg


@pytest.mark.parametrize("lat_deg", LATITUDES)
def test_the_middle_is_the_middle(lat_deg: float) -> None:
    """PROJ's latitudes are off by 1.4e-8 degrees (1.5 mm), everywhere but in the very middle."""
    plane = Plane.around(105.7, lat_deg)
    lon, lat = plane.lonlat(np.zeros(1), np.zeros(1))
    assert abs(lon[0] - 105.7) < 1e-12
    assert abs(lat[0] - lat_deg) < 2e-8
    assert abs(lat[0] - plane.local.lonlat(np.array([0.0]), np.array([1e-3]))[1][0]) < 2e-8


def test_the_middle_is_the_place_to_a_millionth_of_a_degree() -> None:
    plane = Plane.around(105.123456789, 9.987654321)
    assert plane.local == LocalPlane(105.123457, 9.987654)
    x, y = _places(3_000.0)
    for mine, proj in zip(plane.lonlat(x, y), plane.local.lonlat(x, y), strict=True):
        assert np.abs(mine - proj).max() < 1e-10


def test_degrees_rise_to_the_east_and_to_the_north() -> None:
    plane = Plane.around(105.7, 16.0)
    along = np.linspace(-REACH_M, REACH_M, 3_001)
    for across_m in (-REACH_M, 0.0, REACH_M):
        across = np.full(len(along), across_m)
        east, north = np.diff(plane.lonlat(along, across)[0]), np.diff(plane.lonlat(across, along)[1])
        assert (east > 0.0).all()
        assert (north > 0.0).all()
        assert np.abs(np.diff(east)).max() < 1e-9, "no step in it"


@pytest.mark.parametrize("count", [0, 1, 16_383, 16_384, 16_385, 40_000])
def test_blocks_make_no_difference(count: int) -> None:
    rng = np.random.default_rng(1)
    plane = Plane.around(105.7, 9.3)
    x, y = rng.uniform(-REACH_M, REACH_M, (2, count))
    lon, lat = plane.lonlat(x, y)
    assert lon.shape == lat.shape == (count,)
    for row in {0, count // 2, 16_383, 16_384, count - 1} & set(range(count)):
        alone = plane.lonlat(x[row : row + 1], y[row : row + 1])
        assert (alone[0][0], alone[1][0]) == (lon[row], lat[row])


@pytest.mark.parametrize("lat_deg", LATITUDES)
@pytest.mark.parametrize("away_m", [0.0, 2_000.0, 10_000.0])
def test_areas_are_true_on_the_ellipsoid(lat_deg: float, away_m: float) -> None:
    plane = Plane.around(105.7, lat_deg)
    x = away_m + np.array([0.0, 400.0, 430.0, 60.0])
    y = away_m + np.array([0.0, 30.0, 300.0, 250.0])
    outline = Polygon(np.column_stack(plane.lonlat(x, y)))
    flat = Polygon(np.column_stack([x, y])).area
    assert geodesic_area_m2(outline) == pytest.approx(flat, rel=1e-6)
    assert plane.to_plane(outline).area == pytest.approx(flat, rel=1e-6)


def test_there_and_back_is_the_same_place() -> None:
    plane = Plane.around(105.7, 9.3)
    x, y = _places(5_000.0)
    lon, lat = plane.lonlat(x, y)
    back = plane.local.xy(lon, lat)
    assert np.abs(back[0] - x).max() < 2e-3
    assert np.abs(back[1] - y).max() < 2e-3
