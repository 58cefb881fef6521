"""Along a row of edges: their order, where they cross, and the trapezoids between them."""

from __future__ import annotations

from typing import Any

from numba import njit

from geo.engines.edges import (
    DOSE,
    LAYERS,
    SLOPE,
    SMALL,
    STATES,
    TRANSIT,
    VARIANCE,
    WORK,
    X0,
    X1,
    Y0,
    Y1,
    Found,
    Scratch,
)

_TOUCH_M = 1e-11
"""Edges that change places by no more than this do not cross: they leave one corner, or lie on each other."""
_ONE, _TWO, _THREE = 0.5, 1.5, 2.5
"""Layers are whole numbers, counted in floats."""


@njit(cache=True, nogil=True)
def x_at(edges: Any, e: int, y: float) -> float:
    """Where an edge is at a height, never beyond its ends."""
    if y <= edges[e, Y0]:
        return float(edges[e, X0])
    if y >= edges[e, Y1]:
        return float(edges[e, X1])
    return float(edges[e, X0] + (y - edges[e, Y0]) * edges[e, SLOPE])


@njit(cache=True, nogil=True)
def ordered(active: Any, low: Any, high: Any, first: int, end: int) -> bool:
    """Order edges by where they are halfway up (nearly so already); whether that is their order all the way."""
    for i in range(first + 1, end):
        e, a, b = active[i], low[i], high[i]
        j = i - 1
        while j >= first and low[j] + high[j] > a + b:
            active[j + 1], low[j + 1], high[j + 1] = active[j], low[j], high[j]
            j -= 1
        active[j + 1], low[j + 1], high[j + 1] = e, a, b
    for i in range(first, end - 1):  # noqa: SIM110 - numba
        if low[i] > low[i + 1] + _TOUCH_M or high[i] > high[i + 1] + _TOUCH_M:
            return False
    return True


# --- where edges cross


@njit(cache=True, nogil=True)
def crossed(  # noqa: PLR0917 - numba
    scratch: Scratch, n: int, bottom: float, top: float, plots: int, found: Found
) -> None:
    """A slab in which some edges cross: those are looked at height by height, with the edge beside them.

    A knot is a stretch of edges that cross; between two knots there is an edge at least that crosses none.
    """
    low, high, least = scratch.low, scratch.high, scratch.least
    least[n, 0], least[n, 1] = low[n], high[n]
    for i in range(n - 1, -1, -1):
        least[i, 0], least[i, 1] = min(low[i], least[i + 1, 0]), min(high[i], least[i + 1, 1])
    done, knot, before = 0, -1, 0
    most_low, most_high = low[0], high[0]
    for i in range(1, n + 1):
        if most_low <= least[i, 0] + _TOUCH_M and most_high <= least[i, 1] + _TOUCH_M:
            if i - before > 1 and knot < 0:
                knot = before
            elif i - before == 1 and knot >= 0:
                _knot(scratch, n, done, knot, before, bottom, top, plots, found)
                done, knot = before, -1
            before = i
        most_low, most_high = max(most_low, low[i]), max(most_high, high[i])
    if knot >= 0:
        _knot(scratch, n, done, knot, n, bottom, top, plots, found)
        done = n
    stretch(scratch, done, n, top - bottom, plots, found)


@njit(cache=True, nogil=True)
def _knot(  # noqa: PLR0917 - numba
    scratch: Scratch, n: int, done: int, start: int, end: int, bottom: float, top: float, plots: int, found: Found
) -> None:
    """Count the edges from ``done`` to the end of a knot that starts at ``start``."""
    edges, active, low, high, cuts = scratch.edges, scratch.active, scratch.low, scratch.high, scratch.cuts
    first, height = max(start - 1, 0), top - bottom
    stretch(scratch, done, first, height, plots, found)
    parts = _crossings(active, low, high, cuts, start, end)
    _copy(scratch.state, scratch.kept, STATES)
    _copy(scratch.there, scratch.kept_there, plots)
    next_low, next_high = low[end], high[end]
    for c in range(parts - 1):
        one, other = bottom + cuts[c] * height, bottom + cuts[c + 1] * height
        _copy(scratch.kept, scratch.state, STATES)
        _copy(scratch.kept_there, scratch.there, plots)
        for i in range(first, min(end + 1, n)):
            low[i], high[i] = x_at(edges, active[i], one), x_at(edges, active[i], other)
        ordered(active, low, high, start, end)
        stretch(scratch, first, end, other - one, plots, found)
    low[end], high[end] = next_low, next_high
    for i in range(first, end):
        high[i] = x_at(edges, active[i], top)


@njit(cache=True, nogil=True)
def _copy(values: Any, to: Any, n: int) -> None:
    for i in range(n):
        to[i] = values[i]


@njit(cache=True, nogil=True)
def _crossings(active: Any, low: Any, high: Any, cuts: Any, first: int, end: int) -> int:  # noqa: PLR0917 - numba
    """Fill ``cuts`` with the shares of a slab's height at which edges cross, 0 and 1 among them; how many there are.

    Ordering by the place at the bottom and then by that at the top swaps every pair that crosses.
    """
    for i in range(first + 1, end):
        e, a, b = active[i], low[i], high[i]
        j = i - 1
        while j >= first and (low[j] > a or (low[j] == a and high[j] > b)):
            active[j + 1], low[j + 1], high[j + 1] = active[j], low[j], high[j]
            j -= 1
        active[j + 1], low[j + 1], high[j + 1] = e, a, b
    cuts[0], found = 0.0, 1
    for i in range(first + 1, end):
        e, a, b = active[i], low[i], high[i]
        j = i - 1
        while j >= first and high[j] > b:
            share = (a - low[j]) / ((a - low[j]) + (high[j] - b))
            if SMALL < share < 1.0 - SMALL and found < len(cuts) - 1:
                cuts[found] = share
                found += 1
            active[j + 1], low[j + 1], high[j + 1] = active[j], low[j], high[j]
            j -= 1
        active[j + 1], low[j + 1], high[j + 1] = e, a, b
    cuts[found] = 1.0
    cuts[:found].sort()
    return found + 1


# --- along a row


@njit(cache=True, nogil=True)
def stretch(  # noqa: C901, PLR0917 - numba: a call in the innermost loop costs more than its work
    scratch: Scratch, first: int, end: int, height: float, plots: int, found: Found
) -> None:
    """Add up the trapezoids right of edges that stand in order, going on from what lies left of them."""
    edges, active, low, high, there = scratch.edges, scratch.active, scratch.low, scratch.high, scratch.there
    bounds, local, state = scratch.plot, scratch.local, scratch.state
    layers, dose, variance, work, transit = state[0], state[1], state[2], state[3], state[4]
    inside, inner = int(state[5]), int(state[6])
    half = 0.5 * height
    for i in range(first, end):
        e = active[i]
        p = bounds[e]
        if p < 0:
            layers += edges[e, LAYERS]
            dose += edges[e, DOSE]
            variance += edges[e, VARIANCE]
            work += edges[e, WORK]
            transit += edges[e, TRANSIT]
        else:
            before = there[p]
            there[p] = after = before + int(edges[e, LAYERS])
            if before == 0:
                inside, inner = inside + 1, inner + p
            elif after == 0:
                inside, inner = inside - 1, inner - p
        if layers < _ONE:
            continue
        area = half * ((low[i + 1] - low[i]) + (high[i + 1] - high[i]))
        if area <= 0.0:
            continue
        if inside == 1:
            _count(local, inner, layers, dose, dose * dose + variance, area)
        elif inside == 0:
            kind = 0 if work > 0.0 else 1 if transit > 0.0 else 2
            found.off[kind] += area
            found.off_amount[kind] += dose * area
        else:
            for p in range(plots):
                if there[p] != 0:
                    _count(local, p, layers, dose, dose * dose + variance, area)
            _count_once(found.union, inside - 1, layers, dose, dose * dose + variance, area)
    state[0], state[1], state[2], state[3], state[4] = layers, dose, variance, work, transit
    state[5], state[6] = inside, inner


@njit(cache=True, nogil=True)
def _count(  # noqa: PLR0917 - numba
    figures: Any, p: int, layers: float, dose: float, square: float, area: float
) -> None:
    """Add a trapezoid to the figures of plot p of the tile, in the order of :mod:`geo.engines.model`."""
    figures[p, 0] += area
    if layers > _TWO:
        figures[p, 1] += area
        if layers > _THREE:
            figures[p, 2] += area
    figures[p, 3] += layers * area
    figures[p, 4] += dose * area
    figures[p, 5] += square * area


@njit(cache=True, nogil=True)
def _count_once(  # noqa: PLR0917 - numba
    union: Any, more: int, layers: float, dose: float, square: float, area: float
) -> None:
    """Take off what the sum over the plots has too much of a trapezoid that lies in ``more`` than one."""
    area *= more
    union[0] -= area
    if layers > _TWO:
        union[1] -= area
    if layers > _THREE:
        union[2] -= area
    union[3] -= layers * area
    union[4] -= dose * area
    union[5] -= square * area
