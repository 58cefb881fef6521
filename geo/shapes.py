"""The geometries behind the figures, for pictures and GIS: plots, net, missed and overlapping parts, tracks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from core.model.land import Plot
from core.units import M2_PER_CONG, cong, ha
from geo.overlay import Area, intersections, polygonal
from geo.phone import DIGITS, FINE_DIGITS, Feature, collection
from geo.projection import LocalPlane

DRAWN_M2 = 0.05
"""Parts smaller than this are left out of files for people; the figures contain them."""


@dataclass(frozen=True, slots=True, eq=False)
class PlotShapes:
    """What happened to one plot, in metres of the plane. ``missed`` is opened by 0.3 m: slivers are left out."""

    plot: Plot
    boundary: Area
    net: Area
    missed: Area
    overlap: Area


@dataclass(frozen=True, slots=True, eq=False)
class Shapes:
    """All geometries of a result, in metres of ``plane``: ``swaths`` are the ribbons, ``tracks`` the cleaned paths."""

    plane: LocalPlane
    plots: tuple[PlotShapes, ...] = ()
    off_target: Area = field(default_factory=Polygon)
    swaths: list[Polygon] = field(default_factory=list)
    tracks: list[LineString] = field(default_factory=list)

    def feature_collection(self, budget_bytes: int = 0) -> dict[str, Any]:
        """GeoJSON (RFC 7946, WGS 84): one feature per plot and kind, with ``kind``, ``plot`` and the exact ``area_m2``.

        Args:
            budget_bytes: Size that the text must not exceed: shapes are simplified until it fits; 0: any.
        """
        kinds = [k for k in self._kinds() if not k[2].is_empty]
        features = [
            Feature(shape, {"kind": kind, "plot": plot, "area_m2": round(shape.area, 3)}) for kind, plot, shape in kinds
        ]
        return collection(features, self.plane, budget_bytes, DIGITS if budget_bytes else FINE_DIGITS)

    def missed_parts(self, m2_per_cong: float = M2_PER_CONG, budget_bytes: int = 0) -> dict[str, Any]:
        """GeoJSON with a feature per missed part of a plot, the largest first: where to spray again.

        Parts narrower than twice ``Parameters.open_m`` are not among them. ``part`` counts within the plot; areas are
        in m², hectares and công.
        """
        features: list[Feature] = []
        for shapes in self.plots:
            parts = sorted(sizeable(shapes.missed).geoms, key=lambda part: -part.area)
            for number, part in enumerate(parts, 1):
                told = {"kind": "missed", "plot": shapes.plot.plot, "name": shapes.plot.name, "part": number}
                features.append(Feature(part, told | areas_of(part.area, m2_per_cong)))
        return collection(features, self.plane, budget_bytes)

    def _kinds(self) -> Iterator[tuple[str, str, BaseGeometry]]:
        for shapes in self.plots:
            name = shapes.plot.plot
            yield "plot", name, shapes.boundary
            yield "covered", name, shapes.net
            yield "missed", name, shapes.missed
            yield "overlap", name, sizeable(shapes.overlap)
        yield "off_target", "", sizeable(self.off_target)
        yield "track", "", shapely.MultiLineString(self.tracks)


def opened(geometry: BaseGeometry, distance_m: float) -> Area:
    """A polygon without its parts narrower than twice the distance (erosion, then dilation within the original)."""
    core = geometry.buffer(-distance_m, join_style="mitre")
    grown = polygonal(core.buffer(distance_m * 1.01, join_style="mitre"))
    return polygonal(intersections(np.array([geometry], np.object_), grown)[0])


def sizeable(geometry: BaseGeometry, smallest_m2: float = DRAWN_M2) -> MultiPolygon:
    """The polygons of a geometry that are large enough to be seen."""
    return MultiPolygon([p for p in shapely.get_parts(geometry) if isinstance(p, Polygon) and p.area >= smallest_m2])


def areas_of(area_m2: float, m2_per_cong: float = M2_PER_CONG) -> dict[str, float]:
    """An area in m², hectares and công, as properties of a feature."""
    return {
        "area_m2": round(area_m2, 3),
        "area_ha": round(ha(area_m2), 7),
        "area_cong": round(cong(area_m2, m2_per_cong), 6),
    }
