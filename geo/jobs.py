"""What all flights of a job did to each plot together, so that what two flights treated counts once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.localtime import day_window_ms, local_day
from core.model.coverage import Coverage, Flight, JobPlot, PlotCoverage
from core.model.fixtable import FixTable
from core.model.samples import NAN, Event
from core.registry import Registry
from geo.coverage import Parameters, compute
from geo.registered_swath import registered_swath

Known = tuple[Flight, Coverage]
Job = tuple[str, str]


class FlightSource(Protocol):
    """Where the fixes and events of a flight are read: the telemetry store, or the archive."""

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """Fixes with ``start_ms <= ts_ms <= end_ms``."""
        ...

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """Events with ``start_ms <= ts_ms <= end_ms``."""
        ...


def job_of(flight: Flight) -> Job:
    """The identifier of a flight's job and its local day: the job that the payload names, else day and operation."""
    day = local_day(flight.start_ms)
    return flight.job or f"{day}-{flight.op.word}", day


def flight_data(
    store: FlightSource, registry: Registry, flight: Flight, default_swath_m: float = NAN
) -> tuple[FixTable, list[Event]]:
    """A flight's fixes, with the default or else the registered swath where a fix names none, and its events."""
    window = (flight.cooperative, flight.device, flight.start_ms, flight.end_ms)
    fixes = store.fixes(*window)
    if np.isnan(default_swath_m):
        default_swath_m = registered_swath(registry, flight).swath_m
    told = np.isfinite(fixes.swath_m) & (fixes.swath_m > 0.0)
    return fixes.with_columns(swath_m=np.where(told, fixes.swath_m, default_swath_m)), store.events(*window)


class Jobs:
    """Computes the rows of a cooperative's jobs. Reads each flight's fixes once; made anew for every change."""

    def __init__(self, store: FlightSource, registry: Registry, cooperative: str, parameters: Parameters) -> None:
        self._store = store
        self._registry = registry
        self._cooperative = cooperative
        self._parameters = parameters
        self._tables: dict[str, tuple[FixTable, list[Event]]] = {}

    def rows(self, before: Sequence[Known], after: Sequence[Known]) -> list[JobPlot]:
        """The rows of every job and plot that some flights touched before or touch now.

        Args:
            before: What was known of the flights, and is to be forgotten.
            after: What is known of them from now on; the registry need not hold it yet.

        Returns:
            Rows over all flights of the job on that local day. A plot that no flight touches any more has a row without
            flights and without area.
        """
        touched: dict[Job, set[str]] = {}
        for flight, coverage in (*before, *after):
            touched.setdefault(job_of(flight), set()).update(p.plot for p in coverage.plots)
        gone = {flight.flight for flight, _ in (*before, *after)}
        rows: list[JobPlot | None] = []
        for job, plots in touched.items():
            members = [*self._others(job, gone), *(known for known in after if job_of(known[0]) == job)]
            members.sort(key=lambda m: (m[0].start_ms, m[0].flight))
            rows += [self._row(job, plot, members) for plot in sorted(plots)]
        return [row for row in rows if row is not None]

    def _others(self, job: Job, gone: set[str]) -> list[Known]:
        """The job's other flights of that day, as the registry knows them."""
        start_ms, end_ms = day_window_ms(job[1])
        flights = [f for f in self._registry.flights(self._cooperative, start_ms, end_ms) if job_of(f) == job]
        return [(f, self._registry.coverage(self._cooperative, f.flight)) for f in flights if f.flight not in gone]

    def _row(self, job: Job, plot: str, members: Sequence[Known]) -> JobPlot | None:
        """One plot of one job; None where nothing touches it and nothing was known."""
        mine = [(f, p) for f, c in members for p in c.plots if p.plot == plot]
        together = mine[0][1] if len(mine) == 1 else self._together(job, plot, [f for f, _ in mine])
        if together is None:
            return self._untouched(job, plot)
        return JobPlot(job[0], job[1], mine[0][0].op, tuple(f.flight for f, _ in mine), together)

    def _together(self, job: Job, plot: str, flights: Sequence[Flight]) -> PlotCoverage | None:
        """What several flights did to a plot, each table by itself and all strips on one map.

        None where they do not touch it: its newest boundary may lie elsewhere than the one that they were computed on.
        """
        if not flights:
            return None
        read = [self._table(f) for f in flights]
        events = [e for _, some in read for e in some]
        boundary = self._registry.plot(self._cooperative, plot)
        coverage = compute(job[0], [fixes for fixes, _ in read], [boundary], self._parameters, events).coverage
        return next((p for p in coverage.plots if p.plot == plot), None)

    def _table(self, flight: Flight) -> tuple[FixTable, list[Event]]:
        """A flight's fixes and events, read once."""
        if flight.flight not in self._tables:
            default_m = self._parameters.default_swath_m
            self._tables[flight.flight] = flight_data(self._store, self._registry, flight, default_m)
        return self._tables[flight.flight]

    def _untouched(self, job: Job, plot: str) -> JobPlot | None:
        day = self._registry.job_plots(self._cooperative, job[1])
        known = next((r for r in day if r.job == job[0] and r.coverage.plot == plot), None)
        if known is None:
            return None
        area_m2 = known.coverage.area_m2
        nothing = PlotCoverage(plot, area_m2, 0.0, 0.0, 0.0, 0.0, area_m2, name=known.coverage.name)
        return replace(known, flights=(), coverage=nothing)
