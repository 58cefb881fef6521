"""What columns of field files are called, by what they say of a plot: as our export writes them, and as people do.

All names are as ``layers.plain_name`` makes them: "Số thửa" is ``so_thua``. Owners' names (``ten_chu``) are not looked
for: a plot holds the identifier of its member, and the person's name stays with the member.
"""

from __future__ import annotations

from typing import Final

SHORT_NAMES: Final = {
    "growing_area": "grow_area",
    "source_unit": "src_unit",
    "source_date": "src_date",
    "source_crs": "src_crs",
    "declared_area_m2": "decl_m2",
    "area_m2": "geod_m2",
}
"""Columns that our export calls otherwise in a shapefile: its names have up to 10 characters. ``area_m2`` would be
taken for the declared area there, since that has no name of its own that fits."""

SHAPEFILE_NAME_B: Final = 10
"""At how many bytes a shapefile cuts the name of a column."""

PARCEL: Final = ("so_thua", "sothua", "shthua", "so_hieu_thua", "thua", "thua_so")
SHEET: Final = ("so_to", "soto", "shbando", "to_ban_do", "to", "to_so")
PLOT_ID: Final = ("plot", "plot_id", "id", "name", *PARCEL[:3], "ma_thua", "thua")
KML_PLOT_ID: Final = ("plot", "name", "id")
"""In KML ``id`` is the XML identifier of the placemark, which no one sees."""

TEXTS: Final[dict[str, tuple[str, ...]]] = {
    "name": ("name", "ten_thua", "ten_ruong", "ten"),
    "crop": ("crop", "crop_name", "cay_trong", "caytrong", "loai_cay"),
    "season": ("season", "mua_vu", "muavu", "vu_mua", "vu"),
    "kind": ("kind", "loai_ruong", "loai_hinh"),
    "growing_area": ("growing_area", "ma_vung_trong", "mavungtrong", "ma_so_vung_trong", "ma_vung"),
    "member": ("member", "ma_thanh_vien", "thanh_vien", "ma_xa_vien", "ma_ho"),
    "cadastral": ("cadastral",),
    "source_unit": ("source_unit", "ma_xa", "maxa", "ma_dvhc", "xa", "ten_xa", "xa_phuong"),
    "source_date": ("source_date", "ngay_do", "ngaydo", "ngay_do_dac", "ngay_khao_sat"),
    "source_crs": ("source_crs",),
}
"""Columns by the attribute of a plot that they fill, the likeliest first."""

POINT_NUMBER: Final = (
    "stt",
    "tt",
    "so_thu_tu",
    "vertex",
    "vertex_index",
    "point",
    "point_no",
    "so_hieu_diem",
    "sohieudiem",
    "so_diem",
    "diem",
    "ten_diem",
    "dinh",
    "so_hieu_dinh",
)
"""Columns that number the corner points of a plot or ring."""
