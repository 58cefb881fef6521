"""What an export refuses, and that it never leaves half a file or takes away another one."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from shapely import Polygon

from core.errors import ConfigError, Conflict, FieldFileError
from core.model.land import Plot
from land.export import FORMS, export_plots
from tests.support.plots import PLACES, four, plots_at

UNMARKED = ["t.csv", "t.dxf"]


@pytest.mark.parametrize("name", ["t.kml", "t.geojson", "t.json", "t.xml"])
def test_formats_of_wgs84_take_nothing_else(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"WGS 84 by definition.*EPSG:4326"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / name, "EPSG:5897")


@pytest.mark.parametrize("name", UNMARKED)
@pytest.mark.parametrize("code", [4326, 4756])
def test_land_office_formats_are_in_metres(tmp_path: Path, name: str, code: int) -> None:
    with pytest.raises(ConfigError, match="EPSG:5897"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / name, f"EPSG:{code}")


@pytest.mark.parametrize(
    ("crs", "said"),
    [
        ("EPSG:6957", "use EPSG:5897"),
        ("EPSG:6956", "use EPSG:5896"),
        ("+proj=tmerc +lon_0=105 +k=0.9999 +x_0=500000 +ellps=WGS84", "PROJ.4"),
        ("EPSG:32648", "EPSG:4326"),
        ("EPSG:3857", r"EPSG:9210 \(TM-3, 105°45.\), EPSG:9209 "),
        ("EPSG:99999", "unknown CRS"),
        ("EPSG:9218000", "unknown CRS"),
        ("EPSG:3406", r"wrong zone.*111°00.*105°4.*EPSG:9210.*EPSG:3405"),
        ("EPSG:5896", r"wrong zone.*102°00"),
    ],
)
def test_a_crs_that_is_refused_comes_with_what_to_write(tmp_path: Path, crs: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t.gpkg", crs)
    assert not list(tmp_path.iterdir())


def test_no_zone_for_plots_that_lie_elsewhere(tmp_path: Path) -> None:
    swiss = [Plot("a", Polygon(four(8.0, 47.0, 1e-3)))]
    with pytest.raises(ConfigError, match=r"no zone of VN-2000 fits.*EPSG:4326"):
        export_plots(swiss, tmp_path / "t.gpkg", "EPSG:5897")
    export_plots(swiss, tmp_path / "t.gpkg", "EPSG:4326")


def test_suffixes_that_are_none_and_plots_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'.xyz'.*\.gpkg \(GeoPackage\).*\.xml \(ISOXML\)"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t.xyz", "EPSG:5897")
    with pytest.raises(ConfigError, match="suffix 'none'"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t", "EPSG:5897")
    with pytest.raises(ConfigError, match="no plots"):
        export_plots([], tmp_path / "t.gpkg", "EPSG:5897")
    with pytest.raises(ConfigError, match="no folder"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "absent" / "t.gpkg", "EPSG:5897")


def test_a_name_with_another_code_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"name says EPSG:9210.*EPSG:5897"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t_EPSG9210.csv", "EPSG:5897")


@pytest.mark.parametrize("suffix", FORMS)
def test_what_is_there_stays_unless_forced(tmp_path: Path, suffix: str) -> None:
    unmarked = suffix in {".csv", ".dxf"}
    crs = "EPSG:5897" if unmarked else "EPSG:4326"
    path = tmp_path / f"t{'_EPSG5897' if unmarked else ''}{suffix}"
    path.write_bytes(b"mine")
    plots = plots_at(*PLACES[5897])
    with pytest.raises(Conflict, match="--force"):
        export_plots(plots, path, crs)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"mine"]
    made = export_plots(plots, path, crs, force=True)
    assert path.read_bytes() != b"mine"
    assert sorted(tmp_path.iterdir()) == sorted(made.files)


def test_a_companion_of_another_file_stays_too(tmp_path: Path) -> None:
    (tmp_path / "t.dbf").write_bytes(b"mine")
    with pytest.raises(Conflict, match=r"t\.dbf"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t.shp", "EPSG:5897")


def test_a_table_and_a_drawing_share_their_prj(tmp_path: Path) -> None:
    for name in UNMARKED:
        export_plots(plots_at(*PLACES[5897]), tmp_path / name, "EPSG:5897")
    (tmp_path / "t_EPSG5897.prj").write_text("another")
    with pytest.raises(Conflict, match=r"t_EPSG5897\.prj"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t.csv", "EPSG:5897")


def test_stale_companions_go_with_what_they_belonged_to(tmp_path: Path) -> None:
    for suffix in (".shp", ".qix", ".sbn"):
        (tmp_path / f"t{suffix}").write_bytes(b"old")
    made = export_plots(plots_at(*PLACES[5897]), tmp_path / "t.shp", "EPSG:5897", force=True)
    assert sorted(tmp_path.iterdir()) == sorted(made.files)


@pytest.mark.parametrize("name", ["t.gpkg", "t.shp", "t.zip", "t_EPSG5897.csv", "t.mif"])
def test_a_broken_export_leaves_what_was_there(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"mine")
    good, other = plots_at(*PLACES[5897])
    bad = Plot("t-\ud800", other.boundary)
    with pytest.raises(FieldFileError, match=r"cannot be written"):
        export_plots([good, bad], path, "EPSG:5897", force=True)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {name: b"mine"}


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "t.gpkg").mkdir()
    with pytest.raises(FieldFileError, match="cannot be written"):
        export_plots(plots_at(*PLACES[5897]), tmp_path / "t.gpkg", "EPSG:5897", force=True)
    assert [p.name for p in tmp_path.iterdir()] == ["t.gpkg"]


def test_a_zip_holds_the_shapefile_under_its_own_name(tmp_path: Path) -> None:
    made = export_plots(plots_at(*PLACES[5897]), tmp_path / "thua.shp.zip", "EPSG:5897")
    with zipfile.ZipFile(made.path) as archive:
        assert archive.namelist() == [f"thua.{end}" for end in ("cpg", "dbf", "prj", "shp", "shx")]
