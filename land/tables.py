"""Tables as text: separator, encoding and header row found, every row with its line. For CSV, TSV and printed lists."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from core.errors import FieldFileError
from land import encodings
from land.layers import plain_name

Header = tuple[tuple[str, ...], ...]

_SEPARATORS: Final = (";", "\t", ",", "|")
_HEADER_WITHIN: Final = 30
_MARKS: Final = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


@dataclass(frozen=True, slots=True)
class Table:
    """``header`` as written; ``rows`` padded to its length; ``lines`` the line of each row, from 1."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]
    encoding: str
    separator: str

    def position(self, wanted: tuple[str, ...]) -> int | None:
        """Where the first wanted column stands (names as ``plain_name`` makes them)."""
        plain = [plain_name(name) for name in self.header]
        return next((plain.index(name) for name in wanted if name in plain), None)


def text_of(path: Path, encoding: str | None = None) -> tuple[str, str]:
    """The text of a file and its encoding: the one given, that of its byte order mark, else by the words in it.

    Raises:
        FieldFileError: The file is not text.
    """
    raw = path.read_bytes()
    marked = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), None)
    if marked is None and b"\0" in raw[:4096]:
        raise FieldFileError(f"{path.name}: is no text file (byte {raw.index(0)} is zero)")
    chosen = encoding or marked or encodings.recognised(raw.splitlines())
    if chosen.startswith("utf"):
        try:
            return raw.decode(chosen), chosen
        except UnicodeDecodeError as error:
            raise FieldFileError(
                f"{path.name}: byte {error.start} is no {chosen.upper()}; name the encoding (tcvn3, vni, cp1258)"
            ) from error
    return encodings.decode(raw, chosen), chosen


def read_table(path: Path, headers: Sequence[Header], encoding: str | None = None) -> tuple[Table, int] | None:
    """The table of a text file.

    Args:
        path: The file.
        headers: What a header may be: groups of column names, one of each group. The first of these kinds that a row
            (of the first 30) matches is taken.
        encoding: Of the file, where it is known better.

    Returns:
        The table and which kind of header it has, None where no row is such a header.
    """
    text, used = text_of(path, encoding)
    for separator in _by_frequency(text):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        try:
            top = [(reader.line_num, [cell.strip() for cell in row]) for row in islice(reader, _HEADER_WITHIN)]
            for kind, needed in enumerate(headers):
                for at, (_, cells) in enumerate(top):
                    names = {plain_name(cell) for cell in cells}
                    if all(names.intersection(group) for group in needed):
                        rest = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
                        above = top[at - 1][1] if at else []
                        return _table(_headed(cells, above), [*top[at + 1 :], *rest], used, separator), kind
        except csv.Error as error:
            raise FieldFileError(f"{path.name}: line {reader.line_num}: {error}") from error
    return None


def _headed(cells: list[str], above: list[str]) -> list[str]:
    """A header whose empty cells are named in the row above it (a heading over two rows)."""
    return [cell or (above[at] if at < len(above) else "") for at, cell in enumerate(cells)]


def _table(header: list[str], rows: list[tuple[int, list[str]]], encoding: str, separator: str) -> Table:
    width = len(header)
    kept = [(line, row) for line, row in rows if any(row)]
    padded = [(row + [""] * (width - len(row)))[:width] for _, row in kept]
    return Table(header, padded, [line for line, _ in kept], encoding, separator)


def _by_frequency(text: str) -> list[str]:
    """The separators, the one that most of the first lines hold first."""
    lines = text.splitlines()[:_HEADER_WITHIN]
    holds = Counter({s: sum(s in line for line in lines) for s in _SEPARATORS})
    return sorted(_SEPARATORS, key=lambda s: (-holds[s], _SEPARATORS.index(s)))
