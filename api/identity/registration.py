"""What a provider of sign-on and this platform know of each other; what is not safe is refused before it is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from core.errors import ConfigError
from core.hosts import is_loopback

CALLBACK: Final = "/v1/auth/callback"
"""Where the provider sends people back to."""


@dataclass(frozen=True, slots=True)
class Registration:
    """The platform at a provider.

    Attributes:
        issuer: What the provider is called: an address below which it describes itself.
        client_id: What it calls this platform.
        client_secret: The secret that it gave with that.
        public_url: What browsers ask for; the provider sends them back there.
        name: What people read on the button; "": nothing special.
        second_factors: ``acr:...`` and ``amr:...`` that stand for a second factor; empty: none does.
        ca_file: Certificate authority of the provider; None: the usual ones.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    public_url: str
    name: str = ""
    second_factors: frozenset[str] = frozenset()
    ca_file: Path | None = None

    @property
    def redirect_url(self) -> str:
        """Where the provider sends people back to."""
        return self.public_url.rstrip("/") + CALLBACK

    @property
    def local(self) -> bool:
        """Whether the provider is on this machine, so that no network is crossed to it."""
        return is_loopback(urlsplit(self.issuer).hostname or "")

    def check(self) -> None:
        """Raise ``ConfigError`` where a secret or a person would cross a network in clear, or something is missing."""
        if not is_safe(self.issuer, local=True) or set(self.issuer) & set("?#@"):
            raise ConfigError("CANHDONG_OIDC_ISSUER: give https://... (http:// on this machine only), without ? or #")
        if not self.client_id or not self.client_secret:
            raise ConfigError("CANHDONG_OIDC_ISSUER needs CANHDONG_OIDC_CLIENT_ID and CANHDONG_OIDC_CLIENT_SECRET_FILE")
        if not is_safe(self.public_url, local=True):
            raise ConfigError(
                "CANHDONG_OIDC_ISSUER needs CANHDONG_API_PUBLIC_URL=https://... (http:// on this machine only): "
                "the provider sends people back there"
            )
        wrong = [it for it in self.second_factors if it[:4] not in {"acr:", "amr:"} or not it[4:]]
        if wrong:
            raise ConfigError(f'CANHDONG_OIDC_SECOND_FACTORS: {min(wrong)!r} is neither "acr:..." nor "amr:..."')
        if self.ca_file is not None and not self.ca_file.is_file():
            raise ConfigError(f"CANHDONG_OIDC_CA_FILE: {self.ca_file}: no such file")


def is_safe(url: str, *, local: bool) -> bool:
    """Whether an address is asked by TLS; ``local``: or is on this machine, where no network is crossed."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (local and parts.scheme == "http" and is_loopback(host)))
