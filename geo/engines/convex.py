"""Convex polygons by the thousand: corners in flat columns, cut by straight lines all at once.

A cut splits a polygon's area in two and never fails: there is no topology that could go wrong, only rounding of the
points where an edge crosses the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from core.model.fixtable import Bools, Floats, Ints

NOTHING_M2 = 1e-12
"""An area up to this is rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Convex:
    """Convex polygons, anticlockwise: number k has the corners ``start[k]:start[k + 1]`` of ``x`` and ``y``, in m.

    Corners may repeat; a polygon without corners is empty.
    """

    x: Floats
    y: Floats
    start: Ints

    def __len__(self) -> int:
        return len(self.start) - 1

    @classmethod
    def of_quads(cls, corners: Floats) -> Convex:
        """Quadrilaterals from corners of shape (n, 8), x and y in turn."""
        return cls(corners[:, 0::2].ravel(), corners[:, 1::2].ravel(), 4 * np.arange(len(corners) + 1))

    @property
    def owner(self) -> Ints:
        """Which polygon each corner belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    @property
    def following(self) -> Ints:
        """The next corner of the same polygon, for each corner."""
        following = np.arange(1, len(self.x) + 1)
        some = self.start[1:] > self.start[:-1]
        following[self.start[1:][some] - 1] = self.start[:-1][some]
        return following

    @property
    def area_m2(self) -> Floats:
        """Area of each, shape (n,); reckoned from a corner of its own, so that far from the origin nothing is lost."""
        owner, following = self.owner, self.following
        first = np.minimum(self.start[:-1], len(self.x) - 1)[owner]
        x, y = self.x - self.x[first], self.y - self.y[first]
        twice = np.bincount(owner, x * y[following] - x[following] * y, minlength=len(self))
        return np.asarray(0.5 * twice, np.float64)

    def take(self, which: Ints | Bools) -> Convex:
        """Some of them, by number or by mask."""
        rows = np.flatnonzero(which) if which.dtype == np.bool_ else which
        corner, start = ranges(self.start[rows], np.diff(self.start)[rows])
        return Convex(self.x[corner], self.y[corner], start)

    def beside(self, line: Floats) -> tuple[Floats, Ints]:
        """How far to the left of a line per polygon, (n, 4) with x0, y0, x1, y1, each corner lies; and what follows it.

        The distance is in m times the line's length; to the right it is below 0.
        """
        x0, y0, x1, y1 = line[self.owner].T
        return (x1 - x0) * (self.y - y0) - (y1 - y0) * (self.x - x0), self.following

    def where(self, side: Floats, following: Ints) -> Convex:
        """The part of each where ``side``, which is linear and told at each corner, is not below 0."""
        after = side[following]
        inside = side >= 0.0
        crossing = np.flatnonzero(((side > 0.0) & (after < 0.0)) | ((side < 0.0) & (after > 0.0)))
        count = inside.astype(np.int64)
        count[crossing] += 1
        ends = np.concatenate([[0], np.cumsum(count)])
        x, y = np.empty(ends[-1]), np.empty(ends[-1])
        kept = ends[:-1][inside]
        x[kept], y[kept] = self.x[inside], self.y[inside]
        made = ends[crossing] + inside[crossing]
        share, there = side[crossing] / (side[crossing] - after[crossing]), following[crossing]
        x[made] = self.x[crossing] + share * (self.x[there] - self.x[crossing])
        y[made] = self.y[crossing] + share * (self.y[there] - self.y[crossing])
        return Convex(x, y, ends[self.start])

    def within(self, quads: Floats) -> Convex:
        """What each has in common with a convex quadrilateral, shape (n, 8)."""
        shapes = self
        for line in edges(quads):
            shapes = shapes.where(*shapes.beside(line))
        return shapes

    def without(self, quads: Floats) -> tuple[Convex, Ints]:
        """What is left of each without a convex quadrilateral, shape (n, 8): convex parts, and which each is of."""
        parts: list[Convex] = []
        numbers: list[Ints] = []
        rest, number = self, np.arange(len(self))
        for line in edges(quads):
            mine = line[number]
            side, following = rest.beside(mine)
            out = rest.where(-side, following)
            real = (out.area_m2 > NOTHING_M2) & (mine[:, :2] != mine[:, 2:]).any(axis=1)
            parts.append(out.take(real))
            numbers.append(number[real])
            rest = rest.where(side, following)
            left = np.diff(rest.start) > 0
            rest, number = rest.take(left), number[left]
        return joined(parts), np.concatenate(numbers)


def edges(quads: Floats) -> list[Floats]:
    """The four edges of quadrilaterals (n, 8), each of shape (n, 4)."""
    return [quads[:, [2 * k, 2 * k + 1, (2 * k + 2) % 8, (2 * k + 3) % 8]] for k in range(4)]


def diagonals(bounds: Floats) -> NDArray[np.object_]:
    """Lines from south-west to north-east of bounds, shape (n, 4): all that an STRtree needs."""
    lines: NDArray[np.object_] = np.asarray(shapely.linestrings(bounds.reshape(-1, 2, 2)), np.object_)
    return lines


def joined(parts: list[Convex]) -> Convex:
    """The polygons of several lists, one list after the other."""
    counts = np.concatenate([np.diff(part.start) for part in parts])
    start = np.concatenate([[0], np.cumsum(counts)])
    return Convex(np.concatenate([part.x for part in parts]), np.concatenate([part.y for part in parts]), start)


def ranges(first: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Whole numbers from ``first``, ``counts`` of them, for each of n; and where each one's begin, shape (n + 1,)."""
    start = np.concatenate([[0], np.cumsum(counts)])
    return np.repeat(first - start[:-1], counts) + np.arange(start[-1]), start
