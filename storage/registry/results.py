"""What was computed, in versions: a computation that says anything new stands over the one before, which stays."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound
from core.localtime import day_window_ms
from core.model.coverage import Basis, Coverage, Flight, JobKey, JobPlot, Standing, Window, job_of
from storage.registry import mapping
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import FlightPlotRow, FlightRow, JobPlotRow

Result = tuple[Flight, Coverage]
_NAMES_A_QUERY: Final = 500


class Results(Records):
    """Reads and writes flights, their coverage, and what jobs did to plots."""

    def save_flights(
        self,
        cooperative: str,
        device: str,
        start_ms: int,
        end_ms: int,
        results: Sequence[Result],
        *,
        rows: Sequence[JobPlot] = (),
        basis: Basis | None = None,
    ) -> None:
        """See the port."""
        touching = _touching(cooperative, device, start_ms, end_ms)
        with self._changing(cooperative) as connection, Session(connection) as session:
            require_cooperative(connection, cooperative)
            if basis is not None:
                _require_same(session, cooperative, touching, basis)
            _save_window(session, cooperative, touching, results)
            _save_rows(connection, session, cooperative, rows)

    def save_windows(self, cooperative: str, windows: Sequence[Window], rows: Sequence[JobPlot] = ()) -> None:
        """See the port. What nothing stood of and nothing stands in the way of is inserted in one statement."""
        with self._changing(cooperative) as connection, Session(connection) as session:
            require_cooperative(connection, cooperative)
            fresh, others = _parted(session, cooperative, windows)
            _insert_flights(connection, cooperative, [it for window in fresh for it in window.results])
            for window in others:
                touching = _touching(cooperative, window.device, window.start_ms, window.end_ms)
                _save_window(session, cooperative, touching, window.results)
            _save_rows(connection, session, cooperative, rows)

    def device_results(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Standing]:
        """See the port."""
        with self._looking() as connection, Session(connection) as session:
            found = _standing(session, _touching(cooperative, device, start_ms, end_ms))
            return [Standing(*_result(session, it), it.version) for it in found]

    def job_results(self, cooperative: str, job: JobKey, plots: Collection[str]) -> list[Standing]:
        """See the port."""
        with self._looking() as connection, Session(connection) as session:
            found = _members(session, cooperative, job, plots)
            return [Standing(*_result(session, it), it.version) for it in found]

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Flight]:
        """See the port."""
        row = FlightRow
        query = (
            select(row)
            .where(row.cooperative == cooperative, row.newest, row.start_ms <= end_ms, row.end_ms >= start_ms)
            .order_by(row.start_ms.desc(), row.flight)
        )
        with self._looking() as connection, Session(connection) as session:
            return [mapping.flight(it) for it in session.scalars(query)]

    def flight(self, cooperative: str, flight: str) -> Flight:
        """See the port."""
        with self._looking() as connection, Session(connection) as session:
            return mapping.flight(_flight_rows(session, cooperative, flight, FlightRow.newest)[0])

    def coverage(self, cooperative: str, flight: str) -> Coverage:
        """See the port."""
        with self._looking() as connection, Session(connection) as session:
            return _result(session, _flight_rows(session, cooperative, flight, FlightRow.newest)[0])[1]

    def flight_history(self, cooperative: str, flight: str) -> list[Result]:
        """See the port."""
        with self._looking() as connection, Session(connection) as session:
            return [_result(session, row) for row in _flight_rows(session, cooperative, flight)]

    def save_job_plots(self, cooperative: str, rows: Sequence[JobPlot]) -> None:
        """See the port."""
        with self._changing(cooperative) as connection, Session(connection) as session:
            require_cooperative(connection, cooperative)
            _save_rows(connection, session, cooperative, rows)

    def job_plots(self, cooperative: str, day: str, until: str = "") -> list[JobPlot]:
        """See the port."""
        row = JobPlotRow
        on = row.day.between(day, until or day)
        query = select(row).where(row.cooperative == cooperative, row.newest, on).order_by(row.day, row.job, row.plot)
        with self._looking() as connection, Session(connection) as session:
            return [mapping.job_plot(it) for it in session.scalars(query)]


def _touching(cooperative: str, device: str, start_ms: int, end_ms: int) -> ColumnElement[bool]:
    """What stands of a device's flights that touch a window."""
    row = FlightRow
    inside = and_(row.start_ms <= end_ms, row.end_ms >= start_ms)
    return and_(row.cooperative == cooperative, row.newest, row.device == device, inside)


def _standing(session: Session, which: ColumnElement[bool]) -> list[FlightRow]:
    return list(session.scalars(select(FlightRow).where(which).order_by(FlightRow.start_ms, FlightRow.flight)))


def _members(session: Session, cooperative: str, job: JobKey, plots: Collection[str]) -> list[FlightRow]:
    """The flights of a job that touched any of some plots."""
    row, plot = FlightRow, FlightPlotRow
    first_ms, last_ms = day_window_ms(job[1])
    of_flight = and_(plot.cooperative == row.cooperative, plot.flight == row.flight, plot.version == row.version)
    touched = exists().where(of_flight, plot.plot.in_(sorted(plots)))
    of_day = and_(row.cooperative == cooperative, row.newest, row.start_ms.between(first_ms, last_ms))
    return [it for it in _standing(session, and_(of_day, touched)) if job_of(mapping.flight(it)) == job]


def _require_same(session: Session, cooperative: str, touching: ColumnElement[bool], basis: Basis) -> None:
    """Raise ``Conflict`` where other results stand than a computation has read."""
    if {it.flight: it.version for it in _standing(session, touching)} != dict(basis.replaced):
        raise Conflict(f"{cooperative}: the flights of the window have changed since they were read; read them again")
    for job, rests in basis.jobs.items():
        members = _members(session, cooperative, job, rests.plots)
        if {it.flight: it.version for it in members} != dict(rests.versions):
            raise Conflict(f"{cooperative}: flights of job {job[0]} have changed since they were read; read them again")


def _save_window(session: Session, cooperative: str, touching: ColumnElement[bool], results: Sequence[Result]) -> None:
    """Results in place of what touches a window of a device, and of what is named alike."""
    row, connection = FlightRow, session.connection()
    mine = and_(row.cooperative == cooperative, row.newest)
    named = and_(mine, row.flight.in_([flight.flight for flight, _ in results]))
    standing = {it.flight: _result(session, it) for it in session.scalars(select(row).where(touching))}
    standing |= {it.flight: _result(session, it) for it in session.scalars(select(row).where(named))}
    same = {f.flight for f, c in results if repr((f, c)) == repr(standing.get(f.flight))}
    _replaced(connection, row, (mine & (row.flight == name) for name in standing.keys() - same))
    for flight, coverage in results:
        if flight.flight not in same:
            _add_flight(connection, cooperative, flight, coverage)


def _parted(session: Session, cooperative: str, windows: Sequence[Window]) -> tuple[list[Window], list[Window]]:
    """Windows in which nothing stands and of whose flights nothing ever stood, and the others."""
    row = FlightRow
    if not windows:
        return [], []
    first_ms, last_ms = min(w.start_ms for w in windows), max(w.end_ms for w in windows)
    inside = and_(row.newest, row.start_ms <= last_ms, row.end_ms >= first_ms)
    columns = select(row.device, row.start_ms, row.end_ms).where(row.cooperative == cooperative, inside)
    standing: dict[str, list[tuple[int, int]]] = {}
    for device, start_ms, end_ms in session.execute(columns):
        standing.setdefault(device, []).append((start_ms, end_ms))
    ever = _ever(session, cooperative, [f.flight for w in windows for f, _ in w.results])
    fresh: list[Window] = []
    others: list[Window] = []
    for it in windows:
        touched = any(a <= it.end_ms and b >= it.start_ms for a, b in standing.get(it.device, ()))
        named = any(f.flight in ever for f, _ in it.results)
        (others if touched or named else fresh).append(it)
    return fresh, others


def _ever(session: Session, cooperative: str, flights: Sequence[str]) -> set[str]:
    """Those of some flights that ever had a result."""
    found: set[str] = set()
    for at in range(0, len(flights), _NAMES_A_QUERY):
        some = FlightRow.flight.in_(flights[at : at + _NAMES_A_QUERY])
        found.update(session.scalars(select(FlightRow.flight).where(FlightRow.cooperative == cooperative, some)))
    return found


def _insert_flights(connection: Connection, cooperative: str, results: Sequence[Result]) -> None:
    """Add the first results of flights."""
    bookkeeping = {"cooperative": cooperative, "version": 1, "newest": True, "saved_ms": time.time_ns() // 1_000_000}
    flights = [mapping.flight_values(flight, coverage) | bookkeeping for flight, coverage in results]
    plots = [
        {"cooperative": cooperative, "flight": flight.flight, "version": 1, "position": i} | mapping.plot_figures(plot)
        for flight, coverage in results
        for i, plot in enumerate(coverage.plots)
    ]
    if flights:
        connection.execute(insert(FlightRow), flights)
    if plots:
        connection.execute(insert(FlightPlotRow), plots)


def _save_rows(connection: Connection, session: Session, cooperative: str, rows: Sequence[JobPlot]) -> None:
    """See the port's ``save_job_plots``."""
    for it in rows:
        which = _job_plot(cooperative, it)
        standing = session.scalars(select(JobPlotRow).where(which, JobPlotRow.newest)).one_or_none()
        if standing is not None and repr(mapping.job_plot(standing)) == repr(it):
            continue
        _replaced(connection, JobPlotRow, [and_(which, JobPlotRow.newest)])
        if it.flights:
            _add(connection, JobPlotRow, which, mapping.job_plot_values(cooperative, it))


def _result(session: Session, row: FlightRow) -> Result:
    plot = FlightPlotRow
    query = (
        select(plot)
        .where(plot.cooperative == row.cooperative, plot.flight == row.flight, plot.version == row.version)
        .order_by(plot.position)
    )
    return mapping.flight(row), mapping.coverage(row, list(session.scalars(query)))


def _flight_rows(session: Session, cooperative: str, flight: str, *which: Any) -> list[FlightRow]:
    """The versions of a flight, the first first; raises ``NotFound`` where there is none."""
    row = FlightRow
    query = select(row).where(row.cooperative == cooperative, row.flight == flight, *which).order_by(row.version)
    found = list(session.scalars(query))
    if not found:
        raise NotFound(f"cooperative {cooperative!r} has no flight {flight!r}")
    return found


def _add_flight(connection: Connection, cooperative: str, flight: Flight, coverage: Coverage) -> None:
    which = and_(FlightRow.cooperative == cooperative, FlightRow.flight == flight.flight)
    values = mapping.flight_values(flight, coverage) | {"cooperative": cooperative}
    version = _add(connection, FlightRow, which, values)
    key = {"cooperative": cooperative, "flight": flight.flight, "version": version}
    plots = [key | {"position": i} | mapping.plot_figures(plot) for i, plot in enumerate(coverage.plots)]
    if plots:
        connection.execute(insert(FlightPlotRow), plots)


def _add(connection: Connection, row: Any, which: ColumnElement[bool], values: dict[str, Any]) -> int:
    """Add the next version of a result; gives its number."""
    last = connection.execute(select(func.max(row.version)).where(which)).scalar() or 0
    bookkeeping = {"version": last + 1, "newest": True, "saved_ms": time.time_ns() // 1_000_000}
    connection.execute(insert(row), values | bookkeeping)
    return int(last) + 1


def _replaced(connection: Connection, row: Any, which: Iterable[ColumnElement[bool]]) -> None:
    """What stood stands no more."""
    for one in which:
        connection.execute(update(row).where(one).values(newest=False))


def _job_plot(cooperative: str, it: JobPlot) -> ColumnElement[bool]:
    row = JobPlotRow
    return and_(row.cooperative == cooperative, row.job == it.job, row.day == it.day, row.plot == it.coverage.plot)
