"""The frames of a MAVLink telemetry log, and wanted messages of them as columns.

A record is the time of receipt (µs since 1970, u64, big-endian) and one frame. A frame begins with FE (MAVLink 1:
payload length, sequence, system, component, message) or FD (MAVLink 2: payload length, flags, flags, sequence, system,
component, message in 3 bytes); the checksum stands at the end, and 13 bytes of signature where flag 1 is set. Source:
mavlink.io/en/guide/serialization.html. pymavlink checks and unpacks the wanted messages only.
"""

from __future__ import annotations

import re
import struct
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from ingest.clock import EARLIEST_MS, LATEST_MS
from ingest.logparts.message import Message

_STAMP_LENGTH: Final = 8
_FACTS: Final = 5
_V1, _V2 = 0xFE, 0xFD
_V1_OVERHEAD, _V2_OVERHEAD, _SIGNATURE = 8, 12, 13
_SHORTEST: Final = _STAMP_LENGTH + _V1_OVERHEAD
_MAGIC: Final = re.compile(rb"[\xfd\xfe]")
_STAMP: Final = struct.Struct(">Q")
SYSTEM, COMPONENT = "system", "component"
"""Columns that every message has beside its own fields: who sent it."""


class Frame(NamedTuple):
    """Where a frame stands, when it was received, and who sent it."""

    stamp_us: int
    system: int
    component: int
    start: int
    end: int


class Frames:
    """Frames in the order of the file, five integers each: a log of hours has millions."""

    def __init__(self) -> None:
        """None so far."""
        self._told = array("q")

    def __len__(self) -> int:
        return len(self._told) // _FACTS

    def __iter__(self) -> Iterator[Frame]:
        for at in range(0, len(self._told), _FACTS):
            yield Frame(*self._told[at : at + _FACTS])

    def append(self, frame: Frame) -> None:
        """Put one behind the others."""
        self._told.extend(frame)


@dataclass(slots=True)
class Telemetry:
    """Frames of the wanted messages by message number; ``total`` counts all frames."""

    data: bytes
    frames: dict[int, Frames] = field(default_factory=dict)
    total: int = 0
    problems: list[str] = field(default_factory=list)
    corrupt: list[tuple[int, int]] = field(default_factory=list)
    """Message and system of each frame whose checksum is wrong."""


def header(data: bytes, position: int) -> tuple[int, int, int, int] | None:
    """System, component, message number and end of the frame of a record; None where no record can begin.

    ``data`` must hold at least 16 bytes from ``position`` on.
    """
    (stamp_us,) = _STAMP.unpack_from(data, position)
    if not EARLIEST_MS * 1000 <= stamp_us < LATEST_MS * 1000:
        return None
    start = position + _STAMP_LENGTH
    if data[start] == _V1:
        return data[start + 3], data[start + 4], data[start + 5], start + data[start + 1] + _V1_OVERHEAD
    if data[start] == _V2 and len(data) >= start + 10:
        length = data[start + 1] + _V2_OVERHEAD + (_SIGNATURE if data[start + 2] & 1 else 0)
        return data[start + 5], data[start + 6], int.from_bytes(data[start + 7 : start + 10], "little"), start + length
    return None


def walk(data: bytes, wanted: Mapping[int, tuple[str, ...]]) -> Telemetry:
    """Find the frames of the wanted messages; damage is skipped and named by its byte."""
    telemetry = Telemetry(data, {number: Frames() for number in wanted})
    position = 0
    while position + _SHORTEST <= len(data):
        found = header(data, position)
        if found is None:
            position = _resume(data, position, telemetry.problems)
            continue
        system, component, number, end = found
        if end > len(data):
            break
        telemetry.total += 1
        if number in wanted:
            (stamp_us,) = _STAMP.unpack_from(data, position)
            telemetry.frames[number].append(Frame(stamp_us, system, component, position + _STAMP_LENGTH, end))
        position = end
    if position < len(data):
        telemetry.problems.append(f"byte {position}: the file ends within a record ({len(data) - position} bytes)")
    return telemetry


def _resume(data: bytes, position: int, problems: list[str]) -> int:
    """The next place where a record can begin, and after it another."""
    following = len(data)
    for match in _MAGIC.finditer(data, position + _STAMP_LENGTH + 1):
        start = match.start() - _STAMP_LENGTH
        found = header(data, start) if start + _SHORTEST <= len(data) else None
        if found and (found[3] + _SHORTEST > len(data) or header(data, found[3])):
            following = start
            break
    problems.append(f"byte {position}: {following - position} bytes are no MAVLink record; skipped")
    return following


def message(telemetry: Telemetry, number: int, fields: tuple[str, ...]) -> Message:
    """All good rows of a message, by record stamp in µs; frames with a wrong checksum are named by their byte.

    Fields that are texts become ``texts``, all others numbers.
    """
    from pymavlink.dialects.v20 import ardupilotmega  # noqa: PLC0415

    mav = ardupilotmega.MAVLink(None)
    frames = telemetry.frames[number]
    numbers = {name: np.empty(len(frames)) for name in (*fields, SYSTEM, COMPONENT)}
    texts: dict[str, list[str]] = {}
    at_us, rows = np.empty(len(frames)), 0
    for frame in frames:
        try:
            told = mav.decode(bytearray(telemetry.data[frame.start : frame.end]))
        except ardupilotmega.MAVError as error:
            telemetry.corrupt.append((number, frame.system))
            if telemetry.corrupt.count((number, frame.system)) == 1:
                telemetry.problems.append(f"byte {frame.start}: {error}")
            continue
        for name in fields:
            value = getattr(told, name)
            if isinstance(value, str):
                texts.setdefault(name, []).append(value)
            else:
                numbers[name][rows] = value
        at_us[rows], numbers[SYSTEM][rows], numbers[COMPONENT][rows] = frame.stamp_us, frame.system, frame.component
        rows += 1
    plain = {name: column[:rows] for name, column in numbers.items() if name not in texts}
    return Message(at_us[:rows], plain, texts)
