"""An exact sweep over tiles, compiled by numba: every figure of every plot in one pass over the ground.

The plane is cut into square tiles. In a tile, all edges of quadrilaterals and plots are straight. Between two
neighbouring heights at which an edge begins, ends or crosses another one, their order from left to right stays the
same, so every interval between two of them is a trapezoid with one number of layers, one dose and one set of plots. Its
area is its width halfway up times its height: nothing is rounded but by floating point.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
from numba import njit

from core.model.fixtable import Floats
from geo.engines.edges import SMALL, STATES, Y0, Y1, Found, Ground, Scratch, edges_of, room_for
from geo.engines.model import FIGURES, KINDS, Fields, Measures, Quads
from geo.engines.rows import crossed, ordered, stretch, x_at
from geo.engines.tiles import Bins, bins_of

__all__ = ["Found", "Ground", "Scratch", "SweepEngine", "room_for", "sweep_each"]


class SweepEngine:
    """The compiled engine."""

    name = "sweep"

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """See :class:`geo.engines.model.Engine`."""
        found = Found(np.zeros((len(fields), FIGURES)), np.zeros(FIGURES), np.zeros(KINDS), np.zeros(KINDS))
        if len(quads):
            turn = turn_of(quads.corners)
            fields = Fields(turned_by(fields.ring, turn), fields.start)
            ground = Ground(turned_by(quads.corners, turn), *quads.doses(), quads.kind, fields.ring, fields.start)
            bins = bins_of(ground.corners, fields)
            sweep_bins(ground, bins, scratch_for(ground, bins), found)
        return Measures(*found)


def turn_of(corners: Floats) -> complex:
    """The turn, as a unit number, that lays most strips along y: then few edges begin, end or cross on the way up."""
    one, other = corners[:, 2:4] - corners[:, 0:2], corners[:, 4:6] - corners[:, 2:4]
    along = np.where((one**2).sum(axis=1, keepdims=True) > (other**2).sum(axis=1, keepdims=True), one, other)
    x, y = along[:, 0], along[:, 1]
    length = np.maximum(np.hypot(x, y), SMALL)
    twice = complex(((x * x - y * y) / length).sum(), (2.0 * x * y / length).sum())
    return cmath.rect(1.0, (math.pi - cmath.phase(twice)) / 2.0)


def turned_by(points: Floats, turn: complex) -> Floats:
    """Rows of x and y in turn, turned about the origin."""
    spin = np.array([[turn.real, turn.imag], [-turn.imag, turn.real]])
    turned: Floats = (points.reshape(-1, 2) @ spin).reshape(points.shape)
    return turned


def scratch_for(ground: Ground, bins: Bins) -> Scratch:
    """Room for the fullest tile."""
    edges_of_plots = np.concatenate([[0], np.cumsum(3 * np.diff(ground.start)[bins.plot_of])])
    most = int((12 * np.diff(bins.quad_start) + np.diff(edges_of_plots[bins.plot_start])).max(initial=0))
    return room_for(most, int(np.diff(bins.plot_start).max(initial=0)))


@njit(cache=True, nogil=True)
def sweep_bins(ground: Ground, bins: Bins, scratch: Scratch, found: Found) -> None:
    """Sweep all tiles."""
    for t in range(len(bins.boxes)):
        n = edges_of(ground, bins, scratch, t)
        first, plots = bins.plot_start[t], bins.plot_start[t + 1] - bins.plot_start[t]
        for p in range(plots):
            for f in range(FIGURES):
                scratch.local[p, f] = 0.0
        if n > 0:
            _tile(scratch, n, bins.side_m, plots, found)
        for p in range(plots):
            for f in range(FIGURES):
                found.figures[bins.plot_of[first + p], f] += scratch.local[p, f]


@njit(cache=True, nogil=True)
def sweep_each(  # noqa: PLR0917 - numba
    ground: Ground, bins: Bins, scratch: Scratch, found: Found, figures: Any, union: Any, off: Any
) -> None:
    """Sweep tiles and keep them apart.

    ``figures`` gets those of the plots of each tile, in the order of ``bins.plot_of``, shape (pairs, 6); ``union`` has
    the shape (t, 6), ``off`` (t, 3). ``found`` is room for one tile.
    """
    for t in range(len(bins.boxes)):
        found.union[:] = 0.0
        found.off[:] = 0.0
        n = edges_of(ground, bins, scratch, t)
        first, plots = bins.plot_start[t], bins.plot_start[t + 1] - bins.plot_start[t]
        scratch.local[:plots] = 0.0
        if n > 0:
            _tile(scratch, n, bins.side_m, plots, found)
        figures[first : first + plots] = scratch.local[:plots]
        union[t] = found.union
        off[t] = found.off


@njit(cache=True, nogil=True)
def _tile(scratch: Scratch, n: int, side: float, plots: int, found: Found) -> None:
    """Go up through a tile, from one height to the next at which an edge begins or ends."""
    edges, active, low, high = scratch.edges, scratch.active, scratch.low, scratch.high
    levels = np.empty(2 * n)
    levels[:n], levels[n:] = edges[:n, Y0], edges[:n, Y1]
    order = np.argsort(levels[:n])
    levels.sort()
    coming, count = 0, 0
    for level in range(2 * n - 1):
        bottom, top = levels[level], levels[level + 1]
        if top - bottom <= SMALL:
            continue
        count, coming = _entered(edges, order, active, low, high, count, coming, bottom)
        if count == 0:
            continue
        for i in range(count):
            high[i] = x_at(edges, active[i], top)
        low[count], high[count] = side, side
        scratch.there[:plots] = 0
        scratch.state[:STATES] = 0.0
        if ordered(active, low, high, 0, count):
            stretch(scratch, 0, count, top - bottom, plots, found)
        else:
            crossed(scratch, count, bottom, top, plots, found)
    for p in range(plots):
        for f in range(FIGURES):
            found.union[f] += scratch.local[p, f]


@njit(cache=True, nogil=True)
def _entered(  # noqa: PLR0917 - numba
    edges: Any, order: Any, active: Any, low: Any, high: Any, count: int, coming: int, bottom: float
) -> Any:
    """Which edges are there above a height, and where: those that have ended go, those that begin come."""
    kept = 0
    for i in range(count):
        if edges[active[i], Y1] > bottom + SMALL:
            active[kept], low[kept] = active[i], high[i]
            kept += 1
    while coming < len(order) and edges[order[coming], Y0] <= bottom + SMALL:
        e = order[coming]
        if edges[e, Y1] > bottom + SMALL:
            active[kept], low[kept] = e, x_at(edges, e, bottom)
            kept += 1
        coming += 1
    return kept, coming
