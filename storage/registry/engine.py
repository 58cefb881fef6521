"""The connection to the registry's file, and its schema brought up to date."""

from __future__ import annotations

import fcntl
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from core.errors import StoreUnavailable

WRITING = "canhdong_writing"


def open_engine(path: Path) -> Engine:
    """An engine on a file that has the newest schema; made, readable by this user only, where it does not exist.

    Several processes may open an empty file at the same time: one migrates, the others wait for it.

    Raises:
        StoreUnavailable: The file cannot be opened or is damaged.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{path}: {error.strerror}") from None
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10.0})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    try:
        with translated(path), _alone(path), engine.execution_options(**{WRITING: True}).begin() as connection:
            migrate(connection)
    except StoreUnavailable:
        engine.dispose()
        raise
    return engine


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn the database's errors into ours."""
    try:
        yield
    except DBAPIError as error:
        raise StoreUnavailable(f"{path}: {error.orig}") from error


def migrate(connection: Connection) -> None:
    """Apply every migration that the database has not seen yet."""
    with as_file(files("storage.registry") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file beside the database: migrations of two processes never meet."""
    with path.with_name(path.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
