"""Geometry as a column: WKB in SQLite, beside the box that an index can search."""

from __future__ import annotations

from typing import Any

from shapely import from_wkb, to_wkb
from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from core.model.land import Boundary


class BoundaryColumn(TypeDecorator[Boundary]):
    """A polygon or multipolygon in WGS 84 (longitude, latitude)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Boundary | None, _dialect: Dialect) -> bytes | None:
        """To WKB."""
        return None if value is None else bytes(to_wkb(value, output_dimension=2))

    def process_result_value(self, value: Any | None, _dialect: Dialect) -> Any:
        """From WKB."""
        return None if value is None else from_wkb(value)
