"""Conditional requests (RFC 9110, 13): who has the newest answer gets 304, who changes an old version gets 412.

The entity tag of a record is its version. The tag of a list is a hash of what it hangs on, or of its text; lists that
are asked for again and again, such as the plots of a map's window, are kept with their tag, packed once somebody takes
that.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Header, HTTPException, Request, Response

from api.turns import Turns
from core.model.versions import Versioned

_TAGS: Final = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_SMALL: Final = 1_000
"""Bytes below which packing does not pay."""
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "the one that If-None-Match names is still the newest"}
}
CHANGES: Final[dict[int | str, dict[str, Any]]] = {
    409: {"description": "there is one of that name, with other content"},
    412: {"description": "another version stands than If-Match names: read it again"},
    428: {"description": "say with If-Match which version you have read"},
}
IfMatch = Annotated[
    str | None,
    Header(
        max_length=200, description='the ETag that you have read, such as "3"; * for whichever stands', examples=['"3"']
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(max_length=2_000, description="the ETag that you have: 304 where it is still the newest", examples=['"2"']),
]


def tag_of(record: Versioned) -> str:
    """The entity tag of a record."""
    return f'"{record.version}"'


def unchanged(request: Request, tag: str) -> bool:
    """Whether If-None-Match names a tag (compared weakly)."""
    given = request.headers.get("If-None-Match")
    if given is None:
        return False
    return given.strip() == "*" or _bare(tag) in _TAGS.findall(given)


def expected_version(if_match: str | None, standing: int) -> int:
    """The version that a change is made to.

    Args:
        if_match: The header.
        standing: The version that stands.

    Raises:
        HTTPException: 428 without the header; 412 where it names no version that could stand.
    """
    if if_match is None:
        raise HTTPException(HTTPStatus.PRECONDITION_REQUIRED, 'If-Match: the ETag that you have read, such as "3"')
    if if_match.strip() == "*":
        return standing
    if str(standing) not in re.findall(r'(?<!W/)"(\d+)"', if_match):
        raise HTTPException(HTTPStatus.PRECONDITION_FAILED, f"version {standing} stands, not {if_match}: read it again")
    return standing


@dataclass(frozen=True)
class Made:
    """An answer's body, and the link to the rest ("" none)."""

    body: bytes
    link: str = ""

    @cached_property
    def packed(self) -> bytes:
        """The body by gzip, made once somebody takes that; empty where it does not pay."""
        return gzip.compress(self.body, 6, mtime=0) if len(self.body) >= _SMALL else b""

    @property
    def most_bytes(self) -> int:
        """What it takes in memory, packed too."""
        return 2 * len(self.body)


class Kept:
    """Answers that were made, by what they hang on; the one that nobody asked for the longest goes first.

    Safe from several threads: what several ask for at once is made once.
    """

    def __init__(self, limit_bytes: int = 64 << 20) -> None:
        self._limit = limit_bytes
        self._size = 0
        self._known: OrderedDict[str, Made] = OrderedDict()
        self._lock = threading.Lock()
        self._turns: Turns[str] = Turns()

    def get(self, tag: str, make: Callable[[], Made]) -> Made:
        """The answer of a tag; ``make`` makes it."""
        return self._found(tag) or self._made(tag, make)

    def _found(self, tag: str) -> Made | None:
        with self._lock:
            if tag in self._known:
                self._known.move_to_end(tag)
            return self._known.get(tag)

    def _made(self, tag: str, make: Callable[[], Made]) -> Made:
        with self._turns.of(tag):
            found = self._found(tag)
            if found is not None:
                return found
            made = make()
            with self._lock:
                self._known[tag] = made
                self._size += made.most_bytes
                while self._size > self._limit and len(self._known) > 1:
                    _, gone = self._known.popitem(last=False)
                    self._size -= gone.most_bytes
            return made


def hashed(*parts: object) -> str:
    """A weak tag of what an answer hangs on: packed or not, it says the same."""
    text = json.dumps([str(it) for it in parts], ensure_ascii=False)
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def answered(
    request: Request, tag: str, kept: Kept, make: Callable[[], Made], media_type: str = "application/json"
) -> Response:
    """304, or the answer in JSON that is kept or made, packed for whom takes that."""
    headers = {"ETag": tag, "Vary": "Accept-Encoding"}
    if unchanged(request, tag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    answer = kept.get(tag, make)
    if answer.link:
        headers["Link"] = answer.link
    body = answer.body
    if takes_gzip(request.headers.get("Accept-Encoding", "")) and answer.packed:
        headers["Content-Encoding"], body = "gzip", answer.packed
    return Response(body, media_type=media_type, headers=headers)


def takes_gzip(accepted: str) -> bool:
    """Whether Accept-Encoding lets an answer be packed (a weight of 0 forbids it)."""
    for part in accepted.split(","):
        coding, _, weight = part.replace(" ", "").partition(";q=")
        if coding.casefold() in {"gzip", "*"}:
            return not re.fullmatch(r"0(\.0*)?", weight)
    return False


def _bare(tag: str) -> str:
    return tag.removeprefix("W/").strip('"')
