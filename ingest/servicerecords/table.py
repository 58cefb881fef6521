"""Rows with named columns: what CSV, KML and GeoJSON records are brought into before their meaning is looked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from core.errors import FlightLogError
from ingest.servicerecords.columns import Column, recognise

HEADER_WITHIN: Final = 10
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_SUMMARY_AMOUNTS: Final = frozenset({"area", "volume", "mass"})
_SUMMARY_TIMES: Final = frozenset({"start", "duration", "time"})


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts under headers.

    ``rows`` holds (line or point number, cells); ``constants`` what holds for all rows, by header; ``place`` is the
    word for the numbers (line, point).
    """

    name: str
    headers: tuple[str, ...]
    rows: tuple[tuple[int, Sequence[str]], ...]
    constants: Mapping[str, str] = field(default_factory=dict)
    place: str = "line"
    decimal_comma: bool = False
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialect:
    """One maker's records: its format name, words that mark its files, and the units that its documents state.

    ``documented`` maps folded column names to folded units, ``source`` says where that stands.
    """

    format: str
    maker: str
    marks: tuple[str, ...]
    documented: Mapping[str, str]
    source: str

    def columns(self, headers: Sequence[str]) -> list[Column | None]:
        """The meaning of each header."""
        return [recognise(h, self.documented, self.source) for h in headers]


def kind(quantities: set[str]) -> str:
    """``track``, ``summary`` or "" for the quantities of a table's columns."""
    if {"time", "lat", "lon"} <= quantities:
        return "track"
    return "summary" if quantities & _SUMMARY_AMOUNTS and quantities & _SUMMARY_TIMES else ""


def decode(data: bytes, label: str) -> tuple[str, str]:
    """Text of a file and, in words, what was assumed about its encoding.

    Raises:
        FlightLogError: It is no text in an encoding that these exports use.
    """
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = _ENCODINGS
    reason = ""
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as error:
            reason = f"byte {error.start}: {error.reason}"
            continue
        return text, "" if encoding != "gb18030" else "the text is not UTF-8: read as GB 18030"
    raise FlightLogError(f"{label}: neither UTF-8 nor GB 18030 text ({reason})")


def delimiter_of(line: str) -> str:
    """The delimiter of a header line."""
    return max(",;\t", key=line.count)


def header_line(text: str, dialect: Dialect) -> int:
    """Index of the line that names the columns, within the first few; −1 where none does."""
    for index, line in enumerate(text.splitlines()[:HEADER_WITHIN]):
        try:
            cells = next(csv.reader([line], delimiter=delimiter_of(line)), [])
        except csv.Error:  # a cell of more than 128 kB names no column
            continue
        if kind({c.quantity for c in dialect.columns(cells) if c}):
            return index
    return -1


def read_csv(path: Path, dialect: Dialect) -> Table:
    """The table of a CSV file.

    Raises:
        FlightLogError: The file is empty, no text, or none of its first lines names columns of a flight record.
    """
    text, assumed = decode(path.read_bytes(), str(path))
    if not text.strip():
        raise FlightLogError(f"{path}: the file is empty")
    skip = header_line(text, dialect)
    lines = text.splitlines()
    if skip < 0:
        raise FlightLogError(f"{path}: no columns of a {dialect.maker} record; {unknown_layout(lines[0])}")
    delimiter = delimiter_of(lines[skip])
    reader = csv.reader(io.StringIO("\n".join(lines[skip:])), delimiter=delimiter)
    headers = tuple(next(reader))
    rows = tuple((skip + reader.line_num, cells) for cells in reader if any(c.strip() for c in cells))
    problems = (assumed,) if assumed else ()
    return Table(path.stem, headers, rows, decimal_comma=delimiter == ";", problems=problems)


def unknown_layout(found: str) -> str:
    """Columns that were found, and those that are needed."""
    return (
        f"found: {found[:200].strip() or 'nothing'}; needed: time, latitude and longitude for a track, or a start "
        "time or duration and an area, volume or mass for records of flights"
    )
