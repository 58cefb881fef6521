"""Plots of a whole district: strips of rice plots over about 60 × 60 km of the delta, and field files of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio.raw
import shapely

from core.model.land import Plot
from core.units import M_PER_DEG
from simulators.plots import rice_plots

DRIVERS: Final = {".geojson": "GeoJSON", ".gpkg": "GPKG"}
"""GDAL's names of the formats, by suffix."""
_STRIP: Final = 1_000
"""Plots of one strip, which is 50 km long and 300 m wide."""
_DRAWN: Final = 20
"""Strips that are drawn; further ones are these again, elsewhere."""
_APART_M: Final = 600.0
_TURN_RAD: Final = math.radians(24.0)
_LAT_RAD: Final = math.radians(9.285)


def district(cooperative: str, count: int, seed: int = 1, aside_m: float = 0.0) -> list[Plot]:
    """So many plots of a cooperative; no two of them overlap.

    Args:
        cooperative: Whose plots.
        count: How many.
        seed: The same seed gives the same plots.
        aside_m: How far to move everything across the strips.
    """
    strips = math.ceil(count / _STRIP)
    drawn = [rice_plots(cooperative, _STRIP, seed + k) for k in range(min(strips, _DRAWN))]
    moves = [((k - strips / 2.0) * _APART_M + aside_m) for k in range(strips)]
    return [plot for k, across_m in enumerate(moves) for plot in _moved(drawn[k % _DRAWN], k, across_m)][:count]


def _moved(strip: Sequence[Plot], number: int, across_m: float) -> list[Plot]:
    """A strip's plots elsewhere, with names of their own."""
    east_m, north_m = across_m * math.cos(_TURN_RAD), across_m * math.sin(_TURN_RAD)
    move_deg = np.array([east_m / (M_PER_DEG * math.cos(_LAT_RAD)), north_m / M_PER_DEG])
    shapes = shapely.transform([plot.boundary for plot in strip], lambda points: points + move_deg)
    return [
        replace(plot, plot=f"s{number:03d}-{plot.plot}", boundary=shape)
        for plot, shape in zip(strip, shapes, strict=True)
    ]


def write(path: Path, plots: Sequence[Plot]) -> None:
    """The plots as a GeoPackage or GeoJSON, by the suffix, in WGS 84."""
    columns: dict[str, Any] = {
        "plot": [p.plot for p in plots],
        "name": [p.name for p in plots],
        "crop": [p.crop for p in plots],
        "declared_area_m2": [p.declared_area_m2 for p in plots],
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb([p.boundary for p in plots]),
        [np.array(values, np.float64 if name.endswith("_m2") else object) for name, values in columns.items()],
        list(columns),
        driver=DRIVERS[path.suffix],
        geometry_type="Polygon",
        crs="EPSG:4326",
    )
