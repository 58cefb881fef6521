"""Tables of fixes as Parquet: any file whose columns have the names of the native payload (:mod:`core.fixcolumns`).

Times are integers (ms since 1970 UTC) or timestamps with their zone; texts may be dictionaries; nulls are "not told".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core import fixcolumns
from core.errors import FlightLogError
from core.fixcolumns import FixColumns
from core.model.enums import Word
from core.model.fixtable import Bools, Floats, Ints, Labels
from core.model.flightlog import LogFile
from storage.runs import parquet

FORMAT: Final = "fix-parquet"
_SHOWN: Final = 5


def is_fix_table(path: Path) -> bool:
    """Whether a file is of Parquet and no run (:func:`storage.runs.is_run`)."""
    try:
        return path.is_file() and parquet.is_parquet(path) and not parquet.is_run(path)
    except OSError:
        return False


def read_fix_table(path: Path) -> LogFile:
    """Read a table of fixes, a log per drone, boot and flight.

    Raises:
        FlightLogError: It is damaged, lacks a needed column, has one of the wrong type, or holds no usable row.
    """
    try:
        with pq.ParquetFile(path) as file:
            names = [name.casefold() for name in file.schema_arrow.names]
            missing = fixcolumns.lacking(names)
            if missing:
                raise FlightLogError(f"{path}: no column {', '.join(missing)}")
            chosen = dict(reversed([(n.casefold(), n) for n in file.schema_arrow.names]))
            wanted = {name: chosen[name] for name in fixcolumns.KNOWN if name in chosen}
            strings = [real for real in wanted.values() if _is_text(file.schema_arrow.field(real).type)]
        with pq.ParquetFile(path, read_dictionary=strings) as file:  # read_table would import pandas
            columns = _Reader(path, file, wanted).columns(names)
    except pa.ArrowException as error:
        raise FlightLogError(f"{path}: the file of Parquet is damaged: {error}") from error
    except OSError as error:
        raise FlightLogError(f"{path}: {error.strerror or error}") from error
    logs = fixcolumns.logs_of(columns)
    if not any(len(log.fixes) for log in logs):
        raise FlightLogError(f"{path}: nothing usable: {'; '.join(columns.problems) or 'no row has a fix'}")
    return LogFile(FORMAT, logs, problems=columns.problems)


class _Reader:
    """Columns of a file, read one after the other, numbers by row group; and what is wrong with them.

    So no more of the file is held than what it comes to. A column of a wrong type is refused before it is read: a text
    that stands in every row is small in the file, and as large as it pleases in memory.
    """

    def __init__(self, path: Path, file: Any, columns: dict[str, str]) -> None:
        self._path = path
        self._file = file
        self._columns = columns
        self._problems: list[str] = []

    def columns(self, names: list[str]) -> FixColumns:
        """All that the file tells."""
        self._problems += fixcolumns.unread(names)
        ts_ms, no_time = self._times()
        told: dict[str, Any] = {}
        for name, ours in fixcolumns.NUMBERS.items():
            if name in self._columns:
                told[ours] = fixcolumns.told_numbers(self._numbers(name))
        for name, (ours, kind) in fixcolumns.WORDS.items():
            if name in self._columns:
                told[ours] = self._words(name, kind)
        if "seq" in self._columns:
            told["seq"] = self._integers("seq")[0]
        if "on" in self._columns:
            told["on"] = self._on()
        told |= {name: self._texts(name) for name in fixcolumns.TEXTS[1:] if name in self._columns}
        device = self._texts("device")
        blank = np.array([not label.strip() for label in device.labels], np.bool_)[device.codes]
        faults = {"corrupt": no_time, "no-device": blank}
        return FixColumns(device, ts_ms, told, faults, tuple(self._problems))

    def _times(self) -> tuple[Ints, Bools]:
        kind = self._type("ts")
        if not pa.types.is_timestamp(kind):
            return self._integers("ts")
        if kind.tz is None:
            raise FlightLogError(f"{self._path}: column 'ts' is a timestamp without a zone: nobody knows when it was")

        def in_ms(column: Any) -> Any:
            return pc.cast(column, pa.timestamp("ms", kind.tz), safe=False).cast(pa.int64())

        return self._whole("ts", in_ms)

    def _integers(self, name: str) -> tuple[Ints, Bools]:
        """Whole numbers, −1 where there is none, and where that is."""
        if pa.types.is_integer(self._type(name)):
            return self._whole(name, lambda column: column)
        values = self._numbers(name)
        good = np.isfinite(values) & (np.abs(values) < 2.0**53)
        return np.rint(np.where(good, values, -1.0)).astype(np.int64), ~good

    def _whole(self, name: str, told: Callable[[Any], Any]) -> tuple[Ints, Bools]:
        """Integers of Arrow, −1 where there is none, and where that is."""
        values, missing = np.empty(self._file.metadata.num_rows, np.int64), np.zeros(0, np.bool_)
        for start, part in self._parts(name):
            column = told(part)
            if column.null_count:
                missing = missing if len(missing) else np.zeros(len(values), np.bool_)
                missing[start : start + len(column)] = _array(column.is_null())
                column = pc.fill_null(column, -1)
            values[start : start + len(column)] = _array(column)
        return values, missing if len(missing) else np.zeros(len(values), np.bool_)

    def _numbers(self, name: str) -> Floats:
        kind = self._type(name)
        numeric = pa.types.is_floating(kind) or pa.types.is_integer(kind)
        if not (numeric or pa.types.is_decimal(kind) or pa.types.is_null(kind)):
            raise FlightLogError(f"{self._path}: column {name!r} holds {_plain(kind)}, not numbers")
        values: Floats = np.empty(self._file.metadata.num_rows)
        for start, part in self._parts(name):
            column = part if kind == pa.float64() else pc.cast(part, pa.float64(), safe=False)
            filled = pc.fill_null(column, np.nan) if column.null_count else column
            values[start : start + len(filled)] = _array(filled)
        return values

    def _type(self, name: str) -> Any:
        return self._file.schema_arrow.field(self._columns[name]).type

    def _parts(self, name: str) -> Iterator[tuple[int, Any]]:
        """A column by row group, each with the number of its first row."""
        start = 0
        for group in range(self._file.num_row_groups):
            part = self._file.read_row_group(group, [self._columns[name]], use_threads=False).column(0)
            yield start, part
            start += len(part)

    def _texts(self, name: str) -> Labels:
        kind = self._type(name)
        of = _plain(kind)
        if not (_is_text(of) or pa.types.is_integer(of) or pa.types.is_null(of)):
            raise FlightLogError(f"{self._path}: column {name!r} holds {_plain(kind)}, not texts")
        column = self._file.read([self._columns[name]], use_threads=False).column(0)
        if pa.types.is_integer(column.type) or pa.types.is_null(column.type):
            column = column.cast(pa.string())
        whole = column.combine_chunks() if not pa.types.is_dictionary(column.type) else column.unify_dictionaries()
        whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
        if isinstance(whole, pa.ChunkedArray):  # combine_chunks hands back what has no chunk at all
            whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string())
        if not pa.types.is_dictionary(whole.type):
            whole = whole.dictionary_encode()
        labels = tuple("" if v is None else str(v) for v in whole.dictionary.to_pylist())
        indices = whole.indices.cast(pa.int32())
        codes: Any = np.from_dlpack(indices.fill_null(len(labels)) if indices.null_count else indices)
        return Labels(codes, (*labels, ""))

    def _words(self, name: str, kind: type[Word]) -> Any:
        texts = self._texts(name)
        made, wrong = fixcolumns.codes(texts, kind)
        self._tell(name, wrong, lambda row: texts[row], "not told")
        return made

    def _on(self) -> Bools:
        kind = self._type("on")
        if pa.types.is_boolean(kind):
            on: Bools = np.zeros(self._file.metadata.num_rows, np.bool_)
            for start, part in self._parts("on"):
                filled = pc.fill_null(part, False) if part.null_count else part  # noqa: FBT003 - a value
                on[start : start + len(filled)] = _array(filled)
            return on
        if pa.types.is_floating(kind) or pa.types.is_integer(kind):
            return np.asarray(self._numbers("on") > 0.0)
        texts = self._texts("on")
        on, wrong = fixcolumns.truths(texts)
        self._tell("on", wrong, lambda row: texts[row], "taken as off")
        return on

    def _tell(self, name: str, wrong: Bools, text: Callable[[int], str], effect: str) -> None:
        rows = np.flatnonzero(wrong)
        if len(rows):
            shown = "; ".join(f"row {r + 1}: {text(r)!r}" for r in rows[:_SHOWN].tolist())
            more = ", ..." if len(rows) > _SHOWN else ""
            self._problems.append(f"{len(rows)} × unusable cell in column {name!r} ({shown}{more}): {effect}")


def _plain(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_text(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _array(column: Any) -> Any:
    """A column without nulls as one array of NumPy; ``to_numpy`` would import pandas, which takes a second."""
    if pa.types.is_boolean(column.type):
        return _array(column.cast(pa.int8())).astype(np.bool_)
    parts = [np.from_dlpack(chunk) for chunk in column.chunks if len(chunk)]
    return np.concatenate(parts) if parts else np.empty(0)
