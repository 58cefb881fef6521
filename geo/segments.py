"""Treated steps in one compiled look over the rows of a table whose segments no event cuts.

What is treated, and why, stands in :mod:`geo.passes`, which finds the same column by column where nothing is compiled.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from core.model.fixtable import Bools, FixTable, Floats
from geo.compiled import compiled


class Gaps(NamedTuple):
    """What a gap is, and which are bridged: see :class:`geo.parameters.Parameters` and :mod:`geo.passes`."""

    limit_s: float
    bridge_s: float
    slowest: float
    fastest: float
    slack_mps: float
    limit_mps: float


def treated(  # noqa: PLR0917 - columns
    fixes: FixTable, breaks: Bools, x: Floats, y: Floats, on: Bools, gaps: Gaps
) -> tuple[Any, ...]:
    """Columns of the treated steps, in the order of :class:`geo.passes.Steps`, each of shape (k,)."""
    n = len(fixes)
    whole, flags = np.empty((2, n), np.int64), np.empty(n, np.bool_)
    numbers = np.empty((6, n))
    told = (fixes.ts_ms, x, y, fixes.speed_mps, on, breaks, fixes.boot.codes, fixes.flight.codes)
    k = _fill(*told, gaps, whole, numbers, flags)
    row, run = whole[:, :k]
    x0, y0, x1, y1, dt_s, start_ms = numbers[:, :k]
    return row, x0, y0, x1, y1, dt_s, flags[:k], run, start_ms


@compiled
def mostly_within(ts_ms: Any, step_ms: float) -> bool:
    """Whether most of the steps of time that are above 0 are no longer than this."""
    short, positive = 0, 0
    for i in range(1, len(ts_ms)):
        step = ts_ms[i] - ts_ms[i - 1]
        positive += step > 0
        short += 0 < step <= step_ms
    return 2 * short > positive


@compiled
def _fill(  # noqa: PLR0917 - columns
    ts: Any,
    x: Any,
    y: Any,
    speed: Any,
    on: Any,
    breaks: Any,
    boot: Any,
    flight: Any,
    gaps: Gaps,
    whole: Any,
    numbers: Any,
    bridged: Any,
) -> int:
    """Fill the columns; how many steps there are."""
    k, run, after = 0, 0, -1
    for i in range(len(ts) - 1):
        if not on[i] or breaks[i + 1] or boot[i] != boot[i + 1] or flight[i] != flight[i + 1]:
            continue
        dt_s = (ts[i + 1] - ts[i]) / 1000.0
        bridge = dt_s > gaps.limit_s
        if bridge and not (on[i + 1] and dt_s <= gaps.bridge_s):
            continue
        if bridge and not _fits(math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]) / dt_s, speed[i], speed[i + 1], gaps):
            continue
        run += i != after
        after = i + 1
        whole[0, k], whole[1, k] = i, run
        numbers[0, k], numbers[1, k], numbers[2, k], numbers[3, k] = x[i], y[i], x[i + 1], y[i + 1]
        numbers[4, k], numbers[5, k] = dt_s, ts[i]
        bridged[k] = bridge
        k += 1
    return k


@compiled
def _fits(implied: float, one: float, other: float, gaps: Gaps) -> bool:
    """Whether the speed of a straight line fits those reported at its ends; where none is, what no machine exceeds."""
    slow = other if math.isnan(one) or other < one else one
    fast = other if math.isnan(one) or other > one else one
    if not abs(fast) < math.inf:
        return implied <= gaps.limit_mps
    return gaps.slowest * slow - gaps.slack_mps <= implied <= gaps.fastest * fast + gaps.slack_mps
