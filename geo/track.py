"""From treated steps to a track: where the boom's cross-sections lie, and what was released between them, as columns.

Each step sweeps a quadrilateral between two cross-sections. Where the track turns gently, neighbouring quadrilaterals
share the cross-section on the bisector (a mitre): they tile the ribbon without gap or overlap, and a strip centred on
the track has exactly the area length × width. Where a mitre would cut off more than half a step (a turn tighter than
the strip's reach allows), both ends stay flat and a wedge closes the outer side. Where the heading changes by more than
``turn_deg``, the pass ends: flat ends, no wedge.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.layouts import Layouts, layouts_of, shared_out
from geo.parameters import Parameters
from geo.passes import Steps
from geo.sleeve import STRETCH, straight_runs

POINT_M = 1e-6


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
        if len(normal) > 1:
            cos = np.einsum("ij,ij->i", normal[:-1], normal[1:])
            meets = follows & (cos >= np.cos(np.radians(turn_deg)) - 1e-12)
            cos = np.where(meets, cos, 1.0)
            half_tan = np.sqrt(np.maximum(1.0 - cos, 0.0) / (1.0 + cos))
            bisector = (normal[:-1] + normal[1:]) / (1.0 + cos)[:, None]
            gentle = meets & (widest * half_tan <= np.minimum(length[:-1], length[1:]) / 2.0)
            joined[1:], wedge[1:] = gentle, meets & ~gentle
            a[1:][gentle] = bisector[gentle]
            b[:-1][gentle] = bisector[gentle]
        return cls(a, b, joined, wedge)


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """A table's track with its layouts, and litres and kilograms of each step for each strip number (NaN: not told).

    With one column of amounts, strips share it by their width.
    """

    track: Track
    layouts: Layouts
    volumes: list[Floats]
    masses: list[Floats]


def sweep_of(fixes: FixTable, steps: Steps, parameters: Parameters) -> Sweep:
    """The sweep of one table's treated steps.

    Raises:
        ConfigError: No swath width is known.
    """
    layouts = layouts_of(fixes, np.unique(steps.row), parameters)
    volume, mass = fixes.flow_lpm[steps.row] * steps.dt_s / 60.0, fixes.rate_kgpm[steps.row] * steps.dt_s / 60.0
    volume = np.where(np.isnan(volume), _section_volume(fixes, steps), volume)
    shares = shared_out(fixes, steps.row, layouts)
    volumes, masses = _by_strip(volume, shares), _by_strip(mass, shares)
    coarse = _is_coarse(fixes, steps.row)
    for grouping in (_short_ones(parameters.min_step_m), _straight_ones(parameters.simplify_m, coarse=coarse)):
        steps, volumes, masses = _merged(steps, volumes, masses, grouping(steps, layouts.codes[steps.row]))
    return Sweep(_track(steps, layouts, parameters), layouts, volumes, masses)


def _is_coarse(fixes: FixTable, rows: Ints) -> bool:
    """Whether most treating fixes say that their receiver has no carrier-phase corrections."""
    quality = fixes.quality[rows]
    return 2 * int(np.count_nonzero((quality == FixQuality.SINGLE) | (quality == FixQuality.DGPS))) > len(rows)


def _section_volume(fixes: FixTable, steps: Steps) -> Floats:
    """Litres of each step from the flows of the sections that are on; NaN where none tells its flow."""
    columns = fixes.sections
    if not np.isfinite(columns.flow_lpm).any():
        return np.full(len(steps), np.nan)
    told = np.where(columns.on & np.isfinite(columns.flow_lpm), columns.flow_lpm, 0.0)
    total = np.concatenate([[0.0], np.cumsum(told)])
    flow = total[columns.start[steps.row + 1]] - total[columns.start[steps.row]]
    return np.asarray(flow * steps.dt_s / 60.0)


def _by_strip(amount: Floats, shares: Floats | None) -> list[Floats]:
    """The amount of each step for each strip number; one column where strips share it by their width."""
    return [amount] if shares is None else [amount * share for share in shares.T]


def _merged(
    steps: Steps, volumes: list[Floats], masses: list[Floats], first: Ints
) -> tuple[Steps, list[Floats], list[Floats]]:
    """Join each group of steps that starts at ``first`` into one; volumes and masses per strip number follow."""
    if len(first) == len(steps):
        return steps, volumes, masses
    last = np.append(first[1:], len(steps)) - 1
    added = replace(
        steps,
        row=steps.row[first],
        x0=steps.x0[first],
        y0=steps.y0[first],
        x1=steps.x1[last],
        y1=steps.y1[last],
        dt_s=np.add.reduceat(steps.dt_s, first),
        bridged=np.logical_or.reduceat(steps.bridged, first),
        run=steps.run[first],
    )
    return added, [_sums(v, first) for v in volumes], [_sums(m, first) for m in masses]


Grouping = Callable[[Steps, Ints], Ints]
"""Steps and the code of each one's layout to the first steps of groups."""


def _short_ones(min_step_m: float) -> Grouping:
    """Steps shorter than this join their neighbours: a hovering drone's noise must not turn its swath."""

    def group(steps: Steps, code: Ints) -> Ints:
        if len(steps) == 0 or steps.length_m.min() >= min_step_m:
            return np.arange(len(steps))
        return _groups(steps, code, min_step_m)

    return group


def _straight_ones(tolerance_m: float, *, coarse: bool) -> Grouping:
    """Steps along a straight line become one; a receiver without corrections has four times the noise."""
    tolerance_m, stretch = (2.0 * tolerance_m, 10.0 * STRETCH) if coarse else (tolerance_m, STRETCH)

    def group(steps: Steps, code: Ints) -> Ints:
        same = (np.diff(steps.run, prepend=-1) == 0) & (np.diff(code, prepend=-1) == 0)
        return straight_runs(steps.x0, steps.y0, steps.x1, steps.y1, same, tolerance_m, stretch)

    return group


def _sums(values: Floats, first: Ints) -> Floats:
    """Sums of the groups that start at ``first``; what is not told counts nothing unless the group tells nothing."""
    told = np.logical_or.reduceat(np.isfinite(values), first)
    return np.where(told, np.add.reduceat(np.nan_to_num(values), first), np.nan)


def _groups(steps: Steps, code: Ints, min_step_m: float) -> Ints:
    """First steps of groups of the same run and layout whose ends lie ``min_step_m`` apart (a rest joins the last)."""
    first: list[int] = []
    x, y, x1, y1 = (c.tolist() for c in (steps.x0, steps.y0, steps.x1, steps.y1))
    same = (np.diff(steps.run, prepend=-1) == 0) & (np.diff(code, prepend=-1) == 0)
    open_group = False
    for k, follows in enumerate(same.tolist()):
        if not follows:
            first.append(k)
        elif not open_group:
            rest_is_short = (x1[k] - x[k]) ** 2 + (y1[k] - y[k]) ** 2 < min_step_m**2
            ends = k + 1 == len(same) or not same[k + 1]
            if not (rest_is_short and ends):
                first.append(k)
        start = first[-1]
        open_group = (x1[k] - x[start]) ** 2 + (y1[k] - y[start]) ** 2 < min_step_m**2
    return np.array(first, np.int64)


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
