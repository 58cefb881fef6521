"""Finding and opening what a field file holds: layers of a data source, data sources of a zip. Reads only."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyogrio
import pyogrio.errors
import pyogrio.raw

from core.errors import FieldFileError

# In a zip the first of these kinds that is there is read: archives often hold the same plots in several formats.
_KINDS: Final = (".shp", ".gpkg", ".fgb", ".geojson", ".json", ".gml", ".kml")
_COMPANIONS: Final = {".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml"}
_READ_ERRORS: Final = (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError)


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: its CRS as the file states it ("" where it states none), and its features as columns.

    ``geometries`` holds WKB or None, ``columns`` the attributes by name, all of shape (n,); ``label`` names the layer
    in messages.
    """

    label: str
    crs: str
    geometries: tuple[bytes | None, ...]
    columns: dict[str, Any]


def sources(path: Path) -> tuple[list[tuple[str, str]], list[str]]:
    """What there is to open in a file.

    Returns:
        (GDAL path, label for messages) of each data source, and in words what was left aside.

    Raises:
        FieldFileError: The file is not there, or it is a zip without a field file.
    """
    if not path.exists():
        raise FieldFileError(f"{path}: no such file")
    if path.is_dir() or not zipfile.is_zipfile(path) or path.suffix.lower() in {".ods", ".xlsx", ".kmz"}:
        return [(str(path), path.name)], []
    with zipfile.ZipFile(path) as archive:
        members = [m for m in archive.namelist() if not m.endswith("/") and not m.startswith("__MACOSX/")]
    by_kind = {kind: [m for m in members if PurePosixPath(m).suffix.lower() == kind] for kind in _KINDS}
    chosen = next((found for found in by_kind.values() if found), [])
    if not chosen:
        raise FieldFileError(f"{path}: the zip holds no field file ({', '.join(_KINDS)}); it holds {_some(members)}")
    others = [m for m in members if m not in chosen and PurePosixPath(m).suffix.lower() not in _COMPANIONS]
    notes = [f"{path.name}: not read: {_some(others)}"] if others else []
    return [(f"/vsizip/{path.resolve()}/{member}", f"{path.name}/{member}") for member in sorted(chosen)], notes


def layers(source: str, label: str) -> Iterator[Layer]:
    """Every layer of a data source.

    Raises:
        FieldFileError: GDAL cannot open the source or read a layer.
    """
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source)]
    except _READ_ERRORS as error:
        raise FieldFileError(f"{label}: not a field file that GDAL reads: {error}") from error
    for name in names:
        yield _read(source, name, label if len(names) == 1 else f"{label}, layer {name}")


def _read(source: str, name: str, label: str) -> Layer:
    """One layer, with GDAL's warnings kept from the caller."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=(RuntimeWarning))
        warnings.simplefilter("ignore", category=(UserWarning))
        try:
            meta, _, geometries, values = pyogrio.raw.read(source, layer=name, datetime_as_string=True)
        except _READ_ERRORS as error:
            raise FieldFileError(f"{label}: cannot be read: {error}") from error
    columns = dict(zip([str(f) for f in meta["fields"]], values, strict=True))
    wkb = tuple(geometries) if geometries is not None else (None,) * max((len(v) for v in values), default=0)
    return Layer(label, str(meta["crs"] or ""), wkb, columns)


def _some(names: list[str]) -> str:
    """The first few of a list of names."""
    few = 4
    shown = ", ".join(names[:few]) or "nothing"
    return shown if len(names) <= few else f"{shown} and {len(names) - few} more"
