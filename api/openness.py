"""What is open to everybody: the one list. Everything else asks for a principal, also what does not exist."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

LOGIN: Final = "/v1/auth/login"
SIGN_ON: Final = "/v1/auth/signon"
CODE: Final = "/v1/auth/code"
OGC_ROOT: Final = "/ogc"
"""Where the OGC parts will be."""

KEYS: Final = "/.well-known/canhdong-statement-keys.json"
"""The public keys that sign statements."""

DOCS: Final = ("/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js")
"""The page of the API, and what it is made of."""

_PLACES: Final = frozenset(("/", "/healthz", "/readyz", "/metrics", *DOCS, "/openapi.json", KEYS))
_AUTH: Final = re.compile(r"/v1/auth/[a-z]+")
_OGC_PAGES: Final = re.compile(rf"{OGC_ROOT}(/|/api|/conformance|/collections(/[\w-]+)?)?")
"""Landing page, definition, conformance, collections and each one's description: they must show no data."""
_OGC_DATA: Final = re.compile(rf"{OGC_ROOT}/collections/(?P<collection>[\w-]+)/.+")

UNBOUND_FORMS: Final = frozenset(
    (LOGIN, CODE, "/v1/auth/logout", "/v1/auth/token", "/v1/auth/refresh", "/v1/auth/revoke")
)
"""What takes a POST without the header against forged requests: pages' forms that carry their own token, and what works
by the secret in its body only."""


@dataclass(frozen=True, slots=True)
class Openness:
    """The list, and the collections that somebody has opened by ``--ogc-public``."""

    ogc_public: frozenset[str] = field(default_factory=frozenset)

    def opens(self, path: str) -> bool:
        """Whether a path is for everybody."""
        if path in _PLACES or _AUTH.fullmatch(path) or _OGC_PAGES.fullmatch(path):
            return True
        data = _OGC_DATA.fullmatch(path)
        return data is not None and data["collection"] in self.ogc_public
