"""What comes out of nozzles and spreaders: the flow of one sortie over time, and its integral.

The flow wanted is dose × speed × swath × 0.006 L/min (kg/min for a spreader; 60 s/min over 10,000 m²/ha). The valve
acts after a dead time, and the flow then rises or falls in a straight line within the response time. So the flow is a
broken line over time, its integral exact, and the whole of a run's volume is wanted flow × time switched on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Floats, Ints

_SHORTEST_RAMP_MS: Final = 1


@dataclass(frozen=True, slots=True)
class Valve:
    """How late the implement acts: a dead time, and the time in which the flow then rises or falls, in ms."""

    delay_ms: int = 0
    response_ms: int = 0

    @property
    def lag_ms(self) -> int:
        """From a switch to half of the flow: where the treated strip begins and ends."""
        return self.delay_ms + self.response_ms // 2


@dataclass(frozen=True, slots=True)
class Run:
    """A run with the implement switched on: instants in ms, the flow wanted in L/min or kg/min."""

    on_ms: int
    off_ms: int
    flow: float


@dataclass(frozen=True, slots=True, eq=False)
class Outflow:
    """The true flow of a sortie as a broken line, and what has come out until each of its corners, shape (k,)."""

    times_ms: Ints
    flow: Floats
    out: Floats
    slope: Floats

    @classmethod
    def of(cls, runs: Sequence[Run], valve: Valve) -> Outflow:
        """The outflow of some runs; where two ramps overlap, flows add up."""
        if not runs:
            zero = np.zeros(1)
            return cls(np.zeros(1, np.int64), zero, zero, zero)
        ramp = max(valve.response_ms, _SHORTEST_RAMP_MS)
        on = np.array([run.on_ms for run in runs], np.int64) + valve.delay_ms
        off = np.array([run.off_ms for run in runs], np.int64) + valve.delay_ms
        bend = np.array([run.flow for run in runs]) / ramp
        times = np.concatenate([on, on + ramp, off, off + ramp])
        bends = np.concatenate([bend, -bend, -bend, bend])
        order = np.argsort(times, kind="stable")
        times, slope = times[order], np.cumsum(bends[order])
        steps = np.diff(times).astype(np.float64)
        flow = np.concatenate([[0.0], np.cumsum(slope[:-1] * steps)])
        out = np.concatenate([[0.0], np.cumsum((flow[:-1] + flow[1:]) / 2.0 * steps)]) / 60_000.0
        slope[-1], flow[-1] = 0.0, 0.0
        return cls(times, flow, out, slope)

    def at(self, ts_ms: Ints | Floats) -> tuple[Floats, Floats]:
        """Flow in L/min (kg/min) and litres (kg) that have come out until some instants, shape (n,) each."""
        piece = np.searchsorted(self.times_ms, ts_ms, side="right") - 1
        inside = piece >= 0
        piece = np.maximum(piece, 0)
        since = (ts_ms - self.times_ms[piece]) * inside
        slope = self.slope[piece]
        flow = np.maximum(self.flow[piece] + slope * since, 0.0)
        out = self.out[piece] + (self.flow[piece] + 0.5 * slope * since) * since / 60_000.0
        return flow, out

    @property
    def total(self) -> float:
        """Litres or kilograms of the whole sortie."""
        return float(self.out[-1])
