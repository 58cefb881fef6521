"""Vector tiles (Mapbox Vector Tile 2.1) of the collections in the usual web tiling (WebMercatorQuad).

A tile is drawn from the same features that the items are: moved into the tile's own grid of 4,096 steps, cut at its
edge, simplified to the grid, and left out where nothing of a step's size remains. Tiles are for looking at; figures
stand in the properties, and exact shapes among the items.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import mapbox_vector_tile
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from api.ogc.collections import Collection, Feature, Source
from api.ogc.parameters import LIMIT_MAX, BadParameter, Query, Window

MVT: Final = "application/vnd.mapbox-vector-tile"
MATRIX_SET: Final = "WebMercatorQuad"
ZOOM_MAX: Final = 24
STEPS: Final = 4_096
_MARGIN: Final = 64
"""How far around a tile its shapes reach, in steps, so that outlines do not show at its edge."""
_AREAL, _LINEAR = 2, 1


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile by its zoom, its row from the north and its column from the west."""

    zoom: int
    row: int
    column: int

    def __post_init__(self) -> None:
        if not (0 <= self.zoom <= ZOOM_MAX and 0 <= self.row < 2**self.zoom and 0 <= self.column < 2**self.zoom):
            raise BadParameter(f"tile: zoom 0 to {ZOOM_MAX}, row and column below 2 to the power of the zoom")

    def bounds(self, margin: float = _MARGIN / STEPS) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, with a margin as a share of the tile."""
        count = 2.0**self.zoom
        west, east = ((self.column + k) / count * 360.0 - 180.0 for k in (-margin, 1.0 + margin))
        north, south = (
            math.degrees(math.atan(math.sinh(math.pi * (1.0 - 2.0 * (self.row + k) / count))))
            for k in (-margin, 1.0 + margin)
        )
        return max(west, -180.0), south, min(east, 180.0), north

    def steps(self, points: Any) -> Any:
        """Longitudes and latitudes, shape (n, 2), in the tile's grid: x to the east, y to the south."""
        count = 2.0**self.zoom * STEPS
        x = (points[:, 0] + 180.0) / 360.0 * count - self.column * STEPS
        y = (1.0 - np.arcsinh(np.tan(np.radians(points[:, 1]))) / np.pi) / 2.0 * count - self.row * STEPS
        return np.column_stack([x, y])


def drawn(it: Collection, source: Source, cooperatives: tuple[str, ...], tile: Tile, window_ms: Window | None) -> bytes:
    """A tile of a collection; empty where nothing lies in it."""
    query = Query(area=shapely.box(*tile.bounds()), window_ms=window_ms, limit=LIMIT_MAX)
    features: list[dict[str, Any]] = []
    while True:
        page = source.page(cooperatives, query)
        features += [found for f in page.features if (found := _feature(it, f, tile)) is not None]
        if not page.more:
            break
        query = Query(query.area, query.window_ms, query.limit, query.crs, page.features[-1].identifier)
    if not features:
        return b""
    layer = {"name": it.identifier, "features": features}
    return bytes(mapbox_vector_tile.encode([layer], default_options={"y_coord_down": True, "extents": STEPS}))


def _feature(it: Collection, feature: Feature, tile: Tile) -> dict[str, Any] | None:
    if feature.geometry is None:
        return None
    geometry = _fitted(feature.geometry, tile)
    if geometry.is_empty:
        return None
    told = {name: feature.properties.get(name) for name in it.properties}
    properties = {"id": feature.identifier} | {name: value for name, value in told.items() if value is not None}
    return {"geometry": geometry, "properties": properties}


def _fitted(geometry: BaseGeometry, tile: Tile) -> BaseGeometry:
    """A shape in the tile's grid: cut, on whole steps, of the kind that it was."""
    kind = shapely.get_dimensions(geometry)
    moved = shapely.transform(shapely.force_2d(geometry), tile.steps)
    cut = shapely.clip_by_rect(moved, -_MARGIN, -_MARGIN, STEPS + _MARGIN, STEPS + _MARGIN)
    plain = shapely.simplify(cut, 0.5) if kind == _LINEAR else cut
    snapped = shapely.set_precision(plain, 1.0, mode="valid_output" if kind == _AREAL else "pointwise")
    parts: list[Any] = [p for p in shapely.get_parts(snapped) if shapely.get_dimensions(p) == kind and not p.is_empty]
    if not parts:
        return shapely.GeometryCollection()
    if len(parts) == 1:
        only: BaseGeometry = parts[0]
        return only
    if kind == _AREAL:
        return shapely.MultiPolygon(parts)
    return shapely.MultiLineString(parts) if kind == _LINEAR else shapely.MultiPoint(parts)
