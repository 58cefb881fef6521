"""What the implement did at every row of a time log: on or off, sections, widths, rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.model.enums import Operation
from core.model.fixtable import Bools, Floats
from ingest.isoxml import dictionary as ddi
from ingest.isoxml.boom import Boom, boom_of, swath_of, work_state
from ingest.isoxml.implement import Implement
from ingest.isoxml.release import Rate, mass_rate, operation_of, volume_rate


@dataclass(frozen=True, slots=True, eq=False)
class Work:
    """What the implement did at every row, shape (n,); ``notes`` says what was assumed."""

    on: Bools
    op: Operation
    swath_m: Floats
    active_m: Floats
    speed_mps: Floats
    boom: Boom | None
    volume: Rate | None
    mass: Rate | None
    notes: tuple[str, ...]


def work_of(implement: Implement, shift_m: Floats) -> Work:
    """The work columns of a log.

    Args:
        implement: The device and the log.
        shift_m: How far right of the track its reference point runs, shape (n,).
    """
    boom, state = boom_of(implement, shift_m), work_state(implement)
    volume, mass = volume_rate(implement), mass_rate(implement)
    swath_m = boom.width_m.sum(axis=1) if boom is not None else swath_of(implement)
    if boom is not None:
        on, active_m = np.asarray(boom.on.any(axis=1), np.bool_), boom.active_m
    else:
        on = np.zeros(len(implement.log), np.bool_) if state is None else state
        active_m = swath_m
    notes = [note for note in (boom.note if boom else "", *(r.note for r in (volume, mass) if r)) if note]
    if boom is None and state is None and len(implement.log):
        notes.append("no work state is logged: nothing counts as treated")
    speed_mps = _reported_speed(implement)
    return Work(on, operation_of(implement), swath_m, active_m, speed_mps, boom, volume, mass, tuple(notes))


def _reported_speed(implement: Implement) -> Floats:
    """The logged speed in m/s of whichever device tells it; NaN where none does."""
    channels = [
        i for i, c in enumerate(implement.log.header.channels) if c.ddi == ddi.SPEED and i in implement.log.sent
    ]
    if not channels:
        return np.full(len(implement.log), np.nan)
    return np.abs(implement.log.held(channels[0])) * ddi.scale_of(ddi.SPEED, None).factor
