"""Who flies, with what implement, how wide it treats, and where a sensor's zero lies."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from core.model.enums import Operation
from core.model.land import Device
from core.model.samples import NAN
from core.model.versions import Versioned


@dataclass(frozen=True, slots=True)
class Member(Versioned):
    """Somebody whose land the cooperative works. Name and phone are personal data: they stay in the registry."""

    KEY: ClassVar[tuple[str, ...]] = ("member",)

    member: str
    cooperative: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Pilot(Versioned):
    """Somebody who flies. ``licence_until`` is the last day of the licence (ISO 8601), "" where there is no record."""

    KEY: ClassVar[tuple[str, ...]] = ("pilot",)

    pilot: str
    cooperative: str
    name: str
    licence: str = ""
    licence_class: str = ""
    licence_until: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Implement(Versioned):
    """A spraying system, a spreader or a sower, and the drone that it is mounted on ("" none)."""

    KEY: ClassVar[tuple[str, ...]] = ("implement",)

    implement: str
    cooperative: str
    op: Operation
    name: str = ""
    device: str = ""
    nozzle: str = ""
    tank_l: float = NAN
    max_flow_lpm: float = NAN


@dataclass(frozen=True, slots=True)
class Calibration(Versioned):
    """A measured effective swath width of one drone and operation, on a day (ISO 8601).

    The effective swath is the widest one whose overlapped passes have a coefficient of variation ``cv_pct`` of at most
    25 % (Martin et al., Drones 2019, 3(4):83).
    """

    KEY: ClassVar[tuple[str, ...]] = ("calibration",)

    calibration: str
    cooperative: str
    device: str
    op: Operation
    day: str
    swath_m: float
    cv_pct: float = NAN
    height_m: float = NAN
    speed_mps: float = NAN
    implement: str = ""
    nozzle: str = ""
    product: str = ""


@dataclass(frozen=True, slots=True)
class Mount(Versioned):
    """What is added to a sensor's values of one quantity from a day on (ISO 8601), in the quantity's own unit.

    A level probe 0.4 m below the soil's surface has an ``offset`` of −0.4 m: then 0 is the surface.
    """

    KEY: ClassVar[tuple[str, ...]] = ("device", "quantity", "since")

    device: str
    cooperative: str
    quantity: str
    since: str
    offset: float
    unit: str


class SwathSource(StrEnum):
    """Where a swath width comes from, the surest first."""

    TASK = "task"
    CALIBRATION = "calibration"
    MODEL = "model"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Swath:
    """A swath width and where it comes from."""

    swath_m: float
    source: SwathSource


def swath_of(
    device: Device, calibrations: Iterable[Calibration], op: Operation, day: str, task_m: float = NAN
) -> Swath:
    """The swath width that counts: the task's, else the last calibration up to that day, else the model's.

    Args:
        device: The drone.
        calibrations: Those of the cooperative.
        op: What it did.
        day: On which local day (ISO 8601).
        task_m: What the task or the telemetry says, NaN where it says nothing.
    """
    if not math.isnan(task_m):
        return Swath(task_m, SwathSource.TASK)
    fitting = [c for c in calibrations if c.device == device.device and c.op == op and c.day <= day and not c.retired]
    if fitting:
        return Swath(max(fitting, key=lambda c: (c.day, c.calibration)).swath_m, SwathSource.CALIBRATION)
    if not math.isnan(device.swath_m):
        return Swath(device.swath_m, SwathSource.MODEL)
    return Swath(NAN, SwathSource.UNKNOWN)
