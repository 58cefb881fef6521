"""What a result was computed from: a hash that does not depend on the order of rows, nor on repeated rows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import FixTable, Labels
from core.model.samples import Event

_FLOATS = ("lat_deg", "lon_deg", "speed_mps", "flow_lpm", "rate_kgpm", "swath_m")
_INTS = ("ts_ms", "seq", "quality", "on")
_WORTH_A_THREAD = 50_000
_COUNTS, _NARROW = 2, 4
"""So many of the first columns count up; those up to the second number hold small numbers, of one byte each."""
_FEW = 8
"""Breaks in counting are told one by one where there is at most one in so many rows."""


def input_hash(tables: Sequence[FixTable], events: Sequence[Event] = ()) -> str:
    """SHA-256, as hex, over the columns of the fixes that the sprayed area depends on, and the on/off events.

    Every fix is one record (numbers little-endian, texts and sections by their own hash). Records are sorted, by time
    first, and repeated ones dropped; then the columns are hashed one after the other, time first, table by table: a
    column that says the same in every row (such as one that is not told) by that value alone; times and numbers that
    mostly grow by the same by their first two, and by the rows before which they grow otherwise and by how much. The
    tables' hashes are sorted.
    """
    parts = sorted(_table_hash(t) for t in tables)
    switches = sorted({f"{e.device} {e.ts_ms} {e.kind.word} {e.boot}" for e in events})
    return hashlib.sha256("\n".join([*parts, *switches]).encode()).hexdigest()


def hashing(tables: Sequence[FixTable], events: Sequence[Event] = ()) -> Callable[[], str]:
    """Begin with :func:`input_hash` beside other work where that is worth a thread; call it for the answer."""
    if sum(map(len, tables)) < _WORTH_A_THREAD:
        return lambda: input_hash(tables, events)
    pool = ThreadPoolExecutor(1, thread_name_prefix="input-hash")
    answer = pool.submit(input_hash, tables, events)
    pool.shutdown(wait=False)
    return answer.result


def _table_hash(fixes: FixTable) -> str:
    texts = [_text_digests(fixes.boot), _text_digests(fixes.flight)]
    columns = [*(getattr(fixes, name) for name in _INTS), *(getattr(fixes, name) for name in _FLOATS), *texts]
    columns.append(_section_digests(fixes))
    if not bool((fixes.ts_ms[1:] > fixes.ts_ms[:-1]).all()):
        rows = np.unique(np.column_stack([_bits(column) for column in columns]), axis=0)
        columns = [*rows.T]
    found = hashlib.sha256(fixes.device.encode())
    found.update(len(columns[0]).to_bytes(8, "little"))
    for number, column in enumerate(columns):
        sign, said = _said(column, counts=number < _COUNTS)
        found.update(sign)
        bits = said.astype(np.int8) if _COUNTS <= number < _NARROW else _bits(said)
        found.update(np.ascontiguousarray(bits).data)
    return found.hexdigest()


def _said(column: NDArray[Any], *, counts: bool) -> tuple[bytes, NDArray[Any]]:
    """What a column is hashed by, and a sign for the way; only one that counts (times, numbers) may be steady."""
    if len(column) == 0:
        return b"#", column
    if column.dtype.kind == "f":
        same = _same_bits(column)
    else:
        same = column[0] == column[-1] and bool((column == column[0]).all())
    if same:
        return b"=", column[:1]
    if not counts:
        return b"#", column
    grows = np.diff(column)
    odd = np.flatnonzero(grows != grows[0])
    if len(odd) * _FEW > len(column):
        return b"#", column
    return b"+", np.concatenate([column[:2], odd, grows[odd]])


def _same_bits(values: NDArray[np.float64]) -> bool:
    """Whether every row says the same: one number, or none."""
    unknown = bool(np.isnan(values[0]))
    if unknown != bool(np.isnan(values[-1])):
        return False
    return bool(np.isnan(values).all()) if unknown else bool((values == values[0]).all())


def _bits(values: NDArray[Any]) -> NDArray[np.int64]:
    """Numbers as whole ones; floats by their bits, every NaN alike, and -0 as 0."""
    if values.dtype.kind != "f":
        return values.astype("<i8", copy=False)
    told = values.astype("<f8", copy=False)
    least = told.min(initial=np.inf)
    if least > 0.0:  # neither a NaN nor a nought in any row
        return told.view("<i8")
    told = told + 0.0
    if math.isnan(least):
        told[np.isnan(told)] = np.nan
    return told.view("<i8")


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "little", signed=True)


def _text_digests(labels: Labels) -> NDArray[np.int64]:
    """A number per row for its text."""
    table = np.array([_digest(text.encode()) for text in labels.labels] or [0], np.int64)
    codes = labels.codes
    same = len(codes) > 0 and codes[0] == codes[-1] and bool((codes == codes[0]).all())
    return np.broadcast_to(table[codes[0]], len(codes)) if same else table[codes]


def _section_digests(fixes: FixTable) -> NDArray[np.int64]:
    """One number per fix for its sections."""
    columns = fixes.sections
    if len(columns.on) == 0:
        return np.broadcast_to(np.int64(0), len(fixes))
    known: dict[bytes, int] = {}
    found = np.zeros(len(fixes), np.int64)
    numbers = np.column_stack([columns.offset_m, columns.width_m, columns.on.astype(np.float64), columns.flow_lpm])
    numbers = np.ascontiguousarray(_bits(numbers.reshape(-1)).reshape(-1, 4))
    for i, (start, end) in enumerate(zip(columns.start[:-1].tolist(), columns.start[1:].tolist(), strict=True)):
        content = numbers[start:end].tobytes()
        if content not in known:
            known[content] = _digest(content)
        found[i] = known[content]
    return found
