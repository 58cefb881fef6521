"""From a scenario to everything that is sent, and to what was really treated."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import shapely

from core.localtime import day_window_ms, local_day
from core.model.enums import Mode, Operation
from core.model.fleet import Mount
from core.model.land import Cooperative, Device, DeviceKind, ForeignDevice, Plot
from core.model.traffic import Run, Stream, Truth
from simulators import crew, specs
from simulators import scenario as scenarios
from simulators.crew import Rig
from simulators.flying.aircraft import SPEEDS_MPS, model
from simulators.flying.drone import Flown, Place, record
from simulators.flying.sortie import Work, plan_sorties
from simulators.flying.terrain import Terrain
from simulators.flying.truth import Strips, truth_of
from simulators.plots import rice_plots
from simulators.sending.hostile import hostile
from simulators.sending.network import send, send_readings
from simulators.sensors import Installed, installed
from simulators.weather.course import Course, course

DAY_MS: Final = 86_400_000
_STAGGER_MS: Final = 20_000
_STAGGERED_SORTIE_S: Final = 45.0
_JOBS: Final = {Operation.SPRAY: "phun", Operation.SPREAD: "bon", Operation.SOW: "sa"}
_FULL_SWATH_FLOW: Final = 0.006
"""L/min of one L/ha at one m/s and one m of swath."""
_SLOWEST_MPS: Final = 1.0
_SENSOR, _HOSTILE = 1_000_001, 1_000_002


@dataclass(frozen=True, slots=True)
class Made:
    """What one device of a scenario sends on one day, and what it treated."""

    streams: tuple[Stream, ...]
    strips: tuple[Strips, ...] = ()
    flights: int = 0
    sprayed_m2: float = 0.0
    released: float = 0.0
    end_ms: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """A cooperative of a scenario: its plots, drones and sensors, and the weather over it."""

    number: int
    spec: specs.Cooperative
    plots: tuple[Plot, ...]
    rigs: tuple[Rig, ...]
    devices: tuple[Device, ...]
    terrain: Terrain
    weather: Course
    sensors: tuple[Installed, ...] = ()
    sensor_specs: tuple[specs.Sensor, ...] = ()


@dataclass(frozen=True, slots=True)
class World:
    """A scenario that is ready to run: who and what is there. :meth:`made` then flies and measures, drone by drone."""

    scenario: specs.Scenario
    seed: int
    start_ms: int
    sites: tuple[Site, ...]
    hostile: tuple[Stream, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def cooperatives(self) -> tuple[Cooperative, ...]:
        """Those of the scenario."""
        return tuple(Cooperative(s.spec.id, s.spec.name) for s in self.sites)

    @property
    def devices(self) -> tuple[Device, ...]:
        """All drones and sensors."""
        known = [device for site in self.sites for device in site.devices]
        intruders = [Device(s.device, s.cooperative, DeviceKind.DRONE, "?") for s in self.hostile]
        return (*known, *intruders)

    @property
    def plots(self) -> tuple[Plot, ...]:
        """All plots."""
        return tuple(plot for site in self.sites for plot in site.plots)

    @property
    def aliases(self) -> tuple[ForeignDevice, ...]:
        """Under which names sensors speak their makers' formats."""
        return tuple(alias for site in self.sites for it in site.sensors for alias in it.aliases)

    @property
    def mounts(self) -> tuple[Mount, ...]:
        """How probes are installed."""
        return tuple(mount for site in self.sites for it in site.sensors for mount in it.mounts)

    @property
    def parts(self) -> int:
        """How many parts :meth:`made` makes."""
        days = len(range(0, self.scenario.days, self.scenario.work_every_days))
        sensed = sum(bool(site.sensors) for site in self.sites)
        return days * sum(len(site.rigs) for site in self.sites) + sensed + bool(self.hostile)

    def made(self) -> Iterator[Made]:
        """What every device sends, one device and day after the other; the same world makes the same again."""
        scenario = self.scenario
        for day in range(0, scenario.days, scenario.work_every_days):
            for site in self.sites:
                for rig in site.rigs:
                    yield _flown(self, site, rig, day)
        for site in self.sites:
            if site.sensors:
                yield Made(tuple(_measured(self, site, number) for number in range(len(site.sensors))))
        if self.hostile:
            yield Made(self.hostile)

    def run(self, streams: Sequence[Stream]) -> Run:
        """The run that these streams make."""
        return Run(
            self.scenario.name,
            self.seed,
            self.start_ms,
            tuple(streams),
            self.cooperatives,
            self.devices,
            self.plots,
            self.aliases,
            self.notes,
        )


def build(
    scenario: specs.Scenario, *, seed: int | None = None, plots: Mapping[str, Sequence[Plot]] | None = None
) -> tuple[Run, Truth]:
    """Run a whole scenario: everything that is sent, and what was really treated.

    Args:
        scenario: From :func:`simulators.scenario.load`, or made in code.
        seed: Of all that is random; None takes the scenario's.
        plots: By cooperative, plots that take the place of those that the scenario has made up.
    """
    world = prepare(scenario, seed=seed, plots=plots)
    parts = list(world.made())
    run = world.run([stream for part in parts for stream in part.streams])
    return run, truth_of([strips for part in parts for strips in part.strips])


def prepare(
    scenario: specs.Scenario, *, seed: int | None = None, plots: Mapping[str, Sequence[Plot]] | None = None
) -> World:
    """Lay out land, plan routes, make the weather and the sensors' readings: everything but the flights.

    Raises:
        ConfigError: A cooperative with drones has no plot, or no plot has room for a strip.
    """
    chosen = scenario.seed if seed is None else seed
    start_ms = scenarios.start_ms(scenario)
    sites = [
        _site(scenario, chosen, number, spec, (plots or {}).get(spec.id, ()))
        for number, spec in enumerate(scenario.cooperatives)
    ]
    return World(scenario, chosen, start_ms, tuple(sites), tuple(_hostile(scenario, chosen)))


def _site(scenario: specs.Scenario, seed: int, number: int, spec: specs.Cooperative, given: Sequence[Plot]) -> Site:
    plots = tuple(_placed(p, spec.id) for p in given) if given else _land(spec)
    start_ms = scenarios.start_ms(scenario)
    drones = crew.rigs(scenario, spec, plots)
    devices = tuple(crew.device_of(spec, rig) for rig in drones)
    midnight_ms = day_window_ms(local_day(start_ms))[0]
    weather = course(scenario.weather, midnight_ms, start_ms + scenario.days * DAY_MS, seed + number)
    terrain = Terrain.made(np.random.default_rng([seed, number]))
    sensors = list(_sensors(scenario, seed, spec, plots, weather))
    devices = (*devices, *(it.device for _, it in sensors))
    return Site(
        number,
        spec,
        plots,
        drones,
        devices,
        terrain,
        weather,
        tuple(it for _, it in sensors),
        tuple(kind for kind, _ in sensors),
    )


def _sensors(
    scenario: specs.Scenario, seed: int, spec: specs.Cooperative, plots: Sequence[Plot], weather: Course
) -> Iterator[tuple[specs.Sensor, Installed]]:
    """The sensors of a cooperative in plots spread over its land; they are numbered by kind."""
    start_ms = scenarios.start_ms(scenario)
    counted: Counter[str] = Counter()
    for sensor in spec.sensors:
        for plot in plots[:: math.ceil(len(plots) / sensor.count)][: sensor.count]:
            counted[sensor.kind] += 1
            place = plot.boundary.representative_point()
            at = (round(place.x, 7), round(place.y, 7))
            there = installed(
                sensor,
                counted[sensor.kind],
                at,
                weather,
                cooperative=spec.id,
                start_ms=start_ms,
                end_ms=_end_ms(scenario),
                seed=seed,
            )
            yield sensor, there


def _end_ms(scenario: specs.Scenario) -> int:
    """When the last sensor is read: at the end of work, or of the last day where there are several."""
    lasting_ms = scenario.days * DAY_MS if scenario.days > 1 else round(scenario.hours * 3_600_000.0)
    return scenarios.start_ms(scenario) + lasting_ms


def _hostile(scenario: specs.Scenario, seed: int) -> Iterator[Stream]:
    start_ms = scenarios.start_ms(scenario)
    ids = [c.id for c in scenario.cooperatives]
    for number, spec in enumerate(scenario.hostile):
        own = spec.cooperative or ids[0]
        other = next((name for name in ids if name != own), f"{own}-khac")
        rng = np.random.default_rng([seed, _HOSTILE, number])
        yield hostile(spec, own, other, start_ms, _end_ms(scenario), rng)


def _measured(world: World, site: Site, number: int) -> Stream:
    """What reaches the broker of a sensor's readings. A gateway dates what a maker's sensor sends."""
    stream, spec = site.sensors[number].stream, site.sensor_specs[number]
    network = scenarios.network(world.scenario, spec.network)
    rng = np.random.default_rng([world.seed, site.number, _SENSOR, number])
    midnight_ms = day_window_ms(local_day(world.start_ms))[0]
    readings: list[Any] = list(stream.samples) if isinstance(stream.samples, list) else []
    sent = send_readings(readings, network, rng, day0_ms=midnight_ms, clock=not stream.wire)
    return replace(stream, samples=sent.readings[0], sending=sent.readings[1], cooperative=site.spec.id)


def _placed(plot: Plot, cooperative: str) -> Plot:
    """A plot of a file as this cooperative's, its corners rounded to 1e-9 degrees: what reprojected it may differ."""
    boundary = shapely.transform(plot.boundary, lambda places: np.round(places, 9))
    return replace(plot, cooperative=cooperative, boundary=boundary)


def _land(spec: specs.Cooperative) -> tuple[Plot, ...]:
    land = spec.land
    return tuple(rice_plots(spec.id, land.count, land.seed, (land.lon, land.lat)))


def _flown(world: World, site: Site, rig: Rig, day: int) -> Made:
    """One drone's day of work, as it reaches the broker."""
    rng = np.random.default_rng([world.seed, site.number, rig.number, day])
    flown = _day(world, site, rig, day, rng)
    cooperative = site.spec.id
    strips = tuple(replace(part, cooperative=cooperative) for part in flown.strips)
    device = rig.airframe.device
    fixes = Stream(device, DeviceKind.DRONE, flown.fixes, cooperative=cooperative)
    events = Stream(device, DeviceKind.DRONE, flown.events if rig.fleet.events else [], cooperative=cooperative)
    if rig.fleet.network:
        network = scenarios.network(world.scenario, rig.fleet.network)
        midnight_ms = day_window_ms(local_day(world.start_ms + day * DAY_MS))[0]
        told = flown.events if rig.fleet.events else []
        sent = send(flown.fixes, told, network, rng, day0_ms=midnight_ms)
        fixes = replace(fixes, samples=sent.fixes[0], sending=sent.fixes[1])
        events = replace(events, samples=sent.events[0], sending=sent.events[1])
    return Made(
        (fixes, events),
        strips,
        flights=len(flown.sorties),
        sprayed_m2=sum(sortie.trajectory.sprayed_m for sortie in flown.sorties) * rig.swath_m,
        released=flown.released,
        end_ms=max((sortie.trajectory.end_ms for sortie in flown.sorties), default=0),
    )


def _day(world: World, site: Site, rig: Rig, day: int, rng: np.random.Generator) -> Flown:
    start_ms = world.start_ms + day * DAY_MS + (rig.number - 1) * _STAGGER_MS
    slowest, fastest = rig.fleet.speed_mps or SPEEDS_MPS[rig.op]
    craft = model(rig.airframe.model)
    most = craft.max_flow_lpm if rig.op is Operation.SPRAY else craft.max_rate_kgpm
    fastest = max(min(fastest, most / (rig.fleet.dose * rig.swath_m * _FULL_SWATH_FLOW)), _SLOWEST_MPS)
    slowest = min(slowest, fastest)
    plots = max(plot for plot, _ in rig.lines) + 1
    speeds = [math.floor(10.0 * (slowest + (fastest - slowest) * share)) / 10.0 for share in rng.random(plots).tolist()]
    first_s = site.spec.first_sortie_s
    work = Work(
        job=f"{_JOBS[rig.op]}-{local_day(world.start_ms + day * DAY_MS)}-{rig.number:02d}",
        lines=[(line, speeds[number]) for number, line in rig.lines],
        base=rig.base,
        swath_m=rig.swath_m,
        dose=rig.fleet.dose,
        start_ms=start_ms,
        op=rig.op,
        mode=Mode[rig.fleet.mode.upper()],
        first_sortie_s=first_s + _STAGGERED_SORTIE_S * (rig.number - 1) if first_s else math.inf,
        until_ms=world.start_ms + day * DAY_MS + world.scenario.hours * 3_600_000.0,
        ground_ms=round(rig.fleet.ground_s * 1000.0),
        obstacles=rig.obstacles,
    )
    terrain = site.terrain if rig.fleet.restless else None
    place = Place(rig.plane, terrain, site.weather.wind_to if rig.fleet.drift else None)
    return record(rig.airframe, work, plan_sorties(rig.airframe, work), place, rng)
