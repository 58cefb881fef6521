"""An exact sweep over tiles, compiled by numba: every figure of every plot in one pass over the ground.

The plane is cut into square tiles. In a tile, all edges of quadrilaterals and plots are straight. From the height at
which two of them become neighbours to that at which one of them ends, meets another one or gets another neighbour, what
lies between them is a trapezoid with one number of layers, one dose and one set of plots. Its area is its width halfway
up times its height: nothing is rounded but by floating point.
"""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np
from numba import njit

from core.model.fixtable import Floats
from geo.engines.edges import SMALL, Y0, Found, Ground, Scratch, edges_of, room_for
from geo.engines.model import AMOUNT, FIGURES, KINDS, NET, Fields, Measures, Quads
from geo.engines.rows import (
    INSIDE,
    ONE,
    area_to,
    balanced,
    begin,
    counted,
    counted_often,
    ended,
    next_height,
    place_of,
    rebuilt,
)
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
    twice = complex(*_twice_along(corners))
    return cmath.rect(1.0, (math.pi - cmath.phase(twice)) / 2.0)


@njit(cache=True, nogil=True)
def _twice_along(corners: Any) -> tuple[float, float]:
    """Sum of the longer sides of quadrilaterals, their angles to x doubled: then both ways along count the same."""
    across, up = 0.0, 0.0
    for q in range(len(corners)):
        x, y = corners[q, 2] - corners[q, 0], corners[q, 3] - corners[q, 1]
        u, v = corners[q, 4] - corners[q, 2], corners[q, 5] - corners[q, 3]
        if x * x + y * y <= u * u + v * v:
            x, y = u, v
        length = max(math.hypot(x, y), SMALL)
        across += (x * x - y * y) / length
        up += 2.0 * x * y / length
    return across, up


def turned_by(points: Floats, turn: complex) -> Floats:
    """Rows of x and y in turn, turned about the origin."""
    turned, x, y = np.empty(points.shape), points[..., 0::2], points[..., 1::2]
    turned[..., 0::2] = x * turn.real - y * turn.imag
    turned[..., 1::2] = x * turn.imag + y * turn.real
    return turned


def scratch_for(ground: Ground, bins: Bins) -> Scratch:
    """Room for the fullest tile."""
    edges_of_plots = np.concatenate([[0], np.cumsum(3 * np.diff(ground.start)[bins.plot_of])])
    most = int((12 * np.diff(bins.quad_start) + np.diff(edges_of_plots[bins.plot_start])).max(initial=0))
    return room_for(most, int(np.diff(bins.plot_start).max(initial=0)))


@njit(cache=True, nogil=True)
def sweep_bins(ground: Ground, bins: Bins, scratch: Scratch, found: Found) -> None:
    """Sweep all tiles."""
    sums = scratch.sums
    for t in range(len(bins.boxes)):
        first, plots = bins.plot_start[t], bins.plot_start[t + 1] - bins.plot_start[t]
        n = edges_of(ground, bins, scratch, t)
        _tile(scratch, n, bins.side_m, plots)
        for p in range(plots):
            for f in range(FIGURES):
                found.figures[bins.plot_of[first + p], f] += sums[p, f]
        _together(sums, plots, found.union, found.off, found.off_amount)


@njit(cache=True, nogil=True)
def sweep_each(  # noqa: PLR0917 - numba
    ground: Ground, bins: Bins, scratch: Scratch, figures: Any, union: Any, off: Any
) -> None:
    """Sweep tiles and keep them apart.

    ``figures`` gets those of the plots of each tile, in the order of ``bins.plot_of``, shape (pairs, 6); ``union`` has
    the shape (t, 6), ``off`` (t, 3).
    """
    amount = np.zeros(KINDS)
    union[:], off[:] = 0.0, 0.0
    for t in range(len(bins.boxes)):
        first, plots = bins.plot_start[t], bins.plot_start[t + 1] - bins.plot_start[t]
        _tile(scratch, edges_of(ground, bins, scratch, t), bins.side_m, plots)
        figures[first : first + plots] = scratch.sums[:plots]
        _together(scratch.sums, plots, union[t], off[t], amount)


@njit(cache=True, nogil=True)
def _together(sums: Any, plots: int, union: Any, off: Any, off_amount: Any) -> None:
    """Add a tile to the figures of the plots' union, and to what lies beside them."""
    for f in range(FIGURES):
        for p in range(plots + 1):
            union[f] += sums[p, f]
    for kind in range(KINDS):
        off[kind] += sums[plots + 1 + kind, NET]
        off_amount[kind] += sums[plots + 1 + kind, AMOUNT]


@njit(cache=True, nogil=True)
def _tile(scratch: Scratch, n: int, side: float, plots: int) -> None:
    """Go up through a tile, from one height to the next at which edges begin, end or meet."""
    edges, row, sums = scratch.edges, scratch.row, scratch.sums
    sums[: plots + 1 + KINDS] = 0.0
    order = np.argsort(edges[:n, Y0])
    begun, count = 0, 0
    while count > 0 or begun < n:
        level, meets, at = next_height(edges, row, count)
        if begun < n and edges[order[begun], Y0] < level:
            level = edges[order[begun], Y0]
        first, swaps = begun, meets <= level
        if swaps:
            level, low, high = meets, at, at + 1
        else:
            low, high = ended(edges, row, count, level)
            while begun < n and edges[order[begun], Y0] <= level + SMALL:
                place = place_of(edges, row, count, order[begun], level)
                low, high = min(low, place), max(high, place - 1)
                begun += 1
            if high + 1 < count and not balanced(edges, row, order, first, begun, low, high, level):
                high = count - 1
        for i in range(max(low - 1, 0), high + 1):
            area = area_to(edges, row, i, count, level, side)
            if area > 0.0 and edges[row[i], INSIDE] < 1.0 + ONE:
                counted(edges, row[i], area, sums, plots)
            elif area > 0.0:
                counted_often(edges, row, i, area, sums, plots)
        more = 0
        if swaps:
            row[low], row[high] = row[high], row[low]
        else:
            more = rebuilt(edges, row, order, first, begun, low, high, count, level)
        count += more
        begin(edges, row, low, high + 1 + more, count, level)
