"""The registry's port on SQLAlchemy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound
from core.model.coverage import Coverage, Flight, JobPlot
from core.model.land import Cooperative, Device, ForeignDevice, Plot
from storage.registry import mapping
from storage.registry.engine import WRITING, open_engine, translated
from storage.registry.tables import (
    CooperativeRow,
    DeviceRow,
    FlightPlotRow,
    FlightRow,
    ForeignDeviceRow,
    JobPlotRow,
    PlotRow,
)
from storage.sqlite_file import BUSY_S


class SqlRegistry:
    """A :class:`core.ports.Registry` in an SQLite file; safe from several threads and processes."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._engine = open_engine(path, busy_s)
        self._writer = self._engine.execution_options(**{WRITING: True})

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with translated(self._path), Session(self._engine) as session:
            yield session

    @contextmanager
    def _writing(self) -> Iterator[Session]:
        with translated(self._path), Session(self._writer) as session, session.begin():
            yield session

    def add_cooperative(self, cooperative: Cooperative) -> None:
        """See the port."""
        with self._writing() as session:
            there = session.get(CooperativeRow, cooperative.cooperative)
            if there is None:
                session.add(
                    CooperativeRow(
                        cooperative=cooperative.cooperative,
                        name=cooperative.name,
                        m2_per_cong=cooperative.m2_per_cong,
                    )
                )
            elif mapping.cooperative(there) != cooperative:
                raise Conflict(f"cooperative {cooperative.cooperative!r} is registered as {there.name!r} already")

    def cooperatives(self) -> list[Cooperative]:
        """See the port."""
        with self._reading() as session:
            rows = session.scalars(select(CooperativeRow).order_by(CooperativeRow.cooperative))
            return [mapping.cooperative(row) for row in rows]

    def add_device(self, device: Device) -> None:
        """See the port."""
        with self._writing() as session:
            _require_cooperative(session, device.cooperative)
            session.merge(mapping.device_row(device))

    def device(self, cooperative: str, device: str) -> Device:
        """See the port."""
        with self._reading() as session:
            row = session.get(DeviceRow, (cooperative, device))
            if row is None:
                raise NotFound(f"cooperative {cooperative!r} has no device {device!r}")
            return mapping.device(row)

    def devices(self, cooperative: str) -> list[Device]:
        """See the port."""
        query = select(DeviceRow).where(DeviceRow.cooperative == cooperative).order_by(DeviceRow.device)
        with self._reading() as session:
            return [mapping.device(row) for row in session.scalars(query)]

    def add_foreign(self, known: ForeignDevice) -> None:
        """See the port."""
        key = (known.format, known.external, known.valid_from_ms)
        with self._writing() as session:
            if session.get(DeviceRow, (known.cooperative, known.device)) is None:
                raise NotFound(f"cooperative {known.cooperative!r} has no device {known.device!r}")
            there = session.get(ForeignDeviceRow, key)
            if there is None:
                session.add(
                    ForeignDeviceRow(
                        format=known.format,
                        external=known.external,
                        valid_from_ms=known.valid_from_ms,
                        cooperative=known.cooperative,
                        device=known.device,
                    )
                )
            elif mapping.foreign(there) != known:
                raise Conflict(
                    f"{known.external!r} of {known.format} is device {there.device!r} of {there.cooperative!r} already"
                )

    def foreign(self, form: str, external: str) -> list[ForeignDevice]:
        """See the port."""
        query = (
            select(ForeignDeviceRow)
            .where(ForeignDeviceRow.format == form, ForeignDeviceRow.external == external)
            .order_by(ForeignDeviceRow.valid_from_ms)
        )
        with self._reading() as session:
            return [mapping.foreign(row) for row in session.scalars(query)]

    def foreign_devices(self, cooperative: str) -> list[ForeignDevice]:
        """See the port."""
        query = (
            select(ForeignDeviceRow)
            .where(ForeignDeviceRow.cooperative == cooperative)
            .order_by(
                ForeignDeviceRow.device,
                ForeignDeviceRow.format,
                ForeignDeviceRow.external,
                ForeignDeviceRow.valid_from_ms,
            )
        )
        with self._reading() as session:
            return [mapping.foreign(row) for row in session.scalars(query)]

    def put_plot(self, plot: Plot) -> Plot:
        """See the port."""
        with self._writing() as session:
            _require_cooperative(session, plot.cooperative)
            there = session.scalars(
                select(PlotRow).where(
                    PlotRow.cooperative == plot.cooperative, PlotRow.plot == plot.plot, PlotRow.newest
                )
            ).one_or_none()
            if there is None:
                made = replace(plot, version=1)
            else:
                known = mapping.plot(there)
                if _same(known, plot):
                    return known
                there.newest = False
                session.flush()
                made = replace(plot, version=known.version + 1)
            session.add(mapping.plot_row(made))
            return made

    def plot(self, cooperative: str, plot: str, version: int | None = None) -> Plot:
        """See the port."""
        which = PlotRow.newest if version is None else PlotRow.version == version
        query = select(PlotRow).where(PlotRow.cooperative == cooperative, PlotRow.plot == plot, which)
        with self._reading() as session:
            row = session.scalars(query).one_or_none()
            if row is None:
                suffix = "" if version is None else f" in version {version}"
                raise NotFound(f"cooperative {cooperative!r} has no plot {plot!r}{suffix}")
            return mapping.plot(row)

    def plots(self, cooperative: str, bbox: tuple[float, float, float, float] | None = None) -> list[Plot]:
        """See the port."""
        query = select(PlotRow).where(PlotRow.cooperative == cooperative, PlotRow.newest).order_by(PlotRow.plot)
        if bbox is not None:
            west, south, east, north = bbox
            query = query.where(
                PlotRow.west_deg <= east,
                PlotRow.east_deg >= west,
                PlotRow.south_deg <= north,
                PlotRow.north_deg >= south,
            )
        with self._reading() as session:
            return [mapping.plot(row) for row in session.scalars(query)]

    def save_flights(
        self, cooperative: str, device: str, start_ms: int, end_ms: int, results: Sequence[tuple[Flight, Coverage]]
    ) -> None:
        """See the port."""
        with self._writing() as session:
            _require_cooperative(session, cooperative)
            session.execute(
                delete(FlightRow).where(
                    FlightRow.cooperative == cooperative,
                    FlightRow.device == device,
                    FlightRow.start_ms <= end_ms,
                    FlightRow.end_ms >= start_ms,
                )
            )
            for flight, coverage in results:
                session.merge(mapping.flight_row(cooperative, flight, coverage))
                session.flush()
                session.execute(
                    delete(FlightPlotRow).where(
                        FlightPlotRow.cooperative == cooperative, FlightPlotRow.flight == flight.flight
                    )
                )
                session.add_all(
                    FlightPlotRow(
                        cooperative=cooperative, flight=flight.flight, position=i, **mapping.plot_figures(plot)
                    )
                    for i, plot in enumerate(coverage.plots)
                )

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Flight]:
        """See the port."""
        query = (
            select(FlightRow)
            .where(FlightRow.cooperative == cooperative, FlightRow.start_ms <= end_ms, FlightRow.end_ms >= start_ms)
            .order_by(FlightRow.start_ms.desc(), FlightRow.flight)
        )
        with self._reading() as session:
            return [mapping.flight(row) for row in session.scalars(query)]

    def flight(self, cooperative: str, flight: str) -> Flight:
        """See the port."""
        with self._reading() as session:
            return mapping.flight(_flight_row(session, cooperative, flight))

    def coverage(self, cooperative: str, flight: str) -> Coverage:
        """See the port."""
        query = (
            select(FlightPlotRow)
            .where(FlightPlotRow.cooperative == cooperative, FlightPlotRow.flight == flight)
            .order_by(FlightPlotRow.position)
        )
        with self._reading() as session:
            row = _flight_row(session, cooperative, flight)
            return mapping.coverage(row, list(session.scalars(query)))

    def save_job_plots(self, cooperative: str, rows: Sequence[JobPlot]) -> None:
        """See the port."""
        with self._writing() as session:
            _require_cooperative(session, cooperative)
            for it in rows:
                key = (cooperative, it.job, it.day, it.coverage.plot)
                if it.flights:
                    session.merge(
                        JobPlotRow(
                            cooperative=cooperative,
                            job=it.job,
                            day=it.day,
                            op=int(it.op),
                            flights=list(it.flights),
                            **mapping.plot_figures(it.coverage),
                        )
                    )
                elif (there := session.get(JobPlotRow, key)) is not None:
                    session.delete(there)

    def job_plots(self, cooperative: str, day: str) -> list[JobPlot]:
        """See the port."""
        query = (
            select(JobPlotRow)
            .where(JobPlotRow.cooperative == cooperative, JobPlotRow.day == day)
            .order_by(JobPlotRow.job, JobPlotRow.plot)
        )
        with self._reading() as session:
            return [mapping.job_plot(row) for row in session.scalars(query)]

    def close(self) -> None:
        """See the port."""
        self._engine.dispose()


def _require_cooperative(session: Session, cooperative: str) -> None:
    if session.get(CooperativeRow, cooperative) is None:
        raise NotFound(f"no cooperative {cooperative!r}; register it with: canhdong cooperative add")


def _flight_row(session: Session, cooperative: str, flight: str) -> FlightRow:
    row = session.get(FlightRow, (cooperative, flight))
    if row is None:
        raise NotFound(f"cooperative {cooperative!r} has no flight {flight!r}")
    return row


def _same(known: Plot, plot: Plot) -> bool:
    """Whether a plot says the same as a version that stands: version and start of validity apart."""
    a, b = mapping.plot_row(known), mapping.plot_row(plot)
    names = ("name", "crop", "declared_area_m2", "source_crs")
    return known.boundary.equals_exact(plot.boundary, 0.0) and all(getattr(a, n) == getattr(b, n) for n in names)
