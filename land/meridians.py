"""The coordinate reference systems of VN-2000 that EPSG has, with central meridian and the old provinces of each.

The provinces are those before 1 July 2025, as EPSG's own area texts name them (database v11.022; scope "Cadastre").
The table says what a code is. It must not be read backwards: a new province holds data of up to three meridians, and
even an old one has maps in others, so that a CRS belongs to a data set and never to a province.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Projection(StrEnum):
    """How a CRS turns degrees into metres, or that it does not. ``OTHER``: none of those of Vietnam."""

    TM3 = "TM-3"
    UTM = "UTM"
    DEGREES = "degrees"
    OTHER = "another projection"


@dataclass(frozen=True, slots=True)
class Zone:
    """A projected CRS of VN-2000: EPSG code, central meridian, and who uses it.

    ``old_provinces`` are called as they were before 1 July 2025; empty for zones of
    topographic maps. ``twin_epsg`` is the withdrawn code of the same name whose false easting and northing stand
    swapped (0: none).
    """

    epsg: int
    projection: Projection
    meridian_deg: float
    old_provinces: tuple[str, ...] = ()
    twin_epsg: int = 0

    @property
    def crs(self) -> str:
        """The CRS as an option takes it, such as ``EPSG:5897``."""
        return f"EPSG:{self.epsg}"

    @property
    def meridian(self) -> str:
        """The central meridian as maps print it, such as 104°30'."""
        return sexagesimal(self.meridian_deg)


def sexagesimal(degrees: float) -> str:
    """Degrees and whole minutes, such as 104°30'."""
    minutes = round(degrees * 60.0)
    return f"{minutes // 60}°{minutes % 60:02d}'"


_TM3, _UTM = Projection.TM3, Projection.UTM

TM3_ZONES: Final = (
    Zone(5896, _TM3, 102.0, twin_epsg=6956),
    Zone(9205, _TM3, 103.0, ("Điện Biên", "Lai Châu")),
    Zone(9206, _TM3, 104.0, ("Sơn La",)),
    Zone(9207, _TM3, 104.5, ("Cà Mau", "Kiên Giang")),
    Zone(9208, _TM3, 104.75, ("An Giang", "Lào Cai", "Nghệ An", "Phú Thọ", "Yên Bái")),
    Zone(
        5897,
        _TM3,
        105.0,
        (
            "Hà Nội",
            "Hà Nam",
            "Hà Tây",
            "Ninh Bình",
            "Thanh Hóa",
            "Vĩnh Phúc",
            "Cần Thơ",
            "Bạc Liêu",
            "Đồng Tháp",
            "Hậu Giang",
        ),
        twin_epsg=6957,
    ),
    Zone(
        9209,
        _TM3,
        105.5,
        (
            "Bắc Ninh",
            "Hà Giang",
            "Hà Tĩnh",
            "Hải Dương",
            "Hưng Yên",
            "Nam Định",
            "Sóc Trăng",
            "Tây Ninh",
            "Thái Bình",
            "Trà Vinh",
            "Vĩnh Long",
        ),
    ),
    Zone(
        9210,
        _TM3,
        105.75,
        ("Hải Phòng", "Hồ Chí Minh", "Bến Tre", "Bình Dương", "Cao Bằng", "Long An", "Tiền Giang"),
    ),
    Zone(9211, _TM3, 106.0, ("Hòa Bình", "Quảng Bình", "Tuyên Quang")),
    Zone(9212, _TM3, 106.25, ("Bình Phước", "Quảng Trị")),
    Zone(9213, _TM3, 106.5, ("Bắc Kạn", "Thái Nguyên")),
    Zone(9214, _TM3, 107.0, ("Bắc Giang", "Thừa Thiên Huế")),
    Zone(9215, _TM3, 107.25, ("Lạng Sơn",)),
    Zone(9216, _TM3, 107.5, ("Kon Tum",)),
    Zone(
        5899,
        _TM3,
        107.75,
        ("Quảng Ninh", "Đà Nẵng", "Quảng Nam", "Bà Rịa – Vũng Tàu", "Đồng Nai", "Lâm Đồng"),
        twin_epsg=6959,
    ),
    Zone(5898, _TM3, 108.0, ("Quảng Ngãi",), twin_epsg=6958),
    Zone(9217, _TM3, 108.25, ("Bình Định", "Khánh Hòa", "Ninh Thuận")),
    Zone(9218, _TM3, 108.5, ("Bình Thuận", "Đắk Lắk", "Đắk Nông", "Gia Lai", "Phú Yên")),
)
"""TM-3: scale 0.9999, false easting 500 km, false northing 0. Cadastral maps."""

UTM_ZONES: Final = (Zone(3405, _UTM, 105.0), Zone(3406, _UTM, 111.0))
"""UTM on VN-2000: scale 0.9996. Maps of 1:500,000 and smaller, and much software."""

ZONES: Final = (*TM3_ZONES, *UTM_ZONES)


def zone(epsg: int) -> Zone | None:
    """The zone of an EPSG code, None where it is none of VN-2000."""
    return next((one for one in ZONES if one.epsg == epsg), None)
