"""What the pipeline says of each job, from the samples that arrived: what ``canhdong area`` computes, job by job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.coverage import Coverage, Flight
from core.model.enums import Operation
from core.model.fixtable import FixTable, Ints, Labels
from core.model.land import DeviceKind, Plot
from core.model.samples import Event
from core.model.traffic import Run, Sending, Stream
from geo.coverage import Parameters, compute
from geo.flights import FlightSpan, split_flights
from geo.jobs import job_of
from simulators.scoring.figures import JobFigures, JobKey

_DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True)
class _Flown:
    """One flight of a job: its fixes, and the events of its time."""

    fixes: FixTable
    events: list[Event]


def told_figures(run: Run, plots: Sequence[Plot], parameters: Parameters = _DEFAULTS) -> dict[JobKey, JobFigures]:
    """The figures of every job of a run.

    Flights are cut and the area is computed as the platform does; a job is the tables of its flights.

    Args:
        run: What was sent. What did not arrive (see ``Sending``) is not used, what arrived twice counts once.
        plots: All plots; a job is measured on those of its cooperative, and on those that are nobody's.
        parameters: Of the computation.

    Raises:
        ConfigError: An implement was on and no swath width is known.
    """
    jobs: dict[JobKey, list[_Flown]] = {}
    for (cooperative, device), streams in _drones(run).items():
        for job, flown in _flights(run, device, streams):
            jobs.setdefault(JobKey(cooperative, job), []).append(flown)
    found: dict[JobKey, JobFigures] = {}
    for key, flights in jobs.items():
        fields = [p for p in plots if p.cooperative in {"", key.cooperative} or not key.cooperative]
        events = [event for flown in flights for event in flown.events]
        coverage = compute(key.job, [flown.fixes for flown in flights], fields, parameters, events).coverage
        found[key] = _figures(coverage, sum(bool(flown.fixes.on.any()) for flown in flights))
    return found


def arrived(sending: Sending | None, count: int) -> Ints:
    """The samples (row numbers, of ``count``) of a stream that reached the broker, in the order in which they did."""
    if sending is None:
        return np.arange(count)
    counts = sending.end - sending.first
    before = np.cumsum(counts) - counts
    return np.repeat(sending.first - before, counts) + np.arange(int(counts.sum()))


def _figures(coverage: Coverage, flights: int) -> JobFigures:
    return JobFigures(
        plots=coverage.plots,
        gross_m2=coverage.gross_m2,
        net_m2=coverage.net_m2,
        off_target_m2=coverage.off_target_m2,
        volume_l=coverage.volume_l,
        mass_kg=coverage.mass_kg,
        off_target_volume_l=coverage.off_target_volume_l,
        off_target_mass_kg=coverage.off_target_mass_kg,
        pieces=flights,
        fixes=coverage.fixes,
    )


def _drones(run: Run) -> dict[tuple[str, str], list[Stream]]:
    """The streams of each drone, by cooperative and device."""
    owners = {d.device: d.cooperative for d in run.devices}
    found: dict[tuple[str, str], list[Stream]] = {}
    for stream in run.streams:
        if stream.kind is DeviceKind.DRONE:
            cooperative = stream.cooperative or owners.get(stream.device, "")
            found.setdefault((cooperative, stream.device), []).append(stream)
    return found


def _flights(run: Run, device: str, streams: Sequence[Stream]) -> list[tuple[str, _Flown]]:
    """The flights of one drone, each with its job's name."""
    tables: list[FixTable] = []
    events: list[Event] = []
    for stream in streams:
        rows = arrived(stream.sending, len(stream.samples))
        if isinstance(stream.samples, FixTable):
            tables.append(stream.samples.take(rows))
        else:
            taken = [stream.samples[k] for k in rows.tolist()]
            events += [event for event in taken if isinstance(event, Event)]
    if not tables:
        return []
    width = next((d.swath_m for d in run.devices if d.device == device), np.nan)
    fixes = _with_swath(tables[0] if len(tables) == 1 else FixTable.concat(tables), width)
    times = np.array([event.ts_ms for event in events], np.int64)
    flights: list[tuple[str, _Flown]] = []
    for span in split_flights(fixes, events):
        table = fixes.take(span.rows)
        within = np.flatnonzero((times >= span.start_ms) & (times <= span.end_ms))
        flights.append((_job(device, span, table), _Flown(table, [events[k] for k in within.tolist()])))
    return flights


def _with_swath(fixes: FixTable, width_m: float) -> FixTable:
    """The fixes, with the device's registered swath where one tells none."""
    told = np.isfinite(fixes.swath_m) & (fixes.swath_m > 0.0)
    return fixes if told.all() else fixes.with_columns(swath_m=np.where(told, fixes.swath_m, width_m))


def _job(device: str, span: FlightSpan, fixes: FixTable) -> str:
    """What most fixes of a flight name as their job, else its local day and operation."""
    ops = fixes.op[fixes.on] if fixes.on.any() else fixes.op
    op = Operation(int(np.argmax(np.bincount(ops[ops > 0])))) if (ops > 0).any() else Operation.UNKNOWN
    flight = Flight(span.flight, "", device, span.start_ms, span.end_ms, len(fixes), op, _most(fixes.job))
    return job_of(flight)[0]


def _most(labels: Labels) -> str:
    """The text that most rows have, "" where none has any."""
    counts = np.bincount(labels.codes, minlength=len(labels.labels))
    ranked = sorted(zip((-counts).tolist(), labels.labels, strict=True))
    return next((label for count, label in ranked if label and count < 0), "")
