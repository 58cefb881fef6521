"""Plots out and back in: every format keeps the corners, the datum and the Vietnamese letters."""

from __future__ import annotations

import csv
import math
import shutil
import struct
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import read
from pyproj import CRS, Geod, Transformer
from shapely import MultiPolygon, Polygon

from core.model.land import Boundary, Plot
from ingest.flightlogs import isoxml
from land.crs import from_wgs84, transformer
from land.export import export_plots
from land.fieldfile import read_plots
from tests.support.plots import PLACES, apart_m, four, plots_at
from tests.support.shared import shared

GOLDEN = [  # design/domain.md, 1.2: code, longitude, latitude, easting, northing
    (5897, 105.725, 9.285, 579454.380, 1026862.337),
    (9207, 105.15, 9.177, 571235.983, 1014901.467),
    (9214, 106.194, 21.273, 416164.449, 2353391.699),
    (9217, 109.2197, 13.776, 604660.319, 1523735.223),
]
GEOD = Geod(ellps="WGS84")
MM, CM = 0.001, 0.01
WITH_CRS = ["thua.gpkg", "thua.shp", "thua.zip", "thua.fgb", "thua.tab", "thua.mif"]
UNMARKED = ["thua.csv", "thua.dxf"]
WGS84_ONLY = ["thua.kml", "thua.geojson", "thua.json"]


def _official(boundary: Boundary, crs: CRS) -> Boundary:
    """From a CRS of VN-2000 to WGS 84 by EPSG's own operation 6960, without anything of ours."""
    degrees = Transformer.from_crs(crs, 4756, always_xy=True)
    shift = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::6960")

    def move(points: Any) -> Any:
        lon, lat = (points[:, 0], points[:, 1]) if crs.is_geographic else degrees.transform(points[:, 0], points[:, 1])
        return np.column_stack(shift.transform(lat, lon)[::-1])

    return shapely.transform(boundary, move)


def _read(path: Path) -> tuple[CRS, dict[str, Boundary], dict[str, list[Any]]]:
    source = f"/vsizip/{path}/{path.stem}.shp" if path.suffix == ".zip" else str(path)
    meta, _, wkb, values = read(source)
    columns = {str(name): list(column) for name, column in zip(meta["fields"], values, strict=True)}
    return CRS(meta["crs"]), dict(zip(columns["plot"], map(shapely.from_wkb, wkb), strict=True)), columns


def _corners(path: Path) -> dict[str, Boundary]:
    """The plots of a table of corner points: the first ring of a part is its outside."""
    rings: dict[str, dict[str, dict[str, list[tuple[float, float]]]]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            part = rings.setdefault(row["plot"], {}).setdefault(row["part"], {})
            part.setdefault(row["ring"], []).append((float(row["Y (m)"]), float(row["X (m)"])))
    return {plot: _whole([list(part.values()) for part in parts.values()]) for plot, parts in rings.items()}


def _whole(parts: list[list[list[tuple[float, float]]]]) -> Boundary:
    made = [Polygon(outside, holes) for outside, *holes in parts]
    return made[0] if len(made) == 1 else MultiPolygon(made)


def _drawn(path: Path) -> dict[str, Boundary]:
    """The plots of a drawing: the lines of a layer, those inside others being holes."""
    meta, _, wkb, values = read(path)
    layers = values[list(meta["fields"]).index("Layer")]
    found: dict[str, list[Any]] = {}
    shapes: list[Any] = list(shapely.from_wkb(wkb))
    for layer, shape in zip(layers, shapes, strict=True):
        if shape.geom_type == "LineString":
            assert shape.is_ring
            found.setdefault(layer, []).append(shapely.force_2d(Polygon(shape)))
    return {layer: _even_odd(rings) for layer, rings in found.items()}


def _even_odd(rings: list[Any]) -> Boundary:
    made = rings[0]
    for ring in rings[1:]:
        made = made.symmetric_difference(ring)
    assert isinstance(made, Polygon | MultiPolygon)
    return made


@pytest.mark.parametrize(("code", "lon", "lat", "east", "north"), GOLDEN)
def test_golden_vectors_into_vn2000(code: int, lon: float, lat: float, east: float, north: float) -> None:
    x, y = from_wgs84(f"EPSG:{code}").xy([lon], [lat])
    assert math.hypot(x[0] - east, y[0] - north) < MM


@pytest.mark.parametrize("crs", ["EPSG:5897", "EPSG:9214", "EPSG:3405", "EPSG:4756", "EPSG:4326", "EPSG:32648"])
def test_there_and_back_is_where_it_was(crs: str) -> None:
    lon, lat = np.meshgrid(np.linspace(103.0, 109.0, 13), np.linspace(8.5, 23.0, 13))
    back = transformer(crs).lonlat(*from_wgs84(crs).xy(lon.ravel(), lat.ravel()))
    assert np.abs(np.array(back) - [lon.ravel(), lat.ravel()]).max() < 1e-11


@pytest.mark.parametrize("code", PLACES)
@pytest.mark.parametrize("name", WITH_CRS)
def test_round_trip_with_the_datum_in_the_file(tmp_path: Path, name: str, code: int) -> None:
    plots = plots_at(*PLACES[code])
    limit = 2 * CM if name.endswith((".tab", ".mif")) else MM
    made = export_plots(plots, tmp_path / name, f"EPSG:{code}")
    back = {plot.plot: plot for plot in read_plots(made.path, plot_id="plot").plots}
    crs, shapes, _ = _read(made.path)
    for plot in plots:
        assert apart_m(plot.boundary, back[plot.plot].boundary) < limit
        assert back[plot.plot].name == plot.name
        assert apart_m(plot.boundary, _official(shapes[plot.plot], _bare(crs))) < limit


def _bare(crs: CRS) -> CRS:
    """The CRS without the shift that MapInfo's files carry, its datum being VN-2000 by another name."""
    if not crs.is_bound or crs.source_crs is None:
        return crs
    parameters = crs.source_crs.coordinate_operation
    assert parameters is not None
    values = {p.name: p.value for p in parameters.params}
    matching = [c for c in map(CRS, PLACES) if _values(c) == values]
    return matching[0]


def _values(crs: CRS) -> dict[str, Any]:
    assert crs.coordinate_operation is not None
    return {p.name: p.value for p in crs.coordinate_operation.params}


@pytest.mark.parametrize("name", ["thua.gpkg", "thua.shp", "thua.zip", "thua.fgb"])
@pytest.mark.parametrize("code", [*PLACES, 4756, 4326])
def test_the_file_says_the_code(tmp_path: Path, name: str, code: int) -> None:
    made = export_plots(plots_at(*PLACES.get(code, PLACES[5897])), tmp_path / name, f"EPSG:{code}")
    assert _read(made.path)[0].to_epsg(min_confidence=70) == code
    assert made.crs == f"EPSG:{code}"


@pytest.mark.parametrize("name", ["thua.tab", "thua.mif", "thua.gpkg", "thua.shp", "thua.fgb"])
@pytest.mark.parametrize("code", [4756, 4326])
def test_degrees_too(tmp_path: Path, name: str, code: int) -> None:
    plots = plots_at(*PLACES[5897])
    export_plots(plots, tmp_path / name, str(code))
    back = {plot.plot: plot.boundary for plot in read_plots(tmp_path / name, plot_id="plot").plots}
    assert all(apart_m(plot.boundary, back[plot.plot]) < MM for plot in plots)


@pytest.mark.parametrize("code", PLACES)
@pytest.mark.parametrize("name", UNMARKED)
def test_round_trip_with_the_code_in_the_name(tmp_path: Path, name: str, code: int) -> None:
    plots = plots_at(*PLACES[code])
    made = export_plots(plots, tmp_path / name, f"EPSG:{code}")
    assert made.path.stem == f"thua_EPSG{code}"
    assert made.path.name in made.notes[0]
    assert CRS(made.path.with_suffix(".prj").read_text()).to_epsg(min_confidence=70) == code
    shapes = _corners(made.path) if name.endswith(".csv") else _drawn(made.path)
    for plot in plots:
        assert apart_m(plot.boundary, _official(shapes[plot.plot], CRS(code))) < MM


@pytest.mark.parametrize("name", UNMARKED)
def test_our_own_reader_takes_them_back(tmp_path: Path, name: str) -> None:
    plots = [Plot("t-1", Polygon(four(105.7, 9.2, 1e-3))), Plot("t-2", Polygon(four(105.71, 9.2, 1e-3)))]
    made = export_plots(plots, tmp_path / name, "EPSG:5897")
    back = {plot.plot: plot.boundary for plot in read_plots(made.path, plot_id="plot", crs="EPSG:5897").plots}
    assert all(apart_m(plot.boundary, back[plot.plot]) < MM for plot in plots)


def test_x_is_the_northing_and_rings_are_told_apart(tmp_path: Path) -> None:
    made = export_plots(plots_at(*PLACES[5897]), tmp_path / "thua_EPSG5897.csv", "EPSG:5897")
    header, first, *rows = list(csv.reader(made.path.read_text(encoding="utf-8-sig").splitlines()))
    assert made.notes == ()
    assert header == ["plot", "part", "ring", "vertex", "X (m)", "Y (m)"]
    assert first[:4] == ["t-1", "1", "1", "1"]
    assert float(first[4]) == pytest.approx(1_026_863.0, abs=5.0)
    assert float(first[5]) == pytest.approx(579_454.0, abs=5.0)
    rings = [tuple(row[:3]) for row in [first, *rows]]
    assert list(dict.fromkeys(rings)) == [
        ("t-1", "1", "1"),
        ("t-1", "1", "2"),
        ("t-1", "1", "3"),
        ("t-2", "1", "1"),
        ("t-2", "1", "2"),
        ("t-2", "2", "3"),
    ]
    assert len(rings) == 6 * 4, "the first corner is not repeated"


def test_a_drawing_has_closed_lines_and_layers_that_cad_takes(tmp_path: Path) -> None:
    square = Polygon(four(105.7, 9.2, 1e-3))
    names = ["a/1", "A?1", "Ruộng", "a_1"]
    made = export_plots([Plot(name, square) for name in names], tmp_path / "t.dxf", "EPSG:5897")
    lines = made.path.read_bytes().decode("ascii").split("\r\n")
    groups = list(zip(map(int, lines[:-1:2]), lines[1::2], strict=True))
    starts = [i for i, group in enumerate(groups) if group == (0, "POLYLINE")]
    layers = [groups[i + 1][1] for i in starts]
    assert layers == ["a_1", "A_1_2", r"Ru\U+1ED9ng", "a_1_3"]
    for i in starts:
        end = groups.index((0, "SEQEND"), i)
        assert (70, "1") in groups[i:end], "the closed flag"
        assert groups[i:end].count((0, "VERTEX")) == 4
    texts = [value for code, value in groups if code == 1 and value != "AC1009"]
    assert texts == ["a/1", "A?1", r"Ru\U+1ED9ng", "a_1"]
    assert [note for note in made.notes if "is on layer" in note][:1] == ["plot 'a/1' is on layer 'a_1'"]


@pytest.mark.parametrize("name", WGS84_ONLY)
def test_round_trip_in_wgs84(tmp_path: Path, name: str) -> None:
    plots = plots_at(*PLACES[9214])
    made = export_plots(plots, tmp_path / name, "EPSG:4326")
    back = {plot.plot: plot for plot in read_plots(made.path, plot_id="plot").plots}
    crs, shapes, _ = _read(made.path)
    assert crs.to_epsg(min_confidence=20) in {4326, 4979}
    for plot in plots:
        assert apart_m(plot.boundary, back[plot.plot].boundary) < MM
        assert apart_m(plot.boundary, shapely.force_2d(shapes[plot.plot])) < MM
        assert back[plot.plot].name == plot.name


@pytest.mark.parametrize("name", ["thua.xml", "TASKDATA", "TASKDATA/TASKDATA.XML", "thua.isoxml.zip", "TaskData.zip"])
def test_round_trip_as_isoxml(tmp_path: Path, name: str) -> None:
    plots = plots_at(*PLACES[9214])
    made = export_plots(plots, tmp_path / name, "EPSG:4326")
    readable = made.path
    if name == "thua.xml":
        readable = tmp_path / "machine" / "TASKDATA.XML"
        readable.parent.mkdir()
        shutil.copy(made.path, readable)
    file = isoxml.read(readable)
    assert file.problems == ("no time logs (0 tasks)",)
    assert [plot.name for plot in file.plots] == [plot.name for plot in plots]
    for plot, back in zip(plots, file.plots, strict=True):
        assert apart_m(plot.boundary, back.boundary) < MM
        assert back.declared_area_m2 == pytest.approx(_area_m2(plot.boundary), abs=0.51)


def _area_m2(boundary: Boundary) -> float:
    return abs(float(GEOD.geometry_area_perimeter(shapely.orient_polygons(boundary))[0]))


def test_isoxml_says_the_plot_and_what_it_cut(tmp_path: Path) -> None:
    square = Polygon(four(105.7, 9.2, 1e-3))
    made = export_plots(
        [Plot("a<&'1", square), Plot("n", square, name="Ruộng " * 9)], tmp_path / "TASKDATA.XML", "4326"
    )
    text = made.path.read_text(encoding="utf-8")
    assert '<PFD A="PFD1" B="a&lt;&amp;\'1" C="a&lt;&amp;\'1"' in text
    assert [plot.name for plot in isoxml.read(made.path).plots][1] == ("Ruộng " * 9)[:32].strip()
    assert "name is cut at 32 characters" in made.notes[0]


@pytest.mark.parametrize("name", ["thua.gpkg", "thua.fgb", "thua.geojson", "thua.kml", "thua.tab", "thua.mif"])
def test_attributes(tmp_path: Path, name: str) -> None:
    plots = plots_at(*PLACES[5897])
    made = export_plots(plots, tmp_path / name, "EPSG:4326" if name.endswith(("json", "kml")) else "EPSG:5897")
    columns = _read(made.path)[2]
    known = columns["plot"].index("t-1")
    said = {column: values[known] for column, values in columns.items()}
    assert {key.lower(): value for key, value in said.items()}["name"] == "Ruộng ông Đặng Văn Tư"
    assert said["season"] == "đông xuân"
    assert (said["kind"], said["growing_area"], said["crop"]) == ("rice-shrimp", "VN-BLOR-0001", "lúa")
    assert (said["member"], said["cadastral"], said["source_unit"]) == ("HTX Ba Đình", "thửa 12, tờ 3", "xã Hồng Dân")
    assert (str(said["source_date"]), said["source_crs"], said["version"]) == ("2024-05-01", "EPSG:5897", 3)
    assert str(said["valid_from"]) == "2025-11-25", "the day in Vietnam"
    assert float(said["declared_area_m2"]) == 12_345.5
    assert said["area_m2"] == pytest.approx(_area_m2(plots[0].boundary), abs=0.01)
    unknown = {column: values[1 - known] for column, values in columns.items()}
    assert unknown["crop"] in {None, ""}
    assert str(unknown["valid_from"]) in {"None", "NaT", ""}
    declared = unknown["declared_area_m2"]
    assert declared in {None, ""} or math.isnan(declared)


@pytest.mark.parametrize("name", ["thua.gpkg", "thua.fgb", "thua.geojson", "thua.kml", "thua.tab", "thua.mif"])
def test_an_unknown_declared_area_comes_back_unknown(tmp_path: Path, name: str) -> None:
    export_plots(plots_at(*PLACES[5897]), tmp_path / name, "EPSG:4326")
    back = {plot.plot: plot.declared_area_m2 for plot in read_plots(tmp_path / name, plot_id="plot").plots}
    assert back["t-1"] == 12_345.5
    assert math.isnan(back["t-2"])


def test_the_computed_area_of_a_shapefile_does_not_come_back_as_the_declared_one(tmp_path: Path) -> None:
    export_plots([Plot("t-1", Polygon(four(105.7, 9.2, 1e-3)))], tmp_path / "t.shp", "EPSG:4326")
    assert math.isnan(read_plots(tmp_path / "t.shp", plot_id="plot").plots[0].declared_area_m2)


def test_a_shapefile_as_programs_want_it(tmp_path: Path) -> None:
    made = export_plots(plots_at(*PLACES[5897]), tmp_path / "Thửa.SHP", "EPSG:5897")
    assert made.path.name == "Thửa.shp"
    assert {path.suffix for path in made.files} == {".shp", ".dbf", ".shx", ".prj", ".cpg"}
    assert made.path.with_suffix(".cpg").read_text() == "UTF-8"
    assert 'DATUM["D_Vietnam_2000"' in made.path.with_suffix(".prj").read_text()
    columns = _read(made.path)[2]
    assert " ".join(columns) == (
        "plot name crop season kind grow_area member cadastral src_unit src_date src_crs decl_m2 version geod_m2 "
        "valid_from"
    )
    assert all(len(column) <= 10 for column in columns)
    assert columns["decl_m2"][0] == 12_345.5
    assert math.isnan(columns["decl_m2"][1])
    turns = _shp_ring_areas(made.path.read_bytes())
    assert [area < 0.0 for area in turns[0]] == [True, False, False], "outside clockwise, holes the other way"
    assert sorted(area < 0.0 for area in turns[1]) == [False, True, True]


def _shp_ring_areas(data: bytes) -> list[list[float]]:
    """Signed area of each ring of each polygon, from the bytes of a .shp; counter-clockwise is positive."""
    records, at = [], 100
    while at < len(data):
        (words,) = struct.unpack(">i", data[at + 4 : at + 8])
        body = data[at + 8 : at + 8 + 2 * words]
        parts, points = struct.unpack("<ii", body[36:44])
        starts = [*struct.unpack(f"<{parts}i", body[44 : 44 + 4 * parts]), points]
        xy = np.frombuffer(body[44 + 4 * parts :], "<f8").reshape(points, 2)
        xy = xy - xy[0]
        rings = [xy[a:b] for a, b in pairwise(starts)]
        records.append([float(np.sum(r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1])) / 2.0 for r in rings])
        at += 8 + 2 * words
    return records


@pytest.mark.parametrize("name", ["thua.shp", "thua.mif"])
def test_long_texts_are_cut_between_letters_and_told(tmp_path: Path, name: str) -> None:
    plots = [Plot("t-1", Polygon(four(105.7, 9.2, 1e-3)), name="ộ" * 90)]
    made = export_plots(plots, tmp_path / name, "EPSG:5897")
    assert made.notes == ("name is cut at 254 bytes, as the format wants: 1 plots, the first is 't-1'",)
    assert _read(made.path)[2]["name"] == ["ộ" * 84]


def test_mapinfo_carries_the_shift_with_its_own_signs(tmp_path: Path) -> None:
    made = export_plots(plots_at(*PLACES[9207]), tmp_path / "t.mif", "EPSG:9207")
    text = made.path.read_text(encoding="utf-8")
    assert (
        "CoordSys Earth Projection 8, 9999, 28, -191.90441429, -39.30318279, -111.45032835, "
        '-0.00928836, 0.01975479, -0.00427372, 0.252906278, 0, "m", 104.5, 0, 0.9999, 500000, 0'
    ) in text
    assert 'Charset "UTF-8"' in text


@pytest.mark.skipif(shutil.which("ogr2ogr") is None, reason="GDAL's programs are not installed")
@pytest.mark.parametrize("name", ["thua.gpkg", "thua.shp", "thua.tab", "thua.mif"])
def test_another_gdal_lands_on_the_same_spot(tmp_path: Path, name: str) -> None:
    """The system's own GDAL, which is older than the one that wrote, with the way that it chooses by itself."""
    plots = plots_at(*PLACES[9217])
    made = export_plots(plots, tmp_path / name, "EPSG:9217")
    other = tmp_path / "other.fgb"
    subprocess.run(
        ["ogr2ogr", "-t_srs", "EPSG:4326", "-nlt", "PROMOTE_TO_MULTI", other, made.path],
        check=True,
        capture_output=True,
    )
    _, shapes, _ = _read(other)
    for plot in plots:
        assert apart_m(plot.boundary, shapes[plot.plot]) < (2 * CM if name.endswith((".tab", ".mif")) else MM)


@pytest.mark.parametrize("code", [5897, 9210])
def test_a_hundred_vietnamese_fields(tmp_path: Path, code: int) -> None:
    fields = read_plots(shared("fields/fiboa_1_vietnam_areas.gpkg")).plots
    made = export_plots(fields, tmp_path / "ruong.shp", f"EPSG:{code}")
    back = {plot.plot: plot.boundary for plot in read_plots(made.path, plot_id="plot").plots}
    assert made.plots == len(back) == len(fields) == 100
    assert max(apart_m(plot.boundary, back[plot.plot]) for plot in fields) < MM
