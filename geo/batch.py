"""Sprayed areas of many days anew, from the archive: what is to be done, the work in pieces, and what is kept of it.

Pieces run on any ``concurrent.futures.Executor``: here, in local processes, or on Dask. A piece opens its own ports
through a factory that can be pickled, and depends on no other piece: the results are the same in any partitioning.
A day's flights and rows of jobs are saved in one transaction, so what was interrupted is found and done again.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field, replace
from typing import Final

from core.archive import DIGITS, Entry
from core.localtime import day_window_ms, local_day
from core.model.coverage import Coverage, Flight, JobPlot, Window
from core.model.fixtable import FixTable
from core.model.samples import Event
from core.registry import Registry
from geo.archivesource import Opener, Ports
from geo.coverage import ALGORITHM, Parameters
from geo.jobs import Job, Jobs, Known, Ready
from geo.many.work import Outcome, Piece, by_job, flights_of, job_rows_of, result_of

__all__ = ["Day", "Outcome", "Piece", "Report", "flights_of", "job_rows_of", "plan", "result_of", "run"]

FLIGHTS_A_PIECE: Final = 640
"""A cooperative's day: where a piece has all flights over a plot, what they did together comes from their strips."""
PLOTS_A_PIECE: Final = 16
_DAYS_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Day:
    """A local day of a cooperative: its flights in the archive, which of them are to be computed, what is known."""

    cooperative: str
    day: str
    entries: tuple[Entry, ...]
    todo: tuple[Entry, ...]
    known: tuple[Known, ...]


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
    return same and coverage.algorithm == ALGORITHM and not coverage.no_area


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
    name = uuid.uuid4().hex
    report = Report(skipped=sum(len(d.entries) - len(d.todo) for d in days))
    wanted = [d for d in days if d.todo]
    under_way: list[tuple[Day, list[Future[Piece]]]] = []
    for day in [*wanted, *[None] * _DAYS_AHEAD]:
        if day is not None:
            held = {flight.flight: coverage for flight, coverage in day.known}
            pieces = [
                executor.submit(flights_of, opener, piece, chosen, _held_of(held, piece), name)
                for piece in _cut(day.todo, FLIGHTS_A_PIECE)
            ]
            under_way.append((day, pieces))
        if under_way and (day is None or len(under_way) > _DAYS_AHEAD):
            ready, pieces = under_way.pop(0)
            _finish(ready, _collected(pieces, progress), opener, registry, executor, chosen, report, name)
    return report


def _cut(entries: Sequence[Entry], size: int) -> Iterator[tuple[Entry, ...]]:
    """Pieces of flights by name, for it begins with the drone's: those of one drone are over the same plots."""
    ordered = sorted(entries, key=lambda e: (e.flight, e.start_ms))
    for at in range(0, len(ordered), size):
        yield tuple(ordered[at : at + size])


def _held_of(held: Mapping[str, Coverage], piece: Sequence[Entry]) -> dict[str, Coverage]:
    """What the registry holds of a piece's flights."""
    return {entry.flight: held[entry.flight] for entry in piece if entry.flight in held}


def _collected(pieces: Sequence[Future[Piece]], progress: Progress) -> Piece:
    for piece in as_completed(pieces):
        progress(len(piece.result().outcomes))
    made = [piece.result() for piece in pieces]
    ready = {key: figures for it in made for key, figures in it.ready.items()}
    return Piece(tuple(outcome for it in made for outcome in it.outcomes), ready)


def _finish(  # noqa: PLR0917 - the parts of one run
    day: Day,
    made: Piece,
    opener: Opener,
    registry: Registry,
    executor: Executor,
    parameters: Parameters,
    report: Report,
    name: str,
) -> None:
    """The rows of a day's jobs, and then all that is known of it into the registry."""
    after = [o.result for o in made.outcomes if o.result is not None]
    report.failed |= {(day.cooperative, o.entry.flight): o.fault for o in made.outcomes if o.result is None}
    named = {flight.flight for flight, _ in after}
    before = [known for known in day.known if known[0].flight in named]
    old, new = by_job(before), by_job(after)
    rows: dict[Job, list[JobPlot]] = {}
    pieces: dict[Future[tuple[list[JobPlot], str]], Job] = {}
    for job in sorted({*old, *new}):
        try:
            quick = Jobs(_Unread(), registry, day.cooperative, parameters, made.ready)
            rows[job] = quick.rows(old.get(job, []), new.get(job, []))
        except _UnreadError:
            rows[job] = []
            for own in _by_plots(old.get(job, []), new.get(job, [])):
                asked = (opener, day.cooperative, *own, _entries_of(day, own), parameters, name, _ready_of(made, own))
                pieces[executor.submit(job_rows_of, *asked)] = job
    bad: set[Job] = set()
    for piece, job in pieces.items():
        found, fault = piece.result()
        rows[job] += found
        if fault:
            bad.add(job)
            report.failed[day.cooperative, job[0]] = fault
    tainted = {f.flight for job in bad for f, _ in (*old.get(job, []), *new.get(job, []))}
    good = [known for known in after if known[0].flight not in tainted]
    touched = {
        job for known in (old, new) for job, its in known.items() if any(f.flight not in tainted for f, _ in its)
    }
    saved = sorted((r for job in touched - bad for r in rows[job]), key=lambda r: (r.job, r.coverage.plot))
    report.failed |= {(day.cooperative, f): "its job could not be computed" for f in sorted(tainted & named)}
    if saved or good:
        registry.save_windows(day.cooperative, _windows(day, good), saved)
    report.flights += len(good)
    report.rows += len(saved)


class _UnreadError(Exception):
    """Fixes were asked for."""


class _Unread:
    """A source of fixes for rows that need none."""

    def fixes(self, *_: object) -> FixTable:
        """Raises ``_UnreadError``."""
        raise _UnreadError

    def events(self, *_: object) -> list[Event]:
        """Raises ``_UnreadError``."""
        raise _UnreadError


def _ready_of(made: Piece, own: tuple[list[Known], list[Known]]) -> Ready:
    """What is ready of the plots that a piece of a job is about."""
    plots = {p.plot for known in own for _, c in known for p in c.plots}
    return {key: figures for key, figures in made.ready.items() if key[0] in plots}


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


def _windows(day: Day, good: Sequence[Known]) -> list[Window]:
    """Each result in place of what its device had in its time; other flights of the archive in that time stay."""
    made = {flight.flight for flight, _ in good}
    alive = {entry.flight for entry in day.entries} - made
    standing = [known for known in day.known if known[0].flight in alive]
    windows: list[Window] = []
    for cluster in _clusters([*standing, *good]):
        if any(flight.flight in made for flight, _ in cluster):
            span = min(f.start_ms for f, _ in cluster), max(f.end_ms for f, _ in cluster)
            windows.append(Window(cluster[0][0].device, *span, tuple(cluster)))
    return windows


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
