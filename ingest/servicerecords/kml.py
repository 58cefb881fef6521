"""Tracks of a KML record: gx:Track, LineString with or without a TimeSpan, Points with a TimeStamp.

Source: OGC KML 2.3 (12-007r2): ``gx:Track`` pairs each ``when`` with a coordinate, ``ExtendedData`` holds ``Data`` or
``SimpleData`` for the placemark, and ``SimpleArrayData`` one value per point of a track.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.errors import FlightLogError
from ingest.servicerecords.tracks import TIME, Track


def read_tracks(path: Path) -> list[Track]:
    """All tracks of a KML file; polygons are left to the readers of fields.

    Raises:
        FlightLogError: The file is no well-formed KML, or holds neither line nor timed point.
    """
    try:
        root = fromstring(path.read_bytes())
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FlightLogError(f"{path}: not readable as KML: {error}") from error
    tracks: list[Track] = []
    loose = Track(path.stem, [])
    shared = _constants(root, inside=False)
    for placemark in _all(root, "Placemark"):
        constants = shared | _constants(placemark, inside=True)
        name = _child_text(placemark, "name") or path.stem
        tracks += [_gx_track(t, name, constants) for t in _all(placemark, "Track")]
        tracks += [_line(t, name, constants) for t in _all(placemark, "LineString")]
        for point in _all(placemark, "Point"):
            _add_point(loose, placemark, point, constants)
    tracks += [loose] if loose.points else []
    tracks = [t for t in tracks if t.points]
    if not tracks:
        raise FlightLogError(f"{path}: the KML holds no track (gx:Track, LineString or points with times)")
    return tracks


def _name(element: Element) -> str:
    """An element's name without its namespace."""
    return element.tag.rpartition("}")[2]


def _all(element: Element, name: str) -> Iterator[Element]:
    """All elements of a name inside another."""
    return (e for e in element.iter() if _name(e) == name)


def _child_text(element: Element, name: str) -> str:
    """The text of a direct child."""
    return next(((e.text or "").strip() for e in element if _name(e) == name), "")


def _constants(element: Element, *, inside: bool) -> dict[str, str]:
    """What ExtendedData and TimeSpan tell: of a placemark, or (not ``inside``) of the document and its folders."""
    roots = [element] if inside else [e for e in element.iter() if _name(e) in {"Document", "Folder"}]
    found: dict[str, str] = {}
    for root in roots:
        blocks = [e for e in root if _name(e) in {"ExtendedData", "TimeSpan"}]
        for part in (e for block in blocks for e in block.iter()):
            if _name(part) == "Data" and "name" in part.attrib:
                found[part.attrib["name"]] = _child_text(part, "value")
            elif _name(part) == "SimpleData" and "name" in part.attrib:
                found[part.attrib["name"]] = (part.text or "").strip()
            elif _name(part) in {"begin", "end"}:
                found[_name(part)] = (part.text or "").strip()
    return found


def _gx_track(element: Element, name: str, constants: dict[str, str]) -> Track:
    """A track whose points carry times."""
    whens = [(e.text or "").strip() for e in element if _name(e) == "when"]
    coords = [(e.text or "").split() for e in element if _name(e) == "coord"]
    points = [(c[0], c[1]) if len(c) > 1 else ("", "") for c in coords]
    columns = {TIME: whens} if whens else {}
    for array in _all(element, "SimpleArrayData"):
        columns[array.attrib.get("name", "")] = [(v.text or "").strip() for v in array if _name(v) == "value"]
    return Track(name, points, columns, constants)


def _line(element: Element, name: str, constants: dict[str, str]) -> Track:
    """A line: its points carry no times."""
    return Track(name, _coordinates(element), {}, constants)


def _coordinates(element: Element) -> list[tuple[str, str]]:
    """Longitude and latitude of each tuple of a ``coordinates`` element."""
    tuples = [t.split(",") for t in _child_text(element, "coordinates").split()]
    return [(t[0], t[1]) if len(t) > 1 else ("", "") for t in tuples]


def _add_point(track: Track, placemark: Element, point: Element, constants: dict[str, str]) -> None:
    """Add a placemark with a point and a time to the points of the file."""
    when = next(((e.text or "").strip() for e in _all(placemark, "when")), "")
    if not when:
        return
    told = {TIME: when} | {k: v for k, v in constants.items() if k != TIME}
    for place in _coordinates(point)[:1]:
        before = len(track.points)
        track.points.append(place)
        for key in dict.fromkeys((*track.columns, *told)):
            track.columns.setdefault(key, [""] * before).append(told.get(key, ""))
