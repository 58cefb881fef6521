"""The messages of an ArduPilot DataFlash log, binary or text, as columns.

Binary: every message begins with A3 95 and its type. Type 128 (FMT) describes a type: type (u8), length of the whole
message (u8), name (4 bytes), one format letter per column (16 bytes), column names (64 bytes, comma-separated). Text:
one message per line, ``name, value, value ...``, with FMT lines of the same columns. Source: libraries/AP_Logger/
LogStructure.h and README.md in ArduPilot. Only the wanted messages are decoded, all rows of one in a single NumPy
operation; damage is named by the byte where it begins.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats
from ingest.logparts.message import Message
from ingest.logparts.sifting import shortened

HEADER: Final = b"\xa3\x95"
FMT_TYPE: Final = 0x80
FMT_LENGTH: Final = 89
_HEADER_LENGTH: Final = 3
_TEXTS: Final = "nNZ"
_NUMPY: Final = {
    "a": "S64", "b": "i1", "B": "u1", "h": "i2", "H": "u2", "i": "i4", "I": "u4", "f": "f4", "d": "f8", "g": "f2",
    "n": "S4", "N": "S16", "Z": "S64", "c": "i2", "C": "u2", "e": "i4", "E": "u4", "L": "i4", "M": "u1", "q": "i8",
    "Q": "u8",
}  # fmt: skip
_SCALE: Final = {"c": 0.01, "C": 0.01, "e": 0.01, "E": 0.01, "L": 1e-7}


@dataclass(frozen=True, slots=True)
class Records:
    """The wanted messages by name (absent where the log has none), and what was damaged, with byte or line."""

    messages: dict[str, Message]
    problems: tuple[str, ...]

    def get(self, name: str) -> Message:
        """A message; without rows where the log has none."""
        return self.messages.get(name, Message(np.empty(0)))


@dataclass(frozen=True, slots=True)
class _Layout:
    """What FMT says of a type."""

    name: str
    length: int
    letters: str
    columns: tuple[str, ...]

    def dtype(self) -> np.dtype[np.void] | None:
        """The packed row, None where letters, columns and length contradict each other."""
        if len(self.letters) != len(self.columns) or not all(c in _NUMPY for c in self.letters):
            return None
        columns = ((f"c{i}", f"<{_NUMPY[letter]}") for i, letter in enumerate(self.letters))
        row = np.dtype([("header", f"S{_HEADER_LENGTH}"), *columns])
        return row if row.itemsize == self.length else None


def read_binary(data: bytes, wanted: Collection[str]) -> Records:
    """The wanted messages of a binary log."""
    layouts, places, problems = _walk(data, wanted)
    messages: dict[str, Message] = {}
    for kind, starts in places.items():
        layout = layouts[kind]
        row = layout.dtype()
        if row is None:
            problems.append(f"message {layout.name} (first at byte {starts[0]}) has a layout that contradicts itself")
        elif layout.name not in messages:
            messages[layout.name] = _columns(data, layout, row, starts)
    return Records(messages, shortened(problems))


def _walk(data: bytes, wanted: Collection[str]) -> tuple[dict[int, _Layout], dict[int, list[int]], list[str]]:
    """Layouts by type, the places of the wanted messages by type, and problems."""
    layouts = {FMT_TYPE: _Layout("FMT", FMT_LENGTH, "BBnNZ", ("Type", "Length", "Name", "Format", "Columns"))}
    lengths = [0] * 256
    lengths[FMT_TYPE] = FMT_LENGTH
    places: dict[int, list[int]] = {}
    problems: list[str] = []
    position, end = 0, len(data)
    while position + _HEADER_LENGTH <= end:
        kind = data[position + 2]
        length = lengths[kind]
        if data[position : position + 2] != HEADER or not length:
            position = _resume(data, position, lengths, problems)
            continue
        if position + length > end:
            name = layouts[kind].name
            problems.append(
                f"byte {position}: the file ends within a {name} message ({end - position} of {length} bytes)"
            )
            break
        if kind == FMT_TYPE:
            number, layout = _layout(data[position : position + FMT_LENGTH])
            if layout.length > _HEADER_LENGTH and number not in layouts:
                layouts[number] = layout
                lengths[number] = layout.length
                if layout.name in wanted:
                    places[number] = []
        elif kind in places:
            places[kind].append(position)
        position += length
    return layouts, {k: p for k, p in places.items() if p}, problems


def _layout(message: bytes) -> tuple[int, _Layout]:
    """The type that a FMT message describes."""
    name, letters, columns = (_text(message[a:b]) for a, b in ((5, 9), (9, 25), (25, 89)))
    return message[3], _Layout(name, message[4], letters, tuple(columns.split(",")) if columns else ())


def _text(data: bytes) -> str:
    return data.split(b"\0", 1)[0].decode("ascii", "replace")


def _resume(data: bytes, position: int, lengths: list[int], problems: list[str]) -> int:
    """The next place with the header of a known type; what is skipped is a problem unless it is padding at the end."""
    following = data.find(HEADER, position + 1)
    while following >= 0 and following + 2 < len(data) and not lengths[data[following + 2]]:
        following = data.find(HEADER, following + 1)
    stop = following if 0 <= following <= len(data) - _HEADER_LENGTH else len(data)
    if stop < len(data) or data[position:].strip(b"\0\xff"):
        problems.append(f"byte {position}: {stop - position} bytes are no DataFlash message; skipped")
    return stop


def _columns(data: bytes, layout: _Layout, row: np.dtype[np.void], starts: list[int]) -> Message:
    """Decode all rows of a message."""
    rows = np.frombuffer(b"".join(data[s : s + layout.length] for s in starts), row)
    numbers: dict[str, Floats] = {}
    texts: dict[str, list[str]] = {}
    for i, (name, letter) in enumerate(zip(layout.columns, layout.letters, strict=True)):
        column = rows[f"c{i}"]
        if letter in _TEXTS:
            texts[name] = [v.decode("utf-8", "replace") for v in column.tolist()]
        elif letter != "a":
            with np.errstate(invalid="ignore"):  # damaged floats may be signalling NaN
                numbers[name] = column.astype(np.float64) * _SCALE.get(letter, 1.0)
    return Message(np.array(starts, np.float64), numbers, texts)


def read_text(text: str, wanted: Collection[str]) -> Records:
    """The wanted messages of a text log."""
    layouts: dict[str, tuple[str, list[str]]] = {}
    rows: dict[str, list[tuple[int, list[str]]]] = {}
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        name, _, rest = line.partition(",")
        name = name.strip()
        if name == "FMT":
            _, _, described, letters, *columns = [v.strip() for v in rest.split(",")] + [""] * 4
            layouts[described] = (letters, [c for c in columns if c])
        elif name in wanted and name in layouts:
            letters, columns = layouts[name]
            values = [v.strip() for v in rest.split(",", len(columns) - 1)]
            if len(values) == len(columns) == len(letters):
                rows.setdefault(name, []).append((number, values))
            else:
                problems.append(f"line {number}: {name} has {len(values)} values instead of {len(columns)}; skipped")
    return Records({n: _message(*layouts[n], r) for n, r in rows.items()}, shortened(problems))


def _message(letters: str, columns: list[str], rows: list[tuple[int, list[str]]]) -> Message:
    """Columns of a text log's message; what is no number is NaN."""
    texts = {c: [v[i] for _, v in rows] for i, c in enumerate(columns) if letters[i] in _TEXTS}
    numbers = {
        c: np.array([_number(v[i]) for _, v in rows], np.float64) for i, c in enumerate(columns) if c not in texts
    }
    return Message(np.array([n for n, _ in rows], np.float64), numbers, texts)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan
