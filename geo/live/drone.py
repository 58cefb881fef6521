"""One flying drone: its flight so far, and the alerts that stand."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.errors import ConfigError
from core.live import LiveSample
from core.model.context import Alert, Verdict
from core.model.coverage import Coverage, Flight
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.samples import Event, Fix
from geo.cleaning import usable
from geo.context.alerts import Second, Watch, watched
from geo.context.surroundings import Surroundings
from geo.context.window import Limits
from geo.flights import ENDS, GROUND_M
from geo.live.flight import LiveFlight
from geo.live.surveyor import AROUND_DEG, EDGE_DEG, WEATHER_MS, Box, Surveyor
from geo.projection import GEOD, LocalPlane
from geo.recompute import job_named

log = logging.getLogger("canhdong.geo.live")

_FAR_DEG: Final = 1.0
"""A position so far from the flight is none of it: no plots are read around it."""
_LANDED: Final = frozenset(kind.word for kind in ENDS)
Told = tuple[str, Alert]
"""A flight's name, and what it alerts to."""


@dataclass(slots=True)
class _Flying:
    """The flight under way."""

    flight: Flight
    live: LiveFlight
    boot: str
    label: str
    box: Box
    around: Surroundings
    half_swath_m: float
    limits: Limits
    watch: Watch
    verdict: Verdict | None = None
    judged_ms: int = -WEATHER_MS


class LiveDrone:
    """Follows a drone from flight to flight. Methods may raise ``StoreUnavailable``: then the samples are lost."""

    def __init__(self, cooperative: str, device: str, surveyor: Surveyor) -> None:
        """A drone of which nothing is known yet."""
        self.cooperative = cooperative
        self.device = device
        self._surveyor = surveyor
        self._flying: _Flying | None = None
        self._end_ms: int | None = None
        self._stands: tuple[float, float] | None = None

    @property
    def last_ms(self) -> int:
        """Device time of the newest fix of the flight; −1 where it does not fly."""
        return -1 if self._flying is None else self._flying.live.last_ms

    def take(self, samples: Sequence[LiveSample]) -> list[Told]:
        """Take in fixes and events of this drone, in any order; the alerts that begin or end with them."""
        events = [s for s in samples if isinstance(s, Event)]
        alerts: list[Told] = []
        waiting: list[Fix] = []
        for event in events:
            if event.kind in ENDS and event.ts_ms >= self.last_ms and self._flying is not None:
                self._end_ms = event.ts_ms
        for fix in sorted((s for s in samples if isinstance(s, Fix)), key=lambda f: (f.ts_ms, f.seq)):
            if self._begins(fix, waiting):
                alerts += self._add(waiting, events)
                alerts += self.end()
                waiting = []
            waiting.append(fix)
        return alerts + self._add(waiting, events)

    def end(self) -> list[Told]:
        """Forget the flight; the alerts that stood are over."""
        flying, self._flying, self._end_ms = self._flying, None, None
        if flying is None:
            return []
        lon, lat = flying.live.plane.lon0_deg, flying.live.plane.lat0_deg
        over = [
            Alert(kind, raised=False, ts_ms=flying.live.last_ms, lon_deg=lon, lat_deg=lat, subject=subject)
            for kind, subject in flying.watch.standing
        ]
        return [(flying.flight.flight, alert) for alert in over]

    def settle(self) -> None:
        """What is worth doing once in a while, when nobody waits; see :meth:`LiveFlight.settle`."""
        if self._flying is not None:
            self._flying.live.settle()

    def figures(self) -> tuple[Flight, Coverage] | None:
        """The flight and its figures so far; None where nothing was treated, or no swath width is known."""
        flying = self._flying
        if flying is None:
            return None
        try:
            coverage = flying.live.figures()
        except ConfigError:
            return None
        if not coverage.gross_m2 > 0.0:
            return None
        return replace(flying.flight, end_ms=flying.live.last_ms, fixes=coverage.fixes), coverage

    def _begins(self, fix: Fix, waiting: Sequence[Fix]) -> bool:
        """Whether a fix begins another flight than the one under way."""
        flying = self._flying
        if flying is None and not waiting:
            return False
        before_ms = waiting[-1].ts_ms if waiting else self.last_ms
        boot = waiting[-1].boot if waiting else flying.boot if flying else ""
        label = waiting[-1].flight if waiting else flying.label if flying else ""
        ended = self._end_ms is not None and before_ms <= self._end_ms < fix.ts_ms
        other = bool(boot and fix.boot and boot != fix.boot) or bool(label and fix.flight and label != fix.flight)
        newer = fix.ts_ms > before_ms
        return newer and (ended or other or fix.ts_ms - before_ms > self._surveyor.gap_s * 1_000.0)

    def _add(self, fixes: Sequence[Fix], events: Sequence[Event]) -> list[Told]:
        if self._flying is None:
            return self._begin(fixes, events)
        flying = self._flying
        start_ms = flying.flight.start_ms
        table = FixTable.of([f for f in fixes if f.ts_ms >= start_ms])
        mine = [e for e in events if e.ts_ms >= start_ms]
        if not len(table) and not mine:
            return []
        flying.live.add(table, mine)
        return self._watch(flying, table)

    def _begin(self, fixes: Sequence[Fix], events: Sequence[Event]) -> list[Told]:
        """Begin with these fixes, and with what the store has of the flight."""
        table = FixTable.of(fixes)
        placed = usable(table).fixes if len(table) else table
        if not len(placed) or self._still_stands(placed):
            return []
        span, every, told = self._surveyor.before(self.cooperative, table, events)
        if span.reason in _LANDED:
            self._stands = float(placed.lon_deg[0]), float(placed.lat_deg[0])
            return []
        self._stands = None
        flight = Flight(span.flight, self.cooperative, self.device, span.start_ms, span.end_ms, len(every), _op(every))
        lon, lat = float(np.median(placed.lon_deg)), float(np.median(placed.lat_deg))
        plane, box = LocalPlane.around(lon, lat), _around(lon, lat)
        parameters = self._surveyor.tuned(flight)
        plots = self._surveyor.plots(self.cooperative, box)
        half_m = float(np.nan_to_num(np.nanmax(np.append(every.swath_m, parameters.default_swath_m), initial=0.0))) / 2
        around = self._surveyor.surroundings(self.cooperative, plane, box, plots, half_m)
        live = LiveFlight(span.flight, plane, plots, parameters)
        boot, label = fixes[-1].boot, fixes[-1].flight
        limits = self._surveyor.limits(self.cooperative, job_named(every))
        flying = _Flying(flight, live, boot, label, box, around, half_m, limits, Watch())
        live.add(every, told)
        self._flying = flying
        log.info("%s of %s: flight %s, %d fixes so far", self.device, self.cooperative, span.flight, len(every))
        return self._watch(flying, table)

    def _still_stands(self, placed: FixTable) -> bool:
        """Whether a drone that has landed stands where it stood: what it sends there is no new flight yet."""
        if self._stands is None or placed.on.any():
            return False
        n = len(placed)
        lon, lat = np.full(n, self._stands[0]), np.full(n, self._stands[1])
        return bool((np.asarray(GEOD.inv(lon, lat, placed.lon_deg, placed.lat_deg)[2]) <= GROUND_M).all())

    def _watch(self, flying: _Flying, table: FixTable) -> list[Told]:
        """Look around where the new fixes are, and at the alerts."""
        placed = usable(table).fixes if len(table) else table
        if not len(placed):
            return []
        lon, lat = float(np.median(placed.lon_deg)), float(np.median(placed.lat_deg))
        self._look_around(flying, lon, lat)
        last_ms = int(placed.ts_ms.max())
        if not 0 <= last_ms - flying.judged_ms < WEATHER_MS:
            wind, flying.verdict = self._surveyor.weather(self.cooperative, last_ms, lon, lat, flying.limits)
            flying.around, flying.judged_ms = replace(flying.around, wind=wind), last_ms
        x, y = flying.live.plane.xy(placed.lon_deg, placed.lat_deg)
        second = Second(placed.ts_ms, x, y, placed.on, placed.flow_lpm, placed.tank_l)
        flying.watch, alerts = watched(flying.watch, second, flying.around, flying.verdict)
        return [(flying.flight.flight, alert) for alert in alerts]

    def _look_around(self, flying: _Flying, lon: float, lat: float) -> None:
        """Read plots and sites again where the drone comes near to the edge of what was read."""
        west, south, east, north = flying.box
        away = max(west - lon, lon - east, south - lat, lat - north)
        if away < -EDGE_DEG or away > _FAR_DEG:
            return
        more = _around(lon, lat)
        box = (min(west, more[0]), min(south, more[1]), max(east, more[2]), max(north, more[3]))
        plots = self._surveyor.plots(self.cooperative, box)
        plane, half_m = flying.live.plane, flying.half_swath_m
        around = self._surveyor.surroundings(self.cooperative, plane, box, plots, half_m)
        flying.around = replace(around, wind=flying.around.wind)
        flying.live.set_plots(plots)
        flying.box = box


def _around(lon: float, lat: float) -> Box:
    return lon - AROUND_DEG, lat - AROUND_DEG, lon + AROUND_DEG, lat + AROUND_DEG


def _op(fixes: FixTable) -> Operation:
    """What the newest fix that says it does."""
    told = fixes.op[fixes.op != Operation.UNKNOWN]
    return Operation(int(told[-1])) if len(told) else Operation.UNKNOWN
