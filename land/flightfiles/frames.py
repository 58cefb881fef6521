"""The coordinate reference systems of exports: WGS 84, or a code of VN-2000 that fits the place (EPSG:6960 shift)."""

from __future__ import annotations

from functools import lru_cache

from pyproj import CRS

from core.exports import Frame
from land.export_target import target_at


def frame(crs: str, lon_deg: float) -> Frame:
    """The frame of a CRS.

    Args:
        crs: An EPSG code, as ``EPSG:5897`` or ``5897``.
        lon_deg: The longitude that the data lie around.

    Raises:
        ConfigError: It is no code of VN-2000 or WGS 84, or the wrong zone for these data; the message says what to
            write instead.
    """
    chosen = target_at(crs, lon_deg)
    return Frame(chosen.crs, chosen.prj, _projjson(chosen.epsg), chosen.way.xy)


@lru_cache(maxsize=64)
def _projjson(epsg: int) -> str:
    return CRS.from_epsg(epsg).to_json()
