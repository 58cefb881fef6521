"""JSON in the one canonical form that gets hashed and signed: JCS, the JSON Canonicalization Scheme (RFC 8785)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

_EXACT: Final = 2**53
"""Integers beyond this have no double of their own: RFC 8785 cannot say them."""
_PLAIN: Final = (-6, 21)
"""Exponents between which ECMAScript writes a number without one (ECMA-262, Number::toString)."""


def canonical(value: Any) -> bytes:
    """A JSON value in UTF-8: members sorted by their UTF-16 code units, no space, numbers as ECMAScript writes them.

    Raises:
        ValueError: It holds a NaN, an infinite number, an integer beyond 2^53, or what JSON has no word for.
    """
    return _text(value).encode()


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, as hex."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: Any) -> str:
    match value:
        case None | bool() | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > _EXACT:
                raise ValueError(f"{value} is too large for a number of JSON; write it as text")
            return str(int(value))
        case float():
            return _number(value)
        case Mapping():
            members = sorted(value.items(), key=lambda it: str(it[0]).encode("utf-16-be"))
            return "{" + ",".join(f"{json.dumps(str(k), ensure_ascii=False)}:{_text(v)}" for k, v in members) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_text, value)) + "]"
        case _:
            raise ValueError(f"JSON has no word for {type(value).__name__}")


def _number(value: float) -> str:
    """The shortest digits that give the same double (which ``repr`` finds, too), laid out as ECMAScript does."""
    if not math.isfinite(value):
        raise ValueError(f"JSON has no word for {value}")
    if value == 0.0:
        return "0"
    sign, digits, exponent = Decimal(repr(float(value))).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    point = len(digits) + int(exponent)
    lowest, highest = _PLAIN
    if lowest < point <= highest:
        if point <= 0:
            written = "0." + "0" * -point + text
        elif len(text) <= point:
            written = text + "0" * (point - len(text))
        else:
            written = f"{text[:point]}.{text[point:]}"
    else:
        mantissa = text[0] + (f".{text[1:]}" if len(text) > 1 else "")
        written = f"{mantissa}e{point - 1:+d}"
    return f"-{written}" if sign else written
