"""The ground that figures are told of: plots, and where plots lie on each other, their unions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import GEOSException, MultiPolygon, Polygon

from core.model.fixtable import Bools, Ints
from geo.engines.convex import diagonals
from geo.engines.model import Fields
from geo.engines.overlap import Outlines, common_m2
from geo.engines.quadpairs import Ground
from geo.layers import SLIVER_M2
from geo.overlay import Geometries, polygonals, union

SURE_M2 = 1e-6
"""By so much two ways to an area may differ."""


@dataclass(frozen=True, slots=True, eq=False)
class Lands:
    """Plots, and after them the unions of those that lie on each other.

    ``single`` says which of them make up the union of all plots: none of those lies on another.
    """

    outlines: Outlines
    single: Bools
    plots: int

    def __len__(self) -> int:
        return len(self.single)

    @classmethod
    def of(cls, fields: Fields) -> Lands:
        """The lands of plots."""
        outlines = Outlines.of(fields.ring, fields.start)
        cluster = _clusters(outlines)
        shared = np.flatnonzero(np.bincount(cluster) > 1)
        plots = len(fields)
        if len(shared):
            unions = [united(outlines_of(fields, np.flatnonzero(cluster == k))) for k in shared.tolist()]
            more = Fields.of(unions)
            start = np.concatenate([fields.start, fields.start[-1] + more.start[1:]])
            outlines = Outlines.of(np.concatenate([fields.ring, more.ring]), start)
        single = np.append(~np.isin(cluster, shared), np.ones(len(shared), np.bool_))
        return cls(outlines, single, plots)

    def near(self, ground: Ground) -> tuple[Ints, Ints]:
        """The lands that quadrilaterals may lie on, and where those of each begin, shape (n + 1,)."""
        lands = shapely.STRtree(diagonals(self.outlines.bounds))
        quad, land = lands.query(ground.spans)
        return land, np.searchsorted(quad, np.arange(len(ground) + 1))


def outlines_of(fields: Fields, which: Ints | None = None) -> list[Polygon | MultiPolygon]:
    """The plots, or some of them, as geometries, put together from their edges."""
    found: list[Polygon | MultiPolygon] = []
    for k in range(len(fields)) if which is None else which.tolist():
        ring = fields.ring[fields.start[k] : fields.start[k + 1]]
        lines: Any = np.asarray(shapely.linestrings(ring.reshape(-1, 2, 2)), np.object_)
        shells = [p for p in shapely.get_parts(shapely.build_area(shapely.multilinestrings(lines))) if not p.is_empty]
        found.append(shells[0] if len(shells) == 1 else MultiPolygon(shells))
    return found


def united(outlines: list[Polygon | MultiPolygon]) -> Polygon | MultiPolygon:
    """The union of one or more plots."""
    shapes = np.array(outlines, np.object_)
    while len(shapes) > 1:
        even = len(shapes) // 2 * 2
        shapes = np.concatenate([_both(shapes[0:even:2], shapes[1:even:2]), shapes[even:]])
    whole: Polygon | MultiPolygon = shapes[0]
    return whole


def _both(some: Geometries, others: Geometries) -> Geometries:
    """Unions of pairs: in full precision where one holds both and is as large as it must be, else on a grid."""
    n = len(some)
    try:
        made = polygonals(shapely.union(some, others))
    except GEOSException:
        return np.array([union(pair) for pair in zip(some, others, strict=True)], np.object_)
    fields = Fields.of([*some, *others, *made])
    shapes, number = Outlines.of(fields.ring, fields.start), np.arange(n)
    one, other, whole = np.split(shapes.area_m2, 3)
    held, too = (common_m2(shapes, number + k * n, shapes, number + 2 * n) for k in (0, 1))
    common = common_m2(shapes, number, shapes, number + n)
    lacks = np.abs([held - one, too - other, held + too - common - whole]).max(axis=0)
    for k in np.flatnonzero(lacks > SURE_M2).tolist():
        made[k] = union([some[k], others[k]])
    return made


def _clusters(outlines: Outlines) -> Ints:
    """Which plots lie on each other, be it by way of others: the smallest number of each one's cluster, shape (p,)."""
    plots = len(outlines.area_m2)
    cluster = np.arange(plots)
    spans = diagonals(outlines.bounds)
    one, other = shapely.STRtree(spans).query(spans)
    one, other = one[one < other], other[one < other]
    lie = common_m2(outlines, one, outlines, other) > SLIVER_M2
    one, other = one[lie], other[lie]
    while len(one) and (cluster[one] != cluster[other]).any():
        least = np.minimum(cluster[one], cluster[other])
        np.minimum.at(cluster, one, least)
        np.minimum.at(cluster, other, least)
    return cluster
