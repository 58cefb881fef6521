"""The native payload's objects as they stand on the wire; docs/schema is made from these."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from core.model.samples import NAN

Identifier = Annotated[str, Meta(min_length=1, max_length=64)]
Text = Annotated[str, Meta(max_length=128)]
Quantity = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._/()%°-]{0,63}$(?!\n)")]
TimeMs = Annotated[int, Meta(ge=-(2**53), le=2**53, description="ms since 1970 UTC, by the device's clock")]
Counter = Annotated[int, Meta(ge=-1, le=2**53, description="rises by one per fix within a boot")]


class SectionWire(msgspec.Struct, frozen=True, gc=False):
    """One part of a boom; ``offset_m`` is its middle, positive to the right of the track."""

    offset_m: float
    width_m: Annotated[float, Meta(ge=0)]
    on: bool
    flow_lpm: float = NAN


class FixWire(msgspec.Struct, frozen=True, gc=False):
    """One fix of a drone."""

    device: Identifier
    ts: TimeMs
    lat: Annotated[float, Meta(description="WGS 84, degrees")]
    lon: Annotated[float, Meta(description="WGS 84, degrees")]
    seq: Counter = -1
    boot: Text = ""
    height_m: float = NAN
    height_ref: Literal["unknown", "takeoff", "crop", "ground", "msl", "ellipsoid"] = "unknown"
    speed_mps: float = NAN
    heading_deg: float = NAN
    fix: Literal["unknown", "none", "single", "dgps", "float", "rtk"] = "unknown"
    hdop: float = NAN
    op: Literal["unknown", "spray", "spread", "sow"] = "unknown"
    on: bool = False
    mode: Literal["unknown", "auto", "ab", "manual", "rtl", "failsafe"] = "unknown"
    flow_lpm: float = NAN
    rate_kgpm: float = NAN
    swath_m: Annotated[float, Meta(ge=0)] = NAN
    tank_l: float = NAN
    tank_kg: float = NAN
    battery_pct: float = NAN
    flight: Text = ""
    job: Text = ""
    sections: Annotated[list[SectionWire], Meta(max_length=512)] = msgspec.field(default_factory=list)


class EventWire(msgspec.Struct, frozen=True, gc=False):
    """What happened to a drone at an exact instant."""

    device: Identifier
    ts: TimeMs
    kind: Literal["on", "off", "takeoff", "landing", "refill", "arm", "disarm"]
    boot: Text = ""


class ReadingWire(msgspec.Struct, frozen=True, gc=False):
    """One sample of one quantity of a field sensor."""

    device: Identifier
    ts: TimeMs
    quantity: Quantity
    value: float
    unit: Text = ""
