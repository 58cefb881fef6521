"""What all flights of a job did to each plot together, so that what two flights treated counts once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from core.errors import NotFound
from core.model.coverage import Coverage, Flight, JobBasis, JobKey, JobPlot, PlotCoverage, job_of
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.samples import NAN, Event
from core.model.trust import NetRange
from core.registry import Registry
from geo.coverage import Parameters, Result, compute
from geo.evidence import input_hash
from geo.flightarea import filled, plot_at
from geo.projection import LocalPlane
from geo.together import Strips, place_of, treated_together
from geo.trust.judging import with_trust

__all__ = ["FlightSource", "Job", "Jobs", "Known", "expected_over", "flight_data", "job_of"]

Known = tuple[Flight, Coverage]
Job = JobKey
Ready = Mapping[tuple[str, tuple[str, ...]], PlotCoverage | None]
"""What some flights, in order, did together to a plot, as far as it is known already; None: nothing."""


class FlightSource(Protocol):
    """Where the fixes and events of a flight are read: the telemetry store, or the archive."""

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """Fixes with ``start_ms <= ts_ms <= end_ms``."""
        ...

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """Events with ``start_ms <= ts_ms <= end_ms``."""
        ...


def flight_data(
    store: FlightSource, registry: Registry, flight: Flight, default_swath_m: float = NAN
) -> tuple[FixTable, list[Event]]:
    """A flight's fixes, with the default or else the registered swath where a fix names none, and its events."""
    window = (flight.cooperative, flight.device, flight.start_ms, flight.end_ms)
    return filled(registry, flight, store.fixes(*window), default_swath_m), store.events(*window)


def expected_over(
    plot: Plot, figures: PlotCoverage, strips: Sequence[Strips], parameters: Parameters
) -> NetRange | None:
    """The net area of a plot that is expected in truth, seeded by the fixes of the flights over it."""
    if not parameters.expected:
        return None
    tables, events = [s.fixes for s in strips], [e for s in strips for e in s.events]
    nothing = compute("", [], [], parameters, plane=strips[0].plane)
    alone = replace(nothing.coverage, plots=(figures,), input_hash=input_hash(tables, events))
    result = Result(alone, nothing.plane, nothing.pieces, lambda: nothing.shapes)
    return with_trust(result, tables, [plot], parameters, events, ()).plots[0].expected


def flights_over(members: Sequence[Known]) -> dict[str, list[Flight]]:
    """The flights that touched each plot, in order of their starts."""
    found: dict[str, list[Flight]] = {}
    for flight, coverage in sorted(members, key=lambda m: (m[0].start_ms, m[0].flight)):
        for plot in coverage.plots:
            found.setdefault(plot.plot, []).append(flight)
    return found


class Jobs:
    """Computes the rows of a cooperative's jobs. Reads each flight's fixes once; made anew for every change.

    ``basis`` is what the rows rest on, of each job whose rows were computed. ``ready`` is not computed again.
    """

    def __init__(
        self,
        store: FlightSource,
        registry: Registry,
        cooperative: str,
        parameters: Parameters,
        ready: Ready | None = None,
    ) -> None:
        self.basis: dict[Job, JobBasis] = {}
        self._store = store
        self._registry = registry
        self._cooperative = cooperative
        self._parameters = parameters
        self._ready = {} if ready is None else ready
        self._tables: dict[str, tuple[FixTable, list[Event]]] = {}
        self._made: dict[tuple[str, LocalPlane], Strips] = {}

    def rows(self, before: Sequence[Known], after: Sequence[Known]) -> list[JobPlot]:
        """The rows of every job and plot that some flights touched before or touch now.

        Args:
            before: What was known of the flights, and is to be forgotten.
            after: What is known of them from now on; the registry need not hold it yet.

        Returns:
            Rows over all flights of the job on that local day. A plot that no flight touches any more has a row without
            flights and without area. Figures of a plot depend on the flights over it only, whatever else is asked for.
        """
        touched: dict[Job, set[str]] = {}
        for flight, coverage in (*before, *after):
            touched.setdefault(job_of(flight), set()).update(p.plot for p in coverage.plots)
        gone = {flight.flight for flight, _ in (*before, *after)}
        rows: list[JobPlot] = []
        for job, plots in touched.items():
            if plots:
                members = [*self._others(job, plots, gone), *(known for known in after if job_of(known[0]) == job)]
                members.sort(key=lambda m: (m[0].start_ms, m[0].flight))
                rows += self._rows(job, sorted(plots), members)
        return rows

    def _others(self, job: Job, plots: set[str], gone: set[str]) -> list[Known]:
        """The other flights of a job over some plots, as the registry knows them."""
        standing = self._registry.job_results(self._cooperative, job, plots)
        self.basis[job] = JobBasis(frozenset(plots), {it.flight.flight: it.version for it in standing})
        return [(it.flight, it.coverage) for it in standing if it.flight.flight not in gone]

    def _rows(self, job: Job, plots: Sequence[str], members: Sequence[Known]) -> list[JobPlot]:
        """A job's rows of some plots; none of one that nothing touches and of which nothing was known."""
        every = flights_over(members)
        over = {plot: every.get(plot, []) for plot in plots}
        found = self._together({plot: flights for plot, flights in over.items() if len(flights) > 1})
        for flight, coverage in members:
            found |= {p.plot: p for p in coverage.plots if over.get(p.plot) == [flight]}
        rows: list[JobPlot | None] = []
        for plot in plots:
            flights = tuple(f.flight for f in over[plot])
            ours = plot in found
            rows.append(JobPlot(*job, over[plot][0].op, flights, found[plot]) if ours else self._untouched(job, plot))
        return [row for row in rows if row is not None]

    def _together(self, over: Mapping[str, Sequence[Flight]]) -> dict[str, PlotCoverage]:
        """What several flights did to each plot, each table by itself and all strips on one map.

        A plot has the boundary that was valid when the last of its flights began. One that they do not touch is left
        out: its boundary may lie elsewhere than the one that they were computed on.
        """
        found: dict[str, PlotCoverage] = {}
        for name, flights in over.items():
            key = name, tuple(f.flight for f in flights)
            if key in self._ready:
                known = self._ready[key]
                found |= {} if known is None else {name: known}
                continue
            try:
                plot = plot_at(self._registry, self._cooperative, name, max(f.start_ms for f in flights))
            except NotFound:
                continue
            strips = [self._strips(flight, place_of(plot)) for flight in flights]
            figures = treated_together(plot, strips)
            if figures is not None:
                found[name] = replace(figures, expected=expected_over(plot, figures, strips, self._parameters))
        return found

    def _strips(self, flight: Flight, plane: LocalPlane) -> Strips:
        """What a flight treated, in a plane: read once, and made once per plane."""
        if flight.flight not in self._tables:
            default_m = self._parameters.default_swath_m
            self._tables[flight.flight] = flight_data(self._store, self._registry, flight, default_m)
        key = flight.flight, plane
        if key not in self._made:
            self._made[key] = Strips.of(*self._tables[flight.flight], plane, self._parameters)
        return self._made[key]

    def _untouched(self, job: Job, plot: str) -> JobPlot | None:
        day = self._registry.job_plots(self._cooperative, job[1])
        known = next((r for r in day if r.job == job[0] and r.coverage.plot == plot), None)
        if known is None:
            return None
        area_m2 = known.coverage.area_m2
        nothing = PlotCoverage(plot, area_m2, 0.0, 0.0, 0.0, 0.0, area_m2, name=known.coverage.name)
        return replace(known, flights=(), coverage=nothing)
