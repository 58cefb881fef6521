"""The last stages of batch over the treated steps of a tail, compiled: straight runs, and the pieces that they sweep.

What each part does, and why, stands in :mod:`geo.track` and :mod:`geo.pieces`; runs are found by the same compiled
functions as there. Tests hold both ways against each other.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from geo.compiled import compiled
from geo.live.columns import KIND
from geo.live.treading import CODE, KILOGRAMS, LENGTH, LITRES, ROW, RUN, SPREAD, X0, X1, Y0, Y1, Rules
from geo.merging import POINT_M, spread_over
from geo.sleeve import fit_runs
from geo.smoothing import FARTHEST_M, smooth_runs
from geo.track import group_short

AMOUNTS = 2


@compiled
def straighten(steps: Any, lead: int, rules: Rules) -> Any:
    """The straight runs that steps become, columns as theirs; those of rows before ``lead`` only lead in."""
    x0, y0, x1, y1 = steps[:, X0].copy(), steps[:, Y0].copy(), steps[:, X1].copy(), steps[:, Y1].copy()
    if rules.smooth and len(steps) > 1:
        run = steps[:, RUN].copy()
        smooth_runs(x0.copy(), y0.copy(), x1.copy(), y1.copy(), run, FARTHEST_M, x0, y0, x1, y1)
    first = 0
    while first < len(steps) and steps[first, ROW] < lead:
        first += 1
    kept = steps[first:].copy()
    starts = np.ones(len(kept), np.bool_)
    columns = kept[:, X0].copy(), kept[:, Y0].copy(), kept[:, X1].copy(), kept[:, Y1].copy()
    if _measured(kept) < rules.min_step_m:
        group_short(*columns, _follows(kept), rules.min_step_m, starts)
    short = _joined(kept, starts)
    _measured(short)
    kept[:, X0], kept[:, Y0], kept[:, X1], kept[:, Y1] = x0[first:], y0[first:], x1[first:], y1[first:]
    kept = _joined(kept, starts)
    kept[:, LENGTH] = short[:, LENGTH]
    starts = np.ones(len(kept), np.bool_)
    if len(kept) > 1 and rules.tolerance_m > 0.0:
        columns = kept[:, X0].copy(), kept[:, Y0].copy(), kept[:, X1].copy(), kept[:, Y1].copy()
        fit_runs(*columns, _released(kept), _follows(kept), rules.tolerance_m, rules.stretch, starts)
    found = _joined(kept, starts)
    begins, total, variance = np.flatnonzero(starts), np.empty(len(found)), np.empty(len(found))
    for which in range(AMOUNTS):
        spread_over(kept[:, LITRES + which].copy(), kept[:, LENGTH].copy(), begins, total, variance)
        found[:, SPREAD + which] = variance
    return found


@compiled
def _follows(steps: Any) -> Any:
    """Whether each step goes on from the one before it, in the same layout."""
    follows = np.zeros(len(steps), np.bool_)
    for k in range(1, len(steps)):
        follows[k] = steps[k, RUN] == steps[k - 1, RUN] and steps[k, CODE] == steps[k - 1, CODE]
    return follows


@compiled
def _released(steps: Any) -> Any:
    """What each step released: litres, or kilograms where no litres are told."""
    litres = steps[:, LITRES].copy()
    for k in range(len(steps)):
        if not math.isnan(litres[k]):
            return litres
    return steps[:, KILOGRAMS].copy()


@compiled
def _measured(steps: Any) -> float:
    """Fill the lengths of steps; the shortest."""
    least = math.inf
    for k in range(len(steps)):
        dx, dy = steps[k, X1] - steps[k, X0], steps[k, Y1] - steps[k, Y0]
        steps[k, LENGTH] = math.sqrt(dx * dx + dy * dy)
        least = min(least, steps[k, LENGTH])
    return least


@compiled
def _joined(steps: Any, starts: Any) -> Any:
    """One step in the place of each group; an amount is told where any of the group tells one."""
    found = np.empty((int(starts.sum()), steps.shape[1]))
    n = -1
    for k in range(len(steps)):
        if starts[k]:
            n += 1
            found[n] = steps[k]
            continue
        found[n, X1], found[n, Y1] = steps[k, X1], steps[k, Y1]
        for column in (LITRES, KILOGRAMS):
            if math.isnan(found[n, column]):
                found[n, column] = steps[k, column]
            elif not math.isnan(steps[k, column]):
                found[n, column] += steps[k, column]
    return found


@compiled
def lay(runs: Any, rows: Any, least_cos: float, pieces: Any, owner: Any) -> int:
    """Fill pieces, shape (3 per run, 14), as :func:`geo.live.growing.rows_of` has them, and the run of each."""
    n = 0
    a = np.zeros((len(runs) + 1, 2))
    normal = np.zeros((len(runs) + 1, 2))
    length = np.zeros(len(runs) + 1)
    joint = np.zeros(len(runs) + 1, np.int64)
    for k in range(len(runs)):
        dx, dy = runs[k, X1] - runs[k, X0], runs[k, Y1] - runs[k, Y0]
        length[k] = math.sqrt(dx * dx + dy * dy)
        if length[k] > POINT_M:
            normal[k, 0], normal[k, 1] = dy / length[k], -dx / length[k]
        a[k] = normal[k]
        if k == 0 or runs[k, RUN] != runs[k - 1, RUN] or not (length[k] > POINT_M and length[k - 1] > POINT_M):
            continue
        cos = normal[k, 0] * normal[k - 1, 0] + normal[k, 1] * normal[k - 1, 1]
        if cos >= least_cos:
            half_tan = math.sqrt(max(1.0 - cos, 0.0) / (1.0 + cos))
            reach = max(runs[k, CODE], runs[k - 1, CODE]) / 2.0
            gentle = reach * half_tan <= min(length[k], length[k - 1]) / 2.0
            joint[k] = 1 if gentle else 2
            a[k] = (normal[k] + normal[k - 1]) / (1.0 + cos)
    for k in range(len(runs)):
        kind, half = rows[int(runs[k, ROW]), KIND], runs[k, CODE] / 2.0
        at = runs[k, X0], runs[k, Y0]
        if joint[k] == 2:  # noqa: PLR2004 - a wedge
            turn = normal[k - 1, 0] * normal[k, 1] - normal[k - 1, 1] * normal[k, 0]
            far = half if turn > 0.0 else -half
            for side in (normal[k - 1], normal[k]):
                tip = at[0] + far * a[k, 0], at[1] + far * a[k, 1]
                out = at[0] + far * side[0], at[1] + far * side[1]
                n = _put(pieces, owner, n, k, out, tip, at, at, kind)
        begin = a[k] if joint[k] == 1 else normal[k]
        end = a[k + 1] if joint[k + 1] == 1 else normal[k]
        to = runs[k, X1], runs[k, Y1]
        if length[k] <= POINT_M:
            half, to = 0.0, at
        left0 = at[0] - half * begin[0], at[1] - half * begin[1]
        left1 = to[0] - half * end[0], to[1] - half * end[1]
        right1 = to[0] + half * end[0], to[1] + half * end[1]
        right0 = at[0] + half * begin[0], at[1] + half * begin[1]
        n = _put(pieces, owner, n, k, left0, left1, right1, right0, kind)
        row = pieces[n - 1]
        row[9], row[10], row[12], row[13] = runs[k, LITRES], runs[k, KILOGRAMS], runs[k, SPREAD], runs[k, SPREAD + 1]
    return n


@compiled
def _put(  # noqa: PLR0917 - numba
    pieces: Any, owner: Any, n: int, run: int, a: Any, b: Any, c: Any, d: Any, kind: float
) -> int:
    """Add a piece that tells no amount, turned so that its corners run anticlockwise; how many there are then."""
    area = 0.5 * ((c[0] - a[0]) * (d[1] - b[1]) - (c[1] - a[1]) * (d[0] - b[0]))
    if area < 0.0:
        a, b, c, d = d, c, b, a
    row = pieces[n]
    row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7] = a[0], a[1], b[0], b[1], c[0], c[1], d[0], d[1]
    row[8], row[9], row[10], row[11], row[12], row[13] = abs(area), math.nan, math.nan, kind, 0.0, 0.0
    owner[n] = run
    return n + 1
