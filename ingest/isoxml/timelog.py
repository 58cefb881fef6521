"""Time logs: an XML header that says what is in the binary file, and the binary records as columns.

A record is: time of day in ms (uint32), day since 1980-01-01 (uint16), the position attributes that stand empty in the
header's ``PTN`` in the order A to I, the number of values (uint8), and for each its index in the header's ``DLV`` list
(uint8) and the value (int32). All little-endian. A value holds until it is sent again.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import Floats, Ints
from ingest.isoxml.device import integer
from ingest.isoxml.markup import parse_xml
from ingest.isoxml.records import Gap, Layout, scan

POSITION: Final = {"A": "i4", "B": "i4", "C": "i4", "D": "u1", "E": "u2", "F": "u2", "G": "u1", "H": "u4", "I": "u2"}
"""Attributes of PTN: north, east (1e-7°), up (mm), status, PDOP, HDOP (0.1), satellites, GPS time (ms), GPS day."""
DAYS_1970_TO_1980: Final = 3_652
DAY_MS: Final = 86_400_000
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d*)?")


@dataclass(frozen=True, slots=True)
class Channel:
    """One logged value: its DDI, its device element, and its value if the header fixes it."""

    ddi: int
    part: str
    fixed: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """What a log's XML says: binary position attributes, those with a fixed value, and the channels."""

    binary: tuple[str, ...]
    fixed: dict[str, float]
    channels: tuple[Channel, ...]

    @property
    def dtype(self) -> np.dtype[np.void]:
        """The fixed part of a record."""
        return np.dtype([("ms", "<u4"), ("day", "<u2"), *((a, f"<{POSITION[a]}") for a in self.binary)])


@dataclass(frozen=True, slots=True, eq=False)
class TimeLog:
    """The records of a log, those of one instant and place joined, as columns of shape (n,).

    ``clock_ms`` is the terminal's wall clock in ms since 1970, ``byte`` where each row stands in the file, ``gaps`` the
    bytes that are no record.
    """

    header: Header
    clock_ms: Ints
    byte: Ints
    position: dict[str, NDArray[np.generic]]
    sent: dict[int, tuple[Ints, Floats]]
    gaps: tuple[Gap, ...]

    def __len__(self) -> int:
        return len(self.clock_ms)

    def channels(self, ddis: Collection[int], parts: Collection[str]) -> list[int]:
        """Indexes of the channels of some DDIs and elements that hold at least one value."""
        return [
            i
            for i, c in enumerate(self.header.channels)
            if c.ddi in ddis and c.part in parts and (i in self.sent or c.fixed is not None)
        ]

    def held(self, channel: int) -> Floats:
        """The raw value of a channel at every row: NaN before it is first sent."""
        rows, values = self.sent.get(channel, (np.empty(0, np.int64), np.empty(0)))
        fixed = self.header.channels[channel].fixed
        start = np.full(len(self) + 1, np.nan)
        start[0] = np.nan if fixed is None else fixed
        start[rows + 1] = values
        last = np.maximum.accumulate(np.where(np.isnan(start), 0, np.arange(len(start))))
        return start[last][1:]

    def attribute(self, name: str) -> Floats:
        """A position attribute at every row as stored; NaN where the log has none."""
        if name in self.position:
            return self.position[name].astype(np.float64)
        return np.full(len(self), self.header.fixed.get(name, np.nan))


def read_header(content: bytes, name: str) -> Header:
    """Parse the header of a log.

    Raises:
        FlightLogError: It is no well-formed XML.
    """
    root = parse_xml(content, name)
    position = next(iter(root.iter("PTN")), None)
    attributes = {} if position is None else {a: position.get(a) for a in POSITION}
    channels = [
        Channel(integer(d.get("A"), 16), d.get("C", ""), integer(value) if _NUMBER.fullmatch(value) else None)
        for d in root.iter("DLV")
        for value in [d.get("B", "").strip()]
    ]
    return Header(
        tuple(a for a, text in attributes.items() if text is not None and not text.strip()),
        {a: _fixed(a, float(text)) for a, text in attributes.items() if text and _NUMBER.fullmatch(text.strip())},
        tuple(channels),
    )


def _fixed(attribute: str, value: float) -> float:
    """A position attribute of the header as the binary would hold it: degrees and DOPs are written as decimals."""
    scale = {"A": 1e7, "B": 1e7, "E": 10.0, "F": 10.0}.get(attribute, 1.0)
    return value * scale


def read_log(header: Header, data: bytes, days: Iterable[int]) -> TimeLog:
    """Read the records of a log; what is no record is skipped and said.

    Args:
        header: What the log's XML says.
        data: The binary file.
        days: Days since 1980-01-01 at which the task data say that work went on.
    """
    dtype = header.dtype
    scanned = scan(data, Layout(dtype.itemsize, len(header.channels)), frozenset(days))
    starts, counts = np.array(scanned.starts, np.int64), np.array(scanned.counts, np.int64)
    octets = np.frombuffer(data, np.uint8)
    block = octets[starts[:, None] + np.arange(dtype.itemsize)]
    fixed = np.ascontiguousarray(block).view(dtype).reshape(len(starts))
    clock_ms = (fixed["day"].astype(np.int64) + DAYS_1970_TO_1980) * DAY_MS + fixed["ms"]
    group, first = _instants(clock_ms, fixed, header)
    return TimeLog(
        header,
        clock_ms[first],
        starts[first],
        {a: fixed[a][first] for a in header.binary},
        _sent(octets, starts + dtype.itemsize + 1, counts, group),
        tuple(scanned.gaps),
    )


def _instants(clock_ms: Ints, fixed: NDArray[np.void], header: Header) -> tuple[Ints, Ints]:
    """Number of the instant of each record, and the first record of each: one instant is sent in several records."""
    same = np.diff(clock_ms) == 0
    for attribute in set("AB") & set(header.binary):
        same &= np.diff(fixed[attribute].astype(np.int64)) == 0
    fresh = np.concatenate([np.ones(min(len(clock_ms), 1), np.bool_), ~same])
    return np.cumsum(fresh) - 1, np.flatnonzero(fresh)


def _sent(octets: NDArray[np.uint8], at: Ints, counts: Ints, rows: Ints) -> dict[int, tuple[Ints, Floats]]:
    """Rows and values by channel, in the order of the log."""
    total = int(counts.sum())
    within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
    address = np.repeat(at, counts) + 5 * within
    index = octets[address]
    values = np.ascontiguousarray(octets[address[:, None] + np.arange(1, 5)]).view("<i4").reshape(total)
    row = np.repeat(rows, counts)
    order = np.argsort(index, kind="stable")
    present, begins = np.unique(index[order], return_index=True)
    parts = np.split(order, begins[1:]) if total else []
    return {
        int(i): _last_per_row(row[part], values[part].astype(np.float64))
        for i, part in zip(present.tolist(), parts, strict=True)
    }


def _last_per_row(rows: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Of the values of one row, the last."""
    last = np.concatenate([np.diff(rows) > 0, [True]])
    return rows[last], values[last]
