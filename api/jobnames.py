"""Jobs in paths: drones and people call them what they like, also "vụ 3/2026 & 50%".

A server hands paths over with ``%2F`` decoded, so that a slash of the name cannot be told from one of the path. Here
the name in the path keeps its encoded slashes and percent signs until :class:`JobConvertor` decodes them.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from starlette.convertors import Convertor, register_url_convertor
from starlette.types import ASGIApp, Receive, Scope, Send

_JOB: Final = re.compile(rb"((?:/v1/cooperatives|/statements)/[^/]+/jobs/)([^/]+)(.*)", re.DOTALL)
_ENCODED: Final = re.compile(rb"%(2[fF]|25)")
_KEPT: Final = re.compile(r"%(2[fF]|25)")


class JobConvertor(Convertor[str]):
    """``{job:job}`` in a route: one part of the path, as :class:`JobNames` leaves it."""

    regex = "[^/]+"

    def convert(self, value: str) -> str:
        """The name."""
        return _KEPT.sub(lambda found: unquote(found[0]), value)

    def to_string(self, value: str) -> str:
        """The part of a path."""
        return value.replace("%", "%25").replace("/", "%2F")


register_url_convertor("job", JobConvertor())


class JobNames:
    """ASGI middleware, the outermost one: what is behind it sees one path for one job."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and b"%2" in (raw := scope.get("raw_path") or b""):
            root = scope.get("root_path", "").encode()
            found = _JOB.fullmatch(raw.removeprefix(root))
            if found is not None:
                kept = _ENCODED.sub(rb"%25\1", found[2])
                scope["path"] = unquote((root + found[1] + kept + found[3]).decode("latin-1"))
        await self._app(scope, receive, send)
