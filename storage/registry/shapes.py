"""The drawn shapes of flights in their table, found by flight, kind and box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    and_,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.model.enums import Operation
from core.shapes import FlightShape, ShapeExtent, ShapeKind, ShapeQuery
from storage.registry.columns import Coded, Worded, identifier
from storage.registry.engine import nan, null
from storage.registry.geometry import GeometryColumn, common, meets
from storage.registry.records import Records, require_cooperative
from storage.registry.tables import Base

_AT_ONCE = 400


class FlightShapeRow(Base):
    """A drawn shape; its numbers rise and are never used again."""

    __tablename__ = "flight_shape"
    __table_args__ = (
        Index("flight_shape_of", "cooperative", "flight"),
        Index("flight_shape_kind", "cooperative", "kind", "start_ms"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    cooperative: Mapped[str] = mapped_column(ForeignKey("cooperative.cooperative"))
    flight: Mapped[str] = mapped_column(identifier(128))
    kind: Mapped[ShapeKind] = mapped_column(Worded(ShapeKind))
    plot: Mapped[str] = mapped_column(identifier(200))
    part: Mapped[int]
    device: Mapped[str] = mapped_column(identifier())
    op: Mapped[Operation] = mapped_column(Coded(Operation))
    start_ms: Mapped[int] = mapped_column(BigInteger)
    end_ms: Mapped[int] = mapped_column(BigInteger)
    area_m2: Mapped[float | None] = mapped_column(Float)
    length_m: Mapped[float | None] = mapped_column(Float)
    boundary: Mapped[BaseGeometry] = mapped_column(GeometryColumn)
    west_deg: Mapped[float] = mapped_column(Float)
    south_deg: Mapped[float] = mapped_column(Float)
    east_deg: Mapped[float] = mapped_column(Float)
    north_deg: Mapped[float] = mapped_column(Float)


class Shapes(Records):
    """Reads and writes drawn shapes; see :class:`core.shapes.ShapeStore`."""

    def save_shapes(self, cooperative: str, flights: Sequence[str], shapes: Sequence[FlightShape]) -> None:
        """See the port."""
        row = FlightShapeRow
        with self._changing(cooperative) as connection:
            require_cooperative(connection, cooperative)
            for start in range(0, len(flights), _AT_ONCE):
                names = flights[start : start + _AT_ONCE]
                connection.execute(delete(row).where(row.cooperative == cooperative, row.flight.in_(names)))
            for start in range(0, len(shapes), _AT_ONCE):
                connection.execute(insert(row), [_values(cooperative, it) for it in shapes[start : start + _AT_ONCE]])

    def shapes(
        self, cooperative: str, query: ShapeQuery, after: int = 0, limit: int = 0
    ) -> list[tuple[int, FlightShape]]:
        """See the port."""
        row = FlightShapeRow
        wanted = select(row).where(self._asked(cooperative, query), row.id > after).order_by(row.id)
        with self._asking() as connection, Session(connection) as session:
            return [(it.id, _shape(it)) for it in session.scalars(wanted.limit(limit) if limit else wanted)]

    def count_shapes(self, cooperative: str, query: ShapeQuery) -> int:
        """See the port."""
        wanted = select(func.count()).select_from(FlightShapeRow).where(self._asked(cooperative, query))
        with self._asking() as connection:
            return int(connection.execute(wanted).scalar_one())

    def drawn(self, cooperative: str, kind: ShapeKind, start_ms: int, end_ms: int) -> set[str]:
        """See the port."""
        asked = self._asked(cooperative, ShapeQuery((kind,), window_ms=(start_ms, end_ms)))
        with self._asking() as connection:
            return set(connection.scalars(select(FlightShapeRow.flight).where(asked).distinct()))

    def shape(self, cooperative: str, key: str) -> FlightShape | None:
        """See the port."""
        row = FlightShapeRow
        parts = key.split("~")
        if len(parts) != 4 or parts[1] not in set(ShapeKind) or not parts[3].isdigit():  # noqa: PLR2004 - see the key
            return None
        which = and_(
            row.cooperative == cooperative,
            row.flight == parts[0],
            row.kind == ShapeKind(parts[1]),
            row.plot == parts[2],
            row.part == int(parts[3][:9]),
        )
        with self._asking() as connection, Session(connection) as session:
            found = session.scalars(select(row).where(which)).first()
            return None if found is None else _shape(found)

    def shape_extent(self, cooperative: str, kinds: Sequence[ShapeKind]) -> ShapeExtent | None:
        """See the port."""
        row = FlightShapeRow
        edges = (func.min(row.west_deg), func.min(row.south_deg), func.max(row.east_deg), func.max(row.north_deg))
        wanted = select(*edges, func.min(row.start_ms), func.max(row.end_ms)).where(
            row.cooperative == cooperative, row.kind.in_(kinds)
        )
        with self._asking() as connection:
            west, south, east, north, start_ms, end_ms = connection.execute(wanted).one()
        return None if west is None else ShapeExtent((west, south, east, north), start_ms, end_ms)

    def _asked(self, cooperative: str, query: ShapeQuery) -> ColumnElement[bool]:
        row, dialect = FlightShapeRow, self._engine.dialect.name
        mine = and_(row.cooperative == cooperative, row.kind.in_(query.kinds))
        wanted = [mine if query.box is None else common(mine, dialect)]
        if query.box is not None:
            wanted.append(meets(row, query.box, dialect))
        if query.window_ms is not None:
            wanted += [row.start_ms <= query.window_ms[1], row.end_ms >= query.window_ms[0]]
        if query.op is not None:
            wanted.append(row.op == query.op)
        for column, value in ((row.flight, query.flight), (row.plot, query.plot), (row.device, query.device)):
            if value:
                wanted.append(column == value)
        return and_(*wanted)


def _values(cooperative: str, it: FlightShape) -> dict[str, Any]:
    west, south, east, north = it.shape.bounds
    return {
        "cooperative": cooperative,
        "flight": it.flight,
        "kind": it.kind,
        "plot": it.plot,
        "part": it.part,
        "device": it.device,
        "op": it.op,
        "start_ms": it.start_ms,
        "end_ms": it.end_ms,
        "area_m2": null(it.area_m2),
        "length_m": null(it.length_m),
        "boundary": it.shape,
        "west_deg": west,
        "south_deg": south,
        "east_deg": east,
        "north_deg": north,
    }


def _shape(row: FlightShapeRow) -> FlightShape:
    return FlightShape(
        row.cooperative,
        row.flight,
        row.kind,
        row.plot,
        row.part,
        row.boundary,
        row.device,
        row.op,
        row.start_ms,
        row.end_ms,
        nan(row.area_m2),
        nan(row.length_m),
    )
