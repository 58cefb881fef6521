"""Groups of neighbouring steps become one step each, with what was released on them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.compiled import COMPILES, compiled
from geo.passes import Steps

POINT_M = 1e-6
"""Shorter steps have no direction."""


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """What was released on each step, shape (m,), in litres or kilograms (NaN: not told).

    ``variance`` is the relative variance of the dose within it: of the area of the shorter steps that it stands for,
    each of which spreads its own amount evenly.
    """

    total: Floats
    variance: Floats

    @classmethod
    def merged(cls, amount: Floats, length_m: Floats, first: Ints) -> Amounts:
        """Amounts of the groups that start at ``first``, from those and the lengths of steps of one width.

        With amounts v on lengths l, the mean of the squared dose over its squared mean is Σ(v²/l)·Σl/(Σv)².
        """
        if COMPILES:
            found = cls(np.empty(len(first)), np.empty(len(first)))
            spread_over(amount, length_m, first, found.total, found.variance)
            return found
        total = sums(amount, first)
        if len(first) == len(amount) or not (total > 0.0).any():
            return cls(total, np.zeros(len(first)))
        square = np.divide(
            amount * amount, length_m, out=np.zeros(len(amount)), where=(length_m > POINT_M) & (amount > 0.0)
        )
        squares = np.add.reduceat(square, first) * np.add.reduceat(length_m, first)
        ratio = np.divide(squares, total * total, out=np.ones(len(first)), where=total > 0.0)
        return cls(total, np.maximum(ratio - 1.0, 0.0))

    def of(self, rows: Ints, share: float) -> Amounts:
        """A share of what some of the steps released."""
        return Amounts(self.total[rows] * share, self.variance[rows])


def merged(steps: Steps, first: Ints) -> Steps:
    """Join each group of steps that starts at ``first`` into one."""
    if len(first) == len(steps):
        return steps
    last = np.append(first[1:], len(steps)) - 1
    return replace(
        steps,
        row=steps.row[first],
        x0=steps.x0[first],
        y0=steps.y0[first],
        x1=steps.x1[last],
        y1=steps.y1[last],
        dt_s=np.add.reduceat(steps.dt_s, first),
        bridged=np.logical_or.reduceat(steps.bridged, first),
        run=steps.run[first],
        start_ms=steps.start_ms[first],
    )


def sums(values: Floats, first: Ints) -> Floats:
    """Sums of the groups that start at ``first``; what is not told counts nothing unless the group tells nothing."""
    if len(first) == len(values):
        return values
    finite = np.isfinite(values)
    if finite.all():
        return np.add.reduceat(values, first)
    if not finite.any():
        return np.full(len(first), np.nan)
    told = np.logical_or.reduceat(finite, first)
    return np.where(told, np.add.reduceat(np.nan_to_num(values), first), np.nan)


@compiled
def spread_over(amount: Any, length_m: Any, first: Any, total: Any, variance: Any) -> None:
    """Fill the sums and variances of groups: see :meth:`Amounts.merged`."""
    for g in range(len(first)):
        end = first[g + 1] if g + 1 < len(first) else len(amount)
        told, squares, way, known = 0.0, 0.0, 0.0, False
        for k in range(first[g], end):
            way += length_m[k]
            if not abs(amount[k]) < math.inf:
                continue
            known = True
            told += amount[k]
            if amount[k] > 0.0 and length_m[k] > POINT_M:
                squares += amount[k] * amount[k] / length_m[k]
        total[g] = told if known else math.nan
        ratio = squares * way / (told * told) if told > 0.0 else 1.0
        variance[g] = max(ratio - 1.0, 0.0) if end - first[g] > 1 else 0.0
