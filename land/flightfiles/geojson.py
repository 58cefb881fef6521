"""GeoJSON (RFC 7946): one feature collection in WGS 84, a feature per row, written piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec
import shapely

from core.exports import Order, Rows, listed

_BEGIN: Final = b'{"type":"FeatureCollection","features":['
_END: Final = b"\n]}\n"


def stream(order: Order) -> Iterator[bytes]:
    """The collection; what is not told is null."""
    yield _BEGIN
    between = b"\n"
    for rows in order.rows:
        if len(rows):
            yield between + b",\n".join(_features(order, rows))
            between = b",\n"
    yield _END


def _features(order: Order, rows: Rows) -> list[bytes]:
    names = [column.name for column in order.columns]
    encode = msgspec.json.Encoder().encode
    shapes = shapely.to_geojson(rows.shapes).tolist()
    told = zip(*listed(order.columns, rows), strict=True)
    return [
        b'{"type":"Feature","geometry":%b,"properties":%b}'
        % (b"null" if shape is None else shape.encode(), encode(dict(zip(names, values, strict=True))))
        for shape, values in zip(shapes, told, strict=True)
    ]
