"""Readings in steps of time: of each quantity how many, the least, the mean, the most."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from core.model.samples import Reading


@dataclass(slots=True)
class Step:
    """One quantity in one step that begins at ``start_ms``; ``readings`` counts those that told a value."""

    start_ms: int
    quantity: str
    unit: str
    readings: int = 0
    total: float = 0.0
    least: float = math.inf
    most: float = -math.inf

    @property
    def mean(self) -> float:
        """The mean; NaN where no reading told a value."""
        return self.total / self.readings if self.readings else math.nan

    def add(self, value: float) -> None:
        """Count a reading; what tells no value is none."""
        if math.isfinite(value):
            self.readings += 1
            self.total += value
            self.least, self.most = min(self.least, value), max(self.most, value)


def steps_of(readings: Iterable[Reading], start_ms: int, step_ms: int) -> list[Step]:
    """Steps that hold a reading, by time and quantity; the first one begins at ``start_ms``.

    Readings of one quantity in two units are two steps: nothing is added up that has not the same unit.
    """
    found: dict[tuple[int, str, str], Step] = {}
    for it in readings:
        began = start_ms + (it.ts_ms - start_ms) // step_ms * step_ms
        step = found.setdefault((began, it.quantity, it.unit), Step(began, it.quantity, it.unit))
        step.add(it.value)
    return [found[key] for key in sorted(found)]
