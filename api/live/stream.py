"""One live stream as an ASGI response: it ends when the client goes, is too slow, or has listened for long enough."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.live import frames
from api.live.desk import Line, Opening
from api.live.hub import Listener

_LOG: Final = logging.getLogger("api.live")


HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Proxies must neither keep it nor gather it (the second is what nginx understands)."""


class Stream(Response):
    """Tells one listener. ``read`` gives the opening, off the event loop."""

    media_type = frames.MEDIA_TYPE

    def __init__(self, line: Line, listener: Listener, read: Callable[[], Awaitable[Opening]]) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._line = line
        self._listener = listener
        self._read = read
        self._times = line.times

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Tell until the end."""
        telling = asyncio.ensure_future(self._tell(send))
        leaving = asyncio.ensure_future(_left(receive))
        reason = "client"
        try:
            await asyncio.wait((telling, leaving), return_when=asyncio.FIRST_COMPLETED)
            reason = telling.result() if telling.done() else reason
        except OSError:
            pass  # the connection is gone
        finally:
            leaving.cancel()
            telling.cancel()
            self._line.leave(self._listener, reason)
            await asyncio.gather(telling, leaving, return_exceptions=True)
        if reason == "slow":
            it = self._listener
            _LOG.warning("live stream of %s (%s) ended: the client was too slow", it.account, it.cooperative)

    async def _tell(self, send: Send) -> str:
        """Why it ended."""
        opening = await self._read()
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        ends_s = time.monotonic() + self._times.life_s
        try:
            await self._send(send, opening.data)
            while not self._listener.ended and time.monotonic() < ends_s:
                await self._send(send, await self._next(opening.number))
            reason = self._listener.ended or "life"
            last = frames.told("dropped", reason=reason) if reason == "slow" else b""
            async with asyncio.timeout(self._times.patience_s):
                await send({"type": "http.response.body", "body": last})
        except TimeoutError:
            return "slow"
        return reason

    async def _next(self, after: int) -> bytes:
        """What waits; after a while of nothing, a heartbeat."""
        data = self._listener.take(after)
        if data:
            return data
        with suppress(TimeoutError):
            async with asyncio.timeout(self._times.heartbeat_s):
                await self._listener.woken.wait()
        if self._listener.ended:
            return b""
        return self._listener.take(after) or frames.HEARTBEAT

    async def _send(self, send: Send, data: bytes) -> None:
        """Hand bytes over; waits while the client takes none. Raises ``TimeoutError`` where it waits too long."""
        if data:
            async with asyncio.timeout(self._times.patience_s):
                await send({"type": "http.response.body", "body": data, "more_body": True})


async def _left(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
