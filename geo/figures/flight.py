"""A closed flight as one row, at its take-off: how long, how far, how much ground, and how far that can be trusted."""

from __future__ import annotations

import math
from typing import Final

from core.model.context import FlightContext
from core.model.coverage import Coverage, Flight
from core.model.figures import Figures, Value
from core.units import dose_lpha, ha
from geo.figures.settling import standing_row

MEASUREMENT: Final = "flight"
_MS_PER_H: Final = 3_600_000.0


def flight_row(flight: Flight, coverage: Coverage, context: FlightContext | None = None) -> Figures:
    """What dashboards read of a flight; see docs/dashboards-data.md.

    Args:
        flight: The flight.
        coverage: Its sprayed area.
        context: What surrounded it; None: not known (yet).
    """
    expected = coverage.plots_expected
    values: dict[str, Value] = {
        "flight": flight.flight,
        "job": flight.job,
        "grade": coverage.trust.grade.value if coverage.trust else "",
        "no_area": coverage.no_area,
        "weather": weather_of(context),
        "end_ms": float(flight.end_ms),
        "hours": (flight.end_ms - flight.start_ms) / _MS_PER_H,
        "fixes": float(coverage.fixes),
        "distance_m": coverage.distance_m,
        "treated_m": coverage.treated_distance_m,
        "bridged_m": coverage.bridged_m,
        "net_ha": ha(coverage.net_m2),
        "gross_ha": ha(coverage.gross_m2),
        "off_target_ha": ha(coverage.off_target_m2),
        "plots": float(len(coverage.plots)),
        "plots_net_ha": ha(coverage.plots_net_m2),
        "plots_missed_ha": ha(coverage.plots_missed_m2),
        "volume_l": coverage.volume_l,
        "mass_kg": coverage.mass_kg,
        "dose_l_per_ha": dose_lpha(coverage.volume_l, coverage.net_m2),
        "dose_kg_per_ha": dose_lpha(coverage.mass_kg, coverage.net_m2),
        "expected_net_ha": ha(expected.net_expected_m2) if expected else math.nan,
        "expected_low_ha": ha(expected.net_low_m2) if expected else math.nan,
        "expected_high_ha": ha(expected.net_high_m2) if expected else math.nan,
        "in_buffer_l": math.nan if coverage.no_area else in_buffer_l(context),
    }
    return standing_row(MEASUREMENT, flight.start_ms, {"device": flight.device, "operation": flight.op.word}, values)


def weather_of(context: FlightContext | None) -> str:
    """The worst treated minute's verdict as a word; "" where nothing was treated, or nobody has looked."""
    return context.stamps.worst.verdict.window.value if context is not None and context.stamps is not None else ""


def in_buffer_l(context: FlightContext | None) -> float:
    """Litres within the distances to keep from sensitive sites; NaN where not all of them are known.

    Ground near two sites counts for both.
    """
    return math.nan if context is None else math.fsum(it.in_buffer_l for it in context.contacts)
