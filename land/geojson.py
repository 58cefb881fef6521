"""The CRS that a GeoJSON states: WGS 84, unless it has the ``crs`` member of the format's first version.

GDAL honours that member where it knows the name, and silently takes WGS 84 where it does not.
Source: RFC 7946, section 4; GeoJSON format specification 1.0 (2008), section 3.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from core.errors import FieldFileError
from land.crs import WGS84

_LOOKED_AT_B: Final = 1 << 16
_MEMBER: Final = re.compile(rb'"crs"\s*:\s*(null|\{[^{}]*(?:\{[^{}]*\})?[^{}]*\})')
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_CRS84: Final = re.compile(r"(?:^|:)CRS84$", re.IGNORECASE)


def stated_crs(path: Path, by_gdal: str) -> str:
    """The CRS of a GeoJSON file, "" where it says that it has none.

    Args:
        path: The file; the member is looked for at its beginning and end.
        by_gdal: What GDAL makes of the file, for other kinds of JSON.

    Raises:
        FieldFileError: The member is neither null nor a name.
    """
    found = _member(path)
    if found is None:
        return by_gdal
    if found[1] == b"null":
        return ""
    try:
        member = json.loads(found[1])
        name = member["properties"]["name"]
    except (ValueError, KeyError, TypeError):
        if b'"EPSG"' in found[1] or b'"wkid"' in found[1]:
            return by_gdal
        raise FieldFileError(
            f"{path.name}: its crs member holds no name: {found[1].decode(errors='replace')}"
        ) from None
    return WGS84 if _CRS84.search(str(name)) else str(name)


def _member(path: Path) -> re.Match[bytes] | None:
    """The member of the document itself, not of a feature in it: one brace is open before it, one closed after it."""
    with path.open("rb") as file:
        head = file.read(_LOOKED_AT_B)
        size = file.seek(0, 2)
        file.seek(max(len(head), size - _LOOKED_AT_B))
        tail = file.read()
    at_start = (m for m in _MEMBER.finditer(head) if _open_braces(head[: m.start()]) == 1)
    at_end = (m for m in _MEMBER.finditer(tail) if _open_braces(tail[m.end() :]) == -1)
    return next(at_start, None) or next(at_end, None)


def _open_braces(text: bytes) -> int:
    """How many braces a piece of JSON opens more than it closes."""
    bare = _STRING.sub(b"", text)
    return bare.count(b"{") - bare.count(b"}")
