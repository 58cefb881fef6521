"""Telemetry in one SQLite file: the embedded default.

The key of a sample is its primary key, so a repeated sample lands on itself. What has the key of a stored sample and
says something else goes to the table ``conflicts``, beside the first and never over it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from core.model.fixtable import FixTable
from core.model.samples import Event, Fix, Reading
from core.ports import Sample, WriteResult
from storage.sqlite_file import SqliteFile
from storage.telemetry import rows
from storage.telemetry.rows import Row

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fixes (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, ts_ms INTEGER NOT NULL, seq INTEGER NOT NULL, boot TEXT NOT NULL,
    lat_deg REAL, lon_deg REAL, height_m REAL, speed_mps REAL, heading_deg REAL, hdop REAL,
    flow_lpm REAL, rate_kgpm REAL, swath_m REAL, tank_l REAL, tank_kg REAL, battery_pct REAL,
    quality INTEGER NOT NULL, op INTEGER NOT NULL, mode INTEGER NOT NULL, height_ref INTEGER NOT NULL,
    "on" INTEGER NOT NULL, flight TEXT NOT NULL, job TEXT NOT NULL, sections TEXT NOT NULL,
    received_ms INTEGER NOT NULL, digest INTEGER NOT NULL,
    PRIMARY KEY (cooperative, device, ts_ms, seq, boot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, ts_ms INTEGER NOT NULL, kind INTEGER NOT NULL, boot TEXT NOT NULL,
    received_ms INTEGER NOT NULL, digest INTEGER NOT NULL,
    PRIMARY KEY (cooperative, device, ts_ms, kind, boot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS readings (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, quantity TEXT NOT NULL, ts_ms INTEGER NOT NULL,
    value REAL, unit TEXT NOT NULL, received_ms INTEGER NOT NULL, digest INTEGER NOT NULL,
    PRIMARY KEY (cooperative, device, quantity, ts_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conflicts (
    "table" TEXT NOT NULL, "key" TEXT NOT NULL, digest INTEGER NOT NULL, content TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY ("table", "key", digest)
) WITHOUT ROWID
"""


class _Kind:
    """How samples of one kind are written."""

    def __init__(
        self, table: str, key: Sequence[str], content: Sequence[str], split: Callable[[str, Sample], tuple[Row, Row]]
    ) -> None:
        columns = [f'"{name}"' for name in (*key, *content, "received_ms", "digest")]
        self.table = table
        self.split = split
        self.insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"  # noqa: S608
        self.look = f"SELECT digest FROM {table} WHERE " + " AND ".join(f'"{name}" = ?' for name in key)  # noqa: S608


def _split_fix(cooperative: str, sample: Sample) -> tuple[Row, Row]:
    assert isinstance(sample, Fix)
    return rows.fix_key(cooperative, sample), rows.fix_content(sample)


def _split_event(cooperative: str, sample: Sample) -> tuple[Row, Row]:
    assert isinstance(sample, Event)
    return (cooperative, sample.device, sample.ts_ms, int(sample.kind), sample.boot), ()


def _split_reading(cooperative: str, sample: Sample) -> tuple[Row, Row]:
    assert isinstance(sample, Reading)
    return (cooperative, sample.device, sample.quantity, sample.ts_ms), (sample.value, sample.unit)


_KINDS: Final[dict[type[Sample], _Kind]] = {
    Fix: _Kind("fixes", rows.FIX_KEY, rows.FIX_CONTENT, _split_fix),
    Event: _Kind("events", rows.EVENT_KEY, (), _split_event),
    Reading: _Kind("readings", rows.READING_KEY, rows.READING_CONTENT, _split_reading),
}
_FIX_COLUMNS: Final = ", ".join(f'"{name}"' for name in ("ts_ms", "seq", "boot", *rows.FIX_CONTENT))


class SqliteTelemetry:
    """A :class:`core.ports.TelemetryStore` in a file; several processes may open it at the same time."""

    def __init__(self, path: Path, busy_s: float = 10.0) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        """See the port."""
        result = WriteResult()
        with self._file.transaction() as connection:
            for kind, spec in _KINDS.items():
                of_kind = [spec.split(cooperative, s) for s in samples if type(s) is kind]
                if of_kind:
                    result += _write(connection, spec, of_kind, received_ms)
        return result

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See the port."""
        query = (
            f"SELECT {_FIX_COLUMNS} FROM fixes WHERE cooperative = ? AND device = ? AND ts_ms BETWEEN ? AND ? "  # noqa: S608
            "ORDER BY ts_ms, seq, boot"
        )
        with self._file.reading() as connection:
            return rows.table(device, connection.execute(query, (cooperative, device, start_ms, end_ms)).fetchall())

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """See the port."""
        query = (
            "SELECT device, ts_ms, kind, boot FROM events "
            "WHERE cooperative = ? AND device = ? AND ts_ms BETWEEN ? AND ? ORDER BY ts_ms, kind, boot"
        )
        with self._file.reading() as connection:
            return [rows.event(row) for row in connection.execute(query, (cooperative, device, start_ms, end_ms))]

    def readings(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Reading]:
        """See the port."""
        query = (
            "SELECT device, ts_ms, quantity, value, unit FROM readings "
            "WHERE cooperative = ? AND device = ? AND quantity = ? AND ts_ms BETWEEN ? AND ?"
        )
        with self._file.reading() as connection:
            found = [
                rows.reading(row)
                for quantity in _next(connection, "readings", "quantity", cooperative=cooperative, device=device)
                for row in connection.execute(query, (cooperative, device, quantity, start_ms, end_ms))
            ]
        return sorted(found, key=lambda r: (r.ts_ms, r.quantity))

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        """See the port."""
        query = (
            f"SELECT {_FIX_COLUMNS} FROM fixes WHERE cooperative = ? AND device = ? "  # noqa: S608
            "ORDER BY ts_ms DESC, seq DESC, boot DESC LIMIT 1"
        )
        with self._file.reading() as connection:
            return [
                fix
                for device in _next(connection, "fixes", "device", cooperative=cooperative)
                for fix in rows.table(device, connection.execute(query, (cooperative, device)).fetchall()).rows()
            ]

    def latest_readings(self, cooperative: str) -> list[Reading]:
        """See the port."""
        query = (
            "SELECT device, ts_ms, quantity, value, unit FROM readings "
            "WHERE cooperative = ? AND device = ? AND quantity = ? ORDER BY ts_ms DESC LIMIT 1"
        )
        with self._file.reading() as connection:
            return [
                rows.reading(row)
                for device in _next(connection, "readings", "device", cooperative=cooperative)
                for quantity in _next(connection, "readings", "quantity", cooperative=cooperative, device=device)
                for row in connection.execute(query, (cooperative, device, quantity))
            ]

    def close(self) -> None:
        """See the port."""
        self._file.close()


def _write(
    connection: sqlite3.Connection, spec: _Kind, samples: Sequence[tuple[Row, Row]], received_ms: int
) -> WriteResult:
    """Insert what is new; then tell the repeated from the conflicting."""
    before = connection.total_changes
    digests = [rows.digest(content) for _, content in samples]
    connection.executemany(
        spec.insert,
        ((*key, *content, received_ms, d) for (key, content), d in zip(samples, digests, strict=True)),
    )
    stored = connection.total_changes - before
    if stored == len(samples):
        return WriteResult(stored)
    conflicts = 0
    for (key, content), d in zip(samples, digests, strict=True):
        (there,) = connection.execute(spec.look, key).fetchone()
        if there != d:
            conflicts += 1
            connection.execute(
                "INSERT OR IGNORE INTO conflicts VALUES (?, ?, ?, ?, ?)",
                (spec.table, repr(key), d, repr(content), received_ms),
            )
    return WriteResult(stored, len(samples) - stored - conflicts, conflicts)


def _next(connection: sqlite3.Connection, table: str, column: str, **fixed: str) -> Iterator[str]:
    """The distinct values of a key's column behind fixed ones, by one index step each instead of a scan."""
    where = " AND ".join(f"{name} = ?" for name in fixed)
    query = f"SELECT min({column}) FROM {table} WHERE {where} AND {column} > ?"  # noqa: S608 - our own names
    last = ""
    while True:
        (found,) = connection.execute(query, (*fixed.values(), last)).fetchone()
        if found is None:
            return
        yield found
        last = found
