"""A record file of any of the three kinds: telling whether it is one, and reading it."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.errors import FlightLogError
from core.fixcolumns import lacking
from core.model.flightlog import FlightLog, LogFile
from ingest.servicerecords import geojson, kml
from ingest.servicerecords.build import logs_of
from ingest.servicerecords.columns import TIMES
from ingest.servicerecords.table import Dialect, decode, delimiter_of, header_line, read_csv
from ingest.servicerecords.tracks import table_of

_SNIFFED_BYTES: Final = 1_000_000
_TREATMENT: Final = frozenset({"width", "flow", "state", "area", "volume", "mass", "dose", "tank"})
_JSON_KEY: Final = re.compile(r'"([^"\\]{1,60})"\s*:')
_KML_LINE: Final = re.compile(r"<(?:\w+:)?(?:Track|LineString)\b|<(?:\w+:)?when>")
_GEOJSON_GEOMETRY: Final = re.compile(r'"type"\s*:\s*"(?:Point|LineString|MultiLineString)"')


def is_record(head: bytes, path: Path, dialect: Dialect, others: Sequence[Dialect] = ()) -> bool:
    """Whether a file is a flight record of a maker.

    A file that names the maker among ``dialect.marks`` is; one that names no maker at all is where ``others`` lists the
    makers to whom it could belong instead. Tracks without anything about a treatment (AirData, fields) are not.
    """
    content = "" if path.is_dir() else kind_of(head)
    if not content:
        return False
    text = _start(head, path)
    if content == "csv" and _is_ours(text):
        return False
    marked = _marked(text, path, dialect)
    if not marked and (not others or any(_marked(text, path, o) for o in others)):
        return False
    if content == "csv":
        return _treats_csv(text, dialect)
    if content == "kml":
        return bool(_KML_LINE.search(text)) and (marked or "<Polygon" not in text)
    names = _JSON_KEY.findall(text)
    return bool(_GEOJSON_GEOMETRY.search(text)) and (marked or (_treats(names, dialect) and _timed(names, dialect)))


def _is_ours(text: str) -> bool:
    """Whether a CSV names its columns as our own payload does: that is no maker's record, whatever its drones are."""
    header = text.lstrip("\ufeff\r\n").partition("\n")[0].casefold()
    return not lacking([name.strip(' "\r') for name in re.split("[,;\t]", header)])


def kind_of(head: bytes) -> str:
    """``csv``, ``kml`` or ``geojson`` by the first bytes, "" for anything binary."""
    if b"\0" in head and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return ""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<"):
        return "kml" if b"<kml" in head else ""
    return "geojson" if start.startswith(b"{") else "csv" * bool(start)


def read_record(path: Path, dialect: Dialect) -> LogFile:
    """Read a record file.

    Raises:
        FlightLogError: The file cannot be read, its columns are unknown, or nothing in it is usable.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise FlightLogError(f"{path}: {error.strerror or error}") from error
    if not head.strip():
        raise FlightLogError(f"{path}: the file is empty")
    match kind_of(head):
        case "kml":
            tables = [table_of(t, dialect) for t in kml.read_tracks(path)]
        case "geojson":
            tables = [table_of(t, dialect) for t in geojson.read_tracks(path)]
        case "csv":
            tables = [read_csv(path, dialect)]
        case _:
            raise FlightLogError(f"{path}: neither CSV, KML nor GeoJSON")
    logs: list[FlightLog] = [log for table in tables for log in logs_of(table, dialect, str(path))]
    if not any(len(log.fixes) or log.machine for log in logs):
        said = dict.fromkeys(p for log in logs for p in log.problems)
        raise FlightLogError(f"{path}: nothing usable: {'; '.join(list(said)[:5])}")
    named = _marked(_start(head, path), path, dialect)
    problems = () if named else (f"the file does not name its maker: read as a {dialect.maker} record",)
    return LogFile(dialect.format, tuple(logs), problems=problems)


def _start(head: bytes, path: Path) -> str:
    """The text of the file's beginning; longer than the head, since GeoJSON names its columns after coordinates."""
    try:
        with path.open("rb") as file:
            data = file.read(_SNIFFED_BYTES)
    except OSError:
        data = head
    try:
        return decode(data, path.name)[0]
    except FlightLogError:
        return data.decode("utf-8", "replace")


def _marked(text: str, path: Path, dialect: Dialect) -> bool:
    """Whether the file, or its name, names the maker."""
    searched = f"{path.name}\n{text}".lower()
    return any(re.search(rf"(?<![a-z]){re.escape(mark)}(?![a-z])", searched) for mark in dialect.marks)


def _treats_csv(text: str, dialect: Dialect) -> bool:
    """Whether the columns of a CSV tell of a treatment."""
    index = header_line(text, dialect)
    if index < 0:
        return False
    line = text.splitlines()[index]
    return _treats(next(csv.reader([line], delimiter=delimiter_of(line)), []), dialect)


def _treats(names: Sequence[str], dialect: Dialect) -> bool:
    """Whether any of the names is a quantity of a treatment."""
    return any(c is not None and c.quantity in _TREATMENT for c in dialect.columns(list(dict.fromkeys(names))))


def _timed(names: Sequence[str], dialect: Dialect) -> bool:
    """Whether any of the names is a time."""
    columns = dialect.columns(list(dict.fromkeys(names)))
    return "coordTimes" in names or any(c is not None and c.quantity in TIMES for c in columns)
