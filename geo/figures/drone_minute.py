"""A drone's flying by the minute: what long spans are drawn from, where every fix would be too much.

Litres, kilograms and time are those of the treated steps that the sprayed area is computed from (hold rule, exact
events, gap rule), so that the minutes of a flight add up to its figures. A step belongs to the minute in which it
begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.coverage import Flight
from core.model.figures import Figures, Value
from core.model.fixtable import FixTable, Floats, Ints
from core.model.samples import NAN, Event
from geo.cleaning import Cleaned, clean
from geo.context.released import MINUTE_MS, litres_of
from geo.figures.settling import standing_row
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps
from geo.projection import LocalPlane, steps_m

MEASUREMENT: Final = "drone_minute"
MOVING_MPS: Final = 0.5
"""Slower than this, a drone hovers: it does not count in the mean speed."""
_DEFAULTS: Final = Parameters()


@dataclass(frozen=True, slots=True)
class Flown:
    """A flight with its fixes and events."""

    flight: Flight
    fixes: FixTable
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class _Minute:
    """Sums and last values of one minute; NaN where nothing tells. ``speeds`` is a sum over ``moving`` fixes."""

    fixes: float
    on_s: float
    distance_m: float
    volume_l: float
    mass_kg: float
    speeds: float
    moving: float
    battery_pct: float
    tank_l: float
    tank_kg: float
    lon: float
    lat: float

    def then(self, later: _Minute) -> _Minute:
        """This part of a minute and a later one as one."""
        return _Minute(
            *(_sum(getattr(self, n), getattr(later, n)) for n in _SUMS),
            *(_later(getattr(self, n), getattr(later, n)) for n in _LAST),
        )

    def values(self) -> dict[str, Value]:
        """The fields of its row."""
        told: dict[str, Value] = {n: getattr(self, n) for n in (*_SUMS, *_LAST) if n not in {"speeds", "moving"}}
        return told | {"speed_mps": self.speeds / self.moving if self.moving else NAN}


_SUMS: Final = ("fixes", "on_s", "distance_m", "volume_l", "mass_kg", "speeds", "moving")
_LAST: Final = ("battery_pct", "tank_l", "tank_kg", "lon", "lat")


def minute_rows(
    flown: Iterable[Flown], window_ms: tuple[int, int], parameters: Parameters = _DEFAULTS
) -> list[Figures]:
    """The minutes of one drone that begin in a window; see docs/dashboards-data.md.

    Args:
        flown: All its flights that touch one of these minutes, whole: two of them may share a minute.
        window_ms: First and last ms; the first is the beginning of a minute.
        parameters: Of the sprayed area's computation.
    """
    found: dict[tuple[int, str], _Minute] = {}
    device = ""
    for it in sorted(flown, key=lambda f: (f.flight.start_ms, f.flight.flight)):
        device = it.flight.device
        for at_ms, minute in _minutes(it, parameters):
            if window_ms[0] <= at_ms <= window_ms[1]:
                key = at_ms, it.flight.op.word
                found[key] = found[key].then(minute) if key in found else minute
    return [
        standing_row(MEASUREMENT, at_ms, {"device": device, "operation": op}, found[at_ms, op].values())
        for at_ms, op in sorted(found)
    ]


def _minutes(it: Flown, parameters: Parameters) -> Iterator[tuple[int, _Minute]]:
    """The minutes of one flight, each with its beginning in ms, in order."""
    cleaned = clean(it.fixes)
    fixes = cleaned.fixes
    if not len(fixes):
        return
    plane = LocalPlane.around(float(np.median(fixes.lon_deg)), float(np.median(fixes.lat_deg)))
    steps = treated_steps(cleaned, *plane.xy(fixes.lon_deg, fixes.lat_deg), parameters, it.events)
    length_m, speed_mps = _moved(cleaned)
    minute = fixes.ts_ms // MINUTE_MS
    edges: Ints = np.concatenate([[0], np.flatnonzero(np.diff(minute)) + 1, [len(fixes)]])
    treated = _Treated.of(fixes, steps)
    for first, end in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        number, rows = int(minute[first]), slice(first, end)
        moving = speed_mps[rows] > MOVING_MPS
        yield (
            number * MINUTE_MS,
            _Minute(
                float(end - first),
                treated.seconds(number),
                float(length_m[rows].sum()),
                treated.released(number, treated.litres, fixes.flow_lpm[rows]),
                treated.released(number, treated.kilograms, fixes.rate_kgpm[rows]),
                float(speed_mps[rows][moving].sum()),
                float(np.count_nonzero(moving)),
                *(_last(getattr(fixes, n)[rows]) for n in ("battery_pct", "tank_l", "tank_kg", "lon_deg", "lat_deg")),
            ),
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Treated:
    """Treated steps with the number of the minute in which each begins; shape (k,)."""

    minute: Ints
    dt_s: Floats
    litres: Floats
    kilograms: Floats

    @classmethod
    def of(cls, fixes: FixTable, steps: Steps) -> _Treated:
        """What the steps of a table released; a step that is told by the fix behind it begins before that one."""
        minute = (steps.start_ms // MINUTE_MS).astype(np.int64)
        return cls(minute, steps.dt_s, litres_of(fixes, steps), fixes.rate_kgpm[steps.row] * steps.dt_s / 60.0)

    def seconds(self, minute: int) -> float:
        """Seconds with the implement on."""
        return float(self.dt_s[self.minute == minute].sum())

    def released(self, minute: int, amount: Floats, told: Floats) -> float:
        """An amount of a minute; NaN where neither a step nor a fix tells it."""
        mine = amount[self.minute == minute]
        if not np.isfinite(mine).any():
            return 0.0 if np.isfinite(told).any() else NAN
        return float(np.nansum(mine))


def _moved(cleaned: Cleaned) -> tuple[Floats, Floats]:
    """Metres from each fix to the next, and its speed in m/s: as told, else by these metres; shape (n,)."""
    fixes = cleaned.fixes
    metres = steps_m(fixes.lon_deg, fixes.lat_deg)
    metres[cleaned.breaks[1:]] = 0.0
    length_m: Floats = np.concatenate([metres, [0.0]])
    dt_s = np.diff(fixes.ts_ms, append=fixes.ts_ms[-1]) / 1_000.0
    made = np.divide(length_m, dt_s, out=np.zeros(len(fixes)), where=dt_s > 0.0)
    return length_m, np.where(np.isfinite(fixes.speed_mps), fixes.speed_mps, made)


def _last(values: Floats) -> float:
    told = values[np.isfinite(values)]
    return float(told[-1]) if len(told) else NAN


def _later(value: float, later: float) -> float:
    return value if math.isnan(later) else later


def _sum(value: float, other: float) -> float:
    """A sum of what is told."""
    return value if math.isnan(other) else other if math.isnan(value) else value + other
