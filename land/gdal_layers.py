"""Layers that GDAL reads, with what it leaves out of shapefiles put right."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import pyogrio
import pyogrio.errors
import pyogrio.raw

from core.errors import FieldFileError
from land import dbase
from land.layers import Layer, geometries_of
from land.recoding import recoded
from land.tables import Table

WKT_COLUMNS: Final = ("wkt", "geometry", "geom", "the_geom", "wkt_geom", "geometry_wkt", "geom_wkt")
_RINGS_LEFT_OPEN: Final = frozenset({".tab", ".mif", ".dxf"})
_READ_ERRORS: Final = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
)
# Beginnings of files by which GDAL would open other files or addresses.
_POINTS_ELSEWHERE: Final = (b"<ogrvrt", b"<ogrwfs", b"gdal_streamed_alg", b"<wfs_capabilities", b"wfs:wfs_capabilities")
_BYTES: Final = "ISO-8859-1"
"""Decodes every byte to the character of its number."""


def gdal_layers(path: Path, label: str, encoding: str | None = None) -> Iterator[Layer]:
    """Every layer of a file.

    Args:
        path: The file.
        label: Names it in messages.
        encoding: Of the texts of a shapefile, where it is known better.

    Raises:
        FieldFileError: GDAL cannot open the file or read a layer, or the file only points to others.
    """
    _refuse_pointers(path, label)
    # Without this GDAL takes EPSG:5897 where a file says 6957, though their false origins differ.
    pyogrio.set_gdal_config_options({"OSR_USE_NON_DEPRECATED": "NO"})
    try:
        with _without_warnings():
            names = [str(name) for name, _ in pyogrio.list_layers(path)]
    except _READ_ERRORS as error:
        raise FieldFileError(f"{label}: not a field file that GDAL reads: {_said(error, path)}") from error
    for name in names:
        of_layer = label if len(names) == 1 else f"{label}, layer {name}"
        layer = _read(path, name, of_layer)
        yield _as_shapefile(layer, path, encoding) if path.suffix.lower() == ".shp" else layer


def wkt_layer(table: Table, label: str) -> Layer:
    """The plots of a table with a column of WKT. GDAL makes the geometries, also of curves."""
    where = table.position(WKT_COLUMNS) or 0
    with TemporaryDirectory(prefix="canhdong-") as folder:
        plain = Path(folder, "plots.csv")
        with plain.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("row", "WKT"), *((at, row[where]) for at, row in enumerate(table.rows))])
        layer = _read(plain, "plots", label)
    unread = [at for at, row in enumerate(table.rows) if layer.geometries[at] is None and row[where]]
    columns = {
        name: np.array([row[at] for row in table.rows], object)
        for at, name in enumerate(table.header)
        if at != where and name
    }
    refusals = dict.fromkeys(unread, "has no geometry that can be read as WKT") | layer.refusals
    return replace(layer, crs="", columns=columns, lines=dict(enumerate(table.lines)), refusals=refusals)


def _read(path: Path, name: str, label: str) -> Layer:
    """One layer."""
    try:
        meta, wkb, values = _decodable(path, name)
    except _READ_ERRORS as error:
        raise FieldFileError(f"{label}: cannot be read: {_said(error, path)}") from error
    if wkb is None:
        wkb = np.full(max((len(v) for v in values), default=0), None, object)
    made, remarks, refusals = geometries_of(wkb, open_is_normal=path.suffix.lower() in _RINGS_LEFT_OPEN)
    columns = dict(zip([str(f) for f in meta["fields"]], values, strict=True))
    return Layer(label, str(meta["crs"] or ""), made, columns, (), remarks, refusals)


def _decodable(path: Path, layer: str) -> tuple[Any, Any, Any]:
    """What GDAL reads, with the bytes of texts as characters where the texts are not in the file's encoding."""
    try:
        return _raw(path, layer, _BYTES if path.suffix.lower() == ".shp" else None)
    except UnicodeDecodeError:
        return _raw(path, layer, _BYTES)


def _raw(path: Path, layer: str, encoding: str | None) -> tuple[Any, Any, Any]:
    """What GDAL reads: metadata, WKB and columns."""
    options = {"DOWNLOAD_SCHEMA": "NO"} if path.suffix.lower() == ".gml" else {}
    read = pyogrio.raw.read
    with _without_warnings():
        meta, _, wkb, values = read(path, layer=layer, encoding=encoding, datetime_as_string=True, **options)
    return meta, wkb, values


@contextmanager
def _without_warnings() -> Iterator[None]:
    """What GDAL warns of shows in the features; its words are no one's to act on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=RuntimeWarning)
        warnings.simplefilter("ignore", category=UserWarning)
        yield


def _as_shapefile(layer: Layer, path: Path, encoding: str | None) -> Layer:
    """Texts decoded, and numbers whose decimals GDAL drops as they stand in the table."""
    extras = dbase.extras(path)
    columns = dict(layer.columns)
    for at, name in enumerate(layer.columns):
        column = extras.mended.get(at)
        if column is not None and len(column) == len(layer.geometries):
            columns[name] = column
    return recoded(replace(layer, columns=columns), extras.stated, encoding, raw=True)


def _refuse_pointers(path: Path, label: str) -> None:
    """Refuse files by which GDAL would open others."""
    if path.is_dir():
        return
    with path.open("rb") as file:
        head = file.read(4096).lower()
    if any(mark in head for mark in _POINTS_ELSEWHERE):
        raise FieldFileError(f"{label}: points to other files or addresses instead of holding plots; refused")


def _said(error: Exception, path: Path) -> str:
    """What GDAL says, without folders and without its advice to programmers."""
    return str(error).partition("; It might help")[0].replace(f"{path.parent}/", "")
