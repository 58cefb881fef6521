"""The revision of a registry's database, by what the database itself counts: no table, no trigger, no message.

SQLite tells each connection by ``PRAGMA data_version`` whether any other one, of whichever process, has committed
(https://sqlite.org/pragma.html#pragma_data_version): a connection that never writes hears of every change. It reads a
word of shared memory (3 µs). PostgreSQL tells which transactions a query would see (``pg_current_snapshot``): the same
ones, the same data. That counts other databases of the server, too, which costs a look too many and nothing else.
"""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Engine

from core.errors import StoreUnavailable

_PATIENCE_S: Final = 0.05
"""An event loop waits for this: readers wait for nobody but one that mends the file after a crash."""


class Revision(Protocol):
    """Tells what stands."""

    near: bool

    def now(self) -> str:
        """See :meth:`core.revisions.Revised.revision`."""
        ...

    def close(self) -> None:
        """Release the connection, where it has one of its own."""
        ...


class FileRevision:
    """Of an SQLite file; safe from several threads. The connection is made once: another one counts by itself."""

    near = True

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    def now(self) -> str:
        """See the port."""
        with self._lock:
            if self._closed:
                raise StoreUnavailable(f"{self._path}: closed")
            try:
                ((version,),) = self._open().execute("PRAGMA data_version").fetchall()
            except sqlite3.Error as error:
                raise StoreUnavailable(f"{self._path}: {error}") from error
        return str(version)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            address = f"{self._path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                address, uri=True, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
        return self._connection

    def close(self) -> None:
        """See the port."""
        with self._lock:
            self._closed = True
            if self._connection is not None:
                self._connection.close()
                self._connection = None


class ServerRevision:
    """Of a database on a PostgreSQL server; ``engine`` commits by itself, and raises the database's own errors."""

    near = False

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def now(self) -> str:
        """See the port."""
        with self._engine.begin() as connection:
            return str(connection.exec_driver_sql("SELECT pg_current_snapshot()::text").scalar_one())

    def close(self) -> None:
        """See the port."""
