"""Where the records of a binary time log stand: nothing in the file marks them, so a damaged log must be re-found.

A record has no mark and no checksum, only a plausible shape: a time of day, a day, channel numbers that exist. A chain
of records that follow one another exactly is taken as sound. After bytes that are no record, the next chain with the
day of the last record (or a few days later) is searched.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

DAY_MS: Final = 86_400_000
FIRST_DAY, LAST_DAY = 3_653, 43_829
"""1990-01-01 and 2100-01-01 in days since 1980-01-01: no task data are older than the standard."""
CHAIN: Final = 3
"""So many records in a row whose shape fits are no chance."""
LATER_DAYS: Final = 7
ATTEMPTS: Final = 500_000
"""So many bytes that could begin a record, but do not, end the search: the rest is no time log."""
VALUE_BYTES: Final = 5
DAY_AT: Final = 4
CHUNK: Final = 65_536
_DAY_0: Final = dt.date(1980, 1, 1)
_HEAD: Final = struct.Struct("<IH")


@dataclass(frozen=True, slots=True)
class Layout:
    """Bytes before the number of values, and how many channels there are."""

    fixed_bytes: int
    channels: int


class Gap(NamedTuple):
    """Bytes that are no record: from ``begin`` up to ``end``, and why the first of them is none."""

    begin: int
    end: int
    fault: str


@dataclass(slots=True)
class Scanned:
    """Where records start, how many values each has, and what lies between them."""

    starts: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def scan(data: bytes, layout: Layout, days: frozenset[int]) -> Scanned:
    """Find the records.

    Args:
        data: The binary file.
        layout: The shape of its records.
        days: Days since 1980-01-01 that are expected, and need no further proof.
    """
    found = Scanned()
    reader = _Reader(data, layout)
    at, day = 0, -1
    while at < len(data):
        end, fault = reader.record(at)
        if not fault:
            now = reader.day(at)
            if now == day or _expected(now, day, days) or (now >= day - 1 and reader.chain(at, now)):
                found.starts.append(at)
                found.counts.append((end - at - layout.fixed_bytes - 1) // VALUE_BYTES)
                at, day = end, now
                continue
            fault = f"its date {_date(now)} does not fit" + (f" after {_date(day)}" if day >= 0 else "")
        resumed = reader.resume(at + 1, day, days)
        found.gaps.append(Gap(at, resumed, fault))
        at = resumed
    return found


def _date(day: int) -> str:
    return str(_DAY_0 + dt.timedelta(days=day))


def _expected(now: int, day: int, days: frozenset[int]) -> bool:
    """Whether a day is one at which work went on, and not before the last record's."""
    return now >= day - 1 and not days.isdisjoint((now - 1, now, now + 1))


@dataclass(frozen=True, slots=True)
class _Reader:
    data: bytes
    layout: Layout

    def day(self, at: int) -> int:
        """The day of the record at a byte."""
        return int(_HEAD.unpack_from(self.data, at)[1])

    def record(self, at: int) -> tuple[int, str]:
        """End of the record at a byte, and what is wrong with it ("" if nothing)."""
        data, channels = self.data, self.layout.channels
        values = at + self.layout.fixed_bytes + 1
        if values > len(data):
            return len(data), f"the file ends within a record, at byte {len(data):,}"
        ms, day = _HEAD.unpack_from(data, at)
        if ms >= DAY_MS:
            return at, f"its time of day would be {ms:,} ms"
        if not FIRST_DAY <= day <= LAST_DAY:
            return at, f"its date would be {_date(day)}"
        end = values + VALUE_BYTES * data[values - 1]
        if end > len(data):
            return len(data), f"the file ends within a record, at byte {len(data):,}"
        if end > values and max(data[values:end:VALUE_BYTES]) >= channels:
            return at, f"it would hold channel {max(data[values:end:VALUE_BYTES])} of {channels}"
        return end, ""

    def chain(self, at: int, day: int) -> bool:
        """Whether records of one day follow each other from a byte on (or up to the end of the file)."""
        for _ in range(CHAIN):
            if at == len(self.data):
                return True
            end, fault = self.record(at)
            if fault or self.day(at) != day:
                return False
            at = end
        return True

    def resume(self, at: int, day: int, days: frozenset[int]) -> int:
        """The byte at which sound records begin again; the end of the file where there are none."""
        for candidate in itertools.islice(self._candidates(at, day, days), ATTEMPTS):
            end, fault = self.record(candidate)
            if not fault and end > candidate and self.chain(candidate, self.day(candidate)):
                return candidate
        return len(self.data)

    def _candidates(self, at: int, day: int, days: frozenset[int]) -> Iterator[int]:
        """Bytes at which a record of a fitting day could begin."""
        fitting = {d + k for d in days for k in (-1, 0, 1)}
        fitting |= {day + k for k in range(LATER_DAYS + 1)} if day >= 0 else set()
        if not fitting:
            yield from self._any_day(at)
            return
        later = [d for d in sorted(fitting) if d >= day - 1 and FIRST_DAY <= d <= LAST_DAY]
        pattern = re.compile(b"(?=" + b"|".join(re.escape(struct.pack("<H", d)) for d in later) + b")")
        yield from (m.start() - DAY_AT for m in pattern.finditer(self.data, at + DAY_AT))

    def _any_day(self, at: int) -> Iterator[int]:
        """Bytes at which a time of day and a day could stand."""
        octets = np.frombuffer(self.data, np.uint8)
        for begin in range(at, len(self.data) - _HEAD.size + 1, CHUNK):
            part = octets[begin : begin + CHUNK + _HEAD.size - 1].astype(np.uint32)
            n = len(part) - _HEAD.size + 1
            ms = sum((part[k : k + n] << 8 * k for k in range(1, DAY_AT)), part[:n])
            day = part[DAY_AT : DAY_AT + n] | part[DAY_AT + 1 : DAY_AT + 1 + n] << 8
            yield from (begin + np.flatnonzero((ms < DAY_MS) & (day >= FIRST_DAY) & (day <= LAST_DAY))).tolist()
