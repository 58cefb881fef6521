"""Data quality as the law asks for it: "đúng, đủ, sạch, sống" – correct, complete, clean, live.

Four scores from 0 to 1 for a device or a cooperative and a local day (docs/data-quality.md):

``correct``   of the samples that came, those that were neither rejected nor contradicted an earlier one
``complete``  of the samples that should have come, those that did: by sequence numbers for drones; for sensors by their
              usual step, the (lower) median time between two reports of the day
``clean``     of the stored samples, those with nothing odd about them (the limits of the settings)
``live``      of the samples that came, those that came within a minute after their device time

A score of which nothing is known (no sample, no sequence number, fewer than three reports) is NaN.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from core.model.ledger import DayAccount
from core.model.samples import NAN

MEASUREMENT: Final = "data_quality"
_FEWEST: Final = 3


class Quality(msgspec.Struct, frozen=True):
    """The four scores, and what they are computed from: samples received and stored, reports had and expected."""

    correct: float
    complete: float
    clean: float
    live: float
    received: int
    stored: int
    had: int
    expected: int


def quality(day: DayAccount, reports_ms: Sequence[int] = ()) -> Quality:
    """The scores of one device's day.

    Args:
        day: The ledger's page.
        reports_ms: For a device without sequence numbers: the times of its reports of that day, in ms.
    """
    had, expected = (day.seqs, day.span) if day.span else _by_step(reports_ms)
    return Quality(
        correct=_share(day.received - day.rejected - day.conflicts, day.received),
        complete=_share(had, expected),
        clean=_share(day.stored - day.flagged, day.stored),
        live=_share(day.live, day.received - day.rejected),
        received=day.received,
        stored=day.stored,
        had=had,
        expected=expected,
    )


def together(days: Iterable[DayAccount], parts: Iterable[Quality]) -> Quality:
    """The scores of several devices' day: of all their samples together."""
    found, known = list(days), list(parts)
    received = sum(day.received for day in found)
    rejected = sum(day.rejected for day in found)
    stored = sum(day.stored for day in found)
    had, expected = sum(q.had for q in known), sum(q.expected for q in known)
    return Quality(
        correct=_share(received - rejected - sum(day.conflicts for day in found), received),
        complete=_share(had, expected),
        clean=_share(stored - sum(day.flagged for day in found), stored),
        live=_share(sum(day.live for day in found), received - rejected),
        received=received,
        stored=stored,
        had=had,
        expected=expected,
    )


def _by_step(reports_ms: Sequence[int]) -> tuple[int, int]:
    """Reports that there were and that there should have been, by the median step between them."""
    times = sorted(set(reports_ms))
    if len(times) < _FEWEST:
        return 0, 0
    step_ms = statistics.median_low(after - before for before, after in pairwise(times))
    expected = round((times[-1] - times[0]) / step_ms) + 1
    return min(len(times), expected), expected


def _share(part: int, whole: int) -> float:
    return NAN if whole <= 0 else min(1.0, max(0.0, part / whole))


def values(it: Quality) -> dict[str, float]:
    """The scores as figures; what is not known is left out."""
    found = {name: float(getattr(it, name)) for name in it.__struct_fields__}
    return {name: value for name, value in found.items() if not math.isnan(value)}
