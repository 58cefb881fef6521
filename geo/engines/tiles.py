"""Which quadrilaterals and which plots lie in which tile."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit

from core.model.fixtable import Floats, Ints
from geo.engines.model import Fields

TILE_M: Final = 64.0
SHIFT, MIDDLE = 32, 1 << 31


class Bins(NamedTuple):
    """Tiles with something in them: lower left corners of shape (t, 2), and a stretch of quads and of plots of each."""

    boxes: Any
    side_m: float
    quad_start: Any
    quad_of: Any
    plot_start: Any
    plot_of: Any


@njit(cache=True, nogil=True)
def columns_of(corners: Any, q: int, bottom: float, top: float) -> tuple[float, float]:
    """The least and the greatest x of a quadrilateral between two heights."""
    least, greatest = np.inf, -np.inf
    for i in range(4):
        j = (i + 1) % 4
        x0, y0, x1, y1 = corners[q, 2 * i], corners[q, 2 * i + 1], corners[q, 2 * j], corners[q, 2 * j + 1]
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        if y1 < bottom or y0 > top:
            continue
        if y1 > y0:
            a, b = max(y0, bottom), min(y1, top)
            xa, xb = x0 + (x1 - x0) * (a - y0) / (y1 - y0), x0 + (x1 - x0) * (b - y0) / (y1 - y0)
        else:
            xa, xb = x0, x1
        least, greatest = min(least, xa, xb), max(greatest, xa, xb)
    return least, greatest


@njit(cache=True, nogil=True)
def quad_pairs(corners: Any, tile_m: float, tiles: Any, quads: Any) -> int:
    """Pairs of tile (row and column as one number) and quadrilateral; only counted where the arrays are empty."""
    n = 0
    fill = len(tiles) > 0
    for q in range(len(corners)):
        bottom = min(corners[q, 1], corners[q, 3], corners[q, 5], corners[q, 7])
        top = max(corners[q, 1], corners[q, 3], corners[q, 5], corners[q, 7])
        first, last = int(np.floor(bottom / tile_m)), int(np.floor(top / tile_m))
        for row in range(first, last + 1):
            least, greatest = columns_of(corners, q, row * tile_m, (row + 1) * tile_m)
            if not least <= greatest:
                continue
            for column in range(int(np.floor(least / tile_m)), int(np.floor(greatest / tile_m)) + 1):
                if fill:
                    tiles[n] = (row << SHIFT) + (column + MIDDLE)
                    quads[n] = q
                n += 1
    return n


@njit(cache=True, nogil=True)
def plot_pairs(tile_rows: Any, tile_columns: Any, spans: Any, tiles: Any, plots: Any) -> int:
    """Pairs of the number of a tile (sorted by row, then column) and a plot whose box meets it."""
    n = 0
    fill = len(tiles) > 0
    for p in range(len(spans)):
        for row in range(spans[p, 1], spans[p, 3] + 1):
            t = np.searchsorted(tile_rows, row)
            last = np.searchsorted(tile_rows, row + 1)
            while t < last and tile_columns[t] <= spans[p, 2]:
                if tile_columns[t] >= spans[p, 0]:
                    if fill:
                        tiles[n] = t
                        plots[n] = p
                    n += 1
                t += 1
    return n


def bins_of(corners: Floats, fields: Fields, side_m: float = TILE_M) -> Bins:
    """Cut the ground into tiles.

    Args:
        corners: Quadrilaterals, shape (q, 8).
        fields: The plots.
        side_m: Side of a tile in m.
    """
    nothing = np.empty(0, np.int64)
    n = quad_pairs(corners, side_m, nothing, nothing)
    keys, quads = np.empty(n, np.int64), np.empty(n, np.int64)
    if n:
        quad_pairs(corners, side_m, keys, quads)
    order = np.argsort(keys, kind="stable")
    keys, quads = keys[order], quads[order]
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    rows, columns = keys[first] >> SHIFT, (keys[first] & ((1 << SHIFT) - 1)) - MIDDLE
    spans = plot_spans(fields, side_m)
    m = plot_pairs(rows, columns, spans, nothing, nothing)
    of_tile, plots = np.empty(m, np.int64), np.empty(m, np.int64)
    if m:
        plot_pairs(rows, columns, spans, of_tile, plots)
    order = np.argsort(of_tile, kind="stable")
    plot_start = np.searchsorted(of_tile[order], np.arange(len(first) + 1))
    corner = np.column_stack([columns, rows]) * side_m
    return Bins(corner, side_m, np.append(first, n), quads, plot_start, plots[order])


def plot_spans(fields: Fields, side_m: float) -> Ints:
    """First and last column and row of tiles that each plot's box meets, shape (p, 4): left, bottom, right, top."""
    if not len(fields):
        return np.empty((0, 4), np.int64)
    low = np.minimum.reduceat(fields.ring[:, :2], fields.start[:-1])
    high = np.maximum.reduceat(fields.ring[:, :2], fields.start[:-1])
    return np.floor(np.hstack([low, high]) / side_m).astype(np.int64)
