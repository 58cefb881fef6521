"""A layer as every reader hands it on: geometries, attributes, and what the file says of its CRS and axes."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import shapely
from numpy.typing import NDArray

Axes = Literal["xy", "yx"]
AXES: Final[tuple[Axes, ...]] = ("xy", "yx")
Geometries = NDArray[np.object_]
"""shapely geometries, None where a feature has none; shape (n,)."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a field file.

    Attributes:
        label: Names the layer in messages.
        crs: The CRS as the file states it, "" where it states none.
        geometries: In the file's own CRS and axis order, Z still there; shape (n,).
        columns: The attributes by name, shape (n,) each.
        notes: In words, what holds for the layer as a whole.
        remarks: By row, what was mended while reading.
        refusals: By row, why a feature has no geometry that can be used.
        lines: By row, the line of the file (empty where the format has no lines).
        northing_first: The columns are called X and Y, so that in VN-2000 the first one is the northing.
    """

    label: str
    crs: str
    geometries: Geometries
    columns: dict[str, Any]
    notes: tuple[str, ...] = ()
    remarks: dict[int, str] = field(default_factory=dict)
    refusals: dict[int, str] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    northing_first: bool = False


def plain_name(column: str) -> str:
    """A column's name without case, accents and signs: "Số hiệu điểm" is so_hieu_diem, "X (m)" is x_m."""
    flat = unicodedata.normalize("NFD", column.casefold().replace("đ", "d").replace("²", "2"))
    letters = "".join(c if c.isalnum() and c.isascii() else " " for c in flat if not unicodedata.combining(c))
    return "_".join(letters.split())


def geometries_of(wkb: Any, *, open_is_normal: bool) -> tuple[Geometries, dict[int, str], dict[int, str]]:
    """Geometries of WKB, open rings closed.

    Args:
        wkb: bytes or None, shape (n,).
        open_is_normal: The format leaves rings open (MapInfo): closing them is no remark.

    Returns:
        Geometries, and by row what was mended and what cannot be read.
    """
    with np.errstate(invalid="ignore"):
        made: Geometries = np.asarray(shapely.from_wkb(wkb, on_invalid="ignore"), object)
    remarks: dict[int, str] = {}
    refusals: dict[int, str] = {}
    for row in np.flatnonzero(shapely.is_missing(made)):
        if wkb[row] is None:
            continue
        try:
            made[row] = shapely.from_wkb(wkb[row], on_invalid="fix")
        except (shapely.errors.GEOSException, TypeError, ValueError) as error:
            refusals[int(row)] = f"has a geometry that cannot be read: {error}"
            continue
        if made[row] is None:
            refusals[int(row)] = "has a geometry that cannot be read"
        elif not open_is_normal:
            remarks[int(row)] = "had an open ring, closed"
    return made, remarks, refusals
