"""The tide of the East Sea at the Mekong's mouths: mixed, mainly semidiurnal, of four constituents and N2."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints
from simulators.weather.waves import cosine

HOUR_MS: Final = 3_600_000

CONSTITUENTS: Final[tuple[tuple[str, float, float, float], ...]] = (
    ("M2", 12.4206012, 0.79, 0.0),
    ("S2", 12.0, 0.31, 0.0),
    ("N2", 12.6583482, 0.16, 0.35),
    ("K1", 23.9344697, 0.60, 0.20),
    ("O1", 25.8193417, 0.45, 0.55),
)
"""Name, period in h, amplitude in m (of the order of those at Vũng Tàu), phase in turns (ours) at ``_SPRING_MS``."""

HIGHEST_M: Final = sum(amplitude for _, _, amplitude, _ in CONSTITUENTS)

_SPRING_MS: Final = 947_182_440_000 + 36 * HOUR_MS
"""A day and a half after the new moon of 6 January 2000, 18:14 UTC: M2 and S2 agree then, and at every spring tide."""


def tide_m(ts_ms: Ints) -> Floats:
    """Height above the mean sea level at instants of shape (n,); without the nodal corrections of 18.6 years."""
    hours = (ts_ms - _SPRING_MS) / HOUR_MS
    total = np.zeros(len(ts_ms))
    for _, period_h, amplitude_m, phase in CONSTITUENTS:
        total += amplitude_m * cosine(hours / period_h - phase)
    return total
