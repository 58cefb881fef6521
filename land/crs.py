"""From any coordinate reference system to WGS 84, with VN-2000 always shifted by the one official set of parameters.

EPSG knows two shifts from VN-2000 to WGS 84: 6960 (Decision 05/2007/QĐ-BTNMT, all of Vietnam) and 5194 (two offshore
blocks). PROJ picks by place and takes 5194 between 104.24–107.11° E and 9.35–11.04° N, which moves plots there by
0.8 m against their neighbours. So the shift is written out here and never left to PROJ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError

from core.errors import ConfigError
from core.model.fixtable import Floats
from core.model.land import Boundary

WGS84: Final = "EPSG:4326"
VN2000_GEOGRAPHIC: Final = 4756
DEPRECATED_TWINS: Final = {6956: 5896, 6957: 5897, 6958: 5898, 6959: 5899}

# EPSG:6960, coordinate-frame rotation; the numbers are those of Decision 05/2007/QĐ-BTNMT, article 1.
_EPSG_6960: Final = (
    "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=push +v_3 "
    "+step +proj=cart +ellps=WGS84 "
    "+step +proj=helmert +x=-191.90441429 +y=-39.30318279 +z=-111.45032835 "
    "+rx=-0.00928836 +ry=0.01975479 +rz=-0.00427372 +s=0.252906278 +convention=coordinate_frame "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 +step +proj=unitconvert +xy_in=rad +xy_out=deg"
)
# The same as TOWGS84 of WKT 1 wants it: rotations by the other sign convention, position vector.
TOWGS84: Final = (-191.90441429, -39.30318279, -111.45032835, 0.00928836, -0.01975479, 0.00427372, 0.252906278)
_VN2000_NAME: Final = re.compile(r"(?:vn|viet[ _-]?nam)[ _-]*2000", re.IGNORECASE)
_TM3_SCALE: Final = 0.9999
_TM3_FALSE_EASTING_M: Final = 500_000.0
_TM3_MERIDIANS_DEG: Final = (102.0, 108.5)


@dataclass(frozen=True, slots=True)
class ToWgs84:
    """Turns coordinates of one CRS into WGS 84 longitude and latitude.

    ``source`` is the text that the CRS was given as, ``name`` its name, ``vn2000`` whether the pinned shift is used.
    """

    source: str
    name: str
    vn2000: bool
    steps: tuple[Transformer, ...]

    def lonlat(self, x: Any, y: Any) -> tuple[Floats, Floats]:
        """Longitudes and latitudes in degrees; infinite where the CRS does not reach.

        Args:
            x: Eastings or longitudes in the unit of the CRS, shape (n,), whatever axis order the CRS itself declares.
            y: Northings or latitudes, shape (n,).
        """
        lon, lat = np.asarray(x, np.float64), np.asarray(y, np.float64)
        for step in self.steps:
            lon, lat = step.transform(lon, lat)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    def geometry(self, geometry: Boundary) -> Boundary:
        """The same boundary in WGS 84, without Z."""
        return _moved(geometry, self.lonlat)


@dataclass(frozen=True, slots=True)
class FromWgs84:
    """Turns WGS 84 longitude and latitude into coordinates of one CRS: what :class:`ToWgs84` takes back.

    ``target`` is the text that the CRS was given as, ``name`` its name, ``vn2000`` whether the pinned shift is used.
    """

    target: str
    name: str
    vn2000: bool
    steps: tuple[Transformer, ...]

    def xy(self, lon: Any, lat: Any) -> tuple[Floats, Floats]:
        """Eastings and northings (or longitudes, latitudes) in the unit of the CRS; infinite where it does not reach.

        Args:
            lon: Longitudes in degrees, shape (n,).
            lat: Latitudes in degrees, shape (n,).
        """
        x, y = np.asarray(lon, np.float64), np.asarray(lat, np.float64)
        if self.vn2000:
            x, y = _onto_vn2000(x, y)
        for step in self.steps:
            x, y = step.transform(x, y)
        return np.asarray(x, np.float64), np.asarray(y, np.float64)

    def geometry(self, geometry: Boundary) -> Boundary:
        """The same boundary, given in WGS 84, in this CRS, without Z."""
        return _moved(geometry, self.xy)


def _moved(geometry: Boundary, way: Callable[[Any, Any], tuple[Floats, Floats]]) -> Boundary:
    return shapely.transform(
        shapely.force_2d(geometry), lambda points: np.column_stack(way(points[:, 0], points[:, 1]))
    )


@lru_cache(maxsize=64)
def transformer(source: str) -> ToWgs84:
    """The way from a CRS to WGS 84.

    Args:
        source: An EPSG code (``EPSG:5897``), or WKT as it stands in a shapefile's .prj.

    Raises:
        ConfigError: The text names no CRS, a deprecated one, or one whose datum shift is lost; the message says what
            to write instead.
    """
    crs = parsed(source)
    _refuse_deprecated(source, crs)
    plain = _flat(crs)
    try:
        if _is_vn2000(plain) or _is_shifted_so(crs):
            to_geographic = () if plain.is_geographic else (_to_own_geographic(plain),)
            steps = (*to_geographic, Transformer.from_pipeline(_EPSG_6960))
            return ToWgs84(source, plain.name, vn2000=True, steps=steps)
        _refuse_lost_datum(plain)
        step = Transformer.from_crs(crs, WGS84, always_xy=True, allow_ballpark=False)
    except ProjError as error:
        raise ConfigError(f"no known way from CRS {_short(source)} to WGS 84: {error}") from error
    return ToWgs84(source, plain.name, vn2000=False, steps=(step,))


@lru_cache(maxsize=64)
def from_wgs84(target: str) -> FromWgs84:
    """The way from WGS 84 to a CRS, the inverse of :func:`transformer`.

    Args:
        target: An EPSG code (``EPSG:5897``), or WKT.

    Raises:
        ConfigError: As :func:`transformer` does.
    """
    vn2000 = transformer(target).vn2000
    crs = parsed(target)
    try:
        if not vn2000:
            step = Transformer.from_crs(WGS84, crs, always_xy=True, allow_ballpark=False)
            return FromWgs84(target, crs.name, vn2000=False, steps=(step,))
        plain = _flat(crs)
        steps = () if plain.is_geographic else (Transformer.from_crs(plain.geodetic_crs, plain, always_xy=True),)
    except ProjError as error:
        raise ConfigError(f"no known way from WGS 84 to CRS {_short(target)}: {error}") from error
    return FromWgs84(target, plain.name, vn2000=True, steps=steps)


def _onto_vn2000(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Longitudes and latitudes in VN-2000 that the pinned shift takes to these ones in WGS 84.

    Either way drops the height that the shift gives a point, so that the pipeline backwards alone is up to 0.9 mm off.
    """
    x, y = vn2000_shift(inverse=True).transform(lon, lat)
    back_lon, back_lat = vn2000_shift().transform(x, y)
    return x + (lon - back_lon), y + (lat - back_lat)


@lru_cache(maxsize=2)
def vn2000_shift(*, inverse: bool = False) -> Transformer:
    """The official shift alone, from longitude and latitude in VN-2000 to WGS 84, or back."""
    pipeline = _EPSG_6960.replace("+step +proj=helmert", "+step +inv +proj=helmert") if inverse else _EPSG_6960
    return Transformer.from_pipeline(pipeline)


@lru_cache(maxsize=64)
def parsed(source: str) -> CRS:
    """The CRS of a text: an EPSG code with or without the letters, or WKT.

    Raises:
        ConfigError: It names none, or is a PROJ.4 string.
    """
    if "+proj" in source or "+init" in source:
        raise ConfigError(
            f"CRS {_short(source)}: PROJ.4 strings are not accepted, since they lose the datum shift "
            "(VN-2000 plots land about 225 m away); give the EPSG code, for example EPSG:5897 or EPSG:9207"
        )
    text = source.strip()
    try:
        return CRS.from_user_input(f"EPSG:{text}" if text.isdigit() else text)
    except CRSError as error:
        raise ConfigError(f"unknown CRS {_short(source)}; give an EPSG code, for example EPSG:5897") from error


def _flat(crs: CRS) -> CRS:
    """A CRS without the shift that it carries, and without heights."""
    plain = crs.source_crs if crs.is_bound and crs.source_crs is not None else crs
    return plain.sub_crs_list[0] if plain.is_compound else plain


def _refuse_deprecated(source: str, crs: CRS) -> None:
    """Refuse withdrawn codes, above all the twins of TM-3 whose false easting and northing stand swapped."""
    code = crs.to_epsg(min_confidence=70)
    if code in DEPRECATED_TWINS:
        right = DEPRECATED_TWINS[code]
        raise ConfigError(
            f"CRS {_short(source)} is EPSG:{code}, deprecated: its false easting and northing stand swapped "
            f"(700 km off); use EPSG:{right}"
        )
    if crs.is_deprecated:
        instead = [f"EPSG:{c.to_epsg()}" for c in crs.get_non_deprecated() if c.to_epsg()]
        raise ConfigError(f"CRS {_short(source)} is deprecated; use {' or '.join(instead) or 'its successor'}")


def _is_vn2000(crs: CRS) -> bool:
    """Whether the datum is VN-2000, however the .prj spells it."""
    base = crs.geodetic_crs
    if base is None:
        return False
    names = (crs.name, base.name, base.datum.name if base.datum else "")
    return base.to_epsg(min_confidence=70) == VN2000_GEOGRAPHIC or any(_VN2000_NAME.search(n) for n in names)


def _is_shifted_so(crs: CRS) -> bool:
    """Whether a CRS without the datum's name carries its shift, as MapInfo files do (``CoordSys … 9999, 28, …``)."""
    if not crs.is_bound or crs.coordinate_operation is None:
        return False
    stated = list(crs.coordinate_operation.towgs84)
    return len(stated) == len(TOWGS84) and bool(np.allclose(stated, TOWGS84, rtol=0.0, atol=1e-8))


def _to_own_geographic(crs: CRS) -> Transformer:
    """Undo the projection only: the datum stays."""
    if crs.geodetic_crs is None:
        raise ConfigError(f"CRS {crs.name} has no geographic base")
    return Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)


def _refuse_lost_datum(crs: CRS) -> None:
    """Refuse a TM-3 of Vietnam on the datum WGS 84: it is VN-2000 whose datum was lost on the way, 225 m off."""
    if not crs.is_projected or crs.coordinate_operation is None:
        return
    values = {p.name.lower(): float(p.value) for p in crs.coordinate_operation.params if not isinstance(p.value, str)}
    meridian = values.get("longitude of natural origin", 0.0)
    low, high = _TM3_MERIDIANS_DEG
    if (
        values.get("scale factor at natural origin") == _TM3_SCALE
        and values.get("false easting") == _TM3_FALSE_EASTING_M
        and low <= meridian <= high
    ):
        raise ConfigError(
            f"CRS {crs.name} has the projection of VN-2000 / TM-3 (meridian {meridian:g}°) but not its datum, "
            "which moves plots by about 225 m; name the CRS by its EPSG code, for example EPSG:5897 (105°)"
        )


def _short(source: str) -> str:
    """The start of a CRS text, for messages."""
    text = " ".join(source.split())
    limit = 80
    return text if len(text) <= limit else f"{text[:limit]}…"
