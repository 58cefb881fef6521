"""What befell the samples of a device on their way: what a ledger has to find out."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Bools, Ints
from core.model.traffic import Sending

LATE_MS: Final = 60_000
"""What arrives later than this after it was taken counts as late, as in ingest's ledger."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What befell the samples (fixes, events or readings) of a device.

    Attributes:
        sent: Taken and handed to the modem.
        lost: Of these, never delivered.
        missing: Of the lost ones, fixes between two of their boot that were delivered: those that a receiver can miss.
        duplicated: Deliveries beyond the first.
        late: Deliveries more than a minute after the sample was taken, further ones included.
        unset: Taken while the clock was unset.
        untaken: Not taken, because the device was rebooting.
        reboots: How often it rebooted.
    """

    sent: int = 0
    lost: int = 0
    missing: int = 0
    duplicated: int = 0
    late: int = 0
    unset: int = 0
    untaken: int = 0
    reboots: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


def told(sending: Sending, again: Bools, times: Ints) -> Tally:
    """Count what was delivered of samples that were taken at these times."""
    counts = sending.end - sending.first
    before = np.searchsorted(times, sending.due_ms - LATE_MS, "left")
    late = np.clip(before - sending.first, 0, counts)
    return Tally(
        sent=len(times),
        lost=len(times) - int(_arrived(sending, len(times)).sum()),
        duplicated=int(counts[again].sum()),
        late=int(late.sum()),
    )


def _arrived(sending: Sending, n: int) -> Bools:
    """Which of n rows are delivered at least once."""
    steps = np.bincount(sending.first, minlength=n + 1) - np.bincount(sending.end, minlength=n + 1)
    return np.cumsum(steps)[:n] > 0


def missing(sending: Sending, boot: Ints, seq: Ints, boots: int) -> int:
    """Fixes that are lost between two of the same boot that are not."""
    there = np.flatnonzero(_arrived(sending, len(boot)))
    order = np.argsort(boot[there], kind="stable")
    rows = there[order]
    edges = np.searchsorted(boot[rows], np.arange(boots + 1))
    first, last = edges[:-1][np.diff(edges) > 0], edges[1:][np.diff(edges) > 0] - 1
    return int((seq[rows[last]] - seq[rows[first]] + 1).sum()) - len(rows)
