"""The ring of live events in one SQLite file, which all API processes of a machine share.

Every process hears the same messages; a digest of the content keeps each event once, so it does not matter which
process adds it first, and all tell the same events under the same numbers.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from core.live import LiveDraft, LiveEvent, LiveKind, LiveState
from storage.sqlite_file import BUSY_S, SqliteFile

KEPT_MS: Final = 600_000
"""Whoever was away for longer starts anew."""
KEPT_ROWS: Final = 200_000
STANDS_MS: Final = 12 * 3_600_000
"""What was told so long ago stands no more."""
SILENT_MS: Final = 3_000
"""Where no process has beaten for so long, none can have heard."""
BEAT_MS: Final = 1_000
_TRIM_MS: Final = 5_000

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS ring (
    one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, floor INTEGER NOT NULL, beat_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS events (
    number INTEGER PRIMARY KEY AUTOINCREMENT, cooperative TEXT NOT NULL, kind TEXT NOT NULL, at_ms INTEGER NOT NULL,
    digest BLOB NOT NULL UNIQUE, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_of ON events (cooperative, number);
CREATE TABLE IF NOT EXISTS standing (
    cooperative TEXT NOT NULL, kind TEXT NOT NULL, slot TEXT NOT NULL, number INTEGER NOT NULL, ts_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (cooperative, kind, slot)
) WITHOUT ROWID
"""
_HEAD: Final = "SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)"
_EVENT: Final = "SELECT number, cooperative, kind, body FROM"


class SqliteRing:
    """A :class:`core.live.LiveRing` in a file."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)
        with self._file.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO ring VALUES (1, ?, 0, 0)", (secrets.token_hex(3),))
            (self._epoch,) = connection.execute("SELECT epoch FROM ring").fetchone()
        self._trimmed_ms = 0
        self._beaten_ms = 0

    @property
    def epoch(self) -> str:
        """See the port."""
        return str(self._epoch)

    def begin(self, now_ms: int) -> None:
        """See the port."""
        with self._file.transaction() as connection:
            (beat_ms,) = connection.execute("SELECT beat_ms FROM ring").fetchone()
            if not 0 <= now_ms - beat_ms <= SILENT_MS:
                connection.execute("DELETE FROM events")
                connection.execute("DELETE FROM standing")
                # a number that nobody was told: from the one before it nobody can go on
                connection.execute("INSERT INTO events VALUES (NULL, '', '', 0, x'', '')")
                connection.execute("DELETE FROM events")
                (floor,) = connection.execute(_HEAD).fetchone()
                connection.execute("UPDATE ring SET floor = ?", (floor,))
            connection.execute("UPDATE ring SET beat_ms = ?", (now_ms,))

    def add(self, drafts: Sequence[LiveDraft], now_ms: int) -> list[LiveDraft]:
        """See the port."""
        if not drafts and 0 <= now_ms - self._beaten_ms < BEAT_MS:
            return []
        with self._file.transaction() as connection:
            early = [draft for draft in drafts if not _added(connection, draft, now_ms)]
            connection.execute("UPDATE ring SET beat_ms = ?", (now_ms,))
            if not 0 <= now_ms - self._trimmed_ms < _TRIM_MS:
                _trim(connection, now_ms)
                self._trimmed_ms = now_ms
        self._beaten_ms = now_ms
        return early

    def since(self, number: int, limit: int) -> list[LiveEvent]:
        """See the port."""
        return self._events(f"{_EVENT} events WHERE number > ? ORDER BY number LIMIT ?", number, limit)

    def head(self) -> int:
        """See the port."""
        with self._file.reading() as connection:
            return int(connection.execute(_HEAD).fetchone()[0])

    def replay(self, cooperative: str, number: int, most: int) -> list[LiveEvent] | None:
        """See the port."""
        query = f"{_EVENT} events WHERE cooperative = ? AND number > ? ORDER BY number LIMIT ?"
        with self._file.reading() as connection:
            (floor,) = connection.execute("SELECT floor FROM ring").fetchone()
            (head,) = connection.execute(_HEAD).fetchone()
            if not floor <= number <= head:
                return None
            rows = connection.execute(query, (cooperative, number, most + 1)).fetchall()
        return [_event(row) for row in rows] if len(rows) <= most else None

    def state(self, cooperative: str, now_ms: int) -> LiveState:
        """See the port."""
        query = f"{_EVENT} standing WHERE cooperative = ? AND at_ms > ? ORDER BY number"
        with self._file.reading() as connection:
            (head,) = connection.execute(_HEAD).fetchone()
            rows = connection.execute(query, (cooperative, now_ms - STANDS_MS)).fetchall()
        return LiveState(int(head), tuple(_event(row) for row in rows))

    def end(self) -> None:
        """See the port: the others beat again at once, where there are any."""
        with self._file.transaction() as connection:
            connection.execute("UPDATE ring SET beat_ms = 0")

    def close(self) -> None:
        """See the port."""
        self._file.close()

    def _events(self, query: str, *values: object) -> list[LiveEvent]:
        with self._file.reading() as connection:
            return [_event(row) for row in connection.execute(query, values)]


def _added(connection: sqlite3.Connection, draft: LiveDraft, now_ms: int) -> bool:
    """Whether nothing is left to do about a draft: it was kept, is known, or is older than what was told."""
    slot = (draft.cooperative, draft.kind.value, draft.slot)
    if draft.pace_ms:
        query = "SELECT ts_ms, at_ms FROM standing WHERE cooperative = ? AND kind = ? AND slot = ?"
        told = connection.execute(query, slot).fetchone()
        if told and told[0] >= draft.ts_ms:
            return True
        if told and 0 <= now_ms - told[1] < draft.pace_ms:
            return False
    row = (draft.cooperative, draft.kind.value, now_ms, _digest(draft), draft.body)
    made = connection.execute("INSERT OR IGNORE INTO events VALUES (NULL, ?, ?, ?, ?, ?)", row)
    if made.rowcount == 1 and draft.over:
        connection.execute("DELETE FROM standing WHERE cooperative = ? AND kind = ? AND slot = ?", slot)
    elif made.rowcount == 1:
        values = (*slot, made.lastrowid, draft.ts_ms, now_ms, draft.body)
        connection.execute("INSERT OR REPLACE INTO standing VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return True


def _digest(draft: LiveDraft) -> bytes:
    text = "\0".join((draft.cooperative, draft.kind.value, draft.slot, str(draft.ts_ms), draft.body))
    return blake2b(text.encode(), digest_size=16).digest()


def _trim(connection: sqlite3.Connection, now_ms: int) -> None:
    """Forget what is too old or too much; numbers up to the floor cannot be resumed from."""
    (old,) = connection.execute("SELECT MAX(number) FROM events WHERE at_ms < ?", (now_ms - KEPT_MS,)).fetchone()
    (head,) = connection.execute(_HEAD).fetchone()
    floor = max(old or 0, head - KEPT_ROWS)
    if connection.execute("DELETE FROM events WHERE number <= ?", (floor,)).rowcount:
        connection.execute("UPDATE ring SET floor = MAX(floor, ?)", (floor,))
    connection.execute("DELETE FROM standing WHERE at_ms < ?", (now_ms - STANDS_MS,))


def _event(row: Sequence[Any]) -> LiveEvent:
    number, cooperative, kind, body = row
    return LiveEvent(number, cooperative, LiveKind(kind), body)
