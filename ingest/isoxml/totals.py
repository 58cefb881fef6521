"""What the machine counted for a log: last minus first value of its counters, which run on through a task."""

from __future__ import annotations

from typing import Final

import numpy as np

from ingest.isoxml import dictionary as ddi
from ingest.isoxml.device import Kind, Part
from ingest.isoxml.implement import Implement
from ingest.isoxml.taskdata import Task

MS_PER_S: Final = 1_000.0
_LEVELS: Final = ((Kind.DEVICE,), (Kind.FUNCTION,), (Kind.BIN,), (Kind.SECTION, Kind.UNIT))
_COUNTERS: Final[dict[str, tuple[int, ...]]] = {
    "area_m2": (ddi.TOTAL_AREA,),
    "distance_m": (ddi.TOTAL_DISTANCE,),
    "time_s": (ddi.TOTAL_TIME,),
    "volume_l": (ddi.TOTAL_VOLUME_ML, ddi.TOTAL_VOLUME_L),
    "mass_kg": (ddi.TOTAL_MASS_G, ddi.TOTAL_MASS_KG),
}
"""Where a quantity is counted in two units, the finer comes first."""
_ADD_UP: Final = ("volume_l", "mass_kg")
"""What bins, functions and sections have each their share of; of areas, distances and times the largest is taken."""


def totals_of(implement: Implement, task: Task | None) -> dict[str, float]:
    """The machine's totals of a log, by key with unit.

    A counter that drops was set back: what it counted before and after is added. Where the log holds no counter, what
    the task's only time states is taken, if this is the task's only log.
    """
    fresh = _from_zero(implement)
    found: dict[str, float] = {}
    for key, quantities in _COUNTERS.items():
        for quantity in quantities:
            counted = _counted(implement, quantity, fresh=fresh, add=key in _ADD_UP)
            if counted is not None:
                found.setdefault(key, counted)
    return found or _stated(implement, task)


def _counted(implement: Implement, quantity: int, *, fresh: bool, add: bool) -> float | None:
    """The increase of a counter over the log, of the outermost elements that have it."""
    for kinds in _LEVELS:
        parts = implement.told(quantity, implement.parts(*kinds))
        grown = [g for p in parts if (g := _increase(implement, p, quantity, fresh=fresh)) is not None]
        if grown:
            return sum(grown) if add else max(grown)
    return None


def _increase(implement: Implement, part: Part, quantity: int, *, fresh: bool) -> float | None:
    """Increase of one counter; None in a log of a single row, which cannot tell.

    Where the counters started with the log, what it told first counts too, if that is no more than it grew at once
    later: not all counters of a device start together.
    """
    values = implement.value(part, quantity)
    values = values[np.isfinite(values)]
    if len(implement.log) <= 1 or len(values) == 0:
        return None
    steps = np.diff(values)
    first = float(values[0]) if fresh and 0.0 < values[0] <= steps.max(initial=0.0) else 0.0
    return float(steps[steps > 0.0].sum()) + first


def _from_zero(implement: Implement) -> bool:
    """Whether the counters started with the log: the time counted first is no longer than the log then was."""
    for part in implement.told(ddi.TOTAL_TIME, implement.parts(Kind.DEVICE, Kind.FUNCTION)):
        values = implement.value(part, ddi.TOTAL_TIME)
        known = np.flatnonzero(np.isfinite(values))
        if len(known):
            first = int(known[0])
            return bool(0.0 <= values[first] <= (implement.log.clock_ms[first] - implement.log.clock_ms[0]) / MS_PER_S)
    return False


def _stated(implement: Implement, task: Task | None) -> dict[str, float]:
    """Totals that the TASKDATA.XML states for the task's only time, in base units."""
    if task is None or len(task.logs) != 1 or len(task.times) != 1:
        return {}
    found: dict[str, float] = {}
    for key, quantities in _COUNTERS.items():
        for quantity in quantities:
            raw = {part: value for part, number, value in task.times[0].totals if number == quantity}
            for kinds in _LEVELS:
                parts = [p for p in implement.parts(*kinds) if p.part in raw]
                values = [_scaled(p, quantity, raw[p.part]) for p in parts]
                if values:
                    found.setdefault(key, sum(values) if key in _ADD_UP else max(values))
                    break
    return found


def _scaled(part: Part, quantity: int, raw: int) -> float:
    scale = ddi.scale_of(quantity, part.presentations.get(quantity))
    return (raw + scale.offset) * scale.factor
