"""Plots, sites and wind around flying drones, prepared once so that a fix costs microseconds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from core.model.fixtable import Floats
from core.model.land import Plot, Site
from geo.context.fans import HALF_ANGLE_DEG
from geo.context.sites import Keep
from geo.projection import LocalPlane

Points = np.ndarray
ALL_ROUND, DOWNWIND = "all-round", "downwind"


@dataclass(frozen=True, slots=True)
class Wind:
    """The wind over the drones: m/s, and degrees that it comes from; NaN where nobody knows."""

    wind_mps: float = math.nan
    from_deg: float = math.nan


@dataclass(frozen=True, slots=True)
class Near:
    """One fix near one site: distance of the swath's edge, the distance to keep, and which that is."""

    fix: int
    site: str
    distance_m: float
    limit_m: float
    side: str


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What is around, in metres of ``plane``; make it with :meth:`prepared`, and change the wind by ``replace``.

    ``half_swath_m`` is how far the implement reaches to each side of a fix. ``half_angle_deg`` is the downwind side's.
    """

    plane: LocalPlane
    plots: shapely.STRtree
    sites: shapely.STRtree
    names: tuple[str, ...]
    keeps: tuple[Keep, ...]
    wind: Wind
    half_swath_m: float
    half_angle_deg: float = HALF_ANGLE_DEG

    @classmethod
    def prepared(
        cls,
        plane: LocalPlane,
        plots: Sequence[Plot],
        sites: Sequence[Site],
        wind: Wind | None = None,
        half_swath_m: float = 0.0,
    ) -> Surroundings:
        """From registered plots and sites; retired ones are passed over."""
        outlines = [plane.to_plane(p.boundary) for p in plots if not p.retired]
        kept = [s for s in sites if not s.retired]
        shapes = [plane.to_plane(s.boundary) for s in kept]
        for shape in (*outlines, *shapes):
            shapely.prepare(shape)
        names, keeps = tuple(s.site for s in kept), tuple(Keep.of(s) for s in kept)
        return cls(
            plane, shapely.STRtree(outlines), shapely.STRtree(shapes), names, keeps, wind or Wind(), half_swath_m
        )

    def outside_m(self, points: Points) -> Floats:
        """How far points lie outside all plots, in metres, shape (n,); NaN where no plot is known at all."""
        if len(self.plots) == 0:
            return np.full(len(points), np.nan)
        inside = np.zeros(len(points), np.bool_)
        inside[self.plots.query(points, predicate="intersects")[0]] = True
        found = np.zeros(len(points))
        away = np.flatnonzero(~inside)
        if len(away):
            pairs, distance = self.plots.query_nearest(points[away], return_distance=True, all_matches=False)
            found[away[pairs[0]]] = distance
        return found

    def near(self, points: Points, slack_m: float) -> list[Near]:
        """Fixes within a distance to keep (and the slack that ends an alert) of sites, one entry for each pair.

        The downwind distance counts while the site's nearest spot lies downwind; with no known wind, only the other.
        """
        if len(self.names) == 0:
            return []
        widest = max(max(k.buffer_m, k.downwind_m) for k in self.keeps) + slack_m + self.half_swath_m
        fixes, numbers = self.sites.query(points, predicate="dwithin", distance=widest)
        if len(fixes) == 0:
            return []
        lines = shapely.shortest_line(points[fixes], self.sites.geometries[numbers])
        ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
        away = ends[:, 1] - ends[:, 0]
        found: list[Near] = []
        for fix, number, (dx, dy) in zip(fixes.tolist(), numbers.tolist(), away.tolist(), strict=True):
            keep, length = self.keeps[number], math.hypot(dx, dy)
            downwind = keep.downwind_m > keep.buffer_m and self._downwind(dx, dy, length)
            limit, side = (keep.downwind_m, DOWNWIND) if downwind else (keep.buffer_m, ALL_ROUND)
            edge = max(length - self.half_swath_m, 0.0)
            if edge < limit + slack_m:
                found.append(Near(fix, self.names[number], edge, limit, side))
        return found

    def _downwind(self, dx: float, dy: float, length: float) -> bool:
        """Whether a spot at (dx, dy) of a fix lies on its downwind side."""
        if not self.wind.wind_mps > 0.0 or math.isnan(self.wind.from_deg) or length == 0.0:
            return False
        angle = math.radians(self.wind.from_deg)
        along = -(dx * math.sin(angle) + dy * math.cos(angle)) / length
        return along >= math.cos(math.radians(self.half_angle_deg))
