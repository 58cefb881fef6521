"""Passwords: argon2id, with the parameters that RFC 9106 recommends where memory is short (64 MiB, 3 passes)."""

from __future__ import annotations

import secrets
import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 12
LONGEST: Final = 256
"""How many characters a password may have."""
_HASHER: Final = PasswordHasher()
_AT_ONCE: Final = threading.BoundedSemaphore(2)
"""Each costs 64 MiB: a crowd that tries passwords must not take all memory."""


def generated() -> str:
    """A password of 120 random bits."""
    return secrets.token_urlsafe(15)


def hashed(password: str) -> str:
    """The hash of a password, with its parameters and salt."""
    with _AT_ONCE:
        return _HASHER.hash(password)


@cache
def _nobodys() -> str:
    return hashed(generated())


def matches(known: str | None, password: str) -> bool:
    """Whether a password is the one of a hash; takes as long where there is no such account (``None``)."""
    hidden = known or _nobodys()
    if len(password) > LONGEST:
        return False
    with _AT_ONCE:
        try:
            return _HASHER.verify(hidden, password) and known is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(known: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(known)
