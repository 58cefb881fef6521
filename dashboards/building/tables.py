"""Tables whose columns are named, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from dashboards import palette
from dashboards.language import Words
from dashboards.model.charts import CellOptions, SortBy, TableCustom, TableOptions
from dashboards.model.fields import (
    Color,
    Defaults,
    FieldConfig,
    Link,
    Mapping,
    Override,
    Thresholds,
    by_name,
    by_type,
    steps,
)
from dashboards.model.panels import Panel, Target


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what the query calls it, what a person reads, unit, colours, words for values, where a click leads."""

    column: str
    title: Words
    unit: Words = ""
    _: KW_ONLY
    decimals: int | None = None
    limits: Thresholds | None = None
    words: Mapping | None = None
    link: Link | None = None
    hidden: bool = False
    gauge: bool = False

    def override(self) -> Override:
        """As an exception of the panel."""
        if self.hidden:
            return by_name(self.column, **HIDDEN)
        told: dict[str, object] = {"displayName": self.title}
        told |= {"unit": self.unit} if self.unit else {}
        told |= {"decimals": self.decimals} if self.decimals is not None else {}
        told |= {"links": [self.link]} if self.link else {}
        told |= {"mappings": [self.words]} if self.words else {}
        if self.limits:
            told |= {"thresholds": self.limits, "color": Color(mode="thresholds")}
        if self.gauge:
            told |= {"min": 0.0, "max": 100.0} | cell("gauge", "basic", old="basic")
        elif self.limits or self.words:
            told |= cell("color-text", old="color-text")
        return by_name(self.column, **told)


HIDDEN: dict[str, object] = {"custom.hidden": True, "custom.hideFrom": {"viz": True}}
"""Hides a column: the first is what 9.3 to 12 know, the second what later ones do."""


def cell(kind: str, mode: str = "", *, old: str) -> dict[str, object]:
    """How cells are drawn: as Grafana 10 and later call it, and as 9.3 does."""
    return {"custom.cellOptions": CellOptions(type=kind, mode=mode), "custom.displayMode": old}


def table(
    title: Words,
    about: Words,
    target: Target,
    columns: Sequence[Column],
    *,
    no_value: Words,
    when: Words = "",
    ago: bool = False,
    sort: Words = "",
    descending: bool = True,
    time_from: str = "",
) -> Panel:
    """A table panel.

    Args:
        title: Its title.
        about: What it shows.
        target: Its query, whose columns are those listed.
        columns: Its columns.
        no_value: What stands there where there is nothing.
        when: The title of the column of times; "" hides it.
        ago: Times as "five minutes ago".
        sort: The shown name of the column to sort by.
        descending: Largest or newest first.
        time_from: A range of its own.
    """
    if when:
        time = by_type("time", displayName=when, unit="dateTimeFromNow" if ago else "dateTimeAsIso")
    else:
        time = by_type("time", **HIDDEN)
    defaults = Defaults(
        custom=TableCustom(align="auto", inspect=False),
        no_value=no_value,
        color=Color(mode="fixed", fixed_color=palette.BLUE),
        thresholds=steps(palette.BLUE),
    )
    return Panel(
        type="table",
        title=title,
        description=about,
        datasource=target.datasource,
        targets=(target,),
        field_config=FieldConfig(defaults=defaults, overrides=(time, *(c.override() for c in columns))),
        options=TableOptions(
            show_header=True,
            frame_index=0,
            sort_by=(SortBy(display_name=sort, desc=descending),) if sort else (),
        ),
        time_from=time_from,
    )
