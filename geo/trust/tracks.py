"""From treated steps to a few knots: positions smoothed, then simplified, and dense enough for a slow error.

What a receiver's white noise does to a position no airframe follows: it is smoothed away, and never drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.passes import Steps
from geo.trust.tolerance import Tolerance

POINT_M = 1e-3
"""Knots that are nearer to each other are one place."""
_LEAST_SPREAD = 1e-9
_REACH = 6
"""How many neighbours on either side can take part in smoothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Places in order of time, as columns of length v; those of a chain are joined by straight segments.

    ``bridge`` says of the segment from a place to the next one whether it is a bridged gap.
    """

    ts_s: Floats
    x: Floats
    y: Floats
    chain: Ints
    bridge: Bools

    def __len__(self) -> int:
        return len(self.ts_s)

    def take(self, rows: Ints | Bools) -> Track:
        """Some of the places."""
        return Track(self.ts_s[rows], self.x[rows], self.y[rows], self.chain[rows], self.bridge[rows])


def step_times(fixes: FixTable, x: Floats, y: Floats, steps: Steps) -> tuple[Floats, Floats]:
    """When each step starts and ends, in seconds since 1970: a cut by an event is found from where it lies."""
    row = steps.row
    far = np.hypot(x[row + 1] - x[row], y[row + 1] - y[row])
    done = np.hypot(steps.x0 - x[row], steps.y0 - y[row])
    share = np.divide(done, far, out=np.zeros(len(row)), where=far > 0.0)
    start = fixes.ts_ms[row] / 1000.0 + share * (fixes.ts_ms[row + 1] - fixes.ts_ms[row]) / 1000.0
    return start, start + steps.dt_s


def track_of(steps: Steps, chain: Ints, times: tuple[Floats, Floats], tolerance: Tolerance) -> Track:
    """The track of steps whose chains (runs of one layout) are given, shape (k,)."""
    last = np.append(np.diff(chain) != 0, [True])
    count = np.where(last, 2, 1)
    at = np.repeat(np.arange(len(steps)), count)
    end = np.zeros(len(at), np.bool_)
    end[np.cumsum(count)[last] - 1] = True
    ts = np.where(end, times[1][at], times[0][at])
    x, y = np.where(end, steps.x1[at], steps.x0[at]), np.where(end, steps.y1[at], steps.y0[at])
    bridge = steps.bridged[at] & ~end
    x, y = (_smoothed(ts, axis, chain[at], tolerance.smooth_s) for axis in (x, y))
    return _dense(_simple(Track(ts, x, y, chain[at], bridge), tolerance.simplify_m), tolerance.knot_s)


def _smoothed(ts: Floats, value: Floats, chain: Ints, span_s: float) -> Floats:
    """Each value replaced by the straight line fitted to those around it, over ``span_s`` of time.

    At the ends of a chain the window lies on one side, with as many values.
    """
    if span_s <= 0.0 or not len(ts):
        return value
    n = len(ts)
    starts = np.flatnonzero(np.diff(chain, prepend=chain[0] - 1))
    size = np.diff(np.append(starts, n))
    t0, t1 = np.repeat(ts[starts], size), np.repeat(ts[starts + size - 1], size)
    low = np.maximum(np.minimum(ts - span_s / 2.0, t1 - span_s), t0) - 1e-6
    high = np.minimum(np.maximum(ts + span_s / 2.0, t0 + span_s), t1) + 1e-6
    s0, s1, s2, v0, v1 = (np.zeros(n) for _ in range(5))
    for shift in range(-2 * _REACH, 2 * _REACH + 1):
        j = np.arange(n) + shift
        inside = (j >= 0) & (j < n)
        j = np.clip(j, 0, n - 1)
        w = (inside & (chain[j] == chain) & (ts[j] >= low) & (ts[j] <= high)).astype(np.float64)
        dt, dv = ts[j] - ts, value[j] - value
        s0, s1, s2 = s0 + w, s1 + w * dt, s2 + w * dt * dt
        v0, v1 = v0 + w * dv, v1 + w * dv * dt
    spread = s0 * s2 - s1 * s1
    fits = spread > _LEAST_SPREAD
    line = np.divide(s2 * v0 - s1 * v1, spread, out=np.zeros(n), where=fits)
    return value + line


def _simple(track: Track, simplify_m: float) -> Track:
    """Fewer places (Douglas-Peucker), never across a chain or the ends of a bridged gap."""
    if not len(track):
        return track
    last = np.append(np.diff(track.chain) != 0, [True])
    edge = np.diff(track.bridge, prepend=False) != 0
    cut = np.flatnonzero(edge & ~last & np.append([False], ~last[:-1]))
    again = np.sort(np.concatenate([np.arange(len(track)), cut]))
    group = np.cumsum(np.concatenate([[0], ((np.diff(again) == 0) | last[again[:-1]]).astype(np.int64)]))
    points = np.column_stack([track.x[again], track.y[again], again])
    lines = shapely.linestrings(points, indices=group)
    kept = shapely.get_coordinates(shapely.simplify(lines, simplify_m, preserve_topology=False), include_z=True)
    return track.take(np.unique(kept[:, 2].astype(np.int64)))


def _dense(track: Track, knot_s: float) -> Track:
    """Places less than ``POINT_M`` apart joined, and further ones set in where more than ``knot_s`` lies between."""
    if not len(track):
        return track
    moved = np.hypot(np.diff(track.x), np.diff(track.y)) > POINT_M
    track = track.take(np.append([True], moved | (np.diff(track.chain) != 0)))
    follows = np.append(np.diff(track.chain) == 0, [False])
    nxt = np.minimum(np.arange(len(track)) + 1, len(track) - 1)
    dt = np.where(follows, track.ts_s[nxt] - track.ts_s, 0.0)
    parts = np.maximum(np.ceil(dt / knot_s - 1e-9), 1.0).astype(np.int64)
    at = np.repeat(np.arange(len(track)), parts)
    share = (np.arange(len(at)) - np.repeat(np.cumsum(parts) - parts, parts)) / parts[at]
    ts, x, y = (c[at] + share * (c[nxt[at]] - c[at]) for c in (track.ts_s, track.x, track.y))
    return Track(ts, x, y, track.chain[at], track.bridge[at])
