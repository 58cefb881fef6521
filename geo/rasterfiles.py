"""Dose grids as files: GeoTIFF for GIS, PNG for people. Pillow writes both.

The GeoTIFF keeps the equal-area plane that the dose was computed in, so the sum of its cells times their area is the
amount; its CRS is told by GeoKeys (OGC 19-008r4). Colours are ColorBrewer's PuOr: people with colour-blindness can
tell them apart, and they differ in lightness, too.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from geo.dosemap import DoseGrid

CLASSES: Final = ((0.0, 0.5), (0.5, 0.8), (0.8, 1.2), (1.2, 1.5), (1.5, float("inf")))
"""Classes of the dose as shares of the planned one: from (inclusive) to (exclusive)."""
COLOURS: Final = ("#e66101", "#fdb863", "#f1f1f1", "#b2abd2", "#5e3c99")
_TOUCHED: Final = 1e-9
_PIXEL_SCALE, _TIE_POINT, _KEYS, _DOUBLES, _TEXTS, _GDAL_METADATA = 33550, 33922, 34735, 34736, 34737, 42112
_SHORT, _DOUBLE = 3, 12
_ASCII: Final = 2


def write_geotiff(path: Path, grid: DoseGrid) -> None:
    """Write the dose per hectare as one band of 32-bit numbers, compressed without loss.

    Raises:
        OSError: The file cannot be written.
    """
    tags = ImageFileDirectory_v2()
    doubles = (0.0, 0.0, grid.plane.lon0_deg, grid.plane.lat0_deg)
    values: list[tuple[int, int, object]] = [
        (_PIXEL_SCALE, _DOUBLE, (grid.cell_m, grid.cell_m, 0.0)),
        (_TIE_POINT, _DOUBLE, (0.0, 0.0, 0.0, grid.west_m, grid.north_m, 0.0)),
        (_KEYS, _SHORT, _geo_keys()),
        (_DOUBLES, _DOUBLE, doubles),
        (_TEXTS, _ASCII, _CITATION),
        (_GDAL_METADATA, _ASCII, _metadata(grid.unit)),
    ]
    for tag, kind, value in values:
        tags.tagtype[tag] = kind
        tags[tag] = value
    Image.fromarray(grid.dose.astype(np.float32)).save(path, "TIFF", compression="tiff_adobe_deflate", tiffinfo=tags)


_CITATION: Final = "Canh Dong local equal-area plane|"


def _geo_keys() -> tuple[int, ...]:
    """A projected CRS of its own: Lambert azimuthal equal area on WGS 84; doubles stand in their own tag."""
    keys = [
        (1024, 0, 1, 1),  # GTModelType: projected
        (1025, 0, 1, 1),  # GTRasterType: a pixel is an area
        (1026, _TEXTS, len(_CITATION), 0),
        (2048, 0, 1, 4326),  # GeodeticCRS: WGS 84
        (3072, 0, 1, 32767),  # ProjectedCRS: told by the keys below
        (3074, 0, 1, 32767),
        (3075, 0, 1, 10),  # ProjMethod: Lambert azimuthal equal area
        (3076, 0, 1, 9001),  # metres
        (3082, _DOUBLES, 1, 0),  # false easting, northing
        (3083, _DOUBLES, 1, 1),
        (3088, _DOUBLES, 1, 2),  # centre's longitude, latitude
        (3089, _DOUBLES, 1, 3),
    ]
    return (1, 1, 0, len(keys), *(number for key in keys for number in key))


def _metadata(unit: str) -> str:
    return (
        '<GDALMetadata><Item name="DESCRIPTION" sample="0" role="description">dose</Item>'
        f'<Item name="UNITTYPE" sample="0" role="unittype">{escape(unit)}</Item></GDALMetadata>'
    )


def write_png(path: Path, grid: DoseGrid, planned: float) -> None:
    """Write the dose in the colours of its classes, a pixel per cell; nothing was released where it is transparent.

    Args:
        path: Where to.
        grid: The dose.
        planned: The dose that was planned, in the grid's unit.

    Raises:
        OSError: The file cannot be written.
    """
    image = Image.fromarray(class_numbers(grid, planned).astype(np.uint8))
    palette = [0, 0, 0] + [int(colour[k : k + 2], 16) for colour in COLOURS for k in (1, 3, 5)]
    image.putpalette(palette)
    image.save(path, "PNG", transparency=0, optimize=True)


def class_numbers(grid: DoseGrid, planned: float) -> np.ndarray:
    """The class of each cell from 1 on, 0 where nothing was released; shape (rows, columns)."""
    numbers = np.searchsorted([low for low, _ in CLASSES], grid.dose / planned, side="right")
    return np.where(grid.dose > _TOUCHED * planned, numbers, 0)


def legend() -> list[tuple[str, str]]:
    """Colour and label (percent of the planned dose) of each class."""
    return [(colour, class_label(*limits)) for colour, limits in zip(COLOURS, CLASSES, strict=True)]


def class_label(low: float, high: float) -> str:
    """A class in percent of the planned dose."""
    return f"> {low:.0%}" if high == float("inf") else f"{low * 100:.0f}-{high * 100:.0f}%"
