"""A plot whose sprayed area is known exactly: a rectangle flown edge to edge, to the centimetre."""

from __future__ import annotations

import math

import numpy as np
from shapely import Polygon

from core.model.enums import FixQuality, Mode, Operation
from core.model.fixtable import FixTable
from core.model.land import Plot
from geo.projection import LocalPlane

LENGTH_M = 200.0
SWATH_M = 7.0
LINES = 6
AREA_M2 = LENGTH_M * SWATH_M * LINES
DOSE_LPHA = 20.0
SPEED_MPS = 5.0
STEP_S = 1.0

_PLANE = LocalPlane.centred(105.725, 9.285)


def plot(cooperative: str, name: str = "rect-1", lines: int = LINES) -> Plot:
    """A rectangle of 200 m by 7 m for each line."""
    x = np.array([0.0, LENGTH_M, LENGTH_M, 0.0])
    y = np.array([0.0, 0.0, lines * SWATH_M, lines * SWATH_M])
    return Plot(name, Polygon(np.column_stack(_PLANE.lonlat(x, y))), "Thửa chữ nhật", cooperative)


def flight(device: str, start_ms: int, lines: int = LINES) -> FixTable:
    """Lines to and fro, pump on along each of them and off in the turns; the whole rectangle, nothing twice."""
    steps = round(LENGTH_M / (SPEED_MPS * STEP_S))
    x: list[float] = []
    y: list[float] = []
    on: list[bool] = []
    for line in range(lines):
        along = np.linspace(0.0, LENGTH_M, steps + 1)
        along = along if line % 2 == 0 else along[::-1]
        x += along.tolist()
        y += [(line + 0.5) * SWATH_M] * len(along)
        on += [True] * steps + [False]
    n = len(x)
    lon, lat = _PLANE.lonlat(np.array(x), np.array(y))
    turn_s = SWATH_M / SPEED_MPS
    pause = np.array([0.0, *[STEP_S if on[i] else turn_s for i in range(n - 1)]])
    ts_ms = start_ms + np.round(np.cumsum(pause) * 1000.0).astype(np.int64)
    return FixTable.build(
        ts_ms,
        lat,
        lon,
        device=device,
        seq=np.arange(n),
        boot="b1",
        quality=FixQuality.RTK,
        op=Operation.SPRAY,
        mode=Mode.AUTO,
        on=np.array(on),
        swath_m=SWATH_M,
        speed_mps=SPEED_MPS,
        flow_lpm=np.where(on, DOSE_LPHA * SPEED_MPS * SWATH_M * 0.006, 0.0),
    )


VOLUME_L = DOSE_LPHA * AREA_M2 / 10_000.0
DISTANCE_M = LINES * LENGTH_M + (LINES - 1) * SWATH_M
assert math.isclose(VOLUME_L, 16.8)
