"""A plane's projection as a polynomial, fitted to the projection library and checked against it.

Near the plane's centre, x is odd and y is even in the difference of longitude. With u and v the differences of
longitude and latitude from the centre, over :data:`HALF_DEG`: x = u·Σ a[i, j]·u^(2i)·v^j, y = Σ b[i, j]·u^(2i)·v^j.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

from core.model.fixtable import Floats
from geo.compiled import COMPILES, compiled

HALF_DEG: Final = 0.1
"""Half the side of the box that the polynomial is fitted to: more than a drone flies, or a commune measures."""
ERROR_M: Final = 1e-7
"""A fit that is farther off anywhere in the box is not used (near the poles)."""
_SQUARES, _POWERS = 4, 8


class Fit(NamedTuple):
    """Coefficients of x and of y in metres, both of shape (4, 8)."""

    x: Any
    y: Any


def fitted(lon0_deg: float, lat0_deg: float, project: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> Fit | None:
    """The polynomial that stands for ``project`` around a centre; None where none is within :data:`ERROR_M`."""
    nodes = np.cos(np.pi * (np.arange(16) + 0.5) / 16.0)
    u, v = (grid.ravel() for grid in np.meshgrid(nodes, nodes))
    x, y = project(lon0_deg + HALF_DEG * u, lat0_deg + HALF_DEG * v)
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return None
    i, j = np.divmod(np.arange(_SQUARES * _POWERS), _POWERS)
    terms = u[:, None] ** (2 * i) * v[:, None] ** j
    found = Fit(*(_solved(t, z) for t, z in ((u[:, None] * terms, x), (terms, y))))
    even = np.linspace(-1.0, 1.0, 23)
    lon, lat = (grid.ravel() for grid in np.meshgrid(lon0_deg + HALF_DEG * even, lat0_deg + HALF_DEG * even))
    off = [
        np.abs(a - b).max()
        for a, b in zip(_by_numpy(found, lon, lat, lon0_deg, lat0_deg), project(lon, lat), strict=True)
    ]
    return found if max(off) <= ERROR_M else None


def _solved(terms: Floats, values: Floats) -> Floats:
    found: Floats = np.linalg.lstsq(terms, values, rcond=None)[0].astype(np.float64)
    return found.reshape(_SQUARES, _POWERS)


def evaluated(
    fit: Fit, lon_deg: Floats, lat_deg: Floats, lon0_deg: float, lat0_deg: float
) -> tuple[Floats, Floats] | None:
    """Plane x and y in metres of positions, shape (n,); None where one lies outside the box, or is no number."""
    if COMPILES:
        x, y = np.empty(len(lon_deg)), np.empty(len(lon_deg))
        return (x, y) if _each(fit, lon_deg, lat_deg, lon0_deg, lat0_deg, x, y) else None
    inside = (np.abs(lon_deg - lon0_deg) <= HALF_DEG) & (np.abs(lat_deg - lat0_deg) <= HALF_DEG)
    return _by_numpy(fit, lon_deg, lat_deg, lon0_deg, lat0_deg) if inside.all() else None


def _by_numpy(fit: Fit, lon_deg: Floats, lat_deg: Floats, lon0_deg: float, lat0_deg: float) -> tuple[Floats, Floats]:
    u, v = (lon_deg - lon0_deg) / HALF_DEG, (lat_deg - lat0_deg) / HALF_DEG
    x, y = (np.polynomial.polynomial.polyval2d(u * u, v, c) for c in fit)
    return u * x, y


@compiled
def _each(  # noqa: PLR0917 - columns
    fit: Fit, lon_deg: Any, lat_deg: Any, lon0_deg: float, lat0_deg: float, x: Any, y: Any
) -> bool:
    """Fill ``x`` and ``y``; False where a position lies outside the box."""
    inside = True
    for k in range(len(lon_deg)):
        u, v = (lon_deg[k] - lon0_deg) / HALF_DEG, (lat_deg[k] - lat0_deg) / HALF_DEG
        inside &= abs(u) <= 1.0 and abs(v) <= 1.0
        across, up, square = 0.0, 0.0, u * u
        for i in range(_SQUARES - 1, -1, -1):
            a, b = 0.0, 0.0
            for j in range(_POWERS - 1, -1, -1):
                a = a * v + fit.x[i, j]
                b = b * v + fit.y[i, j]
            across = across * square + a
            up = up * square + b
        x[k], y[k] = u * across, up
    return inside
