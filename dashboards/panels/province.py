"""Panels of the department: the province's work, and whether it kept the rules; small cells are withheld."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, bars, by_day, chart
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.model.fields import steps
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.panels.fleet import AMOUNT_LINES, OPERATION_LINES
from dashboards.queries import compliance, treated
from dashboards.sources import PROVINCE

_NONE = w.NO_WORK_TOLD
_COMMUNE = links.row_to(Name.PROVINCE, w.ONLY_THIS_COMMUNE, "commune")


def summary() -> Panel:
    """The province in one look."""
    return numbers(
        w.PROVINCE_SUMMARY,
        w.PROVINCE_SUMMARY_ABOUT,
        [table(treated.totals(), PROVINCE)],
        [
            Number("ha", w.TREATED_HA, w.HA, decimals=0),
            Number("cong", w.TREATED_CONG, w.CONG, decimals=0),
            Number("litres", w.LITRES, "L", decimals=0),
            Number("kg", w.KILOGRAMS, "kg", decimals=0),
            Number("hours", w.HOURS, w.H, decimals=0),
        ],
        no_value=_NONE,
    )


def rules() -> Panel:
    """Whether the rules were kept, in one look."""
    bad = states.ANY_IS_BAD
    return numbers(
        w.RULES,
        w.RULES_ABOUT,
        [table(compliance.totals(), PROVINCE)],
        [
            Number("in_window_pct", w.IN_WINDOW_PCT, "percent", decimals=1, limits=states.SHARE),
            Number("flights", w.FLIGHTS, decimals=0),
            Number("in_bad_weather", w.IN_BAD_WEATHER, decimals=0, limits=bad),
            Number("buffer_l", w.BUFFER_L, "L", decimals=1, limits=bad),
            Number("unregistered_product", w.UNREGISTERED_PRODUCT, decimals=0, limits=bad),
            Number("without_licence", w.WITHOUT_LICENCE, decimals=0, limits=bad),
            Number("unregistered_drone", w.UNREGISTERED_DRONE, decimals=0, limits=bad),
        ],
        no_value=_NONE,
    )


def area_by_day() -> Panel:
    """Hectares by day and operation."""
    return by_day(
        w.AREA_BY_DAY,
        w.PROVINCE_AREA_ABOUT,
        [series(treated.area_by_day("operation"), "$tag_operation", PROVINCE)],
        w.HA,
        lines=OPERATION_LINES,
        stacked=True,
        no_value=_NONE,
    )


def products() -> Panel:
    """Hectares by day and product group."""
    return by_day(
        w.BY_PRODUCT,
        w.BY_PRODUCT_ABOUT,
        [series(treated.area_by_day("product_group"), "$tag_product_group", PROVINCE)],
        w.HA,
        stacked=True,
        no_value=_NONE,
    )


def largest() -> Panel:
    """Communes with the most hectares."""
    return bars(
        w.LARGEST_COMMUNES,
        w.LARGEST_COMMUNES_ABOUT,
        table(treated.largest_communes(), PROVINCE),
        w.HA,
        label="commune",
        lines=(Line("net_ha", w.TREATED_HA, palette.BLUE),),
        decimals=1,
        no_value=_NONE,
    )


def communes() -> Panel:
    """All communes."""
    return table_panel(
        w.COMMUNES,
        w.COMMUNES_ABOUT,
        table(treated.by_commune(), PROVINCE),
        [
            Column("commune", w.COMMUNE, link=_COMMUNE),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=1),
            Column("volume_l", w.LITRES, "L", decimals=0),
            Column("mass_kg", w.KILOGRAMS, "kg", decimals=0),
            Column("flights", w.FLIGHTS, decimals=0),
            Column("hours", w.HOURS, w.H, decimals=1),
        ],
        sort=w.TREATED_HA,
        no_value=_NONE,
    )


def commune_by_day() -> Panel:
    """Hectares of communes by day."""
    return by_day(
        w.COMMUNE_BY_DAY,
        w.COMMUNE_BY_DAY_ABOUT,
        [series(treated.commune_by_day(), "$tag_commune", PROVINCE)],
        w.HA,
        stacked=True,
        no_value=_NONE,
    )


def drones() -> Panel:
    """Drones that worked, and farms, by day."""
    return by_day(
        w.DRONES_ACTIVE,
        w.DRONES_ACTIVE_ABOUT,
        [
            series(treated.by_day("drones"), w.DRONES, PROVINCE),
            series(treated.by_day("farms"), w.FARMS, PROVINCE, ref="B"),
        ],
        "short",
        lines=(Line(w.DRONES, w.DRONES, palette.BLUE), Line(w.FARMS, w.FARMS, palette.AMBER)),
        decimals=0,
        no_value=_NONE,
    )


def hours() -> Panel:
    """Hours in the air by day."""
    return chart(
        w.HOURS_BY_DAY,
        w.HOURS_BY_DAY_ABOUT,
        [
            series(treated.by_day("hours"), w.HOURS, PROVINCE),
            series(treated.by_day("flights"), w.FLIGHTS, PROVINCE, ref="B"),
        ],
        w.H,
        lines=(Line(w.HOURS, w.HOURS, palette.BLUE), Line(w.FLIGHTS, w.FLIGHTS, palette.AMBER, "short", right=True)),
        low=0.0,
        interval="1d",
        no_value=_NONE,
    )


def amounts() -> Panel:
    """Litres and kilograms by day."""
    return by_day(
        w.AMOUNT_BY_DAY,
        w.PROVINCE_AMOUNT_ABOUT,
        [
            series(treated.by_day("volume_l"), w.LITRES, PROVINCE),
            series(treated.by_day("mass_kg"), w.KILOGRAMS, PROVINCE, ref="B"),
        ],
        "L",
        lines=AMOUNT_LINES,
        no_value=_NONE,
    )


def weather() -> Panel:
    """Flights by the weather that they flew in."""
    return by_day(
        w.WEATHER_BY_DAY,
        w.WEATHER_BY_DAY_ABOUT,
        [series(compliance.weather_by_day(), "$col", PROVINCE)],
        "short",
        lines=(
            Line("in_window", w.IN_WINDOW, palette.GREEN),
            Line("in_bad_weather", w.IN_BAD_WEATHER, palette.VERMILION),
            Line("weather_unknown", w.UNKNOWN, palette.GREY),
        ),
        stacked=True,
        decimals=0,
        no_value=_NONE,
    )


def papers() -> Panel:
    """Flights with a product, a pilot or a drone that is not registered."""
    return by_day(
        w.PAPERS,
        w.PAPERS_ABOUT,
        [series(compliance.papers_by_day(), "$col", PROVINCE)],
        "short",
        lines=(
            Line("unregistered_product", w.UNREGISTERED_PRODUCT, palette.VERMILION),
            Line("without_licence", w.WITHOUT_LICENCE, palette.AMBER),
            Line("unregistered_drone", w.UNREGISTERED_DRONE, palette.PURPLE),
        ),
        decimals=0,
        no_value=_NONE,
    )


def unknown() -> Panel:
    """Flights of which nobody can tell."""
    return by_day(
        w.PAPERS_UNKNOWN,
        w.PAPERS_UNKNOWN_ABOUT,
        [series(compliance.papers_unknown_by_day(), "$col", PROVINCE)],
        "short",
        lines=(
            Line("product_unknown", w.PRODUCT_UNKNOWN, palette.GREY),
            Line("licence_unknown", w.LICENCE_UNKNOWN, palette.AMBER),
            Line("drone_unknown", w.DRONE_UNKNOWN, palette.PURPLE),
        ),
        decimals=0,
        no_value=_NONE,
    )


def buffers() -> Panel:
    """Litres inside buffers by commune."""
    return bars(
        w.BUFFERS,
        w.BUFFERS_ABOUT,
        table(compliance.buffer_by_commune(), PROVINCE),
        "L",
        label="commune",
        lines=(Line("buffer_l", w.BUFFER_L, palette.VERMILION),),
        decimals=1,
        no_value=_NONE,
    )


def rules_by_commune() -> Panel:
    """Compliance by commune."""
    one = steps(palette.GREY, (0.5, palette.BAD))
    return table_panel(
        w.RULES_BY_COMMUNE,
        w.RULES_BY_COMMUNE_ABOUT,
        table(compliance.by_commune(), PROVINCE),
        [
            Column("commune", w.COMMUNE, link=_COMMUNE),
            Column("flights", w.FLIGHTS, decimals=0),
            Column("in_window", w.IN_WINDOW, decimals=0),
            Column("in_bad_weather", w.IN_BAD_WEATHER, decimals=0, limits=one),
            Column("weather_unknown", w.WEATHER_UNKNOWN, decimals=0),
            Column("buffer_l", w.BUFFER_L, "L", decimals=1, limits=one),
            Column("unregistered_product", w.UNREGISTERED_PRODUCT, decimals=0, limits=one),
            Column("without_licence", w.WITHOUT_LICENCE, decimals=0, limits=one),
            Column("unregistered_drone", w.UNREGISTERED_DRONE, decimals=0, limits=one),
        ],
        sort=w.IN_BAD_WEATHER,
        no_value=_NONE,
    )


def cells() -> Panel:
    """Cells: commune, operation, product group, day."""
    return table_panel(
        w.CELLS,
        w.CELLS_ABOUT,
        table(treated.cells(), PROVINCE),
        [
            Column("commune", w.COMMUNE, link=_COMMUNE),
            Column("operation", w.OPERATION, words=states.OPERATIONS),
            Column("product_group", w.PRODUCT_GROUP),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=2),
            Column("volume_l", w.LITRES, "L", decimals=0),
            Column("mass_kg", w.KILOGRAMS, "kg", decimals=0),
            Column("flights", w.FLIGHTS, decimals=0),
            Column("drones", w.DRONES, decimals=0),
        ],
        when=w.DAY,
        no_value=_NONE,
    )


def withheld() -> Panel:
    """Communes whose figures may not be told."""
    return by_day(
        w.WITHHELD,
        w.WITHHELD_ABOUT,
        [series(treated.withheld_by_day(), "$col", PROVINCE)],
        "short",
        lines=(Line("communes", w.COMMUNES, palette.BLUE), Line("withheld", w.WITHHELD_ONES, palette.GREY)),
        decimals=0,
        no_value=_NONE,
    )
