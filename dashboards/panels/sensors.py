"""Panels of field sensors: water, salt, weather, soil, batteries, silence."""

from __future__ import annotations

from dashboards import links, palette, states
from dashboards import words as w
from dashboards.building.charts import Line, by_day, chart
from dashboards.building.numbers import Number, numbers
from dashboards.building.queries import series, table
from dashboards.building.tables import Column
from dashboards.building.tables import table as table_panel
from dashboards.building.timelines import history, timeline
from dashboards.model.fields import Thresholds
from dashboards.model.panels import Panel
from dashboards.names import Name
from dashboards.queries import readings

_NONE = w.NO_SENSOR_HEARD
_SENSOR = links.series_to(Name.SENSORS, w.ONLY_THIS_SENSOR, "device")


def summary() -> Panel:
    """Water, salt, wind, and how many sensors report."""
    return numbers(
        w.SENSORS_NOW,
        w.SENSORS_NOW_ABOUT,
        [
            table(readings.sensors_heard()),
            table(readings.extreme("min", "water_level", "water_m"), ref="B"),
            table(readings.extreme("max", "salinity", "salinity_gpl"), ref="C"),
            table(readings.extreme("max", "wind_speed", "wind_mps"), ref="D"),
            table(readings.extreme("max", "air_temperature", "air_c"), ref="E"),
        ],
        [
            Number("sensors", w.SENSORS_HEARD, decimals=0, limits=states.SILENCE),
            Number("water_m", w.LOWEST_WATER, "lengthm", decimals=2, limits=states.WATER_M),
            Number("salinity_gpl", w.HIGHEST_SALINITY, "g/L", decimals=2, limits=states.SALINITY_GPL),
            Number("wind_mps", w.WIND, "velocityms", decimals=1, limits=states.WIND_MPS),
            Number("air_c", w.AIR_TEMPERATURE, "celsius", decimals=1),
        ],
        no_value=_NONE,
    )


def window() -> Panel:
    """What of the weather allows spraying."""
    return timeline(
        w.WINDOW,
        w.WINDOW_ABOUT,
        [
            series(readings.overall("wind_speed", "wind"), w.WIND),
            series(readings.highest("wind_gust", "gust"), w.GUST, ref="B"),
            series(readings.delta_t(), w.DELTA_T, ref="C"),
            series(readings.highest("rain_rate", "rain"), w.RAIN_RATE, ref="D"),
        ],
        lines=(
            Line(w.WIND, w.WIND, palette.BLUE, "velocityms", limits=states.WIND_MPS),
            Line(w.GUST, w.GUST, palette.BLUE, "velocityms", limits=states.GUST_MPS),
            Line(w.DELTA_T, w.DELTA_T, palette.BLUE, "celsius", limits=states.DELTA_T_K),
            Line(w.RAIN_RATE, w.RAIN_RATE, palette.BLUE, w.MMPH, limits=states.RAIN_MMPH),
        ),
        no_value=w.NO_STATION_HEARD,
    )


def _by_sensor(
    title: w.Text, about: w.Text, quantity: str, unit: w.Text | str, limits: Thresholds | None = None
) -> Panel:
    return chart(
        title,
        about,
        [series(readings.mean(quantity), "$tag_device")],
        unit,
        limits=limits,
        links=[_SENSOR],
        no_value=_NONE,
    )


def water() -> Panel:
    """Water over the soil, with the limits of alternate wetting and drying."""
    return _by_sensor(w.WATER_LEVEL, w.WATER_LEVEL_ABOUT, "water_level", "lengthm", states.WATER_M)


def salinity() -> Panel:
    """Salt in the water."""
    return _by_sensor(w.SALINITY, w.SALINITY_ABOUT, "salinity", "g/L", states.SALINITY_GPL)


def soil() -> Panel:
    """Water in the soil."""
    return _by_sensor(w.SOIL_MOISTURE, w.SOIL_MOISTURE_ABOUT, "soil_moisture", "percent")


def batteries() -> Panel:
    """Batteries of sensors."""
    return _by_sensor(w.SENSOR_BATTERY, w.SENSOR_BATTERY_ABOUT, "battery", "percent", states.BATTERY)


def air() -> Panel:
    """Temperature and humidity."""
    return chart(
        w.AIR,
        w.AIR_ABOUT,
        [
            series(readings.overall("air_temperature"), w.AIR_TEMPERATURE),
            series(readings.overall("air_humidity"), w.AIR_HUMIDITY, ref="B"),
        ],
        "celsius",
        lines=(
            Line(w.AIR_TEMPERATURE, w.AIR_TEMPERATURE, palette.VERMILION, "celsius"),
            Line(w.AIR_HUMIDITY, w.AIR_HUMIDITY, palette.BLUE, "humidity", right=True),
        ),
        no_value=w.NO_STATION_HEARD,
    )


def delta_t() -> Panel:
    """Delta T."""
    return chart(
        w.DELTA_T,
        w.DELTA_T_ABOUT,
        [series(readings.delta_t(), w.DELTA_T)],
        "celsius",
        lines=(Line(w.DELTA_T, w.DELTA_T, palette.BLUE),),
        limits=states.DELTA_T_K,
        low=0.0,
        no_value=w.NO_STATION_HEARD,
    )


def wind() -> Panel:
    """Wind and gusts."""
    return chart(
        w.WIND_AND_GUSTS,
        w.WIND_AND_GUSTS_ABOUT,
        [
            series(readings.overall("wind_speed"), w.WIND),
            series(readings.highest("wind_gust"), w.GUST, ref="B"),
        ],
        "velocityms",
        lines=(Line(w.WIND, w.WIND, palette.BLUE), Line(w.GUST, w.GUST, palette.AMBER)),
        limits=states.WIND_MPS,
        low=0.0,
        no_value=w.NO_STATION_HEARD,
    )


def rain() -> Panel:
    """Rain by day."""
    return by_day(
        w.RAIN_BY_DAY,
        w.RAIN_BY_DAY_ABOUT,
        [series(readings.rain_by_day(), "$tag_device")],
        "lengthmm",
        no_value=w.NO_STATION_HEARD,
    )


def newest() -> Panel:
    """The last value of everything, and how old it is."""
    return table_panel(
        w.LAST_VALUES,
        w.LAST_VALUES_ABOUT,
        table(readings.newest()),
        [
            Column("device", w.SENSOR, link=links.row_to(Name.SENSORS, w.ONLY_THIS_SENSOR, "device")),
            Column("quantity", w.QUANTITY, words=states.QUANTITIES),
            Column("value", w.VALUE, decimals=2),
            Column("unit", w.UNIT),
        ],
        when=w.HEARD,
        ago=True,
        no_value=_NONE,
    )


def silence() -> Panel:
    """Which sensors were silent, by hour."""
    return history(
        w.SENSOR_LINK,
        w.SENSOR_LINK_ABOUT,
        [series(readings.reports(), "$tag_device")],
        limits=states.SILENCE,
        links=[_SENSOR],
        interval="1h",
        no_value=_NONE,
    )
