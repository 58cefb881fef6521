"""Fixes as a time log of ISO 11783-10: a header that names the channels, and binary records of what changed.

A record is: local time of day in ms (uint32), days since 1980-01-01 (uint16), north and east (int32, 1e-7°), status
(uint8), HDOP in tenths (uint16), the satellites' time of day in ms (uint32) and day (uint16), both UTC, the number of
values (uint8), and for each its channel (uint8) and the value (int32). All little-endian. A value holds until another
is sent, so only changes are; one that is not told any more cannot be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.exports import FlightPiece
from core.model.enums import FixQuality
from core.model.fixtable import Bools, FixTable, Floats, Ints

DAY_MS: Final = 86_400_000
_LOCAL_MS: Final = 7 * 3_600_000
_DAYS_TO_1980: Final = 3_652
_MM: Final = 1_000.0
_PER_WORD: Final = 16
_SECTIONS: Final = 256
"""More sections than the standard's condensed states hold are written as one width."""
_ON, _NOT_INSTALLED = 1, 3
WORK_STATE, WIDTH, VOLUME_PER_TIME, MASS_PER_TIME, SPEED, CONDENSED = 141, 67, 37, 42, 397, 161
_FIXED: Final = np.dtype(
    [("ms", "<u4"), ("day", "<u2"), ("A", "<i4"), ("B", "<i4"), ("D", "u1"), ("F", "<u2"), ("H", "<u4"), ("I", "<u2")]
)
_STATUS: Final = {
    FixQuality.UNKNOWN: 15,
    FixQuality.NONE: 0,
    FixQuality.SINGLE: 1,
    FixQuality.DGPS: 2,
    FixQuality.FLOAT: 5,
    FixQuality.RTK: 4,
}
_NO_DOP: Final = 0xFFFF
_VALUE: Final = 5
_LARGEST: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Boom:
    """Sections from left to right: the offset of each one's middle (positive to the right) and its width, in mm."""

    sections: tuple[tuple[int, int], ...]

    @property
    def words(self) -> int:
        """How many condensed states tell them."""
        return -(-len(self.sections) // _PER_WORD)


def boom_of(fixes: FixTable) -> Boom | None:
    """The layout of the boom, where all fixes have sections, and the same ones; else None."""
    counts = np.diff(fixes.sections.start)
    if not len(counts) or not 0 < counts[0] <= _SECTIONS or (counts != counts[0]).any():
        return None
    m = int(counts[0])
    offset = np.rint(fixes.sections.offset_m * _MM).reshape(-1, m)
    width = np.rint(fixes.sections.width_m * _MM).reshape(-1, m)
    if (offset != offset[0]).any() or (width != width[0]).any() or not (np.diff(offset[0]) > 0.0).all():
        return None
    pairs = zip(offset[0].astype(int).tolist(), width[0].astype(int).tolist(), strict=True)
    return Boom(tuple(pairs))


class TimeLog:
    """Writes one log. ``part`` is the device element whose values are logged."""

    def __init__(self, part: str, boom: Boom | None) -> None:
        self._part = part
        self._boom = boom
        self._held: Any = None

    @property
    def quantities(self) -> tuple[int, ...]:
        """The data dictionary's numbers of the channels."""
        states = () if self._boom is None else tuple(range(CONDENSED, CONDENSED + self._boom.words))
        width = (WIDTH,) if self._boom is None else ()
        return (WORK_STATE, *width, VOLUME_PER_TIME, MASS_PER_TIME, SPEED, *states)

    def header(self) -> str:
        """The XML beside the binary file."""
        channels = "".join(f'<DLV A="{ddi:04X}" B="" C="{self._part}"/>' for ddi in self.quantities)
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<TIM A="" D="4"><PTN A="" B="" D="" F="" H="" I=""/>'
            f"{channels}</TIM>\n"
        )

    def records(self, piece: FlightPiece) -> bytes:
        """The records of some fixes, which come after those before them."""
        fixed = np.frombuffer(_positions(piece.fixes).tobytes(), np.uint8).reshape(len(piece.fixes), _FIXED.itemsize)
        values, told = self._values(piece)
        return _joined(fixed, values, self._changed(values, told))

    def _values(self, piece: FlightPiece) -> tuple[Any, Bools]:
        """Raw values, shape (n, channels), and which are told."""
        fixes = piece.fixes
        on = fixes.on.astype(np.float64)
        columns: list[Floats] = [on]
        if self._boom is None:
            columns.append(_width_m(piece) * _MM)
        columns += [fixes.flow_lpm / 60.0 * 1e6, fixes.rate_kgpm / 60.0 * 1e6, fixes.speed_mps * _MM]
        raw = np.column_stack(columns)
        told = np.isfinite(raw)
        whole = np.rint(np.clip(np.where(told, raw, 0.0), -_LARGEST, _LARGEST)).astype(np.int64)
        if self._boom is not None:
            words = _condensed(_states(fixes, self._boom))
            whole = np.column_stack([whole, words])
            told = np.column_stack([told, np.ones(words.shape, np.bool_)])
        return whole, told

    def _changed(self, values: Any, told: Bools) -> Bools:
        """Which values differ from what was sent last; remembers what was sent."""
        if self._held is None:
            self._held = np.full(values.shape[1], np.iinfo(np.int64).min)
        n = len(values)
        rows = np.where(told, np.arange(1, n + 1)[:, None], 0)
        last = np.maximum.accumulate(rows, axis=0)
        seen = np.vstack([self._held, values])
        channel = np.arange(values.shape[1])
        held = seen[np.vstack([np.zeros(values.shape[1], np.int64), last]), channel]
        changed = told & (values != held[:-1])
        self._held = held[-1]
        return np.asarray(changed, np.bool_)


def _positions(fixes: FixTable) -> Any:
    made = np.zeros(len(fixes), _FIXED)
    wall_ms = fixes.ts_ms + _LOCAL_MS
    made["ms"], made["day"] = wall_ms % DAY_MS, wall_ms // DAY_MS - _DAYS_TO_1980
    made["H"], made["I"] = fixes.ts_ms % DAY_MS, fixes.ts_ms // DAY_MS - _DAYS_TO_1980
    made["A"], made["B"] = np.rint(fixes.lat_deg * 1e7), np.rint(fixes.lon_deg * 1e7)
    for quality, code in _STATUS.items():
        made["D"][fixes.quality == quality] = code
    known = np.isfinite(fixes.hdop) & (fixes.hdop > 0.0) & (fixes.hdop < 6_000.0)  # noqa: PLR2004 - in 16 bits
    made["F"] = np.where(known, np.rint(np.where(known, fixes.hdop, 0.0) * 10.0), _NO_DOP)
    return made


def _width_m(piece: FlightPiece) -> Floats:
    """Treated width: of the sections that are on, else as the fix tells it, else the drone's own."""
    fixes = piece.fixes
    width = np.where(np.isfinite(fixes.swath_m), fixes.swath_m, piece.swath_m)
    counts = np.diff(fixes.sections.start)
    if counts.any():
        row = np.repeat(np.arange(len(fixes)), counts)
        on_m = np.bincount(row, np.where(fixes.sections.on, fixes.sections.width_m, 0.0), len(fixes))
        width = np.where(counts > 0, on_m, width)
    return np.asarray(width, np.float64)


def _states(fixes: FixTable, boom: Boom) -> Bools:
    """Which sections of the boom are on, shape (n, sections); a fix without these sections is on or off as a whole."""
    m = len(boom.sections)
    counts = np.diff(fixes.sections.start)
    made = np.repeat(fixes.on[:, None], m, axis=1)
    same = np.flatnonzero(counts == m)
    at = fixes.sections.start[:-1][same][:, None] + np.arange(m)
    made[same] = fixes.sections.on[at]
    return made


def _condensed(states: Bools) -> Ints:
    """Two bits a section, sixteen to a word, the leftmost section lowest; shape (n, words), signed 32-bit numbers."""
    n, m = states.shape
    words = -(-m // _PER_WORD)
    codes = np.full((n, words * _PER_WORD), _NOT_INSTALLED, np.int64)
    codes[:, :m] = np.where(states, _ON, 0)
    packed = (codes.reshape(n, words, _PER_WORD) << 2 * np.arange(_PER_WORD)).sum(axis=2)
    return np.asarray(np.where(packed >= 2**31, packed - 2**32, packed), np.int64)


def _joined(fixed: Any, values: Any, changed: Bools) -> bytes:
    """Records of different lengths, one after the other."""
    size = fixed.shape[1]
    counts = changed.sum(axis=1)
    lengths = size + 1 + _VALUE * counts
    starts = np.cumsum(lengths) - lengths
    out = np.zeros(int(lengths.sum()), np.uint8)
    out[starts[:, None] + np.arange(size)] = fixed
    out[starts + size] = counts
    row, channel = np.nonzero(changed)
    within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    at = starts[row] + size + 1 + _VALUE * within
    out[at] = channel
    raw = np.ascontiguousarray(values[row, channel].astype("<i4")).view(np.uint8).reshape(-1, 4)
    out[at[:, None] + np.arange(1, _VALUE)] = raw
    return out.tobytes()
