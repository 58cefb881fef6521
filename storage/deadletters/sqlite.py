"""Dead letters in one SQLite file: every rejected message, whole, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.ports import DeadLetter
from storage.sqlite_file import BUSY_S, SqliteFile

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS letters (
    number INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, topic TEXT NOT NULL, payload BLOB NOT NULL,
    reason TEXT NOT NULL, message TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS letters_reason ON letters (reason)
"""


class SqliteDeadLetters:
    """A :class:`core.ports.DeadLetters` in a file."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._file = SqliteFile(path, _SCHEMA, busy_s)

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """See the port."""
        if not letters:
            return
        with self._file.transaction() as connection:
            connection.executemany(
                "INSERT INTO letters (received_ms, topic, payload, reason, message) VALUES (?, ?, ?, ?, ?)",
                [(it.received_ms, it.topic, it.payload, it.reason, it.message) for it in letters],
            )

    def letters(self, after: int = 0, limit: int = 100) -> list[DeadLetter]:
        """See the port."""
        query = (
            "SELECT received_ms, topic, payload, reason, message, number FROM letters "
            "WHERE number > ? ORDER BY number LIMIT ?"
        )
        with self._file.reading() as connection:
            return [DeadLetter(*row) for row in connection.execute(query, (after, limit))]

    def counts(self) -> dict[str, int]:
        """See the port."""
        with self._file.reading() as connection:
            return dict(connection.execute("SELECT reason, count(*) FROM letters GROUP BY reason ORDER BY reason"))

    def close(self) -> None:
        """See the port."""
        self._file.close()
