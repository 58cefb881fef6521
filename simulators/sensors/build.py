"""Sensors of a scenario as they are installed: the device, its stream, its foreign name, where its zero lies."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.localtime import local_day
from core.model.fixtable import Floats
from core.model.fleet import Mount
from core.model.land import Device, DeviceKind, ForeignDevice
from core.model.traffic import Stream
from simulators import specs
from simulators.sensors.columns import Column, Table, instants, table
from simulators.sensors.faults import battery_pct, befallen, speaks, voltage_v
from simulators.sensors.kinds import KINDS, Post
from simulators.sensors.models import NATIVE, SENML, Model, model_of
from simulators.sensors.salinity import conductivity_of_salinity
from simulators.weather.course import Course

_NAMES: Final = {
    "weather": ("weather", "Trạm thời tiết"),
    "water_level": ("water", "Mực nước"),
    "salinity": ("salinity", "Độ mặn"),
    "soil": ("soil", "Đất"),
}
_MINUTE_S: Final = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Installed:
    """One sensor: what it sends, and what is true beside it.

    Attributes:
        device: For the registry.
        stream: Its readings in true time, in the maker's quantities and the platform's units. In a maker's format NaN
            says that the probe failed: :func:`simulators.sensors.encode` makes the maker's error of it.
        aliases: Its foreign name, where it speaks a foreign format.
        mounts: What is to be added to its values so that a water level counts from the soil's surface.
        truth: What was true at its instants, before noise and faults.
        height_m: How high above the soil a distance sensor hangs (level = height − distance); 0 where it is none.
    """

    device: Device
    stream: Stream
    aliases: tuple[ForeignDevice, ...]
    mounts: tuple[Mount, ...]
    truth: Table
    height_m: float = 0.0


def installed(
    spec: specs.Sensor,
    number: int,
    place: tuple[float, float],
    weather: Course,
    *,
    cooperative: str,
    start_ms: int,
    end_ms: int,
    seed: int,
) -> Installed:
    """One sensor of a scenario.

    Args:
        spec: The sensor's table; ``count`` is for the caller.
        number: Of this kind within the cooperative, from 1 on: it makes the device's name.
        place: Longitude and latitude, WGS 84 degrees.
        weather: Over the place; it must cover the time.
        cooperative: Whose it is.
        start_ms: First instant, ms since 1970 UTC; faults count from here.
        end_ms: Last instant.
        seed: Of all that is random, 0 or more.

    Raises:
        ConfigError: The format is none, not of this kind, or a fault names what the sensor does not measure.
    """
    model = model_of(spec.kind, spec.format)
    prefix, title = _NAMES[spec.kind]
    device = f"{prefix}-{number:02d}"
    external = external_id(cooperative, device)
    rng = np.random.default_rng([seed, int(external, 16)])
    every_ms = max(1, round(spec.every_s * 1000.0))
    ts_ms = instants(start_ms, end_ms, every_ms, int(rng.integers(every_ms)))
    post = Post(weather, ts_ms, rng, canal=spec.canal)
    measured = KINDS[spec.kind](post)
    values = befallen(spec.kind, measured.values, spec.faults, ts_ms, start_ms)
    battery = battery_pct(spec.faults, ts_ms, start_ms, rng)
    told = _told(model, values, battery)
    columns = [Column(c.quantity, c.unit, told[c.quantity], c.per) for c in model.channels]
    said = table(ts_ms, columns).where(speaks(spec.faults, battery, ts_ms, start_ms))
    codec = spec.format.partition("/")[0]
    foreign = codec != NATIVE
    readings = said.readings(device, failures=codec not in {NATIVE, SENML})
    wire = (spec.format, external) if foreign else ("", "")
    lon, lat = (round(degrees, 7) for degrees in place)
    kind = DeviceKind.SENSOR
    return Installed(
        device=Device(device, cooperative, kind, f"{title} {number}", model.title, lat_deg=lat, lon_deg=lon),
        stream=Stream(device, kind, readings, cooperative=cooperative, wire=wire[0], external=wire[1]),
        aliases=(ForeignDevice(codec, external, cooperative, device),) if foreign else (),
        mounts=_mounts(model, device, cooperative, start_ms),
        truth=measured.truth,
        height_m=model.height_m,
    )


def external_id(cooperative: str, device: str) -> str:
    """The devEUI of a device: 16 hex digits that follow from its name and its cooperative's."""
    return hashlib.blake2b(f"{cooperative}/{device}".encode(), digest_size=8).hexdigest()


def _told(model: Model, values: dict[str, Floats], battery: Floats) -> dict[str, Floats]:
    """Every quantity that some model tells of, from what was measured: depth above the probe, distance down to it."""
    told = {**values, "battery": battery, "battery_voltage": voltage_v(battery)}
    if "water_level" in values:
        told["water_level"] = values["water_level"] + model.probe_m
        told["distance"] = model.height_m - values["water_level"]
    if "salinity" in values:
        told["salinity"] = np.maximum(values["salinity"], 0.0)
        told["water_conductivity"] = conductivity_of_salinity(told["salinity"])
    return told


def _mounts(model: Model, device: str, cooperative: str, start_ms: int) -> tuple[Mount, ...]:
    if not model.probe_m:
        return ()
    return (Mount(device, cooperative, "water_level", local_day(start_ms), -model.probe_m, "m"),)
