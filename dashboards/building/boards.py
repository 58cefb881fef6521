"""Makers of boards: panels placed on the grid, variables, annotations, the menu of other boards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from dashboards import palette
from dashboards import words as w
from dashboards.building.queries import influx
from dashboards.language import Language, Text, Words
from dashboards.model.boards import (
    SCHEMA_VERSION,
    Annotation,
    AnnotationTarget,
    BoardLink,
    Dashboard,
    Listed,
    Option,
    Picker,
    TimeRange,
    Variable,
)
from dashboards.model.panels import COLUMNS, GridPos, Panel
from dashboards.names import Name, uid
from dashboards.queries.variables import values
from dashboards.sources import Audience

TIMEZONE: Final = "Asia/Ho_Chi_Minh"
REFRESH: Final = ("5s", "10s", "30s", "1m", "5m", "15m", "1h")
CONG_M2: Final = ("1000", "1296", "500", "360")
"""Sizes of a công that are in use (core/units.py), the southern one first."""


@dataclass(frozen=True, slots=True)
class Put:
    """A panel and how large it is, in columns of 24 and in rows."""

    panel: Panel
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Board:
    """A board: what it is called, who sees it, how it is opened, and its panels in their order."""

    name: Name
    audience: Audience
    title: Text
    about: Text
    since: str
    refresh: str
    puts: tuple[Put, ...]
    variables: tuple[Variable, ...] = ()
    annotations: tuple[Annotation, ...] = ()


def placed(puts: Sequence[Put]) -> tuple[Panel, ...]:
    """Panels from left to right and from top to bottom; a row is full, and all in it are equally high.

    Raises:
        ValueError: A row is not full, or not even.
    """
    found: list[Panel] = []
    x = y = height = 0
    for number, put in enumerate(puts, 1):
        if x and put.h != height:
            raise ValueError(f"panel {number}: {put.h} rows high beside one of {height}")
        found.append(msgspec.structs.replace(put.panel, id=number, grid_pos=GridPos(x=x, y=y, w=put.w, h=put.h)))
        x, height = x + put.w, put.h
        if x > COLUMNS:
            raise ValueError(f"panel {number}: ends at column {x} of {COLUMNS}")
        if x == COLUMNS:
            x, y = 0, y + height
    if x:
        raise ValueError(f"the last row ends at column {x} of {COLUMNS}")
    return tuple(found)


def dashboard(board: Board, language: Language) -> Dashboard:
    """A board in the model; its texts still know both languages, but for uid and tags."""
    return Dashboard(
        uid=uid(board.name, language),
        title=board.title,
        description=board.about,
        tags=("canhdong", language.value, board.audience.value),
        timezone=TIMEZONE,
        editable=True,
        graph_tooltip=1,
        schema_version=SCHEMA_VERSION,
        version=0,
        week_start="monday",
        fiscal_year_start_month=0,
        refresh=board.refresh,
        time=TimeRange(from_=board.since, to="now"),
        timepicker=Picker(refresh_intervals=REFRESH),
        templating=Listed(list=board.variables),
        annotations=Listed(list=board.annotations),
        links=(_menu(w.OTHER_BOARDS, language), _menu(w.OTHER_LANGUAGE, _other(language))),
        panels=placed(board.puts),
    )


def _other(language: Language) -> Language:
    return Language.EN if language is Language.VI else Language.VI


def _menu(title: Text, language: Language) -> BoardLink:
    """Only boards that are there stand in such a menu: it never leads nowhere."""
    return BoardLink(
        type="dashboards",
        title=title,
        tags=("canhdong", language.value),
        as_dropdown=True,
        include_vars=True,
        keep_time=True,
        target_blank=False,
        icon="external link",
        tooltip="",
        url="",
    )


def choice(name: str, label: Words, source: str, measurement: str, *, condition: str = "") -> Variable:
    """A variable of the values of the tag of its name: several, or all."""
    every = Option(text=w.ALL, value="$__all", selected=True)
    one = _asked(name, label, source, values(measurement, name, condition), every)
    return msgspec.structs.replace(one, multi=True, include_all=True, all_value=".*")


def only_one(name: str, label: Words, source: str, measurement: str, tag: str) -> Variable:
    """A variable of the values of a tag, of which one is chosen: the first, until somebody chooses."""
    none = Option(text="", value="", selected=False)
    return _asked(name, label, source, values(measurement, tag), none)


def _asked(name: str, label: Words, source: str, query: str, current: Option) -> Variable:
    """A variable whose values a query finds, one of which is chosen."""
    return Variable(
        name=name,
        label=label,
        type="query",
        query=query,
        definition=query,
        datasource=influx(source),
        current=current,
        hide=0,
        skip_url_sync=False,
        refresh=2,
        sort=1,
    )


def cong() -> Variable:
    """How large a công is where the viewer lives."""
    options = tuple(Option(text=size, value=size, selected=size == CONG_M2[0]) for size in CONG_M2)
    return Variable(
        name="cong_m2",
        label=w.VAR_CONG,
        type="custom",
        query=",".join(CONG_M2),
        current=options[0],
        options=options,
        hide=0,
        skip_url_sync=False,
    )


def number(name: str, label: Words, value: str) -> Variable:
    """A number that the viewer may type."""
    only = Option(text=value, value=value, selected=True)
    return Variable(
        name=name,
        label=label,
        type="textbox",
        query=value,
        current=only,
        options=(only,),
        hide=0,
        skip_url_sync=False,
    )


def marks(name: Words, source: str, query: str, *, text: str, tags: str, end: str, color: str) -> Annotation:
    """Annotations from a query: which columns hold the text, the tags, and the end in ms."""
    target = AnnotationTarget(
        ref_id="Anno",
        query=query,
        raw_query=True,
        from_annotations=True,
        text_editor=True,
        text_column=text,
        tags_column=tags,
        time_end_column=end,
    )
    return Annotation(
        name=name,
        datasource=influx(source),
        enable=True,
        hide=False,
        icon_color=color,
        query=query,
        text_column=text,
        tags_column=tags,
        time_end_column=end,
        target=target,
    )


FLIGHT_COLOR: Final = palette.BLUE
ALERT_COLOR: Final = palette.VERMILION
