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
from geo.overlay import Area, intersections, polygonal
from geo.projection import LocalPlane

DRAWN_M2 = 0.05
"""Parts smaller than this are left out of files for people; the figures contain them."""
DIGITS = 8
"""Decimal places of degrees in GeoJSON: a millimetre."""


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

    def feature_collection(self) -> dict[str, Any]:
        """GeoJSON (RFC 7946, WGS 84): one feature per plot and kind, with ``kind``, ``plot`` and ``area_m2``."""
        kinds = [k for k in self._kinds() if not k[2].is_empty]
        features = [_feature(self.plane, kind, plot, geometry) for kind, plot, geometry in kinds]
        return {"type": "FeatureCollection", "features": features}

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


def _feature(plane: LocalPlane, kind: str, plot: str, geometry: BaseGeometry) -> dict[str, Any]:
    area_m2 = geometry.area
    wgs84 = shapely.set_precision(plane.to_wgs84(geometry), 10.0**-DIGITS, mode="pointwise")
    return {
        "type": "Feature",
        "geometry": shapely.geometry.mapping(wgs84),
        "properties": {"kind": kind, "plot": plot, "area_m2": round(area_m2, 3)},
    }
