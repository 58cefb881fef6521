"""Ground on which three or more quadrilaterals lie, as convex cells with one set of quadrilaterals each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from geo.engines.convex import NOTHING_M2, Convex, joined
from geo.engines.quadpairs import Ground, Pairs

CROWD = 3
"""So many quadrilaterals lie on a cell, at least."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Convex cells that do not overlap, columns of length c.

    ``pair`` is the number of the pair of quadrilaterals that a cell was cut out of. ``layers`` (c, 3) is how many
    quadrilaterals lie on it, of the kinds up to each, and ``beside`` (c, 3) the dose of those of other kinds.
    """

    shapes: Convex
    pair: Ints
    layers: Ints
    beside: Floats

    def take(self, which: Ints | Bools) -> Cells:
        """Some of them, by number or by mask."""
        return Cells(self.shapes.take(which), self.pair[which], self.layers[which], self.beside[which])

    @classmethod
    def joined(cls, parts: list[Cells]) -> Cells:
        """The cells of several lists."""
        return cls(
            joined([part.shapes for part in parts]),
            np.concatenate([part.pair for part in parts]),
            np.concatenate([part.layers for part in parts]),
            np.concatenate([part.beside for part in parts]),
        )


def crowds(ground: Ground, pairs: Pairs, one: Ints, other: Ints, common: Convex) -> Cells:
    """The cells of which ``one[k]`` and ``other[k]`` are the first two quadrilaterals, by their numbers.

    Args:
        ground: All quadrilaterals.
        pairs: Which of them meet.
        one: The first of each pair, shape (k,).
        other: The second, with a higher number.
        common: What both have in common.
    """
    third, start = pairs.thirds(one, other)
    count = np.diff(start)
    last = np.append(third, -1)[np.maximum(start[1:], 1) - 1]
    deep = np.flatnonzero((count > 0) & (last > other))
    both = ground.among[one[deep]].astype(np.int64) + ground.among[other[deep]]
    alien = _alien(ground, one[deep]) + _alien(ground, other[deep])
    cells = Cells(common.take(deep), deep, both, alien)
    done: list[Cells] = [cells.take(np.empty(0, np.int64))]
    turn = 0
    while len(cells.pair):
        cells = _cut(ground, cells, third[start[cells.pair] + turn], other, count[cells.pair] - turn)
        turn += 1
        more = turn < count[cells.pair]
        done.append(cells.take(~more & (cells.layers[:, -1] >= CROWD)))
        cells = cells.take(more)
    return Cells.joined(done)


def _cut(ground: Ground, cells: Cells, third: Ints, other: Ints, left: Ints) -> Cells:
    """Cells cut by one quadrilateral each: what lies on it, and what does not.

    What lies on it is dropped where the quadrilateral comes before the cell's pair: there it is a cell of another
    pair. ``left`` is how many quadrilaterals are still to come, with this one: ground on which no third can come to
    lie any more is dropped, too.
    """
    inside = cells.shapes.within(ground.corners[third])
    hit = inside.area_m2 > NOTHING_M2
    later = third > other[cells.pair]
    up = np.flatnonzero(hit & later)
    deeper = Cells(
        inside.take(up),
        cells.pair[up],
        cells.layers[up] + ground.among[third[up]],
        cells.beside[up] + _alien(ground, third[up]),
    )
    open_still = (left > 1) | (cells.layers[:, -1] >= CROWD)
    split = np.flatnonzero(hit & open_still)
    parts, of = cells.shapes.take(split).without(ground.corners[third[split]])
    rest = cells.take(split[of])
    rest = Cells(parts, rest.pair, rest.layers, rest.beside)
    return Cells.joined([cells.take(~hit), deeper, rest])


def _alien(ground: Ground, rows: Ints) -> Floats:
    """Doses where a quadrilateral is not of the kinds looked at, shape (k, 3)."""
    dose: Floats = np.where(ground.among[rows], 0.0, ground.dose[rows][:, None])
    return dose
