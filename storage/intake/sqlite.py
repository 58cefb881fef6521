"""The ledger and the positions of ingest in one SQLite file, which all ingesters of a machine share.

Pages stand as MessagePack beside their key: they are always read and written whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from core.intake import IntakeCommit, Range
from core.model.ledger import Account, Activity, DayAccount, DeviceClock, added, merged
from storage.hold import hold
from storage.sqlite_file import BUSY_S, SqliteFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS spools (spool TEXT PRIMARY KEY, todo TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS slots (slot TEXT PRIMARY KEY, totals TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS accounts (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, slot TEXT NOT NULL, page BLOB NOT NULL,
    heard_ms INTEGER NOT NULL, PRIMARY KEY (cooperative, device, boot, slot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS days (
    cooperative TEXT NOT NULL, day TEXT NOT NULL, device TEXT NOT NULL, slot TEXT NOT NULL, page BLOB NOT NULL,
    changed_ms INTEGER NOT NULL, PRIMARY KEY (cooperative, day, device, slot)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS clocks (
    cooperative TEXT NOT NULL, device TEXT NOT NULL, page BLOB NOT NULL, PRIMARY KEY (cooperative, device)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS memory (codec TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (codec, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS activity (number INTEGER PRIMARY KEY AUTOINCREMENT, page BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, payload BLOB NOT NULL)
"""

_pack: Final = msgspec.msgpack.Encoder().encode
_account: Final = msgspec.msgpack.Decoder(Account).decode
_day: Final = msgspec.msgpack.Decoder(DayAccount).decode
_clock: Final = msgspec.msgpack.Decoder(DeviceClock).decode
_activity: Final = msgspec.msgpack.Decoder(Activity).decode


class SqliteIntake:
    """A :class:`core.intake.IntakeStore` in a file."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)
        self._path = path
        self._leases: dict[str, int] = {}

    def todo(self, spool: str) -> list[Range]:
        """See the port."""
        row = self._one("SELECT todo FROM spools WHERE spool = ?", spool)
        return [(first, last) for first, last in json.loads(row[0])] if row else [(0, -1)]

    def totals(self, slot: str) -> dict[str, int]:
        """See the port."""
        row = self._one("SELECT totals FROM slots WHERE slot = ?", slot)
        return dict(json.loads(row[0])) if row else {}

    def slots(self) -> list[str]:
        """See the port."""
        return [slot for (slot,) in self._all("SELECT slot FROM slots ORDER BY slot")]

    def memory(self, codec: str) -> dict[str, str]:
        """See the port."""
        return dict(self._all("SELECT name, value FROM memory WHERE codec = ?", codec))

    def account(self, slot: str, cooperative: str, device: str, boot: str) -> Account | None:
        """See the port."""
        query = "SELECT page FROM accounts WHERE cooperative = ? AND device = ? AND boot = ? AND slot = ?"
        row = self._one(query, cooperative, device, boot, slot)
        return _account(row[0]) if row else None

    def day(self, slot: str, cooperative: str, device: str, day: str) -> DayAccount | None:
        """See the port."""
        query = "SELECT page FROM days WHERE cooperative = ? AND day = ? AND device = ? AND slot = ?"
        row = self._one(query, cooperative, day, device, slot)
        return _day(row[0]) if row else None

    def clock(self, cooperative: str, device: str) -> DeviceClock | None:
        """See the port."""
        row = self._one("SELECT page FROM clocks WHERE cooperative = ? AND device = ?", cooperative, device)
        return _clock(row[0]) if row else None

    def commit(self, slot: str, change: IntakeCommit) -> None:
        """See the port."""
        with self._file.transaction() as connection:
            for spool, ranges in change.todo.items():
                connection.execute("INSERT OR REPLACE INTO spools VALUES (?, ?)", (spool, json.dumps(list(ranges))))
            connection.execute("INSERT OR REPLACE INTO slots VALUES (?, ?)", (slot, json.dumps(dict(change.totals))))
            connection.executemany(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?, ?, ?, ?)",
                [(a.cooperative, a.device, a.boot, slot, _pack(a), a.last_received_ms) for a in change.accounts],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO days VALUES (?, ?, ?, ?, ?, ?)",
                [(d.cooperative, d.day, d.device, slot, _pack(d), change.at_ms) for d in change.days],
            )
            connection.executemany(
                "INSERT OR REPLACE INTO clocks VALUES (?, ?, ?)",
                [(c.cooperative, c.device, _pack(c)) for c in change.clocks],
            )
            connection.executemany(
                "INSERT INTO activity (page) VALUES (?)", [(_pack(activity),) for activity in change.activity]
            )
            connection.executemany("INSERT INTO outbox (topic, payload) VALUES (?, ?)", change.letters)
            for codec, memory in change.memory.items():
                connection.execute("DELETE FROM memory WHERE codec = ?", (codec,))
                connection.executemany(
                    "INSERT INTO memory VALUES (?, ?, ?)", [(codec, name, value) for name, value in memory.items()]
                )

    def accounts(self, cooperative: str, device: str = "", since_ms: int = 0) -> list[Account]:
        """See the port."""
        query = (
            "SELECT page FROM accounts a WHERE cooperative = ? AND device >= ? AND (? = '' OR device = ?) AND EXISTS "
            "(SELECT 1 FROM accounts b WHERE b.cooperative = a.cooperative AND b.device = a.device AND b.boot = a.boot "
            "AND b.heard_ms >= ?) ORDER BY device, boot"
        )
        pages = [_account(page) for (page,) in self._all(query, cooperative, device, device, device, since_ms)]
        found = [merged(some) for _, some in groupby(pages, key=lambda a: (a.device, a.boot))]
        return sorted(found, key=lambda a: (a.device, a.first_ms, a.boot))

    def days(self, cooperative: str, first_day: str, last_day: str) -> list[DayAccount]:
        """See the port."""
        query = "SELECT page FROM days WHERE cooperative = ? AND day BETWEEN ? AND ? ORDER BY device, day"
        pages = [_day(page) for (page,) in self._all(query, cooperative, first_day, last_day)]
        return [added(some) for _, some in groupby(pages, key=lambda d: (d.device, d.day))]

    def days_since(self, cooperative: str, since_ms: int) -> list[str]:
        """See the port."""
        query = "SELECT DISTINCT day FROM days WHERE cooperative = ? AND changed_ms >= ? ORDER BY day"
        return [day for (day,) in self._all(query, cooperative, since_ms)]

    def clocks(self, cooperative: str) -> list[DeviceClock]:
        """See the port."""
        query = "SELECT page FROM clocks WHERE cooperative = ? ORDER BY device"
        return [_clock(page) for (page,) in self._all(query, cooperative)]

    def activity(self, limit: int) -> list[tuple[int, Activity]]:
        """See the port."""
        query = "SELECT number, page FROM activity ORDER BY number LIMIT ?"
        return [(number, _activity(page)) for number, page in self._all(query, limit)]

    def watched(self, up_to: int, letters: Sequence[tuple[str, bytes]]) -> None:
        """See the port."""
        with self._file.transaction() as connection:
            connection.execute("DELETE FROM activity WHERE number <= ?", (up_to,))
            connection.executemany("INSERT INTO outbox (topic, payload) VALUES (?, ?)", letters)

    def outbox(self, limit: int) -> list[tuple[int, str, bytes]]:
        """See the port."""
        return self._all("SELECT number, topic, payload FROM outbox ORDER BY number LIMIT ?", limit)

    def sent(self, numbers: Sequence[int]) -> None:
        """See the port."""
        with self._file.transaction() as connection:
            connection.executemany("DELETE FROM outbox WHERE number = ?", [(number,) for number in numbers])

    def lease(self, name: str) -> bool:
        """See the port."""
        if name not in self._leases:
            held = hold(self._lease_file(name))
            if held is None:
                return False
            self._leases[name] = held
        return True

    def free(self, name: str) -> bool:
        """See the port."""
        if name in self._leases:
            return False
        held = hold(self._lease_file(name))
        if held is None:
            return False
        os.close(held)
        return True

    def _lease_file(self, name: str) -> Path:
        return self._path.with_name(f"{self._path.name}.{name}.lease")

    def close(self) -> None:
        """See the port."""
        while self._leases:
            os.close(self._leases.popitem()[1])
        self._file.close()

    def _one(self, query: str, *values: object) -> Any:
        with self._file.reading() as connection:
            return connection.execute(query, values).fetchone()

    def _all(self, query: str, *values: object) -> list[Any]:
        with self._file.reading() as connection:
            return list(connection.execute(query, values))
