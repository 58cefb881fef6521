"""States and instants between fixes, on any scale that a log orders its messages by: boot time, stamps, or bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Floats, Ints
from core.model.samples import Event


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """Brings instants of a scale to UTC by the last row before them.

    ``at`` holds the rows' instants, rising, shape (n,), n > 0; ``utc_ms`` their times. ``unit_ms`` is the length of one
    unit of the scale in ms; 0 where it is no time (places in a file).
    """

    at: Floats
    utc_ms: Ints
    unit_ms: float

    def utc(self, instant: float) -> int:
        """An instant as ms since 1970 UTC."""
        i = max(int(np.searchsorted(self.at, instant, side="right")) - 1, 0)
        return int(self.utc_ms[i]) + round((instant - float(self.at[i])) * self.unit_ms)


def held(at: Floats, values: Floats, when: Floats, *, before: float) -> Floats:
    """The last value told at or before each instant.

    Args:
        at: Instants of the values, rising, shape (m,).
        values: Shape (m,).
        when: Shape (n,).
        before: What holds before the first value.

    Returns:
        Shape (n,).
    """
    i = np.searchsorted(at, when, side="right")
    return np.concatenate([[before], values])[i]


def changes(at: Floats, values: Floats) -> list[tuple[float, float]]:
    """Instants at which a state became another, with the new state; the first value is no change."""
    i = np.flatnonzero(np.diff(values)) + 1
    return list(zip(at[i].tolist(), values[i].tolist(), strict=True))


def switches(
    device: str, clock: Clock, at: Floats, values: Floats, kinds: tuple[EventKind, EventKind], *, first: Sequence[float]
) -> list[Event]:
    """Events of a state that became true (``kinds[0]``) or false (``kinds[1]``).

    ``first`` is a state to take as known before the first value, empty where it is not.
    """
    states = np.concatenate([np.asarray(first, np.float64), values])
    places = np.concatenate([at[: len(first)], at])
    return [Event(device, clock.utc(t), kinds[0] if state else kinds[1]) for t, state in changes(places, states)]
