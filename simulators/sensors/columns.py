"""What a sensor measures over time, as columns, and the readings that these become."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from core.model.samples import Reading


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One quantity over time: values of shape (n,), NaN where the probe fails.

    ``per`` is the resolution: so many steps to one unit (10: to 0.1; 2: to 0.5).
    """

    quantity: str
    unit: str
    values: Floats
    per: int = 1_000

    def rounded(self) -> Column:
        """The column as the sensor's resolution tells it; 0 is never written as −0."""
        return replace(self, values=np.rint(self.values * self.per) / self.per + 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of one length at instants of shape (n,), ms since 1970 UTC, rising."""

    ts_ms: Ints
    columns: tuple[Column, ...]

    def __len__(self) -> int:
        return len(self.ts_ms)

    def __getitem__(self, quantity: str) -> Floats:
        """The values of a quantity; raises ``KeyError`` where there is none such."""
        for column in self.columns:
            if column.quantity == quantity:
                return column.values
        raise KeyError(quantity)

    def where(self, kept: Bools) -> Table:
        """Only some of the rows."""
        return Table(self.ts_ms[kept], tuple(replace(c, values=c.values[kept]) for c in self.columns))

    def readings(self, device: str, *, failures: bool = False) -> list[Reading]:
        """All values by time, at each instant in the order of the columns; what is NaN only with ``failures``."""
        lists = [column.values.tolist() for column in self.columns]
        names = [(column.quantity, column.unit) for column in self.columns]
        whole = failures or not any(np.isnan(column.values).any() for column in self.columns)
        return [
            Reading(device, ts, quantity, values[i], unit)
            for i, ts in enumerate(self.ts_ms.tolist())
            for (quantity, unit), values in zip(names, lists, strict=True)
            if whole or not math.isnan(values[i])
        ]


def instants(start_ms: int, end_ms: int, every_ms: int, phase_ms: int = 0) -> Ints:
    """The instants of a sensor that measures every so often: from ``start_ms + phase_ms`` to ``end_ms``, shape (n,)."""
    return np.arange(start_ms + phase_ms, end_ms + 1, every_ms, dtype=np.int64)


def noisy(values: Floats, sd: float, rng: np.random.Generator, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Values with a sensor's noise, within the limits of what it can say."""
    return np.clip(values + sd * rng.standard_normal(len(values)), low, high)


def table(ts_ms: Ints, columns: Sequence[Column]) -> Table:
    """A table whose values are what the sensors' resolutions tell."""
    return Table(ts_ms, tuple(column.rounded() for column in columns))
