"""Figures of a statement as JSON values: the unit in every key, areas in m², ha and công, None for what is not known.

Areas are rounded to 0.01 m² first, and hectares and công follow from that, so that they always agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.model.coverage import Coverage, PlotCoverage
from core.model.samples import NAN
from core.model.trust import NetRange
from core.statement import Document
from core.units import cong, ha

_UNKNOWN = NetRange(NAN, NAN, NAN)


def units(key: str, area_m2: float, m2_per_cong: float) -> dict[str, float | None]:
    """An area in m², ha and công."""
    m2 = known(area_m2, 2)
    told = NAN if m2 is None else m2
    return {f"{key}_m2": m2, f"{key}_ha": known(ha(told), 6), f"{key}_cong": known(cong(told, m2_per_cong), 5)}


def known(value: float, digits: int) -> float | None:
    """A rounded number, or None where it is not known; never -0."""
    return round(value, digits) + 0.0 if math.isfinite(value) else None


def plot_row(figures: PlotCoverage, m2_per_cong: float) -> Document:
    """What was done to one plot."""
    areas = {
        "area": figures.area_m2,
        "gross": figures.gross_m2,
        "net": figures.net_m2,
        "overlap": figures.overlap_m2,
        "overlap3": figures.overlap3_m2,
        "missed": figures.missed_m2,
    }
    row: Document = {"plot": figures.plot, "name": figures.name}
    for key, area_m2 in areas.items():
        row |= units(key, area_m2, m2_per_cong)
    return row | {
        **interval("net", figures.expected, m2_per_cong),
        "covered_pct": known(figures.covered_pct, 2),
        "volume_l": known(figures.volume_l, 3),
        "dose_lpha": known(figures.dose_lpha, 3),
        "mass_kg": known(figures.mass_kg, 3),
        "dose_kgpha": known(figures.dose_kgpha, 3),
        "dose_cv_pct": known(100.0 * figures.dose_cv, 2),
    }


def total_row(whole: Coverage, m2_per_cong: float, *, of_flights: bool) -> Document:
    """What was done to all plots together; ``plots_*`` are of their union.

    ``of_flights``: whether all the ground that the flights treated belongs to it; where only one plot of many is looked
    at, nobody can say what lay off target.
    """
    areas = {
        "plots_area": whole.plots_area_m2,
        "plots_gross": whole.plots_gross_m2,
        "plots_net": whole.plots_net_m2,
        "plots_overlap": whole.plots_overlap_m2,
        "plots_missed": whole.plots_missed_m2,
    }
    beside = {
        "gross": whole.gross_m2,
        "net": whole.net_m2,
        "off_target": whole.off_target_m2,
        "off_transit": whole.off_transit_m2,
        "off_failsafe": whole.off_failsafe_m2,
    }
    row: Document = {}
    for key, area_m2 in (areas | {key: value if of_flights else NAN for key, value in beside.items()}).items():
        row |= units(key, area_m2, m2_per_cong)
    row |= interval("plots_net", whole.plots_expected, m2_per_cong)
    amounts = {"off_target_volume_l": whole.off_target_volume_l, "off_target_mass_kg": whole.off_target_mass_kg}
    row |= {key: known(value if of_flights else NAN, 3) for key, value in amounts.items()}
    return row | {
        "distance_m": known(whole.distance_m, 1),
        "treated_distance_m": known(whole.treated_distance_m, 1),
        "bridged_m": known(whole.bridged_m, 1),
    }


def interval(key: str, reach: NetRange | None, m2_per_cong: float) -> dict[str, float | None]:
    """The expected net area and the bounds of its 95 % interval; None where nobody asked for it."""
    it = reach or _UNKNOWN
    areas = {"expected": it.net_expected_m2, "low": it.net_low_m2, "high": it.net_high_m2}
    return {k: v for name, m2 in areas.items() for k, v in units(f"{key}_{name}", m2, m2_per_cong).items()}


def together(reaches: Sequence[NetRange | None]) -> NetRange:
    """The interval of a sum: the errors of different jobs owe nothing to each other, so half-widths add in squares."""
    told = [it or _UNKNOWN for it in reaches]
    middle = math.fsum(it.net_expected_m2 for it in told)
    half = math.sqrt(math.fsum(((it.net_high_m2 - it.net_low_m2) / 2.0) ** 2 for it in told))
    return NetRange(middle, max(middle - half, 0.0), middle + half)
