"""Unions, intersections and differences of polygons that always come to the right end.

On full floating precision GEOS (3.14) can lose ground without a word where edges nearly coincide (a swath that follows
a boundary, passes on one line): unions of a random walk's overlaps came out a fifth too small. Every operation is
therefore done on a grid of 0.1 µm, by snap rounding, which cannot fail; it takes about twice as long.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GEOSException, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from core.model.fixtable import Ints

Geometries = NDArray[np.object_]
Area = Polygon | MultiPolygon
EMPTY = Polygon()
GRID_M = 1e-7
_AREAL = 2
_POLYGONS = (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON)


def union(shapes: Geometries | Sequence[BaseGeometry]) -> Area:
    """The ground that any of the shapes covers."""
    if len(shapes) == 0:
        return EMPTY
    try:
        return polygonal(shapely.union_all(shapes, grid_size=GRID_M))
    except GEOSException:
        return polygonal(shapely.union_all(_valid(shapes), grid_size=GRID_M))


def intersections(shapes: Geometries, others: Geometries | BaseGeometry) -> Geometries:
    """Pairwise common ground, or that of every shape with one other; shape (n,)."""
    try:
        return areas(np.asarray(shapely.intersection(shapes, others, grid_size=GRID_M), np.object_))
    except GEOSException:
        return areas(np.asarray(shapely.intersection(_valid(shapes), _valid(others), grid_size=GRID_M), np.object_))


def differences(shapes: Geometries, other: BaseGeometry) -> Geometries:
    """What is left of every shape without the other; shape (n,)."""
    try:
        return areas(np.asarray(shapely.difference(shapes, other, grid_size=GRID_M), np.object_))
    except GEOSException:
        return areas(np.asarray(shapely.difference(_valid(shapes), _valid(other), grid_size=GRID_M), np.object_))


def meeting(shapes: Geometries) -> tuple[Ints, Ints]:
    """The pairs of shapes that share more than a border, each once, by their numbers."""
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    pairs = one < other
    one, other = one[pairs], other[pairs]
    meets = ~shapely.touches(shapes[one], shapes[other])
    return one[meets], other[meets]


def areas(shapes: Geometries) -> Geometries:
    """The shapes with only what has an area: lines and points of mixed collections fall away."""
    mixed = shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION
    if not mixed.any():
        return shapes
    shapes = shapes.copy()
    for i in np.flatnonzero(mixed).tolist():
        parts = shapely.get_parts(shapes[i])
        shapes[i] = union(parts[shapely.get_dimensions(parts) == _AREAL])
    return shapes


def polygonal(geometry: BaseGeometry) -> Area:
    """The part of a geometry that has an area, made valid."""
    made = geometry if geometry.is_valid else shapely.make_valid(geometry)
    if isinstance(made, Polygon | MultiPolygon):
        return made
    return union([p for p in shapely.get_parts(made) if isinstance(p, Polygon | MultiPolygon)])


def polygonals(geometries: Sequence[BaseGeometry] | Geometries) -> Geometries:
    """The same of many geometries, shape (n,)."""
    made = np.array(geometries, np.object_)
    odd = ~shapely.is_valid(made) | ~np.isin(shapely.get_type_id(made), _POLYGONS)
    for i in np.flatnonzero(odd).tolist():
        made[i] = polygonal(made[i])
    return made


def _valid(shapes: Geometries | Sequence[BaseGeometry] | BaseGeometry) -> Geometries:
    """The shapes made valid, without lines and points; shape (n,), or (1,) for one shape."""
    array = np.atleast_1d(np.asarray(shapes, np.object_))
    return areas(np.asarray(shapely.make_valid(array), np.object_))
