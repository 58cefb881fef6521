"""Tables of sprayed areas, and the same figures as JSON."""

from __future__ import annotations

import math
from typing import Any

from cli.output import number, print_table
from core.model.coverage import Coverage, PlotCoverage
from core.terms import both
from core.units import M2_PER_CONG, cong, ha


def plot_headings() -> list[str]:
    """What the columns of :func:`plot_cells` are called, with their units."""
    return [
        both("plot"),
        f"{both('area')} ha",
        f"công ({M2_PER_CONG:,.0f} m²)",
        f"{both('net')} ha",
        f"{both('covered')} %",
        f"{both('missed')} ha",
        f"{both('overlap')} ha",
        f"{both('gross')} ha",
        "L",
        "L/ha",
        "kg",
        "kg/ha",
    ]


def plot_cells(plot: PlotCoverage) -> list[str]:
    """One plot's figures as the table shows them: areas in ha (and công), volume in L, mass in kg."""
    return [
        f"{plot.plot} {plot.name}".strip() if plot.name != plot.plot else plot.plot,
        number(ha(plot.area_m2), 4),
        number(cong(plot.area_m2), 2),
        number(ha(plot.net_m2), 4),
        number(plot.covered_pct, 1),
        number(ha(plot.missed_m2), 4),
        number(ha(plot.overlap_m2), 4),
        number(ha(plot.gross_m2), 4),
        number(plot.volume_l, 1),
        number(plot.dose_lpha, 1),
        number(plot.mass_kg, 1),
        number(plot.dose_kgpha, 1),
    ]


def print_coverage(title: str, coverage: Coverage) -> None:
    """The table of sprayed areas: a line per plot, the total of their union, what went beside them."""
    rows = [plot_cells(plot) for plot in coverage.plots]
    if len(rows) > 1:
        union = PlotCoverage(
            plot=both("total"),
            area_m2=coverage.plots_area_m2,
            gross_m2=coverage.plots_gross_m2,
            net_m2=coverage.plots_net_m2,
            overlap_m2=coverage.plots_overlap_m2,
            overlap3_m2=math.nan,
            missed_m2=coverage.plots_missed_m2,
            volume_l=coverage.volume_l - coverage.off_target_volume_l,
            mass_kg=coverage.mass_kg - coverage.off_target_mass_kg,
        )
        rows.append(plot_cells(union))
    beside = [""] * len(plot_headings())
    beside[0], beside[3] = both("off_target"), number(ha(coverage.off_target_m2), 4)
    beside[8], beside[10] = number(coverage.off_target_volume_l, 1), number(coverage.off_target_mass_kg, 1)
    rows.append(beside)
    print_table(title, plot_headings(), rows)


def plot_figures(plot: PlotCoverage) -> dict[str, Any]:
    """One plot's figures; keys carry their units."""
    return {
        "plot": plot.plot,
        "name": plot.name,
        "area_m2": plot.area_m2,
        "gross_m2": plot.gross_m2,
        "net_m2": plot.net_m2,
        "overlap_m2": plot.overlap_m2,
        "overlap3_m2": plot.overlap3_m2,
        "missed_m2": plot.missed_m2,
        "covered_pct": plot.covered_pct,
        "volume_l": plot.volume_l,
        "mass_kg": plot.mass_kg,
        "dose_lpha": plot.dose_lpha,
        "dose_kgpha": plot.dose_kgpha,
    }
