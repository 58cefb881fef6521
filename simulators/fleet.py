"""A small fleet that shares plots out among its drones, with a weather station and water levels in the fields."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from core.errors import ConfigError
from core.model.land import Device, DeviceKind, Plot
from core.model.traffic import Stream
from simulators import specs, world

START_MS: Final = 1_767_225_600_000 + 30 * 60_000
"""When a fleet takes off unless told: 1 January 2026, 07:30 in Vietnam. Players date it anew."""
MODELS: Final = (
    "DJI Agras T40",
    "DJI Agras T25",
    "DJI Agras T30",
    "XAG P100",
    "DJI Agras T40",
    "DJI Agras T25",
)
_FIRST_SORTIE_S: Final = 200.0
_FLOAT_SHARE: Final = 0.01
_SENSORS: Final = [
    specs.Sensor(kind="weather", every_s=60.0),
    specs.Sensor(kind="water_level", count=3, every_s=60.0),
]


@dataclass(frozen=True, slots=True)
class Fleet:
    """What there is and what it will send. ``duration_s`` is from the first take-off to the last landing."""

    devices: tuple[Device, ...]
    streams: tuple[Stream, ...]
    duration_s: float = 0.0
    flights: int = 0
    sprayed_m2: float = 0.0
    volume_l: float = 0.0


def fly(
    plots: Sequence[Plot],
    *,
    drones: int = 6,
    seed: int = 1,
    swath_m: float = 7.0,
    dose_lpha: float = 20.0,
    rate_hz: float = 5.0,
    noise: float = 1.0,
    start_ms: int = START_MS,
) -> Fleet:
    """Fly all plots, each drone a neighbourhood of about the same area, the smallest plot of it first.

    First sorties are short and staggered, so that something has landed soon. The same arguments give the same samples,
    byte for byte.

    Args:
        plots: What to spray, in WGS 84, of one cooperative.
        drones: How many drones at most.
        seed: Of all that is random.
        swath_m: Width of a strip.
        dose_lpha: Litres of spray per hectare.
        rate_hz: Fixes a second.
        noise: 1 for RTK receivers' errors, wind and whatever else there is, 0 for none of it.
        start_ms: First take-off.

    Raises:
        ConfigError: There is no plot or no drone, or a quantity is not positive.
    """
    _check(plots, drones, swath_m, dose_lpha, rate_hz)
    cooperative = plots[0].cooperative
    fleets = [
        specs.Fleet(
            model=MODELS[number % len(MODELS)],
            dose=dose_lpha,
            swath_m=swath_m,
            rate_hz=rate_hz,
            gnss="fleet",
            network="",
            response_s=0.2 * noise,
            meter_error_pct=noise,
            restless=noise,
            drift=noise > 0.0,
        )
        for number in range(drones)
    ]
    scenario = specs.Scenario(
        name="fleet",
        title_vi="Đội máy bay",
        title_en="Fleet",
        start=dt.datetime.fromtimestamp(start_ms / 1000.0, dt.UTC),
        gnss={"fleet": _receiver(noise)},
        cooperatives=[
            specs.Cooperative(
                id=cooperative, name=cooperative, fleets=fleets, sensors=_SENSORS, first_sortie_s=_FIRST_SORTIE_S
            )
        ],
    )
    return _fleet(world.prepare(scenario, seed=seed, plots={cooperative: plots}))


def _receiver(noise: float) -> specs.Gnss:
    if noise:
        return specs.Gnss(float_share=_FLOAT_SHARE)
    return specs.Gnss(slow_sd_m=0.0, white_sd_m=0.0)


def _fleet(ready: world.World) -> Fleet:
    parts = list(ready.made())
    end_ms = max(part.end_ms for part in parts)
    return Fleet(
        ready.devices,
        tuple(_until(stream, end_ms) for part in parts for stream in part.streams),
        duration_s=(end_ms - ready.start_ms) / 1000.0,
        flights=sum(part.flights for part in parts),
        sprayed_m2=sum(part.sprayed_m2 for part in parts),
        volume_l=sum(part.released for part in parts),
    )


def _until(stream: Stream, end_ms: int) -> Stream:
    """A sensor's readings until the fleet has landed, for the sender to make messages of; drones as they are."""
    if stream.kind is DeviceKind.DRONE or not isinstance(stream.samples, list):
        return stream
    readings: list[Any] = [reading for reading in stream.samples if reading.ts_ms <= end_ms]
    return replace(stream, samples=readings, sending=None)


def _check(plots: Sequence[Plot], drones: int, swath_m: float, dose_lpha: float, rate_hz: float) -> None:
    if not plots:
        raise ConfigError("there is no plot to fly over")
    for name, value in (("drones", drones), ("swath_m", swath_m), ("dose_lpha", dose_lpha), ("rate_hz", rate_hz)):
        if not (math.isfinite(value) and value > 0):
            raise ConfigError(f"{name} = {value:g}: give a number above 0")
