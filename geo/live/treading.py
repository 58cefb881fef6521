"""The first stages of batch over the rows of a tail in which nothing is to be cleaned, compiled: up to treated steps.

What each part does, and why, stands in :mod:`geo.cleaning` and :mod:`geo.passes`. Tests hold both ways against each
other.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from geo import cleaning as c
from geo import passes as p
from geo.compiled import compiled
from geo.live.columns import FLOW, LABEL, ON, RATE, SPEED, STEP, TS, WIDTH, X, Y
from geo.projection import SHORT_M

LIMIT_MPS, FACTOR, SLACK_MPS, SLACK_M = c.LIMIT_MPS, c.REPORTED_FACTOR, c.REPORTED_SLACK_MPS, c.SLACK_M
HELD_MS, FAST_MPS = c.HELD_S * 1000.0, c.LIMIT_MPS / 3.0
SLOWEST, FASTEST, BRIDGE_MPS = p.BRIDGE_SLOWEST, p.BRIDGE_FASTEST, p.BRIDGE_SLACK_MPS
EXPLAINED, MOVING, FAST, ODD = range(4)
CODE, X0, Y0, X1, Y1, BRIDGED, RUN, LITRES, KILOGRAMS, ROW, SEGMENT, END, LENGTH, SPREAD = range(14)
"""Columns of treated steps and of straight runs: width in m, ends, whether bridged, number of the run, amounts, the row
that tells them, the segment and the share of it at which a step ends, the length in m between places as told, and two
for the relative variance of the dose by litres and by kilograms."""
STEP_COLUMNS = 15


class Rules(NamedTuple):
    """What the tail is computed by."""

    trusted: bool
    gap_s: float
    bridge_s: float
    min_step_m: float
    tolerance_m: float
    stretch: float
    smooth: bool
    least_cos: float


@compiled
def _larger(a: float, b: float) -> float:
    """The larger of two numbers, or the one that is told."""
    if math.isnan(a) or b > a:
        return b
    return a


@compiled
def look(rows: Any, lead: int, trusted: bool, counts: Any) -> bool:  # noqa: FBT001 - numba
    """Count steps as :class:`geo.live.tally.Counts` has them; whether there is nothing to clean."""
    plain, since = not math.isnan(rows[0, STEP]) or len(rows) == 1, 0
    counts[:] = 0
    for i in range(1, len(rows)):
        way = rows[i, STEP]
        if not way <= SHORT_M or rows[i, TS] <= rows[i - 1, TS]:
            return False
        held = min(rows[i - 1, TS] - rows[since, TS], HELD_MS)
        dt_s = (rows[i, TS] - rows[i - 1, TS] + held) / 1000.0
        speed = _larger(rows[i - 1, SPEED], rows[i, SPEED])
        limit = FACTOR * speed + SLACK_MPS if abs(speed) < math.inf else LIMIT_MPS
        explained, possible = way <= limit * dt_s + SLACK_M, way <= LIMIT_MPS * dt_s + SLACK_M
        plain = plain and (explained if trusted else possible)
        if way > 0.0:
            since = i
        if i > lead:
            counts[EXPLAINED] += explained
            counts[MOVING] += way > 0.0
            counts[FAST] += way > 0.0 and way >= FAST_MPS * dt_s
            counts[ODD] += not possible
    return plain


@compiled
def tread(rows: Any, lead: int, switches: Any, rules: Rules, width_m: float, steps: Any) -> int:  # noqa: PLR0917
    """Fill the treated steps, shape (m, 15), those of rows before ``lead`` too; how many there are.

    −1 where one has no width. ``switches`` has rows of time and 1 for on, 0 for off, in order of time.
    """
    m, e = 0, 0
    for i in range(len(rows) - 1):
        if rows[i, WIDTH] == rows[i, WIDTH]:
            width_m = rows[i, WIDTH]
        while e < len(switches) and switches[e, 0] < rows[i, TS]:
            e += 1
        first = e
        while e < len(switches) and switches[e, 0] < rows[i + 1, TS]:
            e += 1
        if rows[i, LABEL] != rows[i + 1, LABEL]:
            continue
        dt_s = (rows[i + 1, TS] - rows[i, TS]) / 1000.0
        if dt_s > rules.gap_s:
            if rows[i, ON] > 0.0 and _bridged(rows, i, dt_s, rules.bridge_s) and not _switched_off(switches, first, e):
                m = _step(rows, i, 0.0, 1.0, width_m, steps, m)
                steps[m - 1, BRIDGED] = 1.0
            continue
        m = _intervals(rows, i, switches[first:e], width_m, steps, m)
    for k in range(m):
        if math.isnan(steps[k, CODE]) and steps[k, ROW] >= lead:
            return -1
    return m


@compiled
def _switched_off(switches: Any, first: int, end: int) -> bool:
    """Whether one of some switches is off."""
    off = False
    for k in range(first, end):
        off = off or switches[k, 1] == 0.0
    return off


@compiled
def _intervals(  # noqa: PLR0917 - numba
    rows: Any, i: int, switches: Any, width_m: float, steps: Any, m: int
) -> int:
    """Add the treated shares of a segment that is switched on the way; how many steps there are then."""
    on, start = rows[i, ON] > 0.0, 0.0
    for k in range(len(switches)):
        share = (switches[k, 0] - rows[i, TS]) / (rows[i + 1, TS] - rows[i, TS])
        if switches[k, 1] > 0.0 and not on:
            on, start = True, share
        elif switches[k, 1] == 0.0 and on:
            on = False
            if share > start:
                m = _step(rows, i, start, share, width_m, steps, m)
    return _step(rows, i, start, 1.0, width_m, steps, m) if on else m


@compiled
def _bridged(rows: Any, i: int, dt_s: float, bridge_s: float) -> bool:
    """Whether a gap that begins with the implement on is treated."""
    if not rows[i + 1, ON] > 0.0 or dt_s > bridge_s:
        return False
    implied = math.hypot(rows[i + 1, X] - rows[i, X], rows[i + 1, Y] - rows[i, Y]) / dt_s
    fast = _larger(rows[i, SPEED], rows[i + 1, SPEED])
    if not abs(fast) < math.inf:
        return bool(implied <= LIMIT_MPS)
    slow = -_larger(-rows[i, SPEED], -rows[i + 1, SPEED])
    return bool(SLOWEST * slow - BRIDGE_MPS <= implied <= FASTEST * fast + BRIDGE_MPS)


@compiled
def _step(  # noqa: PLR0917 - numba
    rows: Any, i: int, start: float, end: float, width_m: float, steps: Any, m: int
) -> int:
    """Add the step from share ``start`` to ``end`` of a segment; how many there are then."""
    dx, dy = rows[i + 1, X] - rows[i, X], rows[i + 1, Y] - rows[i, Y]
    row = i
    if start > 0.0 and not rows[i, ON] > 0.0 and rows[i + 1, ON] > 0.0:
        row = i + 1
        if rows[row, WIDTH] == rows[row, WIDTH]:
            width_m = rows[row, WIDTH]
    step = steps[m]
    step[CODE], step[ROW], step[BRIDGED], step[SEGMENT], step[END] = width_m, row, 0.0, i, end
    step[X0], step[Y0] = rows[i, X] + start * dx, rows[i, Y] + start * dy
    step[X1] = rows[i + 1, X] if end == 1.0 else rows[i, X] + end * dx
    step[Y1] = rows[i + 1, Y] if end == 1.0 else rows[i, Y] + end * dy
    minutes = (end - start) * (rows[i + 1, TS] - rows[i, TS]) / 60_000.0
    step[LITRES], step[KILOGRAMS] = rows[row, FLOW] * minutes, rows[row, RATE] * minutes
    step[RUN], step[LENGTH], step[SPREAD], step[SPREAD + 1] = 0.0, 0.0, 0.0, 0.0
    if m > 0:
        follows = start == 0.0 and steps[m - 1, SEGMENT] == i - 1 and steps[m - 1, END] == 1.0
        step[RUN] = steps[m - 1, RUN] + (0.0 if follows else 1.0)
    return m + 1
