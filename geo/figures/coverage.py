"""What a closed flight did to each plot, a row for each, at the flight's end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from core.model.coverage import Coverage, Flight, PlotCoverage
from core.model.figures import Figures, Value
from core.units import ha
from geo.figures.settling import standing_row

MEASUREMENT: Final = "coverage"
Place = tuple[float, float]
"""Longitude and latitude in degrees."""
_NOWHERE: Final = math.nan, math.nan


def coverage_rows(flight: Flight, coverage: Coverage, places: Mapping[str, Place]) -> list[Figures]:
    """What dashboards read of a flight's plots; see docs/dashboards-data.md.

    Args:
        flight: The flight.
        coverage: Its sprayed area.
        places: A point inside each plot; one that is not there is told without a place.
    """
    tags = {"device": flight.device, "operation": flight.op.word}
    return [
        standing_row(
            MEASUREMENT, flight.end_ms, tags | {"plot": it.plot}, _values(flight, it, places.get(it.plot, _NOWHERE))
        )
        for it in coverage.plots
    ]


def _values(flight: Flight, it: PlotCoverage, place: Place) -> dict[str, Value]:
    return {
        "flight": flight.flight,
        "job": flight.job,
        "plot_name": it.name,
        "area_ha": ha(it.area_m2),
        "net_ha": ha(it.net_m2),
        "missed_ha": ha(it.missed_m2),
        "overlap_ha": ha(it.overlap_m2),
        "covered_pct": it.covered_pct,
        "volume_l": it.volume_l,
        "mass_kg": it.mass_kg,
        "dose_l_per_ha": it.dose_lpha,
        "dose_kg_per_ha": it.dose_kgpha,
        "dose_cv_pct": 100.0 * it.dose_cv,
        "expected_net_ha": ha(it.expected.net_expected_m2) if it.expected else math.nan,
        "lon": place[0],
        "lat": place[1],
    }
