"""Flow meter against tank: two totals that must agree, else a calibration is wrong or something leaks."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TankRules:
    """When the two totals disagree.

    Attributes:
        begin_pct: Relative difference above which they do.
        end_pct: Relative difference up to which they agree again.
        least_l: Nothing is said before so much was released: levels are rounded.
        resolution_l: A difference up to this is rounding.
    """

    begin_pct: float = 5.0
    end_pct: float = 4.0
    least_l: float = 3.0
    resolution_l: float = 0.2


GAP_MS = 2_000
"""Over a longer step nobody knows what flowed: neither total counts it."""
REFILL_L = 0.5
"""A level that rises by more than this was filled up: both totals start anew."""


@dataclass(frozen=True, slots=True)
class Tank:
    """Litres since the last refill by the flow meter and by the level, and the last fix that told both."""

    flow_l: float = 0.0
    drop_l: float = 0.0
    ts_ms: int = -1
    flow_lpm: float = math.nan
    tank_l: float = math.nan

    def after(self, ts_ms: int, *, on: bool, flow_lpm: float, tank_l: float) -> Tank:
        """After one more fix; one that does not tell level and flow leaves a gap."""
        flow_lpm = 0.0 if not on else flow_lpm
        if math.isnan(flow_lpm) or math.isnan(tank_l):
            return self
        if tank_l - self.tank_l > REFILL_L:
            return Tank(0.0, 0.0, ts_ms, flow_lpm, tank_l)
        step = ts_ms - self.ts_ms
        if self.ts_ms < 0 or step > GAP_MS:
            return Tank(self.flow_l, self.drop_l, ts_ms, flow_lpm, tank_l)
        flow = self.flow_l + self.flow_lpm * step / 60_000.0
        return Tank(flow, self.drop_l + self.tank_l - tank_l, ts_ms, flow_lpm, tank_l)

    def mismatch_pct(self, rules: TankRules) -> float | None:
        """Difference of the totals in percent of the larger one; None while too little was released to tell."""
        larger = max(self.flow_l, self.drop_l)
        if larger < rules.least_l:
            return None
        apart = abs(self.flow_l - self.drop_l)
        return 100.0 * apart / larger if apart > rules.resolution_l else 0.0
