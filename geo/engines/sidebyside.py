"""The compiled sweep over many groups: tiles are numbered by group first, so that no group sees another's ground."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.engines.model import KINDS, Fields, Quads
from geo.engines.sweep import Found, Ground, scratch_for, sweep_bins, turn_of, turned_by
from geo.engines.tiles import MIDDLE, SHIFT, TILE_M, Bins, plot_pairs, plot_spans, quad_pairs

_MOST_ROWS: Final = 1 << 30
"""So many rows of tiles, over all groups, have a number."""


def sweep_groups(
    quads: Quads, quad_start: Ints, fields: Fields, field_start: Ints, found: tuple[Floats, Floats, Floats]
) -> None:
    """Fill ``found``: figures per plot, over the union of each group's plots, and treated ground beside them.

    Arguments as in :func:`geo.engines.groups.measure_groups`.
    """
    corners, ring = _each_turned(quads.corners, quad_start, fields, field_start)
    fields = Fields(ring, fields.start)
    ground = Ground(corners, *quads.doses(), quads.kind, ring, fields.start)
    bins, tile_start = _bins(ground.corners, quad_start, fields, field_start)
    room = scratch_for(ground, bins)
    off_amount = np.zeros(KINDS)
    figures, union, off_m2 = found
    for g, (a, b) in enumerate(zip(tile_start[:-1].tolist(), tile_start[1:].tolist(), strict=True)):
        if a < b:
            ends = slice(a, b + 1)
            part = Bins(
                bins.boxes[a:b], bins.side_m, bins.quad_start[ends], bins.quad_of, bins.plot_start[ends], bins.plot_of
            )
            sweep_bins(ground, part, room, Found(figures, union[g], off_m2[g], off_amount))


def _each_turned(corners: Floats, quad_start: Ints, fields: Fields, field_start: Ints) -> tuple[Floats, Floats]:
    """The corners and the plots' edges of each group, turned as the engine turns that group by itself."""
    made, ring = np.empty_like(corners, order="C"), fields.ring.copy()
    edge_start = fields.start[field_start]
    for g in range(len(quad_start) - 1):
        mine = slice(int(quad_start[g]), int(quad_start[g + 1]))
        if mine.start < mine.stop:
            turn = turn_of(corners[mine])
            made[mine] = turned_by(corners[mine], turn)
            edges = slice(int(edge_start[g]), int(edge_start[g + 1]))
            ring[edges] = turned_by(fields.ring[edges], turn)
    return made, ring


def _bins(corners: Floats, quad_start: Ints, fields: Fields, field_start: Ints) -> tuple[Bins, Ints]:
    """Tiles by group, row and column, as :func:`geo.engines.tiles.bins_of` makes them of one group; first tiles."""
    nothing = np.empty(0, np.int64)
    n = quad_pairs(corners, TILE_M, nothing, nothing)
    keys, quad_of = np.empty(n, np.int64), np.empty(n, np.int64)
    if n:
        quad_pairs(corners, TILE_M, keys, quad_of)
    group_of = np.repeat(np.arange(len(quad_start) - 1), np.diff(quad_start))[quad_of]
    spans = plot_spans(fields, TILE_M)
    rows = keys >> SHIFT
    low = int(min(rows.min(initial=0), spans[:, 1].min(initial=0)))
    step = int(max(rows.max(initial=0), spans[:, 3].max(initial=0))) - low + 2
    if step * (len(quad_start) + 1) > _MOST_ROWS:
        raise ValueError(f"{len(quad_start) - 1} groups over {step} rows of tiles are too many for one sweep")
    keys += (group_of * step - low) << SHIFT
    order = np.argsort(keys, kind="stable")
    keys, quad_of = keys[order], quad_of[order]
    first = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    numbered, columns = keys[first] >> SHIFT, (keys[first] & ((1 << SHIFT) - 1)) - MIDDLE
    moved = spans.copy()
    moved[:, [1, 3]] += (np.repeat(np.arange(len(field_start) - 1), np.diff(field_start)) * step - low)[:, None]
    m = plot_pairs(numbered, columns, moved, nothing, nothing)
    of_tile, plots = np.empty(m, np.int64), np.empty(m, np.int64)
    if m:
        plot_pairs(numbered, columns, moved, of_tile, plots)
    order = np.argsort(of_tile, kind="stable")
    plot_start = np.searchsorted(of_tile[order], np.arange(len(first) + 1))
    boxes = np.column_stack([columns, numbered % step + low]) * TILE_M
    tile_start = np.searchsorted(numbered, np.arange(len(quad_start)) * step)
    return Bins(boxes, TILE_M, np.append(first, n), quad_of, plot_start, plots[order]), tile_start
