"""A statement's signature: JWS (RFC 7515), payload detached, EdDSA (RFC 8037), over canonical JSON (RFC 8785).

The signed text is the canonical form of the document without its member ``signature``; ``signature`` is
``HEADER..SIGNATURE``, the compact form without the payload (RFC 7515, appendix F). The key's name is its thumbprint
(RFC 7638), so that nobody can give a key another one's name.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from api.identity.signing import load_key
from api.openness import KEYS
from core.canonical import canonical
from core.errors import ConfigError
from core.statement import Document

Jwk = Mapping[str, str]
"""A public key as a JSON Web Key: kty, crv, x, kid."""
_TYPE: Final = "canhdong-statement"


class Seal:
    """Signs documents; see :class:`core.statement.Sealer`. ``old`` are public keys that signed earlier."""

    def __init__(self, key: Ed25519PrivateKey, platform: str = "", old: Sequence[Jwk] = ()) -> None:
        self._key = key
        self._platform = platform
        self._public = jwk(key.public_key())
        self._old = tuple(it for it in old if it["kid"] != self._public["kid"])

    def seal(self, document: Document) -> Document:
        """The document with ``issuer`` and ``signature``."""
        issuer = {"platform": self._platform, "key": dict(self._public), "keys": KEYS}
        sealed = {name: value for name, value in document.items() if name != "signature"} | {"issuer": issuer}
        header = {"alg": "EdDSA", "kid": self._public["kid"], "typ": _TYPE}
        head = _base64(canonical(header))
        signature = self._key.sign(_signed(head, sealed))
        return sealed | {"signature": f"{head}..{_base64(signature)}"}

    def public_keys(self) -> tuple[Jwk, ...]:
        """Today's key first, then those that signed earlier."""
        return (self._public, *self._old)


def load_seal(secret: Path, public: Path, platform: str = "") -> Seal:
    """The seal of a platform; the key is made where there is none, and its public part kept beside earlier ones.

    Args:
        secret: The private key's file, mode 0600.
        public: The folder of public keys, ``KID.json`` each: a key that is replaced leaves its public part there.
        platform: The platform's address, or "".

    Raises:
        ConfigError: A file cannot be made or read, or is no key.
    """
    key = load_key(secret)
    mine = jwk(key.public_key())
    path = public / f"{mine['kid']}.json"
    try:
        public.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(json.dumps(mine) + "\n")
        files = sorted(public.glob("*.json"))
        return Seal(key, platform, [it for file in files for it in read_keys(file.read_text(), str(file))])
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def read_keys(text: str, where: str) -> list[Jwk]:
    """Public keys of a JSON Web Key, or a set of them; raises ``ConfigError`` where it holds anything else."""
    try:
        told = json.loads(text)
        known = [_public(it) for it in told.get("keys", [told])]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{where}: not a public Ed25519 key as a JSON Web Key: {error}") from None
    return [jwk(it) for it in known]


def signer_of(document: Document, known: Sequence[Jwk] = ()) -> tuple[str, bool]:
    """Who signed a document: the key's name, and whether it is one of those known.

    Without known keys, or signed by none of them, the signature is held against the key that the document itself
    brings: that it is whole, not whose it is.

    Raises:
        ValueError: The signature is missing or wrong; the message says how.
    """
    head, gap, signature = str(document.get("signature", "")).partition("..")
    if not gap:
        raise ValueError("there is no signature")
    try:
        header = json.loads(_bytes(head))
        kid, algorithm = header["kid"], header["alg"]
        own = dict(document["issuer"]["key"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"the signature's header cannot be read: {error}") from None
    if algorithm != "EdDSA":
        raise ValueError(f"the signature is of {algorithm}, not of EdDSA")
    trusted = {it["kid"]: it for it in known}
    key = _public(trusted.get(kid, own))
    if jwk(key)["kid"] != kid:
        raise ValueError("the signature names another key than the document brings")
    body = {name: value for name, value in document.items() if name != "signature"}
    try:
        key.verify(_bytes(signature), _signed(head, body))
    except InvalidSignature:
        raise ValueError(f"the document was changed after key {kid} signed it") from None
    return kid, kid in trusted


def jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """A public key as a JSON Web Key, named by its thumbprint."""
    told = {"crv": "Ed25519", "kty": "OKP", "x": _base64(key.public_bytes_raw())}
    return told | {"kid": _base64(hashlib.sha256(canonical(told)).digest())}


def _public(told: Jwk) -> Ed25519PublicKey:
    if told["kty"] != "OKP" or told["crv"] != "Ed25519":
        raise ValueError(f"a key of {told['kty']} {told['crv']}")
    return Ed25519PublicKey.from_public_bytes(_bytes(told["x"]))


def _signed(head: str, document: Document) -> bytes:
    return f"{head}.{_base64(canonical(document))}".encode()


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"not base64: {error}") from None
