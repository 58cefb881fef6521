"""The connection to the registry: an SQLite file, or PostgreSQL with PostGIS; and whether its schema is the newest."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from core.errors import ConfigError, StoreRefused, StoreUnavailable
from storage.sqlite_file import BUSY_S, alone, create_private

_LOG: Final = logging.getLogger("storage")
WRITING: Final = "canhdong_writing"
HEAD: Final = "0012"
"""The newest migration."""
_FAULTS: Final = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What a database says when we ask for nonsense: a fault of the program, which trying again does not mend."""
_REFUSED: Final = "42501"
"""PostgreSQL's code for a role that lacks a privilege."""
_CONNECT_S: Final = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Where a registry is: an engine, and what to call it in messages."""

    engine: Engine
    label: str


def open_file(path: Path, busy_s: float = BUSY_S) -> Place:
    """A file that has the newest schema; made, readable by this user only, where it does not exist.

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
    place = Place(engine, str(path))
    try:
        with translated(place), alone(path), engine.execution_options(**{WRITING: True}).begin() as connection:
            if not up_to_date(connection):
                _migrate(connection, place)
    except BaseException:
        engine.dispose()
        raise
    return place


def open_server(url: URL, *, make: bool = False) -> Place:
    """A database on a PostgreSQL server that has PostGIS and the newest schema.

    Args:
        url: Where it is, with the credential.
        make: Whether to bring the schema up to date; else one that is not is refused, since the role that serves should
            not own the tables.

    Raises:
        StoreUnavailable: The server does not answer.
        StoreRefused: It refuses the credential, or the role may not do what is asked.
        ConfigError: The schema is not that of this version of the program.
    """
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args={"connect_timeout": _CONNECT_S, "application_name": "canhdong"},
        pool_pre_ping=True,
        max_overflow=20,
    )
    host = url.host or str(url.query.get("host", ""))
    place = Place(engine, f"postgresql://{host}/{url.database or ''}")
    try:
        with translated(place), engine.begin() as connection:
            if make:
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('canhdong-migrate', 0))"))
                _require_postgis(connection, place)
                _migrate(connection, place)
            else:
                _require_newest(connection, place)
    except BaseException:
        engine.dispose()
        raise
    return place


def _require_newest(connection: Connection, place: Place) -> None:
    if not up_to_date(connection):
        raise ConfigError(f"{place.label}: the registry is not of this version; run canhdong registry migrate")


def _require_postgis(connection: Connection, place: Place) -> None:
    there = connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'postgis'")).first()
    if there is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION postgis"))
        except DBAPIError as error:
            raise ConfigError(
                f"{place.label}: PostGIS cannot be switched on here ({error.orig}); let the server's administrator "
                "install it (package postgresql-postgis) and run CREATE EXTENSION postgis in this database"
            ) from None


@contextmanager
def translated(place: Place) -> Iterator[None]:
    """Turn the database's errors into ours; a statement that makes no sense stays the program's own error."""
    try:
        yield
    except DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None) or ""
        if code == _REFUSED or code.startswith("28") or "password authentication failed" in str(error.orig):
            raise StoreRefused(f"{place.label}: {str(error.orig).strip()}") from error
        if isinstance(error, _FAULTS):
            raise
        raise StoreUnavailable(f"{place.label}: {str(error.orig).strip()}") from error
    except PoolTimeoutError as error:
        raise StoreUnavailable(f"{place.label}: {error}") from error


def _migrate(connection: Connection, place: Place) -> None:
    from alembic.util import CommandError  # noqa: PLC0415

    from storage.registry.migrate import migrate  # noqa: PLC0415

    try:
        migrate(connection)
    except CommandError as error:
        raise ConfigError(f"{place.label}: not a registry of this version of canhdong: {error}") from None


def up_to_date(connection: Connection) -> bool:
    """Whether the database has the newest schema, told without Alembic: its import takes longer than all the rest."""
    known = inspect(connection).has_table("alembic_version")
    return known and connection.exec_driver_sql("SELECT version_num FROM alembic_version").all() == [(HEAD,)]


def alone_in(connection: Connection, cooperative: str) -> None:
    """Wait until no other transaction writes to a cooperative's records, so that what was read holds until the end.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
        connection.execute(lock, {"name": f"canhdong/{cooperative}"})


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once, so that what it has read still holds when it writes."""
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def swept(place: Place) -> None:
    """Leave nothing in an SQLite file, or in its journal, of what was overwritten.

    Other databases keep old rows until their own vacuum, and their journals for as long as they are told to. The first
    statement ends the transaction that :func:`_begin` has begun.
    """
    if place.engine.dialect.name == "sqlite":
        outside = place.engine.execution_options(isolation_level="AUTOCOMMIT")
        with translated(place), outside.connect() as connection:
            for statement in ("COMMIT", "VACUUM"):
                connection.exec_driver_sql(statement)
            busy, *_ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        if busy:
            _LOG.warning("%s: old rows stay in the journal until every program has closed the file", place.label)


def null(value: float) -> float | None:
    """NaN as the database says it."""
    return None if math.isnan(value) else value


def nan(value: float | None) -> float:
    """The inverse of :func:`null`."""
    return math.nan if value is None else value
