"""What an export says of each plot beside its boundary: columns, their short names, and texts that had to be cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely

from core.localtime import local_day
from core.model.fixtable import Floats
from core.model.land import Boundary, Plot
from land.boundaries import areas_m2
from land.export_target import Target

_CM2: Final = 2

TEXTS: Final = (
    "plot",
    "name",
    "crop",
    "season",
    "kind",
    "growing_area",
    "member",
    "cadastral",
    "source_unit",
    "source_date",
    "source_crs",
)
"""Attributes of a plot that are texts; an empty one is null in the file."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is to be written: plots, and their boundaries in the CRS of the file, both of length n."""

    plots: tuple[Plot, ...]
    boundaries: tuple[Boundary, ...]
    target: Target


def sheet(plots: Sequence[Plot], target: Target) -> Sheet:
    """Plots with their boundaries in the CRS of the file."""
    return Sheet(tuple(plots), tuple(target.way.geometry(plot.boundary) for plot in plots), target)


def columns(plots: Sequence[Plot]) -> dict[str, Any]:
    """The attributes as columns of shape (n,): texts with None for what is not known, figures with NaN.

    ``area_m2`` is geodesic, ``valid_from`` the local date since when the version counts (None: ever since).
    """
    made: dict[str, Any] = {name: _texts([getattr(plot, name) or None for plot in plots]) for name in TEXTS}
    made["declared_area_m2"] = np.array([plot.declared_area_m2 for plot in plots], np.float64)
    made["version"] = np.array([plot.version for plot in plots], np.int32)
    made["area_m2"] = plot_areas_m2(plots).round(_CM2)
    made["valid_from"] = _texts([local_day(p.valid_from_ms) if p.valid_from_ms else None for p in plots])
    return made


def plot_areas_m2(plots: Sequence[Plot]) -> Floats:
    """Areas of plots on the ellipsoid, holes taken off; shape (n,)."""
    return areas_m2(shapely.orient_polygons(np.array([plot.boundary for plot in plots], object)))


def cut(columns: dict[str, Any], limit_b: int) -> tuple[dict[str, Any], list[str]]:
    """The columns with texts of at most so many bytes of UTF-8, and in words what was cut.

    Args:
        columns: As :func:`columns` makes them.
        limit_b: What a text of the format may hold.
    """
    made, notes = dict(columns), []
    for name, values in columns.items():
        if values.dtype != object:
            continue
        long = [row for row, text in enumerate(values) if text and len(text.encode()) > limit_b]
        if not long:
            continue
        made[name] = _texts([text and text.encode()[:limit_b].decode(errors="ignore") for text in values])
        first = columns["plot"][long[0]]
        notes.append(
            f"{name} is cut at {limit_b} bytes, as the format wants: {len(long)} plots, the first is {first!r}"
        )
    return made, notes


def _texts(values: Sequence[str | None]) -> Any:
    return np.array(values, dtype=object)
