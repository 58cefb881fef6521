"""The implement that a time log is about, and its logged values in base units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.model.fixtable import Floats
from ingest.isoxml import dictionary as ddi
from ingest.isoxml.device import Device, Kind, Part
from ingest.isoxml.taskdata import Task, TaskData
from ingest.isoxml.timelog import TimeLog

_ACTUAL_RATES: Final = (
    ddi.VOLUME_PER_AREA,
    ddi.MASS_PER_AREA,
    ddi.COUNT_PER_AREA,
    ddi.VOLUME_PER_TIME,
    ddi.MASS_PER_TIME,
)
_SET_RATES: Final = (ddi.VOLUME_PER_AREA_SET, ddi.MASS_PER_AREA_SET, ddi.COUNT_PER_AREA_SET, ddi.VOLUME_PER_TIME_SET)
_WEIGHTS: Final = {
    **dict.fromkeys(ddi.CONDENSED, 8),
    **dict.fromkeys(ddi.CONDENSED_SET, 4),
    **dict.fromkeys(_ACTUAL_RATES, 4),
    **dict.fromkeys(_SET_RATES, 2),
    **dict.fromkeys((ddi.WORK_STATE, ddi.TOTAL_AREA, ddi.TOTAL_VOLUME_L, ddi.TOTAL_MASS_KG), 2),
    **dict.fromkeys((ddi.WIDTH, ddi.WIDTH_MAX, ddi.TOTAL_TIME, ddi.TOTAL_DISTANCE), 1),
}
"""How much a logged quantity tells that its device is the one that works, not the tractor or a computer on it."""


@dataclass(slots=True)
class Implement:
    """A device as a log tells of it; arrays have the shape (n,) of the log's rows. ``notes``: units that surprised."""

    log: TimeLog
    device: Device
    notes: list[str] = field(default_factory=list)

    def parts(self, *kinds: Kind) -> list[Part]:
        """The elements of some kinds, in document order."""
        return [p for p in self.device.parts if p.kind in kinds]

    def told(self, quantity: int, parts: Iterable[Part]) -> list[Part]:
        """Those elements for which the log holds values of a quantity."""
        return [p for p in parts if self.log.channels({quantity}, {p.part})]

    def raw(self, part: Part, quantity: int) -> Floats:
        """The held raw value, NaN before the first and where the log holds none."""
        channels = self.log.channels({quantity}, {part.part})
        return self.log.held(channels[0]) if channels else np.full(len(self.log), np.nan)

    def value(self, part: Part, quantity: int) -> Floats:
        """The held value in base units (see :mod:`ingest.isoxml.dictionary`)."""
        scale = ddi.scale_of(quantity, part.presentations.get(quantity))
        if scale.note and scale.note not in self.notes:
            self.notes.append(scale.note)
        return (self.raw(part, quantity) + scale.offset) * scale.factor

    def geometry(self, part: Part, quantities: Sequence[int], *, positive: bool = False) -> Floats | None:
        """A length in metres at every row: the first quantity that is logged, else the first fixed property.

        Geometry holds for the whole log, so rows before the first value take that one. With ``positive``, a quantity
        that is never above 0 is passed over.
        """
        for quantity in quantities:
            if self.told(quantity, [part]):
                values = _filled_back(self.value(part, quantity))
                if not positive or (values > 0.0).any():
                    return values
        for quantity in quantities:
            if quantity in part.properties:
                metres = part.properties[quantity] * ddi.scale_of(quantity, None).factor
                if not positive or metres > 0.0:
                    return np.full(len(self.log), metres)
        return None


def _filled_back(values: Floats) -> Floats:
    """Rows before the first number take it."""
    known = np.flatnonzero(np.isfinite(values))
    if len(known):
        values[: known[0]] = values[known[0]]
    return values


def implement_of(data: TaskData, task: Task | None, log: TimeLog) -> Implement | None:
    """The device whose work a log records: the one with the most telling quantities.

    Without any: the device that logged, else the one that the task names, else the only one; None where several are
    left.
    """
    scores = [_score(device, log) for device in data.devices]
    if scores and max(scores)[0] > 0:
        return Implement(log, data.devices[scores.index(max(scores))])
    senders = {c.part for c in log.header.channels}
    allocated = () if task is None else task.devices
    present = [d for d in data.devices if not senders.isdisjoint(p.part for p in d.parts)]
    named = [d for d in data.devices if d.device in allocated]
    for candidates in (present[:1], named, data.devices):
        if len(candidates) == 1:
            return Implement(log, candidates[0])
    return None


def _score(device: Device, log: TimeLog) -> tuple[int, int]:
    """How telling the quantities are that a device logs, and how often it told them."""
    parts = {p.part for p in device.parts}
    mine = [i for i, c in enumerate(log.header.channels) if c.part in parts and c.ddi in _WEIGHTS]
    weight = sum(_WEIGHTS[quantity] for quantity in {log.header.channels[i].ddi for i in mine})
    return weight, sum(len(log.sent[i][0]) for i in mine if i in log.sent)


def coupling_m(data: TaskData, task: Task | None, implement: Implement) -> Floats:
    """How far right of the antenna's track the implement's reference point runs, in metres, shape (n,).

    The coupled connectors lie on each other; the antenna may lie beside the tractor's middle. Where no connection is
    stated, the tractor's connector is taken to be in its middle.
    """
    shift = np.zeros(len(implement.log))
    own = implement.device
    for connection in task.connections if task is not None else ():
        if own.device not in connection.devices:
            continue
        mine = connection.devices.index(own.device)
        tractor = next((d for d in data.devices if d.device == connection.devices[1 - mine]), None)
        if tractor is None:
            continue
        other = Implement(implement.log, tractor)
        return (
            _side(other, [p for p in tractor.parts if p.part == connection.parts[1 - mine]])
            - _side(implement, [p for p in own.parts if p.part == connection.parts[mine]])
            - _side(other, other.parts(Kind.NAVIGATION))
        )
    connectors = implement.parts(Kind.CONNECTOR)
    if len(connectors) == 1:
        shift -= _side(implement, connectors)
    return shift - _side(implement, implement.parts(Kind.NAVIGATION))


def _side(implement: Implement, parts: Sequence[Part]) -> Floats:
    """The lateral offset of the first of some elements, 0 where none tells it."""
    found = implement.geometry(parts[0], (ddi.OFFSET_Y,)) if parts else None
    return np.zeros(len(implement.log)) if found is None else found
