"""Accounts on the command line: secrets are generated, shown once, and never listed."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.identity.vault import Vault
from cli import enrolling, wiring
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


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CANHDONG_OIDC_ISSUER", "https://id.example")
    return "https://id.example"


def test_an_account_is_linked_to_a_subject_and_back(run: Run, issuer: str) -> None:
    run("account", "add", "lan", "--role", "manager", "--cooperative", "htx")
    run("account", "add", "chi", "--role", "pilot", "--cooperative", "htx")
    assert run("account", "link", "LAN", "--subject", "id-7")[0] == DONE
    assert run("account", "link", "chi", "--subject", "id-7")[0] == FAILED
    _, shown, _ = run("account", "list", "--json")
    told = {it["account"]: it["subjects"] for it in shown["accounts"]}
    assert told == {"chi": [], "lan": [{"issuer": issuer, "subject": "id-7"}]}
    assert "id-7" in run("account", "list")[1]
    assert run("account", "unlink", "lan")[0] == DONE
    assert run("account", "unlink", "lan")[0] == FAILED
    assert run("account", "link", "chi", "--subject", "id-7")[0] == DONE
    with closing(wiring.people()) as people:
        written = [(it.action, it.subject) for it in people.audit("htx")[:2]]
    assert written == [("account linked", f"chi: id-7 at {issuer}"), ("account unlinked", f"lan: {issuer}")]


def test_links_need_a_provider_an_account_and_a_subject(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("account", "add", "lan", "--role", "manager", "--cooperative", "htx")
    for words in (("link", "lan", "--subject", "id-7"), ("unlink", "lan")):
        code, _, err = run("account", *words)
        assert code == WRONG_USE
        assert "CANHDONG_OIDC_ISSUER" in err
    monkeypatch.setenv("CANHDONG_OIDC_ISSUER", "https://id.example")
    assert run("account", "link", "nobody", "--subject", "id-7")[0] == FAILED
    for subject in ("", "x" * 256, "id\n7"):
        with pytest.raises(SystemExit):
            run("account", "link", "lan", "--subject", subject)


def test_the_api_does_not_start_with_a_provider_that_is_not_safe(
    run: Run, issuer: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    code, _, err = run("api")
    assert code == WRONG_USE
    assert "CANHDONG_OIDC_CLIENT_ID" in err
    secret = tmp_path / "secret"
    secret.write_text("bí mật\n")
    monkeypatch.setenv("CANHDONG_OIDC_CLIENT_ID", "c")
    monkeypatch.setenv("CANHDONG_OIDC_CLIENT_SECRET_FILE", str(secret))
    monkeypatch.setenv("CANHDONG_OIDC_SECOND_FACTORS", '["amr:mfa"]')
    assert "CANHDONG_API_PUBLIC_URL" in run("api")[2]
    monkeypatch.setenv("CANHDONG_API_PUBLIC_URL", "https://cd.example/")
    made = wiring.provider()
    assert made is not None
    assert (made.registration.client_secret, made.registration.second_factors) == ("bí mật", frozenset(("amr:mfa",)))
    assert made.registration.redirect_url == "https://cd.example/v1/auth/callback"
    monkeypatch.setenv("CANHDONG_OIDC_ISSUER", "http://id.example")
    assert "CANHDONG_OIDC_ISSUER" in run("api")[2]
    monkeypatch.delenv("CANHDONG_OIDC_ISSUER")
    assert wiring.provider() is None


def test_second_factors_in_clear_are_encrypted_and_lost_ones_are_told(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("account", "add", "root", "--role", "administrator")
    run("account", "add", "minh", "--role", "officer")
    with closing(wiring.people()) as people:
        at = enrolling.entry("test", "")
        people.set_password("root", "x", "CLEARSECRET", at)
        people.set_password("minh", "x", Vault(Ed25519PrivateKey.generate(), "x").seal("ABC", "minh"), at)
        enrolling.encrypt_factors(people, wiring.signer().second_factors)
        assert wiring.signer().second_factors.open(people.account("root").totp_secret, "root") == "CLEARSECRET"
    told = capsys.readouterr().err
    assert "minh" in told
    assert "root" not in told
    assert "account reset" in told
