"""Unions, intersections and differences of polygons that always come to an end.

GEOS works on full floating precision first. Nearly coincident edges (a swath that follows a boundary, two passes on one
line) can defeat that; the same operation is then done once more on a grid of 10 µm, where it cannot fail.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import GEOSException, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

Geometries = NDArray[np.object_]
Area = Polygon | MultiPolygon
EMPTY = Polygon()
GRID_M = 1e-5
_AREAL = 2


def union(shapes: Geometries | Sequence[BaseGeometry]) -> Area:
    """The ground that any of the shapes covers."""
    if len(shapes) == 0:
        return EMPTY
    try:
        return polygonal(shapely.union_all(shapes))
    except GEOSException:
        return polygonal(shapely.union_all(_snapped(np.asarray(shapes, np.object_)), grid_size=GRID_M))


def intersections(shapes: Geometries, others: Geometries | BaseGeometry) -> Geometries:
    """Pairwise common ground, or that of every shape with one other; shape (n,)."""
    try:
        return areas(np.asarray(shapely.intersection(shapes, others), np.object_))
    except GEOSException:
        cut = shapely.intersection(_snapped(shapes), _snapped(others), grid_size=GRID_M)
        return areas(np.asarray(cut, np.object_))


def differences(shapes: Geometries, other: BaseGeometry) -> Geometries:
    """What is left of every shape without the other; shape (n,)."""
    try:
        return areas(np.asarray(shapely.difference(shapes, other), np.object_))
    except GEOSException:
        cut = shapely.difference(_snapped(shapes), _snapped(other), grid_size=GRID_M)
        return areas(np.asarray(cut, np.object_))


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


def _snapped(shapes: Geometries | BaseGeometry) -> Geometries:
    """The shapes made valid, on the grid, without lines and points."""
    array = np.atleast_1d(np.asarray(shapes, np.object_))
    made = areas(np.asarray(shapely.make_valid(array), np.object_))
    return areas(np.asarray(shapely.set_precision(made, GRID_M), np.object_))
