"""The spray window: green, amber, red, or no data, with every reason.

The limits are suggestions, not law: none is enacted in Vietnam that we know of, and labels rule over all of them.
Wind: 1.3 to 3.6 m/s is asked for where a label is silent (pesticidestewardship.org); drones are limited to 6 m/s (DJI
Agras T40). Delta T: 2 to 8 preferred, caution below 2 or above 10 (Bureau of Meteorology, Australia). In the Mekong
delta most mornings are below 2, so that it is a caution there and no block, unless a department sets the red limits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from core.model.context import Cause, Reason, Verdict, Weather, Window

SEVERITY = {Window.GREEN: 0, Window.AMBER: 1, Window.NO_DATA: 2, Window.RED: 3}
"""What is known to be red stays red whatever is missing; amber or green with something missing is not known."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a verdict is judged by. A value on a limit is still on its better side.

    Attributes:
        calm_mps: Wind below this is calm: red while the sun is low (inversion proxy), else amber.
        light_mps: Wind below this is amber: it has no direction to rely on.
        fresh_mps: Wind above this is amber.
        strong_mps: Wind above this is red.
        stop_mps: Wind above this is beyond what drones may fly in.
        gust_mps: Gusts above this are amber.
        gust_stop_mps: Gusts above this are red.
        low_sun_deg: Sun below this (and all night) is dawn or dusk: 15 degrees are about an hour from sunset here.
        delta_t_low: Delta T below this is amber.
        delta_t_marginal: Delta T above this is amber.
        delta_t_high: Delta T above this is amber, and named high.
        delta_t_red_low: Delta T below this is red.
        delta_t_red_high: Delta T above this is red.
        rain_mmph: Rain above this is amber.
        rain_red_mmph: Rain above this is red.
        required: Without these there is no verdict.
    """

    calm_mps: float = 0.5
    light_mps: float = 1.0
    fresh_mps: float = 3.0
    strong_mps: float = 4.0
    stop_mps: float = 6.0
    gust_mps: float = 4.0
    gust_stop_mps: float = 6.0
    low_sun_deg: float = 15.0
    delta_t_low: float = 2.0
    delta_t_marginal: float = 8.0
    delta_t_high: float = 10.0
    delta_t_red_low: float = -math.inf
    delta_t_red_high: float = math.inf
    rain_mmph: float = 0.0
    rain_red_mmph: float = 1.0
    required: frozenset[Cause] = frozenset((Cause.WIND_UNKNOWN, Cause.DELTA_T_UNKNOWN))


def judge(weather: Weather, limits: Limits | None = None) -> Verdict:
    """The verdict on one weather. Reasons come worst first; what is missing and required is a reason ``no-data``."""
    limits = limits or Limits()
    known = {
        Cause.WIND_UNKNOWN: weather.wind_mps,
        Cause.DELTA_T_UNKNOWN: weather.delta_t_c,
        Cause.GUST_UNKNOWN: weather.gust_mps,
        Cause.RAIN_UNKNOWN: weather.rain_mmph,
    }
    missing = tuple(cause for cause, value in known.items() if math.isnan(value))
    reasons = [
        *_wind(weather.wind_mps, weather.sun_deg, limits),
        *_gust(weather.gust_mps, limits),
        *_delta_t(weather.delta_t_c, limits),
        *_rain(weather.rain_mmph, limits),
        *(Reason(cause, Window.NO_DATA, math.nan, math.nan, "") for cause in missing if cause in limits.required),
    ]
    reasons.sort(key=lambda r: -SEVERITY[r.window])
    return Verdict(reasons[0].window if reasons else Window.GREEN, tuple(reasons), missing)


def _wind(wind_mps: float, sun_deg: float, limits: Limits) -> list[Reason]:
    def reason(cause: Cause, window: Window, limit: float) -> list[Reason]:
        return [Reason(cause, window, wind_mps, limit, "m/s")]

    if wind_mps > limits.stop_mps:
        return reason(Cause.WIND_STOP, Window.RED, limits.stop_mps)
    if wind_mps > limits.strong_mps:
        return reason(Cause.WIND_HIGH, Window.RED, limits.strong_mps)
    if wind_mps > limits.fresh_mps:
        return reason(Cause.WIND_HIGH, Window.AMBER, limits.fresh_mps)
    if wind_mps < limits.calm_mps and not sun_deg >= limits.low_sun_deg:
        return reason(Cause.INVERSION_PROXY, Window.RED, limits.calm_mps)
    if wind_mps < limits.light_mps:
        return reason(Cause.WIND_LOW, Window.AMBER, limits.light_mps)
    return []


def _gust(gust_mps: float, limits: Limits) -> list[Reason]:
    if gust_mps > limits.gust_stop_mps:
        return [Reason(Cause.GUST_STOP, Window.RED, gust_mps, limits.gust_stop_mps, "m/s")]
    if gust_mps > limits.gust_mps:
        return [Reason(Cause.GUST_HIGH, Window.AMBER, gust_mps, limits.gust_mps, "m/s")]
    return []


def _delta_t(delta_t: float, limits: Limits) -> list[Reason]:
    if delta_t < limits.delta_t_red_low:
        return [Reason(Cause.DELTA_T_LOW, Window.RED, delta_t, limits.delta_t_red_low, "K")]
    if delta_t > limits.delta_t_red_high:
        return [Reason(Cause.DELTA_T_HIGH, Window.RED, delta_t, limits.delta_t_red_high, "K")]
    if delta_t < limits.delta_t_low:
        return [Reason(Cause.DELTA_T_LOW, Window.AMBER, delta_t, limits.delta_t_low, "K")]
    if delta_t > limits.delta_t_high:
        return [Reason(Cause.DELTA_T_HIGH, Window.AMBER, delta_t, limits.delta_t_high, "K")]
    if delta_t > limits.delta_t_marginal:
        return [Reason(Cause.DELTA_T_MARGINAL, Window.AMBER, delta_t, limits.delta_t_marginal, "K")]
    return []


def _rain(rain_mmph: float, limits: Limits) -> list[Reason]:
    if rain_mmph > limits.rain_red_mmph:
        return [Reason(Cause.RAIN, Window.RED, rain_mmph, limits.rain_red_mmph, "mm/h")]
    if rain_mmph > limits.rain_mmph:
        return [Reason(Cause.RAIN, Window.AMBER, rain_mmph, limits.rain_mmph, "mm/h")]
    return []
