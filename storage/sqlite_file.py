"""One SQLite file: write-ahead log, every commit fsynced, one writer at a time, readers beside it."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreUnavailable

_BUSY_S = 10.0


class SqliteFile:
    """Connections to one file; safe to use from several threads, beside other processes.

    Raises:
        StoreUnavailable: From every method, where the file cannot be opened, is locked for too long or is damaged.
    """

    def __init__(self, path: Path, schema: str, busy_s: float = _BUSY_S) -> None:
        self._path = path
        self._busy_s = busy_s
        self._writing = threading.Lock()
        self._mine = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._listing = threading.Lock()
        self._create_private()
        with self.transaction() as connection:
            for statement in filter(str.strip, schema.split(";")):
                connection.execute(statement)

    def _create_private(self) -> None:
        """Make the folder and an empty file that only this user can read."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreUnavailable(f"{self._path}: {error.strerror}") from None

    def _connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        kept: sqlite3.Connection | None = getattr(self._mine, "connection", None)
        if kept is not None:
            return kept
        connection = sqlite3.connect(
            self._path, timeout=self._busy_s, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        with self._listing:
            self._all.append(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        self._mine.connection = connection
        return connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreUnavailable(f"{self._path}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction: all of it is on the disk at the end, or nothing."""
        with self._translated(), self._writing:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one consistent state of the file."""
        with self._translated():
            connection = self._connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._listing:
            while self._all:
                self._all.pop().close()
        self._mine = threading.local()
