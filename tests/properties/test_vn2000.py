"""VN-2000 has one shift: no point moves because another area, another zone or another neighbour is transformed.

PROJ left to itself changes from EPSG:6960 to EPSG:5194 between 104.24 and 107.11° E and 9.35 and 11.04° N, which is
the middle of the delta, for CRSs whose own area of use meets that box; tests here show that it still does, so that the
rest of them cannot pass for nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer
from pyproj.aoi import AreaOfInterest
from shapely import Polygon, box

from core.model.fixtable import Floats
from land.crs import transformer
from land.meridians import ZONES
from tests.land.official_shift import from_wgs84, to_wgs84

GEOD = Geod(ellps="WGS84")
CODES = [*(one.crs for one in ZONES), "EPSG:4756"]
JUMPING = ["EPSG:9207", "EPSG:9208", "EPSG:5897", "EPSG:9209", "EPSG:9210", "EPSG:3405", "EPSG:4756"]
OFF_ON_BOTH_SIDES = ["EPSG:5899", "EPSG:5898"]
EDGE_LAT_DEG = 9.35
DELTA_LON = st.floats(104.45, 106.85)
DELTA_LAT = st.floats(8.55, 11.0)
NEAR_M = 0.001
JUMP_M = 0.5


def apart_m(these: Floats, those: Floats) -> Floats:
    """Distances of points in WGS 84, shape (n,)."""
    return np.asarray(GEOD.inv(*these.T, *those.T)[2])


def ours(crs: str, xy: Floats) -> Floats:
    return np.column_stack(transformer(crs).lonlat(*xy.T))


def by_proj(crs: str, xy: Floats, area: tuple[float, float, float, float] | None = None) -> Floats:
    """What PROJ makes of it, left to choose the operation, for an area of interest where one is given."""
    interest: Any = AreaOfInterest(*area) if area else None
    way = Transformer.from_crs(crs, "EPSG:4326", always_xy=True, area_of_interest=interest)
    return np.column_stack(way.transform(*xy.T))


def areas(lon: float, lat: float) -> list[tuple[float, float, float, float]]:
    """Neighbouring areas of interest: south of the edge, north of it, across it, and about the point itself."""
    west, east = lon - 0.1, lon + 0.1
    return [
        (west, EDGE_LAT_DEG - 0.2, east, EDGE_LAT_DEG - 0.001),
        (west, EDGE_LAT_DEG + 0.001, east, EDGE_LAT_DEG + 0.2),
        (west, EDGE_LAT_DEG - 0.1, east, EDGE_LAT_DEG + 0.1),
        (west, lat - 0.1, east, lat + 0.1),
    ]


@settings(max_examples=200, deadline=None)
@given(lon=DELTA_LON, lat=DELTA_LAT, codes=st.permutations(CODES))
def test_a_point_of_the_delta_is_the_same_in_every_zone(lon: float, lat: float, codes: list[str]) -> None:
    there = np.array([[lon, lat]])
    places = np.vstack([ours(crs, from_wgs84(crs, there)) for crs in codes])
    assert apart_m(places, np.repeat(there, len(codes), axis=0)).max() < NEAR_M
    assert apart_m(places[1:], places[:-1]).max() < NEAR_M


@settings(max_examples=100, deadline=None)
@given(
    crs=st.sampled_from(CODES),
    lon=DELTA_LON,
    lat=DELTA_LAT,
    step=st.floats(0.0001, 0.4),
    extra=st.lists(st.tuples(DELTA_LON, DELTA_LAT), max_size=5),
)
def test_a_point_does_not_depend_on_what_is_transformed_with_it(
    crs: str, lon: float, lat: float, step: float, extra: list[tuple[float, float]]
) -> None:
    corner = from_wgs84(crs, np.array([[lon, lat]]))
    alone = ours(crs, corner)
    others = from_wgs84(crs, np.array([*extra, (lon + step, lat + step), (lon - step, lat - step)]))
    assert (ours(crs, np.vstack([others, corner]))[-1] == alone[0]).all()
    whole = transformer(crs).geometry(box(*corner[0], *(corner[0] + np.abs(others[-1] - corner[0]) + 1e-9)))
    assert isinstance(whole, Polygon)
    assert np.abs(np.array(whole.exterior.coords) - alone[0]).sum(axis=1).min() == 0.0


@settings(max_examples=15, deadline=None)  # PROJ takes a quarter of a second to choose by four areas
@given(crs=st.sampled_from(CODES), lon=DELTA_LON, lat=DELTA_LAT)
def test_neighbouring_areas_of_interest_do_not_move_a_point(crs: str, lon: float, lat: float) -> None:
    xy = from_wgs84(crs, np.array([[lon, lat]]))
    here = ours(crs, xy)
    official = to_wgs84(crs, xy)
    assert apart_m(here, official)[0] < NEAR_M
    for area in areas(lon, lat):
        by_area = by_proj(crs, xy, area)
        off = apart_m(by_area, here)[0]
        assert off < NEAR_M or JUMP_M < off < 1.0, "PROJ takes the official shift, or the other one, and no third"


@settings(max_examples=60, deadline=None)
@given(crs=st.sampled_from(CODES), lon=DELTA_LON, offset_m=st.floats(1.0, 500.0))
def test_neighbours_on_either_side_of_the_edge_stay_neighbours(crs: str, lon: float, offset_m: float) -> None:
    half = offset_m / 2.0 / 110_600.0
    pair = np.array([[lon, EDGE_LAT_DEG - half], [lon, EDGE_LAT_DEG + half]])
    made = ours(crs, from_wgs84(crs, pair))
    wanted = apart_m(pair[:1], pair[1:])[0]
    assert abs(apart_m(made[:1], made[1:])[0] - wanted) < NEAR_M


@pytest.mark.parametrize("crs", JUMPING)
def test_proj_left_to_itself_jumps_at_the_edge(crs: str) -> None:
    pair = np.array([[105.725, EDGE_LAT_DEG - 0.005], [105.725, EDGE_LAT_DEG + 0.005]])
    xy = from_wgs84(crs, pair)
    off = apart_m(by_proj(crs, xy), pair)
    assert off[0] < NEAR_M
    assert off[1] > JUMP_M, "PROJ no longer changes the shift here: the pin in land/crs.py could go"
    assert apart_m(ours(crs, xy), pair).max() < NEAR_M


def test_proj_left_to_itself_takes_one_point_apart_by_its_zone() -> None:
    point = np.array([[105.725, EDGE_LAT_DEG + 0.005]])
    made = {crs: by_proj(crs, from_wgs84(crs, point)) for crs in CODES}
    assert {crs for crs, there in made.items() if apart_m(there, point)[0] > JUMP_M} == {*JUMPING, *OFF_ON_BOTH_SIDES}


@pytest.mark.parametrize("crs", ["EPSG:5897", "EPSG:9207", "EPSG:9209", "EPSG:9210"])
def test_proj_moves_one_point_by_its_area_of_interest(crs: str) -> None:
    point = np.array([[105.725, EDGE_LAT_DEG + 0.01]])
    xy = from_wgs84(crs, point)
    south, north, *_ = areas(*point[0])
    assert apart_m(by_proj(crs, xy, south), by_proj(crs, xy, north))[0] > JUMP_M
    assert apart_m(ours(crs, xy), point)[0] < NEAR_M
