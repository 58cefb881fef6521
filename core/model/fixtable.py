"""Fixes as columns: what readers, stores and the sprayed-area stages hand to each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.model.enums import FixQuality, HeightRef, Mode, Operation
from core.model.samples import Fix, Section

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Codes = NDArray[np.int8]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """A column of texts with few distinct values: ``labels[codes[i]]`` is row i."""

    codes: NDArray[np.int32]
    labels: tuple[str, ...]

    @classmethod
    def of(cls, values: Sequence[str]) -> Self:
        """Encode one text per row."""
        index: dict[str, int] = {}
        codes = np.fromiter((index.setdefault(v, len(index)) for v in values), np.int32, len(values))
        return cls(codes, tuple(index))

    @classmethod
    def constant(cls, value: str, n: int) -> Self:
        """The same text in ``n`` rows."""
        return cls(np.zeros(n, np.int32), (value,))

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The rows of several columns, one after the other."""
        index: dict[str, int] = {}
        codes = [np.empty(0, np.int32)]
        for part in parts:
            mapped = np.array([index.setdefault(label, len(index)) for label in part.labels], np.int32)
            codes.append(mapped[part.codes] if len(part.codes) else codes[0])
        return cls(np.concatenate(codes), tuple(index))

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.labels[int(self.codes[row])]

    def take(self, rows: Any) -> Self:
        """The rows of a mask, slice or index array."""
        return type(self)(self.codes[rows], self.labels)

    def values(self) -> list[str]:
        """One text per row."""
        return [self.labels[c] for c in self.codes.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class SectionColumns:
    """Sections of all fixes, flattened: fix i has the rows ``start[i]:start[i + 1]`` of the other columns."""

    start: Ints
    offset_m: Floats
    width_m: Floats
    on: Bools
    flow_lpm: Floats

    @classmethod
    def none(cls, n: int) -> Self:
        """No sections at all, for ``n`` fixes."""
        empty = np.empty(0)
        return cls(np.zeros(n + 1, np.int64), empty, empty, np.empty(0, np.bool_), empty)

    @classmethod
    def of(cls, rows: Sequence[Sequence[Section]]) -> Self:
        """Flatten one sequence of sections per fix."""
        start = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(r) for r in rows], out=start[1:]) if rows else None
        flat = [s for r in rows for s in r]
        return cls(
            start,
            np.array([s.offset_m for s in flat], np.float64),
            np.array([s.width_m for s in flat], np.float64),
            np.array([s.on for s in flat], np.bool_),
            np.array([s.flow_lpm for s in flat], np.float64),
        )

    @classmethod
    def grid(cls, on: Bools, offset_m: Floats, width_m: Floats) -> Self:
        """Sections of a boom that keeps its layout: ``on`` is (fixes, sections), the others (sections,)."""
        n, m = on.shape
        return cls(
            np.arange(n + 1, dtype=np.int64) * m,
            np.tile(offset_m, n),
            np.tile(width_m, n),
            on.reshape(-1),
            np.full(n * m, np.nan),
        )

    def __len__(self) -> int:
        return len(self.start) - 1

    def row(self, i: int) -> tuple[Section, ...]:
        """The sections of fix i."""
        rows = range(int(self.start[i]), int(self.start[i + 1]))
        return tuple(
            Section(float(self.offset_m[k]), float(self.width_m[k]), bool(self.on[k]), float(self.flow_lpm[k]))
            for k in rows
        )

    def take(self, rows: Any) -> Self:
        """The sections of the fixes of a mask, slice or index array."""
        chosen = np.arange(len(self))[rows]
        counts = np.diff(self.start)[chosen]
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        flat = np.repeat(self.start[:-1][chosen] - start[:-1], counts) + np.arange(start[-1])
        return type(self)(start, self.offset_m[flat], self.width_m[flat], self.on[flat], self.flow_lpm[flat])

    @classmethod
    def concat(cls, parts: Sequence[Self]) -> Self:
        """The sections of several tables, one after the other."""
        counts = np.concatenate([np.diff(p.start) for p in parts])
        return cls(
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.concatenate([p.offset_m for p in parts]),
            np.concatenate([p.width_m for p in parts]),
            np.concatenate([p.on for p in parts]),
            np.concatenate([p.flow_lpm for p in parts]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class FixTable:
    """Fixes of one device as NumPy columns of the same length n, in WGS 84 and UTC.

    Float columns hold NaN, integer columns −1 and texts "" where the device told nothing; ``quality``, ``op``, ``mode``
    and ``height_ref`` hold the codes of :mod:`core.model.enums`. Rows stand in the order they were given:
    :meth:`sorted` brings them into the order of time.
    """

    ts_ms: Ints
    seq: Ints
    lat_deg: Floats
    lon_deg: Floats
    height_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    hdop: Floats
    flow_lpm: Floats
    rate_kgpm: Floats
    swath_m: Floats
    tank_l: Floats
    tank_kg: Floats
    battery_pct: Floats
    quality: Codes
    op: Codes
    mode: Codes
    height_ref: Codes
    on: Bools
    boot: Labels
    flight: Labels
    job: Labels
    sections: SectionColumns
    device: str = ""

    def __post_init__(self) -> None:
        """Refuse columns of different lengths: such a table means nothing."""
        n = len(self.ts_ms)
        wrong = [name for name in _KINDS if len(getattr(self, name)) != n]
        if wrong:
            raise ValueError(f"columns {', '.join(wrong)} are not as long as ts_ms ({n})")

    def __len__(self) -> int:
        return len(self.ts_ms)

    @classmethod
    def build(cls, ts_ms: Any, lat_deg: Any, lon_deg: Any, *, device: str = "", **columns: Any) -> Self:
        """Make a table from the columns at hand; the others are filled with "not told".

        Args:
            ts_ms: Times in ms since 1970 UTC, shape (n,).
            lat_deg: Latitudes, WGS 84 degrees, shape (n,).
            lon_deg: Longitudes, WGS 84 degrees, shape (n,).
            device: Whose fixes these are.
            **columns: Any other column, shape (n,), or a scalar for all rows; texts as str, list or Labels.

        Raises:
            ValueError: A column has another length.
            TypeError: There is no such column.
        """
        n = len(ts_ms)
        made: dict[str, Any] = {
            "ts_ms": np.asarray(ts_ms, np.int64),
            "lat_deg": np.asarray(lat_deg, np.float64),
            "lon_deg": np.asarray(lon_deg, np.float64),
        }
        for name, kind in _KINDS.items():
            if name not in made:
                made[name] = _column(kind, columns.pop(name, None), n)
        if columns:
            raise TypeError(f"no such column: {', '.join(columns)}")
        return cls(**made, device=device)

    @classmethod
    def empty(cls, device: str = "") -> Self:
        """A table without rows."""
        return cls.build([], [], [], device=device)

    @classmethod
    def of(cls, fixes: Sequence[Fix]) -> Self:
        """Turn fixes of one device into columns."""
        columns = {n: [getattr(f, n) for f in fixes] for n in _KINDS}
        device = fixes[0].device if fixes else ""
        return cls.build(columns.pop("ts_ms"), columns.pop("lat_deg"), columns.pop("lon_deg"), device=device, **columns)

    def rows(self) -> Iterable[Fix]:
        """One :class:`Fix` after the other (for the wire; computations stay on columns)."""
        plain = {n: getattr(self, n).tolist() for n, k in _KINDS.items() if k not in (Labels, SectionColumns)}
        texts = {n: getattr(self, n).values() for n, k in _KINDS.items() if k is Labels}
        enums = {"quality": FixQuality, "op": Operation, "mode": Mode, "height_ref": HeightRef}
        for i in range(len(self)):
            row = {n: c[i] for n, c in plain.items()} | {n: c[i] for n, c in texts.items()}
            row |= {n: e(row[n]) for n, e in enums.items()}
            yield Fix(device=self.device, sections=self.sections.row(i), **row)

    def take(self, rows: Any) -> Self:
        """The rows of a mask, slice or index array, in that order."""
        made = {
            n: getattr(self, n).take(rows) if k in (Labels, SectionColumns) else getattr(self, n)[rows]
            for n, k in _KINDS.items()
        }
        return type(self)(**made, device=self.device)

    def sorted(self) -> Self:
        """The rows by time, then sequence number; rows that are equal in both keep their order."""
        return self.take(np.lexsort((self.seq, self.ts_ms)))

    def with_columns(self, **columns: Any) -> Self:
        """A copy with some columns replaced (arrays of shape (n,), or scalars for all rows)."""
        n = len(self)
        made = {name: value if name == "device" else _column(_KINDS[name], value, n) for name, value in columns.items()}
        return replace(self, **made)

    @classmethod
    def concat(cls, tables: Sequence[Self]) -> Self:
        """The rows of several tables, one after the other; the device is the first table's."""
        if not tables:
            return cls.empty()
        made: dict[str, Any] = {}
        for name, kind in _KINDS.items():
            parts = [getattr(t, name) for t in tables]
            if kind is Labels:
                made[name] = Labels.concat(parts)
            elif kind is SectionColumns:
                made[name] = SectionColumns.concat(parts)
            else:
                made[name] = np.concatenate(parts)
        return cls(**made, device=tables[0].device)


_KINDS: dict[str, Any] = {
    "ts_ms": np.int64,
    "seq": np.int64,
    "lat_deg": np.float64,
    "lon_deg": np.float64,
    "height_m": np.float64,
    "speed_mps": np.float64,
    "heading_deg": np.float64,
    "hdop": np.float64,
    "flow_lpm": np.float64,
    "rate_kgpm": np.float64,
    "swath_m": np.float64,
    "tank_l": np.float64,
    "tank_kg": np.float64,
    "battery_pct": np.float64,
    "quality": np.int8,
    "op": np.int8,
    "mode": np.int8,
    "height_ref": np.int8,
    "on": np.bool_,
    "boot": Labels,
    "flight": Labels,
    "job": Labels,
    "sections": SectionColumns,
}
FLOATS: tuple[str, ...] = tuple(name for name, kind in _KINDS.items() if kind is np.float64)
"""Names of the columns of floats, in their order."""
_NOT_TOLD: dict[Any, Any] = {np.int64: -1, np.float64: np.nan, np.int8: -1, np.bool_: False}


def _column(kind: Any, value: Any, n: int) -> Any:
    """Bring a value, a sequence or nothing into a column of n rows."""
    if isinstance(value, Labels | SectionColumns):
        return value
    if kind is Labels:
        return Labels.of(value) if isinstance(value, list) else Labels.constant(value or "", n)
    if kind is SectionColumns:
        return SectionColumns.none(n) if value is None else SectionColumns.of(value)
    if np.ndim(value) == 0:
        return np.full(n, _NOT_TOLD[kind] if value is None else value, kind)
    return np.asarray(value, kind)
