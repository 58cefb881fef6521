"""What columns say of plots, as people and other programs call them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from core.model.land import Plot
from land.days import iso_day
from land.fieldfile import examine
from tests.golden.land.files import A, B, geojson, written


def _plot(folder: Path, **columns: Any) -> Plot:
    (plot,) = examine(geojson(folder / "t.geojson", [A], columns)).plots
    return plot


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("season", "season"),
        ("mua_vu", "season"),
        ("Mùa vụ", "season"),
        ("grow_area", "growing_area"),
        ("ma_vung_trong", "growing_area"),
        ("MA_VUNG_TR", "growing_area"),
        ("Mã vùng trồng", "growing_area"),
        ("ma_xa", "source_unit"),
        ("Mã xã", "source_unit"),
        ("src_unit", "source_unit"),
        ("Tên thửa", "name"),
        ("cay_trong", "crop"),
        ("kind", "kind"),
        ("Mã thành viên", "member"),
        ("cadastral", "cadastral"),
    ],
)
def test_columns_by_their_usual_names(tmp_path: Path, column: str, attribute: str) -> None:
    assert getattr(_plot(tmp_path, plot="t", **{column: " Việt 1 "}), attribute) == "Việt 1"


def test_owners_are_not_taken_along(tmp_path: Path) -> None:
    plot = _plot(tmp_path, plot="t", ten_chu="Nguyễn Văn A", chu_su_dung="Nguyễn Văn A")
    assert "Nguyễn" not in repr(plot)


def test_parcel_and_sheet_make_the_reference_where_there_is_none(tmp_path: Path) -> None:
    told: list[dict[str, object]] = [
        {"plot": "a", "cadastral": "thửa đất số 7", "so_thua": "12", "so_to": "05"},
        {"plot": "b", "cadastral": None, "so_thua": "12", "so_to": "05"},
    ]
    found = examine(geojson(tmp_path / "p.geojson", [A, B], *told))
    assert [p.cadastral for p in found.plots] == ["thửa đất số 7", "thửa 12, tờ 05"]


@pytest.mark.parametrize(
    ("columns", "declared_m2"),
    [
        ({"area_m2": 900.0}, 900.0),
        ({"dientich_ha": 0.09}, 900.0),
        ({"declared_area_ha": 0.09, "area_m2": 950.0}, 900.0),
        ({"declared_area_m2": None, "area_m2": 950.0}, math.nan),
        ({"decl_m2": 900.0, "geod_m2": 950.0}, 900.0),
        ({"decl_m2": None, "geod_m2": 950.0, "area_m2": 950.0}, math.nan),
        ({"geod_m2": 950.0, "area_m2": 950.0}, math.nan),
        ({"area_m2": 950.0, "version": 1, "valid_from": None}, math.nan),
        ({"declared_a": 900.0, "area_m2": 950.0, "version": 1, "valid_from": None}, 900.0),
        ({"declared_a": 900.0}, math.nan),
        ({"geod_m2": 950.0}, math.nan),
    ],
)
def test_which_area_is_the_declared_one(tmp_path: Path, columns: dict[str, Any], declared_m2: float) -> None:
    plot = _plot(tmp_path, plot="t", **columns)
    assert plot.declared_area_m2 == pytest.approx(declared_m2, nan_ok=True)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-05-01", "2024-05-01"),
        ("2024-05-01T08:00:00", "2024-05-01"),
        ("20240501", "2024-05-01"),
        ("2024/5/1", "2024-05-01"),
        ("1/5/2024", "2024-05-01"),
        ("31.12.2023", "2023-12-31"),
        ("05/2024", "2024-05"),
        ("2024", "2024"),
        ("2024-13-01", ""),
        ("31/02/2024", ""),
        ("45413", ""),
        ("mùa khô", ""),
    ],
)
def test_days(text: str, day: str) -> None:
    assert iso_day(text) == day


def test_a_day_that_is_none_is_told(tmp_path: Path) -> None:
    path = geojson(tmp_path / "t.geojson", [A, B], {"ngay_do": "1/5/2024"}, {"ngay_do": "hôm qua"})
    found = examine(path)
    assert [plot.source_date for plot in found.plots] == ["2024-05-01", ""]
    assert found.problems == ("t.geojson: source_date cannot be used in 1 rows and is left out, as 'hôm qua'",)


def test_the_source_crs_is_the_files_own_where_no_column_says_it(tmp_path: Path) -> None:
    path = written(tmp_path / "t.gpkg", [A, B], "EPSG:4326", plot=["a", "b"], source_crs=["EPSG:9207", ""])
    assert [p.source_crs for p in examine(path).plots] == ["EPSG:9207", "EPSG:4326"]
    assert _plot(tmp_path, plot="t", crs="EPSG:9207").source_crs == "EPSG:4326"
