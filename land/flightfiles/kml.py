"""KML 2.2: a flight is a folder of lines, one for each stretch flown with the implement on or off; a plot is an area.

Source: OGC 07-147r2. Always WGS 84; text is UTF-8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from core.exports import FlightPiece, Order, Rows, Subject, listed
from core.localtime import iso_utc
from land.export_isoxml import readable

_STYLES: Final = {"on": ("ff00a000", 4), "off": ("ff909090", 1), "area": ("ff00a000", 2)}
"""Colours are alpha, blue, green, red; then the width of the line."""


def stream(order: Order) -> Iterator[bytes]:
    """A document with a folder per flight, or a placemark per row of coverage."""
    yield _head(order.name)
    if order.subject is Subject.FIXES:
        for piece in order.pieces:
            yield _lines(piece)
    else:
        for rows in order.rows:
            yield _areas(order, rows)
    yield b"</Document>\n</kml>\n"


def _head(name: str) -> bytes:
    styles = "".join(
        f'<Style id="{key}"><LineStyle><color>{colour}</color><width>{width}</width></LineStyle>'
        f"<PolyStyle><color>40{colour[2:]}</color></PolyStyle></Style>\n"
        for key, (colour, width) in _STYLES.items()
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2">\n<Document>'
        f"<name>{_text(name)}</name>\n{styles}"
    ).encode()


def _lines(piece: FlightPiece) -> bytes:
    """The stretches of a piece; each ends where the next begins."""
    fixes = piece.fixes
    cuts = (np.flatnonzero(np.diff(fixes.on)) + 1).tolist()
    made = [f"<Folder><name>{_text(piece.flight.flight)}</name>\n"] if piece.first else []
    for start, end in zip([0, *cuts], [*cuts, len(fixes)], strict=True):
        state = "on" if fixes.on[start] else "off"
        if start == len(fixes) - 1 and start:
            continue  # the last fix alone: the stretch before it ends there
        rows = slice(start, end + 1)
        points = zip(fixes.lon_deg[rows].tolist(), fixes.lat_deg[rows].tolist(), strict=True)
        last = min(end, len(fixes) - 1)
        made.append(
            f"<Placemark><name>{state}</name><TimeSpan><begin>{iso_utc(int(fixes.ts_ms[start]))}</begin>"
            f"<end>{iso_utc(int(fixes.ts_ms[last]))}</end></TimeSpan><styleUrl>#{state}</styleUrl>"
            f"<LineString><coordinates>{' '.join(f'{lon:.7f},{lat:.7f}' for lon, lat in points)}"
            "</coordinates></LineString></Placemark>\n"
        )
    if piece.last:
        made.append("</Folder>\n")
    return "".join(made).encode()


def _areas(order: Order, rows: Rows) -> bytes:
    names = [column.name for column in order.columns]
    made = []
    for shape, values in zip(rows.shapes, zip(*listed(order.columns, rows), strict=True), strict=True):
        told = dict(zip(names, values, strict=True))
        title = f"{told['plot_name'] or told['plot'] or told['kind']} {told['day']}"
        data = "".join(
            f'<Data name="{name}"><value>{_text(str(value))}</value></Data>'
            for name, value in told.items()
            if value is not None
        )
        made.append(
            f"<Placemark><name>{_text(title)}</name><styleUrl>#area</styleUrl><ExtendedData>{data}</ExtendedData>"
            f"{_geometry(shape)}</Placemark>\n"
        )
    return "".join(made).encode()


def _geometry(shape: BaseGeometry | None) -> str:
    if shape is None:
        return ""
    return f"<MultiGeometry>{''.join(_polygon(it) for it in shapely.get_parts(shape))}</MultiGeometry>"


def _polygon(polygon: Any) -> str:
    rings = [("outerBoundaryIs", polygon.exterior), *(("innerBoundaryIs", it) for it in polygon.interiors)]
    return (
        "<Polygon>"
        + "".join(
            f"<{kind}><LinearRing><coordinates>"
            f"{' '.join(f'{lon:.9f},{lat:.9f}' for lon, lat, *_ in ring.coords)}</coordinates></LinearRing></{kind}>"
            for kind, ring in rings
        )
        + "</Polygon>"
    )


def _text(text: str) -> str:
    return escape(readable(text))
