"""Registries of both kinds, with a cooperative and one pilot."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.accounts import Account, AuditEntry, Role
from core.model.land import Cooperative
from storage.registry.accounts import SqlAccounts
from storage.registry.engine import Place, open_file, open_server
from storage.registry.repository import SqlRegistry
from tests.support.postgres import Postgres, running_postgres

NAMES = itertools.count()
LAN = Account("lan", "htx", Role.PILOT, "Lan", "hash", "", 5)


def entry(action: str, at_ms: int = 10, cooperative: str = "htx", actor: str = "root") -> AuditEntry:
    return AuditEntry(at_ms, actor, cooperative, action, "lan", "request-1", "10.0.0.9")


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with running_postgres() as it:
        yield it


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    if request.param == "sqlite":
        return open_file(tmp_path / "registry.sqlite")
    server: Postgres = request.getfixturevalue("server")
    return open_server(server.database(f"accounts{next(NAMES)}"), make=True)


@pytest.fixture
def store(place: Place) -> Iterator[SqlAccounts]:
    """Accounts where cooperative ``htx`` and one pilot of it are known."""
    SqlRegistry(place).add_cooperative(Cooperative("htx", "Hợp tác xã"))
    with closing(SqlAccounts(place)) as it:
        it.add_account(LAN, entry("added"))
        yield it
