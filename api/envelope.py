"""The outermost layer of every request: its id, its line in the log, its figures for Prometheus, security headers.

An error that nobody expected ends here as a problem document, and its trace in the log.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import fault
from api.metrics import Metrics
from api.openness import OGC_ROOT

ACCESS: Final = logging.getLogger("api.access")
_LOG: Final = logging.getLogger("api")
REQUEST_ID: Final = "X-Request-ID"
_GIVEN_ID: Final = re.compile(r"[\w-]{8,64}", re.ASCII)
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_DOCS_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
    "img-src 'self' data:; frame-ancestors 'none'"
)
"""The page of the API shows itself by scripts that are served beside it; it is no page of data."""
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
ROOTS: Final = (OGC_ROOT,)
"""Where whole parts are mounted: their own patterns do not tell it."""
_HSTS: Final = "max-age=31536000"


class Envelope:
    """ASGI middleware. ``secure`` says that browsers come by HTTPS only: they are told to keep to it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool) -> None:
        self._app = app
        self._metrics = metrics
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and seal what is answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.request_id = _request_id(request)
        began, answered = time.perf_counter(), Answer()

        async def seal(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.status = message["status"]
                self._seal(MutableHeaders(scope=message), request)
            await send(message)

        try:
            with self._metrics.under_way():
                await self._app(scope, receive, seal)
        except Exception:
            _LOG.exception("request %s", request.state.request_id)
            if answered.status:
                raise  # the answer has begun: all that is left is to break it off
            await fault(request)(scope, receive, seal)
        finally:
            self._tell(request, answered.status or HTTPStatus.INTERNAL_SERVER_ERROR, time.perf_counter() - began)

    def _seal(self, headers: MutableHeaders, request: Request) -> None:
        headers[REQUEST_ID] = request.state.request_id
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        headers.setdefault("Content-Security-Policy", _DOCS_POLICY if request.url.path == "/docs" else _POLICY)
        if getattr(request.state, "principal", None) is not None:
            headers.setdefault("Cache-Control", "private, no-cache")
            headers.add_vary_header("Authorization, Cookie")
        if self._secure:
            headers.setdefault("Strict-Transport-Security", _HSTS)

    def _tell(self, request: Request, status: int, took_s: float) -> None:
        """One line of JSON, and the figures; both by the route's pattern, so that no stranger makes up new ones."""
        route = route_of(request)
        self._metrics.answered(request.method, route, status, took_s)
        principal = getattr(request.state, "principal", None)
        line: dict[str, Any] = {
            "request": request.state.request_id,
            "method": request.method,
            "path": request.url.path,
            "route": route,
            "status": int(status),
            "took_ms": round(took_s * 1_000, 1),
            "account": principal.account if principal else None,
            "address": request.client.host if request.client else None,
        }
        ACCESS.info(json.dumps(line, ensure_ascii=False))


def route_of(request: Request) -> str:
    """The pattern of the route, with the root of the part that it belongs to; "unknown" where there is none."""
    pattern = str(getattr(request.scope.get("route"), "path", ""))
    if not pattern:
        return "unknown"
    root = next((it for it in ROOTS if request.url.path.startswith(f"{it}/") and not pattern.startswith(it)), "")
    return root + pattern


class Answer:
    """The status that was sent; 0: none yet."""

    def __init__(self) -> None:
        self.status = 0


def _request_id(request: Request) -> str:
    """The id that a proxy has given, where it looks like one; else a new one."""
    given = request.headers.get(REQUEST_ID, "")
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
