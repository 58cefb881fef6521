"""Dead letters in one SQLite file: every rejected message, whole, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from core.errors import NotFound
from core.ports import DeadLetter, Stranger
from storage.sqlite_file import BUSY_S, SqliteFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    reason TEXT NOT NULL, message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS letters_reason ON letters (reason)
"""
_ADDED: Final = {
    "format": "TEXT NOT NULL DEFAULT ''",
    "sender": "TEXT NOT NULL DEFAULT ''",
    "replayed_ms": "INTEGER NOT NULL DEFAULT 0",
    "origin": "TEXT",
}
"""Columns that the first files do not have."""
_COLUMNS: Final = "received_ms, topic, payload, reason, message, number, format, sender, replayed_ms, origin"


class SqliteDeadLetters:
    """A :class:`core.ports.DeadLetters` in a file."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)
        with self._file.transaction() as connection:
            there = {row[1] for row in connection.execute("PRAGMA table_info(letters)")}
            for name, kind in _ADDED.items():
                if name not in there:
                    connection.execute(f"ALTER TABLE letters ADD COLUMN {name} {kind}")
            connection.execute("CREATE UNIQUE INDEX IF NOT EXISTS letters_origin ON letters (origin)")
            connection.execute("CREATE INDEX IF NOT EXISTS letters_sender ON letters (reason, format, sender)")

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """See the port."""
        if not letters:
            return
        with self._file.transaction() as connection:
            connection.executemany(
                "INSERT INTO letters (received_ms, topic, payload, reason, message, format, sender, origin) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin) DO NOTHING",
                [
                    (
                        it.received_ms,
                        it.topic,
                        it.payload,
                        it.reason,
                        it.message,
                        it.format,
                        it.sender,
                        it.origin or None,
                    )
                    for it in letters
                ],
            )

    def letters(
        self, after: int = 0, limit: int = 100, *, reason: str = "", sender: str = "", pending: bool = False
    ) -> list[DeadLetter]:
        """See the port."""
        wanted = {"reason = ?": reason, "sender = ?": sender}
        named = {condition: value for condition, value in wanted.items() if value}
        where = " AND ".join(["number > ?", *named, *(["replayed_ms = 0"] if pending else [])])
        query = f"SELECT {_COLUMNS} FROM letters WHERE {where} ORDER BY number LIMIT ?"  # noqa: S608 - our own names
        with self._file.reading() as connection:
            return [_letter(row) for row in connection.execute(query, (after, *named.values(), limit))]

    def letter(self, number: int) -> DeadLetter:
        """See the port."""
        query = f"SELECT {_COLUMNS} FROM letters WHERE number = ?"  # noqa: S608 - our own names
        with self._file.reading() as connection:
            row = connection.execute(query, (number,)).fetchone()
        if row is None:
            raise NotFound(f"there is no dead letter {number}")
        return _letter(row)

    def counts(self) -> dict[str, int]:
        """See the port."""
        with self._file.reading() as connection:
            return dict(connection.execute("SELECT reason, count(*) FROM letters GROUP BY reason ORDER BY reason"))

    def strangers(self) -> list[Stranger]:
        """See the port."""
        # beside a single max() the topic is that of its row; with min() in the same query it might be of either
        query = (
            "WITH unknown AS (SELECT * FROM letters WHERE reason = 'identity' AND replayed_ms = 0), "
            "last AS (SELECT format, sender, count(*) AS heard, max(received_ms) AS last_ms, topic FROM unknown "
            "GROUP BY format, sender), "
            "first AS (SELECT format, sender, min(received_ms) AS first_ms FROM unknown GROUP BY format, sender) "
            "SELECT format, sender, heard, first_ms, last_ms, topic FROM last JOIN first USING (format, sender) "
            "ORDER BY last_ms DESC, format, sender"
        )
        with self._file.reading() as connection:
            return [Stranger(*row) for row in connection.execute(query)]

    def replayed(self, numbers: Sequence[int], at_ms: int) -> None:
        """See the port."""
        with self._file.transaction() as connection:
            connection.executemany("UPDATE letters SET replayed_ms = ? WHERE number = ?", [(at_ms, n) for n in numbers])

    def close(self) -> None:
        """See the port."""
        self._file.close()


def _letter(row: Sequence[Any]) -> DeadLetter:
    letter = DeadLetter(*row)
    return letter if letter.origin else replace(letter, origin="")
