"""The row of edges that stand above a height, from left to right, and the trapezoids between neighbours.

A trapezoid is counted when one of its two edges ends, or meets the other one, or when another edge begins between them:
so the work grows with the number of edges and crossings, not with that of heights times edges.

``edges``, ``row`` and ``sums`` are as in :class:`geo.engines.edges.Scratch`; ``count`` edges stand in the row. Few
arrays are handed over, and numba writes what is called most into its caller: that is where the time would go.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from geo.engines.edges import LAYERS, NUMBERS, PLOTS, SINCE, SLOPE, SMALL, STATE, STATES, UNTIL, X0, X1, Y0, Y1

_TOUCH_M = 1e-11
"""Edges that change places by no more than this do not cross: they leave one corner, or lie on each other."""
_ROUNDING = 1e-9
ONE, _TWO, _THREE = 0.5, 1.5, 2.5
"""Layers are whole numbers, counted in floats."""
_LAYERS, _DOSE, _VARIANCE, _WORK, _TRANSIT, INSIDE, _NUMBERS = (STATE + k for k in range(STATES))


@njit(cache=True, nogil=True, inline="always")
def x_at(edges: Any, e: int, y: float) -> Any:
    """Where an edge is at a height at or above its lower end, never beyond its upper one."""
    if y >= edges[e, Y1]:
        return edges[e, X1]
    return edges[e, X0] + (y - edges[e, Y0]) * edges[e, SLOPE]


@njit(cache=True, nogil=True, inline="always")
def next_height(edges: Any, row: Any, count: int) -> Any:
    """The heights at which the first edge of the row ends and the first two neighbours meet; place of the left one."""
    level, meets, at = np.inf, np.inf, -1
    for i in range(count):
        e = row[i]
        level = min(level, edges[e, Y1])
        if edges[e, UNTIL] < meets:
            meets, at = edges[e, UNTIL], i
    return level, meets, at


@njit(cache=True, nogil=True, inline="always")
def ended(edges: Any, row: Any, count: int, level: float) -> Any:
    """The first and the last place in the row of an edge that ends at a height; ``count`` and −1 where none does."""
    low, high = count, -1
    for i in range(count):
        if edges[row[i], Y1] <= level + SMALL:
            high = i
            if low == count:
                low = i
    return low, high


@njit(cache=True, nogil=True, inline="always")
def place_of(edges: Any, row: Any, count: int, e: int, level: float) -> int:
    """How many edges of the row stand left of one that begins at a height."""
    x, slope = edges[e, X0], edges[e, SLOPE]
    for i in range(count):
        if _is_right_of(edges, row[i], x, slope, level):
            return i
    return count


@njit(cache=True, nogil=True, inline="always")
def _is_right_of(edges: Any, e: int, x: float, slope: float, level: float) -> Any:
    """Whether an edge stands right of one that begins at a place."""
    place = x_at(edges, e, level)
    if place != x:
        return place > x
    return edges[e, SLOPE] > slope


@njit(cache=True, nogil=True)
def balanced(  # noqa: PLR0917 - numba
    edges: Any, row: Any, order: Any, first: int, begun: int, low: int, high: int, level: float
) -> bool:
    """Whether those that end in the places ``low`` to ``high`` and those that begin leave what lies right of them.

    They do, but where the edge that closes what they open runs along a height, or lies right of the tile.
    """
    for c in range(LAYERS, STATE):
        change, least = 0.0, 0.0
        for i in range(low, high + 1):
            if edges[row[i], Y1] <= level + SMALL:
                change -= edges[row[i], c]
                least += abs(edges[row[i], c])
        for k in range(first, begun):
            change += edges[order[k], c]
            least += abs(edges[order[k], c])
        if abs(change) > _ROUNDING * least:
            return False
    return True


@njit(cache=True, nogil=True, inline="always")
def rebuilt(  # noqa: PLR0917 - numba
    edges: Any, row: Any, order: Any, first: int, begun: int, low: int, high: int, count: int, level: float
) -> int:
    """Take those that end out of the places ``low`` to ``high`` and put ``order[first:begun]`` there.

    Returns by how much the row is longer then.
    """
    kept = low
    for i in range(low, high + 1):
        if edges[row[i], Y1] > level + SMALL:
            row[kept] = row[i]
            kept += 1
    more = kept + begun - first - high - 1
    if more > 0:
        for i in range(count - 1, high, -1):
            row[i + more] = row[i]
    elif more < 0:
        for i in range(high + 1, count):
            row[i + more] = row[i]
    for k in range(first, begun):
        j, x, slope = kept + k - first, edges[order[k], X0], edges[order[k], SLOPE]
        while j > low:
            if not _is_right_of(edges, row[j - 1], x, slope, level):
                break
            row[j] = row[j - 1]
            j -= 1
        row[j] = order[k]
    return more


@njit(cache=True, nogil=True, inline="always")
def begin(edges: Any, row: Any, low: int, end: int, count: int, level: float) -> None:  # noqa: PLR0917 - numba
    """Begin trapezoids at a height: right of the places ``low`` to ``end``, and of the one before them."""
    for i in range(low, end):
        e = row[i]
        if i > 0:
            before = row[i - 1]
            for k in range(STATES):
                edges[e, STATE + k] = edges[before, STATE + k] + edges[e, LAYERS + k]
        else:
            for k in range(STATES):
                edges[e, STATE + k] = edges[e, LAYERS + k]
    for i in range(low - 1 if low > 0 else 0, end):
        e = row[i]
        edges[e, SINCE], edges[e, UNTIL] = level, np.inf
        if i + 1 < count:
            edges[e, UNTIL] = _meeting(edges, e, row[i + 1], level)


@njit(cache=True, nogil=True, inline="always")
def _meeting(edges: Any, e: int, f: int, level: float) -> Any:
    """The height at which an edge meets the one right of it, not below ``level``; infinite where it does not."""
    top = min(edges[e, Y1], edges[f, Y1])
    past = x_at(edges, e, top) - x_at(edges, f, top)
    if past <= _TOUCH_M:
        return np.inf
    apart = x_at(edges, f, level) - x_at(edges, e, level)
    return level + (top - level) * (apart / (apart + past)) if apart > 0.0 else level


# --- what lies in a trapezoid


@njit(cache=True, nogil=True, inline="always")
def area_to(edges: Any, row: Any, i: int, count: int, level: float, side: float) -> Any:  # noqa: PLR0917 - numba
    """Area in m² of the trapezoid right of an edge of the row up to a height; none where nothing lies in it."""
    e = row[i]
    since = edges[e, SINCE]
    if edges[e, _LAYERS] < ONE or level <= since:
        return 0.0
    widths = -x_at(edges, e, since) - x_at(edges, e, level)
    if i + 1 < count:
        widths += x_at(edges, row[i + 1], since) + x_at(edges, row[i + 1], level)
    else:
        widths += 2.0 * side
    return 0.5 * widths * (level - since)


@njit(cache=True, nogil=True)
def counted(edges: Any, e: int, area: float, sums: Any, plots: int) -> None:
    """Add a trapezoid to the figures of the plot in which it lies, or of the ground beside all plots."""
    if edges[e, INSIDE] > ONE:
        p = int(edges[e, _NUMBERS] + ONE)
    else:
        p = plots + 1 + (0 if edges[e, _WORK] > ONE else 1 if edges[e, _TRANSIT] > ONE else 2)
    _add(sums, p, edges, e, area)


@njit(cache=True, nogil=True)
def counted_often(edges: Any, row: Any, i: int, area: float, sums: Any, plots: int) -> None:  # noqa: PLR0917 - numba
    """Add a trapezoid that lies in several plots to each, and take off their union what it has too often."""
    e = row[i]
    for k in range(i + 1):
        inside = edges[row[k], PLOTS]
        if inside != 0.0:
            _add(sums, int(edges[row[k], NUMBERS] / inside + ONE), edges, e, area * inside)
    _add(sums, plots, edges, e, -area * (edges[e, INSIDE] - 1.0))


@njit(cache=True, nogil=True, inline="always")
def _add(sums: Any, p: int, edges: Any, e: int, area: float) -> None:
    """Add an area that lies right of an edge to row p of the figures, in the order of :mod:`geo.engines.model`."""
    layers, dose = edges[e, _LAYERS], edges[e, _DOSE]
    sums[p, 0] += area
    if layers > _TWO:
        sums[p, 1] += area
        if layers > _THREE:
            sums[p, 2] += area
    sums[p, 3] += layers * area
    sums[p, 4] += dose * area
    sums[p, 5] += (dose * dose + edges[e, _VARIANCE]) * area
