"""Pieces that only a late fix takes away again: columns with room to grow, and which tile each piece meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.compiled import compiled
from geo.engines.tiles import columns_of
from geo.merging import POINT_M
from geo.pieces import Pieces

Tile = tuple[int, int]
"""Column and row of a tile in the plane."""
_ROOM = 256
COLUMNS: Final = 14
"""Of a piece as a row: corners, area, volume, mass, kind, and the variances of its doses by volume and by mass."""


class GrowingPieces:
    """The settled pieces of one flight, in the order in which they settled."""

    def __init__(self, side_m: float) -> None:
        """None so far.

        Args:
            side_m: Side of a tile.
        """
        self._side_m = side_m
        self._rows = np.empty((_ROOM, COLUMNS))
        self._n = 0
        self._told = np.zeros(2, np.int64)
        self._tiles: dict[Tile, list[int]] = {}
        self._of: list[list[Tile]] = []

    def __len__(self) -> int:
        return self._n

    @property
    def told(self) -> tuple[bool, bool]:
        """Whether any of them told litres, and kilograms."""
        return self._told[0] > 0, self._told[1] > 0

    def append(self, added: Floats) -> list[list[Tile]]:
        """Put pieces, as :func:`rows_of` has them, behind the others; the tiles that each meets."""
        end = self._n + len(added)
        if end > len(self._rows):
            self._rows = np.concatenate([self._rows[: self._n], np.empty((max(end, 2 * self._n), COLUMNS))])
        self._rows[self._n : end] = added
        self._told += np.isfinite(self._rows[self._n : end, 9:11]).sum(axis=0)
        every = tiles_of(added, self._side_m)
        for k, tiles in enumerate(every):
            self._of.append(tiles)
            for tile in tiles:
                self._tiles.setdefault(tile, []).append(self._n + k)
        self._n = end
        return every

    def cut(self, length: int) -> set[Tile]:
        """Keep only the first ``length`` pieces; the tiles that the others met."""
        touched: set[Tile] = set()
        self._told -= np.isfinite(self._rows[length : self._n, 9:11]).sum(axis=0)
        while self._n > length:
            self._n -= 1
            for tile in self._of.pop():
                self._tiles[tile].pop()
                touched.add(tile)
        return touched

    def rows(self) -> Floats:
        """All of them as :func:`rows_of` has them."""
        return self._rows[: self._n]

    def within(self, tile: Tile) -> Floats:
        """Those that meet a tile."""
        return self._rows[self._tiles.get(tile, [])]

    def tiles(self) -> Iterator[Tile]:
        """The tiles that they meet."""
        return (tile for tile, mine in self._tiles.items() if mine)


def rows_of(pieces: Pieces) -> Floats:
    """Pieces as one array, shape (k, 14): see :data:`COLUMNS`."""
    rows = np.empty((len(pieces), COLUMNS))
    rows[:, :8] = pieces.corners
    rows[:, 8], rows[:, 9], rows[:, 10] = pieces.area_m2, pieces.volume_l, pieces.mass_kg
    rows[:, 11] = pieces.kind
    rows[:, 12], rows[:, 13] = pieces.volume_variance, pieces.mass_variance
    return rows


def pieces_of(rows: Floats) -> Pieces:
    """The way back from :func:`rows_of`."""
    kind: Ints = rows[:, 11].astype(np.int64)
    return Pieces(rows[:, :8], rows[:, 8], rows[:, 9], rows[:, 10], kind, rows[:, 12], rows[:, 13])


def tiles_of(rows: Floats, side_m: float) -> list[list[Tile]]:
    """The tiles that each piece meets; none for pieces without area."""
    found: list[list[Tile]] = [[] for _ in range(len(rows))]
    room = np.empty((max(64, 4 * len(rows)), 3), np.int64)
    n = _meet(rows, side_m, POINT_M, room)
    if n > len(room):
        room = np.empty((n, 3), np.int64)
        _meet(rows, side_m, POINT_M, room)
    for piece, column, row in room[:n].tolist():
        found[piece].append((column, row))
    return found


@compiled
def _meet(rows: Any, side_m: float, least_m2: float, found: Any) -> int:
    """Fill piece, column and row of each meeting as far as there is room; how many there are."""
    n = 0
    for q in range(len(rows)):
        if not rows[q, 8] > least_m2:
            continue
        bottom = min(rows[q, 1], rows[q, 3], rows[q, 5], rows[q, 7])
        top = max(rows[q, 1], rows[q, 3], rows[q, 5], rows[q, 7])
        for row in range(int(np.floor(bottom / side_m)), int(np.floor(top / side_m)) + 1):
            least, greatest = columns_of(rows, q, row * side_m, (row + 1) * side_m)
            if not least <= greatest:
                continue
            for column in range(int(np.floor(least / side_m)), int(np.floor(greatest / side_m)) + 1):
                if n < len(found):
                    found[n, 0], found[n, 1], found[n, 2] = q, column, row
                n += 1
    return n
