"""Straight runs of a track: neighbouring steps that one straight step replaces within a tolerance (sleeve fitting).

From an anchor, the directions in which a chord passes every point so far within the tolerance form a wedge that narrows
point by point (Zhao and Saalfeld 1997, sleeve fitting). A run ends where the next point leaves the wedge, or comes no
farther from the anchor: a way out and back is never one step. It ends, too, where the way over its points is longer
than the chord by more than noise makes it: chords of arcs are too short, and strips along them too small. And it ends
where what was released so far is not what an even release along it would have come to: a boundary may cut it anywhere,
and each side is to get its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from geo.compiled import compiled

STRETCH = 4e-4
"""By which share the way over a run's points may be longer than its chord: an arc of 10 m radius is 0.04 % longer over
a chord of a metre, white noise of 1 cm makes steps of 1.2 m longer by 0.007 %."""


UNEVEN_M, UNEVEN_SHARE = 0.4, 0.6
"""How many metres' worth of the run's highest release may lie elsewhere in it than an even release puts it; at least
this share of a step, for nobody knows where on it a meter went up."""
_NONE_M = 1e-6


def straight_runs(  # noqa: PLR0917 - columns
    x: Floats,
    y: Floats,
    x1: Floats,
    y1: Floats,
    amount: Floats,
    follows: Bools,
    tolerance_m: float,
    stretch: float = STRETCH,
) -> Ints:
    """First steps of the runs, in order.

    Args:
        x: Where each step starts, m; shape (k,), as are the others.
        y: The same.
        x1: Where each step ends.
        y1: The same.
        amount: What is released on each step, in any unit; NaN is nothing.
        follows: Whether a step goes on from the one before it, in the same layout.
        tolerance_m: How far a point may lie beside the chord of its run.
        stretch: By which share the way over the points may be longer than the chord.
    """
    starts = np.ones(len(x), np.bool_)
    if len(x) > 1 and tolerance_m > 0.0:
        fit_runs(x, y, x1, y1, amount, follows, tolerance_m, stretch, starts)
    return np.flatnonzero(starts)


@compiled
def fit_runs(  # noqa: PLR0917
    x: Any, y: Any, x1: Any, y1: Any, amount: Any, follows: Any, tolerance_m: float, stretch: float, starts: Any
) -> None:
    """Clear the mark of every step that goes on with a run."""
    anchor = 0
    left_x, left_y, right_x, right_y = 0.0, 0.0, 0.0, 0.0
    way, released, peak, least, most = 0.0, 0.0, 0.0, -np.inf, np.inf
    reach = -1.0
    for k in range(len(x)):
        dx, dy = x1[k] - x[anchor], y1[k] - y[anchor]
        far = np.sqrt(dx * dx + dy * dy)
        fits = k > anchor and follows[k] and far > reach
        if fits and reach > tolerance_m:
            fits = left_x * dy - left_y * dx <= 0.0 and right_x * dy - right_y * dx >= 0.0
        step = np.sqrt((x1[k] - x[k]) ** 2 + (y1[k] - y[k]) ** 2)
        fits = fits and way + step <= far * (1.0 + stretch)
        here = amount[k] if amount[k] > 0.0 else 0.0  # noqa: FURB136 - NaN is none
        rate = here / step if step > _NONE_M else 0.0
        if fits and way > _NONE_M:
            peak = max(peak, rate)
            slack, each = max(UNEVEN_M, UNEVEN_SHARE * step) * peak, 1.0 / way
            least, most = max(least, (released - slack) * each), min(most, (released + slack) * each)
            fits = least * (way + step) <= released + here <= most * (way + step)
        if fits:
            starts[k] = False
        else:
            anchor = k
            dx, dy = x1[k] - x[k], y1[k] - y[k]
            far = np.sqrt(dx * dx + dy * dy)
            reach = 0.0
            way, released, peak, least, most = 0.0, 0.0, rate, -np.inf, np.inf
        way += step
        released += here
        if far > tolerance_m:
            # the two directions that pass the new point at the tolerance, as vectors of length far²
            along = np.sqrt(dx * dx + dy * dy - tolerance_m * tolerance_m)
            lx, ly = along * dx - tolerance_m * dy, along * dy + tolerance_m * dx
            rx, ry = along * dx + tolerance_m * dy, along * dy - tolerance_m * dx
            if reach <= tolerance_m or left_x * ly - left_y * lx < 0.0:
                left_x, left_y = lx, ly
            if reach <= tolerance_m or right_x * ry - right_y * rx > 0.0:
                right_x, right_y = rx, ry
        reach = max(reach, far)
