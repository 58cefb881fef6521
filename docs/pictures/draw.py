"""Draws plot.svg, the picture of the README: ``python -m docs.pictures.draw``.

A simulated drone sprays a rice plot with a pond in it, skips a line, flies one line off course and sprays a turn.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.model.fixtable import FixTable
from geo.coverage import Parameters, compute
from geo.drawing import plot_svg
from geo.projection import LocalPlane
from simulators.fleet import fly
from simulators.plots import rice_plots

PLOT = 20
SKIPPED, ASTRAY = 3, 6
METRES_ASTRAY = 2.2


def flight() -> FixTable:
    """One drone over the plot, with the mistakes that statements are for."""
    plot = rice_plots("demo")[PLOT]
    (fixes,) = [s.samples for s in fly([plot], drones=1, seed=7).streams if isinstance(s.samples, FixTable)]
    plane = LocalPlane.for_points(fixes.lon_deg, fixes.lat_deg)
    run = np.cumsum(np.diff(fixes.on.astype(int), prepend=0) == 1)
    x, y = plane.xy(fixes.lon_deg, fixes.lat_deg)
    astray = (run == ASTRAY) & fixes.on
    heading = np.radians(float(np.median(fixes.heading_deg[astray])))
    x = x + astray * METRES_ASTRAY * np.cos(heading)
    y = y - astray * METRES_ASTRAY * np.sin(heading)
    lon, lat = plane.lonlat(x, y)
    on = fixes.on & (run != SKIPPED)
    late = np.flatnonzero(np.diff(on.astype(int)) == -1)[-2]
    on[late : late + 12] = True
    return fixes.with_columns(lon_deg=lon, lat_deg=lat, on=on)


def picture() -> str:
    """The picture's text."""
    plot = rice_plots("demo")[PLOT]
    result = compute("drone-01-20260101T003000Z", [flight()], [plot], Parameters())
    return plot_svg(result.shapes, result.coverage, None, "vi")


if __name__ == "__main__":
    (Path(__file__).parent / "plot.svg").write_text(picture(), encoding="utf-8")
