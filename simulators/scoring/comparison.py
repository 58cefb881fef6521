"""One plot and one job, as they are and as the pipeline says."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from core.model.coverage import PlotCoverage
from core.units import M2_PER_HA
from simulators.scoring.figures import JobFigures, JobKey

WORKED_SHARE: Final = 0.05
"""A plot was worked where at least this share of it was treated; less is what a neighbour's strip let fall on it."""


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount (L or kg) and the net area that it lies on."""

    amount: float
    net_m2: float

    @property
    def per_ha(self) -> float:
        """Mean dose over the net area, per hectare; NaN where nothing was treated."""
        return self.amount / self.net_m2 * M2_PER_HA if self.net_m2 > 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class PlotScore:
    """One plot of one job, as it is and as the pipeline says. Errors: what it says minus what is true."""

    key: JobKey
    true: PlotCoverage
    told: PlotCoverage

    @property
    def area_m2(self) -> float:
        """The plot's area."""
        return self.true.area_m2

    @property
    def worked(self) -> bool:
        """Whether the plot was worked, not only touched from beside it."""
        return max(self.true.net_m2, self.told.net_m2) >= WORKED_SHARE * self.area_m2

    @property
    def net_error_m2(self) -> float:
        """Error of the net area; the error of the missed area is the opposite."""
        return self.told.net_m2 - self.true.net_m2

    @property
    def overlap_error_m2(self) -> float:
        """Error of the area treated at least twice."""
        return self.told.overlap_m2 - self.true.overlap_m2

    @property
    def overlap3_error_m2(self) -> float:
        """Error of the area treated at least three times."""
        return self.told.overlap3_m2 - self.true.overlap3_m2

    @property
    def gross_error_m2(self) -> float:
        """Error of the strips added up."""
        return self.told.gross_m2 - self.true.gross_m2

    @property
    def missed_error_m2(self) -> float:
        """Error of the area that was not treated."""
        return self.told.missed_m2 - self.true.missed_m2

    @property
    def doses(self) -> tuple[Dose, Dose]:
        """Amount and net area as they are and as told: litres where the truth is litres, else kilograms."""
        liquid = is_told(self.true.volume_l) or not is_told(self.true.mass_kg)
        sides = (self.true, self.told)
        true, told = (Dose(s.volume_l if liquid else s.mass_kg, s.net_m2) for s in sides)
        return true, told

    @property
    def amount_error_pct(self) -> float:
        """Error of the volume (or mass) over the plot, in % of the true one."""
        true, told = self.doses
        return relative_pct(told.amount, true.amount)

    @property
    def dose_error_pct(self) -> float:
        """Error of the mean dose, in % of the true one."""
        true, told = self.doses
        return relative_pct(told.per_ha, true.per_ha)

    def of_plot_pct(self, area_m2: float) -> float:
        """An area (or its error) in % of the plot's."""
        return 100.0 * area_m2 / self.area_m2


@dataclass(frozen=True, slots=True)
class JobScore:
    """One job as it is and as the pipeline says, with its plots."""

    key: JobKey
    true: JobFigures
    told: JobFigures
    plots: tuple[PlotScore, ...]

    @property
    def off_target_error_m2(self) -> float:
        """Error of the area treated outside every plot."""
        return self.told.off_target_m2 - self.true.off_target_m2


def compared(key: JobKey, true: JobFigures, told: JobFigures) -> JobScore:
    """Both sides of a job, plot by plot; a plot that one side did not touch has nothing there."""
    truly, allegedly = ({p.plot: p for p in side.plots} for side in (true, told))
    known = truly | allegedly
    plots = tuple(
        PlotScore(key, truly.get(name) or _untouched(known[name]), allegedly.get(name) or _untouched(known[name]))
        for name in sorted(known)
    )
    return JobScore(key, true, told, plots)


def _untouched(other: PlotCoverage) -> PlotCoverage:
    """The figures of a plot that the other side alone touched: nothing, of the kind that the other side tells."""
    return PlotCoverage(
        plot=other.plot,
        area_m2=other.area_m2,
        gross_m2=0.0,
        net_m2=0.0,
        overlap_m2=0.0,
        overlap3_m2=0.0,
        missed_m2=other.area_m2,
        volume_l=0.0 if is_told(other.volume_l) else math.nan,
        mass_kg=0.0 if is_told(other.mass_kg) else math.nan,
        name=other.name,
    )


def relative_pct(told: float, true: float) -> float:
    """The error of a figure in % of the true one; NaN where that is nothing or not known."""
    return 100.0 * (told / true - 1.0) if true > 0.0 else math.nan


def is_told(value: float) -> bool:
    """Whether a figure is known."""
    return not math.isnan(value)
