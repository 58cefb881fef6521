"""Delta T, the wet-bulb depression, by the psychrometric formula of the WMO.

Source: WMO-No. 8, Guide to Instruments and Methods of Observation, part I, annex 4.B: saturation over water
e_w(t) = 6.112 exp(17.62 t / (243.12 + t)) hPa, times f(p) = 1.0016 + 3.15e-6 p − 0.074 / p; and of the ventilated
psychrometer e = e_w(p, t_w) − 6.53e-4 (1 + 9.44e-4 t_w) p (t − t_w). Stull's shorter formula is up to 0.6 K off here.
"""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Floats

COEFFICIENT_PER_K = 6.53e-4
SLOPE_PER_K = 9.44e-4
ASSUMED_HPA = 1010.0
"""Pressure where nobody measures it: 10 hPa more or less change Delta T by 0.02 K at most."""
_STEPS = 12


def saturation_hpa(temperature_c: Floats) -> Floats:
    """Vapour pressure of saturated air over water in hPa, shape as given."""
    return np.asarray(6.112 * np.exp(17.62 * temperature_c / (243.12 + temperature_c)))


def wet_bulb_c(temperature_c: Floats, humidity_pct: Floats, pressure_hpa: Floats) -> Floats:
    """Wet-bulb temperature in degrees Celsius; NaN where anything is; arrays of one shape.

    Humidity is taken between 0 and 100 %. Newton's method from the dry bulb: the function is convex and rises, so that
    it comes from above without ever passing the root.
    """
    factor = 1.0016 + 3.15e-6 * pressure_hpa - 0.074 / pressure_hpa
    vapour = np.clip(humidity_pct, 0.0, 100.0) / 100.0 * factor * saturation_hpa(temperature_c)
    wet = np.array(temperature_c, np.float64)
    for _ in range(_STEPS):
        saturated = factor * saturation_hpa(wet)
        ventilation = COEFFICIENT_PER_K * pressure_hpa
        gap = temperature_c - wet
        excess = saturated - ventilation * (1.0 + SLOPE_PER_K * wet) * gap - vapour
        slope = saturated * 17.62 * 243.12 / (243.12 + wet) ** 2
        slope += ventilation * (1.0 + SLOPE_PER_K * wet - SLOPE_PER_K * gap)
        wet = wet - excess / slope
    return np.asarray(np.minimum(wet, temperature_c))


def delta_t_c(temperature_c: Floats, humidity_pct: Floats, pressure_hpa: Floats) -> Floats:
    """Dry bulb minus wet bulb, in K."""
    return np.asarray(temperature_c - wet_bulb_c(temperature_c, humidity_pct, pressure_hpa))
