"""Amounts that may not be told: litres and kilograms, NaN where the device tells none."""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Floats


def total(values: Floats, told: Floats) -> float:
    """Sum of the values that are told, or NaN where nothing is."""
    return float(np.nansum(values)) if np.isfinite(told).any() else float("nan")
