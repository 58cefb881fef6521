"""What surrounded flights and jobs in its tables; see :class:`core.contexts.Contexts`."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Final

import numpy as np
from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from core.errors import NotFound
from core.model.context import FlightContext, JobContext, SiteContact, SiteMinutes
from storage.registry.context_tables import FlightContextRow, FlightSiteRow, JobContextRow
from storage.registry.records import Records, require_cooperative

_TYPES: Final = {
    "start_ms": np.int64,
    "distance_m": np.float64,
    "upwind": np.int8,
    "drift": np.int8,
    "in_buffer_l": np.float64,
    "downwind_l": np.float64,
}
_OF_FLIGHT: Final = tuple(f.name for f in fields(FlightContext) if f.name != "contacts")
_OF_JOB: Final = tuple(f.name for f in fields(JobContext))
_OF_SITE: Final = tuple(f.name for f in fields(SiteContact) if f.name != "minutes")


class Contexts(Records):
    """Reads and writes contexts."""

    def save_contexts(  # noqa: PLR0917 - a window of a device, as everyone names it
        self,
        cooperative: str,
        device: str,
        start_ms: int,
        end_ms: int,
        flights: Sequence[FlightContext],
        jobs: Sequence[JobContext],
    ) -> None:
        """See the port."""
        row = FlightContextRow
        mine = and_(row.cooperative == cooperative, row.newest)
        touching = and_(mine, row.device == device, row.start_ms <= end_ms, row.end_ms >= start_ms)
        named = and_(mine, row.flight.in_([it.flight for it in flights]))
        with self._changing(cooperative) as connection, Session(connection) as session:
            require_cooperative(connection, cooperative)
            standing = {it.flight: it for which in (touching, named) for it in _read(session, which)}
            same = {it.flight for it in flights if _said(it) == _said(standing.get(it.flight))}
            for name in sorted(standing.keys() - same):
                connection.execute(update(row).where(mine, row.flight == name).values(newest=False))
            for it in flights:
                if it.flight not in same:
                    _add_flight(connection, cooperative, it)
            for job in jobs:
                _put_job(connection, session, cooperative, job)

    def flight_context(self, cooperative: str, flight: str) -> FlightContext:
        """See the port."""
        row = FlightContextRow
        with self._looking() as connection, Session(connection) as session:
            found = _read(session, and_(row.cooperative == cooperative, row.newest, row.flight == flight))
        if not found:
            raise NotFound(f"cooperative {cooperative!r} has no context of a flight {flight!r}")
        return found[0]

    def flight_contexts(self, cooperative: str, start_ms: int, end_ms: int) -> list[FlightContext]:
        """See the port."""
        row = FlightContextRow
        which = and_(row.cooperative == cooperative, row.newest, row.start_ms <= end_ms, row.end_ms >= start_ms)
        with self._looking() as connection, Session(connection) as session:
            return _read(session, which)

    def job_contexts(self, cooperative: str, job: str) -> list[JobContext]:
        """See the port."""
        row = JobContextRow
        query = select(row).where(row.cooperative == cooperative, row.newest, row.job == job).order_by(row.day)
        with self._looking() as connection, Session(connection) as session:
            return [_job(it) for it in session.scalars(query)]

    def site_contacts(
        self, cooperative: str, site: str, start_ms: int, end_ms: int
    ) -> list[tuple[FlightContext, SiteContact]]:
        """See the port."""
        row, near = FlightContextRow, aliased(FlightSiteRow)
        beside = select(near.flight).where(
            near.cooperative == cooperative, near.site == site, near.flight == row.flight, near.version == row.version
        )
        mine = and_(row.cooperative == cooperative, row.newest, row.start_ms <= end_ms, row.end_ms >= start_ms)
        with self._looking() as connection, Session(connection) as session:
            flights = _read(session, and_(mine, beside.exists()))
        return [(flight, contact) for flight in flights for contact in flight.contacts if contact.site == site]


def _read(session: Session, which: ColumnElement[bool]) -> list[FlightContext]:
    """Flights with their sites, by start and name, in two statements."""
    row, near = FlightContextRow, FlightSiteRow
    sites: dict[tuple[str, int], list[SiteContact]] = {}
    of_one = and_(near.cooperative == row.cooperative, near.flight == row.flight, near.version == row.version)
    for it in session.scalars(select(near).join(row, of_one).where(which).order_by(near.flight, near.position)):
        sites.setdefault((it.flight, it.version), []).append(_contact(it))
    return [
        FlightContext(
            **{name: getattr(it, name) for name in _OF_FLIGHT},
            contacts=tuple(sites.get((it.flight, it.version), ())),
        )
        for it in session.scalars(select(row).where(which).order_by(row.start_ms, row.flight))
    ]


def _contact(row: FlightSiteRow) -> SiteContact:
    columns: dict[str, Any] = {
        name: np.array([math.nan if v is None else v for v in row.minutes[name]], kind) for name, kind in _TYPES.items()
    }
    return SiteContact(**{name: getattr(row, name) for name in _OF_SITE}, minutes=SiteMinutes(**columns))


def _job(row: JobContextRow) -> JobContext:
    return JobContext(**{name: getattr(row, name) for name in _OF_JOB})


def _minutes(minutes: SiteMinutes) -> dict[str, list[Any]]:
    """The columns as lists; None where nobody knows."""
    return {
        name: [None if v != v else v for v in getattr(minutes, name).tolist()]  # noqa: PLR0124 - not NaN
        for name in _TYPES
    }


def _site_values(contact: SiteContact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in _OF_SITE} | {"minutes": _minutes(contact.minutes)}


def _said(context: FlightContext | None) -> str:
    """All that a context says, as text, so that what nobody knows is the same as itself."""
    if context is None:
        return ""
    told = [getattr(context, name) for name in _OF_FLIGHT]
    return repr((told, [_site_values(contact) for contact in context.contacts]))


def _add_flight(connection: Connection, cooperative: str, context: FlightContext) -> None:
    row = FlightContextRow
    which = and_(row.cooperative == cooperative, row.flight == context.flight)
    values = {name: getattr(context, name) for name in _OF_FLIGHT} | {"cooperative": cooperative}
    version = _add(connection, row, which, values)
    key = {"cooperative": cooperative, "flight": context.flight, "version": version}
    sites = [key | {"position": i} | _site_values(contact) for i, contact in enumerate(context.contacts)]
    if sites:
        connection.execute(insert(FlightSiteRow), sites)


def _put_job(connection: Connection, session: Session, cooperative: str, job: JobContext) -> None:
    row = JobContextRow
    which = and_(row.cooperative == cooperative, row.job == job.job, row.day == job.day)
    standing = session.scalars(select(row).where(which, row.newest)).one_or_none()
    if standing is not None and repr(_job(standing)) == repr(job):
        return
    connection.execute(update(row).where(which, row.newest).values(newest=False))
    if job.flights:
        values = {name: getattr(job, name) for name in _OF_JOB} | {"cooperative": cooperative}
        _add(connection, row, which, values)


def _add(connection: Connection, row: Any, which: ColumnElement[bool], values: dict[str, Any]) -> int:
    """Add the next version; gives its number."""
    last = connection.execute(select(func.max(row.version)).where(which)).scalar() or 0
    bookkeeping = {"version": last + 1, "newest": True, "saved_ms": time.time_ns() // 1_000_000}
    connection.execute(insert(row), values | bookkeeping)
    return int(last) + 1
