"""Plots from any field file that GDAL reads: GeoJSON, GeoPackage, (zipped) shapefile, KML, FlatGeobuf ...

An area column counts as the declared area only where its name carries the unit (``area_m2``, ``dientich_ha``); texts
of a dBASE file such as "2499,2" reach us as 2499 already, so that declared areas may lack their decimals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.errors import ConfigError, FieldFileError
from core.model.land import Plot
from core.model.samples import NAN
from core.units import M2_PER_HA
from land.boundaries import to_boundary
from land.crs import ToWgs84, transformer
from land.datasets import Layer, layers, sources

_ID_COLUMNS: Final = ("plot", "id", "name")
# GDAL gives every KML these columns; its ``id`` is the XML identifier of the placemark, which no one sees.
_KML_MARKS: Final = frozenset({"altitudeMode", "tessellate", "drawOrder"})
_KML_ID_COLUMNS: Final = ("plot", "name", "id")
_CROP_COLUMNS: Final = ("crop", "crop_name", "cay_trong")
_SHOWN: Final = 5
_AREA_COLUMN: Final = re.compile(r"^(?:area|flaeche|dien_?tich|declared_area)_(m2|ha)$")


@dataclass(frozen=True, slots=True)
class FieldFile:
    """What a field file holds: the plots in WGS 84, what was wrong with it in words, and the CRS it was written in."""

    plots: tuple[Plot, ...]
    problems: tuple[str, ...]
    crs: str


@dataclass(slots=True)
class _Reading:
    """What has been gathered so far: features are numbered through the whole file, from 1."""

    plot_id: str | None
    plots: list[Plot] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    taken: dict[str, int] = field(default_factory=dict)
    renamed: list[str] = field(default_factory=list)
    number: int = 0
    crs: list[str] = field(default_factory=list)


def read_plots(path: Path, *, plot_id: str | None = None, crs: str | None = None) -> FieldFile:
    """Read the plots of a field file.

    Args:
        path: The file, or a zip of shapefiles.
        plot_id: Column that names the plots. Without it ``plot``, ``id`` or ``name`` (any case), else the
            feature's number.
        crs: CRS to read the file in, against what it says itself: needed where it says none.

    Raises:
        FieldFileError: The file cannot be read, states no CRS, lacks the column, or holds no plot.
        ConfigError: ``crs`` is not usable.
    """
    given = transformer(crs) if crs else None
    found, notes = sources(path)
    reading = _Reading(plot_id, problems=notes)
    for source, label in found:
        for layer in layers(source, label):
            _take_layer(reading, layer, given)
    if not reading.number:
        raise FieldFileError(f"{path}: holds no features")
    if not reading.plots:
        raise FieldFileError(f"{path}: holds no polygons: {'; '.join(reading.problems[:_SHOWN])}")
    if reading.renamed:
        shown = "; ".join(reading.renamed[:_SHOWN])
        reading.problems.append(
            f"{path.name}: {len(reading.renamed)} plots have a name that was there already: {shown}"
        )
    return FieldFile(tuple(reading.plots), tuple(reading.problems), ", ".join(dict.fromkeys(reading.crs)))


def _take_layer(reading: _Reading, layer: Layer, given: ToWgs84 | None) -> None:
    """Add the plots of one layer."""
    if not layer.geometries:
        return
    if all(wkb is None for wkb in layer.geometries):
        reading.problems.append(f"{layer.label}: {len(layer.geometries)} features without geometry, skipped")
        reading.number += len(layer.geometries)
        return
    to_wgs84 = given or _stated(layer)
    ids = _ids(layer, reading.plot_id)
    names, crops = _texts(layer, ("name",)), _texts(layer, _CROP_COLUMNS)
    areas = _declared_m2(layer)
    reading.crs.append(to_wgs84.source)
    for row, wkb in enumerate(layer.geometries):
        reading.number += 1
        made = to_boundary(wkb, to_wgs84)
        if made.note:
            reading.problems.append(f"{layer.label}: feature {reading.number} {made.note}")
        if made.boundary is None:
            continue
        plot = _unique(reading, ids[row] or str(reading.number))
        reading.plots.append(
            Plot(
                plot,
                made.boundary,
                name=names[row],
                crop=crops[row],
                declared_area_m2=areas[row],
                source_crs=to_wgs84.source,
            )
        )


def _stated(layer: Layer) -> ToWgs84:
    """The way to WGS 84 from the CRS that the layer states itself."""
    if not layer.crs:
        raise FieldFileError(
            f"{layer.label}: states no CRS (a shapefile without .prj?); give it with --crs, for example --crs EPSG:5897"
        )
    try:
        return transformer(layer.crs)
    except ConfigError as error:
        raise FieldFileError(f"{layer.label}: {error} (with --crs)") from error


def _ids(layer: Layer, plot_id: str | None) -> list[str]:
    """A name per feature, "" where the column names none."""
    if plot_id is not None:
        column = _column(layer, plot_id)
        if column is None:
            raise FieldFileError(f"{layer.label}: no column {plot_id!r}; columns: {', '.join(layer.columns) or 'none'}")
        return [_text(v) for v in layer.columns[column]]
    return _texts(layer, _KML_ID_COLUMNS if layer.columns.keys() >= _KML_MARKS else _ID_COLUMNS)


def _texts(layer: Layer, wanted: tuple[str, ...]) -> list[str]:
    """The texts of the first wanted column that is there and not empty throughout."""
    for name in wanted:
        column = _column(layer, name)
        if column is not None:
            texts = [_text(v) for v in layer.columns[column]]
            if any(texts):
                return texts
    return [""] * len(layer.geometries)


def _column(layer: Layer, name: str) -> str | None:
    """The layer's spelling of a column name: the exact one before another case."""
    if name in layer.columns:
        return name
    return next((c for c in layer.columns if c.casefold() == name.casefold()), None)


def _text(value: Any) -> str:
    """A cell as text: whole numbers without a decimal point, "" for nothing."""
    if value is None or (isinstance(value, float | np.floating) and not np.isfinite(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value).strip()


def _declared_m2(layer: Layer) -> list[float]:
    """The area that the file states for each feature, m², NaN where it states none with a unit."""
    for column, match in _area_columns(layer):
        factor = M2_PER_HA if match == "ha" else 1.0
        values = layer.columns[column]
        if np.issubdtype(values.dtype, np.number):
            return [float(v) * factor for v in values]
    return [NAN] * len(layer.geometries)


def _area_columns(layer: Layer) -> Iterator[tuple[str, str]]:
    """Columns whose name says area and unit."""
    for column in layer.columns:
        match = _AREA_COLUMN.match(column.casefold())
        if match:
            yield column, match[1]


def _unique(reading: _Reading, wanted: str) -> str:
    """The wanted name, or with a suffix where the file has used it already."""
    plot, suffix = wanted, reading.taken.get(wanted, 0) + 1
    if suffix > 1:
        while (plot := f"{wanted}-{suffix}") in reading.taken:
            suffix += 1
        reading.renamed.append(f"feature {reading.number} is now {plot!r}")
    reading.taken[wanted] = suffix
    reading.taken.setdefault(plot, 1)
    return plot
