"""Telemetry in one SQLite file: the embedded default.

The key of a sample is its primary key, so a repeated sample lands on itself. What has the key of a stored sample and
says something else goes to the table ``conflicts``, beside the first and never over it.

Doubles stand in columns without a type, where SQLite keeps them as they are: a column of type REAL forgets the sign of
zero.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.model.figures import Figures, Value
from core.model.fixtable import FixTable
from core.model.samples import Event, Fix, Reading
from core.ports import Sample, Verdict, WriteResult
from storage.sqlite_file import BUSY_S, SqliteFile
from storage.telemetry import rows
from storage.telemetry.rows import Entry

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS fixes (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, ts_ms INTEGER NOT NULL, seq INTEGER NOT NULL, boot TEXT NOT NULL,
    lat_deg, lon_deg, height_m, speed_mps, heading_deg, hdop,
    flow_lpm, rate_kgpm, swath_m, tank_l, tank_kg, battery_pct,
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
    value, unit TEXT NOT NULL, received_ms INTEGER NOT NULL, digest INTEGER NOT NULL,
    PRIMARY KEY (cooperative, device, quantity, ts_ms)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS figures (
    name TEXT NOT NULL, measurement TEXT NOT NULL, ts_ms INTEGER NOT NULL, tags TEXT NOT NULL, "values" TEXT NOT NULL,
    PRIMARY KEY (name, measurement, ts_ms, tags)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS conflicts (
    "table" TEXT NOT NULL, "key" TEXT NOT NULL, digest INTEGER NOT NULL, content TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    PRIMARY KEY ("table", "key", digest)
) WITHOUT ROWID
"""


class _Table:
    """How samples of one kind are written."""

    def __init__(self, name: str, key: Sequence[str], content: Sequence[str]) -> None:
        columns = ", ".join(f'"{column}"' for column in (*key, *content, "received_ms", "digest"))
        marks = ", ".join("?" * (len(key) + len(content) + 2))
        self.name = name
        self.insert = f"INSERT INTO {name} ({columns}) VALUES ({marks}) ON CONFLICT ({', '.join(key)}) DO NOTHING"  # noqa: S608
        self.look = f"SELECT digest FROM {name} WHERE " + " AND ".join(f"{column} = ?" for column in key)  # noqa: S608


_FIXES: Final = _Table("fixes", rows.FIX_KEY, rows.FIX_CONTENT)
_EVENTS: Final = _Table("events", rows.EVENT_KEY, ())
_READINGS: Final = _Table("readings", rows.READING_KEY, rows.READING_CONTENT)
_FIX_COLUMNS: Final = ", ".join(f'"{name}"' for name in rows.FIX_ROW)

_OF_QUANTITY: Final = "FROM readings WHERE cooperative = ? AND device = ? AND quantity = ? AND ts_ms BETWEEN ? AND ?"


class SqliteTelemetry:
    """A :class:`core.ports.TelemetryStore` in a file; several processes may open it at the same time."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        """See the port."""
        of_kind = (
            (_FIXES, Fix, [rows.fix_entry(cooperative, s) for s in samples if isinstance(s, Fix)]),
            (_EVENTS, Event, [rows.event_entry(cooperative, s) for s in samples if isinstance(s, Event)]),
            (_READINGS, Reading, [rows.reading_entry(cooperative, s) for s in samples if isinstance(s, Reading)]),
        )
        verdicts: dict[int, Verdict] = {}
        with self._file.transaction() as connection:
            for table, kind, entries in of_kind:
                if entries:
                    found = _write(connection, table, entries, received_ms)
                    if found:
                        places = [i for i, sample in enumerate(samples) if isinstance(sample, kind)]
                        verdicts |= {places[at]: verdict for at, verdict in found.items()}
        said = Counter(verdicts.values())
        duplicates, conflicts = said[Verdict.DUPLICATE], said[Verdict.CONFLICT]
        return WriteResult(len(samples) - duplicates - conflicts, duplicates, conflicts, verdicts=verdicts)

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See the port."""
        query = (
            f"SELECT {_FIX_COLUMNS} FROM fixes WHERE cooperative = ? AND device = ? AND ts_ms BETWEEN ? AND ? "  # noqa: S608
            "ORDER BY ts_ms, seq, boot"
        )
        with self._file.reading() as connection:
            return rows.table(device, connection.execute(query, (cooperative, device, start_ms, end_ms)))

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
                for quantity in _distinct(connection, "readings", "quantity", cooperative=cooperative, device=device)
                for row in connection.execute(query, (cooperative, device, quantity, start_ms, end_ms))
            ]
        return sorted(found, key=lambda r: (r.ts_ms, r.quantity))

    def readings_page(  # noqa: PLR0917 - as the port has it
        self,
        cooperative: str,
        device: str,
        quantity: str,
        start_ms: int,
        end_ms: int,
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[Reading]:
        """See the port."""
        query = (
            f"SELECT device, ts_ms, quantity, value, unit {_OF_QUANTITY} "
            f"ORDER BY ts_ms {'DESC' if newest_first else 'ASC'} LIMIT ?"
        )
        with self._file.reading() as connection:
            found = connection.execute(query, (cooperative, device, quantity, start_ms, end_ms, limit))
            return [rows.reading(row) for row in found]

    def count_readings(self, cooperative: str, device: str, quantity: str, start_ms: int, end_ms: int) -> int:
        """See the port."""
        with self._file.reading() as connection:
            found = connection.execute(
                f"SELECT count(*) {_OF_QUANTITY}",
                (cooperative, device, quantity, start_ms, end_ms),
            )
            return int(found.fetchone()[0])

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        """See the port."""
        query = (
            f"SELECT {_FIX_COLUMNS} FROM fixes WHERE cooperative = ? AND device = ? "  # noqa: S608
            "ORDER BY ts_ms DESC, seq DESC, boot DESC LIMIT 1"
        )
        with self._file.reading() as connection:
            return [
                rows.fix(device, row)
                for device in _distinct(connection, "fixes", "device", cooperative=cooperative)
                for row in connection.execute(query, (cooperative, device))
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
                for device in _distinct(connection, "readings", "device", cooperative=cooperative)
                for quantity in _distinct(connection, "readings", "quantity", cooperative=cooperative, device=device)
                for row in connection.execute(query, (cooperative, device, quantity))
            ]

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """See the port."""
        made = [(name, r.measurement, r.ts_ms, _packed(r.tags), _packed(r.values)) for r in rows]
        with self._file.transaction() as connection:
            connection.executemany("INSERT OR REPLACE INTO figures VALUES (?, ?, ?, ?, ?)", made)

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        """See the port."""
        query = 'SELECT ts_ms, tags, "values" FROM figures WHERE name = ? AND measurement = ? AND ts_ms BETWEEN ? AND ?'
        with self._file.reading() as connection:
            rows = list(connection.execute(query, (name, measurement, start_ms, end_ms)))
        found = [Figures(measurement, ts_ms, json.loads(tags), json.loads(values)) for ts_ms, tags, values in rows]
        return sorted(found, key=lambda row: row.key)

    def close(self) -> None:
        """See the port."""
        self._file.close()


def _packed(it: Mapping[str, Value]) -> str:
    return json.dumps(dict(sorted(it.items())), ensure_ascii=False)


def _write(
    connection: sqlite3.Connection, table: _Table, entries: Sequence[Entry], received_ms: int
) -> dict[int, Verdict]:
    """Insert what is new; tells of the others, by their place, whether they are repeated or conflicting."""
    before = connection.total_changes
    connection.execute("SAVEPOINT entries")
    connection.executemany(table.insert, ((*key, *content, received_ms, digest) for key, content, digest in entries))
    if connection.total_changes - before == len(entries):
        return {}
    connection.execute("ROLLBACK TO entries")  # some are there already: look at each
    verdicts: dict[int, Verdict] = {}
    for place, entry in enumerate(entries):
        key, content, digest = entry
        if not connection.execute(table.insert, (*key, *content, received_ms, digest)).rowcount:
            kept = _keep_conflict(connection, table, entry, received_ms)
            verdicts[place] = Verdict.CONFLICT if kept else Verdict.DUPLICATE
    return verdicts


def _keep_conflict(connection: sqlite3.Connection, table: _Table, entry: Entry, received_ms: int) -> bool:
    """Keep an entry beside the stored one where it says something else; whether nobody had said that yet."""
    (there,) = connection.execute(table.look, entry.key).fetchone()
    if there == entry.digest:
        return False
    kept = connection.execute(
        "INSERT INTO conflicts VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (table.name, repr(entry.key), entry.digest, repr(entry.content), received_ms),
    )
    return kept.rowcount > 0


def _distinct(connection: sqlite3.Connection, table: str, column: str, **fixed: str) -> Iterator[str]:
    """The distinct values of a key's column behind fixed ones, by one index step each instead of a scan."""
    where = " AND ".join(f"{name} = ?" for name in fixed)
    query = f"SELECT min({column}) FROM {table} WHERE {where} AND {column} "  # noqa: S608 - our own names
    step = ">= ?"
    last = ""
    while True:
        (found,) = connection.execute(query + step, (*fixed.values(), last)).fetchone()
        if found is None:
            return
        yield found
        last, step = found, "> ?"
