"""Answers that were given before are given again, byte by byte, while the registry stands as it did.

Only what a route calls :func:`repeatable`, and only to whom has the same rights in the same cooperative. The layer
stands behind the gate, so that a key that was revoked does not come as far; whoever looks from above is written down
each time, and passes on. Another revision, by whichever process, and everything is made anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.remembered import AtRevision
from core.accounts import Principal, Role
from core.accounts import Scope as Right
from core.errors import RetriableError
from core.revisions import Revised

_MARK: Final = "repeatable"
_HEARD: Final = frozenset((b"accept-encoding", b"if-none-match"))
"""The headers that such an answer may hang on."""
_KEPT: Final = frozenset((HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))
_OVERHEAD_BYTES: Final = 2_000
"""What an answer weighs beside its body."""
_LIMIT_BYTES: Final = 64 << 20

Headers = tuple[tuple[bytes, bytes], ...]


def repeatable(request: Request) -> None:
    """Say of an answer what it hangs on: registry, address, cooperative and rights of the principal; nothing else."""
    setattr(request.state, _MARK, True)


@dataclass(frozen=True, slots=True)
class Question:
    """What decides an answer, beside the registry."""

    cooperative: str
    role: Role
    rights: frozenset[Right]
    path: str
    query: bytes
    heard: Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it left the router, and the route that made it: figures and log name that."""

    status: int
    headers: Headers
    body: bytes
    route: Any

    @property
    def weight(self) -> int:
        """Bytes, about."""
        return len(self.body) + _OVERHEAD_BYTES

    async def __call__(self, send: Send) -> None:
        """Give it."""
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body})


class ResponseCache:
    """ASGI middleware, behind :class:`api.gate.Gate`."""

    def __init__(self, app: ASGIApp, source: Revised, limit_bytes: int = _LIMIT_BYTES) -> None:
        self._app = app
        self._source = source
        self._known: AtRevision[Question, Answer] = AtRevision(limit_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the answer that is known, or pass the request on."""
        question = question_of(scope)
        revision = None if question is None else await self._revision()
        if question is None or revision is None:
            await self._app(scope, receive, send)
            return
        known = self._known.get(revision, question)
        if known is not None:
            scope["route"] = known.route
            await known(send)
            return
        heard = _Heard(send, scope)
        await self._app(scope, receive, heard)
        answer = heard.answer()
        if answer is not None:
            self._known.put(revision, question, answer, answer.weight)

    async def _revision(self) -> str | None:
        """What stands; None where the registry does not tell: let the route say so."""
        try:
            if self._source.revision_is_near:
                return self._source.revision()
            return await run_in_threadpool(self._source.revision)
        except RetriableError:
            return None


def question_of(scope: Scope) -> Question | None:
    """What is asked; None where it may not be answered from memory: it changes something, or has to be written down."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    principal: Principal | None = scope["state"].get("principal")
    if principal is None or principal.everywhere:
        return None
    heard = tuple((name, value) for name, value in scope["headers"] if name in _HEARD)
    rights = principal.scopes
    return Question(principal.cooperative, principal.role, rights, scope["path"], scope["query_string"], heard)


class _Heard:
    """Passes an answer on, and listens; what comes in pieces is not held."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self._send = send
        self._scope = scope
        self._status = 0
        self._headers: Headers = ()
        self._pieces = 0
        self._body: bytes | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status, self._headers = message["status"], tuple(message["headers"])
        elif message["type"] == "http.response.body":
            self._pieces += 1
            whole = self._pieces == 1 and not message.get("more_body", False)
            self._body = message.get("body", b"") if whole and self._scope["state"].get(_MARK) else None
        await self._send(message)

    def answer(self) -> Answer | None:
        """What was heard, whole; None where the route has not called it repeatable."""
        if self._body is None or self._status not in _KEPT:
            return None
        return Answer(self._status, self._headers, self._body, self._scope.get("route"))
