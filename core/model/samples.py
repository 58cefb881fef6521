"""One sample of a device: a fix of a drone, an event of a drone, a reading of a sensor. SI-based units, named.

They are structs of msgspec, not dataclasses: making one costs a tenth, and ingest makes thousands a second.
``msgspec.structs.replace`` takes the place of ``dataclasses.replace``.
"""

from __future__ import annotations

import math

import msgspec

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation

NAN = math.nan


class Section(msgspec.Struct, frozen=True, gc=False):
    """One part of a boom with a state of its own, as it was at a fix.

    ``offset_m`` is the distance of the section's middle from the machine's track, positive to the right.
    """

    offset_m: float
    width_m: float
    on: bool
    flow_lpm: float = NAN


class Fix(msgspec.Struct, frozen=True, gc=False):
    """One telemetry sample of a drone. NaN, −1 or an empty text mean "not told"."""

    device: str
    ts_ms: int
    lat_deg: float
    lon_deg: float
    seq: int = -1
    boot: str = ""
    height_m: float = NAN
    height_ref: HeightRef = HeightRef.UNKNOWN
    speed_mps: float = NAN
    heading_deg: float = NAN
    quality: FixQuality = FixQuality.UNKNOWN
    hdop: float = NAN
    op: Operation = Operation.UNKNOWN
    on: bool = False
    mode: Mode = Mode.UNKNOWN
    flow_lpm: float = NAN
    rate_kgpm: float = NAN
    swath_m: float = NAN
    tank_l: float = NAN
    tank_kg: float = NAN
    battery_pct: float = NAN
    flight: str = ""
    job: str = ""
    sections: tuple[Section, ...] = ()


class Event(msgspec.Struct, frozen=True, gc=False):
    """An exact instant that a drone reports: implement on or off, take-off, landing, refill, arm, disarm."""

    device: str
    ts_ms: int
    kind: EventKind
    boot: str = ""


class Reading(msgspec.Struct, frozen=True, gc=False):
    """One sample of one quantity of a field sensor, in the unit that it was sent in."""

    device: str
    ts_ms: int
    quantity: str
    value: float
    unit: str = ""
