"""Whom a provider of sign-on means, second factors as they are kept, and what the audit log can be asked."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

from core.accounts import EVERYWHERE, Account, AuditFilter, Credential, Login, Role
from core.errors import Conflict, NotFound
from storage.registry.accounts import SqlAccounts
from storage.registry.engine import Place, open_file, open_server
from storage.registry.migrate import scripts
from tests.storage.accounts.conftest import LAN, entry
from tests.support.postgres import Postgres

ISSUER, OTHER = "https://id.example", "https://other.example"
ROOT = Account("root", EVERYWHERE, Role.ADMINISTRATOR, "", "hash", "CLEARSECRETOFROOT", 6)


def test_a_subject_is_one_account_and_an_account_one_subject_of_each_provider(store: SqlAccounts) -> None:
    store.add_account(ROOT, entry("added"))
    store.link("lan", ISSUER, "id-7", entry("linked"))
    assert store.linked(ISSUER, "id-7") == LAN
    with pytest.raises(Conflict, match="lan"):
        store.link("root", ISSUER, "id-7", entry("linked"))
    store.link("root", OTHER, "id-7", entry("linked"))
    store.link("lan", ISSUER, "id-8", entry("linked"))
    store.link("lan", ISSUER, "id-8", entry("linked"))
    assert store.subjects() == {"lan": [(ISSUER, "id-8")], "root": [(OTHER, "id-7")]}
    for issuer, subject in ((ISSUER, "id-7"), (OTHER, "id-8"), (ISSUER, "ID-8"), (ISSUER, "id-8 "), (ISSUER, "")):
        with pytest.raises(NotFound):
            store.linked(issuer, subject)
    store.link("root", ISSUER, "id-7", entry("linked"))
    assert store.linked(ISSUER, "id-7") == ROOT


def test_a_link_and_its_entry_stand_together(store: SqlAccounts) -> None:
    before = store.audit(None)
    with pytest.raises(NotFound):
        store.link("nobody", ISSUER, "id-7", entry("linked"))
    with pytest.raises(NotFound):
        store.unlink("lan", ISSUER, entry("unlinked"))
    assert store.audit(None) == before
    store.link("lan", ISSUER, "id-7", entry("linked"))
    store.unlink("lan", ISSUER, entry("unlinked"))
    assert [it.action for it in store.audit(None)][:2] == ["unlinked", "linked"]


def test_whoever_is_unlinked_is_out(store: SqlAccounts) -> None:
    store.link("lan", ISSUER, "id-7", entry("linked"))
    store.open_session(Login("s1", "lan", Credential.COOKIE, "x", 10, 1_000), entry("login"))
    store.unlink("lan", ISSUER, entry("unlinked", at_ms=77))
    assert store.session("s1")[0].revoked_ms == 77
    assert store.subjects() == {}


def test_many_at_once_link_a_subject_to_one(store: SqlAccounts) -> None:
    for n in range(8):
        store.add_account(Account(f"a{n}", "htx", Role.PILOT, "", "", "", 1), entry("added"))

    def link(n: int) -> bool:
        try:
            store.link(f"a{n}", ISSUER, "id-7", entry("linked"))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(link, range(8))) == 1


def test_the_database_itself_keeps_a_subject_to_one_account(store: SqlAccounts, place: Place) -> None:
    store.link("lan", ISSUER, "id-7", entry("linked"))
    store.add_account(ROOT, entry("added"))
    row = text("INSERT INTO account_subject (issuer, account, subject) VALUES (:issuer, 'root', 'id-7')")
    with pytest.raises(IntegrityError), place.engine.begin() as connection:
        connection.execute(row, {"issuer": ISSUER})


def test_a_secret_is_replaced_where_the_old_one_still_stands(store: SqlAccounts) -> None:
    store.add_account(ROOT, entry("added"))
    store.reseal([("root", "another", "v1.x"), ("nobody", "x", "y")])
    assert store.account("root").totp_secret == "CLEARSECRETOFROOT"
    store.reseal([("root", "CLEARSECRETOFROOT", "v1." + "x" * 150)])
    assert store.account("root").totp_secret == "v1." + "x" * 150


def _move_rows(path: Path) -> None:
    """As an SQLite that was built to be quick does it: what a row leaves behind is not wiped."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        for name in ("n" * 190, "n"):
            connection.execute("UPDATE account SET name = ?", (name,))
            connection.commit()


def test_nothing_of_an_old_secret_is_left_in_the_file(tmp_path: Path) -> None:
    """Neither in the file nor in its journal, also after the row has moved within it."""
    path = tmp_path / "registry.sqlite"
    with closing(SqlAccounts(path)) as store:
        for n in range(50):
            store.add_account(Account(f"a{n}", "", Role.OFFICER, "n" * 100, "h", f"CLEARSECRET{n:02d}", 1), entry("x"))
        _move_rows(path)
        assert any(b"CLEARSECRET" in it.read_bytes() for it in tmp_path.iterdir())
        store.reseal([(f"a{n}", f"CLEARSECRET{n:02d}", f"v1.{n}") for n in range(50)])
        assert not [it.name for it in tmp_path.iterdir() if b"CLEARSECRET" in it.read_bytes()]
        assert store.account("a7").totp_secret == "v1.7"


def test_the_log_tells_what_it_is_asked_for(store: SqlAccounts) -> None:
    for at_ms, actor, action, cooperative in (
        (100, "lan", "login", "htx"),
        (200, "chi", "login", "htx"),
        (300, "lan", "changed", "htx"),
        (400, "lan", "login", ""),
    ):
        store.write_down(entry(action, at_ms, cooperative, actor))

    def told(cooperative: str | None = None, **only: object) -> list[int]:
        return [it.at_ms for it in store.audit(cooperative, only=AuditFilter(**only))]  # type: ignore[arg-type]

    assert told(actor="lan") == [400, 300, 100]
    assert told(action="login") == [400, 200, 100]
    assert told(start_ms=200, end_ms=300) == [300, 200]
    assert told("htx", actor="lan", action="login") == [100]
    assert told(actor="LAN") == told(start_ms=401) == []
    page = store.audit("htx", store.audit("htx", limit=1)[0].number, 1, AuditFilter(action="login"))
    assert [it.at_ms for it in page] == [200]


def _older(connection: Connection) -> None:
    """A registry of the tenth migration with an account, its session and its key."""
    with scripts(connection) as config:
        command.upgrade(config, "0010")
    connection.execute(
        text(
            "INSERT INTO account (account, cooperative, role, name, password_hash, totp_secret, totp_step, created_ms, "
            "disabled) VALUES ('root', '', 'administrator', 'Gốc', 'hash', 'CLEARSECRETOFROOT', 9, 6, false)"
        )
    )
    connection.execute(
        text(
            "INSERT INTO account_session (session, account, credential, secret_hash, created_ms, expires_ms, "
            "revoked_ms) VALUES ('s1', 'root', 'cookie', 'x', 1, 2, 0)"
        )
    )


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_accounts_of_before_stand_as_they_were(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path = tmp_path / "registry.sqlite"
    url = URL.create("sqlite", database=str(path))
    if kind == "postgresql":
        server: Postgres = request.getfixturevalue("server")
        url = server.database("older").set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    with engine.begin() as connection:
        _older(connection)
    engine.dispose()
    place = open_file(path) if kind == "sqlite" else open_server(url, make=True)
    with closing(SqlAccounts(place)) as store:
        login, account = store.session("s1")
        assert (login.account, account.name, account.totp_secret) == ("root", "Gốc", "CLEARSECRETOFROOT")
        assert not store.spend_code("root", 9)
        store.reseal([("root", "CLEARSECRETOFROOT", "v1." + "x" * 150)])
        assert len(store.account("root").totp_secret) == 153


def test_a_role_that_may_not_delete_links_and_unlinks(server: Postgres) -> None:
    url = server.database("served")
    with closing(SqlAccounts(open_server(url, make=True))) as owner:
        owner.add_account(ROOT, entry("added"))
    server.run("CREATE ROLE phuc_vu LOGIN PASSWORD 'x'")
    server.run("GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO phuc_vu", "served")
    server.run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO phuc_vu", "served")
    with closing(SqlAccounts(open_server(server.url("served", "phuc_vu", "x")))) as store:
        for subject in ("id-7", "id-8"):
            store.link("root", ISSUER, subject, entry("linked"))
            assert store.linked(ISSUER, subject) == ROOT
            store.unlink("root", ISSUER, entry("unlinked"))
            with pytest.raises(NotFound):
                store.linked(ISSUER, subject)
        store.reseal([("root", "CLEARSECRETOFROOT", "v1.x")])
        assert store.account("root").totp_secret == "v1.x"


def test_whoever_reads_meanwhile_does_not_keep_secrets_from_being_swept_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "registry.sqlite"
    with closing(SqlAccounts(open_file(path, busy_s=0.2))) as store, closing(sqlite3.connect(path)) as reader:
        store.add_account(ROOT, entry("added"))
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM account").fetchall()
        store.reseal([("root", "CLEARSECRETOFROOT", "v1.x")])
        assert "old rows stay in the journal" in caplog.text
        assert store.account("root").totp_secret == "v1.x"
    assert not [it.name for it in tmp_path.iterdir() if b"CLEARSECRET" in it.read_bytes()]
