"""Finding and opening what a field file holds: data sources of a zip, layers of a data source. Reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import is_zipfile

from core.errors import FieldFileError
from land import geojson
from land.archives import check, unpack
from land.drawings import drawing
from land.encodings import CP1252, NAMES
from land.gdal_layers import WKT_COLUMNS, gdal_layers, wkt_layer
from land.isoxml_fields import TASKDATA, field_layer, is_taskdata
from land.layers import Layer
from land.recoding import recoded
from land.tables import Table, read_table
from land.vertices import HEADERS, vertex_layer

# In a zip the first of these kinds that is there is read: archives often hold the same plots in several formats.
_KINDS: Final = (
    TASKDATA.lower(), ".shp", ".gpkg", ".fgb", ".geojson", ".json", ".gml", ".kml", ".kmz", ".tab", ".mif", ".dxf",
    ".csv",
)  # fmt: skip
_COMPANIONS: Final = frozenset((
    ".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".xml", ".dat", ".map", ".id", ".ind", ".mid",
    ".xsd", ".bin",
))  # fmt: skip
_ZIP_SUFFIXES: Final = frozenset({".ods", ".xlsx", ".kmz"})
_TEXTS: Final = frozenset({".csv", ".txt", ".tsv"})
_GEOJSON: Final = frozenset({".geojson", ".json"})
_MAPINFO: Final = frozenset({".tab", ".mif"})
_HEAD_B: Final = 4096
_UTF8: Final = re.compile(rb"charset\s+\"?utf-8", re.IGNORECASE)
"""How a MapInfo file says that its texts are UTF-8, which GDAL heeds."""


@dataclass(frozen=True, slots=True)
class Source:
    """One data source, and its label for messages."""

    path: Path
    label: str


@contextmanager
def sources(path: Path) -> Iterator[tuple[list[Source], list[str]]]:
    """What there is to open in a file; a zip lies unpacked for as long as the context lasts.

    Yields:
        The data sources, and in words what was left aside.

    Raises:
        FieldFileError: The file is not there, is a damaged zip, or a zip without a field file.
    """
    if not path.exists():
        raise FieldFileError(f"{path}: no such file")
    suffix = path.suffix.lower()
    if path.is_dir():
        main = next((p for p in path.iterdir() if p.name.upper() == TASKDATA), path)
        yield [Source(main, path.name)], []
    elif suffix == ".zip" or (is_zipfile(path) and suffix not in _ZIP_SUFFIXES):
        with TemporaryDirectory(prefix="canhdong-") as folder:
            yield _in_zip(path, Path(folder))
    else:
        if suffix == ".kmz":
            check(path)
        yield [Source(path, path.name)], []


def layers(source: Source, encoding: str | None = None) -> Iterator[Layer]:
    """Every layer of a data source.

    Args:
        source: The data source.
        encoding: Of its texts, where it is known better than the file tells.

    Raises:
        FieldFileError: The source cannot be opened, or a layer of it cannot be read.
    """
    path, suffix = source.path, source.path.suffix.lower()
    if is_taskdata(path):
        yield field_layer(path, source.label)
        return
    if suffix in _TEXTS:
        yield _with_prj(_of_text(source, encoding), path)
        return
    for layer in gdal_layers(path, source.label, encoding):
        if suffix in _GEOJSON:
            yield replace(layer, crs=geojson.stated_crs(path, layer.crs))
        elif suffix == ".dxf":
            yield _with_prj(drawing(recoded(layer, CP1252, encoding, raw=False)), path)
        elif suffix in _MAPINFO:
            yield _mapinfo(layer, path, encoding)
        else:
            yield layer


def _with_prj(layer: Layer, path: Path) -> Layer:
    """The layer with the CRS of the .prj that lies beside its file: these formats have no place of their own for it."""
    beside = path.with_suffix(".prj")
    if layer.crs or not beside.is_file():
        return layer
    return replace(layer, crs=beside.read_text(encoding="utf-8", errors="replace").strip())


def _in_zip(path: Path, folder: Path) -> tuple[list[Source], list[str]]:
    """The data sources of a zip, unpacked into a folder."""
    wanted = frozenset(k for k in _KINDS if k.startswith(".")) | _COMPANIONS
    unpacked = unpack(path, folder, wanted)
    by_kind = {kind: [m for m in unpacked.files if _is_kind(m, kind)] for kind in _KINDS}
    chosen = next((found for found in by_kind.values() if found), [])
    if not chosen:
        kinds = ", ".join((TASKDATA, *_KINDS[1:]))
        held = [*unpacked.files, *unpacked.aside]
        raise FieldFileError(f"{path.name}: the zip holds no field file ({kinds}); it holds {_some(held)}")
    rest = [m for m in unpacked.files if m not in chosen and PurePosixPath(m).suffix.lower() not in _COMPANIONS]
    others = sorted([*rest, *unpacked.aside])
    notes = [f"{path.name}: not read: {_some(others)}"] if others else []
    return [Source(unpacked.files[member], f"{path.name}/{member}") for member in sorted(chosen)], notes


def _is_kind(member: str, kind: str) -> bool:
    name = PurePosixPath(member).name.lower()
    return name == kind if not kind.startswith(".") else PurePosixPath(name).suffix == kind


def _of_text(source: Source, encoding: str | None) -> Layer:
    """The plots of a table: of WKT or of corner points.

    Raises:
        FieldFileError: The text has no row of such column names.
    """
    found = read_table(source.path, ((WKT_COLUMNS,), *HEADERS), encoding)
    if found is None:
        raise FieldFileError(
            f"{source.label}: not a field file: no row (of the first 30) names columns of plots: WKT, or X and Y, "
            "or lon and lat, or E and N"
        )
    table, kind = found
    return _decoded(wkt_layer(table, source.label) if kind == 0 else vertex_layer(table, kind - 1, source.label), table)


def _decoded(layer: Layer, table: Table) -> Layer:
    """Say in which encoding a text was read, where it is none of Unicode."""
    if table.encoding.startswith("utf"):
        return layer
    called = NAMES.get(table.encoding, table.encoding)
    return replace(layer, notes=(*layer.notes, f"{layer.label}: its texts are in {called}"))


def _mapinfo(layer: Layer, path: Path, encoding: str | None) -> Layer:
    """A MapInfo layer with its texts put right; one in a plan of its own ("NonEarth") states no CRS."""
    if layer.crs.startswith(("LOCAL_CS", "ENGCRS", "LOCALCS")):
        layer = replace(layer, crs="")
    with path.open("rb") as file:
        stated = _UTF8.search(file.read(_HEAD_B)) is not None
    return layer if stated and encoding is None else recoded(layer, CP1252, encoding, raw=False)


def _some(names: list[str]) -> str:
    """The first few of a list of names."""
    few = 4
    shown = ", ".join(names[:few]) or "nothing"
    return shown if len(names) <= few else f"{shown} and {len(names) - few} more"
