"""One look over a table that tells whether there is anything to clean at all, and how far the machine went."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from core.model.enums import FixQuality
from core.model.fixtable import FixTable
from geo.compiled import COMPILES, compiled
from geo.projection import GEOD, SHORT_M

_NO_FIX = int(FixQuality.NONE)
_CLOSE_DEG = 5e-3
"""So close to a latitude, the metres per degree are linear in the latitude to 4e-9."""


class Rules(NamedTuple):
    """What the cleaning allows; see :mod:`geo.cleaning` for each."""

    lat_max_deg: float
    lon_max_deg: float
    null_island_deg: float
    limit_mps: float
    factor: float
    slack_mps: float
    slack_m: float
    held_ms: float


def orderly_m(fixes: FixTable, rules: Rules) -> float:
    """Geodesic length in metres of a table in which nothing is to be cleaned: NaN where something may be.

    Such a table stands in order of time without two rows of one instant; every position is usable, and every step is
    plausible by the speeds reported at its ends. Without a compiler the answer is always NaN.
    """
    if not COMPILES or len(fixes) <= 1:
        return math.nan
    columns = (fixes.ts_ms, fixes.lat_deg, fixes.lon_deg, fixes.speed_mps, fixes.quality)
    return float(_look(*columns, rules, _NO_FIX, GEOD.a, GEOD.es, SHORT_M))


@compiled
def _metres_per_deg(lat_deg: float, a: float, es: float) -> tuple[float, float, float, float]:
    """Metres per degree to the north and to the east at a latitude, each with its growth per degree of latitude."""
    one = math.radians(1.0)
    sin, cos = math.sin(math.radians(lat_deg)), math.cos(math.radians(lat_deg))
    bend = 1.0 - es * sin * sin
    across = a / math.sqrt(bend)
    along = across * (1.0 - es) / bend
    grows = es * sin * cos / bend * one
    return one * along, 3.0 * one * along * grows, one * across * cos, one * across * (cos * grows - sin * one)


@compiled
def _look(  # noqa: PLR0917 - columns
    ts: Any,
    lat: Any,
    lon: Any,
    speed: Any,
    quality: Any,
    rules: Rules,
    no_fix: int,
    a: float,
    es: float,
    short_m: float,
) -> float:
    """See :func:`orderly_m`; lengths as in :func:`geo.projection.steps_m`."""
    anchor, north0, north1, east0, east1 = math.inf, 0.0, 0.0, 0.0, 0.0
    way, since = 0.0, ts[0]
    for i in range(len(ts)):
        if quality[i] == no_fix or not (abs(lat[i]) <= rules.lat_max_deg and abs(lon[i]) <= rules.lon_max_deg):
            return math.nan
        if abs(lat[i]) < rules.null_island_deg and abs(lon[i]) < rules.null_island_deg:
            return math.nan
        if i == 0:
            continue
        if ts[i] <= ts[i - 1]:
            return math.nan
        middle = 0.5 * (lat[i - 1] + lat[i])
        if not abs(middle - anchor) < _CLOSE_DEG:
            anchor = middle
            north0, north1, east0, east1 = _metres_per_deg(anchor, a, es)
        north = (lat[i] - lat[i - 1]) * (north0 + north1 * (middle - anchor))
        east = (lon[i] - lon[i - 1]) * (east0 + east1 * (middle - anchor))
        step = math.sqrt(north * north + east * east)
        fast = speed[i - 1]
        if not fast >= speed[i]:
            fast = speed[i] if speed[i] == speed[i] else fast
        limit = rules.factor * fast + rules.slack_mps if abs(fast) < math.inf else rules.limit_mps
        held = min(float(ts[i - 1] - since), rules.held_ms)
        if not step <= limit * ((ts[i] - ts[i - 1] + held) / 1000.0) + rules.slack_m or step > short_m:
            return math.nan
        if step > 0.0:
            since = ts[i]
        way += step
    return way
