"""Plots as a table of corner points, the way Vietnamese land offices write them: X is the northing, Y the easting."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from shapely import get_parts

from land.export_columns import Sheet

HEADER: Final = ("plot", "part", "ring", "vertex", "X (m)", "Y (m)")
DECIMALS: Final = 4


def vertex_table(path: Path, sheet: Sheet) -> list[str]:
    """A CSV with a row per corner, and a .prj beside it.

    Parts, rings and vertices count from 1; rings count through the plot, and the first ring of a part is its outer
    one, the others are holes. The last corner of a ring is joined to its first, which is not repeated. The text is
    UTF-8 with a byte order mark, which spreadsheets need to see Vietnamese letters.
    """
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for plot, boundary in zip(sheet.plots, sheet.boundaries, strict=True):
            for part, ring, corners in numbered_rings(boundary):
                for vertex, (east, north) in enumerate(corners, start=1):
                    writer.writerow((plot.plot, part, ring, vertex, f"{north:.{DECIMALS}f}", f"{east:.{DECIMALS}f}"))
    path.with_suffix(".prj").write_text(sheet.target.prj, encoding="ascii")
    return []


def numbered_rings(boundary: Any) -> Iterator[tuple[int, int, list[tuple[float, float]]]]:
    """Part, ring and corners (east, north; the first not repeated) of each ring, numbers from 1, rings by the plot."""
    ring = 0
    for part, polygon in enumerate(get_parts(boundary), start=1):
        for line in (polygon.exterior, *polygon.interiors):
            ring += 1
            yield part, ring, list(line.coords)[:-1]
