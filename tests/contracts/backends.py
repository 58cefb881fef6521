"""Every implementation of the ports that the contract suites run on.

A backend is a name and a function that opens it in a folder; opening it twice in the same folder shows the same data,
where it is durable. A new adapter is one more line here. One that needs a server calls ``pytest.skip`` with the reason
in its function, where the server is absent.
"""

from __future__ import annotations

import atexit
import zlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

import pytest
from sqlalchemy import URL

from core.ports import DeadLetters, TelemetryStore
from core.registry import Registry
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.registry.engine import open_server
from storage.registry.repository import SqlRegistry
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.sqlite import SqliteTelemetry
from tests.contracts.samples import NOBODY, C, D
from tests.support.fakes import FakeDeadLetters, FakeRegistry, FakeTelemetryStore
from tests.support.influx import Influxd, running_influxd
from tests.support.postgres import Postgres, running_postgres

P = TypeVar("P", TelemetryStore, Registry, DeadLetters)


@dataclass(frozen=True, slots=True)
class Backend(Generic[P]):
    """One implementation of a port."""

    name: str
    open: Callable[[Path], P]
    durable: bool = True


@cache
def _influxd() -> Influxd:
    """One real server for all tests of this process."""
    folder = ExitStack()
    atexit.register(folder.close)
    return folder.enter_context(running_influxd(Path(folder.enter_context(TemporaryDirectory()))))


def _influx(folder: Path) -> TelemetryStore:
    """A store on the real server, with databases of the folder's own."""
    server = _influxd()
    prefix = f"t{zlib.crc32(bytes(folder)):08x}_"
    for cooperative in (C, D, NOBODY):
        server.make_database(prefix + cooperative)
    return InfluxTelemetry(server.http(), prefix)


@cache
def _postgres() -> Postgres:
    """One real server for all tests of this process."""
    server = ExitStack()
    atexit.register(server.close)
    return server.enter_context(running_postgres())


def postgis_url(folder: Path) -> URL:
    """A database of the folder's own on the real server, with nothing in it."""
    return _postgres().database(f"t{zlib.crc32(bytes(folder)):08x}")


def _postgis(folder: Path) -> Registry:
    """A registry on the real server, in a database of the folder's own."""
    return SqlRegistry(open_server(postgis_url(folder), make=True))


TELEMETRY: Sequence[Backend[TelemetryStore]] = (
    Backend("sqlite", lambda folder: SqliteTelemetry(folder / "telemetry.sqlite")),
    Backend("influxdb", _influx),
    Backend("fake", lambda _: FakeTelemetryStore(), durable=False),
)
REGISTRIES: Sequence[Backend[Registry]] = (
    Backend("sqlite", lambda folder: SqlRegistry(folder / "registry.sqlite")),
    Backend("postgis", _postgis),
    Backend("fake", lambda _: FakeRegistry(), durable=False),
)
DEAD_LETTERS: Sequence[Backend[DeadLetters]] = (
    Backend("sqlite", lambda folder: SqliteDeadLetters(folder / "deadletters.sqlite")),
    Backend("fake", lambda _: FakeDeadLetters(), durable=False),
)


def each(backends: Sequence[Backend[Any]], *, durable: bool = False) -> list[Any]:
    """The backends as parameters of a fixture or test; only those that outlive their process, where asked."""
    return [pytest.param(b, id=b.name) for b in backends if b.durable or not durable]
