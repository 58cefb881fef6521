"""What a machine's own counter would say of a log: strips added up, wherever they lie, without any plot."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.errors import ConfigError
from core.model.fixtable import FixTable
from geo.amounts import total
from geo.cleaning import clean
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.pieces import pieces
from geo.projection import LocalPlane
from geo.track import sweep_of


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over one log; NaN where the log does not tell enough.

    ``area_m2`` is the gross area (hold rule; sections are strips of their own), ``volume_l`` and ``mass_kg`` what was
    released while the implement was on.
    """

    area_m2: float
    volume_l: float
    mass_kg: float
    distance_m: float


def treated(fixes: FixTable, *, swath_m: float = math.nan) -> Totals:
    """Sum up the treated steps of one log.

    Args:
        fixes: The log.
        swath_m: Swath width in metres where the log tells none; NaN: none is known, and the area is NaN where the
            implement was on.
    """
    cleaned = clean(fixes)
    kept = cleaned.fixes
    if len(kept) == 0:
        return Totals(0.0, math.nan, math.nan, 0.0)
    parameters = Parameters(default_swath_m=swath_m)
    plane = LocalPlane.around(float(np.median(kept.lon_deg)), float(np.median(kept.lat_deg)))
    steps = treated_steps(cleaned, *plane.xy(kept.lon_deg, kept.lat_deg), parameters)
    length_m = float(steps.length_m.sum())
    if len(steps) == 0:
        volume_l, mass_kg = (0.0 if np.isfinite(c).any() else math.nan for c in (kept.flow_lpm, kept.rate_kgpm))
        return Totals(0.0, volume_l, mass_kg, length_m)
    try:
        swept = pieces(sweep_of(kept, steps, parameters), kept)
    except ConfigError:
        minutes = steps.dt_s / 60.0
        flow, rate = kept.flow_lpm[steps.row], kept.rate_kgpm[steps.row]
        return Totals(math.nan, total(flow * minutes, flow), total(rate * minutes, rate), length_m)
    return Totals(
        float(swept.area_m2.sum()),
        total(swept.volume_l, swept.volume_l),
        total(swept.mass_kg, swept.mass_kg),
        length_m,
    )
