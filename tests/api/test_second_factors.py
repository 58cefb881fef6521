"""Second factors as they are kept: encrypted, so that a copy of the registry alone gives nobody's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.identity.enrolment import Handed, encrypt_factors, reset
from api.identity.signing import FACTORS_FILE, load_signer
from api.identity.vault import Locked, Vault, is_sealed
from core.accounts import Role
from core.errors import ConfigError
from tests.support.fakes import FakeClock
from tests.support.people import Api, entry, running_api


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    with running_api(tmp_path, FakeClock()) as it:
        yield it


def secret_of(handed: Handed) -> str:
    return parse_qs(urlsplit(handed.second_factor).query)["secret"][0]


def status(api: Api, handed: Handed) -> int:
    api.clock.advance(60)  # a code counts once
    return api.client().post("/v1/auth/token", json=api.body(handed)).status_code


def put(api: Api, name: str, secret: str) -> None:
    """As somebody who can write into the registry does it."""
    kept = api.accounts.account(name)
    api.accounts.set_password(name, kept.password_hash, secret, entry(api.clock))


def test_the_registry_does_not_hold_the_secret(api: Api, tmp_path: Path) -> None:
    handed = api.enrol("minh", Role.OFFICER)
    kept = api.accounts.account("minh").totp_secret
    assert is_sealed(kept)
    assert status(api, handed) == 200
    secret = secret_of(handed).encode()
    assert not [it for it in tmp_path.rglob("*") if it.is_file() and secret in it.read_bytes()]


def test_a_registry_without_its_key_gives_no_second_factor(api: Api) -> None:
    api.enrol("minh", Role.OFFICER)
    kept = api.accounts.account("minh").totp_secret
    stranger = Vault(Ed25519PrivateKey.generate(), "second factors")
    for vault in (stranger, api.signer.journeys):
        with pytest.raises(Locked):
            vault.open(kept, "minh")


def test_a_secret_that_is_copied_to_another_account_does_not_count(api: Api) -> None:
    mine, other = api.enrol("minh", Role.OFFICER), api.enrol("hoa", Role.OFFICER)
    put(api, "hoa", api.accounts.account("minh").totp_secret)
    api.clock.advance(60)
    body = {"account": "hoa", "password": other.password, "code": api.code(mine)}
    assert api.client().post("/v1/auth/token", json=body).status_code == 401


@pytest.mark.parametrize(
    "change", [lambda it: it[:-4] + "AAAA", lambda it: it[:20], lambda it: it[3:], lambda _: "v1."]
)
def test_a_changed_secret_does_not_open(change: object) -> None:
    vault = Vault(Ed25519PrivateKey.generate(), "x")
    sealed = vault.seal("ABC", "minh")
    assert vault.open(sealed, "minh") == "ABC"
    assert vault.seal("ABC", "minh") != sealed
    assert callable(change)
    with pytest.raises(Locked):
        vault.open(change(sealed), "minh")


def test_secrets_of_before_are_encrypted_and_count_on(api: Api, tmp_path: Path) -> None:
    handed = api.enrol("minh", Role.OFFICER)
    pilot = api.enrol("lan", Role.OFFICER)
    sealed = api.accounts.account("lan").totp_secret
    put(api, "minh", secret_of(handed))
    assert status(api, handed) == 401, "a secret that somebody wrote in clear counts for nothing"
    assert encrypt_factors(api.accounts, api.signer.second_factors) == []
    assert is_sealed(api.accounts.account("minh").totp_secret)
    assert api.accounts.account("lan").totp_secret == sealed
    assert [status(api, it) for it in (handed, pilot)] == [200, 200]
    secret = secret_of(handed).encode()
    assert not [it for it in tmp_path.rglob("*") if it.is_file() and secret in it.read_bytes()]
    assert encrypt_factors(api.accounts, api.signer.second_factors) == []


def test_a_changed_password_leaves_the_second_factor(api: Api) -> None:
    handed = api.enrol("minh", Role.OFFICER)
    change = {"old": handed.password, "new": "mười tám con trâu"}
    api.clock.advance(60)
    assert api.client(api.bearer(handed)).post("/v1/auth/password", json=change).status_code == 204
    assert status(api, replace(handed, password=change["new"])) == 200


def test_a_lost_key_is_told_and_mended_by_a_reset(tmp_path: Path) -> None:
    clock = FakeClock()
    key = tmp_path / "secrets" / FACTORS_FILE
    with running_api(tmp_path, clock) as api:
        handed = api.enrol("minh", Role.OFFICER)
        root = api.enrol("root", Role.ADMINISTRATOR)
    key.unlink()
    with running_api(tmp_path, clock) as api:
        assert encrypt_factors(api.accounts, api.signer.second_factors) == ["minh", "root"]
        assert status(api, handed) == 401
        again = reset(api.accounts, "root", entry(clock), api.signer.second_factors)
        assert status(api, root) == 401
        assert status(api, again) == 200
        assert encrypt_factors(api.accounts, api.signer.second_factors) == ["minh"]


def test_a_new_signing_key_loses_no_second_factor(tmp_path: Path) -> None:
    clock = FakeClock()
    with running_api(tmp_path, clock) as api:
        handed = api.enrol("minh", Role.OFFICER)
    (tmp_path / "secrets" / "api-signing.pem").unlink()
    with running_api(tmp_path, clock) as api:
        assert status(api, handed) == 200


def test_the_key_is_kept_from_others(tmp_path: Path) -> None:
    load_signer(tmp_path / "key.pem")
    assert (tmp_path / FACTORS_FILE).stat().st_mode & 0o777 == 0o600
    (tmp_path / FACTORS_FILE).chmod(0o640)
    with pytest.raises(ConfigError, match=r"second-factors\.pem: others may read"):
        load_signer(tmp_path / "key.pem")
