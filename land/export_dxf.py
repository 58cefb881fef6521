r"""Plots as a DXF drawing: closed polylines, one layer per plot, the plot's identifier as a text inside.

Written by hand as R12 (AC1009), which every CAD program reads: GDAL's driver leaves the rings open and writes layer
names in UTF-8 where its own header promises Windows-1252. Letters beyond ASCII stand as ``\U+1ED9``, as DXF has them
up to R2004 (ezdxf.readthedocs.io, "DXF File Encoding").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from core.model.land import Boundary
from land.drawings import layer_name
from land.export_columns import Sheet
from land.export_csv import DECIMALS, numbered_rings

_TEXT_HEIGHT_M: Final = 2.0
_CONTROL: Final = re.compile(r"[\x00-\x1f]")

Group = tuple[int, Any]
"""A group code and its value: what a DXF file is a list of."""


def drawing(path: Path, sheet: Sheet) -> list[str]:
    """A DXF with a .prj beside it; returns which plots lie on a layer of another name, since CAD forbids theirs."""
    layers = _layers([plot.plot for plot in sheet.plots])
    groups = [*_header(sheet), *_table(layers.values()), (0, "SECTION"), (2, "ENTITIES")]
    for plot, boundary in zip(sheet.plots, sheet.boundaries, strict=True):
        groups += _entities(layers[plot.plot], plot.plot, boundary)
    groups += [(0, "ENDSEC"), (0, "EOF")]
    path.write_text(
        "".join(f"{code:3d}\n{_value(value)}\n" for code, value in groups), encoding="ascii", newline="\r\n"
    )
    path.with_suffix(".prj").write_text(sheet.target.prj, encoding="ascii")
    return [f"plot {plot!r} is on layer {layer!r}" for plot, layer in layers.items() if plot != layer]


def _layers(plots: Iterable[str]) -> dict[str, str]:
    """A layer name per plot: without the characters that CAD forbids, and unique in any case."""
    made: dict[str, str] = {}
    taken = {"0"}
    for plot in plots:
        wanted = name = layer_name(plot)
        suffix = 1
        while name.casefold() in taken:
            suffix += 1
            name = f"{wanted}_{suffix}"
        taken.add(name.casefold())
        made[plot] = name
    return made


def _header(sheet: Sheet) -> list[Group]:
    west, south, east, north = map(float, shapely.total_bounds(np.array(sheet.boundaries, dtype=object)))
    return [
        (999, f"Canh Dong: {sheet.target.crs}, {sheet.target.way.name}; x is the easting, y the northing, metres"),
        *[(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009"), (9, "$DWGCODEPAGE"), (3, "ANSI_1252")],
        *[(9, "$EXTMIN"), (10, west), (20, south), (30, 0.0), (9, "$EXTMAX"), (10, east), (20, north), (30, 0.0)],
        (0, "ENDSEC"),
    ]


def _table(layers: Iterable[str]) -> list[Group]:
    names = ["0", *layers]
    made: list[Group] = [(0, "SECTION"), (2, "TABLES"), (0, "TABLE"), (2, "LAYER"), (70, len(names))]
    for name in names:
        made += [(0, "LAYER"), (2, name), (70, 0), (62, 7), (6, "CONTINUOUS")]
    return [*made, (0, "ENDTAB"), (0, "ENDSEC")]


def _entities(layer: str, label: str, boundary: Boundary) -> Iterator[Group]:
    """A closed polyline per ring, then the label at a point inside."""
    closed = 1
    for _, _, corners in numbered_rings(boundary):
        yield from [(0, "POLYLINE"), (8, layer), (66, 1), *_point(0.0, 0.0), (70, closed)]
        for east, north in corners:
            yield from [(0, "VERTEX"), (8, layer), *_point(east, north)]
        yield from [(0, "SEQEND"), (8, layer)]
    inside = boundary.representative_point()
    yield from [(0, "TEXT"), (8, layer), *_point(inside.x, inside.y), (40, _TEXT_HEIGHT_M)]
    yield 1, _CONTROL.sub(" ", label)


def _point(east: float, north: float) -> list[Group]:
    return [(10, east), (20, north), (30, 0.0)]


def _value(value: Any) -> str:
    """A value as ASCII."""
    if isinstance(value, float):
        return f"{value:.{DECIMALS}f}"
    utf16 = str(value).encode("utf-16-be", errors="replace")
    units = (int.from_bytes(utf16[i : i + 2], "big") for i in range(0, len(utf16), 2))
    return "".join(chr(unit) if unit < 128 else f"\\U+{unit:04X}" for unit in units)  # noqa: PLR2004 - ASCII
