"""Signatures: what was signed cannot be changed, by nobody but the key's owner; and any JWS library can check it."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from api.statements.sealing import Seal, load_seal, read_keys, signer_of
from core.canonical import canonical
from core.errors import ConfigError

DOCUMENT: dict[str, Any] = {"net_m2": 8399.9, "name": "Thửa số 1", "rows": [{"b": 1, "a": None}]}


def seal_in(folder: Path) -> Seal:
    return load_seal(folder / "secrets" / "statement-signing.pem", folder / "statement-keys", "https://htx.example")


def test_a_signature_survives_another_layout(tmp_path: Path) -> None:
    seal = seal_in(tmp_path)
    signed = seal.seal(DOCUMENT)
    again = dict(reversed(json.loads(json.dumps(signed, indent=5)).items()))
    kid = seal.public_keys()[0]["kid"]
    assert signer_of(again, seal.public_keys()) == (kid, True)
    assert signer_of(again) == (kid, False)


@pytest.mark.parametrize("change", [{"net_m2": 8399.91}, {"name": "Thửa số 2"}, {"more": 1}, {"issuer": None}])
def test_what_was_changed_is_found(tmp_path: Path, change: dict[str, Any]) -> None:
    seal = seal_in(tmp_path)
    with pytest.raises(ValueError, match=r"was changed|cannot be read"):
        signer_of(seal.seal(DOCUMENT) | change, seal.public_keys())


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("", "there is no signature"),
        ("e30..AA", "cannot be read"),
        ("%%%..AA", "cannot be read"),
        (base64.urlsafe_b64encode(b'{"alg":"none","kid":"x"}').decode().rstrip("=") + "..AA", "of none, not of EdDSA"),
        (base64.urlsafe_b64encode(b'{"alg":"EdDSA","kid":"x"}').decode().rstrip("=") + "..AA", "another key"),
    ],
)
def test_what_is_no_signature_is_told(tmp_path: Path, signature: str, said: str) -> None:
    signed = seal_in(tmp_path).seal(DOCUMENT) | {"signature": signature}
    with pytest.raises(ValueError, match=said):
        signer_of(signed)


def test_a_forger_is_not_known(tmp_path: Path) -> None:
    """Whoever signs anew with a key of his own is told apart, and cannot give it the platform's name."""
    ours, his = seal_in(tmp_path / "ours"), seal_in(tmp_path / "his")
    forged = his.seal(DOCUMENT | {"net_m2": 9_999.0})
    assert signer_of(forged, ours.public_keys()) == (his.public_keys()[0]["kid"], False)
    renamed = forged | {"issuer": forged["issuer"] | {"key": dict(ours.public_keys()[0])}}
    with pytest.raises(ValueError, match="another key"):
        signer_of(renamed, ours.public_keys())


def test_any_library_for_jws_can_check_it(tmp_path: Path) -> None:
    seal = seal_in(tmp_path)
    signed = seal.seal(DOCUMENT)
    head, _, signature = signed["signature"].partition("..")
    payload = canonical({k: v for k, v in signed.items() if k != "signature"})
    text = f"{head}.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.{signature}"
    key = jwt.PyJWK(dict(seal.public_keys()[0]) | {"alg": "EdDSA"})
    assert jwt.PyJWS().decode(text, key.key, algorithms=["EdDSA"]) == payload


def test_the_key_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    first, again = seal_in(tmp_path), seal_in(tmp_path)
    secret = tmp_path / "secrets" / "statement-signing.pem"
    assert first.public_keys() == again.public_keys()
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read"):
        seal_in(tmp_path)


def test_a_replaced_key_is_still_shown(tmp_path: Path) -> None:
    old = seal_in(tmp_path)
    signed = old.seal(DOCUMENT)
    (tmp_path / "secrets" / "statement-signing.pem").unlink()
    new = seal_in(tmp_path)
    assert [k["kid"] for k in new.public_keys()[1:]] == [old.public_keys()[0]["kid"]]
    assert signer_of(signed, new.public_keys())[1]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"keys": [{"kty": "RSA", "crv": "", "x": ""}]}', '{"kty": 1}'])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"keys\.json: not a public Ed25519 key"):
        read_keys(text, "keys.json")
