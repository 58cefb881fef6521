"""Errors of the sprayed area against the truth of a simulation: tables for people, one document for programs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from cli.output import number, print_table
from cli.tables import plot_figures
from core.terms import both
from core.units import ha

if TYPE_CHECKING:
    from simulators.scoring.comparison import JobScore, PlotScore
    from simulators.scoring.score import Score

TRUE: Final = "Thực tế / True"
TOLD: Final = "Tính được / Computed"
ERROR: Final = "Sai số / Error"
_MEDIAN: Final = "Trung vị / Median"
_MEDIAN_ABS: Final = "Trung vị độ lớn / Median size"
_WORST: Final = "Xa nhất / Worst"
_OF_TRUE: Final = "% thực tế / of true"
_OF_PLOTS: Final = "% diện tích / of area"
_COUNT: Final = "Số thửa / Plots"
_GRAZED: Final = "Thửa bên cạnh / Other plots"
_SUMS: Final = (
    (both("net"), "net_m2", "ha"),
    (both("overlap"), "overlap_m2", "ha"),
    (both("missed"), "missed_m2", "ha"),
    (both("gross"), "gross_m2", "ha"),
    (_GRAZED, "grazed_m2", "ha"),
    (both("off_target"), "off_target_m2", "ha"),
    (both("volume"), "volume_l", "L"),
    (_GRAZED, "grazed_volume_l", "L"),
    (both("off_target"), "off_target_volume_l", "L"),
    (both("dose"), "dose_lpha", "L/ha"),
    (both("mass"), "mass_kg", "kg"),
    (_GRAZED, "grazed_mass_kg", "kg"),
    (both("off_target"), "off_target_mass_kg", "kg"),
    (both("dose"), "dose_kgpha", "kg/ha"),
)

Error = Callable[["PlotScore"], float]
ERRORS: Final[dict[str, Error]] = {
    "net_m2": lambda p: p.net_error_m2,
    "net_pct_of_plot": lambda p: p.of_plot_pct(p.net_error_m2),
    "overlap_pct_of_plot": lambda p: p.of_plot_pct(p.overlap_error_m2),
    "overlap3_pct_of_plot": lambda p: p.of_plot_pct(p.overlap3_error_m2),
    "missed_pct_of_plot": lambda p: p.of_plot_pct(p.missed_error_m2),
    "gross_pct_of_plot": lambda p: p.of_plot_pct(p.gross_error_m2),
    "amount_pct": lambda p: p.amount_error_pct,
    "dose_pct": lambda p: p.dose_error_pct,
}
"""Errors of one plot, what is computed minus what is true; amounts and doses in % of the true ones."""
_SPREADS: Final = (
    (both("net"), "m²", "net_m2"),
    (both("net"), _OF_PLOTS, "net_pct_of_plot"),
    (both("overlap"), _OF_PLOTS, "overlap_pct_of_plot"),
    (both("missed"), _OF_PLOTS, "missed_pct_of_plot"),
    (both("volume"), _OF_TRUE, "amount_pct"),
    (both("dose"), _OF_TRUE, "dose_pct"),
)


def print_score(score: Score) -> None:
    """A line per worked plot; the sums of all; and how the plots' errors are spread."""
    several = len(score.jobs) > 1
    headings = [*([both("field_job")] if several else []), *_plot_headings()]
    rows = [[*([p.key.job] if several else []), *_plot_cells(p)] for p in score.plots]
    _print(both("plots"), headings, rows, left=2 if several else 1)
    _print(both("total"), ["", "", TRUE, TOLD, ERROR, _OF_TRUE, _OF_PLOTS], list(_sum_rows(score)))
    names = ["", "", _MEDIAN, _MEDIAN_ABS, _WORST, both("plot"), _COUNT]
    _print(f"{_MEDIAN}; {_WORST}", names, list(_spread_rows(score)))


def _print(subject: str, headings: Sequence[str], rows: Sequence[Sequence[str]], left: int = 2) -> None:
    """A table of errors, its headings in two lines: Vietnamese above English."""
    print_table(f"{ERROR}: {subject}", [heading.replace(" / ", "\n") for heading in headings], rows, left=left)


def _plot_headings() -> list[str]:
    return [
        both("plot"),
        f"{both('area')} ha",
        f"{TRUE} ha",
        f"{TOLD} ha",
        f"{both('net')} m²",
        f"{both('net')} %",
        f"{both('overlap')} m²",
        f"{both('missed')} m²",
        f"{TRUE} L, kg",
        f"{both('volume')} %",
        f"{both('dose')} %",
    ]


def _plot_cells(plot: PlotScore) -> list[str]:
    return [
        f"{plot.true.plot} {plot.true.name}".strip() if plot.true.name != plot.true.plot else plot.true.plot,
        number(ha(plot.area_m2), 4),
        number(ha(plot.true.net_m2), 4),
        number(ha(plot.told.net_m2), 4),
        _signed(plot.net_error_m2, 1),
        _signed(plot.of_plot_pct(plot.net_error_m2), 2),
        _signed(plot.overlap_error_m2, 1),
        _signed(plot.missed_error_m2, 1),
        number(plot.doses[0].amount, 2),
        _signed(plot.amount_error_pct, 2),
        _signed(plot.dose_error_pct, 2),
    ]


def _sum_rows(score: Score) -> Iterator[list[str]]:
    """A line per figure that either side tells; areas in ha, the last column in % of the plots' area."""
    true, told = asdict(score.true), asdict(score.told)
    for what, name, unit in _SUMS:
        one, other = true[name], told[name]
        if math.isnan(one) and math.isnan(other):
            continue
        area = unit == "ha"
        digits = 4 if area else 2
        shown = [ha(v) if area else v for v in (one, other, other - one)]
        yield [
            what,
            unit,
            number(shown[0], digits),
            number(shown[1], digits),
            _signed(shown[2], digits),
            _signed(_share_pct(other - one, one), 2),
            _signed(_share_pct(other - one, score.true.plots_m2) if area else math.nan, 3),
        ]


def _spread_rows(score: Score) -> Iterator[list[str]]:
    for what, unit, name in _SPREADS:
        spread = score.spread(ERRORS[name])
        figures = (spread.median, spread.median_abs, spread.worst)
        median, size, worst = (_signed(figures[0], 3), number(figures[1], 3), _signed(figures[2], 3))
        yield [what, unit, median, size, worst, spread.worst_plot, f"{spread.plots}"]


def _signed(value: float, digits: int) -> str:
    """A figure with its sign; a dash where it is not known, and no sign where it rounds to nothing."""
    rounded = round(value, digits) + 0.0 if math.isfinite(value) else value
    text = number(rounded, digits)
    return f"+{text}" if rounded > 0.0 else text


def _share_pct(part: float, whole: float) -> float:
    return 100.0 * part / whole if whole > 0.0 else math.nan


def document(score: Score) -> dict[str, Any]:
    """Everything, with units in the key names; errors are what is computed minus what is true."""
    true, told = asdict(score.true), asdict(score.told)
    return {
        "plots": len(score.plots),
        "flights": score.flights,
        "total": {
            "true": true,
            "computed": told,
            "error": {name: told[name] - true[name] for name in true},
            "error_pct": {_bare(name): _share_pct(told[name] - true[name], true[name]) for name in true},
        },
        "error_per_plot": {name: asdict(score.spread(error)) for name, error in ERRORS.items()},
        "jobs": [_job(job) for job in score.jobs],
    }


def _bare(name: str) -> str:
    """A figure's name without its unit, unless it is the unit that tells two apart."""
    return name if name.startswith("dose") else name.rpartition("_")[0]


def _job(job: JobScore) -> dict[str, Any]:
    sides = {"true": job.true, "computed": job.told}
    names = (
        "gross_m2",
        "net_m2",
        "off_target_m2",
        "volume_l",
        "mass_kg",
        "off_target_volume_l",
        "off_target_mass_kg",
    )
    return {
        "cooperative": job.key.cooperative,
        "job": job.key.job,
        "flights": job.told.pieces,
        "fixes": job.told.fixes,
        **{side: {name: getattr(figures, name) for name in names} for side, figures in sides.items()},
        "plots": [_plot(plot) for plot in job.plots],
    }


def _plot(plot: PlotScore) -> dict[str, Any]:
    return {
        "plot": plot.true.plot,
        "name": plot.true.name,
        "area_m2": plot.area_m2,
        "worked": plot.worked,
        "true": plot_figures(plot.true),
        "computed": plot_figures(plot.told),
        "error": {name: error(plot) for name, error in ERRORS.items()},
    }
