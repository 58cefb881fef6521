"""Words and colours for what devices and results say in words of their own, and limits by which values are judged."""

from __future__ import annotations

from typing import Final

from dashboards import palette as p
from dashboards import words as w
from dashboards.model.fields import said, steps

ON_OFF: Final = said(true=(w.ON, p.GREEN), false=(w.OFF, p.GREY))
IS_ON: Final = steps(p.GREY, (0.5, p.GREEN))
"""The same where Grafana takes colours of truths from limits: on maps."""
MODES: Final = said(
    auto=(w.MODE_AUTO, p.GREEN),
    ab=(w.MODE_AB, p.SKY),
    manual=(w.MODE_MANUAL, p.AMBER),
    rtl=(w.MODE_RTL, p.PURPLE),
    failsafe=(w.MODE_FAILSAFE, p.VERMILION),
)
RECEIVERS: Final = said(
    rtk=(w.FIX_RTK, p.GREEN),
    float=(w.FIX_FLOAT, p.SKY),
    dgps=(w.FIX_DGPS, p.BLUE),
    single=(w.FIX_SINGLE, p.AMBER),
    none=(w.FIX_NONE, p.VERMILION),
)
OPERATIONS: Final = said(
    spray=(w.SPRAY, p.BLUE), spread=(w.SPREAD, p.AMBER), sow=(w.SOW, p.GREEN), unknown=(w.UNKNOWN, p.GREY)
)
ALERTS: Final = said(
    **{
        "outside-plot": (w.OUTSIDE_PLOT, p.AMBER),
        "in-buffer": (w.IN_BUFFER, p.VERMILION),
        "bad-weather": (w.BAD_WEATHER, p.PURPLE),
        "tank-mismatch": (w.TANK_MISMATCH, p.BLUE),
    }
)
STANDING: Final = said(**{"1": (w.STANDING, p.VERMILION), "0": (w.OVER, p.GREY)})
GRADES: Final = said(A=("A", p.GREEN), B=("B", p.SKY), C=("C", p.AMBER), D=("D", p.VERMILION))
WINDOWS: Final = said(
    **{
        "green": (w.WINDOW_GREEN, p.GREEN),
        "amber": (w.WINDOW_AMBER, p.AMBER),
        "red": (w.WINDOW_RED, p.VERMILION),
        "no-data": (w.UNKNOWN, p.GREY),
    }
)
CLOCKS: Final = said(
    ok=(w.CLOCK_OK, p.GREEN),
    ahead=(w.CLOCK_AHEAD, p.VERMILION),
    unset=(w.CLOCK_UNSET, p.VERMILION),
)
QUANTITIES: Final = said(
    air_temperature=(w.AIR_TEMPERATURE, p.BLUE),
    air_humidity=(w.AIR_HUMIDITY, p.BLUE),
    air_pressure=(w.AIR_PRESSURE, p.BLUE),
    wind_speed=(w.WIND, p.BLUE),
    wind_gust=(w.GUST, p.BLUE),
    wind_direction=(w.WIND_DIRECTION, p.BLUE),
    rain_rate=(w.RAIN_RATE, p.BLUE),
    rain_total=(w.RAIN_TOTAL, p.BLUE),
    light=(w.LIGHT, p.BLUE),
    uv_index=(w.UV_INDEX, p.BLUE),
    soil_temperature=(w.SOIL_TEMPERATURE, p.BLUE),
    soil_moisture=(w.SOIL_MOISTURE, p.BLUE),
    soil_conductivity=(w.SOIL_CONDUCTIVITY, p.BLUE),
    soil_dielectric=(w.SOIL_DIELECTRIC, p.BLUE),
    water_level=(w.WATER_LEVEL, p.BLUE),
    water_pressure=(w.WATER_PRESSURE, p.BLUE),
    water_temperature=(w.WATER_TEMPERATURE, p.BLUE),
    water_conductivity=(w.WATER_CONDUCTIVITY, p.BLUE),
    salinity=(w.SALINITY, p.BLUE),
    distance=(w.DISTANCE, p.BLUE),
    probe_temperature=(w.PROBE_TEMPERATURE, p.BLUE),
    battery=(w.BATTERY, p.BLUE),
    battery_voltage=(w.BATTERY_VOLTAGE, p.BLUE),
)

PLOTS: Final = {"covered": p.GREEN, "partly": p.AMBER, "missed": p.VERMILION, "never": p.GREY}
"""Colours of polygons by their class."""
BATTERY: Final = steps(p.BAD, (25.0, p.CAUTION), (40.0, p.GOOD))
SHARE: Final = steps(p.BAD, (90.0, p.CAUTION), (98.0, p.GOOD))
"""Of a score or a covered part in percent."""
ANY_IS_BAD: Final = steps(p.GOOD, (0.5, p.BAD))
SILENCE: Final = steps(p.BAD, (1.0, p.GOOD))
"""Of a count of reports: none is bad."""
GAP_S: Final = steps(p.GOOD, (5.0, p.CAUTION), (30.0, p.BAD))
MISSED_HA: Final = steps(p.GOOD, (0.01, p.CAUTION), (0.05, p.BAD))
WATER_M: Final = steps(p.BAD, (-0.15, p.CAUTION), (-0.05, p.GOOD), (0.10, p.SKY))
"""Water over the soil: below -15 cm a field under AWD is flooded again (IRRI's safe AWD)."""
SALINITY_GPL: Final = steps(p.GOOD, (1.0, p.CAUTION), (4.0, p.BAD))
"""Notice at 1 g/L, no more water is taken in at 4 g/L."""
WIND_MPS: Final = steps(p.CAUTION, (1.0, p.GOOD), (3.0, p.CAUTION), (4.0, p.BAD))
GUST_MPS: Final = steps(p.GOOD, (4.0, p.CAUTION), (6.0, p.BAD))
DELTA_T_K: Final = steps(p.CAUTION, (2.0, p.GOOD), (8.0, p.CAUTION), (10.0, p.BAD))
RAIN_MMPH: Final = steps(p.GOOD, (0.01, p.CAUTION), (1.0, p.BAD))
"""As :mod:`geo.context.window` judges by default."""
