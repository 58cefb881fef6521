"""Random secrets that people never choose: of sessions and of machines. Kept by a plain hash: they have 256 bits."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

KEY_PREFIX: Final = "cdk_"


@dataclass(frozen=True, slots=True)
class Secret:
    """A name by which it is found, and what proves it."""

    name: str
    proof: str

    @property
    def hash(self) -> str:
        """What is kept of the proof."""
        return hashlib.sha256(self.proof.encode()).hexdigest()

    def proves(self, known_hash: str) -> bool:
        """Whether it is the one that is known."""
        return hmac.compare_digest(self.hash, known_hash)


def new_secret() -> Secret:
    """A secret with a name of 96 and a proof of 256 random bits."""
    return Secret(secrets.token_hex(12), secrets.token_urlsafe(32))


def session_text(secret: Secret) -> str:
    """As a cookie or a refresh token carries it."""
    return f"{secret.name}.{secret.proof}"


def read_session(text: str) -> Secret:
    """The inverse; anything else is a secret that nothing matches."""
    name, _, proof = text[:200].partition(".")
    return Secret(name, proof)


def key_text(secret: Secret) -> str:
    """As a machine is given its key: told apart at sight, so that scanners for leaked secrets find it."""
    return f"{KEY_PREFIX}{secret.name}_{secret.proof}"


def read_key(text: str) -> Secret:
    """The inverse; anything else is a secret that nothing matches."""
    name, _, proof = text[:200].removeprefix(KEY_PREFIX).partition("_")
    return Secret(name, proof)
