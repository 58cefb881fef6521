"""Encrypts what must not be read from a copy of the database or of a cookie: AES-256-GCM with a random nonce."""

from __future__ import annotations

import base64
import binascii
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_MARK: Final = "v1."
_NONCE_BYTES: Final = 12


class Locked(Exception):
    """A text was not sealed by this vault for this owner, or was changed since."""


class Vault:
    """Seals texts for an owner, such as an account: sealed for one, a text opens for no other.

    The key is derived (HKDF of RFC 5869, SHA-256) from a private key that a file holds, and from what it is for.
    """

    def __init__(self, key: Ed25519PrivateKey, purpose: str) -> None:
        derived = HKDF(SHA256(), 32, None, f"canhdong {purpose}".encode()).derive(key.private_bytes_raw())
        self._cipher = AESGCM(derived)

    def seal(self, text: str, owner: str) -> str:
        """A text that this vault opens for the same owner: ``v1.``, then nonce and ciphertext in base64url."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, text.encode(), owner.encode())
        return _MARK + base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")

    def open(self, sealed: str, owner: str) -> str:
        """The text; raises :class:`Locked`."""
        coded = sealed.removeprefix(_MARK)
        try:
            whole = base64.b64decode(coded + "=" * (-len(coded) % 4), b"-_", validate=True)
            if not is_sealed(sealed) or len(whole) < _NONCE_BYTES:
                raise Locked
            return self._cipher.decrypt(whole[:_NONCE_BYTES], whole[_NONCE_BYTES:], owner.encode()).decode()
        except (binascii.Error, ValueError, InvalidTag):
            raise Locked from None


def is_sealed(text: str) -> bool:
    """Whether a text looks sealed: a shared secret in base 32 never does."""
    return text.startswith(_MARK)
