"""A picture of sprayed plots as one SVG text that opens alone: boundary, swaths, overlaps, missed parts, legend.

Colours are from the palette of Okabe and Ito, which people with colour-blindness can tell apart; missed parts are
hatched as well. Every text is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

import shapely
from shapely import Polygon
from shapely.geometry.base import BaseGeometry

from core.model.coverage import Coverage, PlotCoverage
from core.terms import Language, term
from core.units import ha
from geo.shapes import PlotShapes, Shapes, sizeable

MAX_BYTES: Final = 190_000
MARGIN_PX: Final = 16
TITLE_PX: Final = 54
LEGEND_ROW_PX: Final = 26
TWO_COLUMNS_PX: Final = 720
"""Narrower pictures have their legend in one column."""
M_PER_KM: Final = 1000.0
MAP_PX: Final = (220, 720)
"""Least and greatest height of the map."""
AROUND: Final = 0.06
LEAST_AROUND_M: Final = 4.0
_FONT: Final = 'font-family="Segoe UI, Noto Sans, DejaVu Sans, Arial, sans-serif"'
_INK: Final = "#1f2a30"
_COLOURS: Final = {
    "ground": "#f6f4ec",
    "plot": "#fffdf6",
    "net": "#8fd0b4",
    "overlap": "#e69f00",
    "missed": "#d1361b",
    "off_target": "#8e5bb5",
    "track": "#24475c",
}


@dataclass(frozen=True, slots=True)
class _View:
    """A window of the plane, west and north edge in metres, drawn at ``px_per_m`` from (MARGIN_PX, TITLE_PX)."""

    west: float
    north: float
    px_per_m: float
    width_px: float
    height_px: float

    @classmethod
    def of(cls, bounds: tuple[float, float, float, float], width_px: float) -> _View:
        """The window around bounds (metres) that is ``width_px`` wide."""
        west, south, east, north = bounds
        pad = max(AROUND * max(east - west, north - south), LEAST_AROUND_M)
        wide, high = east - west + 2.0 * pad, north - south + 2.0 * pad
        height_px = min(max(high / wide * width_px, MAP_PX[0]), MAP_PX[1])
        scale = min(width_px / wide, height_px / high)
        middle_x, middle_y = (west + east) / 2.0, (south + north) / 2.0
        return cls(middle_x - width_px / scale / 2, middle_y + height_px / scale / 2, scale, width_px, height_px)

    @property
    def window(self) -> Polygon:
        """The window as a rectangle of the plane."""
        east, south = self.west + self.width_px / self.px_per_m, self.north - self.height_px / self.px_per_m
        return shapely.box(self.west, south, east, self.north)

    @property
    def frame(self) -> str:
        """Position and size of the map in the picture, as attributes of a rectangle."""
        return f'x="{MARGIN_PX}" y="{TITLE_PX}" width="{self.width_px:.0f}" height="{self.height_px:.0f}"'

    def points(self, line: BaseGeometry) -> str:
        """Coordinates of a line or ring, as an SVG path."""
        points = [
            f"{MARGIN_PX + (x - self.west) * self.px_per_m:.1f} {TITLE_PX + (self.north - y) * self.px_per_m:.1f}"
            for x, y in shapely.get_coordinates(line).tolist()
        ]
        return "M" + "L".join(points)


def plot_svg(
    shapes: Shapes,
    coverage: Coverage,
    plot: str | None = None,
    language: Language = "vi",
    width_px: int = 800,
) -> str:
    """Draw one plot, or all plots of a result.

    Args:
        shapes: The geometries of a result.
        coverage: Its figures, for the legend.
        plot: Identifier of the plot to draw; None draws all.
        language: Of the labels.
        width_px: Width of the picture; its height follows the plots, at most about 1,000 px.

    Returns:
        An SVG document, at most 200 kB: lines are simplified (from 0.3 px on) until it is small enough.

    Raises:
        KeyError: There is no such plot in the result.
    """
    drawn = [p for p in shapes.plots if plot is None or p.plot.plot == plot]
    if plot is not None and not drawn:
        raise KeyError(plot)
    figures = next((f for f in coverage.plots if f.plot == plot), None)
    tolerance_px = 0.3
    while True:
        text = _document(shapes, drawn, coverage, figures, language, width_px, tolerance_px)
        if len(text.encode()) <= MAX_BYTES:
            return text
        tolerance_px *= 1.8


def _document(  # noqa: PLR0917 - what plot_svg was asked
    shapes: Shapes,
    drawn: list[PlotShapes],
    coverage: Coverage,
    figures: PlotCoverage | None,
    language: Language,
    width_px: int,
    tolerance_px: float,
) -> str:
    view = _View.of(_bounds(shapes, drawn), width_px - 2.0 * MARGIN_PX)
    legend = _legend(coverage, figures, language, bare=not shapes.plots)
    rows = _rows(legend, width_px)
    height = round(TITLE_PX + view.height_px + 14 + rows * LEGEND_ROW_PX + 14)
    parts = [
        _opening(width_px, height),
        _title(coverage, drawn, figures, language),
        _definitions(view),
        f'<rect width="{width_px}" height="{height}" fill="#ffffff"/>',
        _heading(coverage, drawn, figures, language),
        '<g clip-path="url(#map)">',
        f'<rect {view.frame} fill="{_COLOURS["ground"]}"/>',
        *_map(shapes, drawn, view, tolerance_px),
        "</g>",
        *_scale_bar(view),
        *_north(view, language),
        *_legend_rows(legend, TITLE_PX + view.height_px + 14, width_px),
        "</svg>",
    ]
    return "\n".join(p for p in parts if p)


def _opening(width_px: int, height: int) -> str:
    size = f'viewBox="0 0 {width_px} {height}" width="{width_px}" height="{height}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {_FONT} role="img">'


def _bounds(shapes: Shapes, drawn: list[PlotShapes]) -> tuple[float, float, float, float]:
    """What has to be seen: the plots, else the swaths, else the tracks, else a patch of ground."""
    for geometries in ([p.boundary for p in drawn], shapes.swaths, shapes.tracks):
        if len(geometries):
            west, south, east, north = shapely.total_bounds(geometries).tolist()
            return west, south, east, north
    return -50.0, -50.0, 50.0, 50.0


def _map(shapes: Shapes, drawn: list[PlotShapes], view: _View, tolerance_px: float) -> list[str]:
    tolerance_m = tolerance_px / view.px_per_m
    smallest_m2 = (1.2 / view.px_per_m) ** 2
    window = view.window

    def area(geometry: BaseGeometry, style: str) -> str:
        seen = sizeable(shapely.simplify(geometry, tolerance_m).intersection(window), smallest_m2)
        return _path((r for p in seen.geoms for r in (p.exterior, *p.interiors)), view.points, style, close="Z")

    def each(name: str, style: str) -> list[str]:
        return [area(getattr(p, name), style) for p in drawn]

    off = _COLOURS["off_target"] if shapes.plots else _COLOURS["net"]
    lines = shapely.get_parts(
        shapely.simplify(shapely.MultiLineString(shapes.tracks), tolerance_m).intersection(window)
    )
    return [
        *each("boundary", f'fill="{_COLOURS["plot"]}"'),
        area(shapes.off_target, f'fill="{off}" fill-opacity="0.55"'),
        *each("net", f'fill="{_COLOURS["net"]}"'),
        *each("overlap", f'fill="{_COLOURS["overlap"]}" fill-opacity="0.85"'),
        *each("missed", f'fill="url(#hatch)" stroke="{_COLOURS["missed"]}" stroke-width="0.8"'),
        _path(
            (line for line in lines if line.geom_type == "LineString"),
            view.points,
            f'fill="none" stroke="{_COLOURS["track"]}" stroke-width="0.7" stroke-opacity="0.55"',
        ),
        *each("boundary", f'fill="none" stroke="{_INK}" stroke-width="2" stroke-linejoin="round"'),
    ]


def _path(lines: Iterable[BaseGeometry], points: Callable[[BaseGeometry], str], style: str, close: str = "") -> str:
    data = "".join(points(line) + close for line in lines)
    return f'<path {style} fill-rule="evenodd" d="{data}"/>' if data else ""


def _definitions(view: _View) -> str:
    return (
        '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        f'<rect width="6" height="6" fill="#fbe3dc"/><path d="M0 0V6" stroke="{_COLOURS["missed"]}" '
        'stroke-width="2.4"/></pattern>'
        f'<clipPath id="map"><rect {view.frame} rx="6"/></clipPath></defs>'
    )


def _name(drawn: list[PlotShapes], figures: PlotCoverage | None, language: Language) -> str:
    if figures is None and len(drawn) != 1:
        return f"{term('plots', language)}: {len(drawn)}"
    one = drawn[0].plot
    return one.name or f"{term('plot', language)} {one.plot}"


def _title(coverage: Coverage, drawn: list[PlotShapes], figures: PlotCoverage | None, language: Language) -> str:
    return f"<title>{escape(_name(drawn, figures, language))} · {escape(coverage.flight)}</title>"


def _heading(coverage: Coverage, drawn: list[PlotShapes], figures: PlotCoverage | None, language: Language) -> str:
    second = f"{term('flight', language)} {coverage.flight}"
    return (
        f'<text x="{MARGIN_PX}" y="25" font-size="18" font-weight="600" fill="{_INK}">'
        f"{escape(_name(drawn, figures, language))}</text>"
        f'<text x="{MARGIN_PX}" y="43" font-size="12" fill="#5b6a72">{escape(second)}</text>'
    )


def _scale_bar(view: _View) -> list[str]:
    """A bar of a round number of metres, a fifth of the map wide at most."""
    longest_m = view.width_px / 5.0 / view.px_per_m
    decade = 10.0 ** math.floor(math.log10(longest_m))
    length_m = max(f * decade for f in (1, 2, 5) if f * decade <= longest_m)
    x, y = MARGIN_PX + 14.0, TITLE_PX + view.height_px - 14.0
    wide = length_m * view.px_per_m
    label = f"{length_m:g} m" if length_m < M_PER_KM else f"{length_m / M_PER_KM:g} km"
    box = f'x="{x - 8:.1f}" y="{y - 24:.1f}" width="{wide + 16:.1f}" height="32" rx="4"'
    line = f"M{x:.1f} {y - 5:.1f}V{y:.1f}H{x + wide:.1f}V{y - 5:.1f}"
    text = f'x="{x + wide / 2:.1f}" y="{y - 9:.1f}" font-size="11" text-anchor="middle"'
    return [
        f'<rect {box} fill="#ffffff" fill-opacity="0.85"/>',
        f'<path d="{line}" fill="none" stroke="{_INK}" stroke-width="1.6"/>',
        f'<text {text} fill="{_INK}">{label}</text>',
    ]


def _north(view: _View, language: Language) -> list[str]:
    x, y = MARGIN_PX + view.width_px - 24.0, TITLE_PX + 14.0
    text = f'x="{x:.1f}" y="{y + 30:.1f}" font-size="11" font-weight="600" text-anchor="middle"'
    return [
        f'<circle cx="{x:.1f}" cy="{y + 15:.1f}" r="20" fill="#ffffff" fill-opacity="0.85"/>',
        f'<path d="M{x:.1f} {y:.1f}l6 18l-6 -4l-6 4z" fill="{_INK}"/>',
        f'<text {text} fill="{_INK}">{term("north", language)}</text>',
    ]


def _legend(
    coverage: Coverage, figures: PlotCoverage | None, language: Language, *, bare: bool
) -> list[tuple[str, str, str]]:
    """Kind, label and figure of every entry; ``bare``: there are no plots, only what was treated."""
    if bare:
        return [
            ("net", term("net", language), _ha(coverage.net_m2)),
            ("track", term("track", language), f"{coverage.distance_m / M_PER_KM:.2f} km"),
        ]
    area, net, overlap, missed = (
        (figures.area_m2, figures.net_m2, figures.overlap_m2, figures.missed_m2)
        if figures
        else (coverage.plots_area_m2, coverage.plots_net_m2, coverage.plots_overlap_m2, coverage.plots_missed_m2)
    )
    off = "" if figures else _ha(coverage.off_target_m2)
    return [
        ("boundary", term("area", language), _ha(area)),
        ("net", term("net", language), f"{_ha(net)} ({100.0 * net / area if area else 0.0:.1f} %)"),
        ("overlap", term("overlap", language), _ha(overlap)),
        ("missed", term("missed", language), _ha(missed)),
        ("off_target", term("off_target", language), off),
        ("track", term("track", language), "" if figures else f"{coverage.distance_m / M_PER_KM:.2f} km"),
    ]


def _ha(area_m2: float) -> str:
    return f"{ha(area_m2):.3f} ha"


def _rows(entries: list[tuple[str, str, str]], width_px: int) -> int:
    """In two columns, or in one where there is no room for two."""
    return math.ceil(len(entries) / (2 if width_px >= TWO_COLUMNS_PX else 1))


def _legend_rows(entries: list[tuple[str, str, str]], top: float, width_px: int) -> list[str]:
    """Entries in columns, read downwards."""
    rows = _rows(entries, width_px)
    wide = (width_px - 2 * MARGIN_PX) / math.ceil(len(entries) / rows)
    parts = []
    for k, (kind, label, figure) in enumerate(entries):
        x, y = MARGIN_PX + (k // rows) * wide, top + (k % rows) * LEGEND_ROW_PX
        at = f'y="{y + 18:.1f}" font-size="14" fill="{_INK}"'
        parts.append(_swatch(kind, x, y + 4))
        parts.append(f'<text x="{x + 38:.1f}" {at}>{escape(label)}</text>')
        parts.append(f'<text x="{x + wide - 28:.1f}" {at} font-weight="600" text-anchor="end">{figure}</text>')
    return parts


def _swatch(kind: str, x: float, y: float) -> str:
    if kind == "track":
        return f'<path d="M{x:.1f} {y + 9:.1f}h28" stroke="{_COLOURS["track"]}" stroke-width="1.4"/>'
    style = {
        "boundary": f'fill="{_COLOURS["plot"]}" stroke="{_INK}" stroke-width="2"',
        "missed": f'fill="url(#hatch)" stroke="{_COLOURS["missed"]}"',
        "off_target": f'fill="{_COLOURS["off_target"]}" fill-opacity="0.55"',
    }.get(kind, f'fill="{_COLOURS.get(kind, _INK)}"')
    return f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="27" height="16" rx="2" {style}/>'
