"""GeoParquet 1.1: a row group per piece, shapes as WKB, the CRS in the metadata ``geo``.

Columns of fixes have the names of the native payload, so that :mod:`storage.runs.fixtables` reads them back. What is
not told is null. Source: geoparquet.org/releases/v1.1.0.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from core.exports import Column, Drain, Exporter, Kind, Order, Rows, Subject, untold

_GEOMETRY: Final = "geometry"
_TYPES: Final[dict[Kind, Any]] = {
    Kind.COUNT: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.FLAG: pa.bool_(),
    Kind.TEXT: pa.string(),
    Kind.UTC: pa.timestamp("ms", "UTC"),
    Kind.LOCAL: pa.timestamp("ms", "Asia/Ho_Chi_Minh"),
}
_SHAPES: Final = {Subject.FIXES: ["Point"], Subject.COVERAGE: ["MultiPolygon"]}


def stream(order: Order) -> Iterator[bytes]:
    """The file, written while the rows are read."""
    schema = pa.schema(
        [*(pa.field(c.name, _TYPES[c.kind]) for c in order.columns), pa.field(_GEOMETRY, pa.binary())],
        {"geo": json.dumps(_geo(order))},
    )
    drain = Drain()
    dictionaries = [c.name for c in order.columns if c.kind is Kind.TEXT]
    sink = pa.PythonFile(drain, mode="w")
    with pq.ParquetWriter(sink, schema, compression="zstd", use_dictionary=dictionaries) as writer:
        for rows in order.rows:
            if len(rows):
                writer.write_table(_table(order, rows, schema))
                yield drain.drain()
    yield drain.drain()


def _geo(order: Order) -> dict[str, Any]:
    """The metadata; without ``crs`` it is longitude and latitude in WGS 84 (OGC:CRS84)."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": _SHAPES[order.subject]}
    if not order.frame.wgs84:
        column["crs"] = json.loads(order.frame.projjson)
    return {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}


def _table(order: Order, rows: Rows, schema: Any) -> Any:
    arrays = [_array(column, rows.columns[column.name]) for column in order.columns]
    shapes = shapely.to_wkb(order.frame.moved(rows.shapes))
    return pa.Table.from_arrays([*arrays, pa.array(shapes, pa.binary())], schema=schema)


def _array(column: Column, values: Any) -> Any:
    if column.kind is Kind.TEXT:
        return pa.array(values, pa.string())
    if column.kind in {Kind.UTC, Kind.LOCAL}:
        return pa.array(np.asarray(values, np.int64)).cast(_TYPES[column.kind])
    return pa.array(np.ascontiguousarray(values), _TYPES[column.kind], mask=untold(column, values))


EXPORTER: Final = Exporter("parquet", ".parquet", "application/vnd.apache.parquet", stream, any_crs=True)
