"""Panels of one flight, or of one drone over a span of time."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, chart
from dashboards.building.maps import geomap, markers, polygons, route
from dashboards.building.numbers import PLAIN, Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.building.timelines import timeline
from dashboards.model.fields import by_name
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.panels.fleet import FLIGHT_COLUMNS, alert_table
from dashboards.queries import alerts, coverage, fixes, flights
from dashboards.queries.parts import of_one
from dashboards.sources import PLOTS

_NONE = w.NO_FLIGHT_CHOSEN


def summary() -> Panel:
    """Hectares, dose, litres and grade of the flight."""
    return numbers(
        w.FLIGHT_SUMMARY,
        w.FLIGHT_SUMMARY_ABOUT,
        [table(of_one(flights.last_flight()))],
        [
            Number("net_ha", w.TREATED_HA, w.HA, decimals=3),
            Number("cong", w.TREATED_CONG, w.CONG, decimals=2),
            Number("dose_l_per_ha", w.DOSE, w.LPHA, decimals=1),
            Number("volume_l", w.LITRES, "L", decimals=1),
            Number("dose_kg_per_ha", w.DOSE_KG, w.KGPHA, decimals=1),
            Number("mass_kg", w.KILOGRAMS, "kg", decimals=1),
            Number("minutes", w.MINUTES, w.MIN, decimals=0),
            Number("off_target_ha", w.OFF_TARGET, w.HA, decimals=3, limits=states.MISSED_HA),
            Number("grade", w.GRADE, words=states.GRADES, limits=PLAIN),
        ],
        texts=True,
        no_value=_NONE,
    )


def track() -> Panel:
    """The track, and where the implement was on."""
    return geomap(
        w.TRACK,
        w.TRACK_ABOUT,
        table(of_one(fixes.track())),
        [
            polygons(w.PLOTS, PLOTS, states.PLOTS, opacity=0.2),
            route(w.TRACK),
            markers(w.FIXES, "on", size=4.0),
        ],
        no_value=_NONE,
        overrides=[
            by_name("on", displayName=w.SPRAYING, mappings=[states.ON_OFF], thresholds=states.IS_ON),
            by_name("speed_mps", displayName=w.SPEED, unit="velocityms"),
            by_name("height_m", displayName=w.HEIGHT, unit="lengthm"),
            by_name("flow_lpm", displayName=w.FLOW, unit=w.LPM),
            by_name("tank_l", displayName=w.TANK, unit="L"),
            by_name("heading_deg", displayName=w.HEADING, unit="degree"),
        ],
    )


def spraying() -> Panel:
    """On and off."""
    return timeline(
        w.SPRAYING_OVER_TIME,
        w.SPRAYING_OVER_TIME_ABOUT,
        [series(of_one(fixes.last_word("on")), "$tag_device")],
        words=states.ON_OFF,
        no_value=_NONE,
    )


def mode() -> Panel:
    """Who steered."""
    return timeline(
        w.MODE,
        w.MODE_ABOUT,
        [series(of_one(fixes.last_word("mode")), "$tag_device")],
        words=states.MODES,
        no_value=_NONE,
    )


def receiver() -> Panel:
    """The receiver's state."""
    return timeline(
        w.RECEIVER,
        w.RECEIVER_ABOUT,
        [series(of_one(fixes.last_word("fix")), "$tag_device")],
        words=states.RECEIVERS,
        no_value=_NONE,
    )


def flow() -> Panel:
    """Flow against plan."""
    return chart(
        w.FLOW_PLAN,
        w.FLOW_PLAN_ABOUT,
        [series(of_one(fixes.flow_and_plan()), "$col")],
        w.LPM,
        lines=(Line("flow_lpm", w.FLOW, palette.BLUE), Line("plan_lpm", w.PLANNED, palette.AMBER)),
        low=0.0,
        no_value=w.NO_FLOW,
    )


def dose() -> Panel:
    """The dose that comes down."""
    return chart(
        w.DOSE,
        w.DOSE_ABOUT,
        [series(of_one(fixes.dose()), "$col")],
        w.LPHA,
        lines=(Line("dose_lpha", w.DOSE, palette.BLUE),),
        low=0.0,
        no_value=w.NO_FLOW,
    )


def speed() -> Panel:
    """Speed over the ground."""
    return chart(
        w.SPEED,
        w.SPEED_ABOUT,
        [series(of_one(fixes.mean("speed_mps")), "$tag_device")],
        "velocityms",
        low=0.0,
        no_value=_NONE,
    )


def height() -> Panel:
    """Height as the drone tells it."""
    return chart(
        w.HEIGHT,
        w.HEIGHT_ABOUT,
        [series(of_one(fixes.mean("height_m")), "$tag_device")],
        "lengthm",
        no_value=_NONE,
    )


def tank() -> Panel:
    """Tank and battery of the flight."""
    return chart(
        w.TANK_BATTERY,
        w.TANK_BATTERY_ABOUT,
        [
            series(of_one(fixes.mean("tank_l")), w.TANK),
            series(of_one(fixes.mean("battery_pct")), w.BATTERY, ref="B"),
        ],
        "L",
        lines=(
            Line(w.TANK, w.TANK, palette.BLUE, "L"),
            Line(w.BATTERY, w.BATTERY, palette.AMBER, "percent", right=True),
        ),
        low=0.0,
        no_value=_NONE,
    )


def gaps() -> Panel:
    """The longest silences."""
    return chart(
        w.GAPS,
        w.GAPS_ABOUT,
        [series(of_one(fixes.longest_gap()), "$tag_device")],
        "s",
        bars=True,
        limits=states.GAP_S,
        low=0.0,
        no_value=_NONE,
    )


def plots() -> Panel:
    """What the flight did to plots."""
    return table_panel(
        w.FLIGHT_PLOTS,
        w.FLIGHT_PLOTS_ABOUT,
        table(of_one(coverage.of_flights())),
        [
            Column("plot", w.PLOT, link=links.row_to(Name.PLOTS, w.OPEN_PLOTS, "plot")),
            Column("plot_name", w.PLOT_NAME),
            Column("area_ha", w.AREA, w.HA, decimals=3),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=3),
            Column("missed_ha", w.MISSED, w.HA, decimals=3, limits=states.MISSED_HA),
            Column("overlap_ha", w.OVERLAP, w.HA, decimals=3),
            Column("covered_pct", w.COVERED, "percent", decimals=1, limits=states.SHARE, gauge=True),
            Column("dose_l_per_ha", w.DOSE, w.LPHA, decimals=1),
        ],
        when=w.LANDING,
        no_value=w.NO_PLOT_TREATED,
    )


def expected() -> Panel:
    """Area as logged and as expected in truth."""
    return table_panel(
        w.EXPECTED,
        w.EXPECTED_ABOUT,
        table(of_one(flights.expected_area())),
        [
            Column("flight", w.FLIGHT),
            Column("net_ha", w.TREATED_HA, w.HA, decimals=3),
            Column("expected_net_ha", w.EXPECTED_HA, w.HA, decimals=3),
            Column("expected_low_ha", w.AT_LEAST, w.HA, decimals=3),
            Column("expected_high_ha", w.AT_MOST, w.HA, decimals=3),
            Column("fixes", w.FIXES, decimals=0),
            Column("bridged_m", w.BRIDGED, "lengthm", decimals=0),
        ],
        when=w.TAKEOFF,
        no_value=_NONE,
    )


def all_flights() -> Panel:
    """The flights of the range; a click narrows the board to one."""
    return table_panel(
        w.FLIGHTS,
        w.FLIGHTS_ABOUT,
        table(of_one(flights.newest())),
        FLIGHT_COLUMNS,
        when=w.TAKEOFF,
        no_value=w.NO_FLIGHT,
    )


def alerts_in_range() -> Panel:
    """Alerts of the board's range, the newest first."""
    return alert_table(w.ALERTS_IN_RANGE_ABOUT, of_one(alerts.newest()))
