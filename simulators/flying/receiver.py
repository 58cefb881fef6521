"""A satellite receiver: how far from the truth it is, second by second, and what quality it claims.

Errors have a slow part (Gauss–Markov, a minute long by default), which an autopilot follows without knowing, and a
white part, which no airframe can follow. Figures by mode: design measurements of coverage for RTK (1.7 cm slow, 1 cm
white) and single receivers (1 m slow, 4 cm white); the modes between are engineering values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, Floats
from simulators import specs
from simulators.flying.noise import gauss_markov, spans

_SLOW_M: Final = {"rtk": 0.017, "float": 0.25, "dgps": 0.5, "single": 1.0, "none": 0.0}
_WHITE_M: Final = {"rtk": 0.010, "float": 0.02, "dgps": 0.03, "single": 0.04, "none": 0.0}
HDOP: Final = {FixQuality.RTK: 0.6, FixQuality.FLOAT: 0.9, FixQuality.DGPS: 1.0, FixQuality.SINGLE: 1.2}
_FLOAT_S: Final = (15.0, 40.0)
_JUMP_S: Final = (4.0, 25.0)


@dataclass(frozen=True, slots=True, eq=False)
class Reception:
    """What a receiver does over a grid of seconds of n points.

    ``east_m`` and ``north_m`` are the slow error with its jumps, ``white_m`` the standard deviation of the white one.
    ``quality`` is what it claims. ``lost`` marks seconds without a fix, ``zero`` those at which it says 0 N 0 E.
    """

    east_m: Floats
    north_m: Floats
    white_m: float
    quality: Floats
    lost: Bools
    zero: Bools


def receive(spec: specs.Gnss, count: int, rng: np.random.Generator) -> Reception:
    """The errors of one sortie of ``count`` seconds. What is random is drawn from ``rng`` in a fixed order."""
    slow_m = _SLOW_M[spec.mode] if spec.slow_sd_m is None else spec.slow_sd_m
    white_m = _WHITE_M[spec.mode] if spec.white_sd_m is None else spec.white_sd_m
    east, north = (gauss_markov(count, slow_m, spec.slow_tau_s, rng) for _ in range(2))
    quality = np.full(count, float(FixQuality[spec.mode.upper()]))
    mean_s = sum(_FLOAT_S) / 2.0
    for part in spans(count, spec.float_share * 3600.0 / mean_s, *_FLOAT_S, rng=rng):
        length = part.stop - part.start
        for axis in (east, north):
            axis[part] += gauss_markov(length, _SLOW_M["float"], spec.slow_tau_s, rng)
        quality[part] = np.minimum(quality[part], float(FixQuality.FLOAT))
    for part in spans(count, spec.jumps_per_h, *_JUMP_S, rng=rng):
        turn = 2.0 * math.pi * rng.random()
        far = spec.jump_m * (0.5 + rng.random())
        east[part] += far * math.sin(turn)
        north[part] += far * math.cos(turn)
    lost, zero = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    for part in spans(count, spec.no_fix_per_h, spec.no_fix_s / 2.0, spec.no_fix_s * 1.5, rng=rng):
        lost[part] = True
    for part in spans(count, spec.null_islands_per_h, 1.0, 2.0, rng=rng):
        zero[part] = True
    return Reception(east, north, white_m, quality, lost, zero)
