"""Options of panels that draw over time or in bars, and of numbers and tables."""

from __future__ import annotations

from dashboards.language import Words
from dashboards.model.panels import Reduce
from dashboards.model.part import Part


class Legend(Part, frozen=True, kw_only=True):
    """The legend."""

    show_legend: bool
    display_mode: str
    placement: str
    calcs: tuple[str, ...]


class Tooltip(Part, frozen=True, kw_only=True):
    """What is told under the pointer."""

    mode: str
    sort: str


class ChartOptions(Part, frozen=True, kw_only=True):
    """Of timeseries panels."""

    legend: Legend
    tooltip: Tooltip


class ThresholdsStyle(Part, frozen=True, kw_only=True):
    """Whether limits are drawn: ``off``, ``line``, ``area``, ``dashed``."""

    mode: str


class Stacking(Part, frozen=True, kw_only=True):
    """Whether series stand on each other."""

    mode: str
    group: str


class ChartCustom(Part, frozen=True, kw_only=True):
    """How a series is drawn."""

    draw_style: str
    line_width: int
    fill_opacity: int
    show_points: str
    point_size: int = 0
    span_nulls: bool | int = False
    line_interpolation: str = ""
    thresholds_style: ThresholdsStyle | None = None
    stacking: Stacking | None = None
    axis_label: Words = ""
    axis_placement: str = ""
    axis_soft_min: float | None = None
    axis_soft_max: float | None = None


class BarOptions(Part, frozen=True, kw_only=True):
    """Of barchart panels."""

    orientation: str
    show_value: str
    stacking: str
    bar_width: float
    group_width: float
    x_tick_label_rotation: int
    x_tick_label_spacing: int
    bar_radius: float
    full_highlight: bool
    legend: Legend
    tooltip: Tooltip
    x_field: str = ""


class BarCustom(Part, frozen=True, kw_only=True):
    """How a bar is drawn."""

    line_width: int
    fill_opacity: int


class TimelineOptions(Part, frozen=True, kw_only=True):
    """Of state-timeline panels."""

    align_value: str
    merge_values: bool
    row_height: float
    show_value: str
    legend: Legend
    tooltip: Tooltip


class HistoryOptions(Part, frozen=True, kw_only=True):
    """Of status-history panels."""

    row_height: float
    col_width: float
    show_value: str
    legend: Legend
    tooltip: Tooltip


class TimelineCustom(Part, frozen=True, kw_only=True):
    """How a state is drawn."""

    line_width: int
    fill_opacity: int


class Sizes(Part, frozen=True, kw_only=True):
    """Sizes of letters in a number."""

    title_size: int = 0
    value_size: int = 0


class StatOptions(Part, frozen=True, kw_only=True):
    """Of stat panels."""

    color_mode: str
    graph_mode: str
    justify_mode: str
    orientation: str
    text_mode: str
    reduce_options: Reduce
    text: Sizes | None = None


class SortBy(Part, frozen=True, kw_only=True):
    """By which column, named as it is shown."""

    display_name: Words
    desc: bool


class TableOptions(Part, frozen=True, kw_only=True):
    """Of table panels."""

    show_header: bool
    frame_index: int
    sort_by: tuple[SortBy, ...] = ()


class TableCustom(Part, frozen=True, kw_only=True):
    """How a column is shown."""

    align: str
    inspect: bool


class CellOptions(Part, frozen=True, kw_only=True):
    """How a cell is drawn."""

    type: str
    mode: str = ""
