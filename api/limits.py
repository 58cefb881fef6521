"""Limits of what one address may ask for: requests per second, and bytes of a body."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final

from fastapi import Request, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem

_ADDRESSES: Final = 10_000
"""Addresses that are remembered; the one that was silent the longest is forgotten first."""


class Buckets:
    """A token bucket for each address: ``rate`` requests a second, up to ``burst`` at once."""

    def __init__(self, rate: float, burst: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._burst = burst
        self._seconds = seconds
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str) -> float:
        """Take one; seconds until there is one again, 0 where there was."""
        now = self._seconds()
        left, since = self._known.pop(address, (self._burst, now))
        left = min(self._burst, left + (now - since) * self._rate)
        granted = left >= 1.0
        self._known[address] = (left - granted, now)
        while len(self._known) > _ADDRESSES:
            self._known.popitem(last=False)
        return 0.0 if granted else (1.0 - left) / self._rate


_UPLOADS: Final = re.compile(r"/v1/cooperatives/[^/]+/uploads")
"""Where bodies are files."""


class TooLarge(Exception):
    """The body goes on past the limit."""


class Limits:
    """ASGI middleware. Bodies that do not tell their length are counted while they come; uploads may be larger."""

    def __init__(self, app: ASGIApp, buckets: Buckets, body_bytes: int, upload_bytes: int = 0) -> None:
        self._app = app
        self._buckets = buckets
        self._body_bytes = body_bytes
        self._upload_bytes = max(upload_bytes, body_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on within the limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        wait_s = self._buckets.wait_s(request.client.host if request.client else "")
        if wait_s:
            answer = problem(HTTPStatus.TOO_MANY_REQUESTS, "too many requests; slow down", request)
            answer.headers["Retry-After"] = str(int(wait_s) + 1)
            await answer(scope, receive, send)
            return
        declared = request.headers.get("Content-Length", "0")
        limit = self._upload_bytes if _UPLOADS.fullmatch(scope["path"]) else self._body_bytes
        if not declared.isdecimal() or int(declared) > limit:
            await self._refuse(request, limit)(scope, receive, send)
            return
        await self._counted(request, limit, scope, receive, send)

    async def _counted(self, request: Request, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes; once it is too much, what the application makes of that is not answered."""
        seen, begun = 0, False

        async def count() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise TooLarge
            return message

        async def note(message: Message) -> None:
            nonlocal begun
            if seen <= limit or begun:
                begun = True
                await send(message)

        with suppress(TooLarge):
            await self._app(scope, count, note)
        if seen > limit and not begun:
            await self._refuse(request, limit)(scope, receive, send)

    def _refuse(self, request: Request, limit: int) -> Response:
        detail = f"a body has at most {limit} bytes, and a Content-Length is a number"
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, request)
