"""One row of a record by quantity, and the account of what was assumed and what was wrong while reading it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ingest.servicerecords.cells import NAN, is_blank, number, time_ms
from ingest.servicerecords.columns import Column
from ingest.servicerecords.table import Table
from ingest.servicerecords.words import fold

SHOWN: Final = 3
ID_MAX: Final = 56


@dataclass(slots=True)
class Row:
    """The cells of one row by quantity: several columns may hold the same quantity, the first that tells wins."""

    number: int
    cells: dict[str, list[tuple[Column, str]]]

    def text(self, quantity: str) -> str:
        """The first cell of a quantity that is not blank."""
        return next((t.strip() for _, t in self.cells.get(quantity, ()) if not is_blank(t)), "")


@dataclass(slots=True)
class Reader:
    """Reads the rows of one table and keeps account of what was assumed and what was wrong."""

    table: Table
    notes: list[str] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Keep an assumption, once."""
        if text and text not in self.notes:
            self.notes.append(text)

    def fault(self, reason: str, row: int, detail: str) -> None:
        """Count something wrong, and keep the first few with their line."""
        self.faults[reason] += 1
        shown = self.examples.setdefault(reason, [])
        if len(shown) < SHOWN:
            shown.append(f"{self.table.place} {row}: {detail}")

    def value(self, row: Row, quantity: str) -> float:
        """A quantity in the model's unit, NaN where the row does not tell it; unreadable cells are counted."""
        wrong = ""
        for column, text in row.cells.get(quantity, ()):
            try:
                value = number(text, column, decimal_comma=self.table.decimal_comma)
            except ValueError as error:
                wrong = wrong or f"{column.text!r}: {error}"
                continue
            if not np.isnan(value):
                self.note(column.note)
                return value
        if wrong:
            self.fault(f"bad-{quantity}", row.number, wrong)
        return NAN

    def time(self, row: Row, quantity: str) -> int | None:
        """A time in ms UTC; None where the row tells none or an unreadable one."""
        for column, text in row.cells.get(quantity, ()):
            if is_blank(text):
                continue
            try:
                ms, note = time_ms(text, column)
            except (ValueError, OverflowError) as error:
                self.fault(f"bad-{quantity}", row.number, f"{column.text!r}: {error}")
                continue
            self.note(note)
            return ms
        return None

    def problems(self) -> tuple[str, ...]:
        """Everything that was assumed or wrong, in words."""
        counted = [f"{n} × {reason} ({'; '.join(self.examples[reason])})" for reason, n in self.faults.items()]
        return (*self.table.problems, *self.notes, *counted)


def device_id(text: str, otherwise: str) -> str:
    """A stable device identifier of lower-case letters, digits and hyphens, short enough for a topic with a prefix."""
    return re.sub(r"[^a-z0-9]+", "-", fold(text)).strip("-")[:ID_MAX].rstrip("-") or otherwise
