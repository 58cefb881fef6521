"""Names of administrative units as people write them: with or without case, accents, and the word for their kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from land.layers import plain_name

_KINDS: Final = ("thành phố", "thị trấn", "thị xã", "đặc khu", "tỉnh", "quận", "huyện", "phường", "xã")
_PLAIN_KINDS: Final = tuple(f"{plain_name(kind)}_" for kind in _KINDS)
_SHORT_KIND: Final = re.compile(r"\s*(?:t\.?p|t\.?x|t\.?t|đ\.?k|[ptxqh](?=\.))\b[.\s]*", re.IGNORECASE)
"""TP, TX, TT, ĐK with or without a full stop; P., X., Q., H., T. only with one, since names may begin with a letter."""


def bare_key(official: str) -> str:
    """The key of a name as the source writes it, its kind taken off: "Phường An Xuyên" is ``anxuyen``."""
    small = official.casefold()
    return _key(next((small[len(kind) :] for kind in _KINDS if small.startswith(f"{kind} ")), small))


def asked_keys(name: str) -> Iterator[str]:
    """The keys that a person's writing of a name may mean, the likeliest first.

    Without accents "Quan Son" is the name Quan Sơn or the kind Quận and the name Sơn: the name as a whole goes first.
    """
    yield _key(name)
    short = _SHORT_KIND.match(name)
    if short is not None:
        yield _key(name[short.end() :])
    plain = plain_name(name)
    yield from (_key(plain[len(kind) :]) for kind in _PLAIN_KINDS if plain.startswith(kind))


def _key(name: str) -> str:
    """Letters and digits only, in lower case without accents; "01" is 1."""
    key = plain_name(name).replace("_", "")
    return (key.lstrip("0") or key) if key.isdigit() else key
