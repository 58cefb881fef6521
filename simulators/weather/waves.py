"""Waves, noise and columns on even grids, from + − × ÷ and square roots alone: the same bits on every processor.

``np.sin`` and its like differ in the last bit between processors, and ``np.interp`` may be fused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints

MINUTE_MS: Final = 60_000

_HALF_PI: Final = 1.5707963267948966
_TAYLOR: Final = (1 / 6, 20.0, 42.0, 72.0, 110.0, 156.0, 210.0)
_QUARTER: Final = 0.25


def sine(turns: Floats) -> Floats:
    """Sine of an angle in turns (1 is a full circle), to 1e-11; any shape."""
    part = turns - np.floor(turns)
    second = part >= 2.0 * _QUARTER
    part = np.where(second, part - 2.0 * _QUARTER, part)
    quarter = np.where(part > _QUARTER, 2.0 * _QUARTER - part, part) * (4.0 * _HALF_PI)
    square = quarter * quarter
    total = np.ones_like(quarter)
    for divisor in reversed(_TAYLOR[1:]):
        total = 1.0 - square / divisor * total
    total = quarter * (1.0 - square * _TAYLOR[0] * total)
    return np.where(second, -total, total)


def cosine(turns: Floats) -> Floats:
    """Cosine of an angle in turns, as :func:`sine`."""
    return sine(turns + _QUARTER)


def along(knots: Floats, start_ms: int, step_ms: int, ts_ms: Ints | Floats) -> Floats:
    """Values between evenly spaced knots of shape (k,), linear in between, at instants of shape (n,).

    Before the first and after the last knot its value holds.
    """
    place = np.clip((ts_ms - start_ms) / step_ms, 0.0, float(len(knots) - 1))
    left = np.minimum(place.astype(np.int64), max(len(knots) - 2, 0))
    right = np.minimum(left + 1, len(knots) - 1)
    low = knots[left]
    found: Floats = low + (knots[right] - low) * (place - left)
    return found


def restless(n: int, sd: float, scales: Sequence[int], rng: np.random.Generator) -> Floats:
    """Noise of n steps that changes over some time scales (in steps), together of about the standard deviation ``sd``.

    Each scale has its own independent values, linear in between (whence the factor of 3/2 in the variance).
    """
    total = np.zeros(n)
    share = sd * np.sqrt(1.5 / len(scales))
    steps = np.arange(n, dtype=np.int64)
    for scale in scales:
        knots = rng.standard_normal(n // scale + 3)
        shift = int(rng.integers(scale))
        total += share * along(knots, -shift, scale, steps)
    return total


def ramp(values: Floats, low: float, high: float) -> Floats:
    """0 up to ``low``, 1 from ``high`` on, linear in between."""
    return np.clip((values - low) / (high - low), 0.0, 1.0)
