"""The connection to the registry's file, and its schema brought up to date."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import ConfigError, StoreUnavailable
from storage.sqlite_file import BUSY_S, OURS, alone, create_private

WRITING: Final = "canhdong_writing"


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
            migrate(connection)
    except CommandError as error:
        engine.dispose()
        raise ConfigError(f"{path}: not a registry of this version of canhdong: {error}") from None
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


@contextmanager
def scripts(connection: Connection) -> Iterator[Config]:
    """Alembic's configuration for a connection."""
    with as_file(files("storage.registry") / "migrations") as folder:
        config = Config()
        config.set_main_option("script_location", str(folder).replace("%", "%%"))
        config.attributes["connection"] = connection
        yield config


def migrate(connection: Connection) -> None:
    """Apply every migration that the database has not seen yet."""
    with scripts(connection) as config:
        command.upgrade(config, "head")


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
