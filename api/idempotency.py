"""Idempotency keys (draft-ietf-httpapi-idempotency-key-header): the same request twice changes something once.

Whoever sends ``Idempotency-Key`` and hears nothing asks again: the same request is answered as the first time, with
``Idempotent-Replayed: true``; another one under the same key is refused. A key is of one account in one
cooperative, and counts for a day.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Header, HTTPException, Request, Response
from pydantic import BaseModel

from api.books import Books
from core.answers import Ask, KeptAnswer

STALE_MS: Final = 60_000
KEPT_MS: Final = 86_400_000
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="a new random text for each thing to do, such as a UUID: the same request again does nothing more",
        examples=["0b6d3c0e-8a0f-4f43-9a55-2f1b8d1c8a11"],
    ),
]
Headers = Mapping[str, str]


def once(
    books: Books, request: Request, key: str | None, given: BaseModel, do: Callable[[], tuple[BaseModel, Headers]]
) -> Response:
    """Do something, or tell what was answered when it was done.

    Args:
        books: Whose.
        request: The request.
        key: Its key; None: do it.
        given: Its body.
        do: Does it; the answer's body and headers. What it raises is not kept.

    Raises:
        HTTPException: 422: another request had the key. 409: the same one is still under way.
    """
    if key is None:
        return _made(*do())
    text = json.dumps([request.method, request.url.path, given.model_dump(mode="json")], sort_keys=True)
    ask = books.ask(key, hashlib.sha256(text.encode()).hexdigest())
    there = books.begin(ask, STALE_MS, KEPT_MS)
    if there is not None:
        return _again(there, ask)
    with ExitStack() as failing:
        failing.callback(books.answers.abandon, ask)
        body, headers = do()
        failing.pop_all()
    answer = _made(body, headers)
    books.answers.finish(
        ask, KeptAnswer(ask.digest, answer.status_code, json.dumps(dict(headers)), body.model_dump_json())
    )
    return answer


def _again(there: KeptAnswer, ask: Ask) -> Response:
    if there.digest != ask.digest:
        raise HTTPException(422, "Idempotency-Key: another request had it; take a new one for each thing to do")
    if not there.status:
        raise HTTPException(
            HTTPStatus.CONFLICT, "Idempotency-Key: the same request is under way; ask again in a minute"
        )
    headers: dict[str, Any] = json.loads(there.headers)
    return _answer(there.body, there.status, headers | {"Idempotent-Replayed": "true"})


def _made(body: BaseModel, headers: Headers) -> Response:
    return _answer(body.model_dump_json(), HTTPStatus.CREATED, headers)


def _answer(body: str, status: int, headers: Headers) -> Response:
    return Response(body, status, dict(headers), media_type="application/json")
