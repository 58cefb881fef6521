"""Pages of lists: an opaque cursor names the last thing of a page, so that pages stay whole while things are added.

The rest of a list is at the address in the header ``Link`` with ``rel="next"`` (RFC 8288); at its end there is none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import HTTPException, Request, Response
from pydantic import Field, TypeAdapter

from api.conditional import NOT_MODIFIED, Kept, Made, answered, hashed

T = TypeVar("T")
Key = tuple[int | str, ...]
"""What a list is in the order of: numbers and texts."""

LINK: Final[dict[str, Any]] = {
    "Link": {
        "description": 'the rest of the list: <address>; rel="next"; absent at the end',
        "schema": {"type": "string"},
    }
}
CursorField = Annotated[
    str, Field(max_length=600, description="from the `next` link of the page before", examples=[""])
]
LimitField = Annotated[int, Field(ge=1, le=1_000, description="things on a page at most", examples=[100])]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some things of a list, and the key of the last one where more follow."""

    items: Sequence[T]
    last: Key | None = None


def page_of(
    found: Iterable[T], key: Callable[[T], Key], after: Key | None, limit: int, *, down: bool = False
) -> Page[T]:
    """A page of a list that is all at hand.

    Args:
        found: The list, in any order.
        key: What it is put in the order of; no two things have the same.
        after: The key of the last thing that was told.
        limit: How many things at most.
        down: Whether the order falls.
    """
    ordered = sorted(found, key=key, reverse=down)
    rest = [it for it in ordered if after is None or (key(it) < after if down else key(it) > after)]
    some = rest[:limit]
    return Page(some, key(some[-1]) if len(rest) > limit else None)


def cursor(key: Key, question: str) -> str:
    """The text of a cursor; ``question`` is the list that it belongs to."""
    packed = json.dumps([_mark(question), *key], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(text: str, question: str, kinds: Sequence[type]) -> Key | None:
    """The inverse; None for "", which asks for the first page.

    Raises:
        HTTPException: 422: it is none, or it belongs to another list or to other filters.
    """
    if not text:
        return None
    wrong = HTTPException(422, "cursor: not one of this list; take it from the next link, with the same filters")
    try:
        mark, *key = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise wrong from None
    if mark != _mark(question) or [type(it) for it in key] != list(kinds):
        raise wrong
    return tuple(key)


def question_of(request: Request) -> str:
    """A list with its filters: the address without the cursor and the size of the page."""
    given = sorted((k, v) for k, v in request.query_params.multi_items() if k not in {"cursor", "limit"})
    return json.dumps([request.url.path, given])


def link_next(request: Request, response: Response, key: Key | None, question: str = "") -> None:
    """Tell where the rest is; ``None``: there is none. ``question`` "": :func:`question_of` the request."""
    if key is not None:
        response.headers["Link"] = next_link(request, key, question)


def next_link(request: Request, key: Key, question: str = "") -> str:
    """The value of the header."""
    text = cursor(key, question or question_of(request))
    url = request.url.include_query_params(cursor=text).replace(scheme="", netloc="")
    return f'<{url}>; rel="next"'


def told_page(request: Request, kind: TypeAdapter[list[T]], items: Sequence[T], last: Key | None) -> Response:
    """A page as an answer with the tag of its text; 304 to who has it already (``TAGGED`` documents both)."""
    made = Made(kind.dump_json(list(items)), next_link(request, last) if last is not None else "")
    return answered(request, hashed(made.body, made.link), Kept(0), lambda: made)


def documented(own: Mapping[int | str, dict[str, Any]] | None = None) -> dict[int | str, dict[str, Any]]:
    """What the OpenAPI document tells of a list's answer."""
    return {200: {"headers": LINK}, **(own or {})}


TAGGED: Final = documented(NOT_MODIFIED)
"""What the document tells of a list's answer that has a tag."""


def _mark(question: str) -> str:
    return hashlib.sha256(question.encode()).hexdigest()[:12]
