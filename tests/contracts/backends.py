"""Every implementation of the ports that the contract suites run on.

A backend is a name and a function that opens it in a folder; opening it twice in the same folder shows the same data,
where it is durable. A new adapter is one more line here. One that needs a server calls ``pytest.skip`` with the reason
in its function, where the server is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytest

from core.ports import DeadLetters, Registry, TelemetryStore
from storage.deadletters.sqlite import SqliteDeadLetters
from storage.registry.repository import SqlRegistry
from storage.telemetry.sqlite import SqliteTelemetry
from tests.support.fakes import FakeDeadLetters, FakeRegistry, FakeTelemetryStore

P = TypeVar("P", TelemetryStore, Registry, DeadLetters)


@dataclass(frozen=True, slots=True)
class Backend(Generic[P]):
    """One implementation of a port."""

    name: str
    open: Callable[[Path], P]
    durable: bool = True


TELEMETRY: Sequence[Backend[TelemetryStore]] = (
    Backend("sqlite", lambda folder: SqliteTelemetry(folder / "telemetry.sqlite")),
    Backend("fake", lambda _: FakeTelemetryStore(), durable=False),
)
REGISTRIES: Sequence[Backend[Registry]] = (
    Backend("sqlite", lambda folder: SqlRegistry(folder / "registry.sqlite")),
    Backend("fake", lambda _: FakeRegistry(), durable=False),
)
DEAD_LETTERS: Sequence[Backend[DeadLetters]] = (
    Backend("sqlite", lambda folder: SqliteDeadLetters(folder / "deadletters.sqlite")),
    Backend("fake", lambda _: FakeDeadLetters(), durable=False),
)


def each(backends: Sequence[Backend[Any]], *, durable: bool = False) -> list[Any]:
    """The backends as parameters of a fixture or test; only those that outlive their process, where asked."""
    return [pytest.param(b, id=b.name) for b in backends if b.durable or not durable]
