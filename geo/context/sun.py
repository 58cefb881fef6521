"""How high the sun stands: computed from time and place, so that dawn and dusk need no table.

Source: US Naval Observatory, "Approximate solar coordinates" (Astronomical Almanac): within 0.02 degrees until 2100.
"""

from __future__ import annotations

import numpy as np

from core.model.fixtable import Floats, Ints

J2000_DAYS = 10_957.5
"""2000-01-01 12:00 in days since 1970."""
_DAY_MS = 86_400_000.0


def elevation_deg(ts_ms: Ints, lon_deg: Floats, lat_deg: Floats) -> Floats:
    """Elevation of the sun's middle in degrees, without refraction; arrays of one shape."""
    days = np.asarray(ts_ms, np.float64) / _DAY_MS - J2000_DAYS
    anomaly = np.radians(357.529 + 0.98560028 * days)
    longitude = np.radians(280.459 + 0.98564736 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    tilt = np.radians(23.439 - 3.6e-7 * days)
    ascension = np.arctan2(np.cos(tilt) * np.sin(longitude), np.cos(longitude))
    declination = np.arcsin(np.sin(tilt) * np.sin(longitude))
    sidereal = np.radians(15.0 * ((18.697374558 + 24.06570982441908 * days) % 24.0))
    hour = sidereal + np.radians(lon_deg) - ascension
    lat = np.radians(lat_deg)
    sine = np.sin(lat) * np.sin(declination) + np.cos(lat) * np.cos(declination) * np.cos(hour)
    return np.asarray(np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))))
