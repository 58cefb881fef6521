"""Flights and the sprayed area that was computed for them. Every figure names its unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from core.localtime import local_day
from core.model.enums import Operation
from core.model.samples import NAN
from core.model.trust import NetRange, Trust

JobKey = tuple[str, str]
"""A job and a local date: what one row of a job is about."""
NO_SWATH: Final = "no-swath"
"""No area is told, since the implement was on and nobody knows the width of its swath."""


@dataclass(frozen=True, slots=True)
class Flight:
    """Take-off to landing of one drone."""

    flight: str
    cooperative: str
    device: str
    start_ms: int
    end_ms: int
    fixes: int
    op: Operation = Operation.UNKNOWN
    job: str = ""


@dataclass(frozen=True, slots=True)
class PlotCoverage:
    """What one flight (or one set of logs) did to one plot.

    gross: all strips inside the plot added up. net: area of their union inside the plot. overlap: area treated at
    least twice; overlap3: at least three times. missed: plot minus net. volume and mass: what was released over the
    plot. dose: volume (mass) over net area; ``dose_cv`` is its coefficient of variation over the net area, a share
    (NaN where no amount is told). ``expected`` is the net area expected in truth; None where nobody asked for it.
    """

    plot: str
    area_m2: float
    gross_m2: float
    net_m2: float
    overlap_m2: float
    overlap3_m2: float
    missed_m2: float
    volume_l: float = NAN
    mass_kg: float = NAN
    name: str = ""
    dose_cv: float = NAN
    expected: NetRange | None = None

    @property
    def covered_pct(self) -> float:
        """Net area as a share of the plot's area, in percent."""
        return 100.0 * self.net_m2 / self.area_m2 if self.area_m2 > 0.0 else NAN

    @property
    def dose_lpha(self) -> float:
        """Mean dose in L/ha of net area."""
        return self.volume_l / self.net_m2 * 10_000.0 if self.net_m2 > 0.0 else NAN

    @property
    def dose_kgpha(self) -> float:
        """Mean dose in kg/ha of net area."""
        return self.mass_kg / self.net_m2 * 10_000.0 if self.net_m2 > 0.0 else NAN


@dataclass(frozen=True, slots=True)
class Coverage:
    """The sprayed area of one flight over all plots that it touched.

    ``gross_m2`` is all strips added up wherever they lie (what the machine's counter counts), ``net_m2`` their union.
    ``off_target_m2`` is the part of the union outside every plot. ``plots_*`` figures are of the union of the plots,
    since field files overlap. ``off_transit_m2`` and ``off_failsafe_m2`` are the parts of ``off_target_m2`` that were
    treated on the way home, and in a failsafe. ``bridged_m`` is the treated distance across gaps in the telemetry.
    ``input_hash`` is the SHA-256 of the fixes that it was computed from. ``plots_expected`` is the net area expected in
    truth over the union of the plots, ``trust`` how far the figures can be trusted; None where nobody asked.
    ``no_area`` says why no area is told (:data:`NO_SWATH`): then every area is NaN and no plot is listed; else "".
    """

    flight: str
    plots: tuple[PlotCoverage, ...]
    gross_m2: float
    net_m2: float
    off_target_m2: float
    plots_area_m2: float
    plots_gross_m2: float
    plots_net_m2: float
    plots_overlap_m2: float
    plots_missed_m2: float
    volume_l: float
    mass_kg: float
    off_target_volume_l: float
    off_target_mass_kg: float
    distance_m: float
    treated_distance_m: float
    bridged_m: float
    fixes: int
    rejected: dict[str, int]
    algorithm: str
    input_hash: str
    off_transit_m2: float = 0.0
    off_failsafe_m2: float = 0.0
    plots_expected: NetRange | None = None
    trust: Trust | None = None
    no_area: str = ""


@dataclass(frozen=True, slots=True)
class JobPlot:
    """What all flights of one job did to one plot together: areas treated by two flights count once in the net area.

    ``job`` is the identifier that the payload names, else the local day and the operation. ``day`` is the local date
    (Asia/Ho_Chi_Minh) of the flights' start, as YYYY-MM-DD.
    """

    job: str
    day: str
    op: Operation
    flights: tuple[str, ...]
    coverage: PlotCoverage


def job_of(flight: Flight) -> JobKey:
    """The identifier of a flight's job and its local day: the job that the payload names, else day and operation."""
    day = local_day(flight.start_ms)
    return flight.job or f"{day}-{flight.op.word}", day


@dataclass(frozen=True, slots=True)
class Standing:
    """A result as it stands in the registry; ``version`` counts the results that its flight ever had, from 1."""

    flight: Flight
    coverage: Coverage
    version: int


@dataclass(frozen=True, slots=True)
class Window:
    """A span of a device's time in ms since 1970 UTC, and the results of the flights in it."""

    device: str
    start_ms: int
    end_ms: int
    results: tuple[tuple[Flight, Coverage], ...]


@dataclass(frozen=True, slots=True)
class JobBasis:
    """What rows of a job rest on: ``plots``, and the versions of all flights of the job that touched one of them."""

    plots: frozenset[str]
    versions: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Basis:
    """Which results a computation has read; where others stand when it is saved, it has to be done again.

    ``replaced`` are the versions, by flight, of the device's flights that touch the window. ``jobs`` is what the rows
    of each job rest on.
    """

    replaced: Mapping[str, int]
    jobs: Mapping[JobKey, JobBasis] = field(default_factory=dict)
