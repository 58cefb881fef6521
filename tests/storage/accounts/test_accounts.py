"""The port of accounts, on SQLite and on PostgreSQL: secrets, sessions, attempts, and a log that nobody rewrites."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.accounts import EVERYWHERE, Account, Credential, Limit, Login, MachineKey, Role, Scope
from core.errors import CanhdongError, Conflict, NotFound
from storage.registry.accounts import SqlAccounts
from storage.registry.engine import Place
from tests.storage.accounts.conftest import LAN, entry

HOUR_MS = 3_600_000


def login(session: str = "s1", expires_ms: int = 1_000) -> Login:
    return Login(session, "lan", Credential.TOKEN, "old", 10, expires_ms)


def test_accounts_come_back_as_they_were(store: SqlAccounts) -> None:
    root = Account("root", EVERYWHERE, Role.ADMINISTRATOR, "", "hash", "SECRET", 6)
    store.add_account(root, entry("added"))
    assert store.accounts() == [root, LAN]
    assert store.account("lan") == LAN
    with pytest.raises(Conflict, match="lan"):
        store.add_account(LAN, entry("added"))
    with pytest.raises(NotFound, match="nobody"):
        store.account("nobody")
    with pytest.raises(NotFound, match="cooperative add"):
        store.add_account(Account("x", "unknown", Role.PILOT, "", "", "", 1), entry("added"))


def test_a_change_and_its_entry_stand_together(store: SqlAccounts) -> None:
    before = store.audit(None)
    for change in (store.disable, lambda name, it: store.set_password(name, "new", "", it)):
        with pytest.raises(NotFound):
            change("nobody", entry("changed"))
    assert store.audit(None) == before
    store.disable("lan", entry("disabled"))
    assert store.account("lan").disabled
    assert [it.action for it in store.audit(None)] == ["disabled", "added"]
    store.set_password("lan", "new", "TOTP", entry("reset"))
    assert not store.account("lan").disabled
    assert store.account("lan").totp_secret == "TOTP"


def test_new_secrets_end_sessions(store: SqlAccounts) -> None:
    store.open_session(login(), entry("login"))
    assert store.session("s1") == (login(), LAN)
    store.set_password("lan", "new", "", entry("reset", at_ms=77))
    assert store.session("s1")[0].revoked_ms == 77
    assert not store.rotate("s1", "old", "new")


def test_a_secret_rotates_for_one_of_many(store: SqlAccounts) -> None:
    store.open_session(login(), entry("login"))
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda n: store.rotate("s1", "old", f"new-{n}"), range(8)))
    assert sum(done) == 1
    assert store.session("s1")[0].secret_hash == f"new-{done.index(True)}"


def test_what_has_expired_is_cleared_away_by_the_next_login(store: SqlAccounts) -> None:
    store.open_session(login("s1", expires_ms=20), entry("login"))
    store.open_session(Login("s2", "lan", Credential.COOKIE, "x", 21, 99), entry("login"))
    with pytest.raises(NotFound):
        store.session("s1")
    assert store.session("s2")[0].credential is Credential.COOKIE


def test_a_session_ends_once(store: SqlAccounts) -> None:
    store.open_session(login(), entry("login"))
    store.end_session("s1", entry("logout"))
    store.end_session("s1", entry("logout"))
    assert [it.action for it in store.audit(None)] == ["logout", "login", "added"]


def test_a_code_counts_once_and_only_forwards(store: SqlAccounts) -> None:
    assert [store.spend_code("lan", step) for step in (7, 7, 6, 8)] == [True, False, False, True]
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda _: store.spend_code("lan", 9), range(8))) == 1


def test_keys_come_back_and_are_revoked(store: SqlAccounts) -> None:
    key = MachineKey("k1", "lan", "QGIS", frozenset((Scope.READ, Scope.WRITE)), "hash", 10, 99)
    store.add_key(key, entry("key added"))
    assert store.key("k1") == (key, LAN)
    assert store.keys("lan") == [key]
    store.revoke_key("k1", entry("key revoked", at_ms=50))
    assert store.key("k1")[0].revoked_ms == 50
    for wrong in (lambda: store.key("k2"), lambda: store.revoke_key("k2", entry("x"))):
        with pytest.raises(NotFound):
            wrong()
    with pytest.raises(NotFound):
        store.add_key(MachineKey("k3", "nobody", "", frozenset(), "", 1), entry("x"))


def test_attempts_are_counted_until_the_window_is_over(store: SqlAccounts) -> None:
    limits = [Limit("account:lan", 2, HOUR_MS), Limit("address:a", 3, HOUR_MS)]
    assert [store.attempt(limits, now_ms) for now_ms in (0, 10, 20)] == [0, 0, HOUR_MS - 20]
    other = [Limit("account:chi", 2, HOUR_MS), Limit("address:a", 3, HOUR_MS)]
    assert [store.attempt(other, 30), store.attempt(other, 40)] == [0, HOUR_MS - 40]
    store.forget_attempts("account:lan")
    assert store.attempt(limits[:1], 50) == 0
    assert store.attempt(other, HOUR_MS) == 0


def test_many_at_once_get_no_attempt_more(store: SqlAccounts) -> None:
    """Several workers share the count: so do threads."""
    limits = [Limit("account:lan", 5, HOUR_MS)]
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda now_ms: store.attempt(limits, now_ms), range(20)))
    assert waits.count(0) == 5


def test_the_log_is_read_backwards_by_pages(store: SqlAccounts) -> None:
    for number in range(5):
        store.write_down(entry(f"a{number}", cooperative="htx" if number % 2 else ""))
    first = store.audit(None, limit=2)
    assert [it.action for it in first] == ["a4", "a3"]
    assert [it.action for it in store.audit(None, first[-1].number, 2)] == ["a2", "a1"]
    assert [it.action for it in store.audit("htx")] == ["a3", "a1", "added"]
    assert (first[0].request, first[0].address, first[0].actor) == ("request-1", "10.0.0.9", "root")


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'somebody else'", "DELETE FROM audit"])
def test_the_database_refuses_to_rewrite_the_log(store: SqlAccounts, place: Place, statement: str) -> None:
    with pytest.raises((DBAPIError, CanhdongError), match="append only"), place.engine.begin() as connection:
        connection.execute(text(statement))
    assert [it.actor for it in store.audit(None)] == ["root"]
