"""What was released when and where: one flat strip per treated step, each with its instant, time and litres.

The sprayed area is computed from simplified, mitred swaths, which have no instant. Weather does: here every step keeps
its own. Strips end flat, so that the corner outside a turn is left out: millimetres at the bends that drones fly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from core.model.fixtable import FixTable, Floats, Ints
from core.model.samples import Event
from geo.cleaning import clean
from geo.layouts import layouts_of, shared_out
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps
from geo.projection import LocalPlane

MINUTE_MS = 60_000
SPOT_M = 1e-6
_DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """Treated strips of steps, columns of length k, in order of time.

    ``corners`` has the shape (k, 8): x and y in turn, plane metres; a step on the spot has the four corners of its
    swath in a line. ``dt_s`` of the strips of one step add up to its time, ``litres`` (NaN: not told) to its volume.
    """

    ts_ms: Ints
    dt_s: Floats
    corners: Floats
    litres: Floats

    def __len__(self) -> int:
        return len(self.ts_ms)

    @property
    def middle(self) -> Floats:
        """Middle of each strip, shape (k, 2)."""
        return np.asarray(self.corners.reshape(-1, 4, 2).mean(axis=1))

    @property
    def ground(self) -> np.ndarray:
        """Each strip as a polygon; one without area as a line, shape (k,)."""
        points = self.corners.reshape(-1, 4, 2)
        shapes = np.asarray(shapely.polygons(points), np.object_)
        flat = shapely.area(shapes) <= SPOT_M
        shapes[flat] = shapely.linestrings(points[flat])
        return shapes

    def minutes(self) -> tuple[Ints, Ints]:
        """Starts of the treated minutes in ms since 1970 UTC, shape (m,), and each strip's number of them, (k,)."""
        start, number = np.unique(self.ts_ms // MINUTE_MS * MINUTE_MS, return_inverse=True)
        return start, number

    @classmethod
    def concat(cls, parts: Sequence[Released]) -> Released:
        """The strips of several tables, in order of time."""
        none = np.empty(0)
        ts_ms = np.concatenate([np.empty(0, np.int64), *(p.ts_ms for p in parts)])
        order = np.argsort(ts_ms, kind="stable")
        return cls(
            ts_ms[order],
            np.concatenate([none, *(p.dt_s for p in parts)])[order],
            np.concatenate([np.empty((0, 8)), *(p.corners for p in parts)])[order],
            np.concatenate([none, *(p.litres for p in parts)])[order],
        )


def released(fixes: FixTable, steps: Steps, parameters: Parameters) -> Released:
    """The strips of one table's treated steps (the table that the steps were made from).

    Raises:
        ConfigError: No swath width is known.
    """
    if len(steps) == 0:
        return Released.concat([])
    layouts = layouts_of(fixes, np.unique(steps.row), parameters)
    litres = litres_of(fixes, steps)
    share = shared_out(fixes, steps.row, layouts)
    across = _across(steps)
    code = layouts.codes[steps.row]
    parts: list[Released] = []
    for c, layout in enumerate(layouts.layouts):
        mine = np.flatnonzero(code == c)
        width = sum(s.right_m - s.left_m for s in layout)
        for number, strip in enumerate(layout):
            part = (strip.right_m - strip.left_m) / width
            volume = litres[mine] * (share[mine, number] if share is not None else part)
            corners = _corners(steps, mine, across[mine], (strip.left_m, strip.right_m))
            started = fixes.ts_ms[steps.row[mine]]
            parts.append(Released(started, steps.dt_s[mine] * part, corners, volume))
    return Released.concat(parts)


def released_in(
    fixes: FixTable, events: Sequence[Event], parameters: Parameters = _DEFAULTS
) -> tuple[Released, LocalPlane]:
    """The strips of one flight as it was logged, and the plane at its middle fix that they lie in.

    Raises:
        ConfigError: No swath width is known.
    """
    cleaned = clean(fixes)
    lon, lat = cleaned.fixes.lon_deg, cleaned.fixes.lat_deg
    if len(lon) == 0:
        return Released.concat([]), LocalPlane.for_points(lon, lat)
    plane = LocalPlane.around(float(np.median(lon)), float(np.median(lat)))
    steps = treated_steps(cleaned, *plane.xy(lon, lat), parameters, events)
    return released(cleaned.fixes, steps, parameters), plane


def litres_of(fixes: FixTable, steps: Steps) -> Floats:
    """Litres of each step, from the flow or else from those of the sections that are on; NaN where nothing tells."""
    columns = fixes.sections
    told = np.where(columns.on & np.isfinite(columns.flow_lpm), columns.flow_lpm, 0.0)
    total = np.concatenate([[0.0], np.cumsum(told)])
    known = np.concatenate([[0], np.cumsum(np.isfinite(columns.flow_lpm))])
    first, last = columns.start[steps.row], columns.start[steps.row + 1]
    sections = np.where(known[last] > known[first], total[last] - total[first], np.nan)
    flow = fixes.flow_lpm[steps.row]
    return np.asarray(np.where(np.isnan(flow), sections, flow) * steps.dt_s / 60.0)


def _across(steps: Steps) -> Floats:
    """Unit vectors to the right of each step, shape (k, 2); a step on the spot keeps the one before it."""
    x, y, length = steps.x1 - steps.x0, steps.y1 - steps.y0, steps.length_m
    moving = length > SPOT_M
    if not moving.any():
        return np.tile([1.0, 0.0], (len(steps), 1))
    before = np.maximum.accumulate(np.where(moving, np.arange(len(steps)), -1))
    source = np.where(before >= 0, before, int(np.argmax(moving)))
    return np.column_stack([y[source], -x[source]]) / length[source][:, None]


def _corners(steps: Steps, mine: Ints, across: Floats, reach: tuple[float, float]) -> Floats:
    """Corners of one strip of the steps ``mine``, anticlockwise, shape (m, 8)."""
    start = np.column_stack([steps.x0[mine], steps.y0[mine]])
    end = np.column_stack([steps.x1[mine], steps.y1[mine]])
    left, right = (r * across for r in reach)
    return np.hstack([start + right, end + right, end + left, start + left])
