"""What a browser keeps, encrypted, while somebody is on the way to a provider of sign-on and back."""

from __future__ import annotations

import secrets
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from api.identity.provider import Ask
from api.identity.vault import Locked, Vault
from core.errors import Unauthenticated
from core.terms import Language

AWAY_MS: Final = 600_000
"""How long somebody may take at the provider."""
CODE_MS: Final = 300_000
"""How long somebody may take to type the code of the second factor."""
_LONGEST_ONWARD: Final = 1_000
"""Bytes: the whole has to fit into a cookie."""
S = TypeVar("S", bound="Stage")


class Stage(BaseModel):
    """A part of the way; it ends at ``ends_ms``."""

    model_config = ConfigDict(frozen=True)

    ends_ms: int
    onward: str
    language: Language


class Away(Stage):
    """Somebody is at the provider."""

    state: str
    nonce: str
    verifier: str

    @property
    def ask(self) -> Ask:
        """What the provider was asked."""
        return Ask(self.state, self.nonce, self.verifier)


class Back(Stage):
    """The provider has said who it is, and the code of the second factor is missing."""

    account: str
    subject: str


class Stale(Unauthenticated):
    """The way was not begun in this browser, took too long, or was gone before."""


def departure(onward: str, language: Language, now_ms: int) -> Away:
    """The beginning of a way: everything that has to come back is random, of 256 bits.

    ``onward`` is looked at where it is gone to.
    """
    if len(onward.encode()) > _LONGEST_ONWARD:
        onward = "/"
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Away(ends_ms=now_ms + AWAY_MS, onward=onward, language=language, state=state, nonce=nonce, verifier=verifier)


def packed(stage: Stage, vault: Vault) -> str:
    """As a cookie carries it."""
    return vault.seal(stage.model_dump_json(), type(stage).__name__)


def unpacked(kind: type[S], cookie: str, vault: Vault, now_ms: int) -> S:
    """The inverse; raises :class:`Stale` where it is none of that kind, or is over."""
    try:
        stage = kind.model_validate_json(vault.open(cookie, kind.__name__))
    except (Locked, ValidationError):
        raise Stale("this sign-on was not begun in this browser; begin again") from None
    if stage.ends_ms <= now_ms:
        raise Stale("this sign-on took too long; begin again")
    return stage
