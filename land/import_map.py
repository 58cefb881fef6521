"""A map of what an import would do: as an SVG picture, and in dots for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
import shapely
from shapely import MultiPolygon

from core.model.fixtable import Floats
from core.model.land import Boundary
from core.units import M_PER_DEG
from land.report import Feature, Status

_COLOURS: Final = {Status.OK: "#2e7d32", Status.REPAIRED: "#ef6c00"}
_WIDTH_PX: Final = 900.0
_EDGE_PX: Final = 24.0
_LABELS: Final = 300
_BRAILLE: Final = 0x2800
_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def svg(features: Sequence[Feature], title: str) -> str:
    """The plots of an import with their names: green as they are, orange repaired; north is up.

    Args:
        features: Those that can be taken are drawn, the others counted.
        title: Stands above.
    """
    shown = [f for f in features if f.made is not None]
    refused = len(features) - len(shown)
    if not shown:
        return _page(_WIDTH_PX, 3 * _EDGE_PX, [_text(_EDGE_PX, _EDGE_PX, f"{title}: 0 / {refused}")])
    west, south, east, north = _bounds([f.made.boundary for f in shown if f.made])
    squeeze = np.cos(np.radians((south + north) / 2.0))
    scale = (_WIDTH_PX - 2 * _EDGE_PX) / max((east - west) * squeeze, (north - south), 1e-9)

    def place(points: Floats) -> str:
        x = (points[:, 0] - west) * squeeze * scale + _EDGE_PX
        y = (north - points[:, 1]) * scale + 3 * _EDGE_PX
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))

    height = (north - south) * scale + 4 * _EDGE_PX
    width_m = (east - west) * squeeze * M_PER_DEG
    words = f"{title}: {len(shown)} nhận / taken, {refused} từ chối / refused; {width_m:,.0f} m ngang / across"
    parts = [_text(_EDGE_PX, 1.5 * _EDGE_PX, words)]
    for f in shown:
        rings = [place(shapely.get_coordinates(ring)) for ring in _rings(f.made.boundary)] if f.made else []
        path = " ".join(f"M{ring}Z" for ring in rings)
        colour = _COLOURS[f.status]
        note = escape(f"{f.plot}: {f.area_m2:,.0f} m²{'; ' + f.reason if f.reason else ''}")
        parts.append(
            f'<path d="{path}" fill="{colour}" fill-opacity="0.25" stroke="{colour}" fill-rule="evenodd">'
            f"<title>{note}</title></path>"
        )
    if len(shown) <= _LABELS:
        for f in shown:
            x, y = place(np.array([[f.lon, f.lat]])).split(",")
            parts.append(f'<text x="{x}" y="{y}" font-size="9" text-anchor="middle">{escape(f.plot)}</text>')
    return _page(_WIDTH_PX, height, parts)


def dots(features: Sequence[Feature], columns: int = 72, rows: int = 20) -> str:
    """The outlines of an import's plots in Braille dots, north up; "" where there is nothing to draw.

    Args:
        features: Those that can be taken are drawn.
        columns: Greatest width in characters of two by four dots.
        rows: Greatest height in characters.
    """
    boundaries = [f.made.boundary for f in features if f.made is not None]
    if not boundaries:
        return ""
    west, south, east, north = _bounds(boundaries)
    squeeze = np.cos(np.radians((south + north) / 2.0))
    step = max((east - west) * squeeze / (2 * columns - 1), (north - south) / (4 * rows - 1), 1e-9)
    lines = shapely.segmentize(shapely.boundary(np.array(boundaries, object)), step / 2.0)
    points = shapely.get_coordinates(lines)
    x = np.rint((points[:, 0] - west) * squeeze / step).astype(int)
    y = np.rint((north - points[:, 1]) / step).astype(int)
    cells = np.zeros((y.max() // 4 + 1, x.max() // 2 + 1), np.int64)
    np.bitwise_or.at(cells, (y // 4, x // 2), np.array(_DOTS)[y % 4, x % 2])
    return "\n".join("".join(chr(_BRAILLE + int(cell)) for cell in row) for row in cells)


def _bounds(boundaries: Sequence[Boundary]) -> tuple[float, float, float, float]:
    west, south, east, north = shapely.total_bounds(np.array(boundaries, object)).tolist()
    return west, south, east, north


def _rings(boundary: Boundary) -> list[shapely.LinearRing]:
    parts = boundary.geoms if isinstance(boundary, MultiPolygon) else [boundary]
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]


def _text(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="15">{escape(words)}</text>'


def _page(width: float, height: float, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" font-family="sans-serif">'
    return "\n".join([head, f'<rect width="{width:.0f}" height="{height:.0f}" fill="white"/>', *parts, "</svg>\n"])
