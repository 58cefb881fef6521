"""Figures kept tile by tile, so that new pieces cost only the tiles that they fall into."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.engines.model import FIGURES, KINDS, Fields
from geo.engines.sweep import Ground, room_for, sweep_each
from geo.engines.tiles import Bins
from geo.live.growing import GrowingPieces, Tile
from geo.overlay import Area

_ROOM = 32
_VOLUME, _VARIANCE = 9, 12
_Parts = Mapping[Tile, Floats]


class LiveGround:
    """What lies on the tiles of one flight, measured by the sweep.

    With both litres and kilograms told, the ground is measured twice, as in batch.
    """

    def __init__(self, outlines: Sequence[Area], side_m: float) -> None:
        """Nothing lies there so far.

        Args:
            outlines: Plots, in metres of the plane.
            side_m: Side of a tile.
        """
        self._side_m = side_m
        self._fields = Fields.of(outlines)
        self._spans = _spans(self._fields, side_m)
        self._most_edges = int(3 * len(self._fields.ring))
        self._slots: dict[Tile, int] = {}
        self._plots: list[Ints] = []
        self._figures: list[tuple[Floats, ...]] = []
        self._union = np.zeros((2, _ROOM, FIGURES))
        self._off = np.zeros((_ROOM, KINDS))
        self._scratch = room_for(0, len(self._fields))

    def measure(self, tiles: Iterable[Tile], settled: GrowingPieces, tail: _Parts, told: tuple[bool, bool]) -> None:
        """Measure tiles anew.

        Args:
            tiles: Those in which something changed.
            settled: Pieces that lie there already.
            tail: Those of the tail, as rows, by tile.
            told: Whether any litres and any kilograms are known.
        """
        dirty = list(tiles)
        if not dirty:
            return
        parts = [_rows_in(tile, settled, tail) for tile in dirty]
        rows = np.concatenate(parts)
        slots = [self._slot(tile) for tile in dirty]
        plots = [self._plots[slot] for slot in slots]
        counts = [len(part) for part in parts]
        boxes = np.array(dirty, np.float64) * self._side_m
        quad_start, plot_start = np.array([0, *accumulate(counts)]), np.array([0, *accumulate(map(len, plots))])
        bins = Bins(boxes, self._side_m, quad_start, np.arange(len(rows)), plot_start, np.concatenate(plots))
        edges = 12 * max(counts) + self._most_edges
        if edges > len(self._scratch.row) - 1:
            self._scratch = room_for(2 * edges, len(self._fields))
        figures = [self._sweep(slots, rows, bins, k) if told[k] or not any(told) else None for k in (0, 1)]
        for slot, start, end in zip(slots, plot_start[:-1].tolist(), plot_start[1:].tolist(), strict=True):
            self._figures[slot] = tuple(_NOTHING if f is None else f[start:end] for f in figures)

    def _sweep(self, slots: list[int], rows: Floats, bins: Bins, number: int) -> Floats:
        """Figures of the plots of each tile, by the litres or the kilograms, shape (pairs, 6)."""
        amount = rows[:, _VOLUME + number]
        density = np.where(np.isnan(amount), 0.0, amount / rows[:, 8])
        corners, kind = np.ascontiguousarray(rows[:, :8]), rows[:, 11].astype(np.int64)
        variance = density * density * rows[:, _VARIANCE + number]
        ground = Ground(corners, density, variance, kind, self._fields.ring, self._fields.start)
        figures, union = np.empty((len(bins.plot_of), FIGURES)), np.empty((len(slots), FIGURES))
        off = np.empty((len(slots), KINDS))
        sweep_each(ground, bins, self._scratch, figures, union, off)
        self._union[number, slots], self._off[slots] = union, off
        return figures

    def _slot(self, tile: Tile) -> int:
        slot = self._slots.get(tile)
        if slot is None:
            slot = self._slots[tile] = len(self._slots)
            left, bottom, right, top = self._spans
            meets = (left <= tile[0]) & (right >= tile[0]) & (bottom <= tile[1]) & (top >= tile[1])
            self._plots.append(np.flatnonzero(meets))
            self._figures.append((_NOTHING, _NOTHING))
            if slot >= len(self._off):
                self._union = np.concatenate([self._union, np.zeros_like(self._union)], axis=1)
                self._off = np.concatenate([self._off, np.zeros_like(self._off)])
        return slot

    def totals(self) -> tuple[Floats, Floats]:
        """Figures over all tiles, of the litres' and the kilograms' sweep, shape (2, P + 1, 6), and off target (3,).

        The last row of each is that of the plots' union.
        """
        every = np.zeros((2, len(self._fields) + 1, FIGURES))
        for number in (0, 1):
            known = [k for k, figures in enumerate(self._figures) if len(figures[number])]
            if known:
                plots = np.concatenate([self._plots[k] for k in known])
                np.add.at(every[number], plots, np.concatenate([self._figures[k][number] for k in known]))
        every[:, -1] = self._union.sum(axis=1)
        return every, self._off.sum(axis=0)


_NOTHING: Final = np.empty((0, FIGURES))


def _rows_in(tile: Tile, settled: GrowingPieces, tail: _Parts) -> Floats:
    """All pieces that meet a tile."""
    rows, more = settled.within(tile), tail.get(tile)
    return rows if more is None else np.concatenate([rows, more])


def _spans(fields: Fields, side_m: float) -> tuple[Floats, Floats, Floats, Floats]:
    """First and last column and row of tiles that each plot's box meets."""
    if not len(fields):
        nothing = np.empty(0)
        return nothing, nothing, nothing, nothing
    low = np.floor(np.minimum.reduceat(fields.ring[:, :2], fields.start[:-1]) / side_m)
    high = np.floor(np.maximum.reduceat(fields.ring[:, :2], fields.start[:-1]) / side_m)
    return low[:, 0], low[:, 1], high[:, 0], high[:, 1]
