"""From a closed window to results in the registry: the flights that touch it, their areas, and their jobs' plots."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import Conflict, RetriableError
from core.intake import AccountSource
from core.model.coverage import Basis, Coverage, Flight, JobPlot, Standing
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.samples import Event
from core.ports import TelemetryStore
from core.registry import Registry
from geo.coverage import Parameters
from geo.flightarea import flight_area, plots_near, tuned_for
from geo.flights import FlightSpan, split_flights
from geo.jobs import Jobs

__all__ = ["Recomputed", "Result", "plots_near", "recompute", "tuned_for"]

log: Final = logging.getLogger("canhdong.geo")

Result = tuple[Flight, Coverage]

_ATTEMPTS: Final = 8
"""How often a window is computed again, where other workers save flights of the same jobs at the same moment."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What a window of a device came to.

    ``start_ms`` and ``end_ms`` are those of the window as far as flights reach over its borders. ``results`` are the
    flights in it, ``gone`` those that the registry knew in it before (of the same name or not), ``rows`` what the jobs
    of all of them now did to each plot.
    """

    cooperative: str
    device: str
    start_ms: int
    end_ms: int
    results: tuple[Result, ...]
    gone: tuple[Flight, ...]
    rows: tuple[JobPlot, ...]


def recompute(  # noqa: PLR0917 - a window of a device, as everyone names it
    store: TelemetryStore,
    registry: Registry,
    cooperative: str,
    device: str,
    start_ms: int,
    end_ms: int,
    gap_s: float = 300.0,
    parameters: Parameters | None = None,
    accounts: AccountSource | None = None,
) -> Recomputed:
    """Compute every flight of a device that touches a window, and put the results in place of what was known.

    Flights may begin before the window and end after it, and what was one flight may have become two or the other way
    round: the window is widened until neither a flight of the store nor a known result crosses its borders. The rows of
    the jobs that the flights (old and new) belong to are computed as well, and saved together with the flights. Where
    another worker has meanwhile saved a flight that they rest on, all is read and computed again.

    Args:
        store: Where fixes and events are read.
        registry: Where plots are read and results are put.
        cooperative: Whose device it is.
        device: The drone.
        start_ms: First ms of the window, by the device's clock.
        end_ms: Last ms of the window.
        gap_s: Silence that ends a flight, in seconds of device time.
        parameters: Of the computation; the device's swath becomes ``default_swath_m`` where that is not given.
        accounts: The ledger, for what is missing; None: nobody knows.

    Raises:
        StoreUnavailable: A store does not answer; doing it again later is safe.
        RetriableError: Other workers were faster every time; doing it again later is safe.
    """
    chosen = Parameters() if parameters is None else parameters
    owner = _Owner(store, registry, cooperative, device, int(gap_s * 1_000), chosen, accounts)
    for _ in range(_ATTEMPTS):
        try:
            return owner.recomputed(start_ms, end_ms)
        except Conflict as error:
            log.info("%s of %s: %s", device, cooperative, error)
    raise RetriableError(f"{device} of {cooperative}: other workers changed its jobs {_ATTEMPTS} times meanwhile")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A stretch of a device's time that no flight crosses the borders of, and the flights in it."""

    start_ms: int
    end_ms: int
    fixes: FixTable
    events: list[Event]
    spans: list[FlightSpan]


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose flights are computed, from what, into what, and how."""

    store: TelemetryStore
    registry: Registry
    cooperative: str
    device: str
    gap_ms: int
    parameters: Parameters
    accounts: AccountSource | None

    def recomputed(self, start_ms: int, end_ms: int) -> Recomputed:
        """Compute a window and save it; raises ``Conflict`` where what it rests on has changed meanwhile."""
        stretch = self.settle(start_ms, end_ms)
        window = stretch.start_ms, stretch.end_ms
        stale = self.known(*window)
        results = [self.flight(stretch, span) for span in stretch.spans]
        jobs = Jobs(self.store, self.registry, self.cooperative, self.parameters)
        rows = jobs.rows([(it.flight, it.coverage) for it in stale], results)
        if results or stale:
            basis = Basis({it.flight.flight: it.version for it in stale}, jobs.basis)
            self.registry.save_flights(self.cooperative, self.device, *window, results, rows=rows, basis=basis)
        gone = tuple(it.flight for it in stale)
        return Recomputed(self.cooperative, self.device, *window, tuple(results), gone, tuple(rows))

    def known(self, start_ms: int, end_ms: int) -> list[Standing]:
        """What the registry holds of the device's flights that touch a window."""
        return self.registry.device_results(self.cooperative, self.device, start_ms, end_ms)

    def settle(self, start_ms: int, end_ms: int) -> _Stretch:
        """Widen a window until no flight and no known result crosses its borders."""
        while True:
            stretch = self.touching(start_ms, end_ms)
            stale = self.known(stretch.start_ms, stretch.end_ms)
            start_ms = min([stretch.start_ms, *(it.flight.start_ms for it in stale)])
            end_ms = max([stretch.end_ms, *(it.flight.end_ms for it in stale)])
            if (start_ms, end_ms) == (stretch.start_ms, stretch.end_ms):
                return stretch

    def touching(self, start_ms: int, end_ms: int) -> _Stretch:
        """Read as far around a window as is needed to see the whole of every flight that touches it.

        A flight's border is seen where another flight was read beyond it, or a full gap without any fix.
        """
        low_ms, high_ms = start_ms - self.gap_ms, end_ms + self.gap_ms
        while True:
            fixes = self.store.fixes(self.cooperative, self.device, low_ms, high_ms)
            events = self.store.events(self.cooperative, self.device, low_ms, high_ms)
            spans = sorted(split_flights(fixes, events, self.gap_ms / 1e3), key=lambda s: s.start_ms)
            inside = [s for s in spans if s.start_ms <= end_ms and s.end_ms >= start_ms]
            step_ms = max(self.gap_ms, high_ms - low_ms)
            cut_low = bool(inside) and inside[0] is spans[0] and inside[0].start_ms - self.gap_ms < low_ms
            cut_high = bool(inside) and inside[-1] is spans[-1] and inside[-1].end_ms + self.gap_ms > high_ms
            if not cut_low and not cut_high:
                first_ms = min([start_ms, *(s.start_ms for s in inside)])
                last_ms = max([end_ms, *(s.end_ms for s in inside)])
                return _Stretch(first_ms, last_ms, fixes, events, inside)
            low_ms -= step_ms if cut_low else 0
            high_ms += step_ms if cut_high else 0

    def flight(self, stretch: _Stretch, span: FlightSpan) -> tuple[Flight, Coverage]:
        """One flight and its area over the plots around it."""
        fixes = stretch.fixes.take(span.rows)
        events = [e for e in stretch.events if span.start_ms <= e.ts_ms <= span.end_ms]
        flight = Flight(
            flight=span.flight,
            cooperative=self.cooperative,
            device=self.device,
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            fixes=len(fixes),
            op=_operation(fixes),
            job=job_named(fixes),
        )
        window = span.start_ms, span.end_ms
        pages = () if self.accounts is None else self.accounts.of(self.cooperative, self.device, *window)
        return flight, flight_area(self.registry, flight, fixes, events, self.parameters, accounts=pages)


def _operation(fixes: FixTable) -> Operation:
    """What most of the fixes with the implement on say, else most of all fixes; unknown where none says."""
    for codes in (fixes.op[fixes.on], fixes.op):
        told = codes[codes != Operation.UNKNOWN]
        if len(told):
            values, counts = np.unique(told, return_counts=True)
            return Operation(int(values[np.argmax(counts)]))
    return Operation.UNKNOWN


def job_named(fixes: FixTable) -> str:
    """The job that most fixes name; empty where none does. What does not print is left out: PostgreSQL has no NUL."""
    named = Counter(job for job in fixes.job.values() if job)
    most = named.most_common(1)[0][0] if named else ""
    return "".join(c for c in most if c.isprintable())
