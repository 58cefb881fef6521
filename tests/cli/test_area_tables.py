"""`canhdong area` on tables of fixes, and the files that it writes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from PIL import Image
from shapely import box

from cli.main import main
from core.model.fixtable import FixTable
from tests.geo.tracks import PLANE, boustrophedon, table

START_MS = 1_785_542_400_000
PLOT = box(2, 0, 100, 42)


def field(tmp_path: Path) -> Path:
    path = tmp_path / "plots.geojson"
    feature = {
        "type": "Feature",
        "properties": {"plot": "p1"},
        "geometry": shapely.geometry.mapping(PLANE.to_wgs84(PLOT)),
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


def flown(lines: slice, device: str) -> FixTable:
    """Some lines of six over the plot; the third has a gap of a quarter."""
    points, on = boustrophedon(6, 100.0, 7.0)
    on[200:220] = [False] * 20
    rows = slice(lines.start * 81, lines.stop * 81)
    number = np.arange(len(points[rows]))
    ts_ms = START_MS + 200 * number + 3_000 * (number // 81)  # a turn takes time
    return table(points[rows], on=on[rows], ts_ms=ts_ms, swath_m=7.1, flow_lpm=3.0, speed_mps=6.2, device=device)


def columns(fixes: FixTable) -> dict[str, Any]:
    return {
        "swath_m": fixes.swath_m,
        "lat": fixes.lat_deg,
        "on": fixes.on,
        "lon": fixes.lon_deg,
        "ts": fixes.ts_ms,
        "device": [fixes.device] * len(fixes),
        "flow_lpm": fixes.flow_lpm,
        "speed_mps": fixes.speed_mps,
    }


def parquet(tmp_path: Path, *tables: FixTable, name: str = "fixes.parquet") -> Path:
    path = tmp_path / name
    pq.write_table(pa.concat_tables([pa.table(columns(t)) for t in tables]), path)
    return path


def csv(tmp_path: Path, *tables: FixTable, name: str = "fixes.csv") -> Path:
    path = tmp_path / name
    rows = [",".join(columns(tables[0]))]
    for it in tables:
        told = columns(it)
        rows += [",".join(str(told[c][i]) for c in told) for i in range(len(it))]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def area(capsys: pytest.CaptureFixture[str], *argv: object) -> Any:
    assert main(["area", *map(str, argv), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_both_kinds_of_tables_and_any_split_give_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plots = field(tmp_path)
    one, other = flown(slice(0, 3), "a"), flown(slice(3, 6), "b")
    told = [
        area(capsys, parquet(tmp_path, one, other), "--plots", plots),
        area(capsys, csv(tmp_path, one, other), "--plots", plots),
        area(capsys, parquet(tmp_path, one, name="1.parquet"), csv(tmp_path, other, name="2.csv"), "--plots", plots),
    ]
    net = [it["plots"][0]["net_m2"] for it in told]
    assert net[0] == pytest.approx(98 * 42 - 25 * 7, rel=0.01)
    assert net == pytest.approx([net[0]] * 3, abs=1e-6)
    assert {it["fixes"] for it in told} == {486}
    assert told[0]["volume_l"] == pytest.approx(told[1]["volume_l"], rel=1e-12)


def test_a_bad_row_is_told_and_the_rest_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv(tmp_path, flown(slice(0, 6), "a"))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[100] = "7.1,oops"
    path.write_text("\n".join(lines), encoding="utf-8")
    told = area(capsys, path, "--plots", field(tmp_path))
    assert told["fixes"] == 485
    assert any("line 101" in problem for problem in told["problems"])


def test_missed_parts_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "missed.geojson"
    told = area(capsys, parquet(tmp_path, flown(slice(0, 6), "a")), "--plots", field(tmp_path), "--missed", out)
    features = json.loads(out.read_text(encoding="utf-8"))["features"]
    properties = features[0]["properties"]
    assert properties["plot"] == "p1"
    assert properties["area_m2"] == pytest.approx(25.0 * 6.9, rel=0.05)
    assert properties["area_cong"] == pytest.approx(properties["area_m2"] / 1_000.0, abs=1e-6)
    assert sum(f["properties"]["area_m2"] for f in features) <= told["plots"][0]["missed_m2"] + 0.01


def test_the_dose_is_written_as_map_picture_and_contours(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fixes, plots = parquet(tmp_path, flown(slice(0, 6), "a")), field(tmp_path)
    tif, png, contours = (tmp_path / f"dose.{suffix}" for suffix in ("tif", "png", "geojson"))
    told = area(capsys, fixes, "--plots", plots, "--dose", tif)
    with Image.open(tif) as image:
        values = np.asarray(image, np.float64)
    assert values.sum() / 10_000.0 == pytest.approx(told["volume_l"], rel=1e-6)
    area(capsys, fixes, "--plots", plots, "--dose", contours)
    found = json.loads(contours.read_text(encoding="utf-8"))["features"]
    assert sum(f["properties"]["area_m2"] for f in found) == pytest.approx(98 * 42, rel=1e-4)
    mean = told["plots"][0]["volume_l"] / told["plots"][0]["net_m2"] * 10_000.0
    assert found[0]["properties"]["planned_lpha"] == pytest.approx(mean, rel=1e-6)
    area(capsys, fixes, "--plots", plots, "--dose", png, "--planned", 2 * mean)
    with Image.open(png) as image:
        assert image.size == values.shape[::-1]
        colours = np.asarray(image.convert("RGB")).reshape(-1, 3)
    assert (colours == (0xFD, 0xB8, 0x63)).all(axis=1).sum() + (colours == (0xE6, 0x61, 0x01)).all(axis=1).sum() > 3_500


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--dose", "dose.bmp"], "--dose dose.bmp: the name must end in .tif"),
        (["--missed", "missed.shp"], "--missed missed.shp: the name must end in .geojson"),
        (["--planned", "20"], "--planned: say where"),
    ],
)
def test_names_that_say_no_format_are_refused_first(
    capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    assert main(["area", "nothing.parquet", *options]) == 2
    assert says in capsys.readouterr().err


def test_without_a_flow_there_is_no_dose(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fixes = flown(slice(0, 6), "a").with_columns(flow_lpm=np.nan)
    path = parquet(tmp_path, fixes)
    assert main(["area", str(path), "--plots", str(field(tmp_path)), "--dose", str(tmp_path / "d.tif")]) == 2
    assert "no amount is told" in capsys.readouterr().err
