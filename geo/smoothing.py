"""Positions of a receiver without carrier-phase corrections, without their white noise, so that strips stay straight.

Each position within a pass becomes the mean of the five around it (three beside an end; the ends stay). White noise of
4 cm makes a track of 1.2 m steps longer, and turns its swath at every fix; the mean leaves 1.8 cm of it. A position
that the mean would move far does not move: that is a turn, not noise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from geo.compiled import compiled
from geo.passes import Steps

FARTHEST_M: Final = 0.25
"""Noise moves no position by more than this (six times the white noise of a good single receiver)."""


def smoothed(steps: Steps) -> Steps:
    """The same steps between smoothed positions; each run of steps is smoothed for itself."""
    if len(steps) <= 1:
        return steps
    x0, y0, x1, y1 = steps.x0.copy(), steps.y0.copy(), steps.x1.copy(), steps.y1.copy()
    smooth_runs(steps.x0, steps.y0, steps.x1, steps.y1, steps.run, FARTHEST_M, x0, y0, x1, y1)
    return replace(steps, x0=x0, y0=y0, x1=x1, y1=y1)


@compiled
def smooth_runs(  # noqa: PLR0917 - columns
    x0: Any, y0: Any, x1: Any, y1: Any, run: Any, farthest_m: float, sx0: Any, sy0: Any, sx1: Any, sy1: Any
) -> None:
    """Fill the columns of smoothed starts and ends: joint k is the start of step k, the end of step k - 1."""
    n = len(run)
    for k in range(1, n):
        if run[k] != run[k - 1]:
            continue
        x, y, count = x0[k] + x0[k - 1] + x1[k], y0[k] + y0[k - 1] + y1[k], 3
        if k >= 2 and run[k - 2] == run[k] and k + 1 < n and run[k + 1] == run[k]:  # noqa: PLR2004 - two beyond
            x, y, count = x + x0[k - 2] + x1[k + 1], y + y0[k - 2] + y1[k + 1], 5
        x, y = x / count, y / count
        if (x - x0[k]) ** 2 + (y - y0[k]) ** 2 <= farthest_m * farthest_m:
            sx0[k], sy0[k] = x, y
            sx1[k - 1], sy1[k - 1] = x, y
