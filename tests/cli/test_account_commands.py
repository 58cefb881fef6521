"""Accounts on the command line: secrets are generated, shown once, and never listed."""

from __future__ import annotations

import re

from cli.main import DONE, FAILED, WRONG_USE
from tests.cli.conftest import Run


def test_an_administrator_gets_a_password_and_a_second_factor(run: Run) -> None:
    code, handed, _ = run("account", "add", "root", "--role", "administrator", "--json")
    assert code == DONE
    assert len(handed["password"]) >= 20
    assert handed["second_factor"].startswith("otpauth://totp/")
    _, again, _ = run("account", "reset", "root", "--json")
    assert again["password"] != handed["password"]
    assert again["second_factor"] != handed["second_factor"]


def test_secrets_are_not_listed(run: Run) -> None:
    _, handed, _ = run("account", "add", "lan", "--role", "pilot", "--cooperative", "htx", "--json")
    assert handed["second_factor"] == ""
    _, made, _ = run("account", "key", "add", "lan", "--name", "QGIS", "--json")
    _, shown, _ = run("account", "list", "--json")
    (account,) = shown["accounts"]
    (key,) = account["keys"]
    assert (account["account"], account["role"], account["cooperative"]) == ("lan", "pilot", "htx")
    assert (key["name"], key["scopes"], key["revoked"]) == ("QGIS", ["read"], None)
    assert made["key"].startswith("cdk_" + key["key"])
    _, table, _ = run("account", "list")
    for text in (str(shown), table):
        assert handed["password"] not in text
        assert made["key"] not in text
        assert "argon2" not in text


def test_keys_and_accounts_are_taken_out_of_use(run: Run) -> None:
    run("account", "add", "lan", "--role", "manager", "--cooperative", "htx")
    _, key, _ = run("account", "key", "add", "lan", "--name", "QGIS")
    assert re.fullmatch(r"cdk_[0-9a-f]{24}_[\w-]{43}\n", key)
    assert run("account", "key", "revoke", key.strip())[0] == DONE
    assert run("account", "disable", "LAN")[0] == DONE
    _, shown, _ = run("account", "list", "--json", "--cooperative", "htx")
    assert shown["accounts"][0]["disabled"]
    assert shown["accounts"][0]["keys"][0]["revoked"]


def test_what_does_not_fit_is_refused(run: Run) -> None:
    assert run("account", "add", "lan", "--role", "pilot")[0] == WRONG_USE
    assert run("account", "add", "chi", "--role", "officer", "--cooperative", "htx")[0] == WRONG_USE
    assert run("account", "add", "lan", "--role", "pilot", "--cooperative", "nobody")[0] == FAILED
    assert run("account", "reset", "nobody")[0] == FAILED
    assert run("account", "key", "revoke", "nothing")[0] == FAILED
    code, out, err = run("account", "add", "lan", "--role", "pilot", "--cooperative", "htx")
    assert code == DONE
    assert "password:" in out
    code, _, err = run("account", "add", "lan", "--role", "pilot", "--cooperative", "htx")
    assert code == FAILED
    assert "already" in err


def test_the_api_refuses_a_network_without_tls_before_anything_opens(run: Run) -> None:
    code, _, err = run("api", "--host", "0.0.0.0")  # noqa: S104
    assert code == WRONG_USE
    assert "TLS" in err
    code, _, err = run("api", "--host", "10.0.0.1", "--demo", "htx")
    assert code == WRONG_USE
    assert "this machine only" in err
