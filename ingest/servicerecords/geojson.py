"""Tracks of a GeoJSON record: points with properties, or lines with one time per position.

Source: RFC 7946 for the geometry; times stand in ``coordTimes`` (as togeojson writes them),
``coordinateProperties.times``, ``timestamps`` or ``times`` of a line's properties. Exporters of DJI AG records put the
flight's totals into ``properties`` of the collection.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from core.errors import FlightLogError
from ingest.servicerecords.table import decode
from ingest.servicerecords.tracks import TIME, Track

_TIME_LISTS: Final = ("coordTimes", "timestamps", "times")


def read_tracks(path: Path) -> list[Track]:
    """All tracks of a GeoJSON file; polygons are left to the readers of fields.

    Raises:
        FlightLogError: The file is no GeoJSON, or holds neither line nor point.
    """
    text, _ = decode(path.read_bytes(), str(path))
    try:
        root = json.loads(text)
    except json.JSONDecodeError as error:
        raise FlightLogError(f"{path}: not readable as JSON, line {error.lineno}: {error.msg}") from error
    if not isinstance(root, dict):
        raise FlightLogError(f"{path}: no GeoJSON object")
    features = root.get("features", [root]) if root.get("type") != "Feature" else [root]
    shared = scalars(root.get("properties")) if root.get("type") == "FeatureCollection" else {}
    points = Track(path.stem, [], {}, shared)
    lines: list[Track] = []
    for feature in features if isinstance(features, list) else []:
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if isinstance(geometry, dict):
            _take(feature, geometry, points, lines, shared)
    tracks = [points] if points.points else lines
    if not tracks:
        raise FlightLogError(f"{path}: the GeoJSON holds neither points nor lines of a track")
    return tracks


def _take(
    feature: Mapping[str, Any], geometry: Mapping[str, Any], points: Track, lines: list[Track], shared: dict[str, str]
) -> None:
    """Add the points or lines of one feature."""
    properties = feature.get("properties") if isinstance(feature.get("properties"), dict) else {}
    told = scalars(properties)
    coordinates = geometry.get("coordinates")
    match geometry.get("type"):
        case "Point":
            before = len(points.points)
            points.points.append(_place(coordinates))
            for key in dict.fromkeys((*points.columns, *told)):
                points.columns.setdefault(key, [""] * before).append(told.get(key, ""))
        case "LineString":
            columns = _times(properties or {})
            name = told.get("name") or points.name
            lines.append(Track(name, [_place(c) for c in _list(coordinates)], columns, shared | told))
        case "MultiLineString":
            for i, part in enumerate(_list(coordinates)):
                nested = {k: v[i] for k, v in _lists(properties or {}).items() if i < len(v) and isinstance(v[i], list)}
                name = f"{told.get('name') or points.name} {i + 1}"
                lines.append(Track(name, [_place(c) for c in _list(part)], _times(nested), shared | told))


def _times(properties: Mapping[str, Any]) -> dict[str, list[str]]:
    """The column of times of a line, under the header ``time``."""
    lists = _lists(properties)
    return next(({TIME: [_text(v) for v in lists[key]]} for key in _TIME_LISTS if key in lists), {})


def _lists(properties: Mapping[str, Any]) -> dict[str, list[Any]]:
    """The lists among the properties, and among their ``coordinateProperties``."""
    nested = properties.get("coordinateProperties")
    both = {**(nested if isinstance(nested, dict) else {}), **properties}
    return {k: v for k, v in both.items() if isinstance(v, list)}


def scalars(properties: Any) -> dict[str, str]:
    """The properties that are texts, numbers or truth values, as texts."""
    found = properties if isinstance(properties, dict) else {}
    return {str(k): _text(v) for k, v in found.items() if isinstance(v, str | int | float)}


def _text(value: Any) -> str:
    """A JSON value as a cell."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _list(value: Any) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _place(coordinates: Any) -> tuple[str, str]:
    """Longitude and latitude of a position, as texts; empty where it is none."""
    pair = _list(coordinates)
    return (_text(pair[0]), _text(pair[1])) if len(pair) > 1 else ("", "")
