"""The way that a drone flew, in forms that maps and tables read: GeoJSON, CSV, vector tiles."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from shapely import LineString

from api.ogc.collections import BY_NAME, Extent, Feature, Page
from api.ogc.parameters import Query
from api.ogc.tiles import Tile, drawn
from api.schemas.fields import known
from core.localtime import iso_utc
from core.model.coverage import Flight
from core.model.fixtable import FixTable

COLUMNS: Final = (
    "time",
    "lat_deg",
    "lon_deg",
    "height_m",
    "speed_mps",
    "heading_deg",
    "fix",
    "op",
    "on",
    "mode",
    "flow_lpm",
    "rate_kgpm",
    "swath_m",
    "tank_l",
    "tank_kg",
    "battery_pct",
    "seq",
    "boot",
)
_ROWS: Final = 2_000
_LEAST: Final = 2
"""Points of a line."""


def geojson(flight: Flight, fixes: FixTable) -> dict[str, Any]:
    """A feature with the way as a line and its points' times (ms since 1970 UTC); no geometry below two points."""
    points = _points(fixes)
    line = {"type": "LineString", "coordinates": points.tolist()} if len(points) >= _LEAST else None
    return {
        "type": "Feature",
        "id": flight.flight,
        "geometry": line,
        "properties": {
            **_told(flight),
            "times_ms": fixes.ts_ms[_there(fixes)].tolist(),
            "on": fixes.on[_there(fixes)].tolist(),
        },
    }


def csv_rows(fixes: FixTable) -> Iterator[str]:
    """The fixes as CSV (RFC 4180), some thousand lines at a time; empty where nothing was told."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for start in range(0, len(fixes), _ROWS):
        for it in fixes.take(slice(start, start + _ROWS)).rows():
            words = {"time": iso_utc(it.ts_ms), "fix": it.quality.word, "op": it.op.word, "mode": it.mode.word}
            values = (words.get(name, getattr(it, name, None)) for name in COLUMNS)
            writer.writerow([_cell(it) for it in values])
        yield text.getvalue()
        text.seek(0)
        text.truncate()
    if not len(fixes):
        yield text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if isinstance(value, float) and known(value) is None else value


@dataclass(frozen=True, slots=True)
class _Source:
    """An :class:`api.ogc.collections.Source` of one feature, for a tile of it alone."""

    only: Feature

    def page(self, _cooperatives: Sequence[str], _query: Query) -> Page:
        return Page([self.only], 1, more=False)

    def feature(self, _cooperatives: Sequence[str], identifier: str) -> Feature | None:
        return self.only if identifier == self.only.identifier else None

    def extent(self, _cooperatives: Sequence[str]) -> Extent | None:
        return None


def tile(flight: Flight, fixes: FixTable, where: Tile) -> bytes:
    """A vector tile with the way, layer ``flights``; empty where it does not pass."""
    points = _points(fixes)
    if len(points) < _LEAST:
        return b""
    feature = Feature(flight.flight, LineString(points), {"cooperative": flight.cooperative} | _told(flight))
    return drawn(BY_NAME["flights"], _Source(feature), (flight.cooperative,), where, None)


def _told(flight: Flight) -> dict[str, Any]:
    return {
        "flight": flight.flight,
        "device": flight.device,
        "operation": flight.op.word,
        "job": flight.job,
        "start": iso_utc(flight.start_ms),
        "end": iso_utc(flight.end_ms),
        "fixes": flight.fixes,
    }


def _there(fixes: FixTable) -> Any:
    return np.isfinite(fixes.lat_deg) & np.isfinite(fixes.lon_deg)


def _points(fixes: FixTable) -> Any:
    """Longitudes and latitudes of the fixes that have a position, shape (n, 2)."""
    return np.column_stack([fixes.lon_deg, fixes.lat_deg])[_there(fixes)]
