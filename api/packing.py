"""Packs answers by gzip for whom takes that; what was packed before, and streams of events, go as they are."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from starlette.types import Receive, Scope, Send

from api.conditional import takes_gzip

UNPACKED: Final = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/geopackage+sqlite3",
    "application/pdf",
    "application/vnd.apache.parquet",
)
"""What is packed by itself, or comes piece by piece."""


class Packing(GZipMiddleware):
    """Starlette's own, which does not read weights: ``gzip;q=0`` forbids it (RFC 9110, 12.5.3)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and pack what is answered."""
        if scope["type"] == "http" and not takes_gzip(Headers(scope=scope).get("Accept-Encoding", "")):
            await self.app(scope, receive, send)
            return
        await super().__call__(scope, receive, send)
