"""Sprayed area: per plot of a flight, per plot of a job."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel

from api.schemas.fields import known
from core.model.coverage import Coverage, JobPlot, PlotCoverage
from core.model.trust import NetRange, Trust
from core.units import cong, ha


class NetRangeOut(BaseModel):
    """Net area as it is expected to be in truth, with its 95 % interval."""

    net_expected_m2: float | None
    net_low_m2: float | None
    net_high_m2: float | None

    @classmethod
    def of(cls, it: NetRange | None) -> Self | None:
        """From the model; none where nobody asked."""
        if it is None:
            return None
        low, high = known(it.net_low_m2), known(it.net_high_m2)
        return cls(net_expected_m2=known(it.net_expected_m2), net_low_m2=low, net_high_m2=high)


class TrustOut(BaseModel):
    """How far a result can be trusted: grades A (best) to D, and what they come from; shares are 0 to 1.

    ``missing_share`` is the share of the numbered samples that never came, ``null`` where that is not known.
    """

    grade: str
    gnss_grade: str
    rtk_share: float | None
    single_share: float | None
    manual_share: float | None
    sampling_grade: str
    step_s: float | None
    gap_share: float | None
    bridges_grade: str
    bridged_m: float | None
    completeness_grade: str
    expected_samples: int
    missing_samples: int
    missing_share: float | None

    @classmethod
    def of(cls, it: Trust | None) -> Self | None:
        """From the model; none where nobody asked."""
        if it is None:
            return None
        return cls(
            grade=it.grade,
            gnss_grade=it.gnss.grade,
            rtk_share=known(it.gnss.rtk),
            single_share=known(it.gnss.single),
            manual_share=known(it.gnss.manual_share),
            sampling_grade=it.sampling.grade,
            step_s=known(it.sampling.step_s),
            gap_share=known(it.sampling.gap_share),
            bridges_grade=it.bridges.grade,
            bridged_m=known(it.bridges.bridged_m),
            completeness_grade=it.completeness.grade,
            expected_samples=it.completeness.expected,
            missing_samples=it.completeness.missing,
            missing_share=known(1.0 - it.completeness.share),
        )


class PlotCoverageOut(BaseModel):
    """Sprayed area of one plot; ``dose_cv`` is the dose's coefficient of variation, a share."""

    plot: str
    name: str
    area_m2: float
    area_ha: float
    area_cong: float
    gross_m2: float
    net_m2: float
    net_ha: float
    overlap_m2: float
    overlap3_m2: float | None
    missed_m2: float
    covered_pct: float | None
    volume_l: float | None
    mass_kg: float | None
    dose_lpha: float | None
    dose_kgpha: float | None
    dose_cv: float | None
    expected: NetRangeOut | None

    @classmethod
    def of(cls, it: PlotCoverage, m2_per_cong: float) -> Self:
        """From the model, with công of the cooperative's size."""
        return cls(
            plot=it.plot,
            name=it.name,
            area_m2=it.area_m2,
            area_ha=ha(it.area_m2),
            area_cong=cong(it.area_m2, m2_per_cong),
            gross_m2=it.gross_m2,
            net_m2=it.net_m2,
            net_ha=ha(it.net_m2),
            overlap_m2=it.overlap_m2,
            overlap3_m2=known(it.overlap3_m2),
            missed_m2=it.missed_m2,
            covered_pct=known(it.covered_pct),
            volume_l=known(it.volume_l),
            mass_kg=known(it.mass_kg),
            dose_lpha=known(it.dose_lpha),
            dose_kgpha=known(it.dose_kgpha),
            dose_cv=known(it.dose_cv),
            expected=NetRangeOut.of(it.expected),
        )


class CoverageOut(BaseModel):
    """Sprayed area of one flight; ``plots_*`` are of the union of the plots.

    ``off_transit_m2`` and ``off_failsafe_m2`` are parts of ``off_target_m2``. ``no_area`` says why no area is told.
    """

    flight: str
    plots: list[PlotCoverageOut]
    gross_m2: float | None
    net_m2: float | None
    off_target_m2: float | None
    off_transit_m2: float | None
    off_failsafe_m2: float | None
    plots_area_m2: float | None
    plots_gross_m2: float | None
    plots_net_m2: float | None
    plots_overlap_m2: float | None
    plots_missed_m2: float | None
    plots_expected: NetRangeOut | None
    trust: TrustOut | None
    no_area: str | None
    volume_l: float | None
    mass_kg: float | None
    off_target_volume_l: float | None
    off_target_mass_kg: float | None
    distance_m: float
    treated_distance_m: float
    bridged_m: float | None
    fixes: int
    rejected: dict[str, int]
    algorithm: str
    input_hash: str

    @classmethod
    def of(cls, it: Coverage, m2_per_cong: float) -> Self:
        """From the model."""
        floats = {
            name: known(getattr(it, name))
            for name, field in cls.model_fields.items()
            if field.annotation in (float, float | None)
        }
        plots = [PlotCoverageOut.of(plot, m2_per_cong) for plot in it.plots]
        return cls.model_validate(
            floats
            | {
                "flight": it.flight,
                "plots": plots,
                "plots_expected": NetRangeOut.of(it.plots_expected),
                "trust": TrustOut.of(it.trust),
                "no_area": it.no_area or None,
                "fixes": it.fixes,
                "rejected": it.rejected,
                "algorithm": it.algorithm,
                "input_hash": it.input_hash,
            }
        )


class JobPlotOut(PlotCoverageOut):
    """Sprayed area of one plot over all flights of a job."""

    job: str
    day: str
    op: str
    flights: list[str]

    @classmethod
    def of_row(cls, it: JobPlot, m2_per_cong: float) -> Self:
        """From the model."""
        figures = PlotCoverageOut.of(it.coverage, m2_per_cong).model_dump()
        return cls(job=it.job, day=it.day, op=it.op.word, flights=list(it.flights), **figures)
