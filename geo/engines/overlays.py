"""The same figures by GEOS's overlays: slower, independent of the sweep, and what is used where numba is not there.

The integral of the squared dose needs no overlay of all pieces: the square of a sum is the sum of the squares and twice
the products of all pairs, so areas of pairs' intersections are enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GEOSException, MultiPolygon, Polygon

from core.model.fixtable import Floats, Ints
from geo.engines.model import FIGURES, KINDS, Fields, Measures, Quads
from geo.layers import SLIVER_M2, layers, pairs
from geo.overlay import differences, intersections, union

Shapes = NDArray[np.object_]
SURE_M2 = 1e-3
"""By so much two ways to an area may differ: what the grid of :mod:`geo.overlay` moves."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """Treated ground: quadrilaterals, which of the ribbons each lies in, and the ribbons."""

    shapes: Shapes
    ribbon: Ints
    dose: Floats
    variance: Floats
    kind: Ints
    tree: shapely.STRtree
    ribbons: Shapes
    ribbon_tree: shapely.STRtree


class OverlayEngine:
    """The engine on shapely."""

    name = "overlays"

    def measure(self, quads: Quads, fields: Fields) -> Measures:
        """See :class:`geo.engines.model.Engine`."""
        shapes = np.asarray(shapely.polygons(quads.corners.reshape(-1, 4, 2)), np.object_)
        ribbons, ribbon = _ribbons(quads, shapes)
        trees = shapely.STRtree(shapes), shapely.STRtree(ribbons)
        ground = _Ground(shapes, ribbon, *quads.doses(), quads.kind, trees[0], ribbons, trees[1])
        outlines = np.array(outlines_of(fields), np.object_)
        figures = np.array([_inside(ground, outline) for outline in outlines]).reshape(-1, FIGURES)
        apart = not _overlapping(outlines)
        together = figures.sum(axis=0) if apart else np.array(_inside(ground, union(outlines)))
        return Measures(figures, together, *_outside(ground, outlines))


def _ribbons(quads: Quads, shapes: Shapes) -> tuple[Shapes, Ints]:
    """Polygons over quadrilaterals that share cross-sections, none of which overlaps itself; which one each lies in."""
    corners, n = quads.corners, len(quads)
    if not n:
        return shapes, np.empty(0, np.int64)
    goes_on = (corners[:-1, 2:6] == corners[1:, [0, 1, 6, 7]]).all(axis=1) & (quads.kind[:-1] == quads.kind[1:])
    starts = np.append(0, np.flatnonzero(~goes_on) + 1)
    found: list[Any] = []
    ribbon = np.empty(n, np.int64)
    for first, end in zip(starts.tolist(), np.append(starts[1:], n).tolist(), strict=True):
        mine = corners[first:end]
        there, back = np.vstack([mine[:1, 0:2], mine[:, 2:4]]), np.vstack([mine[:1, 6:8], mine[:, 4:6]])
        whole = Polygon(np.vstack([there, back[::-1]])) if end - first > 1 else shapes[first]
        simple = end - first == 1 or whole.is_valid
        ribbon[first:end] = len(found) if simple else len(found) + np.arange(end - first)
        found.extend([whole] if simple else shapes[first:end])
    return np.array(found, np.object_), ribbon


def _overlapping(outlines: Shapes) -> bool:
    """Whether any plots lie on each other."""
    one, other = pairs(outlines)
    meets = ~shapely.touches(outlines[one], outlines[other])
    return bool((shapely.area(intersections(outlines[one[meets]], outlines[other[meets]])) > SLIVER_M2).any())


def outlines_of(fields: Fields) -> list[Polygon | MultiPolygon]:
    """The plots as geometries, put together from their edges."""
    found: list[Polygon | MultiPolygon] = []
    for first, end in zip(fields.start[:-1].tolist(), fields.start[1:].tolist(), strict=True):
        lines = np.asarray(shapely.linestrings(fields.ring[first:end].reshape(-1, 2, 2)), np.object_)
        shells = [p for p in shapely.get_parts(shapely.build_area(shapely.multilinestrings(lines))) if not p.is_empty]
        found.append(shells[0] if len(shells) == 1 else MultiPolygon(shells))
    return found


def _within(shapes: Shapes, outline: Any) -> Shapes:
    """What of shapes lies on a plot: most do as a whole."""
    shapely.prepare(outline)
    cut = shapes.copy()
    across = np.flatnonzero(~shapely.contains_properly(outline, shapes))
    cut[across] = intersections(shapes[across], outline)
    return cut


def _inside(ground: _Ground, outline: Any) -> list[float]:
    """The figures of one plot."""
    near = ground.tree.query(outline, predicate="intersects")
    cut = _within(ground.shapes[near], outline)
    area = shapely.area(cut)
    real = area > 0.0
    near, cut, area = near[real], cut[real], area[real]
    if not len(cut):
        return [0.0] * FIGURES
    dose, variance = ground.dose[near], ground.variance[near]
    first, second = pairs(cut)
    apart = ground.ribbon[near[first]] != ground.ribbon[near[second]]
    first, second = first[apart], second[apart]
    common = shapely.area(intersections(cut[first], cut[second]))
    moment = float(((dose * dose + variance) * area).sum() + 2.0 * (dose[first] * dose[second] * common).sum())
    ribbons = _within(ground.ribbons[ground.ribbon_tree.query(outline, predicate="intersects")], outline)
    lying = layers(ribbons)
    gross = float(shapely.area(ribbons).sum())
    two, three = union(lying.twice).area, union(lying.thrice).area
    net = _net_m2(ribbons, gross - two - three)
    return [net, two, three, float(area.sum()), float((dose * area).sum()), moment]


def _net_m2(ribbons: Shapes, most: float) -> float:
    """Area of the union of ribbons; ``most`` is what it can be at most, and is unless four lie on each other.

    Unions in full precision take a third of the time of those on a grid, but may lose ground: they count only where
    the area comes out as it must.
    """
    try:
        net = float(shapely.union_all(ribbons).area)
    except GEOSException:
        return float(union(ribbons).area)
    return net if abs(net - most) <= SURE_M2 else float(union(ribbons).area)


def _outside(ground: _Ground, outlines: Shapes) -> tuple[Floats, Floats]:
    """What was treated outside every plot, by kind; amounts go with the ground's kind."""
    off, amount = np.zeros(KINDS), np.zeros(KINDS)
    rows, shapes = _left_over(ground, outlines)
    dose, kinds = ground.dose[rows], ground.kind[rows]
    before: Any = Polygon()
    for kind in range(KINDS):
        mine = differences(shapes, before) if kind else shapes
        covered = union(mine[kinds == kind])
        off[kind] = covered.area
        if (kinds > kind).any():
            mine = intersections(mine, covered)
        amount[kind] = float((dose * shapely.area(mine))[kinds >= kind].sum())
        before = union([before, covered])
        if not (kinds > kind).any():
            break
    return off, amount


def _left_over(ground: _Ground, outlines: Shapes) -> tuple[Ints, Shapes]:
    """The quadrilaterals that reach beyond the plots, and what of each does."""
    inside = np.zeros(len(ground.shapes), np.bool_)
    touched: dict[int, list[int]] = {}
    if len(outlines):
        plots = shapely.STRtree(outlines)
        inside[plots.query(ground.shapes, predicate="covered_by")[0]] = True
        for row, plot in plots.query(ground.shapes, predicate="intersects").T.tolist():
            touched.setdefault(row, []).append(plot)
    rows = np.flatnonzero(~inside)
    shapes = ground.shapes[rows]
    for k, row in enumerate(rows.tolist()):
        for plot in touched.get(row, ()):
            shapes[k : k + 1] = differences(shapes[k : k + 1], outlines[plot])
    real = shapely.area(shapes) > 0.0
    return rows[real], shapes[real]
