"""Files whose CRS or axis order is missing, wrong or in doubt."""

from __future__ import annotations

from pathlib import Path

import shapely
from pyproj import CRS
from shapely import Polygon, box

from tests.golden.land import files
from tests.golden.land.case import Case
from tests.golden.land.files import TM3, A, B, geojson


def _no_prj(folder: Path) -> Path:
    path = files.written(folder / "thua.shp", [Polygon(TM3)], "EPSG:5897", plot=["t1"])
    path.with_suffix(".prj").unlink()
    return path


PLACES = (
    Case(
        "no prj",
        _no_prj,
        error=(
            "thua.shp: states no CRS (no .prj beside it); give it with --crs, for example --crs EPSG:5897"
            " (VN-2000, 105°) or --crs EPSG:4326 (GPS degrees)"
        ),
    ),
    Case(
        "deprecated twin given",
        _no_prj,
        {"crs": "EPSG:6957"},
        error=(
            "CRS EPSG:6957 is EPSG:6957, deprecated: its false easting and northing stand swapped (700 km"
            " off); use EPSG:5897"
        ),
    ),
    Case(
        "PROJ.4 string given",
        _no_prj,
        {"crs": "+proj=tmerc +lat_0=0 +lon_0=105 +k=0.9999 +x_0=500000 +datum=WGS84"},
        error=(
            "CRS +proj=tmerc +lat_0=0 +lon_0=105 +k=0.9999 +x_0=500000 +datum=WGS84: PROJ.4 strings are "
            "not accepted, since they lose the datum shift (VN-2000 plots land about 225 m away); give "
            "the EPSG code, for example EPSG:5897 or EPSG:9207"
        ),
    ),
    Case(
        "unknown CRS given",
        _no_prj,
        {"crs": "EPSG:99999"},
        error="unknown CRS EPSG:99999; give an EPSG code, for example EPSG:5897",
    ),
    Case(
        "datum lost in the prj",
        lambda d: files.written(
            d / "t.gpkg",
            [Polygon(TM3)],
            CRS.from_proj4("+proj=tmerc +lat_0=0 +lon_0=105 +k=0.9999 +x_0=500000 +datum=WGS84").to_wkt(),
        ),
        error=(
            "t.gpkg: CRS unknown has the projection of VN-2000 / TM-3 (meridian 105°) but not its datum, "
            "which moves plots by about 225 m; name the CRS by its EPSG code, for example EPSG:5897 "
            "(105°) (with --crs)"
        ),
    ),
    Case(
        "prj contradicts",
        lambda d: files.written(d / "t.shp", [Polygon(TM3)], "EPSG:5897", plot=["t"]),
        {"crs": "EPSG:9207"},
        features=(("t", "ok", ""),),
        problems=(
            (
                "t.shp: states VN-2000 / TM-3 zone 482 itself, but is read in VN-2000 / TM-3 104-30 as given "
                "(54,935.2 m apart)"
            ),
        ),
    ),
    Case(
        "deprecated twin in GeoJSON",
        lambda d: geojson(d / "p.geojson", [Polygon(TM3)], crs="urn:ogc:def:crs:EPSG::6957"),
        error=(
            "p.geojson: CRS urn:ogc:def:crs:EPSG::6957 is EPSG:6957, deprecated: its false easting and "
            "northing stand swapped (700 km off); use EPSG:5897 (with --crs)"
        ),
    ),
    Case(
        "crs member nobody knows",
        lambda d: geojson(d / "p.geojson", [Polygon(TM3)], crs="VN2000-BacLieu"),
        error="p.geojson: unknown CRS VN2000-BacLieu; give an EPSG code, for example EPSG:5897 (with --crs)",
    ),
    Case(
        "crs member null",
        lambda d: geojson(d / "p.geojson", [Polygon(TM3)], crs=None),
        error=(
            "p.geojson: states no CRS; give it with --crs, for example --crs EPSG:5897 (VN-2000, 105°) or"
            " --crs EPSG:4326 (GPS degrees)"
        ),
    ),
    Case(
        "metres in GeoJSON",
        lambda d: geojson(d / "p.geojson", [Polygon(TM3)]),
        error=(
            "p.geojson: coordinates such as 579450.000, 1026850.000 are metres, but WGS 84 has degrees; "
            "say in which CRS they are with --crs, for example --crs EPSG:5897"
        ),
    ),
    Case(
        "degrees in a projected CRS",
        lambda d: files.written(d / "t.gpkg", [A], "EPSG:5897"),
        error=(
            "t.gpkg: coordinates such as 105.000500, 9.000500 are degrees, but VN-2000 / TM-3 zone 482 "
            "has metres; say in which CRS they are with --crs, for example --crs EPSG:4326"
        ),
    ),
    Case(
        "latitude first",
        lambda d: geojson(d / "p.geojson", [shapely.transform(g, lambda c: c[:, ::-1]) for g in (A, B)]),
        error=(
            "p.geojson: coordinates such as 9.0005, 105.0015 fall outside the globe, but inside with "
            "latitude and longitude exchanged: the file has them swapped; read it with --axes yx"
        ),
    ),
    Case(
        "northing first in VN-2000",
        lambda d: files.written(d / "t.shp", [Polygon([p[::-1] for p in TM3])], "EPSG:5897", plot=["t"]),
        error=(
            "t.shp: coordinates such as 1026850, 579450 fall outside Vietnam, but inside with X "
            "(northing) and Y (easting) exchanged: the file has them swapped; read it with --axes yx"
        ),
    ),
    Case(
        "northing first in UTM",
        lambda d: files.written(d / "t.gpkg", [box(1_026_800, 579_400, 1_026_900, 579_500)], "EPSG:32648"),
        error=(
            "t.gpkg: coordinates such as 1026850, 579450 fall outside the area of WGS 84 / UTM zone 48N, "
            "but inside with X (northing) and Y (easting) exchanged: the file has them swapped; read it "
            "with --axes yx"
        ),
    ),
    Case(
        "MapInfo without datum",
        lambda d: files.mapinfo(d / "t.mif", 'Earth Projection 8, 104, "m", 105, 0, 0.9999, 500000, 0'),
        error=(
            "t.mif: CRS unnamed has the projection of VN-2000 / TM-3 (meridian 105°) but not its datum, "
            "which moves plots by about 225 m; name the CRS by its EPSG code, for example EPSG:5897 "
            "(105°) (with --crs)"
        ),
    ),
    Case(
        "MapInfo plan",
        lambda d: files.mapinfo(d / "t.mif", 'NonEarth Units "m" Bounds (0, 0) (3000000, 3000000)'),
        error=(
            "t.mif: states no CRS; give it with --crs, for example --crs EPSG:5897 (VN-2000, 105°) or "
            "--crs EPSG:4326 (GPS degrees)"
        ),
    ),
    Case(
        "drawing without CRS",
        lambda d: files.drawing(d / "t.dxf", files.polyline("12", TM3, closed=True)),
        error=(
            "t.dxf: states no CRS; give it with --crs, for example --crs EPSG:5897 (VN-2000, 105°) or "
            "--crs EPSG:4326 (GPS degrees)"
        ),
    ),
    Case(
        "drawing with an open line",
        lambda d: files.drawing(
            d / "t.dxf",
            files.polyline("12", TM3, closed=True),
            files.polyline("13", TM3[:3], closed=False),
            files.text("x", 579_450, 1_026_850),
        ),
        {"crs": "EPSG:5897"},
        features=(("x", "ok", ""), ("13", "refused", "is a LineString, not a polygon")),
        problems=("t.dxf: texts taken as names of plots: 1",),
    ),
)
