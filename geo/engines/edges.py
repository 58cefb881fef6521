"""The edges that are swept: those of quadrilaterals and plots, cut to a tile."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from geo.engines.model import FIGURES, KINDS
from geo.engines.tiles import Bins

_FRONT, _BACK = 1, 3
"""Which edges of a quadrilateral lie where it ends and begins."""


class Ground(NamedTuple):
    """What lies on the ground: quadrilaterals with amount per m², its variance, and kind; directed edges of plots."""

    corners: Any
    density: Any
    variance: Any
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

    ``edges`` has a row per edge: x and y where it begins, slope (x per y), y and x where it ends (above), and what
    changes across it from left to right: layers, dose, variance of the dose, layers of work, of transit, how many
    plots, the sum of their numbers in the tile. Then, once it stands in the row of edges above a height, in the same
    order what lies right of it; from which height on that is not counted yet; and at which height it meets the edge
    right of it. ``row`` are the numbers of the edges there, from left to right. ``sums`` has the figures of the tile's
    plots, then what those of their union have less than their sum, then those of the ground beside them by kind.
    """

    edges: Any
    row: Any
    sums: Any


X0, Y0, SLOPE, Y1, X1, LAYERS, DOSE, VARIANCE, WORK, TRANSIT, PLOTS, NUMBERS, STATE = range(13)
STATES: Final = STATE - LAYERS
SINCE, UNTIL, COLUMNS = range(STATE + STATES, STATE + STATES + 3)
SMALL = 1e-12
"""Heights below this are none."""


def room_for(edges: int, plots: int) -> Scratch:
    """Room for a tile with so many edges (three for each one of a quadrilateral or plot) and plots."""
    return Scratch(
        np.empty((edges + 1, COLUMNS)), np.empty(edges + 1, np.int64), np.empty((plots + 1 + KINDS, FIGURES))
    )


@njit(cache=True, nogil=True)
def edges_of(ground: Ground, bins: Bins, scratch: Scratch, t: int) -> int:
    """Gather the edges of a tile, relative to its lower left corner; how many there are."""
    left, bottom, side = bins.boxes[t, 0], bins.boxes[t, 1], bins.side_m
    corners, ring, edges = ground.corners, ground.ring, scratch.edges
    n, shares = 0, False
    for k in range(bins.quad_start[t], bins.quad_start[t + 1]):
        q = bins.quad_of[k]
        shared, shares = shares, k + 1 < bins.quad_start[t + 1] and _shared(ground, q, bins.quad_of[k + 1])
        for i in range(4):
            if i == _BACK and shared:
                continue
            j = (i + 1) % 4
            x0, y0, x1, y1 = corners[q, 2 * i], corners[q, 2 * i + 1], corners[q, 2 * j], corners[q, 2 * j + 1]
            first = n
            n, sign = _add(edges, n, x0 - left, y0 - bottom, x1 - left, y1 - bottom, side)
            both = i == _FRONT and shares
            for e in range(first, n):
                _bounds(ground, edges, e, sign, q, bins.quad_of[k + 1] if both else -1)
    for k in range(bins.plot_start[t], bins.plot_start[t + 1]):
        p = bins.plot_of[k]
        for e in range(ground.start[p], ground.start[p + 1]):
            first = n
            n, sign = _add(
                edges, n, ring[e, 0] - left, ring[e, 1] - bottom, ring[e, 2] - left, ring[e, 3] - bottom, side
            )
            for it in range(first, n):
                for c in range(LAYERS, PLOTS):
                    edges[it, c] = 0.0
                edges[it, PLOTS], edges[it, NUMBERS] = sign, sign * (k - bins.plot_start[t])
    return n


@njit(cache=True, nogil=True)
def _shared(ground: Ground, q: int, after: int) -> bool:
    """Whether a quadrilateral ends at the very cross-section at which the next one begins."""
    corners, kind = ground.corners, ground.kind
    if after != q + 1 or kind[q] != kind[after]:
        return False
    one = corners[q, 2] == corners[after, 0] and corners[q, 3] == corners[after, 1]
    other = corners[q, 4] == corners[after, 6] and corners[q, 5] == corners[after, 7]
    return bool(one and other)


@njit(cache=True, nogil=True)
def _bounds(ground: Ground, edges: Any, e: int, sign: float, q: int, after: int) -> None:  # noqa: PLR0917 - numba
    """Note what changes across an edge of a quadrilateral, which it may share with the one after it."""
    dose, variance, layers = ground.density[q], ground.variance[q], sign
    if after >= 0:
        dose, variance, layers = dose - ground.density[after], variance - ground.variance[after], 0.0
    edges[e, LAYERS], edges[e, DOSE], edges[e, VARIANCE] = layers, sign * dose, sign * variance
    edges[e, WORK] = layers if ground.kind[q] == 0 else 0.0
    edges[e, TRANSIT] = layers if ground.kind[q] == 1 else 0.0
    edges[e, PLOTS], edges[e, NUMBERS] = 0.0, 0.0


@njit(cache=True, nogil=True)
def _add(edges: Any, n: int, ax: float, ay: float, bx: float, by: float, side: float) -> Any:  # noqa: PLR0917 - numba
    """Add what an edge is within a tile; what lies left of the tile stands as a wall on its border.

    Returns how many edges there are then, and the sign of this one: 1 where it enters what it bounds, coming from the
    left.
    """
    sign = 1.0
    if ay < by:
        sign = -1.0
    else:
        ax, ay, bx, by = bx, by, ax, ay
    if by <= 0.0 or ay >= side or ay == by or (ax >= side and bx >= side):
        return n, sign
    slope = (bx - ax) / (by - ay)
    low, top = max(ay, 0.0), min(by, side)
    x0 = ax + (low - ay) * slope if low > ay else ax
    x1 = ax + (top - ay) * slope if top < by else bx
    first, second = top, top
    if (x0 < 0.0) != (x1 < 0.0):
        first = min(max(ay - ax / slope, low), top)
    if (x0 > side) != (x1 > side):
        second = min(max(ay + (side - ax) / slope, low), top)
    for high in (min(first, second), max(first, second), top):
        if high - low <= SMALL:
            continue
        xl, xh = ax + (low - ay) * slope, ax + (high - ay) * slope
        if 0.5 * (xl + xh) >= side:
            low = high
            continue
        if 0.5 * (xl + xh) <= 0.0:
            xl, xh = 0.0, 0.0
        else:
            xl, xh = min(max(xl, 0.0), side), min(max(xh, 0.0), side)
        row = edges[n]
        row[X0], row[Y0], row[SLOPE], row[Y1], row[X1] = xl, low, (xh - xl) / (high - low), high, xh
        n += 1
        low = high
    return n, sign
