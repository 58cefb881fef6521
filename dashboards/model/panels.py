"""A panel: its queries, its fields, its options, its place."""

from __future__ import annotations

from dashboards.language import Words
from dashboards.model.fields import FieldConfig, Link
from dashboards.model.part import Part, Ref

COLUMNS = 24
"""Of Grafana's grid."""


class Target(Part, frozen=True, kw_only=True):
    """An InfluxQL query."""

    ref_id: str
    datasource: Ref
    raw_query: bool
    query: str
    result_format: str
    alias: Words = ""


class Transformation(Part, frozen=True, kw_only=True):
    """A change of the data in the browser."""

    id: str
    options: Part


class Reduce(Part, frozen=True, kw_only=True):
    """Which values of the data a panel takes."""

    calcs: tuple[str, ...]
    fields: Words
    values: bool


class GridPos(Part, frozen=True, kw_only=True):
    """Where a panel stands."""

    x: int
    y: int
    w: int
    h: int


class Panel(Part, frozen=True, kw_only=True):
    """A panel; ``id`` and ``grid_pos`` come from the board that lists it."""

    type: str
    title: Words
    description: Words
    datasource: Ref
    targets: tuple[Target, ...]
    field_config: FieldConfig
    options: Part
    id: int = 0
    grid_pos: GridPos | None = None
    time_from: str = ""
    max_data_points: int = 0
    interval: str = ""
    links: tuple[Link, ...] = ()
    transformations: tuple[Transformation, ...] = ()
