"""Sprayed areas of many days anew, from the archive: what is to be done, the work in pieces, and what is kept of it.

Pieces run on any ``concurrent.futures.Executor``: here, in local processes, or on Dask. A piece opens its own ports
through a factory that can be pickled, and depends on no other piece: the results are the same in any partitioning.
A day's rows of jobs are saved before its flights are, so what was interrupted is found and done again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field, replace
from typing import Final

from shapely.errors import ShapelyError

from core.archive import DIGITS, Entry, FlightRecord
from core.errors import CanhdongError
from core.localtime import day_window_ms, local_day
from core.model.coverage import Coverage, Flight, JobPlot
from core.registry import Registry
from geo.archivesource import ArchivedFlights, Opener, Ports, opened
from geo.coverage import ALGORITHM, Parameters, compute
from geo.jobs import Job, Jobs, Known, job_of
from geo.recompute import plots_near, tuned_for

FLIGHTS_A_PIECE: Final = 8
PLOTS_A_PIECE: Final = 16
_DAYS_AHEAD: Final = 2
_FAULTS: Final = (CanhdongError, ShapelyError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Day:
    """A local day of a cooperative: its flights in the archive, which of them are to be computed, what is known."""

    cooperative: str
    day: str
    entries: tuple[Entry, ...]
    todo: tuple[Entry, ...]
    known: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one flight: a result, or the reason why there is none."""

    entry: Entry
    result: Known | None = None
    fault: str = ""


@dataclass(slots=True)
class Report:
    """What a run did. ``failed`` holds flights and jobs (cooperative, name) with the reason in words."""

    flights: int = 0
    skipped: int = 0
    rows: int = 0
    failed: dict[tuple[str, str], str] = field(default_factory=dict)


Progress = Callable[[int], None]
"""Is told how many more flights are finished."""


def plan(ports: Ports, cooperatives: Iterable[str], first: str, last: str, *, force: bool = False) -> list[Day]:
    """The days between two local dates that have flights in the archive, by day and cooperative.

    A flight with a result of this algorithm and of the same input is done, unless ``force`` says that it is not.
    """
    days: list[Day] = []
    window = day_window_ms(first)[0], day_window_ms(last)[1]
    for cooperative in cooperatives:
        by_day: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in ports.archive.flights(cooperative, *window):
            by_day[entry.day].append(entry)
        for day in sorted(d for d in by_day if first <= d <= last):
            known = _known(ports.registry, cooperative, day)
            entries = tuple(by_day[day])
            done = set() if force else {f.flight for f, c in known if _is_done(c, f, entries)}
            todo = tuple(e for e in entries if e.flight not in done)
            days.append(Day(cooperative, day, entries, todo, known))
    return sorted(days, key=lambda d: (d.day, d.cooperative))


def _known(registry: Registry, cooperative: str, day: str) -> tuple[Known, ...]:
    flights = [f for f in registry.flights(cooperative, *day_window_ms(day)) if local_day(f.start_ms) == day]
    return tuple((f, registry.coverage(cooperative, f.flight)) for f in flights)


def _is_done(coverage: Coverage, flight: Flight, entries: Sequence[Entry]) -> bool:
    of_input = (flight.flight, flight.start_ms, flight.end_ms, coverage.input_hash[:DIGITS])
    same = any((e.flight, e.start_ms, e.end_ms, e.digits) == of_input for e in entries)
    return same and coverage.algorithm == ALGORITHM


def run(  # noqa: PLR0917 - the parts of one run
    days: Sequence[Day],
    opener: Opener,
    registry: Registry,
    executor: Executor,
    parameters: Parameters | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Compute days and save them, one after the other; while one is saved, the next is computed.

    Raises:
        StoreUnavailable: The registry does not take a day; what was saved before it stays.
    """
    chosen = Parameters() if parameters is None else parameters
    report = Report(skipped=sum(len(d.entries) - len(d.todo) for d in days))
    wanted = [d for d in days if d.todo]
    under_way: list[tuple[Day, list[Future[list[Outcome]]]]] = []
    for day in [*wanted, *[None] * _DAYS_AHEAD]:
        if day is not None:
            pieces = [executor.submit(flights_of, opener, piece, chosen) for piece in _cut(day.todo, FLIGHTS_A_PIECE)]
            under_way.append((day, pieces))
        if under_way and (day is None or len(under_way) > _DAYS_AHEAD):
            ready, pieces = under_way.pop(0)
            _finish(ready, _collected(pieces, progress), opener, registry, executor, chosen, report)
    return report


def _cut(entries: Sequence[Entry], size: int) -> Iterator[tuple[Entry, ...]]:
    for at in range(0, len(entries), size):
        yield tuple(entries[at : at + size])


def _collected(pieces: Sequence[Future[list[Outcome]]], progress: Progress) -> list[Outcome]:
    for piece in as_completed(pieces):
        progress(len(piece.result()))
    return [outcome for piece in pieces for outcome in piece.result()]


def _finish(  # noqa: PLR0917 - the parts of one run
    day: Day,
    outcomes: Sequence[Outcome],
    opener: Opener,
    registry: Registry,
    executor: Executor,
    parameters: Parameters,
    report: Report,
) -> None:
    """The rows of a day's jobs, and then all that is known of it into the registry."""
    after = [o.result for o in outcomes if o.result is not None]
    report.failed |= {(day.cooperative, o.entry.flight): o.fault for o in outcomes if o.result is None}
    named = {flight.flight for flight, _ in after}
    before = [known for known in day.known if known[0].flight in named]
    pieces = {
        executor.submit(job_rows_of, opener, day.cooperative, own[0], own[1], _entries_of(day, own), parameters): job
        for job in sorted({job_of(f) for f, _ in (*before, *after)})
        for own in _by_plots([k for k in before if job_of(k[0]) == job], [k for k in after if job_of(k[0]) == job])
    }
    rows: defaultdict[Job, list[JobPlot]] = defaultdict(list)
    bad: set[Job] = set()
    for piece, job in pieces.items():
        found, fault = piece.result()
        rows[job] += found
        if fault:
            bad.add(job)
            report.failed[day.cooperative, job[0]] = fault
    tainted = {f.flight for f, _ in (*before, *after) if job_of(f) in bad}
    good = [known for known in after if known[0].flight not in tainted]
    touched = {job_of(f) for f, _ in (*before, *after) if f.flight not in tainted}
    saved = sorted((r for job in touched - bad for r in rows[job]), key=lambda r: (r.job, r.coverage.plot))
    report.failed |= {(day.cooperative, f): "its job could not be computed" for f in sorted(tainted & named)}
    if saved:
        registry.save_job_plots(day.cooperative, saved)
    _save_flights(registry, day, good)
    report.flights += len(good)
    report.rows += len(saved)


def _by_plots(before: Sequence[Known], after: Sequence[Known]) -> Iterator[tuple[list[Known], list[Known]]]:
    """A job in pieces of some plots: the same flights in each, with the figures of those plots only."""
    plots = sorted({p.plot for _, c in (*before, *after) for p in c.plots})
    for at in range(0, len(plots), PLOTS_A_PIECE):
        mine = set(plots[at : at + PLOTS_A_PIECE])
        yield _restricted(before, mine), _restricted(after, mine)


def _restricted(known: Sequence[Known], plots: set[str]) -> list[Known]:
    return [(f, replace(c, plots=tuple(p for p in c.plots if p.plot in plots))) for f, c in known]


def _entries_of(day: Day, own: tuple[list[Known], list[Known]]) -> tuple[Entry, ...]:
    """The entries that a piece of a job may have to read."""
    touching = {f.flight for f, c in own[1] if c.plots}
    return tuple(e for e in day.entries if e.flight in touching)


def _save_flights(registry: Registry, day: Day, good: Sequence[Known]) -> None:
    """Each result in place of what its device had in its time; other flights of the archive in that time stay."""
    made = {flight.flight for flight, _ in good}
    alive = {entry.flight for entry in day.entries} - made
    standing = [known for known in day.known if known[0].flight in alive]
    for cluster in _clusters([*standing, *good]):
        if any(flight.flight in made for flight, _ in cluster):
            window = min(f.start_ms for f, _ in cluster), max(f.end_ms for f, _ in cluster)
            registry.save_flights(day.cooperative, cluster[0][0].device, *window, cluster)


def _clusters(known: Sequence[Known]) -> Iterator[list[Known]]:
    """Flights of one device that share an instant, together; they are few."""
    cluster: list[Known] = []
    for it in sorted(known, key=lambda k: (k[0].device, k[0].start_ms, k[0].flight)):
        last_ms = max((f.end_ms for f, _ in cluster), default=0)
        if cluster and (cluster[0][0].device != it[0].device or it[0].start_ms > last_ms):
            yield cluster
            cluster = []
        cluster.append(it)
    if cluster:
        yield cluster


def flights_of(opener: Opener, entries: Sequence[Entry], parameters: Parameters) -> list[Outcome]:
    """A piece of work: the areas of some flights. A flight that fails does not stop the others."""
    ports = opened(opener)
    return [_outcome(ports, entry, parameters) for entry in entries]


def _outcome(ports: Ports, entry: Entry, parameters: Parameters) -> Outcome:
    try:
        return Outcome(entry, result_of(ports.registry, ports.archive.read(entry), parameters))
    except _FAULTS as error:
        return Outcome(entry, fault=str(error) or type(error).__name__)


def result_of(registry: Registry, record: FlightRecord, parameters: Parameters) -> Known:
    """The area of one flight of the archive, as ``geo.recompute`` computes it from the telemetry store."""
    flight, fixes = record.flight, record.fixes
    plots = plots_near(registry, flight.cooperative, fixes)
    tuned = tuned_for(registry, flight, parameters)
    return flight, compute(flight.flight, [fixes], plots, tuned, record.events).coverage


def job_rows_of(  # noqa: PLR0917 - pickled as one call
    opener: Opener,
    cooperative: str,
    before: Sequence[Known],
    after: Sequence[Known],
    entries: Sequence[Entry],
    parameters: Parameters,
) -> tuple[list[JobPlot], str]:
    """A piece of work: the rows of a job on some plots, and what went wrong."""
    ports = opened(opener)
    try:
        jobs = Jobs(ArchivedFlights(ports.archive, entries), ports.registry, cooperative, parameters)
        return jobs.rows(before, after), ""
    except _FAULTS as error:
        return [], str(error) or type(error).__name__
