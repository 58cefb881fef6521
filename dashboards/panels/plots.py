"""Panels of plots: what was treated, missed and treated twice, when and with how much."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, bars, by_day, chart
from dashboards.building.maps import geomap, markers, polygons
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.model.fields import by_name
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.panels.fleet import AMOUNT_LINES, OPERATION_LINES
from dashboards.queries import coverage
from dashboards.sources import MISSED, PLOTS

_NONE = w.NO_PLOT_TREATED
_PLOT = links.row_to(Name.PLOTS, w.ONLY_THIS_PLOT, "plot")


def summary() -> Panel:
    """Plots, hectares, overlap."""
    return numbers(
        w.PLOTS_SUMMARY,
        w.PLOTS_SUMMARY_ABOUT,
        [table(coverage.plots_visited()), table(coverage.totals(), ref="B")],
        [
            Number("plots", w.PLOTS, decimals=0),
            Number("ha", w.TREATED_HA, w.HA, decimals=2),
            Number("cong", w.TREATED_CONG, w.CONG, decimals=1),
            Number("overlap_ha", w.OVERLAP, w.HA, decimals=2),
            Number("covered_pct", w.COVERED_MEAN, "percent", decimals=1, limits=states.SHARE),
        ],
        no_value=_NONE,
    )


def where() -> Panel:
    """Plots and missed parts."""
    return geomap(
        w.PLOTS_MAP,
        w.PLOTS_MAP_ABOUT,
        table(coverage.last_visits()),
        [
            polygons(w.PLOTS, PLOTS, states.PLOTS, label="name"),
            polygons(w.MISSED, MISSED, {"missed": palette.VERMILION}, opacity=0.85),
            markers(w.LAST_VISITS, "covered_pct", size=6.0),
        ],
        limits=states.SHARE,
        no_value=_NONE,
        overrides=[
            by_name("plot", displayName=w.PLOT, links=[_PLOT]),
            by_name("plot_name", displayName=w.PLOT_NAME),
            by_name("covered_pct", displayName=w.COVERED, unit="percent"),
            by_name("net_ha", displayName=w.TREATED_HA, unit=w.HA),
            by_name("area_ha", displayName=w.AREA, unit=w.HA),
            by_name("missed_ha", displayName=w.MISSED, unit=w.HA),
            by_name("overlap_ha", displayName=w.OVERLAP, unit=w.HA),
            by_name("dose_l_per_ha", displayName=w.DOSE, unit=w.LPHA),
            by_name("dose_kg_per_ha", displayName=w.DOSE_KG, unit=w.KGPHA),
            by_name("dose_cv_pct", displayName=w.DOSE_CV, unit="percent"),
        ],
    )


def last_visits() -> Panel:
    """Each plot's last visit, and how long ago that was."""
    return table_panel(
        w.LAST_VISITS,
        w.LAST_VISITS_ABOUT,
        table(coverage.last_visits()),
        [
            Column("plot", w.PLOT, link=_PLOT),
            Column("plot_name", w.PLOT_NAME),
            Column("area_ha", w.AREA, w.HA, decimals=3),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=3),
            Column("covered_pct", w.COVERED, "percent", decimals=1, limits=states.SHARE, gauge=True),
            Column("missed_ha", w.MISSED, w.HA, decimals=3, limits=states.MISSED_HA),
            Column("overlap_ha", w.OVERLAP, w.HA, decimals=3),
            Column("dose_l_per_ha", w.DOSE, w.LPHA, decimals=1),
            Column("dose_kg_per_ha", w.DOSE_KG, w.KGPHA, decimals=1),
            Column("dose_cv_pct", w.DOSE_CV, "percent", decimals=0),
            *(Column(name, "", hidden=True) for name in ("lat", "lon")),
        ],
        when=w.LAST_TREATED,
        ago=True,
        no_value=_NONE,
    )


def sums() -> Panel:
    """Sums over all visits."""
    return table_panel(
        w.PLOT_SUMS,
        w.PLOT_SUMS_ABOUT,
        table(coverage.sums_by_plot()),
        [
            Column("plot", w.PLOT, link=_PLOT),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=3),
            Column("overlap_ha", w.OVERLAP, w.HA, decimals=3),
            Column("visits", w.VISITS, decimals=0),
            Column("litres", w.LITRES, "L", decimals=1),
            Column("kg", w.KILOGRAMS, "kg", decimals=1),
        ],
        sort=w.TREATED_HA,
        no_value=_NONE,
    )


def missed() -> Panel:
    """Plots with the most missed."""
    return bars(
        w.MOST_MISSED,
        w.MOST_MISSED_ABOUT,
        table(coverage.missed_by_plot()),
        w.HA,
        label="plot",
        lines=(Line("missed_ha", w.MISSED, palette.VERMILION),),
        decimals=3,
        no_value=w.NOTHING_MISSED,
    )


def overlap() -> Panel:
    """Plots with the most treated twice."""
    return bars(
        w.MOST_OVERLAP,
        w.MOST_OVERLAP_ABOUT,
        table(coverage.overlap_by_plot()),
        w.HA,
        label="plot",
        lines=(Line("overlap_ha", w.OVERLAP, palette.PURPLE),),
        decimals=3,
        no_value=_NONE,
    )


def area_by_day() -> Panel:
    """Hectares by day and operation."""
    return by_day(
        w.AREA_BY_DAY,
        w.PLOT_AREA_BY_DAY_ABOUT,
        [series(coverage.area_by_day(), "$tag_operation")],
        w.HA,
        lines=OPERATION_LINES,
        stacked=True,
        no_value=_NONE,
    )


def litres_by_day() -> Panel:
    """Litres and kilograms by day."""
    return by_day(
        w.AMOUNT_BY_DAY,
        w.AMOUNT_BY_DAY_ABOUT,
        [
            series(coverage.amount_by_day("volume_l"), w.LITRES),
            series(coverage.amount_by_day("mass_kg"), w.KILOGRAMS, ref="B"),
        ],
        "L",
        lines=AMOUNT_LINES,
        no_value=_NONE,
    )


def dose() -> Panel:
    """The dose of each visit."""
    return chart(
        w.DOSE_BY_VISIT,
        w.DOSE_BY_VISIT_ABOUT,
        [series(coverage.over_time("dose_l_per_ha"), "$tag_plot")],
        w.LPHA,
        low=0.0,
        no_value=w.NO_DOSE,
    )


def evenness() -> Panel:
    """How uneven the dose was."""
    return chart(
        w.DOSE_CV,
        w.DOSE_CV_ABOUT,
        [series(coverage.over_time("dose_cv_pct"), "$tag_plot")],
        "percent",
        low=0.0,
        no_value=w.NO_DOSE,
    )
