"""What a statement may be about, looked up in the registry: a flight, a job on a day, a plot over a season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.errors import NotFound
from core.localtime import day_window_ms, local_day
from core.model.coverage import Flight, job_of
from core.model.land import Plot
from core.registry import Registry
from core.statement import StatementKind, Subject

_ALL_TIMES: Final = (-(2**62), 2**62)
_FROM_TO: Final = ".."
_YEAR_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Work:
    """A job on a local day, and those of its flights that a statement is about, by time."""

    job: str
    day: str
    flights: tuple[Flight, ...]


def flight_subject(registry: Registry, cooperative: str, flight: str) -> Subject:
    """A flight; raises ``NotFound``."""
    return Subject(StatementKind.FLIGHT, cooperative, registry.flight(cooperative, flight).flight)


def job_subject(registry: Registry, cooperative: str, job: str, day: str = "") -> Subject:
    """A job on a local day; without one, on the last day that it was flown. Raises ``NotFound``."""
    days = [day] if day else sorted({d for name, d in _jobs(registry, cooperative) if name == job})
    if not days:
        raise NotFound(f"no flight of job {job!r}")
    return Subject(StatementKind.JOB, cooperative, job, days[-1], days[-1])


def plot_subject(registry: Registry, cooperative: str, plot: str, season: str, today: str) -> Subject:
    """A plot over a season.

    Args:
        registry: Where the plot is looked up.
        cooperative: Whose it is.
        plot: The plot.
        season: ``2026-11-01..2027-03-31``, or a season's name as the plot's versions tell it; "" is the name that the
            plot has now, or the calendar year where it has none.
        today: The local day, whose year counts where neither tells one.

    Raises:
        NotFound: There is no such plot, or it never had a season of that name.
        ValueError: A day is no date, or the last one lies before the first.
    """
    known = registry.plot(cooperative, plot)
    if _FROM_TO in season:
        days = _between(season)
    elif season or known.season:
        days = _named(registry.history(Plot, cooperative, plot), season or known.season, today)
    else:
        days = f"{today[:4]}-01-01", f"{today[:4]}-12-31"
    return Subject(StatementKind.PLOT, cooperative, known.plot, *days)


def work_of(registry: Registry, subject: Subject) -> list[Work]:
    """The work that a statement is about, by day and job; raises ``NotFound`` where there is no such flight or job."""
    cooperative, name = subject.cooperative, subject.name
    if subject.kind is StatementKind.FLIGHT:
        flight = registry.flight(cooperative, name)
        return [Work(*job_of(flight), (flight,))]
    first_ms, last_ms = day_window_ms(subject.first_day)[0], day_window_ms(subject.last_day)[1]
    flights = [f for f in registry.flights(cooperative, first_ms, last_ms) if first_ms <= f.start_ms <= last_ms]
    if subject.kind is StatementKind.JOB:
        mine = _by_time([f for f in flights if job_of(f) == (name, subject.first_day)])
        if not mine:
            raise NotFound(f"no flight of job {name!r} on {subject.first_day}")
        return [Work(name, subject.first_day, mine)]
    return _over_plot(registry, subject, flights)


def _over_plot(registry: Registry, subject: Subject, flights: Sequence[Flight]) -> list[Work]:
    """The jobs that touched a plot."""
    known = {f.flight: f for f in flights}
    found = []
    for day in sorted({local_day(f.start_ms) for f in flights}):
        for row in registry.job_plots(subject.cooperative, day):
            mine = [known[name] for name in row.flights if name in known]
            if row.coverage.plot == subject.name and mine:
                found.append(Work(row.job, row.day, _by_time(mine)))
    return sorted(found, key=lambda it: (it.flights[0].start_ms, it.job))


def _by_time(flights: Sequence[Flight]) -> tuple[Flight, ...]:
    return tuple(sorted(flights, key=lambda f: (f.start_ms, f.flight)))


def _jobs(registry: Registry, cooperative: str) -> set[tuple[str, str]]:
    return {job_of(f) for f in registry.flights(cooperative, *_ALL_TIMES)}


def _between(text: str) -> tuple[str, str]:
    first, _, last = text.partition(_FROM_TO)
    for day in (first, last):
        date.fromisoformat(day)
    if last < first:
        raise ValueError(f"{text}: the season ends before it begins")
    return first, last


def _named(history: Sequence[Plot], season: str, today: str) -> tuple[str, str]:
    """From the day on which the plot took a season's name to the day before it took another; a year long at most."""
    named = [it for it in history if it.season == season]
    if not named:
        told = sorted({it.season for it in history if it.season})
        said = f"it has had: {', '.join(told)}" if told else "it has had none; write FIRST..LAST"
        raise NotFound(f"plot {history[-1].plot!r} had no season {season!r}; {said}")
    after = [it for it in history if it.version > named[-1].version]
    first = local_day(named[0].valid_from_ms) if named[0].valid_from_ms > 0 else f"{today[:4]}-01-01"
    longest = _later(first, _YEAR_DAYS - 1)
    return first, max(first, min(longest, _later(local_day(after[0].valid_from_ms), -1))) if after else longest


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
