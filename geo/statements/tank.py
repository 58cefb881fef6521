"""What left the tank by its level: the second total, which owes nothing to the flow meter."""

from __future__ import annotations

import hashlib

import numpy as np

from core.model.fixtable import FixTable, Floats
from core.model.samples import NAN
from geo.context.tank import REFILL_L


def used(fixes: FixTable, levels: Floats) -> float:
    """How far a level fell over a flight, in its own unit; NaN where fewer than two fixes tell it.

    A level that rises by more than 0.5 (``geo.context.tank.REFILL_L``) between two fixes was filled up, and what was
    filled in is no loss; smaller rises are the sensor's noise and count against the falls.
    """
    order = np.lexsort((fixes.seq, fixes.ts_ms))
    told = levels[order]
    told = told[np.isfinite(told)]
    if len(told) < 2:  # noqa: PLR2004 - a difference takes two
        return NAN
    steps = np.diff(told)
    return float(-steps[steps <= REFILL_L].sum()) + 0.0


def tank_hash(fixes: FixTable) -> str:
    """SHA-256, as hex, of the levels by time: the input hash leaves them out. Empty where no fix tells one.

    Of every fix that tells a level, time in ms, litres and kilograms as little-endian doubles (NaN: not told), sorted,
    repeated ones dropped.
    """
    told = np.isfinite(fixes.tank_l) | np.isfinite(fixes.tank_kg)
    if not told.any():
        return ""
    columns = [np.where(np.isfinite(c), c, np.nan)[told] + 0.0 for c in (fixes.tank_l, fixes.tank_kg)]
    rows = np.column_stack([fixes.ts_ms[told].astype("<f8"), *columns]).astype("<f8").view("<i8")
    return hashlib.sha256(np.ascontiguousarray(np.unique(rows, axis=0)).data).hexdigest()
