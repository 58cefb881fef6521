"""Panels of a few large numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final

from dashboards import palette
from dashboards.language import Language, Text, Words
from dashboards.model.charts import StatOptions
from dashboards.model.fields import Color, Defaults, FieldConfig, Link, Mapping, Override, Thresholds, by_name, steps
from dashboards.model.panels import Panel, Reduce, Target

PLAIN: Final = steps(palette.BLUE)
NOT_KNOWN: Final = "–"
"""What stands for one number that nobody knows beside others that are known."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number: what the query calls it, what a person reads, its unit, and colours by value."""

    column: Words
    title: Words
    unit: Words = ""
    _: KW_ONLY
    decimals: int | None = None
    limits: Thresholds = PLAIN
    words: Mapping | None = None

    def override(self) -> Override:
        """As an exception of the panel."""
        told: dict[str, object] = {"displayName": self.title, "thresholds": self.limits, "noValue": NOT_KNOWN}
        if self.unit:
            told["unit"] = self.unit
        if self.decimals is not None:
            told["decimals"] = self.decimals
        if self.words:
            told["mappings"] = [self.words]
        return by_name(self.column, **told)


def numbers(
    title: Words,
    about: Words,
    targets: Sequence[Target],
    shown: Sequence[Number],
    *,
    no_value: Words,
    time_from: str = "",
    links: Sequence[Link] = (),
    graph: bool = False,
    calc: str = "lastNotNull",
    texts: bool = False,
) -> Panel:
    """A stat panel. ``texts``: columns of text are shown, too; ``graph``: with a line of the past behind."""
    defaults = Defaults(
        no_value=no_value, color=Color(mode="thresholds"), thresholds=PLAIN, links=tuple(links), decimals=None
    )
    return Panel(
        type="stat",
        title=title,
        description=about,
        datasource=targets[0].datasource,
        targets=tuple(targets),
        field_config=FieldConfig(defaults=defaults, overrides=tuple(number.override() for number in shown)),
        options=StatOptions(
            color_mode="value",
            graph_mode="area" if graph else "none",
            justify_mode="center",
            orientation="auto",
            text_mode="value_and_name",
            reduce_options=Reduce(calcs=(calc,), fields=_columns(shown) if texts else "", values=False),
        ),
        time_from=time_from,
    )


def _columns(shown: Sequence[Number]) -> Text:
    """A pattern of the fields by the names under which they are shown: it is these that Grafana compares."""
    vi, en = (
        "/^(" + "|".join(it.title if isinstance(it.title, str) else it.title.said(language) for it in shown) + ")$/"
        for language in (Language.VI, Language.EN)
    )
    return Text(vi, en)
