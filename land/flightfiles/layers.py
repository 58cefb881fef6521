"""GeoPackage and shapefile by GDAL. Both have to be whole on a disk first: they are written there piece by piece.

A shapefile is a zip of .shp, .shx, .dbf, .prj and .cpg (UTF-8); its fields have ten letters at most
(``core.exports.Column.short``), its flags are 0 and 1. It has no file of more than 4 GB, GDAL's own limit.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyogrio.raw
import shapely

from core.errors import ConfigError
from core.exports import Column, Drain, Kind, Order, Rows, Subject, times, untold

_BLOCK: Final = 1 << 20
_LAYER: Final = {Subject.FIXES: "fixes", Subject.COVERAGE: "coverage"}
_SHAPEFILE_ROWS: Final = 2_000_000
"""Past these, the table of a shapefile would come near its 2 GB."""


def geopackage(order: Order) -> Iterator[bytes]:
    """A GeoPackage with one layer, ``fixes`` or ``coverage``."""
    with tempfile.TemporaryDirectory(prefix="canhdong-") as folder:
        path = Path(folder) / "export.gpkg"
        _write(order, path, "GPKG", layer=_LAYER[order.subject], names={c.name: c.name for c in order.columns})
        yield from _blocks(path)


def shapefile(order: Order) -> Iterator[bytes]:
    """A zip that holds one shapefile."""
    with tempfile.TemporaryDirectory(prefix="canhdong-") as folder:
        path = Path(folder) / f"{_LAYER[order.subject]}.shp"
        names = {c.name: c.short for c in order.columns}
        _write(order, path, "ESRI Shapefile", layer=None, names=names, options={"ENCODING": "UTF-8"})
        path.with_suffix(".prj").write_text(order.frame.prj, encoding="ascii")
        path.with_suffix(".cpg").write_text("UTF-8", encoding="ascii")
        drain = Drain()
        with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as archive:
            for part in sorted(Path(folder).iterdir()):
                with archive.open(part.name, "w", force_zip64=True) as inside:
                    for block in _blocks(part):
                        inside.write(block)
                        yield drain.drain()
        yield drain.drain()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _write(
    order: Order,
    path: Path,
    driver: str,
    *,
    layer: str | None,
    names: Mapping[str, str],
    options: Mapping[str, str] | None = None,
) -> None:
    """Write all rows, one piece after the other.

    Raises:
        ConfigError: There are more than a shapefile holds.
    """
    there, total = False, 0
    for rows in order.rows:
        total += len(rows)
        if driver == "ESRI Shapefile" and total > _SHAPEFILE_ROWS:
            raise ConfigError(f"a shapefile holds {_SHAPEFILE_ROWS:,} rows at most; take gpkg or parquet")
        _append(order, rows, path, driver, layer, names, options, there=there)
        there = True
    if not there:
        _append(order, nothing(order.columns), path, driver, layer, names, options, there=False)


def _append(  # noqa: PLR0917 - what the file is, and one piece of it
    order: Order,
    rows: Rows,
    path: Path,
    driver: str,
    layer: str | None,
    names: Mapping[str, str],
    options: Mapping[str, str] | None,
    *,
    there: bool,
) -> None:
    values, masks = zip(*(_field(column, rows, driver) for column in order.columns), strict=True)
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(order.frame.moved(rows.shapes)),
        field_data=list(values),
        fields=list(names.values()),
        field_mask=list(masks),
        geometry_type="Point" if order.subject is Subject.FIXES else "MultiPolygon",
        promote_to_multi=order.subject is Subject.COVERAGE,
        crs=order.frame.crs,
        driver=driver,
        layer=layer,
        append=there,
        layer_options=None if there else dict(options or {}),
    )


def _field(column: Column, rows: Rows, driver: str) -> tuple[Any, Any]:
    values = rows.columns[column.name]
    match column.kind:
        case Kind.UTC | Kind.LOCAL:
            return times(column, values), None
        case Kind.FLAG:
            return np.asarray(values, np.int16 if driver == "ESRI Shapefile" else np.bool_), None
        case Kind.COUNT:
            return np.asarray(values, np.int64), untold(column, values)
        case Kind.NUMBER:
            return np.asarray(values, np.float64), None
        case Kind.TEXT:
            return values, None


def nothing(columns: tuple[Column, ...]) -> Rows:
    """A piece without rows."""
    kinds: dict[Kind, Any] = {Kind.NUMBER: np.float64, Kind.FLAG: np.bool_, Kind.TEXT: object}
    return Rows({c.name: np.empty(0, kinds.get(c.kind, np.int64)) for c in columns}, np.empty(0, object))
