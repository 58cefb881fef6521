"""All rows of one kind of message in a log, as columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.model.fixtable import Bools, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Message:
    """All rows of one message.

    ``at`` holds where each stands in the order of the log (byte, line or record stamp), shape (n,). ``numbers`` and
    ``texts`` hold the columns by name, numbers in the unit that the message documents, each of shape (n,).
    """

    at: Floats
    numbers: Mapping[str, Floats] = field(default_factory=dict)
    texts: Mapping[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.at)

    def get(self, *names: str) -> Floats:
        """The first column that the log has of several names, NaN where it has none."""
        found = next((self.numbers[n] for n in names if n in self.numbers), None)
        return np.full(len(self), np.nan) if found is None else found

    def where(self, rows: Bools) -> Message:
        """The rows of a mask of shape (n,)."""
        texts = {n: [v for v, kept in zip(c, rows.tolist(), strict=True) if kept] for n, c in self.texts.items()}
        return Message(self.at[rows], {n: c[rows] for n, c in self.numbers.items()}, texts)
