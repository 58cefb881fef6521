"""Plots from real and made field files."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from pyogrio.raw import write
from pyproj import Geod
from shapely import LineString, MultiPolygon, Point, Polygon, box

from core.errors import ConfigError, FieldFileError
from core.model.land import Plot
from land.fieldfile import read_plots
from tests.golden.land.files import written
from tests.support.shared import shared

GEOD = Geod(ellps="WGS84")
A, B = box(105.0, 9.0, 105.001, 9.001), box(105.002, 9.0, 105.003, 9.001)


def _areas(plots: tuple[Plot, ...]) -> list[float]:
    return [abs(GEOD.geometry_area_perimeter(p.boundary)[0]) for p in plots]


def _geojson(path: Path, features: list[tuple[Any, dict[str, object]]]) -> Path:
    made = [
        {"type": "Feature", "properties": p, "geometry": None if g is None else shapely.geometry.mapping(g)}
        for g, p in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": made}), encoding="utf-8")
    return path


def test_vietnamese_smallholder_fields() -> None:
    file = read_plots(shared("fields/fiboa_1_vietnam_areas.gpkg"))
    areas = _areas(file.plots)
    assert len(file.plots) == 100
    assert np.median(areas) == pytest.approx(4_772, abs=1)
    assert (round(min(areas)), round(max(areas))) == (221, 17_528)
    assert file.crs == "EPSG:32648"
    assert [p.plot for p in file.plots] == [str(n) for n in range(1, 101)]  # its column id says 1 of all of them
    assert file.problems == ()


def test_swiss_register_areas() -> None:
    file = read_plots(shared("fields/fiboa_ch_lwb.gpkg"))
    ratios = [a / p.declared_area_m2 for a, p in zip(_areas(file.plots), file.plots, strict=True)]
    assert np.median(ratios) == pytest.approx(0.99981, abs=2e-5)
    assert file.problems == ("fiboa_ch_lwb.gpkg: feature 25 had 1 spike, taken out",)


def test_zip_of_shapefiles_without_prj() -> None:
    path = shared("fields/agrirouter_small_shape.zip")
    with pytest.raises(FieldFileError, match="--crs"):
        read_plots(path)
    file = read_plots(path, crs="EPSG:4326")
    assert len(file.plots) == 4
    (known,) = [a for p, a in zip(file.plots, _areas(file.plots), strict=True) if p.name == "Hammertelgen"]
    assert known == pytest.approx(30_475, abs=1)
    assert "not read" in file.problems[0]


@pytest.mark.parametrize(
    ("name", "driver"), [("p.gpkg", None), ("p.fgb", None), ("p.shp", None), ("p.kml", "KML"), ("p.geojson", None)]
)
def test_formats_and_names(tmp_path: Path, name: str, driver: str | None) -> None:
    path = written(tmp_path / name, [A, B], "EPSG:4326", driver, NAME=["Ruộng A", "Ruộng B"])
    file = read_plots(path)
    assert sorted(p.plot for p in file.plots) == ["Ruộng A", "Ruộng B"]
    assert _areas(file.plots) == pytest.approx(_areas((Plot("a", A), Plot("b", B))), rel=1e-6)


def test_vn2000_shapefile_by_its_prj_and_by_option(tmp_path: Path) -> None:
    square = box(579_400, 1_026_800, 579_500, 1_026_900)
    path = written(tmp_path / "thua.shp", [square], "EPSG:5897", plot=["t1"])
    by_prj = read_plots(path).plots[0]
    assert _areas((by_prj,))[0] == pytest.approx(10_000.45, abs=0.01)
    path.with_suffix(".prj").unlink()
    with pytest.raises(FieldFileError, match=r"states no CRS.*--crs EPSG:5897"):
        read_plots(path)
    by_option = read_plots(path, crs="EPSG:5897").plots[0]
    assert by_option.boundary.hausdorff_distance(by_prj.boundary) < 1e-11
    assert by_option.source_crs == "EPSG:5897"
    with pytest.raises(ConfigError, match="EPSG:5897"):
        read_plots(path, crs="EPSG:6957")


def test_swapped_axes_refuse_the_file_and_can_be_told(tmp_path: Path) -> None:
    path = written(tmp_path / "p.gpkg", [box(1_026_800, 579_400, 1_026_900, 579_500)], "EPSG:5897", plot=["t1"])
    with pytest.raises(FieldFileError, match="swapped; read it with --axes yx"):
        read_plots(path)
    assert _areas(read_plots(path, axes="yx").plots) == pytest.approx([10_000.45], abs=0.01)


@pytest.mark.parametrize(
    ("properties", "plot"),
    [
        ({"plot": "P", "id": 7, "name": "N"}, "P"),
        ({"ID": 7, "name": "N"}, "7"),
        ({"Name": "N"}, "N"),
        ({"other": 1}, "1"),
        ({"id": 7.0, "x": "y"}, "7"),
    ],
)
def test_where_the_name_comes_from(tmp_path: Path, properties: dict[str, object], plot: str) -> None:
    assert read_plots(_geojson(tmp_path / "p.geojson", [(A, properties)])).plots[0].plot == plot


def test_the_column_that_is_asked_for(tmp_path: Path) -> None:
    path = _geojson(tmp_path / "p.geojson", [(A, {"plot": "P", "Ma_thua": 12}), (B, {"plot": "Q", "Ma_thua": 12})])
    file = read_plots(path, plot_id="ma_thua")
    assert [p.plot for p in file.plots] == ["12", "12-2"]
    assert "feature 2 is now '12-2'" in file.problems[0]
    with pytest.raises(FieldFileError, match="columns: plot, Ma_thua"):
        read_plots(path, plot_id="nothing")


def test_a_suffix_never_meets_a_name_of_the_file(tmp_path: Path) -> None:
    names = ["a", "a-2", "a", "a"]
    features: list[tuple[Any, dict[str, object]]] = [
        (shapely.affinity.translate(A, 0.002 * i), {"plot": n}) for i, n in enumerate(names)
    ]
    assert [p.plot for p in read_plots(_geojson(tmp_path / "p.geojson", features)).plots] == ["a", "a-2", "a-3", "a-4"]


def test_what_is_no_plot_is_skipped_by_number_and_the_broken_repaired(tmp_path: Path) -> None:
    touching = Polygon([(105, 9), (105.001, 9), (105.0005, 9.0005), (105.001, 9.001), (105, 9.001), (105.0005, 9.0005)])
    deep = shapely.force_3d(MultiPolygon([A, B]), 5.0)
    features: list[tuple[Any, dict[str, object]]] = [
        (Point(105, 9), {}),
        (LineString([(105, 9), (106, 9)]), {}),
        (None, {}),
        (touching, {}),
        (deep, {"area_ha": 2.5}),
    ]
    file = read_plots(_geojson(tmp_path / "p.geojson", features))
    assert [p.plot for p in file.plots] == ["4", "5"]
    assert all(p.boundary.is_valid and not p.boundary.has_z for p in file.plots)
    said = "\n".join(file.problems)
    for text in (
        "feature 1 is a Point",
        "feature 2 is a LineString",
        "feature 3 has no geometry",
        "feature 4 had an invalid",
    ):
        assert text in said
    assert file.plots[1].declared_area_m2 == 25_000.0


def test_all_layers_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "two.gpkg"
    for layer, geometry in (("north", A), ("south", B)):
        write(
            path,
            geometry=np.array([shapely.to_wkb(geometry)], dtype=object),
            field_data=[np.array([layer])],
            fields=["plot"],
            geometry_type="Polygon",
            crs="EPSG:4326",
            layer=layer,
            append=path.exists(),
        )
    assert [p.plot for p in read_plots(path).plots] == ["north", "south"]


def test_curves_are_made_straight(tmp_path: Path) -> None:
    path = tmp_path / "curve.csv"
    path.write_text('id,WKT\n1,"CURVEPOLYGON(CIRCULARSTRING(105 9,105.001 9.001,105.002 9,105.001 8.999,105 9))"\n')
    (plot,) = read_plots(path, crs="EPSG:4326").plots
    assert plot.boundary.area == pytest.approx(np.pi * 1e-6, rel=2e-3)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(FieldFileError, match="no such file"):
        read_plots(tmp_path / "absent.gpkg")
    text = tmp_path / "note.txt"
    text.write_text("no field")
    with pytest.raises(FieldFileError, match="not a field file"):
        read_plots(text)
    with pytest.raises(FieldFileError, match="holds no features"):
        read_plots(_geojson(tmp_path / "empty.geojson", []))
    with pytest.raises(FieldFileError, match=r"no polygons.*feature 1 is a Point"):
        read_plots(_geojson(tmp_path / "points.geojson", [(Point(105, 9), {})]))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(FieldFileError, match=r"no field file.*readme.txt"):
        read_plots(tmp_path / "a.zip")
