"""What is exported of flights and coverage, as tables in pieces, and the port to what writes them into files.

Pieces are made while they are written, so that an export of any size needs the memory of one of them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
import shapely

from core.model.coverage import Flight
from core.model.fixtable import Bools, FixTable, Floats
from core.model.samples import NAN

PIECE: Final = 20_000
"""Rows of a piece, about."""
WGS84: Final = "EPSG:4326"


class Subject(StrEnum):
    """What an export is about."""

    FIXES = "fixes"
    COVERAGE = "coverage"


class Kind(StrEnum):
    """What a column holds: ``COUNT`` is −1, ``NUMBER`` NaN and ``TEXT`` None where nothing is told.

    Times are ms since 1970 UTC; ``LOCAL`` ones are shown in Asia/Ho_Chi_Minh.
    """

    COUNT = "count"
    NUMBER = "number"
    FLAG = "flag"
    TEXT = "text"
    UTC = "utc"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; ``short`` is what a shapefile calls it, whose names have ten letters at most."""

    name: str
    kind: Kind
    short: str


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows: columns by name, each of shape (n,), and shapes in WGS 84 (longitude, latitude; None: no shape)."""

    columns: Mapping[str, Any]
    shapes: Any

    def __len__(self) -> int:
        return len(self.shapes)


@dataclass(frozen=True, slots=True, eq=False)
class FlightPiece:
    """Some fixes of a flight, in order. ``swath_m`` counts where a fix names none; ``last``: none are to come."""

    flight: Flight
    fixes: FixTable
    swath_m: float = NAN
    first: bool = True
    last: bool = True


@dataclass(frozen=True, slots=True)
class Frame:
    """The coordinate reference system of a file.

    ``prj`` is its WKT 1 as ESRI writes it, ``projjson`` its definition as GeoParquet has it, ``xy`` the way there from
    longitudes and latitudes in WGS 84, each of shape (n,).
    """

    crs: str
    prj: str
    projjson: str
    xy: Callable[[Any, Any], tuple[Floats, Floats]]

    @property
    def wgs84(self) -> bool:
        """Whether nothing is to be done."""
        return self.crs == WGS84

    def moved(self, shapes: Any) -> Any:
        """Shapes (n,) in WGS 84 in this frame."""
        if self.wgs84 or not len(shapes):
            return shapes
        return shapely.transform(shapes, lambda points: np.column_stack(self.xy(points[:, 0], points[:, 1])))


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be written. ``pieces`` and ``rows`` are the same thing twice, and can be gone through once.

    ``bom``: whether a text begins with a byte order mark, which spreadsheets need to see Vietnamese letters.
    """

    subject: Subject
    name: str
    columns: tuple[Column, ...]
    rows: Iterator[Rows]
    pieces: Iterator[FlightPiece]
    frame: Frame
    bom: bool = False


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format.

    Args:
        name: Its name.
        suffix: That of its files.
        media_type: What HTTP calls it.
        subjects: What can be written in it.
        any_crs: Whether its files can say in which CRS they are; else they are in WGS 84.
        stream: Writes a file; gives its bytes one after the other. Raises ``ConfigError``, before anything is given,
            where the order cannot be written so.
    """

    name: str
    suffix: str
    media_type: str
    stream: Callable[[Order], Iterator[bytes]]
    subjects: tuple[Subject, ...] = tuple(Subject)
    any_crs: bool = False


FrameOf = Callable[[str, float], Frame]
"""The frame of a CRS for what lies around a longitude; raises ``ConfigError`` for one that does not fit."""


@dataclass(frozen=True, slots=True)
class Exporters:
    """All formats by name, and how a CRS is found."""

    formats: Mapping[str, Exporter]
    frame: FrameOf


class Drain(io.RawIOBase):
    """A file to write into that gives away what was written: for libraries that write, in a program that streams."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take bytes."""
        content = bytes(data)
        self._parts.append(content)
        self._at += len(content)
        return len(content)

    def tell(self) -> int:
        """How many bytes were written so far."""
        return self._at

    def drain(self) -> bytes:
        """What was written since the last time."""
        content = b"".join(self._parts)
        self._parts.clear()
        return content


def untold(column: Column, values: Any) -> Bools | None:
    """Which values of a column are not told, shape (n,); None where all are."""
    match column.kind:
        case Kind.COUNT:
            missing = np.asarray(values) < 0
        case Kind.NUMBER:
            missing = ~np.isfinite(values)
        case Kind.TEXT:
            missing = np.array([it is None for it in values], np.bool_)
        case _:
            return None
    return missing if missing.any() else None


_OFFSET_MS: Final = 7 * 3_600_000


def times(column: Column, ts_ms: Any) -> Any:
    """Times as ISO 8601 texts, with Z or with the offset of Asia/Ho_Chi_Minh (since 1975); shape (n,), objects."""
    offset_ms, zone = (_OFFSET_MS, "+07:00") if column.kind is Kind.LOCAL else (0, "Z")
    stamps = np.datetime_as_string((np.asarray(ts_ms, np.int64) + offset_ms).astype("datetime64[ms]"))
    return np.char.add(stamps, zone).astype(object)


def listed(columns: tuple[Column, ...], rows: Rows) -> list[list[Any]]:
    """The columns as lists of Python's own values, with None for what is not told and texts for times."""
    made: list[list[Any]] = []
    for column in columns:
        values = rows.columns[column.name]
        if column.kind in {Kind.UTC, Kind.LOCAL}:
            values = times(column, values)
        plain = np.asarray(values).tolist()
        missing = untold(column, values)
        if missing is not None and column.kind is not Kind.TEXT:
            for row in np.flatnonzero(missing).tolist():
                plain[row] = None
        made.append(plain)
    return made
