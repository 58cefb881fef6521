"""The connection to the registry's file, and its schema brought up to date."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import ConfigError, StoreUnavailable
from storage.sqlite_file import BUSY_S, OURS, alone, create_private

WRITING: Final = "canhdong_writing"
HEAD: Final = "0002"
"""The newest migration."""


def open_engine(path: Path, busy_s: float = BUSY_S) -> Engine:
    """An engine on a file that has the newest schema; made, readable by this user only, where it does not exist.

    Several processes may open an empty file at the same time: one migrates, the others wait for it.

    Raises:
        StoreUnavailable: The file cannot be opened, is locked for too long or is damaged.
        ConfigError: A newer version of the program has changed the file.
    """
    create_private(path)
    url = URL.create("sqlite", database=str(path.absolute()))
    engine = create_engine(url, connect_args={"timeout": busy_s}, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with translated(path), alone(path), engine.execution_options(**{WRITING: True}).begin() as connection:
            if not up_to_date(connection):
                _migrate(connection, path)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours; a statement that makes no sense stays the program's own error."""
    try:
        yield
    except DBAPIError as error:
        if isinstance(error.orig, OURS):
            raise
        raise StoreUnavailable(f"{path}: {error.orig}") from error
    except PoolTimeoutError as error:
        raise StoreUnavailable(f"{path}: {error}") from error


def _migrate(connection: Connection, path: Path) -> None:
    from alembic.util import CommandError  # noqa: PLC0415

    from storage.registry.migrate import migrate  # noqa: PLC0415

    try:
        migrate(connection)
    except CommandError as error:
        raise ConfigError(f"{path}: not a registry of this version of canhdong: {error}") from None


def up_to_date(connection: Connection) -> bool:
    """Whether the database has the newest schema, told without Alembic: its import takes longer than all the rest."""
    known = inspect(connection).has_table("alembic_version")
    return known and connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(HEAD,)]


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once, so that what it has read still holds when it writes."""
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def null(value: float) -> float | None:
    """NaN as the database says it."""
    return None if math.isnan(value) else value


def nan(value: float | None) -> float:
    """The inverse of :func:`null`."""
    return math.nan if value is None else value
