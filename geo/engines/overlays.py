"""The same figures by GEOS's overlays: slower, independent of the sweep, and what is used where numba is not there.

The integral of the squared dose needs no overlay of all pieces: the square of a sum is the sum of the squares and twice
the products of all pairs, so areas of pairs' intersections are enough.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

from core.model.fixtable import Floats
from geo.engines.model import FIGURES, KINDS, Fields, Measures, Quads
from geo.layers import layers, pairs
from geo.overlay import differences, intersections, union

Shapes = NDArray[np.object_]


class OverlayEngine:
    """The engine on shapely."""

    name = "overlays"

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """See :class:`geo.engines.model.Engine`."""
        area = quads.area_m2
        density = np.divide(quads.amount, area, out=np.zeros(len(quads)), where=area > 0.0)
        shapes = np.asarray(shapely.polygons(quads.corners.reshape(-1, 4, 2)), np.object_)
        outlines = outlines_of(fields)
        tree = shapely.STRtree(shapes)
        figures = [_inside(shapes, density, tree, outline) for outline in outlines]
        together: Any = union(outlines) if len(outlines) else Polygon()
        off, amount = _outside(shapes, density, quads, together)
        return Measures(
            np.array(figures).reshape(-1, FIGURES), np.array(_inside(shapes, density, tree, together)), off, amount
        )


def outlines_of(fields: Fields) -> list[Polygon | MultiPolygon]:
    """The plots as geometries, put together from their edges."""
    found: list[Polygon | MultiPolygon] = []
    for first, end in zip(fields.start[:-1].tolist(), fields.start[1:].tolist(), strict=True):
        lines = np.asarray(shapely.linestrings(fields.ring[first:end].reshape(-1, 2, 2)), np.object_)
        shells = [p for p in shapely.get_parts(shapely.build_area(shapely.multilinestrings(lines))) if not p.is_empty]
        found.append(shells[0] if len(shells) == 1 else MultiPolygon(shells))
    return found


def _inside(shapes: Shapes, density: Floats, tree: shapely.STRtree, outline: Any) -> list[float]:
    """The figures of one plot."""
    near = tree.query(outline, predicate="intersects")
    cut = intersections(shapes[near], outline)
    area = shapely.area(cut)
    real = area > 0.0
    cut, area, dose = cut[real], area[real], density[near][real]
    if not len(cut):
        return [0.0] * FIGURES
    lying = layers(cut)
    first, second = pairs(cut)
    common = shapely.area(intersections(cut[first], cut[second]))
    moment = float((dose * dose * area).sum() + 2.0 * (dose[first] * dose[second] * common).sum())
    net, two, three = union(cut).area, union(lying.twice).area, union(lying.thrice).area
    return [net, two, three, float(area.sum()), float((dose * area).sum()), moment]


def _outside(shapes: Shapes, density: Floats, quads: Quads, together: Any) -> tuple[Floats, Floats]:
    """What was treated outside every plot, by kind; amounts go with the ground's kind."""
    off, amount = np.zeros(KINDS), np.zeros(KINDS)
    outside = differences(shapes, together)
    before: Any = Polygon()
    for kind in range(KINDS):
        ground = union(outside[quads.kind == kind])
        ground = differences(np.array([ground], np.object_), before)[0]
        off[kind] = ground.area
        amount[kind] = float((density * shapely.area(intersections(outside, ground))).sum())
        before = union([before, ground])
    return off, amount
