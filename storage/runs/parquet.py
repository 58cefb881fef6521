"""Runs as Parquet: a row per delivered sample, at least a row group per stream.

The metadata key ``canhdong`` holds the run's description (:mod:`storage.runs.described`) and, under ``streams``, whose
the row groups are. ``due_ms`` tells when the message of a row reaches the broker, ``message`` its number within the
run, ``sample`` the row's number among the samples of its stream: a sample that was delivered twice has one number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import FlightLogError
from core.model.fixtable import FixTable, Ints
from core.model.land import DeviceKind
from core.model.traffic import Run, Sending, Stream
from storage.runs import columns
from storage.runs.arrivals import expanded, message_numbers, told_sending
from storage.runs.described import described, run_of
from storage.runs.rows import integers, samples_of

KEY: Final = b"canhdong"
_MAGIC: Final = b"PAR1"
_GROUP: Final = 1 << 20
_TEXTS: Final = [name for name, kind in columns.COLUMNS.items() if pa.types.is_dictionary(kind)]
_DELTAS: Final = ("due_ms", "message", "sample", "ts_ms", "seq")
_OPTIONS: Final[dict[str, Any]] = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": _TEXTS,
    "column_encoding": dict.fromkeys(_DELTAS, "DELTA_BINARY_PACKED"),
    "write_statistics": ["due_ms", "cooperative", "device", "kind", "ts_ms"],
    "store_schema": False,
    "version": "2.6",
}


class _Part(msgspec.Struct, frozen=True):
    """A stream as the metadata tell of it; ``groups`` counts its row groups, ``sent`` whether it has a sending."""

    device: str
    kind: str
    carries: str
    groups: int
    sent: bool
    replay: bool = False
    cooperative: str = ""
    wire: str = ""
    external: str = ""


def write(path: Path, run: Run) -> None:
    """Write a run; the same run gives the same bytes."""
    numbers = message_numbers(run)
    parts: list[_Part] = []
    with pq.ParquetWriter(path, columns.SCHEMA, **_OPTIONS) as writer:
        for stream, numbered in zip(run.streams, numbers, strict=True):
            groups = 0
            for rows in _groups(stream, numbered):
                writer.write_table(rows, row_group_size=_GROUP)
                groups += 1
            parts.append(_part(stream, groups))
        told = described(run) | {"streams": msgspec.to_builtins(parts)}
        writer.add_key_value_metadata({KEY: msgspec.json.encode(told)})


def _part(stream: Stream, groups: int) -> _Part:
    carries = columns.kind_of(stream.samples)
    sent = stream.sending is not None
    names = (stream.replay, stream.cooperative, stream.wire, stream.external)
    return _Part(stream.device, stream.kind.value, carries, groups, sent, *names)


def _groups(stream: Stream, numbers: Ints) -> Iterator[Any]:
    """The rows of a stream, as tables of at most a million rows."""
    sending = told_sending(stream)
    n = len(stream.samples)
    rows, places = (np.arange(n), None) if sending is None else expanded(sending)
    whole = len(rows) == n and bool((rows == np.arange(n)).all())
    for first in range(0, len(rows), _GROUP):
        chosen = rows[first : first + _GROUP]
        samples = stream.samples if whole and n <= _GROUP else _taken(stream.samples, chosen)
        made = columns.columns_of(samples) | {"sample": pa.array(chosen)}
        count = len(chosen)
        made["cooperative"] = columns.repeated(stream.cooperative, count)
        made["kind"] = columns.repeated(columns.kind_of(stream.samples), count)
        if sending is not None and places is not None:
            place = places[first : first + _GROUP]
            made["due_ms"], made["message"] = pa.array(sending.due_ms[place]), pa.array(numbers[place])
        arrays = [made.get(name, None) for name in columns.COLUMNS]
        types = columns.COLUMNS.values()
        yield pa.Table.from_arrays(
            [pa.nulls(count, kind) if it is None else it for it, kind in zip(arrays, types, strict=True)],
            schema=columns.SCHEMA,
        )


def _taken(samples: Any, rows: Ints) -> Any:
    return samples.take(rows) if isinstance(samples, FixTable) else [samples[row] for row in rows.tolist()]


def is_parquet(path: Path) -> bool:
    """Whether a file begins like one of Parquet."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def is_run(path: Path) -> bool:
    """Whether a file is of Parquet, and a run unless it is too damaged to tell."""
    if not is_parquet(path):
        return False
    try:
        return KEY in (pq.read_metadata(path).metadata or {})
    except pa.ArrowException:
        return True


def read(path: Path) -> Run:
    """The run of a file.

    Samples that arrived twice stand once, and the sending tells of both; samples that never arrived are not there.

    Raises:
        FlightLogError: The file is damaged, or no run.
        OSError: It cannot be read.
    """
    try:
        told = (pq.read_metadata(path).metadata or {}).get(KEY)
        if told is None:
            raise FlightLogError(f"{path}: a file of Parquet, and no run: it has no metadata 'canhdong'")
        with pq.ParquetFile(path, read_dictionary=[*_TEXTS, "payload"]) as file:
            header = msgspec.json.decode(told)
            parts = msgspec.convert(header.get("streams"), list[_Part])
            return run_of(header, tuple(_streams(file, parts)))
    except (pa.ArrowException, msgspec.MsgspecError, KeyError, AttributeError) as error:
        raise FlightLogError(f"{path}: the file of Parquet is damaged: {error}") from error


def _streams(file: Any, parts: list[_Part]) -> Iterator[Stream]:
    at = 0
    for part in parts:
        groups = range(at, at + part.groups)
        at += part.groups
        table = file.read_row_groups(list(groups), columns=list(columns.OF_KIND[part.carries]), use_threads=False)
        yield _stream(part, table)


def _stream(part: _Part, table: Any) -> Stream:
    samples = samples_of(part.carries, table)
    kind = DeviceKind(part.kind)
    stream = Stream(part.device, kind, samples, part.replay, part.cooperative, None, part.wire, part.external)
    if isinstance(samples, FixTable):
        stream = replace(stream, samples=samples.with_columns(device=samples.device or part.device))
    return _sent(stream, table) if part.sent else stream


def _sent(stream: Stream, table: Any) -> Stream:
    """A stream of rows as they arrived, as its samples in their order and what was sent of them."""
    numbers, message = integers(table, "sample"), integers(table, "message")
    due = integers(table, "due_ms")
    first = np.flatnonzero(np.diff(message, prepend=-1))
    last = np.append(first[1:], len(message)) - 1
    there, rows = np.unique(numbers, return_index=True)
    samples = stream.samples
    whole = len(rows) == len(numbers) and bool((np.diff(rows) > 0).all())
    begin = np.searchsorted(there, numbers[first])
    sending = Sending(due[first], begin, begin + last - first + 1) if len(first) else Sending(due, due, due)
    return replace(stream, samples=samples if whole else _taken(samples, rows), sending=sending)
