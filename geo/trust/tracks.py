"""From treated steps to a few knots: positions smoothed, then simplified, and dense enough for a slow error.

What a receiver's white noise does to a position no airframe follows: it is smoothed away, and never drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from core.model.fixtable import Bools, Floats, Ints
from geo.passes import Steps
from geo.trust.smoothing import smoothed
from geo.trust.tolerance import Tolerance

POINT_M = 1e-3
"""Knots that are nearer to each other are one place."""


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
    places = smoothed(ts, np.column_stack([x, y]), chain[at], tolerance.smooth_s)
    track = Track(ts, places[:, 0], places[:, 1], chain[at], bridge)
    return _dense(_simple(track, tolerance.simplify_m), tolerance.knot_s)


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
