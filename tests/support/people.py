"""An API with people who have accounts, and the ways in which they log in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import pyotp
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import URL

from api.app import Locks, create_app
from api.filedesk import FileParts
from api.identity.enrolment import Handed, enrol, hand_key
from api.identity.provider import Provider
from api.identity.registration import Registration
from api.identity.signing import Signer, load_signer
from api.statements.issuing import Papers
from api.statements.sealing import load_seal
from api.surroundings import Sides
from cli.logs import read_uploaded
from cli.wiring import exporters
from core.accounts import EVERYWHERE, Account, AccountStore, AuditEntry, Role, Scope
from core.archive import FlightArchive
from core.ports import TelemetryStore
from core.uploads import NobodyAsked
from geo.archivesource import Ports
from geo.exporting import FlightFiles
from ingest.uploads.desk import Uploading
from storage.archive.parquet import open_archive
from storage.registry.accounts import SqlAccounts
from storage.registry.engine import open_server
from storage.registry.repository import SqlRegistry
from storage.telemetry.overlay import WithUploads
from storage.urls import open_accounts, open_registry, open_telemetry
from tests.support.fakes import FakeClock

LOCKED: Final = Locks()


def entry(clock: FakeClock, subject: str = "") -> AuditEntry:
    return AuditEntry(clock.now_ms(), "test", "", "test", subject)


@dataclass(frozen=True)
class Api:
    """The application over real stores in a folder; ``clock`` is moved by the tests."""

    app: FastAPI
    store: TelemetryStore
    registry: SqlRegistry
    accounts: AccountStore
    clock: FakeClock
    signer: Signer
    archive: FlightArchive
    asker: NobodyAsked

    def enrol(self, name: str, role: Role, cooperative: str = EVERYWHERE, *, second: bool = False) -> Handed:
        account = Account(name, cooperative, role, name, "", "", self.clock.now_ms())
        return enrol(self.accounts, account, entry(self.clock, name), self.signer.second_factors, second=second)

    def key(self, account: str, *scopes: Scope, days: int = 0) -> dict[str, str]:
        """A header with a new key of a machine."""
        text = hand_key(self.accounts, account, "test", entry(self.clock), scopes=scopes or (Scope.READ,), days=days)
        return {"Authorization": f"Bearer {text}"}

    def client(self, headers: dict[str, str] | None = None) -> TestClient:
        return TestClient(self.app, "http://localhost", headers=headers, raise_server_exceptions=False)

    def code(self, handed: Handed) -> str:
        """The code of the second factor at this time; empty where there is none."""
        if not handed.second_factor:
            return ""
        secret = parse_qs(urlsplit(handed.second_factor).query)["secret"][0]
        return pyotp.TOTP(secret).at(self.clock.now_ms() // 1_000)

    def body(self, handed: Handed) -> dict[str, str]:
        return {"account": handed.account, "password": handed.password, "code": self.code(handed)}

    def tokens(self, handed: Handed) -> dict[str, str]:
        """Log in for tokens."""
        answer = self.client().post("/v1/auth/token", json=self.body(handed))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def bearer(self, handed: Handed) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(handed)['access_token']}"}


def papers_in(folder: Path, registry: SqlRegistry, clock: FakeClock) -> Papers:
    """What statements are issued with, in a folder."""
    ports = Ports(open_archive(str(folder / "archive")), registry)
    seal = load_seal(folder / "secrets" / "statement-signing.pem", folder / "statement-keys")
    return Papers(ports, registry, registry, seal, clock)


def files_of(
    store: WithUploads, registry: SqlRegistry, archive: FlightArchive, clock: FakeClock, asker: NobodyAsked
) -> FileParts:
    """What exports are made of and uploads go into."""
    flights = FlightFiles(store, registry, registry, archive)
    return FileParts(exporters(), flights, Uploading(registry, store, registry, clock, read_uploaded, asker))


def _registered(folder: Path, server: URL | None) -> tuple[SqlRegistry, AccountStore]:
    if server is not None:
        return SqlRegistry(open_server(server, make=True)), SqlAccounts(open_server(server))
    url = f"sqlite:///{folder / 'registry.sqlite'}"
    return open_registry(url), open_accounts(url)


@contextmanager
def running_api(
    folder: Path,
    clock: FakeClock,
    locks: Locks = LOCKED,
    registration: Registration | None = None,
    server: URL | None = None,
) -> Iterator[Api]:
    """An API in a folder; with sign-on by the provider of a registration; its registry in a database of PostgreSQL."""
    registry, accounts = _registered(folder, server)
    store = WithUploads(open_telemetry(f"sqlite:///{folder / 'telemetry.sqlite'}"), registry)
    signer = load_signer(folder / "secrets" / "api-signing.pem")
    try:
        papers = papers_in(folder, registry, clock)
        asker = NobodyAsked()
        app = create_app(
            store,
            registry,
            accounts,
            shapes=registry,
            answers=registry,
            sides=Sides(registry, alerts=registry),
            signer=signer,
            clock=clock,
            locks=locks,
            papers=papers,
            files=files_of(store, registry, papers.ports.archive, clock, asker),
            provider=None if registration is None else Provider(registration, clock),
        )
        yield Api(app, store, registry, accounts, clock, signer, papers.ports.archive, asker)
    finally:
        for it in (store, registry, accounts):
            it.close()
