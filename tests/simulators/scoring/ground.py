"""Truths, runs and plots of tests: plane metres in, the shared types out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from shapely import Polygon, box
from shapely.affinity import translate

from core.model.enums import EventKind, FixQuality, Mode, Operation
from core.model.fixtable import FixTable, Floats, Labels
from core.model.land import Device, DeviceKind, Plot
from core.model.samples import Event
from core.model.traffic import Run, Stream, Truth
from geo.projection import LocalPlane

PLANE = LocalPlane.around(105.725123, 9.285321)
COOPERATIVE = "htx"
START_MS = 1_767_225_600_000
ORIGIN = (5.0, 5.0)
"""Where (0, 0) of the tests lies in PLANE: the projection moves points within a millimetre of its centre."""
SPEED_MPS = 5.0
DOSE_LPHA = 20.0

Ends = tuple[Floats, Floats]
"""Left and right ends of the cross-sections of one strip in plane metres, (n, 2) each."""


def lonlat(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """WGS 84 degrees of the tests' metres."""
    return PLANE.lonlat(x + ORIGIN[0], y + ORIGIN[1])


def truth(
    strips: Sequence[Ends],
    released: Sequence[Floats] | None = None,
    *,
    job: str | list[str] = "j1",
    op: Operation = Operation.SPRAY,
) -> Truth:
    """A truth of strips; without ``released``, nothing was let go."""
    counts = [len(left) for left, _ in strips]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    left, right = (np.concatenate([np.empty((0, 2)), *(s[k] for s in strips)]) for k in range(2))
    left_lon, left_lat = lonlat(left[:, 0], left[:, 1])
    right_lon, right_lat = lonlat(right[:, 0], right[:, 1])
    n, total = len(strips), int(start[-1])
    return Truth(
        cooperative=Labels.constant(COOPERATIVE, n),
        device=Labels.constant("d1", n),
        boot=Labels.constant("b1", n),
        job=Labels.of(job) if isinstance(job, list) else Labels.constant(job, n),
        op=np.full(n, int(op), np.int64),
        swath_m=np.full(n, 7.0),
        start=start,
        ts_ms=np.arange(total, dtype=np.float64) * 200.0 + START_MS,
        left_lon_deg=np.round(left_lon, 9),
        left_lat_deg=np.round(left_lat, 9),
        right_lon_deg=np.round(right_lon, 9),
        right_lat_deg=np.round(right_lat, 9),
        released=np.zeros(total) if released is None else np.concatenate([np.empty(0), *released]),
    )


def straight(x0: float, x1: float, y: float, width: float, steps: int = 40) -> Ends:
    """A strip along x, about y, forwards or backwards."""
    x = np.linspace(x0, x1, steps + 1)
    half = np.full(steps + 1, width / 2.0 if x1 > x0 else -width / 2.0)
    return np.column_stack([x, y + half]), np.column_stack([x, y - half])


def poured(strip: Ends, litres: float) -> Floats:
    """The litres spread evenly over the steps of a strip."""
    n = len(strip[0])
    return np.append(np.full(n - 1, litres / (n - 1)), 0.0)


def plot(shape: Polygon, name: str = "p1", cooperative: str = COOPERATIVE) -> Plot:
    """A plot whose boundary is a polygon of the plane."""
    return Plot(name, PLANE.to_wgs84(translate(shape, *ORIGIN)), name=f"Thửa {name}", cooperative=cooperative)


def field(lines: int, length_m: float, swath_m: float) -> Plot:
    """The rectangle that as many lines cover."""
    return plot(box(0.0, 0.0, length_m, lines * swath_m))


def worked_lines(
    lines: int, length_m: float, swath_m: float, *, shift_m: float = 0.0, dose_lpha: float = DOSE_LPHA
) -> tuple[list[Ends], list[Floats]]:
    """Lines to and fro, edge to edge from y = 0 up, ``shift_m`` north of where they should be; with their litres."""
    strips = [
        straight(*((0.0, length_m) if k % 2 == 0 else (length_m, 0.0)), (k + 0.5) * swath_m + shift_m, swath_m)
        for k in range(lines)
    ]
    litres = dose_lpha * length_m * swath_m / 10_000.0
    return strips, [poured(s, litres) for s in strips]


def telemetry(
    lines: int, length_m: float, swath_m: float, *, shift_m: float = 0.0, flow_factor: float = 1.0, **columns: Any
) -> tuple[FixTable, list[Event]]:
    """What a drone without any error tells of the same lines at 5 Hz: pump on along each, off in the turns."""
    steps = round(length_m / SPEED_MPS * 5.0)
    x: list[float] = []
    y: list[float] = []
    on: list[bool] = []
    for k in range(lines):
        along = np.linspace(0.0, length_m, steps + 1)
        x += (along if k % 2 == 0 else along[::-1]).tolist()
        y += [(k + 0.5) * swath_m + shift_m] * (steps + 1)
        on += [True] * steps + [False]
    pause = np.array([0.0, *[0.2 if o else 2.0 for o in on[:-1]]])
    ts = START_MS + np.round(np.cumsum(pause) * 1000.0).astype(np.int64)
    lon, lat = lonlat(np.array(x), np.array(y))
    flow = DOSE_LPHA * SPEED_MPS * swath_m * 0.006 * flow_factor
    told: dict[str, Any] = {
        "device": "d1",
        "boot": "b1",
        "job": "j1",
        "seq": np.arange(len(ts)),
        "quality": FixQuality.RTK,
        "op": Operation.SPRAY,
        "mode": Mode.AUTO,
        "on": np.array(on),
        "swath_m": swath_m,
        "flow_lpm": np.where(on, flow, 0.0),
    }
    fixes = FixTable.build(ts, lat, lon, **(told | columns))
    return fixes, [Event("d1", int(ts[-1]) + 5_000, EventKind.LANDING, "b1")]


def run(fixes: FixTable, events: list[Event], plots: Sequence[Plot]) -> Run:
    """A run of one drone."""
    drone = Device("d1", COOPERATIVE, DeviceKind.DRONE, swath_m=7.0)
    streams = (
        Stream("d1", DeviceKind.DRONE, fixes, cooperative=COOPERATIVE),
        Stream("d1", DeviceKind.DRONE, events, cooperative=COOPERATIVE),
    )
    return Run("test", 1, START_MS, streams, devices=(drone,), plots=tuple(plots))
