"""An exact sweep over tiles, compiled by numba: every figure of every plot in one pass over the ground.

The plane is cut into square tiles. In a tile, all edges of quadrilaterals and plots are straight. Between two
neighbouring heights at which an edge begins, ends or crosses another one, their order from left to right stays the
same, so every interval between two of them is a trapezoid with one number of layers, one dose and one set of plots. Its
area is its width halfway up times its height: nothing is rounded but by floating point.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from geo.engines.model import FIGURES, KINDS, Fields, Measures, Quads
from geo.engines.tiles import Bins, bins_of

_SMALL = 1e-12
_TWO, _THREE = 2, 3


class SweepEngine:
    """The compiled engine."""

    name = "sweep"

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """See :class:`geo.engines.model.Engine`."""
        found = Found(np.zeros((len(fields), FIGURES)), np.zeros(FIGURES), np.zeros(KINDS), np.zeros(KINDS))
        if len(quads):
            area = quads.area_m2
            density = np.divide(quads.amount, area, out=np.zeros(len(quads)), where=area > 0.0)
            ground = Ground(np.ascontiguousarray(quads.corners), density, quads.kind, fields.ring, fields.start)
            bins = bins_of(ground.corners, fields)
            _sweep(ground, bins, _scratch(ground, bins), found)
        return Measures(*found)


class Ground(NamedTuple):
    """What lies on the ground: quadrilaterals with amount per m² and kind, and the directed edges of plots."""

    corners: Any
    density: Any
    kind: Any
    ring: Any
    start: Any


class Found(NamedTuple):
    """What is added up: see :class:`geo.engines.model.Measures`."""

    figures: Any
    union: Any
    off: Any
    off_amount: Any


class Scratch(NamedTuple):
    """Room for one tile.

    ``edges`` has rows x at the bottom, bottom, slope, top, x at the top, and sign (1 where the edge enters what it
    bounds, coming from the left); ``owner`` the quadrilateral, or −1 − the plot's number in the tile.
    """

    edges: Any
    owner: Any
    active: Any
    low: Any
    high: Any
    cuts: Any
    there: Any
    local: Any


def _scratch(ground: Ground, bins: Bins) -> Scratch:
    """Room for the fullest tile."""
    edges_of_plots = np.concatenate([[0], np.cumsum(3 * np.diff(ground.start)[bins.plot_of])])
    most = int((12 * np.diff(bins.quad_start) + np.diff(edges_of_plots[bins.plot_start])).max(initial=0)) + 1
    plots = int(np.diff(bins.plot_start).max(initial=0)) + 1
    return Scratch(
        np.empty((6, most)),
        np.empty(most, np.int64),
        np.empty(most, np.int64),
        np.empty(most),
        np.empty(most),
        np.empty(4 * most + 64),
        np.empty(plots, np.int64),
        np.empty((plots, FIGURES)),
    )


@njit(cache=True, nogil=True)
def _sweep(ground: Ground, bins: Bins, scratch: Scratch, found: Found) -> None:
    """Sweep all tiles."""
    for t in range(len(bins.boxes)):
        n = _edges_of(ground, bins, scratch, t)
        first, plots = bins.plot_start[t], bins.plot_start[t + 1] - bins.plot_start[t]
        for p in range(plots):
            for f in range(FIGURES):
                scratch.local[p, f] = 0.0
        if n > 1:
            _tile(ground, scratch, n, plots, found)
        for p in range(plots):
            for f in range(FIGURES):
                found.figures[bins.plot_of[first + p], f] += scratch.local[p, f]


# --- the edges of a tile


@njit(cache=True, nogil=True)
def _edges_of(ground: Ground, bins: Bins, scratch: Scratch, t: int) -> int:
    """Gather the edges of a tile, relative to its lower left corner; how many there are."""
    left, bottom, side = bins.boxes[t, 0], bins.boxes[t, 1], bins.side_m
    n = 0
    for k in range(bins.quad_start[t], bins.quad_start[t + 1]):
        q = bins.quad_of[k]
        for i in range(4):
            j = (i + 1) % 4
            a = (ground.corners[q, 2 * i] - left, ground.corners[q, 2 * i + 1] - bottom)
            b = (ground.corners[q, 2 * j] - left, ground.corners[q, 2 * j + 1] - bottom)
            n = _add(scratch, n, a, b, side, q)
    for k in range(bins.plot_start[t], bins.plot_start[t + 1]):
        p = bins.plot_of[k]
        for e in range(ground.start[p], ground.start[p + 1]):
            a = (ground.ring[e, 0] - left, ground.ring[e, 1] - bottom)
            b = (ground.ring[e, 2] - left, ground.ring[e, 3] - bottom)
            n = _add(scratch, n, a, b, side, bins.plot_start[t] - 1 - k)
    return n


@njit(cache=True, nogil=True)
def _add(scratch: Scratch, n: int, a: Any, b: Any, side: float, owner: int) -> int:  # noqa: PLR0917 - numba
    """Add what an edge is within a tile; what lies beside the tile stands as a wall on its border."""
    sign = 1.0
    if a[1] < b[1]:
        sign = -1.0
    else:
        a, b = b, a
    if b[1] <= 0.0 or a[1] >= side or a[1] == b[1]:
        return n
    slope = (b[0] - a[0]) / (b[1] - a[1])
    low, top = max(a[1], 0.0), min(b[1], side)
    x0 = a[0] + (low - a[1]) * slope if low > a[1] else a[0]
    x1 = a[0] + (top - a[1]) * slope if top < b[1] else b[0]
    first, second = top, top
    if (x0 < 0.0) != (x1 < 0.0):
        first = min(max(a[1] - a[0] / slope, low), top)
    if (x0 > side) != (x1 > side):
        second = min(max(a[1] + (side - a[0]) / slope, low), top)
    for high in (min(first, second), max(first, second), top):
        if high <= low:
            continue
        xl = a[0] + (low - a[1]) * slope
        xh = a[0] + (high - a[1]) * slope
        if 0.5 * (xl + xh) <= 0.0:
            xl, xh = 0.0, 0.0
        elif 0.5 * (xl + xh) >= side:
            xl, xh = side, side
        else:
            xl, xh = min(max(xl, 0.0), side), min(max(xh, 0.0), side)
        scratch.edges[0, n], scratch.edges[1, n], scratch.edges[2, n] = xl, low, (xh - xl) / (high - low)
        scratch.edges[3, n], scratch.edges[4, n], scratch.edges[5, n] = high, xh, sign
        scratch.owner[n] = owner
        n += 1
        low = high
    return n


# --- from height to height


@njit(cache=True, nogil=True)
def _tile(ground: Ground, scratch: Scratch, n: int, plots: int, found: Found) -> None:
    """Go up through a tile, from one height to the next at which an edge begins or ends."""
    levels = np.empty(2 * n)
    levels[:n], levels[n:] = scratch.edges[1, :n], scratch.edges[3, :n]
    levels.sort()
    order = np.argsort(scratch.edges[1, :n])
    coming, count = 0, 0
    for level in range(2 * n - 1):
        bottom, top = levels[level], levels[level + 1]
        if top - bottom <= _SMALL:
            continue
        count, coming = _entered(scratch, order, count, coming, bottom)
        if count > 1:
            _slab(ground, scratch, count, (bottom, top), plots, found)


@njit(cache=True, nogil=True)
def _entered(scratch: Scratch, order: Any, count: int, coming: int, bottom: float) -> Any:
    """Which edges are there above a height: those that have ended go, those that begin come."""
    active, edges = scratch.active, scratch.edges
    kept = 0
    for i in range(count):
        if edges[3, active[i]] > bottom + _SMALL:
            active[kept] = active[i]
            kept += 1
    while coming < len(order) and edges[1, order[coming]] <= bottom + _SMALL:
        if edges[3, order[coming]] > bottom + _SMALL:
            active[kept] = order[coming]
            kept += 1
        coming += 1
    return kept, coming


@njit(cache=True, nogil=True)
def _slab(  # noqa: PLR0917 - numba
    ground: Ground, scratch: Scratch, count: int, span: Any, plots: int, found: Found
) -> None:
    """The ground between two heights, cut once more at every height at which two edges cross."""
    bottom, top = span
    low, high = scratch.low, scratch.high
    for i in range(count):
        low[i], high[i] = _x_at(scratch, scratch.active[i], bottom), _x_at(scratch, scratch.active[i], top)
    _sort(scratch, count)
    cuts = _crossings(scratch, count, bottom, top)
    scratch.cuts[cuts] = top
    heights = np.sort(scratch.cuts[: cuts + 1]) if cuts else scratch.cuts[:1]
    for c in range(cuts + 1):
        if heights[c] - bottom <= _SMALL:
            continue
        middle = 0.5 * (bottom + heights[c])
        for i in range(count):
            low[i], high[i] = _x_at(scratch, scratch.active[i], middle), 0.0
        _sort(scratch, count)  # also where nothing crosses: edges from one corner may stand in any order at the bottom
        _row(ground, scratch, count, heights[c] - bottom, plots, found)
        bottom = heights[c]


@njit(cache=True, nogil=True)
def _x_at(scratch: Scratch, e: int, y: float) -> float:
    """Where an edge is at a height, never beyond its ends."""
    edges = scratch.edges
    if y <= edges[1, e]:
        return float(edges[0, e])
    if y >= edges[3, e]:
        return float(edges[4, e])
    return float(edges[0, e] + (y - edges[1, e]) * edges[2, e])


@njit(cache=True, nogil=True)
def _sort(scratch: Scratch, n: int) -> None:
    """Order the edges that are there by ``low``, then ``high``; they are nearly in order already."""
    active, low, high = scratch.active, scratch.low, scratch.high
    for i in range(1, n):
        e, a, b = active[i], low[i], high[i]
        j = i - 1
        while j >= 0 and (low[j] > a or (low[j] == a and high[j] > b)):
            active[j + 1], low[j + 1], high[j + 1] = active[j], low[j], high[j]
            j -= 1
        active[j + 1], low[j + 1], high[j + 1] = e, a, b


@njit(cache=True, nogil=True)
def _crossings(scratch: Scratch, n: int, bottom: float, top: float) -> int:
    """Heights at which edges cross that are in order at the bottom; how many there are."""
    low, high, cuts = scratch.low, scratch.high, scratch.cuts
    crossed = False
    for i in range(n - 1):
        crossed = crossed or high[i] > high[i + 1]
    if not crossed:
        return 0
    found = 0
    for i in range(n - 1):
        for j in range(i + 1, n):
            if high[i] > high[j] and found < len(cuts) - 1:
                share = (low[j] - low[i]) / ((low[j] - low[i]) + (high[i] - high[j]))
                if _SMALL < share < 1.0 - _SMALL:
                    cuts[found] = bottom + share * (top - bottom)
                    found += 1
    return found


# --- along a row


@njit(cache=True, nogil=True)
def _row(  # noqa: PLR0917 - numba
    ground: Ground, scratch: Scratch, n: int, height: float, plots: int, found: Found
) -> None:
    """Add up the trapezoids of one row, whose edges stand in order; ``low`` holds where they are halfway up."""
    middle, there = scratch.low, scratch.there
    layers, inside = 0, 0
    work, transit = 0, 0
    dose = 0.0
    for p in range(plots):
        there[p] = 0
    for i in range(n - 1):
        e = scratch.active[i]
        sign = 1 if scratch.edges[5, e] > 0.0 else -1
        owner = scratch.owner[e]
        if owner >= 0:
            layers += sign
            dose += sign * ground.density[owner]
            work += sign if ground.kind[owner] == 0 else 0
            transit += sign if ground.kind[owner] == 1 else 0
        else:
            inside -= 1 if there[-1 - owner] != 0 else 0
            there[-1 - owner] += sign
            inside += 1 if there[-1 - owner] != 0 else 0
        width = middle[i + 1] - middle[i]
        if width <= 0.0:
            continue
        if layers <= 0:
            dose = 0.0
            continue
        area = width * height
        if inside == 0:
            kind = 0 if work > 0 else 1 if transit > 0 else 2
            found.off[kind] += area
            found.off_amount[kind] += dose * area
            continue
        _count(found.union, layers, dose, area)
        for p in range(plots):
            if there[p] != 0:
                _count(scratch.local[p], layers, dose, area)


@njit(cache=True, nogil=True)
def _count(figures: Any, layers: int, dose: float, area: float) -> None:
    """Add a trapezoid to the figures of a plot, in the order of :mod:`geo.engines.model`."""
    figures[0] += area
    if layers >= _TWO:
        figures[1] += area
    if layers >= _THREE:
        figures[2] += area
    figures[3] += layers * area
    figures[4] += dose * area
    figures[5] += dose * dose * area
