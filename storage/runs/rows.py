"""Rows of a file of Parquet as samples again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from core.model.enums import EventKind, Word
from core.model.fixtable import Codes, FixTable, Ints, Labels, SectionColumns
from core.model.samples import Event, Reading
from core.model.traffic import RawMessage
from storage.runs.columns import DEGREES, NUMBERS, TEXTS, WORDS


def samples_of(kind: str, table: Any) -> FixTable | list[Any]:
    """The samples of the rows of a table of one kind."""
    if kind == "fix":
        return _fixes(table)
    if kind == "event":
        texts = (_labels(table, name).values() for name in ("device", "event", "boot"))
        return [
            Event(device, ts, EventKind[word.upper()], boot)
            for ts, device, word, boot in zip(integers(table, "ts_ms").tolist(), *texts, strict=True)
        ]
    if kind == "reading":
        texts = (_labels(table, name).values() for name in ("device", "quantity", "unit"))
        numbers = (integers(table, "ts_ms").tolist(), table["value"].to_numpy().tolist())
        return [
            Reading(device, ts, quantity, value, unit)
            for ts, value, device, quantity, unit in zip(*numbers, *texts, strict=True)
        ]
    columns = [_values(table, name) for name in ("ts_ms", "topic", "payload", "retain", "qos")]
    return [RawMessage(*row) for row in zip(*columns, strict=True)]


def _values(table: Any, name: str) -> list[Any]:
    """A column as objects; what a dictionary holds once is one object, however often it stands."""
    column = table[name].combine_chunks()
    if not pa.types.is_dictionary(column.type) or column.null_count:
        return list(column.to_pylist())
    values = column.dictionary.to_pylist()
    return [values[code] for code in column.indices.to_pylist()]


def integers(table: Any, name: str) -> Ints:
    """A column of integers, −1 where it is null, shape (n,)."""
    return np.asarray(table[name].fill_null(-1).to_numpy(), np.int64)


def _fixes(table: Any) -> FixTable:
    columns: dict[str, Any] = {name: np.array(table[name].to_numpy(), np.float64) for name in (*DEGREES, *NUMBERS)}
    columns |= {name: _codes(table, name, kind) for name, kind in WORDS.items()}
    columns |= {name: _labels(table, name) for name in TEXTS}
    columns["seq"] = integers(table, "seq")
    columns["on"] = np.array(table["on"].to_numpy(), np.bool_)
    columns["sections"] = _section_columns(table["sections"].combine_chunks())
    device = _labels(table, "device")
    return FixTable.build(
        integers(table, "ts_ms"),
        columns.pop("lat_deg"),
        columns.pop("lon_deg"),
        device=device[0] if len(device) else "",
        **columns,
    )


def _labels(table: Any, name: str) -> Labels:
    column = table[name].combine_chunks()
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    labels = tuple(column.dictionary.to_pylist())
    if column.null_count:
        return Labels(np.array(column.indices.fill_null(len(labels)).to_numpy(), np.int32), (*labels, ""))
    return Labels(np.array(column.indices.to_numpy(), np.int32), labels or ("",))


def _codes(table: Any, name: str, kind: type[Word]) -> Codes:
    labels = _labels(table, name)
    codes = np.array([int(kind.parse(word)) if word else -1 for word in labels.labels], np.int8)
    return codes[labels.codes]


def _section_columns(column: Any) -> SectionColumns:
    if column.null_count == len(column):
        return SectionColumns.none(len(column))
    counts = np.asarray(column.value_lengths().fill_null(0).to_numpy(), np.int64)
    parts = column.flatten()
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    on = np.array(parts.field("on").to_numpy(zero_copy_only=False), np.bool_)
    offset_m, width_m, flow_lpm = (
        np.array(parts.field(name).to_numpy(zero_copy_only=False), np.float64)
        for name in ("offset_m", "width_m", "flow_lpm")
    )
    return SectionColumns(start, offset_m, width_m, on, flow_lpm)
