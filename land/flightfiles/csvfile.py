"""Comma-separated text that a spreadsheet opens without running anything in it.

A text that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection); numbers are left
as they are. Times stand in UTC and in local time. Shapes are not written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from core.exports import Kind, Order, listed

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = "\ufeff"


def stream(order: Order) -> Iterator[bytes]:
    """A header, and a line per row; UTF-8, lines end with CR LF (RFC 4180)."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    if order.bom:
        buffer.write(_BOM)
    writer.writerow([column.name for column in order.columns])
    yield _taken(buffer)
    for rows in order.rows:
        columns = listed(order.columns, rows)
        shown = [_shown(column.kind, values) for column, values in zip(order.columns, columns, strict=True)]
        writer.writerows(zip(*shown, strict=True))
        yield _taken(buffer)


def _shown(kind: Kind, values: list[Any]) -> list[Any]:
    if kind is Kind.FLAG:
        return ["true" if it else "false" for it in values]
    if kind is Kind.TEXT:
        safe = {it: unformulated(it) for it in set(values) if it is not None}
        return [safe.get(it, "") for it in values]
    return values


def unformulated(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _taken(buffer: io.StringIO) -> bytes:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text.encode()
