"""Who flew here? Flights near a place and a time, with who flew, what was used, and the wind then.

Drawn tracks are found by their box in the registry; a flight that nobody has drawn is looked at fix by fix.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from core.accounts import Principal, Role
from core.archive import FlightArchive
from core.errors import CanhdongError, Forbidden, NotFound
from core.localtime import local_day
from core.model.context import Source, Weather
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.model.fleet import Pilot
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Event
from core.model.work import Job, Product
from core.ports import TelemetryStore
from core.registry import Registry
from core.shapes import ShapeKind, ShapeQuery, ShapeStore
from geo.archivesource import ArchivedFlights
from geo.context.exclusions import listed
from geo.context.readings import WIND, Readings, Stations
from geo.context.weather import Search, weather_at
from geo.jobs import flight_data
from geo.nearby import Nearby, Place, nearby

R = TypeVar("R")
ASKERS: Final = frozenset((Role.OFFICER, Role.MANAGER, Role.ADMINISTRATOR))
ASKED: Final = "asked who flew here"
LONGEST_MS: Final = 31 * 86_400_000
FAN_DEG: Final = 45.0
MOST_FLIGHTS: Final = 300
"""More flights are not looked at in one question."""


class TooWide(CanhdongError):
    """The question is about too much at once; the message says how to narrow it."""


@dataclass(frozen=True, slots=True, eq=False)
class Passage:
    """One flight near the place, with all that an officer asks about it.

    ``device`` is as it was at the flight; None where nobody registered it, as ``job``, ``pilot`` and ``product``.
    ``air`` is the weather at the place when the drone treated nearest to it (or was nearest); None: no station.
    """

    cooperative: Cooperative
    flight: Flight
    near: Nearby
    plots: tuple[str, ...]
    device: Device | None
    job: Job | None
    pilot: Pilot | None
    product: Product | None
    air: Weather | None

    @property
    def wind_source(self) -> Source | None:
        """Which station told the wind."""
        return (self.air.sources or {}).get(WIND) if self.air else None

    @property
    def told_ms(self) -> int:
        """When it treated nearest to the place; where it did not, when it was nearest."""
        return self.near.treated_ts_ms if self.near.treated_ts_ms >= 0 else self.near.ts_ms

    @property
    def downwind(self) -> bool | None:
        """Whether the wind then blew from the treated ground to the place, within :data:`FAN_DEG`; None: not known."""
        if self.air is None or math.isnan(self.air.wind_from_deg) or math.isnan(self.near.bearing_deg):
            return None
        turn = (self.air.wind_from_deg + 180.0 - self.near.bearing_deg + 180.0) % 360.0 - 180.0
        return abs(turn) <= FAN_DEG

    @property
    def rank(self) -> tuple[float, float, int]:
        """What sprayed nearest comes first, then what flew nearest."""
        treated = self.near.treated_distance_m
        return math.inf if math.isnan(treated) else treated, self.near.distance_m, self.near.ts_ms


def require_asker(principal: Principal) -> None:
    """Raise ``Forbidden`` for whoever may not ask: officers, managers and administrators may."""
    if principal.role not in ASKERS:
        raise Forbidden("only an officer of the department, or a manager for the own cooperative, may ask this")


@dataclass(frozen=True, slots=True)
class Complaints:
    """Answers from the registry, the store and the drawn shapes; every question names who asks, and the cooperative."""

    store: TelemetryStore
    registry: Registry
    shapes: ShapeStore
    archive: FlightArchive | None = None

    def passages(self, principal: Principal, cooperative: Cooperative, place: Place) -> list[Passage]:
        """The cooperative's flights near a place, those that sprayed nearest first.

        Raises:
            NotFound: The cooperative is another's.
            Forbidden: The principal may not ask.
            TooWide: There are too many flights to look at.
        """
        require_asker(principal)
        owner = cooperative.cooperative
        if not principal.belongs_to(owner):
            raise NotFound(f"no cooperative {owner!r}")
        found: list[Passage] = []
        candidates = self._candidates(owner, place)
        if len(candidates) > MOST_FLIGHTS:
            raise TooWide(f"{len(candidates)} flights may have been there: ask for a shorter time or a smaller radius")
        for flight in candidates:
            near = nearby(*self._data(flight), place)
            if near is not None:
                found.append(self._passage(cooperative, flight, near, place))
        return sorted(found, key=lambda it: it.rank)

    def _candidates(self, owner: str, place: Place) -> list[Flight]:
        """Flights of that time whose drawn track comes near, and those that were not drawn."""
        window = place.start_ms, place.end_ms
        flights = self.registry.flights(owner, *window)
        if not flights:
            return []
        query = ShapeQuery((ShapeKind.TRACK,), box=place.box, window_ms=window)
        near = {it.flight for _, it in self.shapes.shapes(owner, query) if place.meets(it.shape)}
        drawn = self.shapes.drawn(owner, ShapeKind.TRACK, *window)
        return [it for it in flights if it.flight in near or it.flight not in drawn]

    def _data(self, flight: Flight) -> tuple[FixTable, list[Event]]:
        """The flight's fixes and events; from the archive where the store keeps them no more."""
        data = flight_data(self.store, self.registry, flight)
        if len(data[0]) or self.archive is None:
            return data
        versions = self.archive.versions(flight.cooperative, flight.flight)
        if not versions or versions[-1].withdrawn:
            return data
        archived = ArchivedFlights(self.archive, versions[-1:])
        return _known(lambda: flight_data(archived, self.registry, flight)) or data

    def _passage(self, cooperative: Cooperative, flight: Flight, near: Nearby, place: Place) -> Passage:
        owner = cooperative.cooperative
        job = _known(lambda: self.registry.record(Job, owner, flight.job)) if flight.job else None
        pilot = _known(lambda: self.registry.record(Pilot, owner, job.pilot)) if job and job.pilot else None
        at_ms = near.treated_ts_ms if near.treated_ts_ms >= 0 else near.ts_ms
        coverage = _known(lambda: self.registry.coverage(owner, flight.flight))
        return Passage(
            cooperative,
            flight,
            near,
            tuple(it.name or it.plot for it in coverage.plots) if coverage else (),
            _known(lambda: self.registry.record(Device, owner, flight.device)),
            job,
            pilot,
            self._product(owner, job, flight) if job and job.product else None,
            self._air(owner, at_ms, place),
        )

    def _product(self, owner: str, job: Job, flight: Flight) -> Product | None:
        """The product as the newest list of that day has it, else as any list has it."""
        known = listed(self.registry, owner, job.product)
        day = local_day(flight.start_ms)
        then = [it for it in known if it.listed_on(day)] or known
        return max(then, key=lambda it: (it.listed_from, it.list_version), default=None)

    def _air(self, owner: str, at_ms: int, place: Place) -> Weather | None:
        """The weather at the place and the instant; None where no station stands near enough."""
        search = Search()
        stations = Stations.of([it for it in self.registry.devices(owner) if it.kind is DeviceKind.SENSOR])
        low_ms = at_ms - int(1_000 * (search.max_age_s + search.window_s))
        told = [it for name in stations.names for it in self.store.readings(owner, name, low_ms, at_ms)]
        if not told:
            return None
        where = (np.array([at_ms]), np.array([place.lon_deg]), np.array([place.lat_deg]))
        return weather_at(*where, stations, Readings.from_samples(told, stations), search).row(0)


def _known(read: Callable[[], R]) -> R | None:
    """What is registered; None where nobody registered it."""
    try:
        return read()
    except NotFound:
        return None
