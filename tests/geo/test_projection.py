from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box

from geo.projection import LocalPlane, geodesic_area_m2


@given(lon=st.floats(-179.0, 179.0), lat=st.floats(-75.0, 75.0), size=st.floats(20.0, 3000.0), turn=st.floats(0.0, 6.3))
def test_areas_in_the_plane_are_the_ellipsoids(lon: float, lat: float, size: float, turn: float) -> None:
    plane = LocalPlane.around(lon, lat)
    angles = turn + np.array([0.1, 1.4, 2.9, 4.0, 5.5])
    shape = Polygon(np.column_stack([size * np.cos(angles) + 500.0, size * np.sin(angles)]))
    assert geodesic_area_m2(plane.to_wgs84(shape)) == pytest.approx(shape.area, rel=1e-4)


def test_positions_come_back() -> None:
    lon, lat = np.array([105.7, 105.8]), np.array([9.2, 9.3])
    plane = LocalPlane.for_points(lon, lat)
    assert (plane.lon0_deg, plane.lat0_deg) == (105.75, 9.25)
    back = plane.lonlat(*plane.xy(lon, lat))
    np.testing.assert_allclose(back, (lon, lat), atol=1e-9)


def test_a_box_over_the_antimeridian_has_its_middle_there() -> None:
    plane = LocalPlane.for_points(np.array([179.9, -179.9]), np.array([10.0, 10.0]))
    assert abs(plane.lon0_deg) == 180.0


def test_points_that_are_not_numbers_do_not_move_the_centre() -> None:
    assert LocalPlane.for_points(np.array([np.nan, 5.0]), np.array([1.0, 6.0])) == LocalPlane(5.0, 6.0)
    assert LocalPlane.for_points(np.array([]), np.array([])) == LocalPlane(0.0, 0.0)


def test_holes_are_taken_off() -> None:
    plane = LocalPlane.around(105.0, 9.0)
    shape = box(10, 10, 110, 110).difference(box(20, 20, 30, 30))
    assert geodesic_area_m2(plane.to_wgs84(shape)) == pytest.approx(9_900.0, rel=1e-6)


@pytest.mark.parametrize("lat_deg", [8.7, 16.0, 23.3])
def test_planes_of_one_place_are_one_and_its_areas_stay_true(lat_deg: float) -> None:
    """Half a grid step from the centre, to 1e-6 of the area."""
    plane = LocalPlane.around(105.774, lat_deg + 0.024)
    assert plane == LocalPlane.around(105.726, lat_deg - 0.024)
    x, y = plane.xy(np.array([105.774]), np.array([lat_deg + 0.024]))
    corners = [(0.0, 0.0), (600.0, 40.0), (580.0, 130.0), (-30.0, 60.0)]
    shape = Polygon([(x[0] + east, y[0] + north) for east, north in corners])
    assert geodesic_area_m2(plane.to_wgs84(shape)) == pytest.approx(shape.area, rel=1e-6)
