"""One SQLite file: write-ahead log, every commit fsynced, one writer at a time, readers beside it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from core.errors import StoreUnavailable

BUSY_S: Final = 10.0
OURS: Final = (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.NotSupportedError, sqlite3.ProgrammingError)
"""What SQLite says when we ask for nonsense: a fault of the program, which trying again does not mend."""


def create_private(path: Path) -> None:
    """Make the folder, and an empty file that only this user can read, where they do not exist.

    A file that exists is not even opened: closing it again would drop the locks that another connection of this process
    holds on it (POSIX locks belong to the process, not to the descriptor).

    Raises:
        StoreUnavailable: The folder or the file cannot be made.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if path.is_file():
            return
        raise StoreUnavailable(f"{path}: it, or its folder, is something else than that") from None
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Hold the lock file beside a database while it is opened and its schema made.

    SQLite does not wait where two processes turn a new file to the write-ahead log at once: one of them hears that the
    file is locked (measured: once in 2,000 openings).

    Raises:
        StoreUnavailable: The lock file cannot be made or opened.
    """
    beside = path.with_name(path.name + ".lock")
    create_private(beside)
    try:
        descriptor = os.open(beside, os.O_RDWR)
    except OSError as error:
        raise StoreUnavailable(f"{beside}: {error.strerror}") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class SqliteFile:
    """Connections to one file; safe to use from several threads, beside other processes.

    A connection is lent for one transaction and then kept for the next one, of whichever thread: there are never more
    than were in use at the same time.

    Raises:
        StoreUnavailable: From every method, where the file cannot be opened, is locked for too long, is damaged or
            has been closed.
    """

    def __init__(self, path: Path, schema: str, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._busy_s = busy_s
        self._writing = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._lending = threading.Lock()
        self._closed = False
        create_private(path)
        with alone(path), self.transaction() as connection:
            for statement in filter(str.strip, schema.split(";")):
                connection.execute(statement)

    def _connect(self) -> sqlite3.Connection:
        path = self._path.absolute()
        connection = sqlite3.connect(path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """A connection; one that has met an error is closed, and takes what it had not committed with it."""
        connection = self._take() or self._connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def _take(self) -> sqlite3.Connection | None:
        with self._lending:
            if self._closed:
                raise StoreUnavailable(f"{self._path}: closed")
            return self._idle.pop() if self._idle else None

    def _keep(self, connection: sqlite3.Connection) -> None:
        with self._lending:
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if isinstance(error, OURS):
                raise
            raise StoreUnavailable(f"{self._path}: {error}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction: all of it is on the disk at the end, or nothing."""
        with self._translated(), self._writing, self._lent() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Read one consistent state of the file."""
        with self._translated(), self._lent() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connections; one that is in use is closed as soon as it has done its work."""
        with self._lending:
            self._closed = True
            while self._idle:
                self._idle.pop().close()
