"""The truth of a run as GeoParquet: a row per strip, its outline as ``geometry`` for any GIS, its sections beside it.

The lists ``ts_ms``, ``left_lon_deg`` ... ``released`` hold the cross-sections; from them :class:`Truth` is read back
exactly, but for degrees, which are rounded to 1e-9 (a tenth of a millimetre). ``geometry`` is WKB in WGS 84, longitude
first (GeoParquet 1.1).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from core.errors import FlightLogError
from core.model.enums import Operation
from core.model.fixtable import Floats, Ints, Labels
from core.model.traffic import Truth

ENDING: Final = ".truth.parquet"
_TEXTS: Final = ("cooperative", "device", "boot", "job")
_CORNERS: Final = ("left_lon_deg", "left_lat_deg", "right_lon_deg", "right_lat_deg")
_LISTS: Final = ("ts_ms", *_CORNERS, "released")
_STEPS: Final = 1e9
_SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in (*_TEXTS, "op")),
        ("swath_m", pa.float64()),
        ("geometry", pa.binary()),
        *((name, pa.list_(pa.float64())) for name in _LISTS),
    ]
)


def write(path: Path, truth: Truth) -> None:
    """Write the truth; the same gives the same bytes."""
    corners = [np.rint(getattr(truth, name) * _STEPS) / _STEPS for name in _CORNERS]
    outlines = _outlines(truth.start, *corners)
    columns: list[Any] = [pa.array(getattr(truth, name).values(), pa.string()) for name in _TEXTS]
    columns.append(pa.array([Operation(code).word for code in truth.op.tolist()], pa.string()))
    columns.append(pa.array(np.asarray(truth.swath_m, np.float64)))
    columns.append(pa.array(shapely.to_wkb(outlines, byte_order=1), pa.binary()))
    offsets = pa.array(truth.start.astype(np.int32))
    lists = (truth.ts_ms, *corners, truth.released)
    columns += [pa.ListArray.from_arrays(offsets, pa.array(np.asarray(values, np.float64))) for values in lists]
    table = pa.Table.from_arrays(columns, schema=_SCHEMA)
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "store_schema": False, "version": "2.6"}
    with pq.ParquetWriter(path, _SCHEMA, use_dictionary=[*_TEXTS, "op"], **options) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"geo": _geo(outlines)})


def read(path: Path) -> Truth:
    """The truth of a file.

    Raises:
        FlightLogError: There is no such file, or it cannot be read.
    """
    try:
        table = pq.read_table(path, columns=[name for name in _SCHEMA.names if name != "geometry"], use_threads=False)
        lists = {name: table[name].combine_chunks() for name in _LISTS}
        values: dict[str, Any] = {name: np.array(it.flatten().to_numpy(), np.float64) for name, it in lists.items()}
        counts = np.asarray(lists["ts_ms"].value_lengths().to_numpy(), np.int64)
        values |= {name: Labels.of(table[name].to_pylist()) for name in _TEXTS}
        return Truth(
            op=np.array([int(Operation.parse(word)) for word in table["op"].to_pylist()], np.int64),
            swath_m=np.array(table["swath_m"].to_numpy(), np.float64),
            start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            **values,
        )
    except (OSError, KeyError, pa.ArrowException) as error:
        raise FlightLogError(f"{path}: no truth can be read: {error}") from error


def _outlines(start: Ints, left_lon: Floats, left_lat: Floats, right_lon: Floats, right_lat: Floats) -> Any:
    """The outline of each strip: its two sides joined, or where these cross, the union of its quadrilaterals."""
    made = np.full(len(start) - 1, shapely.Polygon(), dtype=object)
    for k, (first, end) in enumerate(zip(start[:-1].tolist(), start[1:].tolist(), strict=True)):
        if end - first > 1:
            lon = np.concatenate([left_lon[first:end], right_lon[first:end][::-1]])
            lat = np.concatenate([left_lat[first:end], right_lat[first:end][::-1]])
            made[k] = shapely.polygons(np.column_stack([lon, lat]))
    for k in np.flatnonzero(~shapely.is_valid(made)).tolist():
        rows = slice(int(start[k]), int(start[k + 1]))
        made[k] = _union(left_lon[rows], left_lat[rows], right_lon[rows], right_lat[rows])
    return made


def _union(left_lon: Floats, left_lat: Floats, right_lon: Floats, right_lat: Floats) -> Any:
    left, right = np.column_stack([left_lon, left_lat]), np.column_stack([right_lon, right_lat])
    corners = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=1)
    whole = shapely.union_all(shapely.make_valid(shapely.polygons(corners)))
    parts = [part for part in shapely.get_parts(whole).tolist() if part.geom_type == "Polygon" and part.area > 0.0]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _geo(outlines: Any) -> bytes:
    """The metadata ``geo``; without a CRS it is OGC:CRS84, WGS 84 with longitude first."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["MultiPolygon", "Polygon"], "edges": "planar"}
    box = shapely.total_bounds(outlines)
    if np.isfinite(box).all():
        column["bbox"] = box.tolist()
    return msgspec.json.encode({"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}})
