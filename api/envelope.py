"""The outermost layer of every request: its id, its line in the log, its figures for Prometheus, security headers.

An error that nobody expected ends here as a problem document, and its trace in the log.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections.abc import Iterable
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
_ID_NAME: Final = REQUEST_ID.lower().encode()
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
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
"""What every answer carries that does not say otherwise; names as they are sent."""
_PRIVATE: Final = (b"cache-control", b"private, no-cache")
ROOTS: Final = (OGC_ROOT,)
"""Where whole parts are mounted: their own patterns do not tell it."""
_HSTS: Final = (b"strict-transport-security", b"max-age=31536000")


class Envelope:
    """ASGI middleware. ``secure`` says that browsers come by HTTPS only: they are told to keep to it."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, secure: bool) -> None:
        self._app = app
        self._metrics = metrics
        always = (*_HEADERS, _HSTS) if secure else _HEADERS
        self._of_pages = (*always, (b"content-security-policy", _POLICY.encode()))
        self._of_docs = (*always, (b"content-security-policy", _DOCS_POLICY.encode()))

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
                message["headers"] = self._sealed(message["headers"], request)
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

    def _sealed(self, given: Iterable[tuple[bytes, bytes]], request: Request) -> list[tuple[bytes, bytes]]:
        """The headers of an answer, and those that it lacks."""
        headers = [(name, value) for name, value in given if name != _ID_NAME]
        private = getattr(request.state, "principal", None) is not None
        lacking = self._of_docs if request.scope["path"] == "/docs" else self._of_pages
        names = {name for name, _ in headers}
        headers += [it for it in ((*lacking, _PRIVATE) if private else lacking) if it[0] not in names]
        headers.append((_ID_NAME, request.state.request_id.encode()))
        if private:
            MutableHeaders(raw=headers).add_vary_header("Authorization, Cookie")
        return headers

    def _tell(self, request: Request, status: int, took_s: float) -> None:
        """One line of JSON, and the figures; both by the route's pattern, so that no stranger makes up new ones."""
        route = route_of(request)
        self._metrics.answered(request.method, route, status, took_s)
        if not ACCESS.isEnabledFor(logging.INFO):
            return
        principal = getattr(request.state, "principal", None)
        line: dict[str, Any] = {
            "request": request.state.request_id,
            "method": request.method,
            "path": request.scope["path"],
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
    root = next((it for it in ROOTS if request.scope["path"].startswith(f"{it}/") and not pattern.startswith(it)), "")
    return root + pattern


class Answer:
    """The status that was sent; 0: none yet."""

    def __init__(self) -> None:
        self.status = 0


def _request_id(request: Request) -> str:
    """The id that a proxy has given, where it looks like one; else a new one."""
    given = request.headers.get(REQUEST_ID, "")
    return given if _GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
