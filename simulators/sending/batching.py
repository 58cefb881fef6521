"""Where the fixes of a device part into messages: by number, by the time that they span, at the device's events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Ints
from core.model.samples import Event

BATCH: Final = 10
"""Fixes in a message at most."""
OPENING: Final = frozenset({EventKind.TAKEOFF, EventKind.ARM, EventKind.ON})
"""Events that stand before a fix of their instant; the others stand behind it."""
_LONGEST_MS: Final = 10**15


def event_cuts(times_ms: Ints, events: Sequence[Event]) -> Ints:
    """Rows of fixes that begin a message because an event of their device stands before them.

    Args:
        times_ms: When each fix is due, shape (n,); never falls.
        events: The device's events, at times of the same clock.
    """
    opening = np.array([e.ts_ms for e in events if e.kind in OPENING], np.int64)
    closing = np.array([e.ts_ms for e in events if e.kind not in OPENING], np.int64)
    return np.concatenate([np.searchsorted(times_ms, opening, "left"), np.searchsorted(times_ms, closing, "right")])


def batch_ends(times_ms: Ints, cuts: Ints, span_ms: float, most: int = BATCH) -> Ints:
    """Row after the last of each message, shape (m,): as long messages as may be, from the first fix on.

    Args:
        times_ms: When each fix is due, shape (n,); never falls.
        cuts: Rows that have to begin a message.
        span_ms: Time from the first to the last fix of a message at most.
        most: Fixes in a message at most.
    """
    n = len(times_ms)
    if n == 0:
        return np.empty(0, np.int64)
    rows = np.arange(n)
    bounds = np.unique(np.append(cuts, n))
    next_cut = bounds[np.searchsorted(bounds, rows, "right")]
    latest = np.searchsorted(times_ms, times_ms + int(min(span_ms, _LONGEST_MS)), "right")
    reach: list[int] = np.minimum(np.minimum(rows + most, latest), next_cut).tolist()
    ends: list[int] = []
    row = 0
    while row < n:
        row = reach[row]
        ends.append(row)
    return np.array(ends, np.int64)
