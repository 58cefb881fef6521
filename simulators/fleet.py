"""A small fleet that shares plots out among its drones, with a weather station and water levels in the fields."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import ConfigError
from core.localtime import local_day
from core.model.land import Device, DeviceKind, Plot
from geo.projection import LocalPlane
from simulators.drone import Airframe, Flown, Work, plan_sorties, record
from simulators.player import Stream
from simulators.route import Line, plan_lines
from simulators.sensor import water_level, weather
from simulators.trajectory import Kinematics

START_MS: Final = 1_767_225_600_000 + 30 * 60_000
"""When a fleet takes off unless told: 1 January 2026, 07:30 in Vietnam. Players date it anew."""
MODELS: Final = (
    ("DJI Agras T40", 40.0),
    ("DJI Agras T25", 20.0),
    ("DJI Agras T30", 30.0),
    ("XAG P100", 40.0),
    ("DJI Agras T40", 40.0),
    ("DJI Agras T25", 20.0),
)
_STAGGER_MS: Final = 20_000
_FIRST_SORTIE_S: Final = 200.0
_WATER_SENSORS: Final = 3


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
    job: str = "",
) -> Fleet:
    """Fly all plots, each drone a neighbourhood of about the same area, the smallest plot of it first.

    First sorties are short and staggered, so that something has landed soon. The same arguments give the same samples,
    byte for byte.

    Args:
        plots: What to spray, in WGS 84.
        drones: How many drones at most.
        seed: Of all that is random.
        swath_m: Width of a strip.
        dose_lpha: Litres of spray per hectare.
        rate_hz: Fixes a second.
        noise: 1 for RTK receivers' errors, 0 for none.
        start_ms: First take-off.
        job: What the job ids begin with; empty: ``phun-`` and the local date of ``start_ms``.

    Raises:
        ConfigError: There is no plot or no drone, or a quantity is not positive.
    """
    _check(plots, drones, swath_m, dose_lpha, rate_hz)
    plane = _plane(plots)
    kinematics = Kinematics(steady_ms=round(1000.0 / rate_hz) + 100)
    flown: list[tuple[Airframe, Flown]] = []
    for number, group in enumerate(_groups(plots, plane, drones)):
        rng = np.random.default_rng([seed, number])
        model, tank_l = MODELS[number % len(MODELS)]
        airframe = Airframe(f"drone-{number + 1:02d}", model, tank_l, kinematics=kinematics)
        lines = _route(group, plane, swath_m, rng)
        work = Work(
            job=f"{job or 'phun-' + local_day(start_ms)}-{number + 1:02d}",
            lines=lines,
            base=_base(lines),
            swath_m=swath_m,
            dose_lpha=dose_lpha,
            start_ms=start_ms + number * _STAGGER_MS,
            first_sortie_s=_FIRST_SORTIE_S + 45.0 * number,
        )
        sorties = plan_sorties(airframe, work)
        if sorties:
            flown.append((airframe, record(airframe, work, sorties, plane, rng, rate_hz=rate_hz, noise=noise)))
    if not flown:
        raise ConfigError(f"no plot has room for a strip of {swath_m:g} m")
    return _fleet(plots, flown, swath_m=swath_m, dose_lpha=dose_lpha, start_ms=start_ms, seed=seed)


def _check(plots: Sequence[Plot], drones: int, swath_m: float, dose_lpha: float, rate_hz: float) -> None:
    if not plots:
        raise ConfigError("there is no plot to fly over")
    for name, value in (("drones", drones), ("swath_m", swath_m), ("dose_lpha", dose_lpha), ("rate_hz", rate_hz)):
        if not (math.isfinite(value) and value > 0):
            raise ConfigError(f"{name} = {value:g}: give a number above 0")


def _plane(plots: Sequence[Plot]) -> LocalPlane:
    bounds = np.array([p.boundary.bounds for p in plots])
    return LocalPlane.for_points(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel())


def _groups(plots: Sequence[Plot], plane: LocalPlane, drones: int) -> list[list[Plot]]:
    """Part the plots into chains of neighbours of about the same area; each begins with its smallest plot."""
    areas = {p.plot: plane.to_plane(p.boundary).area for p in plots}
    middles = {p.plot: plane.to_plane(p.boundary).centroid.coords[0] for p in plots}
    west = min(plots, key=lambda p: middles[p.plot])
    chain = _chain(plots, west, middles)
    reached = np.cumsum([areas[p.plot] for p in chain])
    number = np.minimum(((reached - reached[0] / 2) / reached[-1] * drones).astype(int), drones - 1)
    groups = [[p for p, n in zip(chain, number, strict=True) if n == drone] for drone in range(drones)]
    return [_chain(g, min(g, key=lambda p: areas[p.plot]), middles) for g in groups if g]


def _chain(plots: Sequence[Plot], first: Plot, middles: dict[str, tuple[float, ...]]) -> list[Plot]:
    """The plots in an order in which each is followed by the nearest that is left."""
    chain = [first]
    left = [p for p in plots if p is not first]
    while left:
        here = middles[chain[-1].plot]
        chain.append(left.pop(min(range(len(left)), key=lambda i: math.dist(here, middles[left[i].plot]))))
    return chain


def _route(
    group: Sequence[Plot], plane: LocalPlane, swath_m: float, rng: np.random.Generator
) -> list[tuple[Line, float]]:
    """The lines of plot after plot, each plot from the side that is nearer, at a speed of its own (5-7 m/s)."""
    route: list[tuple[Line, float]] = []
    for plot in group:
        lines = plan_lines(plane.to_plane(plot.boundary), swath_m)
        speed = round(float(rng.uniform(5.0, 7.0)), 1)
        if lines and route and _distance(route[-1][0], lines[-1]) < _distance(route[-1][0], lines[0]):
            lines.reverse()
        route += [(line, speed) for line in lines]
    return route


def _distance(one: Line, other: Line) -> float:
    ends = (other.point(0.0), other.point(other.length_m))
    return min(math.dist(one.point(one.length_m), end) for end in ends)


def _base(lines: Sequence[tuple[Line, float]]) -> tuple[float, float]:
    """Where the crew stands: at the end of a line in the middle of the route, on the first line's bank."""
    if not lines:
        return 0.0, 0.0
    start = lines[0][0].point(-5.0)
    line = lines[len(lines) // 2][0]
    ends = (line.point(-5.0), line.point(line.length_m + 5.0))
    return min(ends, key=lambda end: math.dist(start, end))


def _fleet(
    plots: Sequence[Plot],
    flown: Sequence[tuple[Airframe, Flown]],
    *,
    swath_m: float,
    dose_lpha: float,
    start_ms: int,
    seed: int,
) -> Fleet:
    cooperative = plots[0].cooperative
    end_ms = max(f.events[-1].ts_ms for _, f in flown)
    devices: list[Device] = []
    streams: list[Stream] = []
    for airframe, flight in flown:
        name = f"{airframe.model} số {airframe.device[-2:]}"
        devices.append(Device(airframe.device, cooperative, DeviceKind.DRONE, name, airframe.model, swath_m))
        streams.append(Stream(airframe.device, DeviceKind.DRONE, flight.fixes))
        streams.append(Stream(airframe.device, DeviceKind.DRONE, flight.events))
    for device, readings in _sensors(plots, cooperative, start_ms, end_ms, seed):
        devices.append(device)
        streams.append(readings)
    sorties = [s for _, f in flown for s in f.sorties]
    sprayed_m2 = sum(s.trajectory.sprayed_m for s in sorties) * swath_m
    return Fleet(
        tuple(devices),
        tuple(streams),
        duration_s=(max(s.trajectory.end_ms for s in sorties) - start_ms) / 1000.0,
        flights=len(sorties),
        sprayed_m2=sprayed_m2,
        volume_l=sprayed_m2 * dose_lpha / 10_000.0,
    )


def _sensors(
    plots: Sequence[Plot], cooperative: str, start_ms: int, end_ms: int, seed: int
) -> list[tuple[Device, Stream]]:
    """A weather station at the first plot, and water levels in plots spread over the list."""
    made: list[tuple[Device, Stream]] = []
    place = plots[0].boundary.representative_point()
    station = Device("weather-01", cooperative, DeviceKind.SENSOR, "Trạm thời tiết", lat_deg=place.y, lon_deg=place.x)
    made.append((station, Stream(station.device, DeviceKind.SENSOR, weather(station.device, start_ms, end_ms, seed))))
    for number, plot in enumerate(plots[:: max(1, math.ceil(len(plots) / _WATER_SENSORS))], start=1):
        place = plot.boundary.representative_point()
        name = f"Mực nước {plot.name or plot.plot}"
        tube = Device(f"water-{number:02d}", cooperative, DeviceKind.SENSOR, name, lat_deg=place.y, lon_deg=place.x)
        levels = water_level(tube.device, start_ms, end_ms, seed + number)
        made.append((tube, Stream(tube.device, DeviceKind.SENSOR, levels)))
    return made
