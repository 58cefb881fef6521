"""Plane metres to degrees with nothing but sums and products, so that every processor finds the same digits.

PROJ and NumPy take sines from code that is chosen by the processor; their last digits differ, and a rounded degree with
them. Here PROJ is asked for a handful of places, its answers are rounded to 1e-12 degrees, and a polynomial through
them (Newton's divided differences on Chebyshev nodes) answers for all others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from geo.projection import LocalPlane

DEGREE: Final = 5
"""Error at 15 km from the middle below 2e-9 degrees (0.2 mm); tests hold it against PROJ."""
REACH_M: Final = 15_000.0
_BLOCK: Final = 16_384
_NODES: Final = tuple(math.cos(math.pi * (2 * k + 1) / (2 * DEGREE + 2)) for k in range(DEGREE + 1))

_Table = tuple[tuple[float, ...], ...]
_Shape = TypeVar("_Shape", bound=BaseGeometry)


@dataclass(frozen=True, slots=True)
class Plane:
    """An equal-area plane in metres, east and north of a place, that reaches :data:`REACH_M` to each side."""

    local: LocalPlane
    lon: _Table
    lat: _Table

    @classmethod
    def around(cls, lon_deg: float, lat_deg: float) -> Plane:
        """The plane whose middle is a place in WGS 84 degrees, rounded to 1e-6 degrees."""
        local = LocalPlane.centred(lon_deg, lat_deg)
        at = [REACH_M * node for node in _NODES]
        lon, lat = local.lonlat(np.repeat(at, len(at)), np.tile(at, len(at)))
        return cls(local, _table(lon, local.lon0_deg), _table(lat, local.lat0_deg))

    def lonlat(self, x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
        """WGS 84 longitudes and latitudes in degrees of places in the plane, shape (n,) each."""
        lon, lat = np.empty(len(x_m)), np.empty(len(x_m))
        for first in range(0, len(x_m), _BLOCK):
            rows = slice(first, first + _BLOCK)
            u, v = x_m[rows] / REACH_M, y_m[rows] / REACH_M
            us, vs = [u - node for node in _NODES[:-1]], [v - node for node in _NODES[:-1]]
            lon[rows] = _nested(self.lon, us, vs) + self.local.lon0_deg
            lat[rows] = _nested(self.lat, us, vs) + self.local.lat0_deg
        return lon, lat

    def to_plane(self, geometry: _Shape) -> _Shape:
        """A WGS 84 geometry in plane metres."""
        return self.local.to_plane(geometry)


def _table(degrees: Floats, middle_deg: float) -> _Table:
    """Coefficients of Newton's form in both directions, from values on the nodes' grid (x outside, y inside)."""
    grid = np.round(degrees - middle_deg, 12).reshape(DEGREE + 1, DEGREE + 1).tolist()
    along_y = [_divided(row) for row in grid]
    columns = [_divided([row[j] for row in along_y]) for j in range(DEGREE + 1)]
    return tuple(tuple(columns[j][i] for j in range(DEGREE + 1 - i)) for i in range(DEGREE + 1))


def _divided(values: list[float]) -> list[float]:
    found = list(values)
    for order in range(1, len(found)):
        for k in range(len(found) - 1, order - 1, -1):
            found[k] = (found[k] - found[k - 1]) / (_NODES[k] - _NODES[k - order])
    return found


def _nested(table: _Table, us: list[Floats], vs: list[Floats]) -> Floats:
    """Horner's scheme, terms of a total degree above :data:`DEGREE` left out."""
    total = np.full(len(us[0]), table[DEGREE][0])
    for i in range(DEGREE - 1, -1, -1):
        row = table[i]
        inner = np.full(len(us[0]), row[-1])
        for j in range(len(row) - 2, -1, -1):
            inner = inner * vs[j] + row[j]
        total = total * us[i] + inner
    return total
