"""ID tokens: one that is not signed by the provider, for us, for this way and now, lets nobody in."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.support.provider import SECRET
from tests.support.signing_on import Place, signed_on, who

HOUR_S = 3_600


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "audience": {"aud": "somebody-else"},
    "no audience": {"aud": None},
    "audience, for us to hand on": {"aud": "somebody-else", "azp": "canhdong"},
    "audiences without azp": {"aud": ["canhdong", "somebody-else"]},
    "authorized party": {"aud": ["canhdong", "somebody-else"], "azp": "somebody-else"},
    "issuer": {"iss": "https://another.example"},
    "expired": {"exp": -HOUR_S, "iat": -2 * HOUR_S},
    "no expiry": {"exp": None},
    "from the future": {"iat": HOUR_S},
    "not yet": {"nbf": HOUR_S},
    "no subject": {"sub": None},
    "subject that is no text": {"sub": 7},
    "subject with a line end": {"sub": "id-7\n"},
    "hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_an_id_token_that_says_something_wrong_lets_nobody_in(place: Place, claims: dict[str, Any]) -> None:
    now_s = place.api.clock.now_ms() // 1_000
    times = {"exp", "iat", "nbf"}
    place.provider.claims = {
        name: now_s + value if name in times and value is not None else value for name, value in claims.items()
    }
    client = place.api.client()
    answer = signed_on(client)
    assert answer.status_code == 401
    assert "nơi đăng nhập không xác nhận" in answer.text
    assert who(client) is None
    (told,) = place.refused()
    assert told.startswith("sign-on: the ID token does not count (")


def _none(claims: dict[str, Any]) -> str:
    plain = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key("x" * 32))
    head = "eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    return f"{head}.{plain.split('.')[1]}."


def _by_secret(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(SECRET.ljust(32)))


def _by_other(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048))


def _by_own_header(claims: dict[str, Any]) -> str:
    key = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, claims, key)


@pytest.mark.parametrize("sign", [_none, _by_secret, _by_other, _by_own_header, lambda _: "a.b.c", lambda _: ""])
def test_an_id_token_that_the_provider_has_not_signed_lets_nobody_in(
    place: Place, sign: Callable[[dict[str, Any]], str]
) -> None:
    place.provider.sign = sign
    client = place.api.client()
    assert signed_on(client).status_code == 401
    assert who(client) is None
    assert place.refused()[0].startswith("sign-on: ")


def test_the_public_key_is_no_secret_to_sign_with(place: Place) -> None:
    """The old confusion: HS256 with the text of the public key."""
    public = place.provider.key.as_pem(private=False)

    def sign(claims: dict[str, Any]) -> str:
        parts = [_coded(json.dumps(it).encode()) for it in ({"alg": "HS256", "kid": "first"}, claims)]
        return ".".join([*parts, _coded(hmac.digest(public, ".".join(parts).encode(), "sha256"))])

    place.provider.sign = sign
    assert signed_on(place.api.client()).status_code == 401


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_new_keys_of_the_provider_are_fetched(place: Place) -> None:
    assert signed_on(place.api.client()).status_code == 303
    place.provider.key = ECKey.generate_key("P-256", {"kid": "second"})
    assert signed_on(place.api.client()).status_code == 401, "they were fetched a moment ago"
    fetched = place.provider.fetched.count("/keys")
    place.api.clock.advance(61)
    client = place.api.client()
    assert signed_on(client).status_code == 303
    assert who(client) == "lan"
    assert place.provider.fetched.count("/keys") == fetched + 1
