"""Restlessness on a grid of whole steps: slow errors, what follows them, and where spans of trouble lie.

Columns are looked up between grid points by a straight line. Loops run over seconds, never over fixes; they use sums,
products and square roots only, so that every processor finds the same digits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints

STEP_MS: Final = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Seconds:
    """Whole seconds that span some instants, and where those instants lie between them."""

    start_ms: int
    count: int

    @classmethod
    def over(cls, first_ms: int, last_ms: int) -> Seconds:
        """The whole seconds from at or before the first instant to after the last."""
        start = first_ms // STEP_MS * STEP_MS
        return cls(start, (last_ms - start) // STEP_MS + 2)

    @property
    def times_ms(self) -> Ints:
        """The grid, shape (count,)."""
        return self.start_ms + STEP_MS * np.arange(self.count, dtype=np.int64)

    def weights(self, ts_ms: Ints) -> tuple[Ints, Floats]:
        """For each instant the grid point before it, and its share of the way to the next."""
        since = ts_ms - self.start_ms
        before = since // STEP_MS
        return before, (since - before * STEP_MS) / STEP_MS

    def inside(self, first_ms: int, last_ms: int) -> Ints:
        """The grid's instants that lie strictly between two others."""
        low = first_ms // STEP_MS + 1
        return STEP_MS * np.arange(low, -(-last_ms // STEP_MS), dtype=np.int64)


def between(values: Floats, before: Ints, share: Floats) -> Floats:
    """Values of a grid at the places that :meth:`Seconds.weights` found."""
    here = values[before]
    return here + (values[before + 1] - here) * share


def gauss_markov(count: int, sd: float, tau_s: float, rng: np.random.Generator) -> Floats:
    """A stationary Gauss–Markov process (first-order autoregression) on the grid, standard deviation ``sd``."""
    if sd <= 0.0:
        return np.zeros(count)
    keep = math.exp(-STEP_MS / 1000.0 / tau_s)
    drive = sd * math.sqrt(1.0 - keep * keep)
    noise = rng.standard_normal(count).tolist()
    value = sd * noise[0]
    found = [value]
    for step in noise[1:]:
        value = keep * value + drive * step
        found.append(value)
    return np.array(found)


def followed(values: Floats, gain: float) -> Floats:
    """What a controller makes of a course: at every grid point it makes up for a share ``gain`` of what is left."""
    at = float(values[0])
    found = [at]
    for value in values[1:].tolist():
        at += gain * (value - at)
        found.append(at)
    return np.array(found)


def spans(count: int, per_hour: float, shortest_s: float, longest_s: float, rng: np.random.Generator) -> list[slice]:
    """Where something befalls a grid that many times an hour, as slices of the grid, each of a random length."""
    number = int(rng.poisson(per_hour * count * STEP_MS / 3_600_000.0)) if per_hour > 0.0 else 0
    found: list[slice] = []
    for start, length in zip(rng.random(number).tolist(), rng.random(number).tolist(), strict=True):
        first = int(start * count)
        seconds = shortest_s + (longest_s - shortest_s) * length
        found.append(slice(first, min(count, first + max(1, round(seconds * 1000.0 / STEP_MS)))))
    return sorted(found, key=lambda part: (part.start, part.stop))
