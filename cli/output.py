"""How commands speak: tables or one JSON document on stdout, progress and log on stderr.

JSON has no NaN: what is not known is ``null``. Keys carry their units (``net_m2``, ``distance_m``).
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgspec

from core.model.enums import Word

_PIPED_WIDTH = 240
"""Columns of a table that goes to a file or another program: nothing is folded for want of room."""


def plain(value: Any) -> Any:
    """Turn dataclasses, enumerations, NaN and NumPy scalars into what JSON can say."""
    match value:
        case Enum():
            return value.word if isinstance(value, Word) else value.value
        case Mapping():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
        case float():
            return float(value) if math.isfinite(value) else None
        case _:
            return {n: plain(getattr(value, n)) for n in names} if (names := _fields(value)) else value


def _fields(value: Any) -> tuple[str, ...]:
    """The fields of a dataclass or of a struct of msgspec; none for anything else."""
    if isinstance(value, msgspec.Struct):
        return value.__struct_fields__
    return tuple(f.name for f in fields(value)) if is_dataclass(value) and not isinstance(value, type) else ()


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    json.dump(plain(document), sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def number(value: float | None, digits: int = 2) -> str:
    """A figure with a fixed number of decimals; a dash where it is not known."""
    return "–" if value is None or math.isnan(value) else f"{value:,.{digits}f}"


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
    """A table on stdout: the first ``left`` columns are text, the others figures."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(title=Text(title), title_justify="left")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="left" if i < left else "right", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))  # never as markup: what a device sent may stand in a cell
    width = None if sys.stdout.isatty() else _PIPED_WIDTH
    Console(file=sys.stdout, width=width).print(table)


def note(text: str) -> None:
    """One line for the person, on stderr."""
    print(text, file=sys.stderr, flush=True)
