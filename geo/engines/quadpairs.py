"""Treated ground as convex quadrilaterals, and which of them lie on each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from core.model.fixtable import Bools, Floats, Ints
from geo.engines.convex import Convex, diagonals, edges, ranges
from geo.engines.model import KINDS, Quads

BLOCK = 1 << 18
"""So many neighbours of quadrilaterals are looked at at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """Quadrilaterals that are convex to the last bit, columns of length n.

    ``dose`` is in amount per m², ``variance`` its variance within each; ``among`` (n, 3) says whether a quadrilateral
    counts where only kinds up to each are looked at. ``spans`` are lines across each one's bounds.
    """

    corners: Floats
    spans: NDArray[np.object_]
    shapes: Convex
    dose: Floats
    variance: Floats
    among: Bools

    def __len__(self) -> int:
        return len(self.corners)

    @classmethod
    def of(cls, quads: Quads) -> Ground:
        """Those that have an area; one that rounding has left with a dent becomes two triangles."""
        real = np.flatnonzero(quads.area_m2 > 0.0)
        corners, rows = _without_dents(quads.corners[real])
        rows = real[rows]
        dose, variance = quads.doses()
        among = quads.kind[rows][:, None] <= np.arange(KINDS)
        ends = corners.reshape(-1, 4, 2)
        spans = diagonals(np.hstack([ends.min(axis=1), ends.max(axis=1)]))
        return cls(corners, spans, Convex.of_quads(corners), dose[rows], variance[rows], among)


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The quadrilaterals that meet: number k meets ``near[start[k]:start[k + 1]]``, which rise.

    ``key`` rises, too: k times the number of quadrilaterals, and the one that k meets.
    """

    near: Ints
    start: Ints
    key: Ints

    @classmethod
    def of(cls, ground: Ground) -> Pairs:
        """Those of which no edge parts one from the other."""
        n = len(ground)
        one, other = shapely.STRtree(ground.spans).query(ground.spans)
        rises = one < other
        one, other = one[rises], other[rises]
        lines = _lines(ground.corners)
        for a, b in ((0, 1), (1, 0)):
            meet = ~_parted(lines, ground.corners, (one, other)[a], (one, other)[b])
            one, other = one[meet], other[meet]
        key = np.sort(np.concatenate([one * n + other, other * n + one]))
        start = np.searchsorted(key, n * np.arange(n + 1))
        return cls(key % max(n, 1), start, key)

    def blocks(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs i < j, some at a time."""
        counts = np.diff(self.start)
        one = np.repeat(np.arange(len(counts)), counts)
        rises = one < self.near
        one, other = one[rises], self.near[rises]
        block = np.cumsum(counts[one]) // BLOCK
        ends = np.flatnonzero(np.diff(block)) + 1
        yield from zip(np.split(one, ends), np.split(other, ends), strict=True)

    def thirds(self, one: Ints, other: Ints) -> tuple[Ints, Ints]:
        """What meets both of a pair, rising, for each of m pairs; and where each pair's begin, shape (m + 1,)."""
        n = len(self.start) - 1
        at, start = ranges(self.start[one], np.diff(self.start)[one])
        third, pair = self.near[at], np.repeat(np.arange(len(one)), np.diff(start))
        wanted = other[pair] * n + third
        both = self.key[np.minimum(np.searchsorted(self.key, wanted), len(self.key) - 1)] == wanted
        return third[both], np.searchsorted(pair[both], np.arange(len(one) + 1))


def _without_dents(corners: Floats) -> tuple[Floats, Ints]:
    """Convex quadrilaterals in place of those with a dent, and the row that each comes from."""
    step = np.roll(corners, -2, axis=1) - corners
    after = np.roll(step, -2, axis=1)
    turn = step[:, 0::2] * after[:, 1::2] - step[:, 1::2] * after[:, 0::2]
    dented = (turn < 0.0).any(axis=1)
    if not dented.any():
        return corners, np.arange(len(corners))
    plain, rows = np.flatnonzero(~dented), np.flatnonzero(dented)
    first = (turn[rows].argmin(axis=1) + 1) % 4
    points = corners[rows].reshape(-1, 4, 2)
    a, b, c, d = (points[np.arange(len(rows)), (first + k) % 4] for k in range(4))
    halves = np.concatenate([np.hstack([a, b, c, c]), np.hstack([a, c, d, d])])
    rows = np.tile(rows, 2)
    real = Convex.of_quads(halves).area_m2 > 0.0
    return np.concatenate([corners[plain], halves[real]]), np.concatenate([plain, rows[real]])


def _lines(corners: Floats) -> tuple[Floats, Floats, Floats]:
    """Of each edge, a normal to the left, shape (n, 4) by its x and its y, and how far to the left the edge lies.

    A corner of the edge never lies further left than the edge, whatever is rounded. A corner that repeats gives an
    edge with no normal, which parts nothing.
    """
    sides = edges(corners)
    nx = np.column_stack([line[:, 1] - line[:, 3] for line in sides])
    ny = np.column_stack([line[:, 2] - line[:, 0] for line in sides])
    x, y = corners[:, 0::2], corners[:, 1::2]
    far = np.maximum(nx * x + ny * y, nx * np.roll(x, -1, axis=1) + ny * np.roll(y, -1, axis=1))
    far[(nx == 0.0) & (ny == 0.0)] = -np.inf
    return nx, ny, far


def _parted(lines: tuple[Floats, Floats, Floats], corners: Floats, one: Ints, other: Ints) -> Bools:
    """Whether an edge of the one has all of the other to its right."""
    nx, ny, far = (column[one] for column in lines)
    most = np.full(nx.shape, -np.inf)
    for k in range(4):
        x, y = corners[other, 2 * k], corners[other, 2 * k + 1]
        np.maximum(most, nx * x[:, None] + ny * y[:, None], out=most)
    return np.asarray((most <= far).any(axis=1), np.bool_)
