"""Compile what live coverage uses before the first drone takes off: the first time takes seconds, later ones none."""

from __future__ import annotations

import numpy as np
from shapely import box

from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.live.flight import LiveFlight
from geo.projection import LocalPlane


def warm() -> None:
    """Fly a hundred metres in bends, over the edge of a plot."""
    plane = LocalPlane(105.0, 10.0)
    n = 100
    along = np.arange(n, dtype=np.float64)
    lon, lat = plane.lonlat(along, np.asarray(3.0 * np.sin(along / 5.0), np.float64))
    fixes = FixTable.build(np.arange(n) * 200, lat, lon, on=True, swath_m=7.0, speed_mps=6.0, flow_lpm=3.0)
    live = LiveFlight("warm", plane, [Plot("p", plane.to_wgs84(box(0.0, 0.0, 50.0, 50.0)))])
    for start in range(0, n, 10):
        live.add(fixes.take(slice(start, start + 10)))
        live.settle()
    live.figures()
