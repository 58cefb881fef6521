"""From treated steps to a track: where the boom's cross-sections lie, and what was released between them, as columns.

Each step sweeps a quadrilateral between two cross-sections. Where the track turns gently, neighbouring quadrilaterals
share the cross-section on the bisector (a mitre): they tile the ribbon without gap or overlap, and a strip centred on
the track has exactly the area length × width. Where a mitre would cut off more than half a step (a turn tighter than
the strip's reach allows), both ends stay flat and a wedge closes the outer side. Where the heading changes by more than
``turn_deg``, the pass ends: flat ends, no wedge.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.compiled import compiled
from geo.layouts import Layouts, layouts_of, shared_out
from geo.merging import POINT_M, Amounts, merged, sums
from geo.parameters import Parameters
from geo.passes import Steps
from geo.sleeve import STRETCH, straight_runs
from geo.smoothing import smoothed

_SINGLE, _DGPS = int(FixQuality.SINGLE), int(FixQuality.DGPS)


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Steps with a direction, and how each meets the next: vectors ``a`` and ``b`` of the cross-sections at both ends.

    The point at lateral distance d of a step's start is (x0, y0) + d·a. ``joined``: the step shares its start's
    cross-section with the step before. ``wedge``: the outer side before the step is to be closed.
    """

    steps: Steps
    code: Ints
    normal: Floats
    a: Floats
    b: Floats
    joined: Bools
    wedge: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Mitres:
    """How neighbouring straight pieces meet, columns as in :class:`Track`."""

    a: Floats
    b: Floats
    joined: Bools
    wedge: Bools

    @classmethod
    def between(cls, normal: Floats, length: Floats, widest: Floats, follows: Bools, turn_deg: float) -> Mitres:
        """Meet pieces of a track.

        Args:
            normal: Unit vectors to the right of each piece, shape (m, 2).
            length: Their lengths in m, shape (m,).
            widest: How far the strips of either side of a joint reach, shape (m - 1,).
            follows: Whether a piece goes on where the one before it ends, shape (m - 1,).
            turn_deg: A heading change above this ends a pass.
        """
        joined, wedge = np.zeros(len(normal), np.bool_), np.zeros(len(normal), np.bool_)
        a, b = normal.copy(), normal.copy()
        _meet(normal, length, widest, follows, math.cos(math.radians(turn_deg)) - 1e-12, a, b, joined, wedge)
        return cls(a, b, joined, wedge)


@compiled
def _meet(  # noqa: PLR0917 - columns
    normal: Any, length: Any, widest: Any, follows: Any, least_cos: float, a: Any, b: Any, joined: Any, wedge: Any
) -> None:
    """Fill the columns of :class:`Mitres`."""
    for k in range(1, len(normal)):
        if not follows[k - 1]:
            continue
        cos = normal[k - 1, 0] * normal[k, 0] + normal[k - 1, 1] * normal[k, 1]
        if not cos >= least_cos:
            continue
        half_tan = math.sqrt(max(1.0 - cos, 0.0) / (1.0 + cos))
        if widest[k - 1] * half_tan > min(length[k - 1], length[k]) / 2.0:
            wedge[k] = True
            continue
        joined[k] = True
        for axis in range(2):
            a[k, axis] = b[k - 1, axis] = (normal[k - 1, axis] + normal[k, axis]) / (1.0 + cos)


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A table's track with its layouts, and litres and kilograms of each step for each strip number (NaN: not told).

    With one column of amounts, strips share it by their width. ``smooth``: positions within a pass are means of their
    neighbours (:mod:`geo.smoothing`).
    """

    track: Track
    layouts: Layouts
    volumes: list[Amounts]
    masses: list[Amounts]
    smooth: bool = False


def sweep_of(
    fixes: FixTable, steps: Steps, parameters: Parameters, *, coarse: bool | None = None, lead: int = 0
) -> Sweep:
    """The sweep of one table's treated steps.

    Args:
        fixes: The table.
        steps: Its treated steps.
        parameters: Choices of the computation.
        coarse: Whether the receiver has no carrier-phase corrections; None: what most of the treating fixes say.
        lead: Steps of the rows before this one are used to smooth those behind, and left out.

    Raises:
        ConfigError: No swath width is known.
    """
    coarse = 2 * int(_count_coarse(fixes.quality, steps.row)) > len(steps) if coarse is None else coarse
    smooth = coarse and parameters.smooth and parameters.simplify_m > 0.0
    placed = smoothed(steps) if smooth else steps
    if lead:
        steps, placed = steps.since(lead), placed.since(lead)
    layouts = layouts_of(fixes, steps.row, parameters)
    volume, mass = (_over(rate, steps.row, steps.dt_s) for rate in (fixes.flow_lpm, fixes.rate_kgpm))
    if np.isfinite(fixes.sections.flow_lpm).any():
        volume = np.where(np.isnan(volume), _section_volume(fixes, steps), volume)
    shares = shared_out(fixes, steps.row, layouts)
    amounts = [*_by_strip(volume, shares), *_by_strip(mass, shares)]
    lengths = steps.length_m
    first = _short_ones(parameters.min_step_m, steps, lengths, layouts.codes[steps.row])
    told = merged(steps, first)
    lengths = told.length_m  # of places as they were told: means are closer to each other
    steps = told if placed is steps else merged(placed, first)
    amounts = [sums(amount, first) for amount in amounts]
    released = _released(amounts)
    first = _straight_ones(parameters.simplify_m, steps, released, layouts.codes[steps.row], coarse=coarse)
    spread = [Amounts.merged(amount, lengths, first) for amount in amounts]
    half = len(spread) // 2
    track = _track(merged(steps, first), layouts, parameters)
    return Sweep(track, layouts, spread[:half], spread[half:], smooth=smooth)


@compiled
def _over(per_minute: Any, row: Any, dt_s: Any) -> Any:
    """What was released in some steps of time at what their fixes tell."""
    amount = np.empty(len(row))
    for k in range(len(row)):
        amount[k] = per_minute[row[k]] * (dt_s[k] / 60.0)
    return amount


@compiled
def _count_coarse(quality: Any, row: Any) -> int:
    """How many of some fixes have no carrier-phase corrections."""
    count = 0
    for k in range(len(row)):
        count += quality[row[k]] == _SINGLE or quality[row[k]] == _DGPS
    return count


def coarse_rows(fixes: FixTable) -> Bools:
    """Which fixes say that their receiver has no carrier-phase corrections, shape (n,)."""
    coarse: Bools = (fixes.quality == FixQuality.SINGLE) | (fixes.quality == FixQuality.DGPS)
    return coarse


def _section_volume(fixes: FixTable, steps: Steps) -> Floats:
    """Litres of each step from the flows of the sections that are on."""
    columns = fixes.sections
    told = np.where(columns.on & np.isfinite(columns.flow_lpm), columns.flow_lpm, 0.0)
    total = np.concatenate([[0.0], np.cumsum(told)])
    flow = total[columns.start[steps.row + 1]] - total[columns.start[steps.row]]
    return np.asarray(flow * steps.dt_s / 60.0)


def _by_strip(amount: Floats, shares: Floats | None) -> list[Floats]:
    """The amount of each step for each strip number; one column where strips share it by their width."""
    return [amount] if shares is None else [amount * share for share in shares.T]


def _short_ones(min_step_m: float, steps: Steps, length_m: Floats, code: Ints) -> Ints:
    """First steps of groups, so that none is shorter: a hovering drone's noise must not turn its swath."""
    if len(steps) == 0 or length_m.min() >= min_step_m:
        return np.arange(len(steps))
    starts = np.ones(len(steps), np.bool_)
    group_short(steps.x0, steps.y0, steps.x1, steps.y1, _follows(steps, code), min_step_m, starts)
    return np.flatnonzero(starts)


def _released(amounts: Sequence[Floats]) -> Floats:
    """What each step released over all strips: litres, or kilograms where no litres are told."""
    half = len(amounts) // 2
    litres = any(np.isfinite(amount).any() for amount in amounts[:half])
    first, *others = amounts[:half] if litres else amounts[half:]
    return np.nansum([first, *others], axis=0) if others else first  # type: ignore[no-any-return,unused-ignore]


def _straight_ones(tolerance_m: float, steps: Steps, released: Floats, code: Ints, *, coarse: bool) -> Ints:
    """First steps of straight lines; a receiver without corrections has four times the noise."""
    tolerance_m, stretch = (2.0 * tolerance_m, 10.0 * STRETCH) if coarse else (tolerance_m, STRETCH)
    ends = steps.x0, steps.y0, steps.x1, steps.y1
    return straight_runs(*ends, released, _follows(steps, code), tolerance_m, stretch)


def _follows(steps: Steps, code: Ints) -> Bools:
    """Whether each step goes on from the one before it, in the same layout, shape (k,)."""
    follows = np.zeros(len(steps), np.bool_)
    follows[1:] = (steps.run[1:] == steps.run[:-1]) & (code[1:] == code[:-1])
    return follows


@compiled
def group_short(  # noqa: PLR0917 - columns
    x: Any, y: Any, x1: Any, y1: Any, follows: Any, min_step_m: float, starts: Any
) -> None:
    """Mark first steps of groups of a run and layout whose ends lie ``min_step_m`` apart (a rest joins the last)."""
    first, least, under_way = 0, min_step_m * min_step_m, False
    for k in range(len(x)):
        begins = not follows[k]
        if not begins and not under_way:
            short = (x1[k] - x[k]) ** 2 + (y1[k] - y[k]) ** 2 < least
            ends = k + 1 == len(x) or not follows[k + 1]
            begins = not (short and ends)
        starts[k] = begins
        if begins:
            first = k
        under_way = (x1[k] - x[first]) ** 2 + (y1[k] - y[first]) ** 2 < least


def _track(steps: Steps, layouts: Layouts, parameters: Parameters) -> Track:
    """Directions and cross-sections of the steps."""
    code = layouts.codes[steps.row]
    length = steps.length_m
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = np.column_stack([(steps.y1 - steps.y0) / length, -(steps.x1 - steps.x0) / length])
    reach = layouts.reach_m[code]
    follows = (np.diff(steps.run) == 0) & (length[:-1] > POINT_M) & (length[1:] > POINT_M)
    it = Mitres.between(normal, length, np.maximum(reach[:-1], reach[1:]), follows, parameters.turn_deg)
    return Track(steps, code, normal, it.a, it.b, it.joined, it.wedge)
