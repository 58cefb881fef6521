"""Tables of fixes as CSV: a row per fix, columns named as in the native payload, in any order.

Used: `device`, `ts`, `lat` and `lon` (needed), `seq`, `boot`, `height_m`, `height_ref`, `speed_mps`, `heading_deg`,
`fix` (none, single, dgps, float, rtk), `hdop`, `op` (spray, spread, sow), `on` (true, false, 1, 0), `mode`, `flow_lpm`,
`rate_kgpm`, `swath_m`, `tank_l`, `tank_kg`, `battery_pct`, `flight` and `job`. `ts` is in ms since 1970 UTC, or ISO
8601 with its offset. Comma, semicolon (then the decimal mark may be a comma) or tab between cells. A blank cell is "not
told". Other columns are not used, and named. One file may hold many drones: each drone, boot and flight is a log; where
neither boot nor flight is told, 300 s of silence end a flight. The same table as Parquet is read alike.

Not told: sections of a boom (the payload's `sections`).

Source: our own payload (docs/devices.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from core import fixcolumns
from core.errors import FlightLogError
from core.fixcolumns import FixColumns
from core.model.fixtable import Bools, Ints
from core.model.flightlog import LogFile
from ingest.logparts.csvcolumns import Cells, cells_of, delimiter_of

FORMAT = "fix-csv"
EXTENSIONS = (".csv", ".tsv")
_SHOWN: Final = 5
_TEXT: Final = 40


def sniff(head: bytes, path: Path) -> bool:
    """Whether the first line names a device, a time and a position as the native payload does."""
    if b"\0" in head or path.is_dir():
        return False
    line = head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n").splitlines()[:1]
    text = line[0].decode("utf-8", "replace").casefold() if line else ""
    names = {name.strip(' "') for name in text.split(delimiter_of(text))}
    return not fixcolumns.lacking(tuple(names))


def read(path: Path) -> LogFile:
    """Read a table of fixes.

    Raises:
        FlightLogError: A needed column is missing, or there is no row.
        OSError: The file cannot be read.
    """
    cells = cells_of(path.read_bytes())
    missing = fixcolumns.lacking(cells.names)
    if missing:
        raise FlightLogError(f"{path}: line 1: no column {', '.join(missing)}")
    if not len(cells) and not cells.odd:
        raise FlightLogError(f"{path}: line 2: names columns but holds no rows")
    table = _columns(cells)
    logs = fixcolumns.logs_of(table)
    if not any(len(log.fixes) for log in logs):
        raise FlightLogError(f"{path}: nothing usable: {'; '.join(table.problems) or 'no row has a fix'}")
    return LogFile(FORMAT, logs, problems=table.problems)


def _columns(cells: Cells) -> FixColumns:
    """The columns of a table, and what is wrong with its rows."""
    problems = [f"line 1: {p}" for p in fixcolumns.unread(cells.names)]
    if cells.odd:
        problems.append(f"{len(cells.odd)} × row with another number of cells ({_lines(cells.odd)}): dropped")
    told: dict[str, Any] = {}

    def keep(name: str, value: Any, wrong: Bools, effect: str) -> None:
        told[name] = value
        if wrong.any():
            rows = np.flatnonzero(wrong)
            shown = "; ".join(f"line {cells.line[r]}: {_text(cells, name, int(r))!r}" for r in rows[:_SHOWN].tolist())
            more = ", ..." if len(rows) > _SHOWN else ""
            problems.append(f"{len(rows)} × unusable cell in column {name!r} ({shown}{more}): {effect}")

    ts_ms, no_time = _times(cells)
    keep("ts", ts_ms, no_time, "dropped")
    for name in fixcolumns.NUMBERS:
        if name in cells.names:
            values, wrong = cells.numbers(name)
            keep(name, fixcolumns.told_numbers(values), wrong, "dropped" if name in fixcolumns.NEEDED else "not told")
    for name, (_, kind) in fixcolumns.WORDS.items():
        if name in cells.names:
            keep(name, *fixcolumns.codes(cells.texts(name), kind), "not told")
    if "on" in cells.names:
        keep("on", *fixcolumns.truths(cells.texts("on")), "taken as off")
    if "seq" in cells.names:
        values, wrong = cells.numbers("seq")
        keep("seq", np.where(np.isfinite(values), values, -1.0).astype(np.int64), wrong, "not told")
    columns = {_named(name): value for name, value in told.items() if name != "ts"}
    columns |= {name: cells.texts(name) for name in fixcolumns.TEXTS[1:] if name in cells.names}
    device = cells.texts("device")
    blank = np.array([not label for label in device.labels], np.bool_)[device.codes]
    faults = {"corrupt": no_time, "no-device": blank}
    return FixColumns(device, ts_ms, columns, faults, tuple(problems))


def _named(name: str) -> str:
    """What :class:`FixTable` calls a column."""
    return fixcolumns.NUMBERS.get(name) or (fixcolumns.WORDS[name][0] if name in fixcolumns.WORDS else name)


def _times(cells: Cells) -> tuple[Ints, Bools]:
    """Times in ms UTC (−1 where none can be read), and which rows have none."""
    values, wrong = cells.numbers("ts")
    times = np.where(np.isfinite(values), values, -1.0)
    times = np.where(np.abs(times) < 2.0**53, times, -1.0)
    ts_ms = np.rint(times).astype(np.int64)
    if wrong.any():
        texts = cells.bytes_of("ts")
        rows = np.flatnonzero(wrong)
        ts_ms[rows] = [_iso_ms(text) for text in texts[rows].tolist()]
    return ts_ms, ts_ms < 0


def _iso_ms(text: bytes) -> int:
    """An ISO 8601 time with its offset in ms UTC, −1 where it is none or tells no offset."""
    try:
        when = datetime.fromisoformat(text.decode("ascii"))
        return -1 if when.tzinfo is None else max(round(when.timestamp() * 1000.0), -1)
    except (ValueError, OverflowError):
        return -1


def _lines(lines: tuple[int, ...]) -> str:
    return f"line {', '.join(map(str, lines[:_SHOWN]))}{', ...' if len(lines) > _SHOWN else ''}"


def _text(cells: Cells, name: str, row: int) -> str:
    """A cell as it stands."""
    k = cells.names.index(name)
    made: Callable[[str, str], str] = cells.data[cells.start[row, k] : cells.end[row, k]].tobytes().decode
    return made("utf-8", "replace").strip()[:_TEXT]
