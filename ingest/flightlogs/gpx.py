"""GPX tracks (versions 1.0 and 1.1), as handheld receivers and many apps write them.

Used: every segment of every track is a log of its own (``track 1``; ``track 1.1``, ``track 1.2`` where it has several),
since parts joined end to end measure the way between them too. Position, time, ``ele`` (above mean sea level), ``fix``
and ``hdop`` are read where given, ``speed`` (m/s) and ``course`` also from extensions such as Garmin's
TrackPointExtension. A point whose ``fix`` is ``none`` is no fix. Tracks and segments without points are named in
``problems`` and give no log; routes and waypoints were not flown and are not read.

Points without a time are ``no-time``. Where no point of a segment has one, they are spread at one per second from the
time of the file (else from 2000-01-01), and ``problems`` says so: lengths are right then, times and speeds are not.

Not told: when a sprayer was on, its flow and its swath width. The device is ``gpx-`` and the program that wrote it.

Source: topografix.com/GPX/1/1. A file that declares entities or a document type is refused (defusedxml). One that
breaks off is read up to the last whole point, and ``problems`` names the line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError

import numpy as np

from core.errors import FlightLogError
from core.model.enums import FixQuality, HeightRef
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import NAN
from ingest.logparts.sifting import NO_TELLING, position_faults, sift, time_faults
from ingest.servicerecords.rows import device_id

FORMAT: Final = "gpx"
EXTENSIONS: Final = (".gpx",)

_NO_DATE_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1000
_NO_TIME: Final = -1
_STEP_MS: Final = 1_000
_NAME_LENGTH: Final = 40
_QUALITY: Final = {
    "none": FixQuality.NONE,
    "2d": FixQuality.SINGLE,
    "3d": FixQuality.SINGLE,
    "3": FixQuality.SINGLE,
    "pps": FixQuality.SINGLE,
    "dgps": FixQuality.DGPS,
}
_DECLARATION: Final = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*\?>")
_ENCODING: Final = re.compile(rb"""encoding\s*=\s*["']([\w.-]+)["']""")
_ROOT: Final = re.compile(rb"<(?:\w+:)?gpx[\s>]")
_POINT_END: Final = "</trkpt>"


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file is XML whose root is ``gpx``."""
    return not path.is_dir() and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and _ROOT.search(head) is not None


def read(path: Path) -> LogFile:
    """Read a GPX file.

    Raises:
        FlightLogError: It is no well-formed GPX before its first point, declares entities, or holds no track point.
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    text, problems = _well_formed(data, path)
    gpx = _parse(text, path)
    device = f"gpx-{device_id(gpx.creator or '', 'file')}"[:60].rstrip("-")
    clock_ms = max(_ms(gpx.time), _NO_DATE_MS) if gpx.time else _NO_DATE_MS
    logs: list[FlightLog] = []
    for name, points in _segments(gpx, problems):
        logs.append(_log(name, device, points, clock_ms))
        clock_ms += (len(points) + 1) * _STEP_MS
    if not logs:
        raise FlightLogError(f"{path}: holds no track point: {'; '.join(problems) or 'no track'}")
    return LogFile(FORMAT, tuple(logs), problems=(*problems, NO_TELLING))


def _well_formed(data: bytes, path: Path) -> tuple[str, list[str]]:
    """The text of the part that is well-formed, without its XML declaration, and what is wrong with the rest."""
    from defusedxml import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    declaration = _DECLARATION.match(data)
    named = _ENCODING.search(declaration[0]) if declaration else None
    encoding = named[1].decode("ascii") if named else "utf-8-sig"
    start = declaration.end() if declaration else 0
    try:
        text = data[start:].decode(encoding)
    except UnicodeDecodeError as error:
        raise FlightLogError(f"{path}: byte {start + error.start}: {error.reason}") from error
    except LookupError as error:
        raise FlightLogError(f"{path}: line 1: {error}") from error
    try:
        fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise FlightLogError(f"{path}: refused: {error}") from error
    except ParseError as error:
        line = error.position[0]
        return _cut(text, line, f"{path}: line {line}: {error}"), [
            f"line {line}: {error}; read up to the last whole point"
        ]
    return text, []


def _cut(text: str, line: int, reason: str) -> str:
    """The text up to the last whole point before a line, with its elements closed."""
    before = "\n".join(text.split("\n")[:line])
    end = before.rfind(_POINT_END)
    if end < 0:
        raise FlightLogError(reason)
    return f"{before[: end + len(_POINT_END)]}</trkseg></trk></gpx>"


def _parse(text: str, path: Path) -> Any:
    """What gpxpy makes of the text."""
    import gpxpy  # noqa: PLC0415
    from gpxpy.gpx import GPXException  # noqa: PLC0415

    try:
        return gpxpy.parse(text)
    except GPXException as error:
        raise FlightLogError(f"{path}: {error}") from error


def _segments(gpx: Any, problems: list[str]) -> Iterator[tuple[str, list[Any]]]:
    """Name and points of each segment that has any; the others become problems."""
    for i, track in enumerate(gpx.tracks, 1):
        title = f" ({track.name[:_NAME_LENGTH]!r})" if track.name else ""
        if not any(segment.points for segment in track.segments):
            problems.append(f"track {i}{title} holds no points: skipped")
            continue
        for j, segment in enumerate(track.segments, 1):
            name = f"track {i}.{j}" if len(track.segments) > 1 else f"track {i}"
            if segment.points:
                yield name, segment.points
            else:
                problems.append(f"{name}{title} holds no points: skipped")


def _log(name: str, device: str, points: list[Any], clock_ms: int) -> FlightLog:
    """The log of one segment; ``clock_ms`` is the time of its first point where none has one."""
    problems: list[str] = []
    times = np.array([_NO_TIME if p.time is None else _ms(p.time) for p in points], np.int64)
    wrong = {"no-time": times == _NO_TIME} | time_faults(times)
    if wrong["no-time"].all():
        wrong = {}
        times = clock_ms + np.arange(len(points), dtype=np.int64) * _STEP_MS
        problems.append("no point has a time: spread at one per second, so times and speeds mean nothing")
    lat = np.array([p.latitude for p in points], np.float64)
    lon = np.array([p.longitude for p in points], np.float64)
    quality = np.array([_QUALITY.get(p.type_of_gpx_fix or "", FixQuality.UNKNOWN) for p in points], np.int8)
    keep, rejected = sift(wrong | {"no-fix": quality == FixQuality.NONE} | position_faults(lat, lon))
    if not keep.any():
        problems.append(f"no fixes: none of {len(points)} points has one")
    heights = [_told(p.elevation) for p in points]
    fixes = FixTable.build(
        times,
        lat,
        lon,
        device=device,
        flight=name,
        height_m=heights,
        height_ref=int(HeightRef.UNKNOWN if np.isnan(heights).all() else HeightRef.MSL),
        speed_mps=[_extended(p, p.speed, "speed") for p in points],
        heading_deg=[_extended(p, p.course, "course") for p in points],
        hdop=[_told(p.horizontal_dilution) for p in points],
        quality=quality,
    ).take(keep)
    return FlightLog(name, device, fixes, rejected=rejected, problems=tuple(problems))


def _ms(time: datetime) -> int:
    """A time in ms UTC, −1 for an impossible one; one without a zone is UTC, as GPX has it."""
    try:
        return round((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000.0)
    except (ValueError, OverflowError):  # a zone of more than a day, or a time before year 1 in UTC
        return _NO_TIME


def _told(value: float | None) -> float:
    return NAN if value is None else float(value)


def _extended(point: Any, value: float | None, name: str) -> float:
    """A value of a point, else of its extensions."""
    if value is not None:
        return float(value)
    for extension in point.extensions:
        for element in extension.iter():
            if element.tag.rpartition("}")[2] == name:
                try:
                    return float(element.text or "")
                except ValueError:
                    return NAN
    return NAN
