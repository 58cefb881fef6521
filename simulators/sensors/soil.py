"""The top soil of a paddy: moisture, temperature and bulk conductivity that answer to rain, flooding and drying."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.sensors.water import BUND_M, Paddy, field_level_m
from simulators.weather.course import Course

_DRYING_PCT_PER_M: Final = 110.0
_CAPILLARY_M: Final = -0.02
_DEPTH_LAG_MS: Final = 10_800_000
_ECS_DSPM: Final = 0.25
_RHOADES: Final = (1.382, -0.093)


@dataclass(frozen=True, slots=True)
class Soil:
    """A plot's soil: its water, the moisture when it is full (volume percent), its pore water when flooded (dS/m)."""

    paddy: Paddy
    full_pct: float
    pore_dspm: float

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> Soil:
        """A heavy clay of the delta by chance."""
        return cls(Paddy.drawn(rng), float(rng.uniform(48.0, 56.0)), float(rng.uniform(1.2, 2.8)))


def moisture_pct(level_m: Floats, soil: Soil) -> Floats:
    """Volumetric water: full while water stands, less the deeper it has sunk."""
    return soil.full_pct - _DRYING_PCT_PER_M * np.maximum(_CAPILLARY_M - level_m, 0.0)


def conductivity_uspcm(moisture_pct: Floats, level_m: Floats, soil: Soil) -> Floats:
    """Bulk conductivity ECa = ECw θ (1.382 θ − 0.093) + 0.25 dS/m (Rhoades et al., SSSA J. 40, 1976, 651).

    The pore water's salts grow denser as it dries, and thinner under standing water.
    """
    theta = moisture_pct / 100.0
    pore = soil.pore_dspm * (soil.full_pct / moisture_pct) * (1.0 - 0.25 * np.clip(level_m, 0.0, BUND_M) / BUND_M)
    return 1000.0 * (pore * theta * (_RHOADES[0] * theta + _RHOADES[1]) + _ECS_DSPM)


def temperature_c(weather: Course, ts_ms: Ints) -> Floats:
    """At 10 cm: the air's of three hours before, its swings by four tenths."""
    return 27.5 + 0.4 * (weather.at(weather.air_c, ts_ms - _DEPTH_LAG_MS) - 28.0)


def state(weather: Course, soil: Soil, ts_ms: Ints) -> tuple[Floats, Floats, Floats]:
    """Moisture (%), temperature (°C) and bulk conductivity (uS/cm) at instants of shape (n,)."""
    level = field_level_m(weather, soil.paddy, ts_ms)
    moisture = moisture_pct(level, soil)
    return moisture, temperature_c(weather, ts_ms), conductivity_uspcm(moisture, level, soil)
