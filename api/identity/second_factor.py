"""The second factor: time-based one-time passwords (RFC 6238), as every authenticator application makes them."""

from __future__ import annotations

from typing import Final

import pyotp

_STEP_S: Final = 30
_ISSUER: Final = "Cánh Đồng"


def new_secret() -> str:
    """A shared secret of 160 random bits, in base 32."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """The ``otpauth:`` address that an authenticator application reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=_ISSUER)


def step_of(secret: str, code: str, now_ms: int) -> int | None:
    """The number of the time step that a code belongs to: this one or a neighbour; ``None`` where it is wrong."""
    totp, now_s = pyotp.TOTP(secret), now_ms // 1_000
    digits = code.strip().replace(" ", "")
    for step in (now_s // _STEP_S, now_s // _STEP_S - 1, now_s // _STEP_S + 1):
        if totp.verify(digits, for_time=step * _STEP_S, valid_window=0):
            return step
    return None
