"""Contour polygons of the dose: where it was which share of the planned one.

``contourpy`` (matplotlib's contour engine) draws them through the middles of the cells. Inside the plots every spot is
in one class, so that the areas of the classes add up to the plots' area.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from contourpy import FillType, contour_generator
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.model.land import Plot
from core.units import M2_PER_CONG
from geo.dosemap import DoseGrid
from geo.overlay import EMPTY, Area, intersections, polygonal, union
from geo.phone import BUDGET_BYTES, Feature, collection
from geo.projection import LocalPlane
from geo.rasterfiles import CLASSES, COLOURS, class_label
from geo.shapes import areas_of

_BELOW: Final = -1.0
_ABOVE: Final = 1e300
_LEAST_SHARE: Final = 1e-6


def dose_classes(grid: DoseGrid, planned: float, plots: Sequence[Area] = ()) -> list[Area]:
    """The ground of each class of :data:`geo.rasterfiles.CLASSES`, in metres of the grid's plane.

    Args:
        grid: The dose.
        planned: The planned dose, in the grid's unit.
        plots: Outlines in the plane; only what lies inside them is drawn. None: all that was treated.
    """
    rows, columns = grid.dose.shape
    share = np.pad(grid.dose[::-1] / planned, 1)
    x = grid.west_m + (np.arange(columns + 2) - 0.5) * grid.cell_m
    y = grid.north_m + (np.arange(rows + 2) - rows - 0.5) * grid.cell_m
    drawer = contour_generator(x, y, share, fill_type=FillType.OuterOffset)
    inside = union(list(plots)) if len(plots) else None
    found: list[Area] = []
    for low, high in CLASSES:
        start = low if low > 0.0 else (_BELOW if inside is not None else _LEAST_SHARE)
        ground = _polygons(drawer.filled(start, min(high, _ABOVE)))
        if low <= 0.0 and inside is not None:  # what lies beyond the grid was not treated, either
            window = shapely.box(x[0], y[0], x[-1], y[-1])
            ground = union([ground, *_parts(inside.difference(window))])
        found.append(ground if inside is None else _inside(ground, inside))
    return found


def outlines(plots: Sequence[Plot], plane: LocalPlane) -> list[Area]:
    """The boundaries of plots in a plane."""
    return list(plane.outlines([plot.boundary for plot in plots]))


def contours(
    grid: DoseGrid,
    planned: float,
    plots: Sequence[Area] = (),
    m2_per_cong: float = M2_PER_CONG,
    budget_bytes: int = BUDGET_BYTES,
) -> dict[str, Any]:
    """The classes as GeoJSON (WGS 84) of at most ``budget_bytes``: share of the planned dose, colour, exact areas."""
    features = []
    for (low, high), colour, ground in zip(CLASSES, COLOURS, dose_classes(grid, planned, plots), strict=True):
        if ground.is_empty:
            continue
        features.append(
            Feature(
                ground,
                {
                    "kind": "dose",
                    "share": class_label(low, high),
                    "from_share": low,
                    "to_share": high if np.isfinite(high) else None,
                    f"planned_{_key(grid.unit)}": round(planned, 6),
                    "fill": colour,
                }
                | areas_of(ground.area, m2_per_cong),
            )
        )
    return collection(features, grid.plane, budget_bytes)


def _key(unit: str) -> str:
    return "lpha" if unit == "L/ha" else "kgpha"


def _polygons(filled: Any) -> Area:
    """Polygons with holes from what contourpy fills: lists of points and of the offsets of their rings."""
    made = []
    for points, offsets in zip(filled[0], filled[1], strict=True):
        rings = [points[a:b] for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)]
        made.append(shapely.Polygon(rings[0], rings[1:]))
    return polygonal(shapely.MultiPolygon([part for shape in made for part in _parts(shape)]))


def _inside(ground: Area, plots: Area) -> Area:
    """The ground inside plots, piece by piece: pieces of a class, and parts of the plots, are apart already."""
    pieces, fields = np.array(_parts(ground), np.object_), np.array(_parts(plots), np.object_)
    if not len(pieces) or not len(fields):
        return EMPTY
    piece, field = shapely.STRtree(fields).query(pieces, predicate="intersects")
    met = intersections(pieces[piece], fields[field])
    return polygonal(shapely.MultiPolygon([part for shape in met for part in _parts(shape)]))


def _parts(geometry: BaseGeometry) -> list[Polygon]:
    """The polygons of a geometry."""
    return [part for part in shapely.get_parts(polygonal(geometry)) if not part.is_empty]
