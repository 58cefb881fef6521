"""One side of a comparison: the figures of one job, whoever says them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from core.model.coverage import PlotCoverage


class JobKey(NamedTuple):
    """A cooperative's job; where nobody names it, the local day and the operation stand for its name."""

    cooperative: str
    job: str


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What one job did, in all and to each plot that it touched.

    ``gross_m2`` and ``net_m2`` are of all strips, wherever they lie; ``off_target_m2`` is the part of the net area
    outside every plot. Litres and kilograms are NaN where nothing tells them. ``pieces`` counts what the figures come
    from: flights of the telemetry, strips of the truth.
    """

    plots: tuple[PlotCoverage, ...] = ()
    gross_m2: float = 0.0
    net_m2: float = 0.0
    off_target_m2: float = 0.0
    volume_l: float = math.nan
    mass_kg: float = math.nan
    off_target_volume_l: float = math.nan
    off_target_mass_kg: float = math.nan
    pieces: int = 0
    fixes: int = 0
