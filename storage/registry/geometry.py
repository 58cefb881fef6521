"""Geometry as a column: ``geometry`` in PostGIS, WKB in SQLite. Beside it stands its box, which an index searches."""

from __future__ import annotations

from typing import Any, Final

from shapely import from_wkb, set_srid, to_wkb
from shapely.geometry.base import BaseGeometry
from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    LargeBinary,
    and_,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine, UserDefinedType

WGS84_SRID: Final = 4326
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""


class _PostgisGeometry(UserDefinedType[str]):
    """PostGIS's own type. It reads and writes WKB as hexadecimal text, which keeps every bit."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As DDL writes it."""
        return f"geometry(Geometry,{WGS84_SRID})"


class GeometryColumn(TypeDecorator[BaseGeometry]):
    """A geometry in WGS 84 (longitude, latitude), two-dimensional."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostGIS's type where there is PostGIS."""
        postgres = dialect.name == "postgresql"
        return dialect.type_descriptor(_PostgisGeometry() if postgres else LargeBinary())

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> Any:
        """To WKB; PostGIS is told the reference system with it."""
        if value is None:
            return None
        if dialect.name == "postgresql":
            return to_wkb(set_srid(value, WGS84_SRID), hex=True, output_dimension=2, include_srid=True)
        return bytes(to_wkb(value, output_dimension=2))

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any:
        """From WKB."""
        if value is None:
            return None
        found = from_wkb(value)
        return set_srid(found, 0) if dialect.name == "postgresql" else found


def meets(row: Any, box: Box, dialect: str) -> ColumnElement[bool]:
    """Whether the box of a row's shape meets another one, asked of the index that the database has for that.

    Args:
        row: A table's class with ``id``, ``boundary`` and the four edges; its SQLite index is ``<table>_box``.
        box: What to look in.
        dialect: The database's name.
    """
    west, south, east, north = box
    exactly = and_(row.west_deg <= east, row.east_deg >= west, row.south_deg <= north, row.north_deg >= south)
    if dialect == "postgresql":
        return and_(row.boundary.op("&&", is_comparison=True)(func.ST_MakeEnvelope(*box, WGS84_SRID)), exactly)
    # an R*Tree holds single precision, rounded outwards: it finds candidates, the columns decide
    edges = [column(name, Float) for name in ("west", "east", "south", "north")]
    tree = table(f"{row.__tablename__}_box", column("id", Integer), *edges)
    found = select(tree.c.id).where(
        tree.c.west <= east, tree.c.east >= west, tree.c.south <= north, tree.c.north >= south
    )
    return and_(row.id.in_(found), exactly)


def common(condition: ColumnElement[bool], dialect: str) -> ColumnElement[bool]:
    """A condition beside :func:`meets` that nearly every row in a box fulfils, such as whose it is.

    SQLite guesses that a cooperative has ten plots and would walk through all of them instead of asking the box; it has
    a function to be told better. PostgreSQL counts for itself.
    """
    return func.likelihood(condition, literal_column("0.99")) if dialect == "sqlite" else condition


def index_boxes(execute: Any, dialect: str, name: str) -> None:
    """Make the index of all versions that :func:`meets` asks, kept up to date by the database itself.

    Args:
        execute: Runs one statement.
        dialect: The database's name.
        name: The table.
    """
    if dialect == "postgresql":
        execute(text(f"CREATE INDEX {name}_boundary ON {name} USING gist (boundary)"))
        return
    edges = "new.west_deg, new.east_deg, new.south_deg, new.north_deg"
    added = f"INSERT INTO {name}_box VALUES (new.id, {edges})"  # noqa: S608 - names of our own
    execute(text(f"CREATE VIRTUAL TABLE {name}_box USING rtree(id, west, east, south, north)"))
    execute(text(f"CREATE TRIGGER {name}_box_in AFTER INSERT ON {name} BEGIN {added}; END"))


def is_index_of_boxes(name: str | None) -> bool:
    """Whether a table or an index is one that :func:`index_boxes` makes, which the tables do not declare."""
    bare = name or ""
    return bare.endswith(("_boundary", "_box")) or any(f"_box_{part}" in bare for part in ("node", "parent", "rowid"))
