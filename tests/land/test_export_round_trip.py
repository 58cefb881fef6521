"""What the export writes, the import takes back: the same plots, but for what a format cannot carry."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyogrio.raw import read, write
from shapely import Polygon, box

from core.model.land import Plot
from core.model.samples import NAN
from land.export import export_plots
from land.fieldfile import read_plots
from tests.support.plots import PLACES, apart_m, four, plots_at

MM, CM = 0.001, 0.01
OURS = ("version", "valid_from_ms", "retired")
"""The registry gives a plot its version: no format brings that back."""
EVERYTHING = frozenset(f.name for f in fields(Plot)) - {"boundary", "cooperative", *OURS}
CARRIED = {
    "thua.gpkg": EVERYTHING,
    "thua.fgb": EVERYTHING,
    "thua.shp": EVERYTHING,
    "thua.zip": EVERYTHING,
    "thua.tab": EVERYTHING,
    "thua.mif": EVERYTHING,
    "thua.kml": EVERYTHING,
    "thua.geojson": EVERYTHING,
    "TASKDATA.XML": {"plot", "name"},
    "thua.isoxml.zip": {"plot", "name"},
    "thua_EPSG5897.csv": {"plot"},
    "thua_EPSG5897.dxf": {"plot"},
}
"""By format the attributes of a plot that it carries."""
WGS84_ONLY = (".kml", ".geojson", ".XML", ".isoxml.zip")


def _plots() -> list[Plot]:
    lon, lat = PLACES[5897]
    bare = Plot("Thửa/3", Polygon(four(lon + 9e-3, lat, 1e-3)), declared_area_m2=1.0, source_unit="31825")
    ground = box(lon, lat + 4e-3, lon + 2e-3, lat + 6e-3) - box(lon + 4e-4, lat + 4.4e-3, lon + 1.6e-3, lat + 5.6e-3)
    island = ground | box(lon + 8e-4, lat + 4.8e-3, lon + 1.2e-3, lat + 5.2e-3)
    assert isinstance(island, shapely.MultiPolygon)
    return [*plots_at(lon, lat), bare, Plot("đảo", island, season="hè thu", source_date="2023")]


def _back(path: Path) -> list[Plot]:
    """The plots by their id, read as one who was told the CRS where the format cannot say it."""
    crs = "EPSG:5897" if path.suffix in {".csv", ".dxf"} else None
    file = read_plots(path, crs=crs)
    assert not [p for p in file.problems if "texts taken" not in p], file.problems
    return sorted(file.plots, key=lambda plot: plot.plot)


@pytest.mark.parametrize("name", CARRIED)
def test_plots_come_back_as_they_went(tmp_path: Path, name: str) -> None:
    plots = sorted(_plots(), key=lambda plot: plot.plot)
    made = export_plots(plots, tmp_path / name, "EPSG:4326" if name.endswith(WGS84_ONLY) else "EPSG:5897")
    back = _back(made.path)
    assert [plot.plot for plot in back] == [plot.plot for plot in plots]
    for plot, again in zip(plots, back, strict=True):
        assert apart_m(plot.boundary, again.boundary) < (2 * CM if name.endswith((".tab", ".mif")) else MM)
        for attribute in CARRIED[name]:
            np.testing.assert_equal(getattr(again, attribute), getattr(plot, attribute), f"{plot.plot} {attribute}")


@pytest.mark.parametrize("name", [name for name, carried in CARRIED.items() if carried != EVERYTHING])
def test_what_a_format_does_not_carry_comes_back_empty(tmp_path: Path, name: str) -> None:
    made = export_plots(_plots(), tmp_path / name, "EPSG:4326" if name.endswith(WGS84_ONLY) else "EPSG:5897")
    crs = "EPSG:4326" if name.endswith(WGS84_ONLY) else "EPSG:5897"
    for plot in _back(made.path):
        assert (plot.crop, plot.season, plot.kind, plot.member, plot.source_unit, plot.source_date) == ("",) * 6
        assert math.isnan(plot.declared_area_m2), "the area in the file is computed"
        assert plot.source_crs == crs


@pytest.mark.parametrize("name", [name for name, carried in CARRIED.items() if carried == EVERYTHING])
def test_no_declared_area_anywhere_stays_none(tmp_path: Path, name: str) -> None:
    plots = [replace(plot, declared_area_m2=NAN) for plot in _plots()]
    export_plots(plots, tmp_path / name, "EPSG:4326")
    assert all(math.isnan(plot.declared_area_m2) for plot in _back(tmp_path / name))


def test_a_copy_whose_column_names_another_program_has_cut(tmp_path: Path) -> None:
    """A GeoPackage of ours, saved as a shapefile: ``declared_area_m2`` is now ``declared_a``, beside ``area_m2``."""
    plots = [replace(plot, source_crs="EPSG:9207") for plot in _plots()]
    export_plots(plots, tmp_path / "t.gpkg", "EPSG:5897")
    meta, _, wkb, values = read(tmp_path / "t.gpkg")
    short = [str(name)[:10] for name in meta["fields"]]
    assert {"declared_a", "growing_ar", "source_uni", "area_m2"} < set(short)
    write(tmp_path / "t.shp", wkb, values, short, geometry_type="MultiPolygon", crs=meta["crs"], encoding="UTF-8")
    for plot, again in zip(plots, read_plots(tmp_path / "t.shp").plots, strict=True):
        assert (again.growing_area, again.source_unit) == (plot.growing_area, plot.source_unit)
        assert (again.source_date, again.source_crs) == (plot.source_date, "EPSG:9207")
        np.testing.assert_equal(again.declared_area_m2, plot.declared_area_m2)


def test_a_source_crs_that_was_cut_gives_way_to_that_of_the_file_and_is_told(tmp_path: Path) -> None:
    long = 'PROJCS["' + "x" * 300
    made = export_plots([Plot("t", box(105.7, 9.2, 105.701, 9.201), source_crs=long)], tmp_path / "t.shp", "EPSG:5897")
    file = read_plots(made.path)
    assert [plot.source_crs for plot in file.plots] == ["EPSG:5897"]
    assert "source_crs cannot be used in 1 rows" in file.problems[0]
