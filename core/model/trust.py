"""How far a figure can be trusted: grades of what it came from, and the net area expected in truth, with bounds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from core.model.samples import NAN

NO_LEDGER: Final = "no_ledger"
"""There is no page of the ledger for the flight: it came from a file, or geo runs without ingest's ledger."""
NOT_NUMBERED: Final = "not_numbered"
"""The device does not number its fixes."""


class Grade(StrEnum):
    """A (best) to D. Which limits make which letter stands in docs/tolerance.md."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"

    @classmethod
    def worst(cls, *grades: Grade) -> Grade:
        """The worst of some grades; A where there is none."""
        return max(grades, default=cls.A)

    @property
    def lowered(self) -> Grade:
        """The next worse one."""
        return tuple(Grade)[min(tuple(Grade).index(self) + 1, len(Grade) - 1)]


@dataclass(frozen=True, slots=True)
class GnssTrust:
    """What the receiver said of itself while the implement was on: shares of the fixes, 0 to 1, that add up to one.

    ``manual_share`` is the share of them that a person steered by eye.
    """

    grade: Grade
    rtk: float
    float_: float
    dgps: float
    single: float
    none: float
    unknown: float
    manual_share: float


@dataclass(frozen=True, slots=True)
class SamplingTrust:
    """How densely the flight was sampled: median time step, and which part of the treated time lay in gaps."""

    grade: Grade
    step_s: float
    gap_share: float
    events: bool


@dataclass(frozen=True, slots=True)
class BridgeTrust:
    """How much of the treated distance is a straight line across a gap."""

    grade: Grade
    bridged_m: float
    share: float


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many of the numbered fixes came, by the ledger.

    Where nobody knows, ``share`` is NaN and ``reason`` says why: :data:`NO_LEDGER` or :data:`NOT_NUMBERED`, else it is
    empty.
    """

    grade: Grade
    expected: int
    missing: int
    share: float = NAN
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Trust:
    """All that is known of a result's quality; ``grade`` is the worst of the parts."""

    grade: Grade
    gnss: GnssTrust
    sampling: SamplingTrust
    bridges: BridgeTrust
    completeness: Completeness

    @classmethod
    def of(cls, gnss: GnssTrust, sampling: SamplingTrust, bridges: BridgeTrust, completeness: Completeness) -> Self:
        """The parts together."""
        parts = (gnss.grade, sampling.grade, bridges.grade, completeness.grade)
        return cls(Grade.worst(*parts), gnss, sampling, bridges, completeness)


@dataclass(frozen=True, slots=True)
class NetRange:
    """Net area as it is expected to be in truth, with its 95 % interval, in m²."""

    net_expected_m2: float
    net_low_m2: float
    net_high_m2: float

    def within(self, area_m2: float) -> NetRange:
        """The same, nowhere above the ground's area, which two ways of adding up tell differently in the last digit."""
        told = (self.net_expected_m2, self.net_low_m2, self.net_high_m2)
        return NetRange(*(min(m2, area_m2) for m2 in told))
