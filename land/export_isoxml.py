"""Plots as part fields of ISO 11783-10 task data (ISOXML), for terminals of farm machines. Always WGS 84."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

from shapely import get_parts

from core.model.land import Plot
from land.export_columns import Sheet, plot_areas_m2
from land.isoxml_fields import OUR_NAME, TASKDATA

_ROOT: Final = {
    "VersionMajor": "3",
    "VersionMinor": "3",
    "ManagementSoftwareManufacturer": OUR_NAME,
    "ManagementSoftwareVersion": "1",
    "DataTransferOrigin": "1",
}
_TEXT_CHARACTERS: Final = 32
_DECIMALS: Final = 9
_BOUNDARY, _EXTERIOR, _INTERIOR, _OTHER_POINT = "1", "1", "2", "2"
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def task_data(path: Path, sheet: Sheet) -> list[str]:
    """A TASKDATA.XML of version 3.3.

    A part field (PFD) has the plot's identifier as code (B), its name, or else its identifier, as designator (C), and
    its area (D, whole m²). A part is a polygon (PLN, type 1), its rings (LSG) are type 1 outside, 2 for holes, closed.
    Returns in words which texts were cut at the 32 characters that the standard allows.
    """
    notes = _long(sheet.plots)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f"<ISO11783_TaskData{attributes(_ROOT)}>"]
    areas_m2 = plot_areas_m2(sheet.plots).tolist()
    for number, (plot, boundary, m2) in enumerate(zip(sheet.plots, sheet.boundaries, areas_m2, strict=True), start=1):
        field = {
            "A": f"PFD{number}",
            "B": plot.plot[:_TEXT_CHARACTERS],
            "C": (plot.name or plot.plot)[:_TEXT_CHARACTERS],
            "D": f"{m2:.0f}",
        }
        lines.append(f"<PFD{attributes(field)}>")
        for polygon in get_parts(boundary):
            lines += [f"<PLN{attributes({'A': _BOUNDARY})}>", *_rings(polygon), "</PLN>"]
        lines.append("</PFD>")
    lines.append("</ISO11783_TaskData>")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return notes


def zipped_task_data(path: Path, sheet: Sheet) -> list[str]:
    """A zip that holds TASKDATA/TASKDATA.XML."""
    inside = path.with_name(f"{path.name}.part")
    notes = task_data(inside, sheet)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inside, f"TASKDATA/{TASKDATA}")
    inside.unlink()
    return notes


def _rings(polygon: Any) -> list[str]:
    """The rings of a polygon, each with its first corner repeated at the end."""
    lines: list[str] = []
    for kind, ring in ((_EXTERIOR, polygon.exterior), *((_INTERIOR, hole) for hole in polygon.interiors)):
        lines.append(f"<LSG{attributes({'A': kind})}>")
        for lon, lat in ring.coords:
            corner = {"A": _OTHER_POINT, "C": f"{lat:.{_DECIMALS}f}", "D": f"{lon:.{_DECIMALS}f}"}
            lines.append(f"<PNT{attributes(corner)}/>")
        lines.append("</LSG>")
    return lines


def readable(text: str) -> str:
    """A text without what XML cannot hold."""
    return _NOT_XML.sub(" ", text)


def attributes(values: Mapping[str, str]) -> str:
    """Attributes of an element, each after a space."""
    return "".join(f" {name}={quoteattr(readable(value))}" for name, value in values.items())


def _long(plots: tuple[Plot, ...]) -> list[str]:
    """Which texts do not fit into the standard's 32 characters."""
    notes = []
    for what, texts in (("plot", [p.plot for p in plots]), ("name", [p.name for p in plots])):
        long = [text for text in texts if len(text) > _TEXT_CHARACTERS]
        if long:
            notes.append(f"{what} is cut at {_TEXT_CHARACTERS} characters: {len(long)} plots, the first is {long[0]!r}")
    return notes
