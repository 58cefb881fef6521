"""What batch decides by the whole flight, counted so that a part of it need not be looked at again.

Four choices of the batch stages hang on all rows: whether reported speeds are trusted, above which speed a step is a
jump, above which time it is a gap, and whether the receiver counts as coarse. ``Counts`` are what they hang on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeVar

from geo.cleaning import LIMIT_MPS, TRUSTED_SHARE
from geo.parameters import Parameters

_Key = TypeVar("_Key", int, str)
FAST_MPS = LIMIT_MPS / 3.0
"""A median speed above this raises the limit for jumps."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Counts over some rows of a flight.

    ``steps`` lie between usable rows, ``explained`` of them fit the reported speeds, ``moving`` change the position,
    ``fast`` of those are so fast that they may raise the limit for jumps, ``odd`` are longer than the lowest limit
    allows. ``dts_ms`` are the times between believed rows, ``treated`` and ``coarse`` the treated steps.
    """

    steps: int = 0
    explained: int = 0
    moving: int = 0
    fast: int = 0
    odd: int = 0
    treated: int = 0
    coarse: int = 0
    dts_ms: Counter[int] = field(default_factory=Counter)

    def __add__(self, later: Counts) -> Counts:
        return Counts(
            self.steps + later.steps,
            self.explained + later.explained,
            self.moving + later.moving,
            self.fast + later.fast,
            self.odd + later.odd,
            self.treated + later.treated,
            self.coarse + later.coarse,
            summed(self.dts_ms, later.dts_ms),
        )

    @property
    def hard(self) -> bool:
        """Whether the limit for jumps itself hangs on all rows: a fast machine with steps that may be jumps."""
        return self.odd > 0 and 2 * self.fast >= self.moving


@dataclass(frozen=True, slots=True)
class Tally:
    """What adds up over some rows of a flight; ``width_m`` is the last swath width told, NaN where none was."""

    counts: Counts = field(default_factory=Counts)
    width_m: float = float("nan")
    fixes: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    distance_m: float = 0.0
    treated_m: float = 0.0
    bridged_m: float = 0.0

    def __add__(self, later: Tally) -> Tally:
        return Tally(
            self.counts + later.counts,
            self.width_m if later.width_m != later.width_m else later.width_m,
            self.fixes + later.fixes,
            summed(self.rejected, later.rejected),
            self.distance_m + later.distance_m,
            self.treated_m + later.treated_m,
            self.bridged_m + later.bridged_m,
        )


@dataclass(frozen=True, slots=True)
class Choices:
    """What the whole flight decides for each of its rows."""

    trusted: bool = True
    gap_s: float = 1.0
    coarse: bool = False

    @classmethod
    def of(cls, counts: Counts, parameters: Parameters) -> Choices:
        """The choices by all rows of a flight."""
        return cls(
            counts.steps == 0 or counts.explained / counts.steps >= TRUSTED_SHARE,
            max(parameters.gap_min_s, parameters.gap_factor * _median_ms(counts.dts_ms) / 1000.0),
            2 * counts.coarse > counts.treated,
        )

    def same_for(self, other: Choices, counts: Counts) -> bool:
        """Whether other choices come to the same for the rows of some counts."""
        low, high = sorted((self.gap_s, other.gap_s))
        return (
            (self.trusted == other.trusted or counts.steps == 0)
            and (self.coarse == other.coarse or counts.treated == 0)
            and not (low < high and any(low < dt_ms / 1000.0 <= high for dt_ms in counts.dts_ms))
        )


def summed(one: Counter[_Key], other: Counter[_Key]) -> Counter[_Key]:
    """Two counts together."""
    if not other:
        return one
    both = one.copy()
    both.update(other)
    return both


def _median_ms(counts: Counter[int]) -> float:
    """Median of the positive times; 0 where there are none."""
    times = sorted(dt for dt in counts if dt > 0)
    n = sum(counts[dt] for dt in times)
    if n == 0:
        return 0.0
    passed, lower = 0, -1
    for dt in times:
        passed += counts[dt]
        if lower < 0 and passed > (n - 1) // 2:
            lower = dt
        if passed > n // 2:
            return (lower + dt) / 2.0
    return float(times[-1])
