"""The history of a plot: what a season covered, how long ago that was, who went over missed ground again.

Days are local (Asia/Ho_Chi_Minh) and written as ISO 8601.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from geo.overlay import EMPTY, Area, differences, union


@dataclass(frozen=True, slots=True)
class Treatment:
    """One job on one plot on one day."""

    job: str
    day: str
    op: Operation
    coverage: PlotCoverage


@dataclass(frozen=True, slots=True)
class Season:
    """What was done to a plot between two days.

    ``net_m2`` adds up the treatments (a plot sprayed twice counts twice); ``turns`` is that over the plot's area: how
    many times it was covered whole. ``worst_pct`` is the least share that one treatment covered. ``volume_l`` and
    ``mass_kg`` are NaN where nobody told them. ``days_since`` is None where nothing was done up to the day asked for.
    """

    plot: str
    op: Operation
    treatments: tuple[Treatment, ...]
    net_m2: float
    turns: float
    worst_pct: float
    volume_l: float
    mass_kg: float
    last_day: str
    days_since: int | None


@dataclass(frozen=True, slots=True)
class FlightGround:
    """What one flight of a job treated in a plot: ``net`` in metres of a plane that all flights of the job share."""

    flight: str
    start_ms: int
    net: Area


@dataclass(frozen=True, slots=True)
class Credit:
    """How a flight's net area in a plot divides within its job.

    ``fresh_m2`` is ground that no earlier flight of the job had treated, ``again_m2`` the rest. ``respray_m2`` is the
    fresh ground of a later flight: what earlier flights of the job had missed in this plot, for which the job is
    credited. It is 0 for the first flight over the plot.
    """

    flight: str
    net_m2: float
    fresh_m2: float
    again_m2: float
    respray_m2: float


def treatments(rows: Iterable[JobPlot], plot: str) -> tuple[Treatment, ...]:
    """The treatments of a plot among jobs' results, by day and job; a job that lost all its flights is none."""
    found = [
        Treatment(row.job, row.day, row.op, row.coverage)
        for row in rows
        if row.coverage.plot == plot and row.flights and row.coverage.net_m2 > 0.0
    ]
    return tuple(sorted(found, key=lambda t: (t.day, t.job)))


def seasons(done: Sequence[Treatment], first_day: str, last_day: str, today: str) -> tuple[Season, ...]:
    """A season's treatments of one plot, an entry per operation.

    Args:
        done: Treatments of one plot.
        first_day: Where the season begins.
        last_day: Its last day.
        today: The day from which ``days_since`` counts back; what was done later does not count.
    """
    chosen = [t for t in done if first_day <= t.day <= min(last_day, today)]
    return tuple(_season([t for t in chosen if t.op is op], today) for op in sorted({t.op for t in chosen}))


def days_since(done: Sequence[Treatment], today: str, op: Operation | None = None) -> int | None:
    """Local days since the last treatment (of an operation) up to ``today``; None where there is none."""
    days = [t.day for t in done if t.day <= today and (op is None or t.op is op)]
    return (date.fromisoformat(today) - date.fromisoformat(max(days))).days if days else None


def credited(flights: Sequence[FlightGround]) -> tuple[Credit, ...]:
    """How the flights of one job divide the ground of a plot, in order of time.

    Args:
        flights: All of the job that touched the plot; the fresh areas add up to the job's net area.
    """
    found: list[Credit] = []
    before: Area = EMPTY
    for flight in sorted(flights, key=lambda f: (f.start_ms, f.flight)):
        fresh_m2, net_m2 = _without(flight.net, before).area, flight.net.area
        respray_m2 = 0.0 if before.is_empty else fresh_m2
        found.append(Credit(flight.flight, net_m2, fresh_m2, max(net_m2 - fresh_m2, 0.0), respray_m2))
        before = union([before, flight.net])
    return tuple(found)


def _without(shape: Area, other: Area) -> Area:
    if shape.is_empty or other.is_empty:
        return shape
    return union(list(differences(np.array([shape], np.object_), other)))


def _season(done: Sequence[Treatment], today: str) -> Season:
    last = done[-1]
    net_m2 = math.fsum(t.coverage.net_m2 for t in done)
    return Season(
        plot=last.coverage.plot,
        op=last.op,
        treatments=tuple(done),
        net_m2=net_m2,
        turns=math.fsum(t.coverage.net_m2 / t.coverage.area_m2 for t in done if t.coverage.area_m2 > 0.0),
        worst_pct=min(t.coverage.covered_pct for t in done),
        volume_l=_told([t.coverage.volume_l for t in done]),
        mass_kg=_told([t.coverage.mass_kg for t in done]),
        last_day=last.day,
        days_since=days_since(done, today),
    )


def _told(values: Sequence[float]) -> float:
    told = [v for v in values if not math.isnan(v)]
    return math.fsum(told) if told else math.nan
