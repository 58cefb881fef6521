"""What the errors of receivers, gaps, switches and booms are taken to be: every figure that is not in the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.model.enums import FixQuality

SLOW_SD_M: Mapping[int, float] = {
    FixQuality.RTK: 0.017,
    FixQuality.FLOAT: 0.25,
    FixQuality.DGPS: 0.5,
    FixQuality.SINGLE: 1.0,
    FixQuality.NONE: 1.0,
    FixQuality.UNKNOWN: 1.0,
}
"""Standard deviation per axis of a receiver's slow error, by the quality that it claims; untold counts as single."""

COARSE_SD_M = 0.1


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Choices of the expected net area. An sd, chance or span of 0 switches its part off.

    Attributes:
        draws: How many times the area is computed with errors drawn anew.
        slow_sd_m: Standard deviation per axis of the slow error, by quality.
        slow_sd_unsure: How well those are known of one receiver on one flight: relative standard deviation, lognormal.
        slow_tau_s: Correlation time of the slow error (first-order Gauss-Markov).
        smooth_s: Positions are smoothed by straight lines over the longest of these times that a track is straight for.
        simplify_m: How far a simplified pass may lie from the smoothed one.
        simplify_coarse_m: The same where the slow error is more than ``COARSE_SD_M``, and nobody would see it.
        knot_s: Longest time between two cross-sections that errors move.
        bridge_off: Chance that a bridged gap was not treated.
        open_s: A gap that is not bridged may have been treated for so long before or after it.
        edge_chance: Chance that a pass whose end was lost in a gap reached its plot's edge, as far as the gap allows.
        turn_s: What a turn takes in a gap between two treated passes, where the flight has too few of its own to tell.
        sampling: Whether ends that no event tells are jittered within a step.
        swath_sd: Relative standard deviation of the swath width, one for each flight and draw.
        latency_s: How long the spray lags behind the switch.
        latency_sd_s: Its standard deviation, one for each flight and draw.
        manual_wander_m: How near a person keeps the drone to the line, as a standard deviation.
        manual_left_m: What smoothing leaves of a receiver's white noise in the log of a person's flight, as a standard
            deviation: no drawn error stands for it, so it makes the interval wider.
    """

    draws: int = 40
    slow_sd_m: Mapping[int, float] = field(default_factory=lambda: SLOW_SD_M)
    slow_sd_unsure: float = 0.1
    slow_tau_s: float = 60.0
    smooth_s: tuple[float, ...] = (0.6, 1.0, 5.0)
    simplify_m: float = 0.01
    simplify_coarse_m: float = 0.05
    knot_s: float = 2.0
    bridge_off: float = 0.005
    open_s: float = 25.0
    edge_chance: float = 0.8
    turn_s: float = 6.0
    sampling: bool = True
    swath_sd: float = 0.0
    latency_s: float = 0.0
    latency_sd_s: float = 0.0
    manual_wander_m: float = 0.5
    manual_left_m: float = 0.009
