"""Exports as other programs read them: every format of fixes and coverage."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
from pyproj import CRS

from core.errors import ConfigError
from core.exportrows import COVERAGE, FIXES
from core.exports import Subject
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.shapes import ShapeKind
from geo.exporting import Wanted
from geo.projection import geodesic_area_m2
from land.crs import from_wgs84
from land.flightfiles.csvfile import unformulated
from storage.runs.fixtables import read_fix_table
from tests.support import rectangle
from tests.support.archived import START_MS
from tests.support.exporting import Farm, farm

ZONE = "EPSG:5897"


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Farm, list[Flight], FixTable]]:
    it = farm(tmp_path_factory.mktemp("farm"))
    table = rectangle.flight("d1", START_MS)
    flights = list(it.fly(table))
    assert len(flights) == 1
    yield it, flights, table
    it.close()


Flown = tuple[Farm, list[Flight], FixTable]


def wanted(form: str, subject: Subject = Subject.FIXES, crs: str = "EPSG:4326", *, bom: bool = False) -> Wanted:
    return Wanted(subject, form, "x", crs, bom=bom)


def test_geojson_has_every_fix(flown: Flown, tmp_path: Path) -> None:
    it, flights, table = flown
    made = json.loads(it.export(tmp_path / "a.geojson", flights, wanted("geojson")).read_text())
    assert [f["geometry"]["coordinates"] for f in made["features"]] == [
        [lon, lat] for lon, lat in zip(table.lon_deg.tolist(), table.lat_deg.tolist(), strict=True)
    ]
    first = made["features"][0]["properties"]
    assert list(first) == [column.name for column in FIXES]
    assert (first["ts"], first["on"], first["op"], first["flow_lpm"], first["height_m"]) == (
        START_MS,
        True,
        "spray",
        float(table.flow_lpm[0]),
        None,
    )
    assert first["time_utc"] == "2026-11-19T23:00:00.000Z"
    assert first["time_local"] == "2026-11-20T06:00:00.000+07:00"


def test_an_export_of_no_flight_is_a_whole_file(flown: Flown, tmp_path: Path) -> None:
    it, _, _ = flown
    for form, suffix in (("geojson", ".geojson"), ("gpkg", ".gpkg"), ("parquet", ".parquet")):
        for subject in Subject:
            path = it.export(tmp_path / f"{subject.value}{suffix}", [], wanted(form, subject))
            rows = pq.read_table(path).num_rows if form == "parquet" else pyogrio.read_info(path)["features"]
            assert rows == 0, (form, subject)
    assert it.export(tmp_path / "x.kml", [], wanted("kml")).read_text().endswith("</Document>\n</kml>\n")
    assert it.export(tmp_path / "x.csv", [], wanted("csv")).read_text().startswith("device,flight,")
    with zipfile.ZipFile(it.export(tmp_path / "x.zip", [], wanted("isoxml"))) as archive:
        assert archive.namelist() == ["TASKDATA/TASKDATA.XML"]


def test_csv_is_for_spreadsheets(flown: Flown, tmp_path: Path) -> None:
    it, flights, table = flown
    plain = it.export(tmp_path / "plain.csv", flights, wanted("csv")).read_bytes()
    marked = it.export(tmp_path / "marked.csv", flights, wanted("csv", bom=True)).read_bytes()
    assert marked == b"\xef\xbb\xbf" + plain
    rows = list(csv.DictReader(plain.decode().splitlines()))
    assert [float(row["lat"]) for row in rows] == table.lat_deg.tolist()
    assert rows[0]["height_m"] == ""
    assert rows[0]["on"] == "true"


@pytest.mark.parametrize("text", ["=1+1", "+84", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_text_is_a_formula(text: str) -> None:
    assert unformulated(text) == f"'{text}"


def test_a_name_that_is_a_formula_is_a_text_in_the_file(tmp_path: Path) -> None:
    it = farm(tmp_path)
    table = rectangle.flight("d1", START_MS).with_columns(job='=HYPERLINK("http://x","y")')
    lines = it.export(tmp_path / "a.csv", it.fly(table), wanted("csv")).read_text().splitlines()
    assert next(csv.DictReader(lines))["job"] == '\'=HYPERLINK("http://x","y")'
    assert all(row["lon"].startswith("105.") for row in csv.DictReader(lines))
    it.close()


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("crs", ["EPSG:4326", ZONE])
@pytest.mark.parametrize("form", ["gpkg", "shapefile", "parquet"])
def test_files_that_carry_a_crs(flown: Flown, tmp_path: Path, form: str, crs: str, subject: Subject) -> None:
    it, flights, table = flown
    suffix = {"gpkg": ".gpkg", "shapefile": ".zip", "parquet": ".parquet"}[form]
    path = it.export(tmp_path / f"a{suffix}", flights, wanted(form, subject, crs))
    if form == "parquet":
        read = pq.read_table(path)
        geo = json.loads(read.schema.metadata[b"geo"])["columns"]["geometry"]
        told = CRS.from_json_dict(geo["crs"]) if "crs" in geo else CRS.from_epsg(4326)
        shapes = shapely.from_wkb(np.array(read.column("geometry").to_pylist(), object))
        names = [*read.column_names][:-1]
        assert names == [column.name for column in (FIXES if subject is Subject.FIXES else COVERAGE)]
    else:
        meta, _, wkb, _ = pyogrio.raw.read(path)
        told, shapes = CRS.from_user_input(meta["crs"]), shapely.from_wkb(wkb)
        columns = FIXES if subject is Subject.FIXES else COVERAGE
        assert meta["fields"].tolist() == [c.short if form == "shapefile" else c.name for c in columns]
    assert told.to_epsg() == int(crs[5:]) or told.equals(CRS.from_epsg(int(crs[5:])), ignore_axis_order=True)
    if subject is Subject.FIXES:
        x, y = from_wgs84(crs).xy(table.lon_deg, table.lat_deg)
        assert np.allclose(shapely.get_x(shapes), x, atol=1e-9 if crs == "EPSG:4326" else 1e-4)
        assert np.allclose(shapely.get_y(shapes), y, atol=1e-9 if crs == "EPSG:4326" else 1e-4)
    elif crs == ZONE:
        assert shapely.area(shapes).sum() == pytest.approx(rectangle.AREA_M2, rel=2e-3)


def test_a_shapefile_has_short_names_and_says_how_it_is_encoded(flown: Flown, tmp_path: Path) -> None:
    it, flights, _ = flown
    path = it.export(tmp_path / "a.zip", flights, wanted("shapefile", Subject.COVERAGE, ZONE))
    with zipfile.ZipFile(path) as archive:
        assert sorted(archive.namelist()) == [f"coverage.{end}" for end in ("cpg", "dbf", "prj", "shp", "shx")]
        assert archive.read("coverage.cpg") == b"UTF-8"
        assert b"VN_2000" in archive.read("coverage.prj") or b"VN-2000" in archive.read("coverage.prj")
    meta, _, _, fields = pyogrio.raw.read(path)
    values = dict(zip(meta["fields"].tolist(), fields, strict=True))
    assert values["plot_name"].tolist() == ["Thửa chữ nhật"]
    for columns in (FIXES, COVERAGE):
        names = [column.short for column in columns]
        assert max(map(len, names)) <= 10
        assert len({name.casefold() for name in names}) == len(names)


def test_coverage_says_what_the_registry_says(flown: Flown, tmp_path: Path) -> None:
    it, flights, _ = flown
    result = it.registry.coverage("htx-a", flights[0].flight)
    kinds = (ShapeKind.COVERED, ShapeKind.MISSED)
    made = json.loads(
        it.export(tmp_path / "c.geojson", flights, Wanted(Subject.COVERAGE, "geojson", "x", kinds=kinds)).read_text()
    )
    covered, missed = (f["properties"] for f in made["features"])
    assert (covered["kind"], missed["kind"]) == ("covered", "missed")
    assert covered["area_m2"] == result.plots[0].net_m2
    assert missed["area_m2"] == result.plots[0].missed_m2
    assert covered["input_hash"] == result.input_hash
    shape = shapely.geometry.shape(made["features"][0]["geometry"])
    assert geodesic_area_m2(shape) == pytest.approx(result.plots[0].net_m2, rel=2e-3)


def test_kml_is_lines_on_and_off(flown: Flown, tmp_path: Path) -> None:
    it, flights, table = flown
    path = it.export(tmp_path / "a.kml", flights, wanted("kml"))
    meta, _, wkb, fields = pyogrio.raw.read(path, layer=flights[0].flight)
    names = dict(zip(meta["fields"].tolist(), fields, strict=True))["Name"]
    lines = shapely.from_wkb(wkb)
    assert names.tolist()[:3] == ["on", "off", "on"]
    cuts = np.flatnonzero(np.diff(table.on)) + 1
    inner = [k for k in cuts.tolist() if k < len(table) - 1]
    assert len(lines) == len(inner) + 1
    assert shapely.get_num_points(lines).sum() == len(table) + len(inner)
    areas = it.export(tmp_path / "c.kml", flights, wanted("kml", Subject.COVERAGE))
    assert pyogrio.read_info(areas)["features"] == 1


def test_what_was_exported_reads_back_as_the_same_fixes(flown: Flown, tmp_path: Path) -> None:
    it, flights, table = flown
    (log,) = read_fix_table(it.export(tmp_path / "a.parquet", flights, wanted("parquet"))).logs
    assert log.device == "d1"
    for name in ("ts_ms", "seq", "lat_deg", "lon_deg", "on", "quality", "op", "mode", "flow_lpm", "swath_m"):
        assert np.array_equal(getattr(log.fixes, name), getattr(table, name), equal_nan=True), name


@pytest.mark.parametrize(
    ("form", "subject", "crs", "words"),
    [
        ("geojson", Subject.FIXES, ZONE, "always in WGS 84"),
        ("isoxml", Subject.COVERAGE, "EPSG:4326", "cannot hold coverage"),
        ("xlsx", Subject.FIXES, "EPSG:4326", "no format 'xlsx'"),
        ("gpkg", Subject.FIXES, "EPSG:5896", "wrong zone"),
        ("gpkg", Subject.FIXES, "EPSG:3857", "none that exports are made in"),
    ],
)
def test_what_cannot_be_written_is_said_before_a_byte_is(  # noqa: PLR0917 - the cases
    flown: Flown, tmp_path: Path, form: str, subject: Subject, crs: str, words: str
) -> None:
    it, flights, _ = flown
    with pytest.raises(ConfigError, match=words):
        it.export(tmp_path / "x", flights, wanted(form, subject, crs))
    assert not (tmp_path / "x").exists()
