"""Made-up fields in WGS 84: quadrilaterals of a bent grid, as bunds and ditches cut the land; and flights over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import Point, Polygon

from core.model.fixtable import Floats
from core.model.land import Boundary

M_PER_DEG = 111_320.0
DELTA = (104.9, 9.0, 106.6, 10.9)
NORTH = (105.3, 20.4, 106.9, 21.7)


def metres(lonlat: Floats, lat: float) -> Floats:
    """Degrees of a step in metres' worth: shape (..., 2)."""
    return np.asarray(lonlat / np.array([M_PER_DEG * np.cos(np.radians(lat)), M_PER_DEG]), np.float64)


def grid(lon: float, lat: float, columns: int, rows: int, width_m: float, *, seed: int) -> list[Polygon]:
    """Fields of about ``width_m``, their corners moved about by a fifth of it, some left out, ditches between them."""
    random = np.random.default_rng(seed)
    turn = random.uniform(0.0, np.pi)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    at = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    at = (at + random.uniform(-0.2, 0.2, at.shape)) * width_m * np.array([1.0, random.uniform(0.8, 1.6)])
    corners = np.array([lon, lat]) + metres(at @ spin, lat)
    ditch = 0.03 * width_m / M_PER_DEG
    cells = [
        Polygon([corners[r, c], corners[r, c + 1], corners[r + 1, c + 1], corners[r + 1, c]]).buffer(-ditch)
        for r in range(rows)
        for c in range(columns)
    ]
    return [cell for cell in cells if isinstance(cell, Polygon) and random.random() < 0.85] or [cells[0]]


@st.composite
def fields(draw: st.DrawFn) -> list[Polygon]:
    """Fields of a hamlet of the delta or the north."""
    west, south, east, north = draw(st.sampled_from([DELTA, NORTH]))
    return grid(
        draw(st.floats(west, east)),
        draw(st.floats(south, north)),
        draw(st.integers(2, 7)),
        draw(st.integers(2, 7)),
        draw(st.floats(25.0, 110.0)),
        seed=draw(st.integers(0, 10_000)),
    )


def moved(field: Boundary, east_m: float, north_m: float) -> Boundary:
    """A field moved by so much."""
    step = metres(np.array([east_m, north_m]), field.centroid.y)
    return shapely.transform(field, lambda p: p + step)


def sprayed(fields_flown: Sequence[Boundary], seed: int = 1, per_field: int = 40) -> tuple[Point, ...]:
    """Points of runs over fields, 2 m off as without RTK."""
    random = np.random.default_rng(seed)
    found: list[Point] = []
    for one in fields_flown:
        west, south, east, north = one.bounds
        tried = random.uniform((west, south), (east, north), (per_field, 2))
        inside = tried[shapely.contains_xy(one, tried)]
        found += [Point(p) for p in inside + metres(random.normal(0.0, 2.0, inside.shape), south)]
    return tuple(found)
