"""Shapes of sprayed areas for pictures and maps: computed again from the stored fixes, and kept for a while.

The figures of record are the registry's. Shapes are not stored: they follow from the fixes, and the fixes are kept.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from core.errors import NotFound
from core.localtime import day_window_ms
from core.model.coverage import Flight
from core.model.land import Cooperative
from core.ports import TelemetryStore
from core.registry import Registry
from geo.coverage import Result, compute
from geo.flightarea import plot_at
from geo.jobs import flight_data

_KEPT = 64


class Results:
    """Coverage with its shapes, per flight and per plot and day. Safe to use from several threads."""

    def __init__(self, store: TelemetryStore, registry: Registry) -> None:
        self._store = store
        self._registry = registry
        self._kept: OrderedDict[tuple[object, ...], Result] = OrderedDict()
        self._lock = threading.Lock()

    def cooperative(self, identifier: str) -> Cooperative:
        """One tenant; raises ``NotFound``."""
        for cooperative in self._registry.cooperatives():
            if cooperative.cooperative == identifier:
                return cooperative
        raise NotFound(f"no cooperative {identifier!r}")

    def of_flight(self, cooperative: str, flight: str) -> Result:
        """One flight over the plots that it touched; raises ``NotFound``."""
        known = self._registry.flight(cooperative, flight)
        stamp = self._registry.coverage(cooperative, flight).input_hash
        return self._keep((cooperative, flight, stamp), lambda: self._compute(known.flight, [known], cooperative, None))

    def of_plot(self, cooperative: str, plot: str, day: str) -> Result:
        """All flights of a local date over one plot; raises ``NotFound`` where none touched it."""
        start_ms, end_ms = day_window_ms(day)
        self._registry.plot(cooperative, plot)
        flights = [
            flight
            for flight in self._registry.flights(cooperative, start_ms, end_ms)
            if plot in {p.plot for p in self._registry.coverage(cooperative, flight.flight).plots}
        ]
        if not flights:
            raise NotFound(f"no flight treated plot {plot!r} on {day}")
        stamps = tuple(self._registry.coverage(cooperative, f.flight).input_hash for f in flights)
        key = (cooperative, plot, day, stamps)
        return self._keep(key, lambda: self._compute(f"{plot} {day}", flights, cooperative, plot))

    def _compute(self, name: str, flights: Sequence[Flight], cooperative: str, plot: str | None) -> Result:
        touched = {p.plot for f in flights for p in self._registry.coverage(cooperative, f.flight).plots}
        last_ms = max(f.start_ms for f in flights)
        plots = [plot_at(self._registry, cooperative, p, last_ms) for p in sorted(touched if plot is None else {plot})]
        read = [flight_data(self._store, self._registry, flight) for flight in flights]
        events = [event for _, some in read for event in some]
        return compute(name, [fixes for fixes, _ in read], plots, events=events)

    def _keep(self, key: tuple[object, ...], make: Callable[[], Result]) -> Result:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return made
