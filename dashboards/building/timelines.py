"""States over time, a row each."""

from __future__ import annotations

from collections.abc import Sequence

from dashboards import palette
from dashboards.building.charts import LEGEND, NO_LEGEND, TOOLTIP, Line
from dashboards.language import Words
from dashboards.model.charts import HistoryOptions, TimelineCustom, TimelineOptions
from dashboards.model.fields import Color, Defaults, FieldConfig, Link, Mapping, Thresholds, steps
from dashboards.model.panels import Panel, Target


def timeline(
    title: Words,
    about: Words,
    targets: Sequence[Target],
    *,
    no_value: Words,
    words: Mapping | None = None,
    limits: Thresholds | None = None,
    lines: Sequence[Line] = (),
    unit: Words = "",
    links: Sequence[Link] = (),
    time_from: str = "",
) -> Panel:
    """A state-timeline panel, coloured by words or by limits; ``lines`` may have limits of their own."""
    return Panel(
        type="state-timeline",
        title=title,
        description=about,
        datasource=targets[0].datasource,
        targets=tuple(targets),
        field_config=FieldConfig(
            defaults=_defaults(no_value, words, limits, unit, links), overrides=tuple(line.override() for line in lines)
        ),
        options=TimelineOptions(
            align_value="left",
            merge_values=True,
            row_height=0.8,
            show_value="auto",
            legend=LEGEND if words else NO_LEGEND,
            tooltip=TOOLTIP,
        ),
        time_from=time_from,
    )


def history(
    title: Words,
    about: Words,
    targets: Sequence[Target],
    *,
    no_value: Words,
    limits: Thresholds,
    unit: Words = "",
    links: Sequence[Link] = (),
    time_from: str = "",
    interval: str = "",
    points: int = 80,
) -> Panel:
    """A status-history panel: a square for each step of time, coloured by limits."""
    return Panel(
        type="status-history",
        title=title,
        description=about,
        datasource=targets[0].datasource,
        targets=tuple(targets),
        field_config=FieldConfig(defaults=_defaults(no_value, None, limits, unit, links), overrides=()),
        options=HistoryOptions(row_height=0.8, col_width=0.9, show_value="never", legend=NO_LEGEND, tooltip=TOOLTIP),
        time_from=time_from,
        interval=interval,
        max_data_points=points,
    )


def _defaults(
    no_value: Words, words: Mapping | None, limits: Thresholds | None, unit: Words, links: Sequence[Link]
) -> Defaults:
    return Defaults(
        custom=TimelineCustom(line_width=0, fill_opacity=85),
        unit=unit,
        no_value=no_value,
        color=Color(mode="thresholds"),
        thresholds=limits or steps(palette.GREY),
        mappings=(words,) if words else (),
        links=tuple(links),
    )
