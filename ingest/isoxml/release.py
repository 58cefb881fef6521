"""What is released: litres and kilograms per minute from rates per time or per area, and the kind of operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.enums import Operation
from core.model.fixtable import Bools, Floats
from ingest.isoxml import dictionary as ddi
from ingest.isoxml.device import FERTILIZERS, SOWERS, SPRAYERS, Kind
from ingest.isoxml.implement import Implement

S_PER_MIN: Final = 60.0
_VOLUMES: Final = ((ddi.VOLUME_PER_TIME, ddi.VOLUME_PER_AREA), (ddi.VOLUME_PER_TIME_SET, ddi.VOLUME_PER_AREA_SET))
_MASSES: Final = ((ddi.MASS_PER_TIME, ddi.MASS_PER_AREA), (ddi.MASS_PER_TIME_SET, ddi.MASS_PER_AREA_SET))
_COUNTS: Final = (ddi.COUNT_PER_AREA, ddi.COUNT_PER_AREA_SET, ddi.TOTAL_COUNT)


@dataclass(frozen=True, slots=True, eq=False)
class Rate:
    """A rate at every row: per second, or per square metre (``per_area``), in litres or kilograms."""

    values: Floats
    per_area: bool
    note: str = ""

    def per_minute(self, rows: Bools, on: Bools, active_m: Floats, speed_mps: Floats) -> Floats:
        """L/min or kg/min of some rows: rate, or dose × speed × width; nothing while the implement is off."""
        values = self.values[rows]
        per_s = values * speed_mps * active_m if self.per_area else values
        return np.where(on, per_s, np.where(np.isnan(values), np.nan, 0.0)) * S_PER_MIN


def volume_rate(implement: Implement) -> Rate | None:
    """Litres: the actual rate per time, else per area, else the set-points; None where the log holds none."""
    return _first(implement, _VOLUMES)


def mass_rate(implement: Implement) -> Rate | None:
    """Kilograms, likewise."""
    return _first(implement, _MASSES)


def _first(implement: Implement, choices: tuple[tuple[int, int], ...]) -> Rate | None:
    for level, (per_time, per_area) in enumerate(choices):
        for quantity in (per_time, per_area):
            values = _over_parts(implement, quantity, per_area=quantity == per_area)
            if values is not None:
                note = f"no actual rate is logged: the set-point (DDI {quantity}) is taken" if level else ""
                return Rate(values, quantity == per_area, note)
    return None


def _over_parts(implement: Implement, quantity: int, *, per_area: bool) -> Floats | None:
    """A rate of the whole implement: of the device, else its functions, else its bins (products add up).

    Sections share one dose, so theirs are averaged; their rates per time add up.
    """
    for kinds in ((Kind.DEVICE,), (Kind.FUNCTION,), (Kind.BIN,), (Kind.SECTION, Kind.UNIT)):
        parts = implement.told(quantity, implement.parts(*kinds))
        if parts:
            values = np.array([implement.value(p, quantity) for p in parts])
            told = np.isfinite(values)
            total = np.where(told, values, 0.0).sum(axis=0)
            count = told.sum(axis=0)
            mean = per_area and Kind.SECTION in kinds
            return np.where(count > 0, total / np.maximum(count, 1) if mean else total, np.nan)
    return None


def operation_of(implement: Implement) -> Operation:
    """What the implement does: by its device class, else by what its rates are of."""
    logged = {c.ddi for c in implement.log.header.channels if c.part in {p.part for p in implement.device.parts}}
    volume = not logged.isdisjoint({q for pair in _VOLUMES for q in pair} | {ddi.TOTAL_VOLUME_L, ddi.TOTAL_VOLUME_ML})
    mass = not logged.isdisjoint({q for pair in _MASSES for q in pair} | {ddi.TOTAL_MASS_KG, ddi.TOTAL_MASS_G})
    device_class = implement.device.device_class
    if device_class == SOWERS or not (logged.isdisjoint(_COUNTS) or device_class in {SPRAYERS, FERTILIZERS}):
        return Operation.SOW
    if device_class == SPRAYERS or (volume and not mass):
        return Operation.SPRAY
    return Operation.SPREAD if mass or device_class == FERTILIZERS else Operation.UNKNOWN
