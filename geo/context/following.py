"""Keeps what surrounded every computed flight, and its job: weather, sensitive sites, exclusions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.contexts import Contexts
from core.errors import ConfigError, NotFound
from core.localtime import day_window_ms
from core.model.context import Exclusion, FlightContext, JobContext, Spot, TreatedMinute, Treating
from core.model.coverage import Flight
from core.model.fixtable import Floats
from core.model.land import Device, DeviceKind, Plot, Site
from core.model.work import Job as Order
from core.ports import TelemetryStore
from core.registry import Registry
from geo.context.exclusions import listed
from geo.context.exclusions import treated as excluded
from geo.context.readings import Readings, Stations
from geo.context.released import MINUTE_MS, released_in
from geo.context.rules import SprayRules
from geo.context.sites import contacts
from geo.context.stamps import minute_weather, stamps, together, treating
from geo.context.weather import PAIR_MS, distances_m
from geo.jobs import Job, flight_data, job_of
from geo.parameters import Parameters
from geo.recompute import Recomputed, tuned_for

NEAR_DEG = 0.02
"""How far around the treated ground sites are looked for: 2 km, more than any distance to keep."""


@dataclass(frozen=True, slots=True)
class ContextFollower:
    """Computes the context of a window's flights and of their jobs; see ``geo.service.Follower``.

    What is kept of a flight tells when and where it treated, so that a job is computed without reading fixes again.
    """

    store: TelemetryStore
    registry: Registry
    contexts: Contexts
    parameters: Parameters
    rules: SprayRules = field(default_factory=SprayRules)

    def follow(self, done: Recomputed) -> None:
        """Put the contexts of the window's flights, and of the jobs that they belong to or did, over what stood.

        A job that another worker adds a flight to meanwhile is computed again: whoever saves last has seen all.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
        """
        window = done.cooperative, done.device, done.start_ms, done.end_ms
        self._keep(window, [flight for flight, _ in done.results], {job_of(flight) for flight in done.gone})

    def refresh(self, cooperative: str, start_ms: int, end_ms: int) -> int:
        """Compute anew what surrounded all flights that touch a window: readings came late, or limits changed.

        Returns:
            How many flights that were.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
        """
        flights = self.registry.flights(cooperative, start_ms, end_ms)
        by_device: dict[str, list[Flight]] = {}
        for flight in sorted(flights, key=lambda f: f.start_ms):
            by_device.setdefault(flight.device, []).append(flight)
        for device, some in by_device.items():
            window = cooperative, device, some[0].start_ms, max(f.end_ms for f in some)
            self._keep(window, some, set())
        return len(flights)

    def _keep(self, window: tuple[str, str, int, int], flights: Sequence[Flight], gone: Collection[Job]) -> None:
        """Compute and save a device's flights of a window, and their jobs until nobody has changed them meanwhile."""
        cooperative, device, start_ms, end_ms = window
        before = self.contexts.flight_contexts(cooperative, start_ms, end_ms)
        touched = {job_of(flight) for flight in flights} | set(gone)
        touched |= {(it.job, it.day) for it in before if it.device == device}
        made = [self.of_flight(flight) for flight in flights]
        while touched:
            members = {job: self._members(cooperative, job) for job in sorted(touched)}
            jobs = [self.of_job(cooperative, job, some, made) for job, some in members.items()]
            self.contexts.save_contexts(*window, made, jobs)
            touched = {job for job, some in members.items() if self._members(cooperative, job) != some}

    def of_flight(self, flight: Flight) -> FlightContext:
        """What surrounded one flight, from its fixes; nothing where nobody knows how wide it worked."""
        tuned = tuned_for(self.registry, flight, self.parameters)
        fixes, events = flight_data(self.store, self.registry, flight, tuned.default_swath_m)
        job, day = job_of(flight)
        who = flight.flight, flight.device, flight.start_ms, flight.end_ms, flight.fixes, job, day
        try:
            released, plane = released_in(fixes, events, tuned)
        except ConfigError:
            return FlightContext(*who, None, None)
        when = treating(released, plane)
        if when is None:
            return FlightContext(*who, None, None)
        limits = self.rules.of(self._product(flight.cooperative, job))
        stations, readings = self._weather(flight.cooperative, when)
        table = minute_weather(when, stations, readings, self.rules.search)
        sites = self._sites(flight.cooperative, when)
        near = contacts(released, table if len(stations) else None, plane, sites, limits)
        found = stamps(when, stations, readings, self.rules.search, limits)
        return FlightContext(*who, when, found, tuple(near))

    def of_job(
        self, cooperative: str, job: Job, flights: Sequence[Flight], made: Sequence[FlightContext] = ()
    ) -> JobContext:
        """What surrounded a job, whose flights these are, from what is known of them."""
        name, day = job
        product = self._product(cooperative, name)
        parts = [it.treating for it in self._known(cooperative, day, flights, made) if it.treating is not None]
        when = together(parts)
        found = None
        if when is not None:
            stations, readings = self._weather(cooperative, when)
            found = stamps(when, stations, readings, self.rules.search, self.rules.of(product))
        names = tuple(flight.flight for flight in flights)
        return JobContext(name, day, names, product, found, tuple(self._exclusions(cooperative, job)))

    def _members(self, cooperative: str, job: Job) -> list[Flight]:
        """The flights of a job as they stand, by start and name."""
        flights = self.registry.flights(cooperative, *day_window_ms(job[1]))
        return sorted((f for f in flights if job_of(f) == job), key=lambda f: (f.start_ms, f.flight))

    def _known(
        self, cooperative: str, day: str, flights: Sequence[Flight], made: Sequence[FlightContext]
    ) -> list[FlightContext]:
        """The contexts of flights: those just made, else those kept, else (of another version, or none) made now."""
        kept = {it.flight: it for it in self.contexts.flight_contexts(cooperative, *day_window_ms(day))}
        kept |= {it.flight: it for it in made}
        return [
            it if (it := kept.get(flight.flight)) is not None and _is_of(it, flight) else self.of_flight(flight)
            for flight in flights
        ]

    def _weather(self, cooperative: str, when: Treating) -> tuple[Stations, Readings]:
        """The stations within reach of the treated minutes, where they stood then, and what they told in time."""
        search = self.rules.search
        lon, lat = _places(when)
        stations = self._stations(cooperative, when.first.ts_ms)
        stations = stations.where(np.asarray((distances_m(lon, lat, stations) <= search.max_distance_m).any(axis=1)))
        back_ms = int(max(search.window_s, search.max_age_s) * 1_000.0) + PAIR_MS
        low_ms, high_ms = when.first.ts_ms - back_ms, max(when.last.ts_ms, when.minutes[-1].start_ms + MINUTE_MS)
        told = [r for name in stations.names for r in self.store.readings(cooperative, name, low_ms, high_ms)]
        return stations, Readings.from_samples(told, stations)

    def _stations(self, cooperative: str, at_ms: int) -> Stations:
        """Where sensors stood at a time; those that had no place then, where they were put down later."""
        then = self.registry.records(Device, cooperative, at_ms=at_ms, retired=True)
        devices = [*self.registry.devices(cooperative), *(d for d in then if np.isfinite(d.lon_deg))]
        return Stations.of({d.device: d for d in devices if d.kind is DeviceKind.SENSOR}.values())

    def _sites(self, cooperative: str, when: Treating) -> list[Site]:
        lon, lat = _places(when)
        west, south = float(lon.min()) - NEAR_DEG, float(lat.min()) - NEAR_DEG
        east, north = float(lon.max()) + NEAR_DEG, float(lat.max()) + NEAR_DEG
        return self.registry.records(Site, cooperative, box=(west, south, east, north))

    def _order(self, cooperative: str, job: str) -> Order | None:
        try:
            return self.registry.record(Order, cooperative, job)
        except NotFound:
            return None

    def _product(self, cooperative: str, job: str) -> str:
        order = self._order(cooperative, job)
        return order.product if order else ""

    def _exclusions(self, cooperative: str, job: Job) -> list[Exclusion]:
        """What speaks against what a job did to its plots."""
        order = self._order(cooperative, job[0])
        if order is None or not order.product:
            return []
        rows = [row for row in self.registry.job_plots(cooperative, job[1]) if row.job == job[0]]
        plots = self._plots(cooperative, {row.coverage.plot for row in rows})
        return excluded(rows, {job[0]: order}, listed(self.registry, cooperative, order.product), plots)

    def _plots(self, cooperative: str, names: Collection[str]) -> dict[str, Plot]:
        found: dict[str, Plot] = {}
        for name in names:
            try:
                found[name] = self.registry.plot(cooperative, name)
            except NotFound:
                continue
        return found


def _is_of(context: FlightContext, flight: Flight) -> bool:
    """Whether a context was computed from the flight as it stands."""
    return (context.start_ms, context.end_ms, context.fixes) == (flight.start_ms, flight.end_ms, flight.fixes)


def _places(when: Treating) -> tuple[Floats, Floats]:
    """Longitudes and latitudes of the first and last spot and of the minutes, shape (m + 2,)."""
    spots: list[Spot | TreatedMinute] = [when.first, when.last, *when.minutes]
    return np.array([s.lon_deg for s in spots]), np.array([s.lat_deg for s in spots])
