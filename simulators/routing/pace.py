"""How long a route takes: the cost by which directions and orders of lines are chosen.

The formulas are those of :mod:`simulators.flying.trajectory` without its rounding to whole milliseconds (a test
compares the two): a line is flown from standing to standing, with a ramp and a steady run before the pump goes on and
after it goes off; from one line to the next the drone flies from standing to standing and turns its nose.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from simulators.routing.line import Line


@dataclass(frozen=True, slots=True)
class Pace:
    """What a route is planned for: speed over the crop and on transit in m/s, acceleration, turning of the nose."""

    speed_mps: float = 6.0
    accel_mps2: float = 2.5
    transit_mps: float = 8.0
    turn_dps: float = 90.0
    steady_ms: int = 600

    @property
    def room_m(self) -> float:
        """How much straight way a line takes before its start and behind its end."""
        return self.speed_mps * (math.ceil(self.speed_mps / self.accel_mps2 * 1000.0) / 2 + self.steady_ms) / 1000.0

    def run_s(self, length_m: float) -> float:
        """How long a line of this length takes, from standing before it to standing behind it."""
        return length_m / self.speed_mps + 2.0 * (self.speed_mps / self.accel_mps2 + self.steady_ms / 1000.0)

    def hop_s(self, distance_m: float) -> float:
        """How long a way from standing to standing takes with the pump off."""
        ramp_s = self.transit_mps / self.accel_mps2
        if distance_m < self.transit_mps * ramp_s:
            return 2.0 * math.sqrt(distance_m / self.accel_mps2)
        return distance_m / self.transit_mps + ramp_s

    def turn_s(self, swath_m: float) -> float:
        """What one line more costs beside its length: its ramps, the step to the next line, half a turn."""
        return self.run_s(0.0) + self.hop_s(swath_m) + 180.0 / self.turn_dps

    def flying_s(self, lines: Sequence[Line]) -> float:
        """How long some lines take in their order, from standing before the first to standing behind the last."""
        seconds = sum(self.run_s(line.length_m) for line in lines)
        for a, b in pairwise(lines):
            way = math.dist(a.point(a.length_m + self.room_m), b.point(-self.room_m))
            turn = math.atan2(a.ux * b.uy - a.uy * b.ux, a.ux * b.ux + a.uy * b.uy)
            seconds += self.hop_s(way) + abs(math.degrees(turn)) / self.turn_dps
        return seconds
