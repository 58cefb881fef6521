"""What the sprayed area is computed with: every choice that is not in the data."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """Choices of one computation; NaN means "not chosen".

    Attributes:
        swath_m: Swath width that overrides what the fixes say, sections included.
        default_swath_m: Swath width where a fix says none: the device's, or its model's.
        bridge_s: Longest gap in the telemetry that is bridged when the implement was on at both ends.
        gap_min_s: A step longer than this is a gap, unless the device is as slow as that.
        gap_factor: A step longer than this many median steps is a gap.
        turn_deg: A heading change above this ends a pass.
        min_step_m: Steps shorter than this are joined, so that a hovering drone's noise does not turn its swath.
        simplify_m: Steps along a straight line become one where no position lies farther beside it; 0 keeps all.
        smooth: Take the white noise off positions of receivers without corrections first; not where all are kept.
        open_m: Missed parts narrower than twice this are not drawn (their area counts all the same).
        assume_on: Take every fix as treating, for logs that do not tell.
        expected: Say also what net area is to be expected in truth; it costs forty computations.
        keep_untouched: List plots that were not touched too, with nothing treated.
    """

    swath_m: float = math.nan
    default_swath_m: float = math.nan
    bridge_s: float = 25.0
    gap_min_s: float = 1.0
    gap_factor: float = 2.5
    turn_deg: float = 90.0
    min_step_m: float = 0.1
    simplify_m: float = 0.05
    smooth: bool = True
    open_m: float = 0.3
    assume_on: bool = False
    keep_untouched: bool = False
    expected: bool = True
