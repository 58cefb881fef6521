"""The rows of a flight's tail as one array that grows in place: what the compiled tail reads."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from core.model.enums import FixQuality, Mode
from core.model.fixtable import FixTable, Floats
from core.model.samples import Event
from geo.cleaning import LAT_MAX_DEG, LON_MAX_DEG, NULL_ISLAND_DEG
from geo.compiled import compiled
from geo.engines.model import FAILSAFE, TRANSIT, WORK
from geo.layouts import told_widths
from geo.parameters import Parameters
from geo.projection import GEOD, LocalPlane
from geo.track import coarse_rows

TS, X, Y, STEP, SPEED, ON, FLOW, RATE, WIDTH, KIND, COARSE, LABEL = range(12)
COLUMNS: Final = 12
"""Columns of a row: time in ms, place in the plane in m, geodesic way in m from the row before (NaN: not usable), speed
in m/s, whether on, flow in l/min, rate in kg/min, swath width in m (NaN: not told), kind of work, whether the receiver
is coarse, and a number for boot and flight."""
_ROOM: Final = 512
_KIND_OF_MODE: Final = np.full(256, WORK, np.float64)
_KIND_OF_MODE[int(Mode.FAILSAFE)], _KIND_OF_MODE[int(Mode.RTL)] = FAILSAFE, TRANSIT


class TailColumns:
    """Rows in order of time. ``plain`` is False while a row has sections, which the compiled tail does not know."""

    def __init__(self, plane: LocalPlane, parameters: Parameters) -> None:
        """No row so far, in a plane."""
        self._plane = plane
        self._parameters = parameters
        self._rows = np.empty((_ROOM, COLUMNS))
        self._n = 0
        self._last: tuple[float, float] = (math.nan, math.nan)
        self._labels: dict[tuple[str, str], int] = {}
        self.plain = True

    def __len__(self) -> int:
        return self._n

    @property
    def rows(self) -> Floats:
        """The rows, shape (n, 12)."""
        return self._rows[: self._n]

    @property
    def tells(self) -> tuple[bool, bool]:
        """Whether rows tell litres, and kilograms."""
        return bool(np.isfinite(self.rows[:, FLOW]).any()), bool(np.isfinite(self.rows[:, RATE]).any())

    def agrees(self, switches: Sequence[Event]) -> bool:
        """Whether all switches are of the rows' only boot."""
        boots = {boot for boot, _ in self._labels}
        return len(boots) == 1 and all(not e.boot or e.boot in boots or boots == {""} for e in switches)

    def refill(self, fixes: FixTable) -> None:
        """Other rows in the place of all."""
        self._rows = np.empty((_ROOM, COLUMNS))
        self._n, self.plain, self._last = 0, True, (math.nan, math.nan)
        self._labels.clear()
        self.append(fixes)

    def drop(self, rows: int) -> None:
        """Forget the first rows; who holds the old ones keeps them as they are."""
        kept = self.rows[rows:]
        self._n = len(kept)
        self._rows = np.empty((max(self._n, _ROOM), COLUMNS))
        self._rows[: self._n] = kept

    def append(self, fixes: FixTable) -> None:
        """Put rows behind the others."""
        k, n = len(fixes), self._n
        if not k:
            return
        if n + k > len(self._rows):
            self._rows = np.concatenate([self.rows, np.empty((max(k, n) + _ROOM, COLUMNS))])
        part = self._rows[n : n + k]
        self._n = n + k
        part[:, TS] = fixes.ts_ms
        part[:, X], part[:, Y] = self._plane.xy(fixes.lon_deg, fixes.lat_deg)
        part[:, STEP] = self._way_m(fixes)
        part[:, SPEED], part[:, ON] = fixes.speed_mps, True if self._parameters.assume_on else fixes.on
        part[:, FLOW], part[:, RATE] = fixes.flow_lpm, fixes.rate_kgpm
        part[:, WIDTH] = self._widths_m(fixes)
        part[:, KIND] = _KIND_OF_MODE[fixes.mode]
        part[:, COARSE] = coarse_rows(fixes)
        part[:, LABEL] = self._label(fixes)
        self.plain &= int(fixes.sections.start[-1]) == 0

    def _way_m(self, fixes: FixTable) -> Floats:
        """The way to each row from the one before it; NaN where a row is not usable, 0 where none is before it."""
        ways = np.empty(len(fixes))
        lat, lon = fixes.lat_deg, fixes.lon_deg
        _fill_ways(lat, lon, fixes.quality, *self._last, int(FixQuality.NONE), GEOD.a, GEOD.es, ways)
        self._last = float(lat[-1]), float(lon[-1])
        return ways

    def _widths_m(self, fixes: FixTable) -> Floats | float:
        parameters = self._parameters
        if math.isfinite(parameters.swath_m):
            return parameters.swath_m
        return np.where(told_widths(fixes), fixes.swath_m, parameters.default_swath_m)

    def _label(self, fixes: FixTable) -> Floats | float:
        """A number for each text of boot and flight."""
        known = self._labels
        if len(fixes.boot.labels) == 1 and len(fixes.flight.labels) == 1:
            return float(known.setdefault((fixes.boot.labels[0], fixes.flight.labels[0]), len(known)))
        pairs = zip(fixes.boot.values(), fixes.flight.values(), strict=True)
        return np.array([known.setdefault(pair, len(known)) for pair in pairs], np.float64)


@compiled
def _fill_ways(  # noqa: PLR0917 - columns
    lat: Any, lon: Any, quality: Any, last_lat: float, last_lon: float, no_fix: int, a: float, es: float, ways: Any
) -> None:
    """Lengths as in :func:`geo.projection.steps_m`, of usable rows as in :func:`geo.cleaning.usable`."""
    for i in range(len(lat)):
        before_lat, before_lon = (lat[i - 1], lon[i - 1]) if i > 0 else (last_lat, last_lon)
        sound = abs(lat[i]) <= LAT_MAX_DEG and abs(lon[i]) <= LON_MAX_DEG and quality[i] != no_fix
        if not sound or (abs(lat[i]) < NULL_ISLAND_DEG and abs(lon[i]) < NULL_ISLAND_DEG):
            ways[i] = math.nan
            continue
        if math.isnan(before_lat):
            ways[i] = 0.0
            continue
        middle = math.radians((before_lat + lat[i]) / 2.0)
        bend = 1.0 - es * math.sin(middle) ** 2
        across = a / math.sqrt(bend)
        north = math.radians(lat[i] - before_lat) * across * (1.0 - es) / bend
        east = math.radians(lon[i] - before_lon) * across * math.cos(middle)
        ways[i] = math.sqrt(north * north + east * east)
