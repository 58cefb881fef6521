"""An empty store of each backend, closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.ports import DeadLetters, TelemetryStore
from core.registry import Registry
from storage.registry.repository import SqlRegistry
from tests.contracts.backends import DEAD_LETTERS, REGISTRIES, TELEMETRY, Backend, each
from tests.contracts.samples import MINE, OTHER


@pytest.fixture(params=each(TELEMETRY))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TelemetryStore]:
    backend: Backend[TelemetryStore] = request.param
    with closing(backend.open(tmp_path)) as it:
        yield it


@pytest.fixture(params=each(REGISTRIES))
def registry(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Registry]:
    """With two cooperatives."""
    backend: Backend[Registry] = request.param
    with closing(backend.open(tmp_path)) as it:
        it.add_cooperative(MINE)
        it.add_cooperative(OTHER)
        yield it


@pytest.fixture(params=each(DEAD_LETTERS))
def letters(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DeadLetters]:
    backend: Backend[DeadLetters] = request.param
    with closing(backend.open(tmp_path)) as it:
        yield it


@pytest.fixture(params=each(REGISTRIES, durable=True))
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlRegistry]:
    """A database with two cooperatives, for what a fake does not keep."""
    backend: Backend[Registry] = request.param
    with closing(backend.open(tmp_path)) as it:
        assert isinstance(it, SqlRegistry)
        it.add_cooperative(MINE)
        it.add_cooperative(OTHER)
        yield it
