"""Pieces of a batch's work: the areas of some flights of the archive, and the rows of a job on some plots.

A piece opens its own ports through a factory that can be pickled, and depends on no other piece.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from shapely.errors import ShapelyError

from core.archive import Entry, FlightArchive, FlightRecord
from core.errors import CanhdongError
from core.model.coverage import Coverage, JobPlot, PlotCoverage
from core.registry import Registry
from geo.archivesource import ArchivedFlights, Opener, opened
from geo.coverage import Parameters
from geo.flightarea import flight_area, with_known_completeness
from geo.jobs import Job, Jobs, Known, Ready, flights_over, job_of
from geo.knownland import known_land
from geo.many.areas import Kept, areas_of, over_plots

FLIGHTS_AT_ONCE: Final = 128
"""So many tables are held in memory."""
_FAULTS: Final = (CanhdongError, ShapelyError, ValueError, ArithmeticError)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one flight: a result, or the reason why there is none."""

    entry: Entry
    result: Known | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """What came of some flights, and what several of them did together to plots of their jobs."""

    outcomes: tuple[Outcome, ...]
    ready: Ready


def by_job(known: Sequence[Known]) -> dict[Job, list[Known]]:
    """Flights with their areas, by job."""
    found: defaultdict[Job, list[Known]] = defaultdict(list)
    for it in known:
        found[job_of(it[0])].append(it)
    return dict(found)


def flights_of(
    opener: Opener,
    entries: Sequence[Entry],
    parameters: Parameters,
    held: Mapping[str, Coverage] | None = None,
    run_name: str = "",
) -> Piece:
    """A piece of work: the areas of some flights of a cooperative. A flight that fails does not stop the others."""
    archive = opened(opener).archive
    cooperative = entries[0].cooperative
    registry = known_land(opener, cooperative, run_name)
    known = {} if held is None else held
    kept = Kept()
    outcomes: dict[Entry, Outcome] = {}
    ordered = sorted(entries, key=lambda e: (e.flight, e.start_ms))
    for at in range(0, len(ordered), FLIGHTS_AT_ONCE):
        outcomes |= _outcomes(registry, archive, ordered[at : at + FLIGHTS_AT_ONCE], parameters, known, kept)
    results = [it.result for it in outcomes.values() if it.result is not None]
    ready = {} if parameters.expected else ready_rows(registry, cooperative, results, kept)
    return Piece(tuple(outcomes[entry] for entry in entries), ready)


def _outcomes(  # noqa: PLR0917 - the parts of a piece
    registry: Registry,
    archive: FlightArchive,
    entries: Sequence[Entry],
    parameters: Parameters,
    held: Mapping[str, Coverage],
    kept: Kept,
) -> dict[Entry, Outcome]:
    """Flights that are computed together; where that fails, and those for which it cannot be, each by itself."""
    records: dict[Entry, FlightRecord] = {}
    outcomes: dict[Entry, Outcome] = {}
    for entry in entries:
        try:
            records[entry] = archive.read(entry, area_only=True)
        except _FAULTS as error:
            outcomes[entry] = Outcome(entry, fault=str(error) or type(error).__name__)
    try:
        areas = areas_of(registry, list(records.values()), parameters, kept)
    except _FAULTS:
        areas = {}
    for entry, record in records.items():
        area = areas.get(record.flight.flight)
        if area is None:
            outcomes[entry] = _outcome(registry, record, entry, parameters, held.get(entry.flight), kept)
        else:
            known = with_known_completeness(area, held.get(entry.flight))
            outcomes[entry] = Outcome(entry, (record.flight, known))
    return outcomes


def ready_rows(registry: Registry, cooperative: str, results: Sequence[Known], kept: Kept) -> Ready:
    """What the flights of each job did together to the plots that several of them touched, where all were kept."""
    found: dict[tuple[str, tuple[str, ...]], PlotCoverage | None] = {}
    for members in by_job(results).values():
        over = {plot: flights for plot, flights in flights_over(members).items() if len(flights) > 1}
        try:
            together = over_plots(registry, cooperative, over, kept)
        except _FAULTS:
            continue
        found |= {(plot, tuple(f.flight for f in over[plot])): figures for plot, figures in together.items()}
    return found


def _outcome(  # noqa: PLR0917 - the parts of a piece
    registry: Registry,
    record: FlightRecord,
    entry: Entry,
    parameters: Parameters,
    held: Coverage | None,
    kept: Kept,
) -> Outcome:
    """A flight by itself."""
    try:
        found = result_of(registry, record, parameters, held)
        if not parameters.expected and not found[1].no_area:
            kept.keep_alone(registry, record, found[1], parameters)
        return Outcome(entry, found)
    except _FAULTS as error:
        return Outcome(entry, fault=str(error) or type(error).__name__)


def result_of(registry: Registry, record: FlightRecord, parameters: Parameters, held: Coverage | None = None) -> Known:
    """The area of one flight of the archive, as ``geo.recompute`` computes it from the telemetry store.

    ``held`` is what the registry has of it: the ledger, which tells whether all fixes came, is not in the archive.
    """
    flight = record.flight
    found = flight_area(registry, flight, record.fixes, record.events, parameters)
    return flight, with_known_completeness(found, held)


def job_rows_of(  # noqa: PLR0917 - pickled as one call
    opener: Opener,
    cooperative: str,
    before: Sequence[Known],
    after: Sequence[Known],
    entries: Sequence[Entry],
    parameters: Parameters,
    run_name: str = "",
    ready: Ready | None = None,
) -> tuple[list[JobPlot], str]:
    """A piece of work: the rows of a job on some plots, and what went wrong."""
    source = ArchivedFlights(opened(opener).archive, entries)
    registry = known_land(opener, cooperative, run_name)
    try:
        return Jobs(source, registry, cooperative, parameters, ready).rows(before, after), ""
    except _FAULTS as error:
        return [], str(error) or type(error).__name__
