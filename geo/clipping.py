"""What falls inside a boundary: shares of pieces for adding up, and clipped unions for areas that count once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Floats
from geo.amounts import total
from geo.layers import Layers
from geo.merging import POINT_M
from geo.overlay import Area, differences, intersections, union
from geo.swaths import Shapes, Swaths


@dataclass(frozen=True, slots=True, eq=False)
class Inside:
    """What was treated inside one boundary, in plane metres; litres and kilograms are NaN where nothing tells them."""

    net: Area
    overlap: Area
    overlap3: Area
    gross_m2: float
    volume_l: float
    mass_kg: float


class Ground:
    """Swaths and their layers, indexed for cutting boundary after boundary out of them."""

    def __init__(self, swaths: Swaths, layers: Layers) -> None:
        self.swaths = swaths
        self.layers = layers
        spots = np.asarray(shapely.points(swaths.point_x, swaths.point_y), np.object_)
        self._spot = swaths.area_m2 <= POINT_M
        self._pieces = np.where(self._spot, spots, swaths.pieces) if len(spots) else swaths.pieces
        self._trees = [shapely.STRtree(s) for s in (self._pieces, swaths.ribbons, layers.twice, layers.thrice)]

    def inside(self, boundary: BaseGeometry) -> Inside:
        """What was treated inside a boundary (a valid polygon or multipolygon of the plane)."""
        shapely.prepare(boundary)
        net, overlap, overlap3 = (
            union(clip(shapes[tree.query(boundary)], boundary))
            for tree, shapes in zip(
                self._trees[1:], (self.swaths.ribbons, self.layers.twice, self.layers.thrice), strict=True
            )
        )
        near = self._trees[0].query(boundary)
        share = self._shares(near, boundary)
        return Inside(
            net,
            overlap,
            overlap3,
            float((self.swaths.area_m2[near] * share).sum()),
            total(self.swaths.volume_l[near] * share, self.swaths.volume_l),
            total(self.swaths.mass_kg[near] * share, self.swaths.mass_kg),
        )

    def outside(self, boundary: BaseGeometry) -> Area:
        """The ground that was treated outside a boundary, as one geometry."""
        ribbons = self.swaths.ribbons
        if boundary.is_empty:
            return union(ribbons)
        shapely.prepare(boundary)
        crossing = ribbons[~shapely.contains_properly(boundary, ribbons)]
        apart = shapely.disjoint(boundary, crossing)
        cut = differences(crossing[~apart], boundary)
        return union(np.concatenate([crossing[apart], cut]))

    def _shares(self, near: np.ndarray, boundary: BaseGeometry) -> Floats:
        """Which part of each piece lies inside, 0 to 1; a piece without area is in or out by its point."""
        pieces, area = self._pieces[near], self.swaths.area_m2[near]
        share = shapely.contains_properly(boundary, pieces).astype(np.float64)
        edge = np.flatnonzero((share == 0.0) & shapely.intersects(boundary, pieces))
        spot = self._spot[near[edge]]
        share[edge[spot]] = 1.0
        cut = edge[~spot]
        share[cut] = np.minimum(shapely.area(intersections(pieces[cut], boundary)) / area[cut], 1.0)
        return np.asarray(share, np.float64)


def clip(shapes: Shapes, boundary: BaseGeometry) -> Shapes:
    """The parts of shapes inside a prepared boundary."""
    whole = shapely.contains_properly(boundary, shapes)
    cut = shapes[~whole]
    cut = cut[shapely.intersects(boundary, cut)]
    return np.concatenate([shapes[whole], intersections(cut, boundary)])
