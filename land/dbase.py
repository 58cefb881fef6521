"""What GDAL leaves out of a dBASE table: its stated encoding, and decimals that it does not expect.

Some programs write "2499,2" into a numeric column, of which GDAL reads 2499; or "2499.2" into one that is declared to
have no decimals, of which it reads the same.
Source: dBASE III table file format (header of 32 bytes, a descriptor of 32 bytes per field, records of fixed length).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from core.model.fixtable import Floats
from land import numbers

_HEADER_B: Final = 32
_HEADER_END: Final = 0x0D
_LANGUAGE_BYTE: Final = 29
_NUMERIC: Final = frozenset("NF")
_DELETED: Final = 0x2A
_LANGUAGES: Final = {0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x57: "cp1252"}


@dataclass(frozen=True, slots=True)
class DbaseExtras:
    """``stated`` is the encoding of the .cpg, else of the header ("" for neither).

    ``mended`` holds the numeric columns with decimals that GDAL drops, by their position among the fields, shape (n,)
    each.
    """

    stated: str = ""
    mended: dict[int, Floats] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Field:
    """A column: its kind, where it starts in the record (after the deletion mark), its width, its declared decimals."""

    kind: str
    start: int
    width: int
    decimals: int


def extras(shapefile: Path) -> DbaseExtras:
    """What the .dbf and .cpg beside a shapefile say; nothing where there is none or it is damaged."""
    table = _beside(shapefile, ".dbf")
    if table is None:
        return DbaseExtras()
    page = _beside(shapefile, ".cpg")
    content = table.read_bytes()
    if len(content) < _HEADER_B:
        return DbaseExtras()
    stated = _LANGUAGES.get(content[_LANGUAGE_BYTE], "")
    if page is not None:
        stated = page.read_bytes()[:64].decode("ascii", errors="ignore").strip() or stated
    return DbaseExtras(stated, _mended_columns(content))


def _beside(path: Path, suffix: str) -> Path | None:
    """The companion of a file, in either case."""
    return next((p for s in (suffix, suffix.upper()) if (p := path.with_suffix(s)).exists()), None)


def _mended_columns(content: bytes) -> dict[int, Floats]:
    """The numeric columns in which a comma stands, or a point where none is declared."""
    count, header_b, record_b = struct.unpack_from("<IHH", content, 4)
    body = content[header_b : header_b + count * record_b]
    if not record_b or len(body) < record_b:
        return {}
    records = np.frombuffer(body, np.uint8, len(body) // record_b * record_b).reshape(-1, record_b)
    kept = records[records[:, 0] != _DELETED]
    found: dict[int, Floats] = {}
    for position, column in enumerate(_fields(content[:header_b])):
        cells = kept[:, column.start : column.start + column.width]
        lost = b"," if column.decimals else b",."
        if column.kind in _NUMERIC and np.isin(cells, list(lost)).any():
            found[position] = numbers.column([cell.tobytes().decode("latin-1").strip(" \0*") for cell in cells])
    return found


def _fields(header: bytes) -> list[_Field]:
    """The fields of a table."""
    found: list[_Field] = []
    start = 1
    for at in range(_HEADER_B, len(header) - _HEADER_B + 1, _HEADER_B):
        if header[at] == _HEADER_END:
            break
        found.append(_Field(chr(header[at + 11]), start, header[at + 16], header[at + 17]))
        start += found[-1].width
    return found
