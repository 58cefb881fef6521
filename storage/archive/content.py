"""A flight as a file of Parquet: a row per fix, a column per quantity, everything else in the metadata ``canhdong``.

Numbers are kept to the last bit; what is not told is NaN, −1 or an empty text, as in a FixTable. Columns that hold one
value only, and integers that rise by the same step, are written for other readers; we take them from the metadata, for
opening a column costs more than a flight's rows of it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.archive import SCHEMA, FlightRecord
from core.errors import ArchiveError
from core.model.coverage import Flight
from core.model.enums import EventKind, Operation
from core.model.fixtable import FLOATS, FixTable, Labels, SectionColumns
from core.model.fleet import Swath, SwathSource
from core.model.samples import Event

KEY: Final = b"canhdong"
_NUMBERS: Final[dict[str, Any]] = {
    **dict.fromkeys(("ts_ms", "seq"), np.int64),
    **dict.fromkeys(FLOATS, np.float64),
    **dict.fromkeys(("quality", "op", "mode", "height_ref"), np.int8),
    "on": np.bool_,
}
_TEXTS: Final = ("boot", "flight", "job")
_DELTAS: Final = ("ts_ms", "seq")
_BESIDE_AREA: Final = frozenset(
    ("height_m", "heading_deg", "hdop", "tank_l", "tank_kg", "battery_pct", "height_ref"),
)
"""Columns that no sprayed area depends on, nor what its evidence is hashed from."""
_PART: Final = pa.struct(
    [
        pa.field("offset_m", pa.float64(), nullable=False),
        pa.field("width_m", pa.float64(), nullable=False),
        pa.field("on", pa.bool_(), nullable=False),
        pa.field("flow_lpm", pa.float64(), nullable=False),
    ]
)
_SECTIONS: Final = pa.list_(pa.field("section", _PART, nullable=False))
_OPTIONS: Final[dict[str, Any]] = {
    "compression": "zstd",
    "compression_level": 1,
    "write_statistics": ["ts_ms"],
    "write_page_checksum": True,
    "store_schema": False,
    "version": "2.6",
}
_EXACT: Final = 2**53
_FEW: Final = 4
"""A column with fewer distinct values than a fourth of its rows has a dictionary."""


class _Told(msgspec.Struct, frozen=True):
    """The metadata. ``constant`` holds the value of each column of one value (floats as their bits, in hexadecimal).

    ``ramps`` holds the first value and the step of integers that rise evenly; files of before have none.
    """

    schema: int
    flight: str
    cooperative: str
    device: str
    start_ms: int
    end_ms: int
    fixes: int
    op: str
    job: str
    boots: list[str]
    swath_m: str
    swath_source: str
    input_hash: str
    content_hash: str
    constant: dict[str, str]
    events: list[tuple[str, int, str, str]]
    sections: bool
    ramps: dict[str, tuple[int, int]] = {}


def content_hash(record: FlightRecord) -> str:
    """SHA-256, as hex, over all that is kept of a flight: every column bit by bit, the events, what is told."""
    digest = hashlib.sha256(repr((record.flight, _bits(record.swath.swath_m), record.swath.source.value)).encode())
    digest.update(repr((record.input_hash, record.fixes.device, _events(record))).encode())
    for name, kind in _NUMBERS.items():
        digest.update(np.ascontiguousarray(getattr(record.fixes, name), kind).tobytes())
    for name in _TEXTS:
        labels = _first_seen(getattr(record.fixes, name))
        digest.update(repr(labels.labels).encode("utf-8", "surrogatepass") + labels.codes.astype("<i4").tobytes())
    sections = record.fixes.sections
    for column in (sections.start, sections.offset_m, sections.width_m, sections.on, sections.flow_lpm):
        digest.update(np.ascontiguousarray(column).tobytes())
    return digest.hexdigest()


def _first_seen(labels: Labels) -> Labels:
    """The same texts with a table of those that occur, each once, in the order of their rows."""
    used, first, codes = np.unique(labels.codes, return_index=True, return_inverse=True)
    texts: dict[str, int] = {}
    places = np.zeros(len(used), np.int32)
    for at in np.argsort(first).tolist():
        places[at] = texts.setdefault(labels.labels[int(used[at])], len(texts))
    return Labels(places[codes].astype(np.int32), tuple(texts))


def written(record: FlightRecord) -> bytes:
    """The file of a flight."""
    fixes = record.fixes
    constant: dict[str, str] = {}
    names: list[str] = []
    arrays: list[Any] = []
    few: list[str] = []
    many: list[str] = []
    for name, kind in _NUMBERS.items():
        column = np.ascontiguousarray(getattr(fixes, name), kind)
        names.append(name)
        arrays.append(pa.array(column))
        distinct = len(np.unique(column.view(np.int64) if kind is np.float64 else column))
        if distinct <= 1 and len(column):
            constant[name] = column[:1].tobytes().hex()
        if name not in _DELTAS and kind is not np.bool_:
            (few if distinct * _FEW < len(column) or kind is np.int8 else many).append(name)
    for name in _TEXTS:
        labels = _first_seen(getattr(fixes, name))
        names.append(name)
        arrays.append(_text_array(labels))
        if len(labels.labels) == 1:
            constant[name] = _safe(labels.labels[0])
    if len(fixes.sections.on):
        names.append("sections")
        arrays.append(_section_array(fixes.sections))
    schema = pa.schema([pa.field(n, a.type, nullable=False) for n, a in zip(names, arrays, strict=True)])
    encodings = dict.fromkeys(_DELTAS, "DELTA_BINARY_PACKED") | dict.fromkeys(many, "BYTE_STREAM_SPLIT")
    dictionaries = [*few, *_TEXTS, *_SECTION_PATHS]
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema, use_dictionary=dictionaries, column_encoding=encodings, **_OPTIONS) as writer:
        writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=max(len(fixes), 1))
        writer.add_key_value_metadata({KEY: msgspec.json.encode(_told(record, constant))})
    content: bytes = sink.getvalue().to_pybytes()
    return content


_SECTION_PATHS: Final = tuple(f"sections.list.section.{field.name}" for field in _PART)


def _told(record: FlightRecord, constant: dict[str, str]) -> _Told:
    flight = record.flight
    return _Told(
        schema=SCHEMA,
        flight=_safe(flight.flight),
        cooperative=_safe(flight.cooperative),
        device=_safe(flight.device),
        start_ms=flight.start_ms,
        end_ms=flight.end_ms,
        fixes=flight.fixes,
        op=flight.op.word,
        job=_safe(flight.job),
        boots=[_safe(boot) for boot in record.boots],
        swath_m=_bits(record.swath.swath_m),
        swath_source=record.swath.source.value,
        input_hash=record.input_hash,
        content_hash=content_hash(record),
        constant=constant,
        events=_events(record),
        sections=len(record.fixes.sections.on) > 0,
        ramps=_ramps(record.fixes, constant),
    )


def _ramps(fixes: FixTable, constant: dict[str, str]) -> dict[str, tuple[int, int]]:
    """First value and step of the columns of integers that rise evenly, so far that nothing overflows."""
    found: dict[str, tuple[int, int]] = {}
    for name in _DELTAS:
        column = getattr(fixes, name)
        if len(column) > 1 and name not in constant and np.abs(column[[0, -1]]).max() < _EXACT:
            steps = np.diff(column)
            if (steps == steps[0]).all():
                found[name] = int(column[0]), int(steps[0])
    return found


def _events(record: FlightRecord) -> list[tuple[str, int, str, str]]:
    return [(_safe(e.device), e.ts_ms, e.kind.word, _safe(e.boot)) for e in record.events]


def _safe(text: str) -> str:
    """A text that UTF-8 can hold: a lone surrogate, which no payload brings, is replaced."""
    return text.encode("utf-8", "replace").decode()


def _bits(value: float) -> str:
    return np.float64(value).tobytes().hex()


def _text_array(labels: Labels) -> Any:
    texts = pa.array([_safe(text) for text in labels.labels] or [""], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(labels.codes, pa.int32()), texts)


def _section_array(sections: SectionColumns) -> Any:
    columns = (sections.offset_m, sections.width_m, sections.on, sections.flow_lpm)
    parts = pa.StructArray.from_arrays([pa.array(c) for c in columns], fields=list(_PART))
    return pa.ListArray.from_arrays(pa.array(sections.start.astype(np.int32)), parts, type=_SECTIONS)


def told_flight(content: bytes, path: str) -> tuple[Flight, str]:
    """The flight that a file is of, and its content hash, without reading a row; raises ``ArchiveError``."""
    try:
        told = _metadata(pq.read_metadata(pa.BufferReader(content)).metadata)
        return _flight(told), told.content_hash
    except _DAMAGED as error:
        raise ArchiveError(f"{path}: the file is damaged: {error}") from error


_EVENTS: Final = {kind.word: kind for kind in EventKind}
_DAMAGED: Final = (pa.ArrowException, msgspec.MsgspecError, OSError, KeyError, ValueError, TypeError, IndexError)


def read(content: bytes, path: str, *, area_only: bool = False) -> tuple[FlightRecord, str]:
    """The flight of a file and the content hash that it tells; raises ``ArchiveError``, which names the path.

    Args:
        content: The file.
        path: What it is called in messages.
        area_only: Leave what no sprayed area depends on "not told"; the hash is of all there is.
    """
    try:
        source = pa.BufferReader(content)
        with pq.ParquetFile(source, page_checksum_verification=True, read_dictionary=list(_TEXTS)) as file:
            told = _metadata(file.metadata.metadata)
            rows = file.metadata.num_rows
            left_out = _BESIDE_AREA if area_only else frozenset[str]()
            elsewhere = told.constant.keys() | told.ramps.keys() | left_out
            wanted = [n for n in (*_NUMBERS, *_TEXTS) if n not in elsewhere]
            wanted += ["sections"] if told.sections else []
            table = file.read(columns=wanted, use_threads=False) if rows else file.schema_arrow.empty_table()
        fixes = _fixes(told, table, rows, left_out)
        events = tuple(Event(d, ts, _EVENTS[kind], boot) for d, ts, kind, boot in told.events)
        swath = Swath(_float(told.swath_m), SwathSource(told.swath_source))
        return FlightRecord(_flight(told), fixes, events, swath, told.input_hash), told.content_hash
    except _DAMAGED as error:
        raise ArchiveError(f"{path}: the file is damaged: {error}") from error


def _metadata(metadata: dict[bytes, bytes] | None) -> _Told:
    if not metadata or KEY not in metadata:
        raise ValueError("it has no metadata 'canhdong'")
    told = msgspec.json.decode(metadata[KEY], type=_Told)
    if told.schema > SCHEMA:
        raise ValueError(f"its schema is {told.schema}, this version reads up to {SCHEMA}")
    return told


def _flight(told: _Told) -> Flight:
    facts = (told.flight, told.cooperative, told.device, told.start_ms, told.end_ms, told.fixes)
    return Flight(*facts, Operation[told.op.upper()], told.job)


def _float(bits: str) -> float:
    return float(np.frombuffer(bytes.fromhex(bits), np.float64)[0])


def _fixes(told: _Told, table: Any, rows: int, left_out: frozenset[str]) -> FixTable:
    columns: dict[str, Any] = {}
    for name, kind in _NUMBERS.items():
        if name in left_out:
            columns[name] = np.full(rows, np.nan if kind is np.float64 else -1, kind)
        elif name in told.ramps:
            first, step = told.ramps[name]
            columns[name] = np.arange(rows, dtype=kind) * step + first
        elif name in told.constant:
            columns[name] = np.full(rows, np.frombuffer(bytes.fromhex(told.constant[name]), kind)[0])
        else:
            columns[name] = np.asarray(table[name].to_numpy(), kind)
    for name in _TEXTS:
        constant = told.constant.get(name)
        columns[name] = _labels(table[name]) if constant is None else Labels.constant(constant, rows)
    columns["sections"] = _section_columns(table["sections"]) if told.sections else SectionColumns.none(rows)
    return FixTable(**columns, device=told.device)


def _labels(column: Any) -> Labels:
    whole = column.combine_chunks()
    if not pa.types.is_dictionary(whole.type):
        whole = whole.dictionary_encode()
    return Labels(np.array(whole.indices.to_numpy(), np.int32), tuple(whole.dictionary.to_pylist()) or ("",))


def _section_columns(column: Any) -> SectionColumns:
    whole = column.combine_chunks()
    counts = np.asarray(whole.value_lengths().to_numpy(), np.int64)
    parts = whole.flatten()
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    read = {f.name: parts.field(f.name).to_numpy(zero_copy_only=False) for f in _PART}
    return SectionColumns(start, read["offset_m"], read["width_m"], read["on"], read["flow_lpm"])
