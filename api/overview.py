"""The small map of the first page: plots coloured by their covered share, drones as dots. Plain SVG, no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from shapely import Polygon, get_coordinates, get_parts

from core.model.land import Plot
from core.model.samples import Fix
from geo.projection import LocalPlane

_WIDTH_PX = 960
_TALLEST_PX = 720
_MARGIN_PX = 14
_DRONE_COLOURS = {True: "#c2410c", False: "#1f2937"}


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Where points of the local plane (m) lie on the picture (px)."""

    west: float
    south: float
    east: float
    north: float

    @property
    def scale(self) -> float:
        """Pixels per metre."""
        wide, tall = max(self.east - self.west, 1.0), max(self.north - self.south, 1.0)
        return min((_WIDTH_PX - 2 * _MARGIN_PX) / wide, (_TALLEST_PX - 2 * _MARGIN_PX) / tall)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in px."""
        wide, tall = self.east - self.west, self.north - self.south
        return wide * self.scale + 2 * _MARGIN_PX, tall * self.scale + 2 * _MARGIN_PX

    def px(self, x: float, y: float) -> tuple[float, float]:
        """A point of the plane on the picture."""
        return _MARGIN_PX + (x - self.west) * self.scale, _MARGIN_PX + (self.north - y) * self.scale

    def holds(self, x: float, y: float) -> bool:
        """Whether a point of the plane lies on the picture."""
        return self.west <= x <= self.east and self.south <= y <= self.north


def overview_svg(plots: Sequence[Plot], covered_pct: Mapping[str, float], drones: Iterable[Fix], label: str) -> str:
    """Draw plots and drones.

    Args:
        plots: At least one plot.
        covered_pct: Covered share by plot identifier, in percent; plots that are not named are white.
        drones: Last fix of each drone; those outside the plots' box are not drawn.
        label: What the picture shows, for people who do not see it.
    """
    points = np.vstack([get_coordinates(plot.boundary) for plot in plots])
    plane = LocalPlane.for_points(points[:, 0], points[:, 1])
    x, y = plane.xy(points[:, 0], points[:, 1])
    sheet = _Sheet(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    width, height = sheet.size
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" id="map" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(label)}" data-place="{_affine(plane, sheet)}" data-scale="{sheet.scale:.5f}">'
    )
    drawn = [_plot(plot, plane, sheet, covered_pct.get(plot.plot)) for plot in plots]
    dots = [_drone(fix, plane, sheet) for fix in drones]
    return "".join([head, *drawn, *dots, "</svg>"])


def _affine(plane: LocalPlane, sheet: _Sheet) -> str:
    """How a script places a drone: a, b, c of x = a + b (lon − lon0) + c (lat − lat0), those of y, then lon0 and lat0.

    Over a cooperative of 10 km the plane is that straight to a metre, which is less than a pixel.
    """
    half = 0.5 * max(sheet.east - sheet.west, sheet.north - sheet.south, 100.0)
    x0, y0 = (sheet.west + sheet.east) / 2.0, (sheet.south + sheet.north) / 2.0
    lon, lat = plane.lonlat(np.array([x0, x0 + half, x0]), np.array([y0, y0, y0 + half]))
    px = np.array([sheet.px(x, y) for x, y in ((x0, y0), (x0 + half, y0), (x0, y0 + half))])
    moved = np.array([[lon[1] - lon[0], lat[1] - lat[0]], [lon[2] - lon[0], lat[2] - lat[0]]])
    slopes = np.linalg.solve(moved, px[1:] - px[0])
    terms = (px[0, 0], slopes[0, 0], slopes[1, 0], px[0, 1], slopes[0, 1], slopes[1, 1], lon[0], lat[0])
    return " ".join(f"{float(it):.10g}" for it in terms)


def _plot(plot: Plot, plane: LocalPlane, sheet: _Sheet, share: float | None) -> str:
    boundary = plane.to_plane(plot.boundary).simplify(0.5 / sheet.scale)
    parts = [part for part in get_parts(boundary) if isinstance(part, Polygon)]
    rings = [ring for polygon in parts for ring in (polygon.exterior, *polygon.interiors)]
    path = " ".join(
        "M" + "L".join("{:.1f} {:.1f}".format(*sheet.px(*point[:2])) for point in ring.coords[:-1]) + "Z"
        for ring in rings
    )
    title = escape(plot.name or plot.plot) + ("" if share is None else f": {share:.0f} %")
    style = f'fill="{_shade(share)}" fill-rule="evenodd" stroke="#57534e" stroke-width="0.8"'
    known = f'data-plot="{escape(plot.plot)}" data-share="{share or 0.0:.1f}"'
    return f'<path {known} d="{path}" {style}><title>{title}</title></path>'


def _drone(fix: Fix, plane: LocalPlane, sheet: _Sheet) -> str:
    at = plane.xy(np.array([fix.lon_deg]), np.array([fix.lat_deg]))
    x, y = float(at[0][0]), float(at[1][0])
    if not sheet.holds(x, y):
        return ""
    cx, cy = sheet.px(x, y)
    style = f'r="5" fill="{_DRONE_COLOURS[fix.on]}" stroke="#fff" stroke-width="1.5"'
    known = f'data-drone="{escape(fix.device)}"'
    return f'<circle {known} cx="{cx:.1f}" cy="{cy:.1f}" {style}><title>{escape(fix.device)}</title></circle>'


def _shade(share: float | None) -> str:
    """White to dark green by the covered share in percent."""
    if share is None:
        return "#fafaf9"
    t = min(max(share, 0.0), 100.0) / 100.0
    low, high = (220, 240, 213), (47, 133, 72)
    return "#" + "".join(f"{round(a + (b - a) * t):02x}" for a, b in zip(low, high, strict=True))
