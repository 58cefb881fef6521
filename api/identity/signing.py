"""The key that signs access tokens (Ed25519; JWT of RFC 7519 with EdDSA of RFC 8037), made at the first start.

Beside it lies the key that second factors are encrypted with: the one may be replaced without losing the other.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from api.identity.vault import Vault
from core.errors import ConfigError, Unauthenticated

ACCESS_S: Final = 600
"""How long an access token counts."""
_ISSUER: Final = "canhdong"
_AUDIENCE: Final = "canhdong-api"
_OTHERS: Final = 0o077
FACTORS_FILE: Final = "second-factors.pem"
"""What the file of the second factors' key is called, beside the signing key."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says: an account, by a session."""

    account: str
    session: str


class Signer:
    """Signs and reads access tokens, makes the tokens that forms carry, and holds what encrypts secrets."""

    def __init__(self, key: Ed25519PrivateKey, factors: Ed25519PrivateKey) -> None:
        self.second_factors = Vault(factors, "second factors")
        """For the shared secrets of second factors, as the database keeps them."""
        self.journeys = Vault(key, "journeys")
        """For what a browser keeps while somebody is on the way to a provider and back."""
        self._key = key
        self._public = key.public_key()
        self._form_key = hmac.digest(key.private_bytes_raw(), b"canhdong forms", "sha256")

    def access_token(self, claims: Claims, now_ms: int) -> str:
        """A token that counts for :data:`ACCESS_S` seconds."""
        now_s = now_ms // 1_000
        body = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": claims.account,
            "sid": claims.session,
            "iat": now_s,
            "exp": now_s + ACCESS_S,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(body, self._key, "EdDSA")

    def read(self, token: str, now_ms: int) -> Claims:
        """What a token says; raises ``Unauthenticated`` where it is not ours, or its time is over.

        The time is the clock's of the platform, not the library's.
        """
        options: Any = {"require": ["exp", "sub", "sid"], "verify_exp": False, "verify_iat": False}
        try:
            said = jwt.decode(
                token, self._public, algorithms=["EdDSA"], audience=_AUDIENCE, issuer=_ISSUER, options=options
            )
        except jwt.InvalidTokenError:
            raise Unauthenticated("the access token is not valid") from None
        if not isinstance(said["exp"], int) or said["exp"] * 1_000 <= now_ms:
            raise Unauthenticated("the access token has expired")
        return Claims(str(said["sub"]), str(said["sid"]))

    def form_token(self, bound_to: str) -> str:
        """What a form has to carry, so that no other site can send it: bound to a cookie's value."""
        digest = hmac.digest(self._form_key, bound_to.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def is_form_token(self, bound_to: str, given: str) -> bool:
        """Whether a form carries the token of its cookie."""
        return hmac.compare_digest(self.form_token(bound_to).encode(), given.encode())


def load_signer(path: Path) -> Signer:
    """The signer of a key file, with the second factors' key beside it.

    Makes the files, and raises ``ConfigError``, as :func:`load_key` does.
    """
    return Signer(load_key(path), load_key(path.with_name(FACTORS_FILE)))


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key of a file; the file is made, readable by this user only, where there is none.

    Raises:
        ConfigError: The file cannot be made or read, others may read it, or it holds something else.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path)
        if path.stat().st_mode & _OTHERS:
            raise ConfigError(f"{path}: others may read the key; run chmod 600 on it")
        key = load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{path}: not a private key in PEM without a password") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path}: not an Ed25519 key")
    return key


def _make(path: Path) -> None:
    """Write a new key whole under another name, then link it: of several processes that start, one wins."""
    content = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
