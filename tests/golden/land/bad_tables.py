"""Tables of corner points and of WKT, and task data, with something wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shapely import box

from tests.golden.land import files
from tests.golden.land.case import Case
from tests.golden.land.files import TM3, A, ring_of

SQUARE = ring_of(A)
HOLE = list(reversed(ring_of(box(105.0002, 9.0002, 105.0004, 9.0004))))


def _vertices(*lines: str, header: str = "Số thửa;Số hiệu điểm;X (m);Y (m)") -> Callable[[Path], Path]:
    return lambda folder: files.table(folder / "thua.csv", header, *lines)


def _xml_bomb(folder: Path) -> Path:
    path = folder / "TASKDATA.XML"
    path.write_text('<!DOCTYPE x [<!ENTITY a "b">]><ISO11783_TaskData>&a;</ISO11783_TaskData>')
    return path


def _taskdata_cut(folder: Path) -> Path:
    path = folder / "TASKDATA.XML"
    path.write_text("<ISO11783_TaskData>\n<PFD>")
    return path


TABLES = (
    Case(
        "vertices without CRS",
        _vertices(*(f"12;{i};{y};{x}" for i, (x, y) in enumerate(TM3, 1))),
        error=(
            "thua.csv: states no CRS; give it with --crs, for example --crs EPSG:5897 (VN-2000, 105°) or "
            "--crs EPSG:4326 (GPS degrees)"
        ),
    ),
    Case(
        "vertices with a word",
        _vertices(
            "12;1;1026800,0;579400,0",
            "12;2;1026800,0;579500,x",
            "12;3;1026900,0;579500,0",
            *(f"13;{i};{y + 200};{x}" for i, (x, y) in enumerate(TM3, 1)),
            "Diện tích;;;",
        ),
        {"crs": "EPSG:5897"},
        features=(("12", "refused", "has a bad point: line 3, Y (m): '579500,x' is no number"), ("13", "ok", "")),
        problems=("thua.csv: rows without coordinates skipped: 1 (line 9)",),
    ),
    Case(
        "vertices: an empty cell",
        _vertices("12;1;1026800,0;579400,0", "12;2;1026800,0;", "12;3;1026900,0;579500,0"),
        {"crs": "EPSG:5897"},
        features=(("12", "refused", "has a bad point: line 3, Y (m): is empty"),),
    ),
    Case(
        "vertices: two points",
        _vertices("12;1;1026800;579400", "12;2;1026800;579500"),
        {"crs": "EPSG:5897"},
        features=(("12", "refused", "has a ring of 2 points (line 2 to 3); a plot needs 3"),),
    ),
    Case(
        "vertices: points out of order",
        _vertices(*(f"12;{i};{TM3[i - 1][1]};{TM3[i - 1][0]}" for i in (1, 3, 2, 4))),
        {"crs": "EPSG:5897"},
        features=(("12", "repaired", "had its points out of order, taken by their numbers (Số hiệu điểm)"),),
    ),
    Case(
        "vertices: X is the easting",
        _vertices(*(f"12;{i};{x};{y}" for i, (x, y) in enumerate(TM3, 1))),
        {"crs": "EPSG:5897"},
        error=(
            "thua.csv: coordinates such as 579450, 1026850 fall outside Vietnam, but inside with X "
            "(northing) and Y (easting) exchanged: the columns are named the other way round; read it "
            "with --axes xy"
        ),
    ),
    Case(
        "table without coordinates",
        lambda d: files.table(d / "t.csv", "plot,area", "1,2"),
        error=(
            "t.csv: not a field file: no row (of the first 30) names columns of plots: WKT, or X and Y, "
            "or lon and lat, or E and N"
        ),
    ),
    Case(
        "WKT that is none",
        lambda d: files.table(
            d / "t.csv",
            "id;WKT",
            f'a;"{A.wkt}"',
            "b;POLYGON((105 9,",
            'c;"POLYGON((105 9,105.001 9,105.001 9.001))"',
            "d;",
        ),
        {"crs": "EPSG:4326"},
        features=(
            ("a", "ok", ""),
            ("b", "refused", "has no geometry that can be read as WKT (line 3)"),
            ("c", "repaired", "had an open ring, closed; overlaps feature 1 by 100% of the smaller one"),
            ("d", "refused", "has no geometry (line 5)"),
        ),
    ),
    Case(
        "bytes in a table",
        lambda d: files.zipped(d / "x.zip", B=b"1") and files.table(d / "t.csv", "x;y\0"),
        error="t.csv: is no text file (byte 3 is zero)",
    ),
    Case(
        "task data cut short",
        _taskdata_cut,
        error="TASKDATA.XML: line 2, column 6: no well-formed XML: no element found",
    ),
    Case(
        "task data with entities",
        _xml_bomb,
        error="TASKDATA.XML: refused XML: EntitiesForbidden(name='a', system_id=None, public_id=None)",
    ),
    Case(
        "task data: fields",
        lambda d: files.taskdata(
            d / "TASKDATA.XML",
            files.part_field("P1", (1, SQUARE), (2, HOLE), name="Ruộng", declared="12000"),
            files.part_field("P2"),
            files.part_field("P3", (1, SQUARE[:2])),
            files.part_field("P4", (1, [("x", 9.0), *SQUARE])),
        ),
        features=(
            ("P1", "ok", ""),
            ("P2", "refused", "has no geometry"),
            ("P3", "refused", "has a ring with 2 corners"),
            ("P4", "refused", "point 1 of a ring has no usable coordinates (C='9.0', D='x')"),
        ),
    ),
)
