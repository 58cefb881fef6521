"""CSV as columns without a Python object per cell: millions of numbers a second, exactly as ``float`` reads them.

The bytes are cut at delimiters and line ends with NumPy. A decimal number becomes an integer over a power of ten, which
is the nearest double as long as both are exact; the few others (exponents, more digits) go through ``float``.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from core.model.fixtable import Bools, Floats, Ints, Labels

_NEWLINE, _QUOTE, _MINUS, _PLUS, _POINT, _ZERO, _BLANKS = 10, 34, 45, 43, 46, 48, (32, 9, 13)
_UNIT: Final = "\x1f"
_WIDEST: Final = 64
"""Longest cell that is read by columns; longer ones are cut and count as no number."""
_DIGITS: Final = 15
"""Decimal digits that always fit into a double."""
_NINE: Final = 9


@dataclass(frozen=True)
class Cells:
    """The cells of the rows with as many cells as there are names.

    ``start`` and ``end`` are places in ``data``, shape (rows, names); ``line`` is the line of each row; ``odd`` are
    the lines of rows that have another number of cells.
    """

    data: Any
    names: tuple[str, ...]
    start: Ints
    end: Ints
    line: Ints
    odd: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.line)

    @cached_property
    def _column(self) -> dict[str, int]:
        return {name: k for k, name in reversed(list(enumerate(self.names)))}

    def bytes_of(self, name: str) -> Any:
        """A column as fixed-width bytes without blanks around, shape (rows,)."""
        start, width = self._trimmed(name)
        widest = min(int(width.max(initial=1)), _WIDEST)
        made = np.zeros((len(self), max(widest, 1)), np.uint8)
        for k in range(widest):
            inside = width > k
            made[inside, k] = self.data[start[inside] + k]
        return np.ascontiguousarray(made).view(f"S{made.shape[1]}").reshape(-1)

    def texts(self, name: str) -> Labels:
        """A column of texts with few distinct values."""
        cells = self.bytes_of(name)
        if not len(cells):
            return Labels.of([])
        cuts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
        runs = Labels.of([c.decode("utf-8", "replace") for c in cells[cuts].tolist()])
        return Labels(np.repeat(runs.codes, np.diff(np.append(cuts, len(cells)))), runs.labels)

    def numbers(self, name: str) -> tuple[Floats, Bools]:
        """A column of numbers (NaN for blanks), and which cells hold anything else, each of shape (rows,)."""
        start, width = self._trimmed(name)
        plain, mantissa, decimals = self._decimal(start, width)
        with np.errstate(invalid="ignore"):
            values = mantissa / 10.0**decimals
        values[width == 0] = np.nan
        wrong: Bools = np.zeros(len(self), np.bool_)
        for row in np.flatnonzero(~plain & (width > 0)).tolist():
            text = self.data[start[row] : start[row] + width[row]].tobytes()
            try:
                values[row] = float(text.replace(b"_", b"?"))  # Python's own digit groups are no number here
            except ValueError:
                values[row], wrong[row] = np.nan, True
        return values, wrong

    def _trimmed(self, name: str) -> tuple[Ints, Ints]:
        """Where the cells of a column begin, and their lengths without blanks around."""
        k = self._column[name]
        start, end = self.start[:, k].copy(), self.end[:, k].copy()
        for _ in range(_WIDEST):
            blank = (end > start) & np.isin(self.data[np.minimum(start, len(self.data) - 1)], _BLANKS)
            if not blank.any():
                break
            start[blank] += 1
        for _ in range(_WIDEST):
            blank = (end > start) & np.isin(self.data[np.maximum(end - 1, 0)], _BLANKS)
            if not blank.any():
                break
            end[blank] -= 1
        return start, end - start

    def _decimal(self, start: Ints, width: Ints) -> tuple[Bools, Floats, Ints]:
        """Which cells are plain decimal numbers, their digits as a number with its sign, and how many decimals."""
        first = self.data[np.minimum(start, len(self.data) - 1)]
        negative = (first == _MINUS) & (width > 0)
        signed = negative | ((first == _PLUS) & (width > 0))
        mantissa = np.zeros(len(start), np.int64)
        digits, decimals = np.zeros((2, len(start)), np.int64)
        pointed: Bools = np.zeros(len(start), np.bool_)
        plain: Bools = width <= _DIGITS + 5
        for k in range(int(min(width.max(initial=0), _DIGITS + 5))):
            inside = (width > k) & ~(signed & (k == 0))
            byte = self.data[np.minimum(start + k, len(self.data) - 1)]
            digit = byte - np.uint8(_ZERO)
            numeral = inside & (digit <= _NINE)
            point = inside & (byte == _POINT)
            plain &= ~inside | numeral | (point & ~pointed)
            mantissa = np.where(numeral, mantissa * 10 + digit, mantissa)
            digits += numeral & (mantissa > 0)
            decimals += numeral & pointed
            pointed |= point
        plain &= (digits <= _DIGITS) & ((digits > 0) | (decimals > 0) | ((mantissa == 0) & (width > signed + pointed)))
        return plain, np.where(negative, -mantissa.astype(np.float64), mantissa.astype(np.float64)), decimals


def delimiter_of(header: str) -> str:
    """What stands between the names of a header: comma, semicolon or tab."""
    return max(",;\t", key=header.count)


def cells_of(text: bytes) -> Cells:
    """Cut a CSV file with a header line into cells; decimal commas between semicolons become points.

    Args:
        text: The file, UTF-8, with or without a byte-order mark, any line ends.
    """
    text = text.removeprefix(b"\xef\xbb\xbf")
    head = text.lstrip(b"\r\n").partition(b"\n")[0].decode("utf-8", "replace")
    delimiter = delimiter_of(head)
    if b'"' in text:
        return _quoted(text.decode("utf-8", "replace"), delimiter)
    if delimiter == ";":
        text = text.replace(b",", b".")
    if b"\r" in text and b"\r\n" not in text:
        text = text.replace(b"\r", b"\n")
    return _cut(text, delimiter, None)


def _quoted(text: str, delimiter: str) -> Cells:
    """A file with quotes: taken apart by ``csv``, and put together with a delimiter that no cell holds."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[str] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row:
                cleaned = [cell.replace("\n", " ").replace("\r", " ").replace(_UNIT, " ") for cell in row]
                if delimiter == ";" and rows:
                    cleaned = [cell.replace(",", ".") for cell in cleaned]
                rows.append(_UNIT.join(cleaned))
                lines.append(reader.line_num)
    except csv.Error:
        lines.append(reader.line_num)
        rows.append("")
    return _cut("\n".join(rows).encode(), _UNIT, np.array(lines, np.int64))


def _cut(text: bytes, delimiter: str, lines: Ints | None) -> Cells:
    """Cells of a text without quotes; ``lines`` are the numbers of its lines where they are not 1, 2, 3 ..."""
    data = np.frombuffer(text if text.endswith(b"\n") else text + b"\n", np.uint8)
    marks = np.flatnonzero((data == ord(delimiter)) | (data == _NEWLINE))
    last = np.flatnonzero(data[marks] == _NEWLINE)
    ends = marks[last]
    begin = np.append(0, ends[:-1] + 1)
    length = ends - begin
    empty = (length == 0) | ((length == 1) & (data[begin] == 13))  # noqa: PLR2004 - a carriage return
    cells = np.diff(last, prepend=-1)
    number = np.arange(1, len(ends) + 1) if lines is None else lines[: len(ends)]
    filled = np.flatnonzero(~empty)
    if not len(filled):
        none = np.empty((0, 0), np.int64)
        return Cells(data, (), none, none, np.empty(0, np.int64), ())
    top = filled[0]
    header = data[begin[top] : ends[top]].tobytes().decode("utf-8", "replace")
    names = tuple(name.strip().strip('"').casefold() for name in header.split(delimiter))
    body = filled[1:]
    good = body[cells[body] == len(names)]
    odd = number[body[cells[body] != len(names)]]
    end = marks[(last[good] - len(names) + 1)[:, None] + np.arange(len(names))]
    start = np.hstack([begin[good][:, None], end[:, :-1] + 1]) if len(names) > 1 else begin[good][:, None]
    return Cells(data, names, start, end, number[good], tuple(odd.tolist()))
