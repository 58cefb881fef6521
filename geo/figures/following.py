"""Keeps a cooperative's rows for dashboards in step with what is computed: flights, their plots, minutes, alerts.

What is written is what the registry says after it was saved, and it is read again after writing: of several workers
the one that saved last has seen all, as in :mod:`geo.rollup_following`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.alerts import AlertLog, AlertQuery, PastAlert
from core.contexts import Contexts
from core.errors import NotFound
from core.model.context import FlightContext
from core.model.coverage import Flight, Standing
from core.model.figures import Figures
from core.model.land import Plot
from core.registry import Registry
from core.rollup import RollupSink
from geo.context.released import MINUTE_MS
from geo.figures import alert, coverage, drone_minute, flight
from geo.figures.coverage import Place
from geo.figures.drone_minute import Flown
from geo.figures.settling import settled
from geo.flightarea import plot_at
from geo.jobs import FlightSource
from geo.overtaking import keep_up
from geo.parameters import Parameters
from geo.recompute import Recomputed

_ALERTS_AT_ONCE: Final = 500

FlightReader = Callable[[Flight], Flown]
"""Reads the fixes and events of a flight. May raise ``StoreUnavailable``."""
Kept = dict[str, list[Figures]]
"""Kept rows by measurement."""


def from_store(store: FlightSource) -> FlightReader:
    """Reads flights from the telemetry store."""

    def read(it: Flight) -> Flown:
        window = it.cooperative, it.device, it.start_ms, it.end_ms
        return Flown(it, store.fixes(*window), store.events(*window))

    return read


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a device's time that no flight crosses the borders of, and what stands in it."""

    start_ms: int
    end_ms: int
    standing: tuple[Standing, ...]

    @property
    def minutes_ms(self) -> tuple[int, int]:
        """The stretch from the beginning of its first minute on."""
        return self.start_ms // MINUTE_MS * MINUTE_MS, self.end_ms


@dataclass(frozen=True, slots=True)
class FiguresFollower:
    """Writes the rows of flights from the registry; see ``geo.service.Follower``.

    It comes after what keeps contexts and ends alerts of the same flights.
    """

    sink: RollupSink
    registry: Registry
    contexts: Contexts
    alerts: AlertLog
    read: FlightReader
    parameters: Parameters

    def follow(self, done: Recomputed) -> None:
        """Bring up to date the rows of a window's flights; those of flights that are no more stand no more.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
            RetriableError: Other workers changed these flights all the time; doing it again is safe.
        """
        self.refresh(done.cooperative, done.start_ms, done.end_ms, done.device)

    def refresh(self, cooperative: str, start_ms: int, end_ms: int, device: str = "") -> int:
        """Write anew what there is of the flights that touch a window, of one device or of all.

        Returns:
            How many flights that were.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
            RetriableError: Other workers changed these flights all the time; doing it again is safe.
        """
        known = keep_up(
            lambda: self._known(cooperative, start_ms, end_ms, device),
            lambda it: self._keep(cooperative, it),
            f"figures of {cooperative}: other workers changed its flights",
            _versions,
        )
        return sum(len(it.standing) for it in known.values())

    # --- what stands

    def _known(self, cooperative: str, start_ms: int, end_ms: int, device: str) -> dict[str, _Stretch]:
        """What stands of each device; those of which only rows are kept have a stretch without flights."""
        devices = {device} if device else self._devices(cooperative, start_ms, end_ms)
        return {name: self._stretch(cooperative, name, start_ms, end_ms) for name in sorted(devices)}

    def _devices(self, cooperative: str, start_ms: int, end_ms: int) -> set[str]:
        flown = {it.device for it in self.registry.flights(cooperative, start_ms, end_ms)}
        kept = self.sink.figures(cooperative, flight.MEASUREMENT, start_ms, end_ms)
        kept += self.sink.figures(cooperative, drone_minute.MEASUREMENT, start_ms, end_ms)
        alerted = {it.device for it in self._alerts(cooperative, start_ms, end_ms, "")}
        return flown | {row.tags["device"] for row in kept} | alerted

    def _stretch(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> _Stretch:
        while True:
            standing = self.registry.device_results(cooperative, device, start_ms, end_ms)
            first = min([start_ms, *(it.flight.start_ms for it in standing)])
            last = max([end_ms, *(it.flight.end_ms for it in standing)])
            if (first, last) == (start_ms, end_ms):
                return _Stretch(start_ms, end_ms, tuple(standing))
            start_ms, end_ms = first, last

    # --- what is written

    def _keep(self, cooperative: str, known: dict[str, _Stretch]) -> None:
        if not known:
            return
        first = min(it.minutes_ms[0] for it in known.values())
        last = max(it.end_ms for it in known.values())
        names = flight.MEASUREMENT, coverage.MEASUREMENT, drone_minute.MEASUREMENT, alert.MEASUREMENT
        kept = {name: self.sink.figures(cooperative, name, first, last) for name in names}
        places: dict[tuple[str, int], Place] = {}
        for device, stretch in known.items():
            changed = self._changed(cooperative, device, stretch, kept, places)
            if changed:
                self.sink.put_figures(cooperative, changed)

    def _changed(
        self, cooperative: str, device: str, stretch: _Stretch, kept: Kept, places: dict[tuple[str, int], Place]
    ) -> list[Figures]:
        window = stretch.start_ms, stretch.end_ms
        flights = [flight.flight_row(it.flight, it.coverage, self._context(it.flight)) for it in stretch.standing]
        plots = [
            row
            for it in stretch.standing
            for row in coverage.coverage_rows(it.flight, it.coverage, self._places(it, places))
        ]
        minutes = drone_minute.minute_rows(
            map(self.read, self._sharing(cooperative, device, stretch)), stretch.minutes_ms, self.parameters
        )
        found = settled(_of(kept[flight.MEASUREMENT], device, window), flights)
        found += settled(_of(kept[coverage.MEASUREMENT], device, window), plots)
        found += settled(_of(kept[drone_minute.MEASUREMENT], device, stretch.minutes_ms), minutes)
        raised = [it for it in self._alerts(cooperative, *window, device) if window[0] <= it.began.ts_ms <= window[1]]
        return found + settled(_of(kept[alert.MEASUREMENT], device, window), [alert.alert_row(it) for it in raised])

    def _sharing(self, cooperative: str, device: str, stretch: _Stretch) -> list[Flight]:
        """The flights of a stretch, and those that share its first or its last minute."""
        first, last = stretch.minutes_ms
        until = last // MINUTE_MS * MINUTE_MS + MINUTE_MS - 1
        return [it.flight for it in self.registry.device_results(cooperative, device, first, until)]

    def _context(self, of: Flight) -> FlightContext | None:
        """What surrounded a flight as it stands; None where that was not computed (yet)."""
        try:
            found = self.contexts.flight_context(of.cooperative, of.flight)
        except NotFound:
            return None
        same = (found.start_ms, found.end_ms, found.fixes) == (of.start_ms, of.end_ms, of.fixes)
        return found if same else None

    def _places(self, it: Standing, found: dict[tuple[str, int], Place]) -> dict[str, Place]:
        """A point inside each plot of a flight, as the plot was then; a plot without a boundary then has none."""
        places: dict[str, Place] = {}
        for name in (plot.plot for plot in it.coverage.plots):
            try:
                plot = plot_at(self.registry, it.flight.cooperative, name, it.flight.start_ms)
            except NotFound:
                continue
            key = name, plot.version
            if key not in found:
                found[key] = inside(plot)
            places[name] = found[key]
        return places

    def _alerts(self, cooperative: str, start_ms: int, end_ms: int, device: str) -> list[PastAlert]:
        return past_alerts(self.alerts, cooperative, AlertQuery(start_ms, end_ms, device=device))


def _versions(known: dict[str, _Stretch]) -> dict[str, list[tuple[str, int]]]:
    """Which results stand of each device."""
    return {device: [(it.flight.flight, it.version) for it in found.standing] for device, found in known.items()}


def past_alerts(log: AlertLog, cooperative: str, query: AlertQuery, at_once: int = _ALERTS_AT_ONCE) -> list[PastAlert]:
    """All alerts that a query asks for, however many; the newest first."""
    found: list[PastAlert] = []
    while True:
        after = found[-1].place if found else query.after
        page = log.past_alerts(cooperative, replace(query, after=after, limit=at_once))
        found += page
        if len(page) < at_once:
            return found


def inside(plot: Plot) -> Place:
    """A point inside a plot, in degrees to a tenth of a metre."""
    point = plot.boundary.representative_point()
    return round(point.x, 6), round(point.y, 6)


def _of(rows: Sequence[Figures], device: str, window: tuple[int, int]) -> list[Figures]:
    """The rows of a device in a window."""
    return [row for row in rows if row.tags.get("device") == device and window[0] <= row.ts_ms <= window[1]]
