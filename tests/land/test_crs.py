"""VN-2000 to WGS 84: one shift everywhere, the known vectors, and every way of losing the datum refused."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod, Transformer
from shapely import Polygon

from core.errors import ConfigError
from land.crs import transformer
from tests.support.shared import shared

GEOD = Geod(ellps="WGS84")
GOLDEN = [  # design/domain.md, 1.2: place, CRS, easting, northing, longitude, latitude
    ("EPSG:5897", 579454.380, 1026862.337, 105.725, 9.285),
    ("EPSG:9207", 571235.983, 1014901.467, 105.15, 9.177),
    ("EPSG:9214", 416164.449, 2353391.699, 106.194, 21.273),
    ("EPSG:9217", 604660.319, 1523735.223, 109.2197, 13.776),
]


def _metres(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    return float(GEOD.inv(lon, lat, other_lon, other_lat)[2])


def _one(source: str, x: float, y: float) -> tuple[float, float]:
    lon, lat = transformer(source).lonlat([x], [y])
    return float(lon[0]), float(lat[0])


@pytest.mark.parametrize(("source", "x", "y", "lon", "lat"), GOLDEN)
def test_golden_vectors_to_a_millimetre(source: str, x: float, y: float, lon: float, lat: float) -> None:
    assert _metres(*_one(source, x, y), lon, lat) < 0.001
    assert transformer(source).vn2000


def test_published_vectors() -> None:
    with shared("vietnam/vn2000_vectors.csv").open(encoding="utf-8") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    for name, row in rows.items():
        x, y = float(row["easting_Y_m"]), float(row["northing_X_m"])
        away = _metres(*_one(f"EPSG:{row['epsg_projected']}", x, y), float(row["lon_wgs84"]), float(row["lat_wgs84"]))
        if name.endswith("WRONG_SIGN"):
            assert away == pytest.approx(0.546, abs=0.002)
        else:
            assert away < 0.035, name  # 2D; the second vector moves 0.030 m without its height


def test_every_meridian_of_the_34_provinces() -> None:
    with shared("vietnam/vn2000_central_meridians_34.csv").open(encoding="utf-8") as file:
        rows = {(row["epsg"], float(row["central_meridian"])) for row in csv.DictReader(file)}
    for code, meridian in rows:
        lon, lat = _one(f"EPSG:{code}", 500_000.0, 1_500_000.0)
        assert _metres(lon, lat, meridian, lat) == pytest.approx(194.5, abs=3.0), code
    assert len(rows) > 10


def test_no_jump_where_proj_changes_its_mind() -> None:
    south, north = 1_034_000.0, 1_036_500.0  # 9.35° N lies between
    step = 10.0
    points = [(579_000.0, south + step * i) for i in range(int((north - south) / step))]
    lon, lat = transformer("EPSG:5897").lonlat([p[0] for p in points], [p[1] for p in points])
    assert lat.min() < 9.35
    assert lat.max() > 9.36
    _, _, apart = GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])
    assert max(apart) - min(apart) < 0.0005
    plain = Transformer.from_crs("EPSG:5897", "EPSG:4326", always_xy=True)
    away = max(_metres(a, b, *plain.transform(*p)) for a, b, p in zip(lon, lat, points, strict=True))
    assert away == pytest.approx(0.82, abs=0.02), "PROJ no longer switches: the pin could go"


@given(st.floats(400_000, 600_000), st.floats(950_000, 2_550_000))
def test_geographic_utm_and_wkt_agree_with_the_code(x: float, y: float) -> None:
    wanted = _one("EPSG:5897", x, y)
    lon, lat = Transformer.from_crs("EPSG:5897", "EPSG:4756", always_xy=True).transform(x, y)
    assert _metres(*_one("EPSG:4756", lon, lat), *wanted) < 1e-4
    for version in ("WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"):
        assert _metres(*_one(CRS(5897).to_wkt(version), x, y), *wanted) < 1e-4
    assert (
        _metres(*_one("EPSG:3405", *Transformer.from_crs(4756, 3405, always_xy=True).transform(lon, lat)), *wanted)
        < 1e-4
    )


@pytest.mark.parametrize("datum", ["D_VN_2000", "VN-2000", "Vietnam_2000", "D_Viet_Nam_2000"])
def test_a_prj_with_its_own_names_is_recognised(datum: str) -> None:
    wkt = CRS(5897).to_wkt("WKT1_ESRI").replace("D_Vietnam_2000", datum).replace("VN_2000_TM-3_zone_482", "Bac_Lieu")
    made = transformer(wkt.replace("GCS_VN_2000", "GCS_local"))
    assert made.vn2000
    lon, lat = made.lonlat([579454.380], [1026862.337])
    assert _metres(float(lon[0]), float(lat[0]), 105.725, 9.285) < 0.001


@pytest.mark.parametrize(("twin", "right"), [(6956, 5896), (6957, 5897), (6958, 5898), (6959, 5899)])
def test_deprecated_twins_are_refused_with_the_right_code(twin: int, right: int) -> None:
    for source in (f"EPSG:{twin}", CRS(twin).to_wkt()):
        with pytest.raises(ConfigError, match=f"EPSG:{right}"):
            transformer(source)


@pytest.mark.parametrize("source", ["+proj=tmerc +lon_0=105 +k=0.9999 +x_0=500000 +ellps=WGS84", "+init=epsg:5897"])
def test_proj4_strings_are_refused_with_the_reason(source: str) -> None:
    with pytest.raises(ConfigError, match="lose the datum shift"):
        transformer(source)


def test_a_tm3_without_its_datum_is_refused() -> None:
    wkt = CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=104.5 +k=0.9999 +x_0=500000 +datum=WGS84").to_wkt()
    with pytest.raises(ConfigError, match="not its datum"):
        transformer(wkt)


@pytest.mark.parametrize("source", ["EPSG:99999", "somewhere", ""])
def test_unknown_crs(source: str) -> None:
    with pytest.raises(ConfigError, match="unknown CRS"):
        transformer(source)


def test_other_crs_and_z() -> None:
    lon, lat = _one("EPSG:32648", 500_000.0, 0.0)
    assert (lon, lat) == pytest.approx((105.0, 0.0), abs=1e-9)
    assert _one("EPSG:4326", 105.0, 9.0) == pytest.approx((105.0, 9.0))
    made = transformer("EPSG:4326").geometry(Polygon([(105, 9, 7), (105, 10, 7), (106, 9, 7)]))
    assert not made.has_z
    assert made.bounds == (105.0, 9.0, 106.0, 10.0)
