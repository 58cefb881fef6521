"""Files and zips that cannot be opened, or must not be."""

from __future__ import annotations

from pathlib import Path

from tests.golden.land import files
from tests.golden.land.case import Case
from tests.golden.land.files import A, geojson


def _deep_zip(folder: Path) -> Path:
    inner = geojson(folder / "p.geojson", [A])
    for level in range(4):
        inner = files.zipped(folder / f"{level}.zip", inner)
    return inner


def _cut_zip(folder: Path) -> Path:
    whole = files.zipped(folder / "whole.zip", geojson(folder / "p.geojson", [A]))
    path = folder / "cut.zip"
    path.write_bytes(whole.read_bytes()[:-40])
    return path


def _cut_json(folder: Path) -> Path:
    path = geojson(folder / "p.geojson", [A])
    path.write_text(path.read_text()[:120])
    return path


def _vrt(folder: Path) -> Path:
    path = folder / "p.geojson"
    path.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/x.csv</SrcDataSource></OGRVRTLayer>'
        "</OGRVRTDataSource>"
    )
    return path


FILES = (
    Case("no such file", lambda d: d / "absent.gpkg", error="{path}: no such file"),
    Case(
        "no field file",
        lambda d: files.table(d / "note.dat", "no field"),
        error=(
            "note.dat: not a field file that GDAL reads: 'note.dat' not recognized as being in a supported file format."
        ),
    ),
    Case(
        "pointer to another file",
        _vrt,
        error="p.geojson: points to other files or addresses instead of holding plots; refused",
    ),
    Case(
        "GeoJSON cut short",
        _cut_json,
        error=(
            "p.geojson: not a field file that GDAL reads: Failed to read GeoJSON data; At line 1, "
            "character 39: Unterminated object"
        ),
    ),
    Case(
        "column missing",
        lambda d: geojson(d / "p.geojson", [A], {"plot": "P", "ten": "x"}),
        {"plot_id": "so"},
        error="p.geojson: no column 'so'; columns: plot, ten",
    ),
    Case(
        "zip without plots",
        lambda d: files.zipped(d / "a.zip", readme__txt=b"nothing"),
        error=(
            "a.zip: the zip holds no field file (TASKDATA.XML, .shp, .gpkg, .fgb, .geojson, .json, .gml, "
            ".kml, .kmz, .tab, .mif, .dxf, .csv); it holds readme.txt"
        ),
    ),
    Case("zip cut short", _cut_zip, error="cut.zip: is no zip, or a damaged one: File is not a zip file"),
    Case(
        "zips too deep",
        _deep_zip,
        error="3.zip/2.zip/1.zip/0.zip: zips lie in zips more than 3 deep; unpack it by hand",
    ),
    Case(
        "zip that leads outside",
        lambda d: files.zipped(d / "a.zip", **{"../p__geojson": b"{}"}),
        error="a.zip: the member '../p.geojson' leads outside the zip; refused",
    ),
    Case(
        "zip bomb",
        lambda d: files.zipped(d / "a.zip", p__geojson=bytes(40 << 20)),
        error="a.zip: p.geojson unpacks to more than 400 times its size; refused",
    ),
    Case(
        "unknown encoding",
        lambda d: geojson(d / "p.geojson", [A]),
        {"encoding": "klingon"},
        error="unknown encoding 'klingon'; there are tcvn3 (ABC), vni, cp1258, utf-8 and Python's own",
    ),
)
