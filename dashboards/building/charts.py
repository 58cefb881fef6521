"""Panels that draw over time, and bars."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Final

from dashboards import palette
from dashboards.language import Words
from dashboards.model.charts import (
    BarCustom,
    BarOptions,
    ChartCustom,
    ChartOptions,
    Legend,
    Stacking,
    ThresholdsStyle,
    Tooltip,
)
from dashboards.model.fields import Color, Defaults, FieldConfig, Link, Override, Thresholds, by_name, by_regexp
from dashboards.model.panels import Panel, Target

LEGEND: Final = Legend(show_legend=True, display_mode="list", placement="bottom", calcs=())
NO_LEGEND: Final = Legend(show_legend=False, display_mode="list", placement="bottom", calcs=())
TOOLTIP: Final = Tooltip(mode="multi", sort="desc")
_CHARACTERS: Final = "1234567890" + string.ascii_lowercase
_STACKED: Final = Stacking(mode="normal", group="A")


@dataclass(frozen=True, slots=True)
class Line:
    """A series that is known by name: what it is called and drawn in. ``column`` is what the query calls it."""

    column: Words
    title: Words
    color: str
    unit: Words = ""
    _: KW_ONLY
    right: bool = False
    limits: Thresholds | None = None

    def override(self) -> Override:
        """As an exception of the panel."""
        told: dict[str, object] = {"displayName": self.title}
        if self.limits:
            told |= {"thresholds": self.limits, "color": Color(mode="thresholds")}
        else:
            told["color"] = Color(mode="fixed", fixed_color=self.color)
        if self.unit:
            told["unit"] = self.unit
        if self.right:
            told["custom.axisPlacement"] = "right"
        return by_name(self.column, **told)


def by_last_character() -> tuple[Override, ...]:
    """Colours of series that nobody knows by name: by the last character of the name, the same on every panel.

    Grafana's own palettes are not made for colour-blind people, and one by names is known from version 10 on only.
    """
    found = []
    for number, color in enumerate(palette.SERIES):
        characters = _CHARACTERS[number :: len(palette.SERIES)]
        found.append(by_regexp(f"/[{characters}]$/i", color=Color(mode="fixed", fixed_color=color)))
    return tuple(found)


def chart(
    title: Words,
    about: Words,
    targets: Sequence[Target],
    unit: Words,
    *,
    lines: Sequence[Line] = (),
    no_value: Words,
    bars: bool = False,
    stacked: bool = False,
    limits: Thresholds | None = None,
    low: float | None = None,
    high: float | None = None,
    decimals: int | None = None,
    time_from: str = "",
    interval: str = "",
    links: Sequence[Link] = (),
    stepped: bool = False,
) -> Panel:
    """A timeseries panel. ``limits`` are drawn as lines; ``low`` and ``high`` bound the axis; bars have no gaps."""
    custom = ChartCustom(
        draw_style="bars" if bars else "line",
        line_width=1 if bars else 2,
        fill_opacity=75 if bars else 8,
        show_points="never" if bars else "auto",
        point_size=5,
        span_nulls=False if bars else 900_000,
        line_interpolation="stepAfter" if stepped else "linear",
        thresholds_style=ThresholdsStyle(mode="line" if limits else "off"),
        stacking=_STACKED if stacked else None,
    )
    defaults = Defaults(
        custom=custom,
        unit=unit,
        decimals=decimals,
        min=low,
        max=high,
        no_value=no_value,
        color=Color(mode="fixed", fixed_color=palette.BLUE),
        thresholds=limits,
        links=tuple(links),
    )
    return Panel(
        type="timeseries",
        title=title,
        description=about,
        datasource=targets[0].datasource,
        targets=tuple(targets),
        field_config=FieldConfig(
            defaults=defaults, overrides=tuple(line.override() for line in lines) or by_last_character()
        ),
        options=ChartOptions(legend=LEGEND, tooltip=TOOLTIP),
        time_from=time_from,
        interval=interval,
    )


def by_day(
    title: Words,
    about: Words,
    targets: Sequence[Target],
    unit: Words,
    *,
    lines: Sequence[Line] = (),
    no_value: Words,
    stacked: bool = False,
    decimals: int | None = None,
    time_from: str = "",
) -> Panel:
    """A timeseries panel of bars, one for each local day, from nought up."""
    return chart(
        title,
        about,
        targets,
        unit,
        lines=lines,
        no_value=no_value,
        bars=True,
        stacked=stacked,
        low=0.0,
        decimals=decimals,
        time_from=time_from,
        interval="1d",
    )


def bars(
    title: Words,
    about: Words,
    target: Target,
    unit: Words,
    *,
    label: str,
    lines: Sequence[Line],
    no_value: Words,
    stacked: bool = False,
    decimals: int | None = None,
    time_from: str = "",
    links: Sequence[Link] = (),
) -> Panel:
    """A barchart panel: a bar a row, named by the column ``label``; ``lines`` are the columns that are drawn."""
    defaults = Defaults(
        custom=BarCustom(line_width=1, fill_opacity=80),
        unit=unit,
        decimals=decimals,
        min=0.0,
        no_value=no_value,
        color=Color(mode="fixed", fixed_color=palette.BLUE),
        links=tuple(links),
    )
    return Panel(
        type="barchart",
        title=title,
        description=about,
        datasource=target.datasource,
        targets=(target,),
        field_config=FieldConfig(defaults=defaults, overrides=tuple(line.override() for line in lines)),
        options=BarOptions(
            orientation="horizontal",
            show_value="auto",
            stacking="normal" if stacked else "none",
            bar_width=0.9,
            group_width=0.8,
            x_tick_label_rotation=0,
            x_tick_label_spacing=0,
            bar_radius=0.1,
            full_highlight=False,
            legend=LEGEND,
            tooltip=TOOLTIP,
            x_field=label,
        ),
        time_from=time_from,
    )
