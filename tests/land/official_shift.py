"""VN-2000 done a second time, by EPSG's own operation in PROJ's database: nothing of land/crs.py is used here."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from pyproj.enums import TransformDirection

from core.model.fixtable import Floats
from core.model.land import Boundary

_EPSG_6960 = "urn:ogc:def:coordinateOperation:EPSG::6960"
ON_WGS84 = {"EPSG:4326", "EPSG:32648", "EPSG:32649"}


@lru_cache(maxsize=1)
def _shift() -> Transformer:
    return Transformer.from_pipeline(_EPSG_6960)


@lru_cache(maxsize=64)
def _projection(crs: str) -> Transformer:
    """From longitude and latitude on the CRS's own datum to its numbers."""
    return Transformer.from_crs("EPSG:4326" if crs in ON_WGS84 else "EPSG:4756", crs, always_xy=True)


def shifted(lonlat: Floats, times: int) -> Floats:
    """Longitudes and latitudes moved from VN-2000 to WGS 84 some times (back where negative), shape (n, 2)."""
    lon, lat = lonlat.T
    direction = TransformDirection.FORWARD if times > 0 else TransformDirection.INVERSE
    for _ in range(abs(times)):
        lat, lon = _shift().transform(lat, lon, direction=direction)  # EPSG's axis order
    return np.column_stack([lon, lat])


def to_wgs84(crs: str, xy: Floats) -> Floats:
    """Numbers of a CRS in WGS 84, shape (n, 2)."""
    lonlat = np.column_stack(_projection(crs).transform(xy[:, 0], xy[:, 1], direction=TransformDirection.INVERSE))
    return shifted(lonlat, 0 if crs in ON_WGS84 else 1)


def from_wgs84(crs: str, lonlat: Floats, *, axes: str = "xy", extra_shifts: int = 0, twin: bool = False) -> Floats:
    """Numbers as a file has them, shape (n, 2).

    ``extra_shifts`` 1: the reader has to shift once more than the CRS says; -1: once less. ``twin``: false easting
    and northing exchanged.
    """
    geographic = shifted(lonlat, -(0 if crs in ON_WGS84 else 1) - extra_shifts)
    xy: NDArray[np.float64] = np.column_stack(_projection(crs).transform(*geographic.T))
    if twin:
        xy = xy + np.array([-500_000.0, 500_000.0])
    return xy[:, ::-1] if axes == "yx" else xy


def file_numbers(
    fields: Sequence[Boundary], crs: str, *, axes: str = "xy", extra_shifts: int = 0, twin: bool = False
) -> list[Boundary]:
    """The fields in the coordinates of a file."""
    return [
        shapely.transform(one, lambda p: from_wgs84(crs, p, axes=axes, extra_shifts=extra_shifts, twin=twin))
        for one in fields
    ]
