"""The same figures by overlaying quadrilaterals in pairs: independent of the sweep, and used where numba is not there.

Every figure is a sum over convex pieces, each with a weight and its area on a plot:

- every quadrilateral counts once;
- what two have in common was counted twice, and is taken off once (for the squared dose: the square of a sum is the sum
  of the squares and twice the products of all pairs);
- where three or more meet, ground is cut into cells that have one set of quadrilaterals on them each, and what the
  sums so far say of a cell is put right.

Pieces are cut by straight lines and laid on plots by an integral, all at once in NumPy: what is inside and what is
outside make up the whole, whatever coincides. STRtrees find what is near.
"""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.engines.convex import NOTHING_M2, Convex, ranges
from geo.engines.crowds import Cells, crowds
from geo.engines.lands import Lands
from geo.engines.model import AMOUNT, FIGURES, GROSS, KINDS, MOMENT, NET, THREE, TWO, Fields, Measures, Quads
from geo.engines.overlap import Outlines, common_m2
from geo.engines.quadpairs import Ground, Pairs

Weights = tuple[Floats, Floats]
"""What a square metre of each piece adds to a plot's figures, shape (n, 6), and beside the plots, shape (n, 2, 3).

The latter are, where only kinds up to each are looked at, the ground that those treated, and the amount of all kinds on
it.
"""


class OverlayEngine:
    """The engine on NumPy and shapely."""

    name = "overlays"

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """See :class:`geo.engines.model.Engine`."""
        ground = Ground.of(quads)
        sums = _Sums(Lands.of(fields), ground)
        sums.add(ground.shapes, np.arange(len(ground)), _once(ground))
        pairs = Pairs.of(ground)
        for one, other in pairs.blocks():
            common = ground.shapes.take(one).within(ground.corners[other])
            real = np.flatnonzero(common.area_m2 > NOTHING_M2)
            first, second, common = one[real], other[real], common.take(real)
            sums.add(common, first, _twice(ground, first, second))
            cells = crowds(ground, pairs, first, second, common)
            sums.add(cells.shapes, first[cells.pair], _oftener(cells))
        return sums.measures()


class _Sums:
    """Figures of lands, and beside them, as pieces are added."""

    def __init__(self, lands: Lands, ground: Ground) -> None:
        self._lands = lands
        self._near, self._start = lands.near(ground)
        self._figures = np.zeros((len(lands), FIGURES))
        self._off = np.zeros((2, KINDS))

    def add(self, pieces: Convex, within: Ints, weights: Weights) -> None:
        """Add pieces, each of which is a part of the quadrilateral ``within``."""
        on_land, off = weights
        counts = np.diff(self._start)[within]
        land, piece = self._near[ranges(self._start[within], counts)[0]], np.repeat(np.arange(len(pieces)), counts)
        area = common_m2(Outlines.of_convex(pieces), piece, self._lands.outlines, land)
        for figure in range(FIGURES):
            self._figures[:, figure] += np.bincount(land, on_land[piece, figure] * area, minlength=len(self._lands))
        single = self._lands.single[land]
        covered = np.bincount(piece[single], area[single], minlength=len(pieces))
        self._off += np.tensordot(pieces.area_m2 - covered, off, 1)

    def measures(self) -> Measures:
        """What came together; beside the plots, kinds are told apart, and nothing is below 0 by rounding."""
        plots = self._figures[: self._lands.plots]
        union = self._figures[self._lands.single].sum(axis=0)
        off_m2, off_amount = np.maximum(np.diff(self._off, prepend=0.0), 0.0)
        return Measures(plots, union, off_m2, off_amount)


def _once(ground: Ground) -> Weights:
    """Weights of quadrilaterals."""
    on_land = np.zeros((len(ground), FIGURES))
    on_land[:, NET] = on_land[:, GROSS] = 1.0
    on_land[:, AMOUNT] = ground.dose
    on_land[:, MOMENT] = ground.dose * ground.dose + ground.variance
    return on_land, np.stack([ground.among, ground.among * ground.dose[:, None]], axis=1)


def _twice(ground: Ground, one: Ints, other: Ints) -> Weights:
    """Weights of what pairs of quadrilaterals have in common."""
    on_land = np.zeros((len(one), FIGURES))
    on_land[:, NET], on_land[:, TWO] = -1.0, 1.0
    dose, more = ground.dose[one], ground.dose[other]
    on_land[:, MOMENT] = 2.0 * dose * more
    first, second = ground.among[one], ground.among[other]
    amount = dose[:, None] * (~first & second) + more[:, None] * (first & ~second)
    return on_land, np.stack([-1.0 * (first & second), amount], axis=1)


def _oftener(cells: Cells) -> Weights:
    """Weights of cells: what they are, less what their quadrilaterals and pairs of these have added."""
    layers = cells.layers
    pairs = layers * (layers - 1) // 2
    on_land = np.zeros((len(layers), FIGURES))
    missing = (layers > 0) - layers + pairs
    on_land[:, NET], on_land[:, TWO], on_land[:, THREE] = missing[:, -1], 1 - pairs[:, -1], 1.0
    return on_land, np.stack([missing, cells.beside * ((layers > 0) - layers)], axis=1)
