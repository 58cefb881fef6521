"""The comparison: what the pipeline says minus what is true, per plot, per job and in all."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.model.coverage import PlotCoverage
from core.model.land import Plot
from core.model.traffic import Run, Truth
from geo.coverage import Parameters
from simulators.scoring.comparison import Dose, JobScore, PlotScore, compared, is_told
from simulators.scoring.figures import JobFigures
from simulators.scoring.told import told_figures
from simulators.scoring.true import true_figures

_DEFAULTS = Parameters()
_NOTHING = JobFigures()


@dataclass(frozen=True, slots=True)
class Spread:
    """Errors of many plots: ``worst`` is the one farthest from 0, with its sign; NaN where there is none."""

    median: float
    median_abs: float
    worst: float
    worst_plot: str
    plots: int


@dataclass(frozen=True, slots=True)
class Sums:
    """One side added up over the worked plots of all jobs (what two jobs did to a plot counts twice).

    ``grazed_*`` is what fell on other plots, ``off_target_*`` what fell on none; both are apart from the rest. Each
    dose is over the net area of the plots whose litres (kilograms) are told.
    """

    plots_m2: float
    gross_m2: float
    net_m2: float
    overlap_m2: float
    overlap3_m2: float
    missed_m2: float
    grazed_m2: float
    off_target_m2: float
    volume_l: float
    mass_kg: float
    grazed_volume_l: float
    grazed_mass_kg: float
    off_target_volume_l: float
    off_target_mass_kg: float
    dose_lpha: float
    dose_kgpha: float


@dataclass(frozen=True, slots=True)
class Score:
    """All jobs of a run."""

    jobs: tuple[JobScore, ...]

    @property
    def plots(self) -> list[PlotScore]:
        """The plots that were worked."""
        return [plot for job in self.jobs for plot in job.plots if plot.worked]

    @property
    def grazed(self) -> list[PlotScore]:
        """The plots that were only touched from beside them."""
        return [plot for job in self.jobs for plot in job.plots if not plot.worked]

    @property
    def flights(self) -> int:
        """Flights of the telemetry with the implement on."""
        return sum(job.told.pieces for job in self.jobs)

    @property
    def true(self) -> Sums:
        """What is true, added up."""
        return _sums([job.true for job in self.jobs], [p.true for p in self.plots], [p.true for p in self.grazed])

    @property
    def told(self) -> Sums:
        """What the pipeline says, added up."""
        return _sums([job.told for job in self.jobs], [p.told for p in self.plots], [p.told for p in self.grazed])

    def spread(self, error: Callable[[PlotScore], float]) -> Spread:
        """How an error is spread over the worked plots; plots without it are left out."""
        found = [(value, plot.true.plot) for plot in self.plots if math.isfinite(value := error(plot))]
        if not found:
            return Spread(math.nan, math.nan, math.nan, "", 0)
        values = [value for value, _ in found]
        worst, name = max(found, key=lambda pair: abs(pair[0]))
        return Spread(statistics.median(values), statistics.median(map(abs, values)), worst, name, len(found))


def score(run: Run, truth: Truth, plots: Sequence[Plot] | None = None, parameters: Parameters = _DEFAULTS) -> Score:
    """Compare what the pipeline says of a run with what is true.

    Args:
        run: What was sent.
        truth: What was really treated.
        plots: Instead of the run's own.
        parameters: Of the pipeline.

    Raises:
        ConfigError: An implement was on and no swath width is known.
    """
    fields = list(run.plots if plots is None else plots)
    true, told = true_figures(truth, fields), told_figures(run, fields, parameters)
    keys = sorted({*true, *told})
    return Score(tuple(compared(key, true.get(key, _NOTHING), told.get(key, _NOTHING)) for key in keys))


def _sums(jobs: Sequence[JobFigures], plots: Sequence[PlotCoverage], grazed: Sequence[PlotCoverage]) -> Sums:
    return Sums(
        plots_m2=sum(p.area_m2 for p in plots),
        gross_m2=sum(p.gross_m2 for p in plots),
        net_m2=sum(p.net_m2 for p in plots),
        overlap_m2=sum(p.overlap_m2 for p in plots),
        overlap3_m2=sum(p.overlap3_m2 for p in plots),
        missed_m2=sum(p.missed_m2 for p in plots),
        grazed_m2=sum(p.net_m2 for p in grazed),
        off_target_m2=sum(j.off_target_m2 for j in jobs),
        volume_l=_added(p.volume_l for p in plots),
        mass_kg=_added(p.mass_kg for p in plots),
        grazed_volume_l=_added(p.volume_l for p in grazed),
        grazed_mass_kg=_added(p.mass_kg for p in grazed),
        off_target_volume_l=_added(j.off_target_volume_l for j in jobs),
        off_target_mass_kg=_added(j.off_target_mass_kg for j in jobs),
        dose_lpha=_dose([(p.volume_l, p.net_m2) for p in plots]),
        dose_kgpha=_dose([(p.mass_kg, p.net_m2) for p in plots]),
    )


def _added(values: Iterable[float]) -> float:
    """The sum of what is told; NaN where nothing is."""
    told = [value for value in values if is_told(value)]
    return sum(told) if told else math.nan


def _dose(plots: Sequence[tuple[float, float]]) -> float:
    """Mean dose over the net area of the plots whose amount is told."""
    told = [(amount, net_m2) for amount, net_m2 in plots if is_told(amount)]
    return Dose(sum(a for a, _ in told), sum(n for _, n in told)).per_ha
