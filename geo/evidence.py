"""What a result was computed from: a hash that does not depend on the order of rows, nor on repeated rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import FixTable, Labels
from core.model.samples import Event

_FLOATS = ("lat_deg", "lon_deg", "speed_mps", "flow_lpm", "rate_kgpm", "swath_m")
_INTS = ("ts_ms", "seq", "quality", "on")


def input_hash(tables: Sequence[FixTable], events: Sequence[Event] = ()) -> str:
    """SHA-256, as hex, over the columns of the fixes that the sprayed area depends on, and the on/off events.

    Every fix is one record (numbers little-endian, texts and sections by their own hash). Records are sorted, by time
    first, and repeated ones dropped; then the columns are hashed one after the other, table by table, and the tables'
    hashes are sorted.
    """
    parts = sorted(_table_hash(t) for t in tables)
    switches = sorted({f"{e.device} {e.ts_ms} {e.kind.word} {e.boot}" for e in events})
    return hashlib.sha256("\n".join([*parts, *switches]).encode()).hexdigest()


def _table_hash(fixes: FixTable) -> str:
    columns = [getattr(fixes, name).astype("<i8") for name in _INTS]
    columns += [_bits(getattr(fixes, name).astype("<f8") + 0.0) for name in _FLOATS]
    columns += [_text_digests(fixes.boot), _text_digests(fixes.flight), _section_digests(fixes)]
    if not (np.diff(fixes.ts_ms) > 0).all():
        columns = list(np.unique(np.column_stack(columns), axis=0).T)
    found = hashlib.sha256(fixes.device.encode())
    for column in columns:
        found.update(np.ascontiguousarray(column, "<i8").data)
    return found.hexdigest()


def _bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Floats as integers, every NaN alike."""
    return np.where(np.isnan(values), np.nan, values).astype("<f8").view("<i8")


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "little", signed=True)


def _text_digests(labels: Labels) -> NDArray[np.int64]:
    table = np.array([_digest(text.encode()) for text in labels.labels] or [0], np.int64)
    return table[labels.codes]


def _section_digests(fixes: FixTable) -> NDArray[np.int64]:
    """One number per fix for its sections."""
    columns = fixes.sections
    if len(columns.on) == 0:
        return np.zeros(len(fixes), np.int64)
    known: dict[bytes, int] = {}
    found = np.zeros(len(fixes), np.int64)
    numbers = np.column_stack([columns.offset_m, columns.width_m, columns.on.astype(np.float64), columns.flow_lpm])
    numbers = np.ascontiguousarray(_bits(numbers.reshape(-1) + 0.0).reshape(-1, 4))
    for i, (start, end) in enumerate(zip(columns.start[:-1].tolist(), columns.start[1:].tolist(), strict=True)):
        content = numbers[start:end].tobytes()
        if content not in known:
            known[content] = _digest(content)
        found[i] = known[content]
    return found
