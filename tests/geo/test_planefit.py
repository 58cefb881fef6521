"""The polynomial that stands for the projection library."""

from __future__ import annotations

import numpy as np
import pytest
from pyproj import Transformer

from geo.planefit import HALF_DEG, evaluated, fitted
from geo.projection import LocalPlane


def _library(plane: LocalPlane) -> Transformer:
    text = f"+proj=laea +lat_0={plane.lat0_deg} +lon_0={plane.lon0_deg} +datum=WGS84 +units=m +no_defs"
    return Transformer.from_crs("EPSG:4326", text, always_xy=True)


@pytest.mark.parametrize(
    ("lon_deg", "lat_deg"), [(105.73, 9.31), (104.8, 22.9), (-60.0, -33.0), (12.0, 0.0), (10.0, 59.0)]
)
def test_positions_are_the_librarys_to_a_tenth_of_a_micrometre(lon_deg: float, lat_deg: float) -> None:
    plane = LocalPlane.around(lon_deg, lat_deg)
    rng = np.random.default_rng(5)
    lon = plane.lon0_deg + rng.uniform(-HALF_DEG, HALF_DEG, 5_000)
    lat = plane.lat0_deg + rng.uniform(-HALF_DEG, HALF_DEG, 5_000)
    np.testing.assert_allclose(plane.xy(lon, lat), _library(plane).transform(lon, lat), rtol=0.0, atol=1e-7)


def test_the_polynomial_is_used_near_the_centre_and_not_beyond() -> None:
    plane = LocalPlane.around(105.75, 9.3)
    fit = fitted(plane.lon0_deg, plane.lat0_deg, _library(plane).transform)
    assert fit is not None
    near = np.array([105.75, 105.80]), np.array([9.30, 9.25])
    far = np.array([105.75, 105.90]), np.array([9.30, 9.25])
    assert evaluated(fit, *near, plane.lon0_deg, plane.lat0_deg) is not None
    assert evaluated(fit, *far, plane.lon0_deg, plane.lat0_deg) is None
    np.testing.assert_allclose(plane.xy(*far), _library(plane).transform(*far), atol=1e-9)


def test_a_place_that_is_not_a_number_is_nowhere_and_moves_no_other() -> None:
    plane = LocalPlane.around(105.75, 9.3)
    x, _ = plane.xy(np.array([np.nan, 105.76]), np.array([9.3, 9.3]))
    assert not np.isfinite(x[0])
    assert x[1] == pytest.approx(plane.xy(np.array([105.76]), np.array([9.3]))[0][0], abs=1e-7)


def test_where_the_library_cannot_be_followed_there_is_no_polynomial() -> None:
    plane = LocalPlane(0.0, 89.95)
    assert fitted(plane.lon0_deg, plane.lat0_deg, _library(plane).transform) is None
