"""What a flying drone has around it, read from registry and store: plots, sites, weather, and its fixes before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.errors import NotFound
from core.model.context import Verdict
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from core.model.land import DeviceKind, Plot, Site
from core.model.samples import Event
from core.model.work import Job as Order
from core.ports import TelemetryStore
from core.registry import Registry
from geo.context.readings import Readings, Stations
from geo.context.rules import SprayRules
from geo.context.surroundings import Surroundings, Wind
from geo.context.weather import weather_at
from geo.context.window import Limits, judge
from geo.flights import FlightSpan, split_flights
from geo.parameters import Parameters
from geo.projection import LocalPlane
from geo.recompute import tuned_for

AROUND_DEG: Final = 0.01
"""So far around a drone plots and sites are read: a kilometre."""
EDGE_DEG: Final = 0.003
"""They are read again when it comes so near to the edge of what was read."""
WEATHER_MS: Final = 60_000
"""The stations are asked once a minute."""
_LOOK_BACK_MS: Final = 3_600_000
_LONGEST_MS: Final = 86_400_000

Box = tuple[float, float, float, float]


@dataclass(slots=True)
class _Air:
    stations: Stations
    readings: Readings
    at_ms: int


@dataclass(slots=True)
class Surveyor:
    """Reads what is around. Every method may raise ``StoreUnavailable``; asking again later is safe."""

    store: TelemetryStore
    registry: Registry
    parameters: Parameters
    gap_s: float
    rules: SprayRules = field(default_factory=SprayRules)
    _air: dict[str, _Air] = field(default_factory=dict)

    def before(
        self, cooperative: str, fixes: FixTable, events: Sequence[Event]
    ) -> tuple[FlightSpan, FixTable, list[Event]]:
        """The flight that the newest of some fixes belongs to: its span, all its fixes so far, and its events."""
        first_ms, last_ms = int(fixes.ts_ms.min()), int(fixes.ts_ms.max())
        gap_ms, back_ms = int(self.gap_s * 1_000), _LOOK_BACK_MS
        while True:
            low_ms = first_ms - back_ms
            known = self.store.fixes(cooperative, fixes.device, low_ms, last_ms)
            told = [*self.store.events(cooperative, fixes.device, low_ms, last_ms), *events]
            every = FixTable.concat([known, fixes]) if len(known) else fixes
            span = split_flights(every, told, self.gap_s)[-1]
            if span.start_ms - gap_ms > low_ms or back_ms >= _LONGEST_MS:
                inside = [e for e in told if span.start_ms <= e.ts_ms]
                return span, every.take(np.sort(span.rows)), inside
            back_ms *= 4

    def tuned(self, flight: Flight) -> Parameters:
        """The parameters with the swath width that the registry knows."""
        return tuned_for(self.registry, flight, self.parameters)

    def plots(self, cooperative: str, box: Box) -> list[Plot]:
        """The plots in a box."""
        return list(self.registry.plots(cooperative, box))

    def surroundings(
        self, cooperative: str, plane: LocalPlane, box: Box, plots: Sequence[Plot], half_swath_m: float
    ) -> Surroundings:
        """Plots and sites, ready to be asked."""
        sites = self.registry.records(Site, cooperative, box=box)
        return Surroundings.prepared(plane, plots, sites, half_swath_m=half_swath_m)

    def limits(self, cooperative: str, job: str) -> Limits:
        """The limits of the spray window for a job's product, as the context of the closed flight has them."""
        try:
            return self.rules.of(self.registry.record(Order, cooperative, job).product if job else "")
        except NotFound:
            return self.rules.of("")

    def weather(
        self, cooperative: str, ts_ms: int, lon_deg: float, lat_deg: float, limits: Limits
    ) -> tuple[Wind, Verdict]:
        """The wind, and what the weather allows by some limits, at a spot and an instant."""
        air = self._air.get(cooperative)
        if air is None or not air.at_ms <= ts_ms < air.at_ms + WEATHER_MS:
            air = self._air[cooperative] = self._asked(cooperative, ts_ms)
        at = (np.array([ts_ms]), np.array([lon_deg]), np.array([lat_deg]))
        weather = weather_at(*at, air.stations, air.readings, self.rules.search).row(0)
        return Wind(weather.wind_mps, weather.wind_from_deg), judge(weather, limits)

    def _asked(self, cooperative: str, ts_ms: int) -> _Air:
        sensors = [d for d in self.registry.devices(cooperative) if d.kind is DeviceKind.SENSOR]
        stations = Stations.of(sensors)
        low_ms = ts_ms - int(1_000 * (self.rules.search.max_age_s + self.rules.search.window_s))
        found = [r for name in stations.names for r in self.store.readings(cooperative, name, low_ms, ts_ms)]
        return _Air(stations, Readings.from_samples(found, stations), ts_ms)
