"""Panels of the fleet now."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, by_day, chart
from dashboards.building.maps import geomap, markers, polygons
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.building.timelines import history, timeline
from dashboards.model.fields import by_name, steps
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.queries import alerts, fixes, flights
from dashboards.sources import PLOTS

_FLIGHT = links.row_to(Name.FLIGHT, w.OPEN_FLIGHT, "drone", "device")
_SERIES = links.series_to(Name.FLIGHT, w.OPEN_FLIGHT, "drone")
LIVE = "3h"
"""The range of panels that read raw fixes of all drones, however long the board's is."""
TODAY = "now/d"


def now() -> Panel:
    """How many drones are heard and spraying, and how many alerts stand."""
    return numbers(
        w.NOW,
        w.NOW_ABOUT,
        [table(fixes.drones_heard()), table(fixes.drones_spraying(), ref="B"), table(alerts.standing(), ref="C")],
        [
            Number("drones", w.DRONES_HEARD, limits=steps(palette.GREY, (1.0, palette.GREEN))),
            Number("spraying", w.DRONES_SPRAYING, limits=steps(palette.GREY, (1.0, palette.BLUE))),
            Number("standing", w.ALERTS_STANDING, limits=states.ANY_IS_BAD),
        ],
        no_value=w.NO_DRONE_HEARD,
    )


def today() -> Panel:
    """Hectares, công, flights and litres of today."""
    return numbers(
        w.TODAY,
        w.TODAY_ABOUT,
        [table(flights.totals())],
        [
            Number("ha", w.TREATED_HA, w.HA, decimals=2),
            Number("cong", w.TREATED_CONG, w.CONG, decimals=1),
            Number("flights", w.FLIGHTS, decimals=0),
            Number("hours", w.HOURS, w.H, decimals=1),
            Number("litres", w.LITRES, "L", decimals=0),
        ],
        no_value=w.NO_FLIGHT_TODAY,
        time_from=TODAY,
        links=[links.board_to(Name.PLOTS, w.OPEN_PLOTS)],
    )


def where() -> Panel:
    """Where the drones are, where they head, and whether they spray."""
    return geomap(
        w.WHERE,
        w.WHERE_ABOUT,
        table(fixes.last_fixes()),
        [
            polygons(w.PLOTS, PLOTS, states.PLOTS, opacity=0.2),
            markers(w.DRONES, "on", label="device", heading="heading_deg", size=9.0),
        ],
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
        overrides=[
            by_name("on", displayName=w.SPRAYING, mappings=[states.ON_OFF], thresholds=states.IS_ON),
            by_name("device", displayName=w.DRONE, links=[_FLIGHT]),
            by_name("speed_mps", displayName=w.SPEED, unit="velocityms"),
            by_name("battery_pct", displayName=w.BATTERY, unit="percent"),
            by_name("tank_l", displayName=w.TANK, unit="L"),
            by_name("flow_lpm", displayName=w.FLOW, unit=w.LPM),
            by_name("heading_deg", displayName=w.HEADING, unit="degree", min=-360.0, max=360.0),
        ],
    )


def drones() -> Panel:
    """A row a drone: link age, battery, tank, speed."""
    return table_panel(
        w.DRONES,
        w.DRONES_ABOUT,
        table(fixes.last_fixes()),
        [
            Column("device", w.DRONE, link=_FLIGHT),
            Column("on", w.SPRAYING, words=states.ON_OFF),
            Column("mode", w.MODE, words=states.MODES),
            Column("battery_pct", w.BATTERY, "percent", decimals=0, limits=states.BATTERY, gauge=True),
            Column("tank_l", w.TANK, "L", decimals=1),
            Column("speed_mps", w.SPEED, "velocityms", decimals=1),
            Column("flow_lpm", w.FLOW, w.LPM, decimals=1),
            *(Column(name, "", hidden=True) for name in ("lat", "lon", "heading_deg")),
        ],
        when=w.HEARD,
        ago=True,
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
    )


def spraying() -> Panel:
    """When each drone sprayed."""
    return timeline(
        w.SPRAYING_OVER_TIME,
        w.SPRAYING_OVER_TIME_ABOUT,
        [series(fixes.last_word("on"), "$tag_device")],
        words=states.ON_OFF,
        links=[_SERIES],
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
    )


def area_by_day() -> Panel:
    """Hectares of the last fourteen days."""
    return by_day(
        w.AREA_BY_DAY,
        w.AREA_BY_DAY_ABOUT,
        [series(flights.area_by_day(), "$tag_operation")],
        w.HA,
        lines=OPERATION_LINES,
        stacked=True,
        time_from="14d",
        no_value=w.NO_FLIGHT,
    )


OPERATION_LINES = (
    Line("spray", w.SPRAY, palette.BLUE),
    Line("spread", w.SPREAD, palette.AMBER),
    Line("sow", w.SOW, palette.GREEN),
    Line("unknown", w.UNKNOWN, palette.GREY),
)
AMOUNT_LINES = (
    Line(w.LITRES, w.LITRES, palette.BLUE, "L"),
    Line(w.KILOGRAMS, w.KILOGRAMS, palette.AMBER, "kg", right=True),
)


def flights_of_today() -> Panel:
    """Today's closed flights; a click opens one."""
    return table_panel(
        w.FLIGHTS_OF_TODAY,
        w.FLIGHTS_OF_TODAY_ABOUT,
        table(flights.newest()),
        FLIGHT_COLUMNS,
        when=w.TAKEOFF,
        time_from=TODAY,
        no_value=w.NO_FLIGHT_TODAY,
    )


FLIGHT_COLUMNS = (
    Column("device", w.DRONE, link=links.row_to_flight()),
    Column("operation", w.OPERATION, words=states.OPERATIONS),
    Column("net_ha", w.TREATED_HA, w.HA, decimals=3),
    Column("off_target_ha", w.OFF_TARGET, w.HA, decimals=3, limits=states.MISSED_HA),
    Column("volume_l", w.LITRES, "L", decimals=1),
    Column("mass_kg", w.KILOGRAMS, "kg", decimals=1),
    Column("hours", w.HOURS, w.H, decimals=2),
    Column("grade", w.GRADE, words=states.GRADES),
    Column("weather", w.WEATHER, words=states.WINDOWS),
    Column("job", w.JOB),
    *(Column(name, "", hidden=True) for name in ("flight", "start_ms", "end_ms")),
)


def alerts_now() -> Panel:
    """Alerts of the last 24 hours, the newest first."""
    return alert_table(w.ALERTS_ABOUT, alerts.newest(), "24h")


def alert_table(about: w.Text, query: str, time_from: str = "") -> Panel:
    """A table of alerts."""
    return table_panel(
        w.ALERTS,
        about,
        table(query),
        [
            Column("device", w.DRONE, link=_FLIGHT),
            Column("kind", w.WHAT, words=states.ALERTS),
            Column("active", w.STATE, words=states.STANDING),
            Column("value", w.VALUE, decimals=1),
            Column("limit", w.LIMIT, decimals=1),
            Column("unit", w.UNIT),
            Column("subject", w.SUBJECT),
            Column("cause", w.CAUSE),
            Column("lasted_s", w.LASTED, "s", decimals=0),
            Column("flight", w.FLIGHT),
        ],
        when=w.SINCE,
        time_from=time_from,
        no_value=w.NO_ALERT,
    )


def alerts_by_day() -> Panel:
    """Alerts of the last fourteen days, by kind."""
    return by_day(
        w.ALERTS_BY_DAY,
        w.ALERTS_BY_DAY_ABOUT,
        [series(alerts.by_kind(), "$tag_kind")],
        "short",
        lines=(
            Line("outside-plot", w.OUTSIDE_PLOT, palette.AMBER),
            Line("in-buffer", w.IN_BUFFER, palette.VERMILION),
            Line("bad-weather", w.BAD_WEATHER, palette.PURPLE),
            Line("tank-mismatch", w.TANK_MISMATCH, palette.BLUE),
        ),
        stacked=True,
        decimals=0,
        time_from="14d",
        no_value=w.NO_ALERT,
    )


def battery() -> Panel:
    """Battery of each drone."""
    return chart(
        w.BATTERY,
        w.BATTERY_ABOUT,
        [series(fixes.mean("battery_pct"), "$tag_device")],
        "percent",
        low=0.0,
        high=100.0,
        limits=states.BATTERY,
        links=[_SERIES],
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
    )


def tank() -> Panel:
    """Tank of each drone."""
    return chart(
        w.TANK,
        w.TANK_ABOUT,
        [series(fixes.mean("tank_l"), "$tag_device")],
        "L",
        low=0.0,
        links=[_SERIES],
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
    )


def link() -> Panel:
    """Whether each drone was heard."""
    return history(
        w.LINK,
        w.LINK_ABOUT,
        [series(fixes.fix_count(), "$tag_device")],
        limits=states.SILENCE,
        links=[_SERIES],
        interval="1m",
        time_from=LIVE,
        no_value=w.NO_DRONE_HEARD,
    )


def minutes_on() -> Panel:
    """Minutes of spraying by drone over the last fourteen days."""
    return chart(
        w.MINUTES_ON,
        w.MINUTES_ON_ABOUT,
        [series(fixes.minutes_on(), "$tag_device")],
        w.MIN,
        bars=True,
        stacked=True,
        low=0.0,
        time_from="14d",
        interval="1d",
        links=[_SERIES],
        no_value=w.NO_FLIGHT,
    )
