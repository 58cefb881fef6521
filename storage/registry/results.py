"""What was computed, in versions: a computation that says anything new stands over the one before, which stays."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.model.coverage import Coverage, Flight, JobPlot
from storage.registry import mapping
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import FlightPlotRow, FlightRow, JobPlotRow

Result = tuple[Flight, Coverage]


class Results(Records):
    """Reads and writes flights, their coverage, and what jobs did to plots."""

    def save_flights(
        self, cooperative: str, device: str, start_ms: int, end_ms: int, results: Sequence[Result]
    ) -> None:
        """See the port."""
        row = FlightRow
        mine = and_(row.cooperative == cooperative, row.newest)
        touching = and_(mine, row.device == device, row.start_ms <= end_ms, row.end_ms >= start_ms)
        named = and_(mine, row.flight.in_([flight.flight for flight, _ in results]))
        with self._changing(cooperative) as connection, Session(connection) as session:
            require_cooperative(connection, cooperative)
            standing = {it.flight: _result(session, it) for it in session.scalars(select(row).where(touching))}
            standing |= {it.flight: _result(session, it) for it in session.scalars(select(row).where(named))}
            same = {f.flight for f, c in results if repr((f, c)) == repr(standing.get(f.flight))}
            _replaced(connection, row, (mine & (row.flight == name) for name in standing.keys() - same))
            for flight, coverage in results:
                if flight.flight not in same:
                    _add_flight(connection, cooperative, flight, coverage)

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
            for it in rows:
                which = _job_plot(cooperative, it)
                standing = session.scalars(select(JobPlotRow).where(which, JobPlotRow.newest)).one_or_none()
                if standing is not None and repr(mapping.job_plot(standing)) == repr(it):
                    continue
                _replaced(connection, JobPlotRow, [and_(which, JobPlotRow.newest)])
                if it.flights:
                    _add(connection, JobPlotRow, which, mapping.job_plot_values(cooperative, it))

    def job_plots(self, cooperative: str, day: str) -> list[JobPlot]:
        """See the port."""
        row = JobPlotRow
        query = (
            select(row).where(row.cooperative == cooperative, row.newest, row.day == day).order_by(row.job, row.plot)
        )
        with self._looking() as connection, Session(connection) as session:
            return [mapping.job_plot(it) for it in session.scalars(query)]


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
