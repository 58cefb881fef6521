"""The registry's port on SQLAlchemy: an SQLite file, or PostgreSQL with PostGIS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from shapely import Point
from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.orm import Session

from core.errors import Conflict, NotFound
from core.model.admin import AdminLevel, AdminUnit, Succession
from core.model.land import Cooperative, Device, ForeignDevice, Plot
from storage.registry import mapping
from storage.registry.alerts import Alerts
from storage.registry.answers import Answers
from storage.registry.contexts import Contexts
from storage.registry.engine import Place, open_file
from storage.registry.geometry import Box
from storage.registry.records import read
from storage.registry.results import Results
from storage.registry.shapes import Shapes
from storage.registry.statements import Statements
from storage.registry.tables import (
    AdminSuccessionRow,
    AdminUnitRow,
    CooperativeRow,
    DeviceRow,
    ForeignDeviceRow,
)
from storage.registry.uploads import Uploads
from storage.sqlite_file import BUSY_S

_FOREIGN = "/foreign"
"""What writers of foreign identifiers, which belong to no one cooperative, wait for each other by."""


class SqlRegistry(Results, Shapes, Contexts, Statements, Answers, Uploads, Alerts):
    """A :class:`core.registry.Registry`; safe from several threads and processes."""

    def __init__(self, place: Place | Path, busy_s: float = BUSY_S) -> None:
        super().__init__(open_file(place, busy_s) if isinstance(place, Path) else place)

    def add_cooperative(self, cooperative: Cooperative) -> None:
        """See the port."""
        self.put(cooperative, expected=0)

    def cooperatives(self) -> list[Cooperative]:
        """See the port."""
        row = CooperativeRow
        with self._looking() as connection:
            return read(connection, Cooperative, and_(row.newest, ~row.retired))

    def add_device(self, device: Device) -> None:
        """See the port."""
        self.put(device)

    def device(self, cooperative: str, device: str) -> Device:
        """See the port."""
        found = self.record(Device, cooperative, device)
        if found.retired:
            raise NotFound(f"device {device!r} of cooperative {cooperative!r} is retired")
        return found

    def devices(self, cooperative: str) -> list[Device]:
        """See the port."""
        return self.records(Device, cooperative)

    def add_foreign(self, known: ForeignDevice) -> None:
        """See the port."""
        row = ForeignDeviceRow
        with self._changing(_FOREIGN) as connection:
            device = select(DeviceRow.device).where(
                DeviceRow.cooperative == known.cooperative, DeviceRow.device == known.device
            )
            if connection.execute(device).first() is None:
                raise NotFound(f"cooperative {known.cooperative!r} has no device {known.device!r}")
            there = connection.execute(
                select(row.cooperative, row.device).where(
                    row.format == known.format,
                    row.external == known.external,
                    row.valid_from_ms == known.valid_from_ms,
                )
            ).first()
            if there is None:
                connection.execute(insert(row), mapping.foreign_values(known))
            elif tuple(there) != (known.cooperative, known.device):
                raise Conflict(f"{known.external!r} of {known.format} is device {there[1]!r} of {there[0]!r} already")

    def foreign(self, form: str, external: str) -> list[ForeignDevice]:
        """See the port."""
        row = ForeignDeviceRow
        query = select(row).where(row.format == form, row.external == external).order_by(row.valid_from_ms)
        with self._looking() as connection, Session(connection) as session:
            return [mapping.foreign(it) for it in session.scalars(query)]

    def foreign_devices(self, cooperative: str) -> list[ForeignDevice]:
        """See the port."""
        row = ForeignDeviceRow
        query = (
            select(row)
            .where(row.cooperative == cooperative)
            .order_by(row.device, row.format, row.external, row.valid_from_ms)
        )
        with self._looking() as connection, Session(connection) as session:
            return [mapping.foreign(it) for it in session.scalars(query)]

    def put_plot(self, plot: Plot) -> Plot:
        """See the port."""
        return self.put(plot)

    def plot(self, cooperative: str, plot: str, version: int | None = None) -> Plot:
        """See the port."""
        return self.record(Plot, cooperative, plot, version=version)

    def plots(self, cooperative: str, bbox: Box | None = None, at_ms: int | None = None) -> list[Plot]:
        """See the port."""
        return self.records(Plot, cooperative, box=bbox, at_ms=at_ms)

    def plots_at(self, cooperative: str, lon_deg: float, lat_deg: float, at_ms: int | None = None) -> list[Plot]:
        """See the port."""
        point = Point(lon_deg, lat_deg)
        return [p for p in self.plots(cooperative, (lon_deg, lat_deg) * 2, at_ms) if p.boundary.covers(point)]

    def put_admin(self, units: Sequence[AdminUnit], successions: Sequence[Succession], source: str) -> None:
        """See the port."""
        row, became = AdminUnitRow, AdminSuccessionRow
        with self._changing("/admin") as connection:
            there = {tuple(it) for it in connection.execute(select(row.level, row.code, row.valid_from))}
            keys = [(unit.level, unit.code, unit.valid_from) for unit in units]
            new = [mapping.admin_values(u, source) for u, key in zip(units, keys, strict=True) if key not in there]
            if new:
                connection.execute(insert(row), new)
            for unit, key in zip(units, keys, strict=True):
                if key in there and unit.boundary is not None:
                    which = and_(row.level == unit.level, row.code == unit.code, row.valid_from == unit.valid_from)
                    connection.execute(update(row).where(which).values(boundary=unit.boundary, source=source))
            known = {tuple(it) for it in connection.execute(select(became.level, became.old, became.new, became.on))}
            missing = [it for it in successions if (it.level, it.old, it.new, it.on) not in known]
            if missing:
                connection.execute(insert(became), [mapping.succession_values(it) for it in missing])

    def admin_units(self, level: AdminLevel, day: date, parent: str = "") -> list[AdminUnit]:
        """See the port."""
        row = AdminUnitRow
        query = select(row).where(
            row.level == level, row.valid_from <= day, or_(row.valid_to.is_(None), row.valid_to > day)
        )
        if parent:
            query = query.where(row.parent == parent)
        with self._looking() as connection, Session(connection) as session:
            return [mapping.admin_unit(it) for it in session.scalars(query.order_by(row.code))]
