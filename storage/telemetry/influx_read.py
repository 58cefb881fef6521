"""Answers of InfluxDB as columns: CSV, decoded by pyarrow; no object per row before somebody asks for rows."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import csv

from core.errors import StoreUnavailable
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation, Word
from core.model.figures import Figures
from core.model.fixtable import FixTable, Labels
from core.model.samples import NAN, Event, Reading
from storage.telemetry.lineprotocol import FIX_NUMBERS, FIX_TEXTS, FIX_WORDS, NS_PER_MS
from storage.telemetry.rows import unpack_sections

FIX_COLUMNS: Final = (*FIX_NUMBERS, *FIX_WORDS, *FIX_TEXTS, "on", "seq", "operation", "received_ms")
_TYPES: Final[dict[str, Any]] = (
    {"time": pa.int64(), "seq": pa.int64(), "received_ms": pa.int64(), "on": pa.bool_(), "value": pa.float64()}
    | dict.fromkeys(FIX_NUMBERS, pa.float64())
    | dict.fromkeys(
        (*FIX_WORDS, *FIX_TEXTS, "operation", "kind", "unit", "quantity", "device", "tags", "key"), pa.string()
    )
)
_WORDS: Final[Mapping[str, type[Word]]] = {
    "height_ref": HeightRef,
    "fix": FixQuality,
    "mode": Mode,
    "operation": Operation,
}

_CONVERT: Final = csv.ConvertOptions(
    column_types=_TYPES,
    null_values=[""],
    strings_can_be_null=True,
    true_values=["true"],
    false_values=["false"],
)

Columns = dict[str, Any]


def columns(answer: bytes) -> Columns | None:
    """One series of an answer, by column; None where nothing was found.

    Raises:
        StoreUnavailable: It is no answer of InfluxDB, or not all of one.
    """
    if not answer.strip():
        return None
    try:
        table = csv.read_csv(
            io.BytesIO(answer),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=_CONVERT,
        )
    except pa.ArrowInvalid as error:
        raise StoreUnavailable(f"that is no CSV of InfluxDB: {error}") from None
    if "time" not in table.column_names:
        raise StoreUnavailable(f"that is no CSV of InfluxDB: {answer[:80]!r}")
    return {name: table.column(name) for name in table.column_names}


def quoted(names: Sequence[str]) -> str:
    """Fields of a query: quoted, for ``on`` is a keyword."""
    return ",".join(f'"{name}"' for name in names)


def fix_table(device: str, found: Columns | None) -> tuple[FixTable, Any]:
    """Fixes by time, sequence and boot, and the ns of their points, shape (n,)."""
    if found is None:
        return FixTable.empty(device), np.empty(0, np.int64)
    ns = found["time"].to_numpy()
    made: dict[str, Any] = {name: _numbers(found[field]) for field, name in FIX_NUMBERS.items()}
    for field, kind in _WORDS.items():
        made[{"fix": "quality", "operation": "op"}.get(field, field)] = _codes(found[field], kind)
    for name in ("boot", "flight", "job"):
        made[name] = _labels(found[name])
    packed = found["sections"].to_pylist() if found["sections"].null_count < len(ns) else None
    table = FixTable.build(
        ns // NS_PER_MS,
        made.pop("lat_deg"),
        made.pop("lon_deg"),
        device=device,
        seq=found["seq"].fill_null(-1).to_numpy(),
        on=found["on"].fill_null(False).to_numpy(zero_copy_only=False),  # noqa: FBT003 - pyarrow's signature
        sections=[unpack_sections(it or "") for it in packed] if packed else None,
        **made,
    )
    order = np.lexsort((_ranks(table.boot), table.seq, table.ts_ms))
    return table.take(order), ns[order]


def events(found: Columns | None) -> list[tuple[Event, int]]:
    """Events with the ns of their points, by time, kind and boot."""
    if found is None:
        return []
    rows = zip(*(found[name].to_pylist() for name in ("time", "device", "kind", "boot")), strict=True)
    made = [
        (Event(device, ns // NS_PER_MS, EventKind[kind.upper()], boot or ""), ns) for ns, device, kind, boot in rows
    ]
    return sorted(made, key=lambda it: (it[0].ts_ms, it[0].kind, it[0].boot))


def readings(found: Columns | None) -> list[tuple[Reading, int]]:
    """Readings with the ns of their points, by time and quantity."""
    if found is None:
        return []
    names = ("time", "device", "quantity", "value", "unit")
    rows = zip(*(found[name].to_pylist() for name in names), strict=True)
    made = [
        (Reading(device, ns // NS_PER_MS, quantity, NAN if value is None else value, unit or ""), ns)
        for ns, device, quantity, value, unit in rows
    ]
    return sorted(made, key=lambda it: (it[0].ts_ms, it[0].quantity))


def figures(measurement: str, answer: Mapping[str, Any]) -> list[Figures]:
    """Rows of figures of an answer in JSON that is grouped by all tags."""
    found: list[Figures] = []
    for series in (it for result in answer["results"] for it in result.get("series", ())):
        names = series["columns"][1:]
        tags = {name: value for name, value in series.get("tags", {}).items() if value}
        for ns, *row in series["values"]:
            told = {
                name: value if isinstance(value, str) else float(value)
                for name, value in zip(names, row, strict=True)
                if value is not None and name != "nothing"
            }
            found.append(Figures(measurement, ns // NS_PER_MS, tags, told))
    return sorted(found, key=lambda it: it.key)


def _numbers(column: Any) -> Any:
    return column.fill_null(NAN).to_numpy() if column.null_count else column.to_numpy()


def _codes(column: Any, kind: type[Word]) -> Any:
    """Codes of words that the column holds few of."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = np.array([*(int(kind.parse(word)) for word in encoded.dictionary.to_pylist()), -1], np.int8)
    return codes[encoded.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)]


def _ranks(column: Labels) -> Any:
    """The place of each row's text among the texts in order, shape (n,)."""
    ranks = np.empty(len(column.labels), np.int64)
    ranks[sorted(range(len(column.labels)), key=column.labels.__getitem__)] = np.arange(len(column.labels))
    return ranks[column.codes]


def _labels(column: Any) -> Labels:
    encoded = column.fill_null("").combine_chunks().dictionary_encode()
    return Labels(encoded.indices.to_numpy().astype(np.int32), tuple(encoded.dictionary.to_pylist()))
