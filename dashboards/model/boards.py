"""A dashboard in Grafana's classic model."""

from __future__ import annotations

import msgspec

from dashboards.language import Words
from dashboards.model.panels import Panel
from dashboards.model.part import Part, Ref

SCHEMA_VERSION = 37
"""That of Grafana 9.3; later ones migrate it when they show it."""


class Option(Part, frozen=True, kw_only=True):
    """A choice of a variable."""

    text: Words
    value: str
    selected: bool


class Variable(Part, frozen=True, kw_only=True):
    """A variable: ``query``, ``custom`` or ``textbox``."""

    name: str
    label: Words
    type: str
    query: str
    current: Option
    hide: int
    skip_url_sync: bool
    options: tuple[Option, ...] = ()
    datasource: Ref | None = None
    definition: str = ""
    refresh: int = 0
    sort: int = 0
    multi: bool = False
    include_all: bool = False
    all_value: str = ""


class AnnotationTarget(Part, frozen=True, kw_only=True):
    """The query of an annotation as Grafana 10 and later keep it."""

    ref_id: str
    query: str
    raw_query: bool
    from_annotations: bool
    text_editor: bool
    text_column: str
    tags_column: str
    time_end_column: str


class Annotation(Part, frozen=True, kw_only=True):
    """Marks over time; ``target`` says the same again for later versions."""

    name: Words
    datasource: Ref
    enable: bool
    hide: bool
    icon_color: str
    query: str
    text_column: str
    tags_column: str
    time_end_column: str
    target: AnnotationTarget


class BoardLink(Part, frozen=True, kw_only=True):
    """A menu of the boards that carry tags, at the top."""

    type: str
    title: Words
    tags: tuple[str, ...]
    as_dropdown: bool
    include_vars: bool
    keep_time: bool
    target_blank: bool
    icon: str
    tooltip: Words
    url: str


class TimeRange(Part, frozen=True, kw_only=True):
    """From when to when."""

    from_: str = msgspec.field(name="from")
    to: str


class Listed(Part, frozen=True, kw_only=True):
    """A list in an object."""

    list: tuple[Part, ...]


class Picker(Part, frozen=True, kw_only=True):
    """How often a board may be refreshed."""

    refresh_intervals: tuple[str, ...] = msgspec.field(name="refresh_intervals")


class Dashboard(Part, frozen=True, kw_only=True):
    """All of a board."""

    uid: str
    title: Words
    description: Words
    tags: tuple[str, ...]
    timezone: str
    editable: bool
    graph_tooltip: int
    schema_version: int
    version: int
    week_start: str
    fiscal_year_start_month: int
    refresh: str
    time: TimeRange
    timepicker: Picker
    templating: Listed
    annotations: Listed
    links: tuple[BoardLink, ...]
    panels: tuple[Panel, ...]
