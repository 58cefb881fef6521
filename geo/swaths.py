"""From treated steps to swaths: mitred ribbons with flat ends, and their pieces for adding up areas and volumes.

Each step sweeps a quadrilateral between two cross-sections. Where the track turns gently, neighbouring quadrilaterals
share the cross-section on the bisector (a mitre): they tile the ribbon without gap or overlap, and a strip centred on
the track has exactly the area length × width. Where a mitre would cut off more than half a step (a turn tighter than
the strip's reach allows), both ends stay flat and a wedge closes the outer side. Where the heading changes by more than
``turn_deg``, the pass ends: flat ends, no wedge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.layouts import Layouts, Strip, layouts_of, strip_shares
from geo.parameters import Parameters
from geo.passes import Steps

Shapes = NDArray[np.object_]
POINT_M = 1e-6
RIBBON_TURN = 0.2
"""Cosine of the largest angle between a ribbon's first step and its others: below 90° a ribbon never meets itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Swaths:
    """What one or more tables treated, in plane metres.

    ``pieces`` are the quadrilaterals and wedges, shape (k,), with their area, the litres and kilograms spread over each
    (NaN where the device tells none), and a point of each, which stands for pieces without area (spraying on the
    spot). ``ribbons`` are simple polygons that cover the same ground, none of which overlaps itself.
    """

    pieces: Shapes
    area_m2: Floats
    volume_l: Floats
    mass_kg: Floats
    point_x: Floats
    point_y: Floats
    ribbons: Shapes

    @classmethod
    def concat(cls, parts: Sequence[Swaths]) -> Swaths:
        """The swaths of several tables together."""
        if not parts:
            empty, none = np.empty(0), np.empty(0, np.object_)
            return cls(none, empty, empty, empty, empty, empty, none)
        names = ("pieces", "area_m2", "volume_l", "mass_kg", "point_x", "point_y", "ribbons")
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in names))


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
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


def swaths(fixes: FixTable, steps: Steps, parameters: Parameters) -> Swaths:
    """The swaths of one table's treated steps.

    Raises:
        ConfigError: No swath width is known.
    """
    layouts = layouts_of(fixes, np.unique(steps.row), parameters)
    volume, mass = fixes.flow_lpm[steps.row] * steps.dt_s / 60.0, fixes.rate_kgpm[steps.row] * steps.dt_s / 60.0
    volume = np.where(np.isnan(volume), _section_volume(fixes, steps), volume)
    shares = _shares(fixes, steps, layouts)
    merged, volumes, masses = _merged(steps, layouts.codes[steps.row], shares, volume, mass, parameters.min_step_m)
    track = _track(merged, layouts, parameters)
    return _swept(track, layouts, volumes, masses)


def _section_volume(fixes: FixTable, steps: Steps) -> Floats:
    """Litres of each step from the flows of the sections that are on; NaN where none tells its flow."""
    columns = fixes.sections
    if not np.isfinite(columns.flow_lpm).any():
        return np.full(len(steps), np.nan)
    told = np.where(columns.on & np.isfinite(columns.flow_lpm), columns.flow_lpm, 0.0)
    total = np.concatenate([[0.0], np.cumsum(told)])
    flow = total[columns.start[steps.row + 1]] - total[columns.start[steps.row]]
    return np.asarray(flow * steps.dt_s / 60.0)


def _shares(fixes: FixTable, steps: Steps, layouts: Layouts) -> list[list[float]] | None:
    """Per step the share of each of its strips, or None where every layout is shared out by width alone."""
    if not np.isfinite(fixes.sections.flow_lpm).any():
        return None
    return [strip_shares(fixes, i, layouts.layouts[int(layouts.codes[i])]) for i in steps.row.tolist()]


def _merged(  # noqa: PLR0917 - columns
    steps: Steps, code: Ints, shares: list[list[float]] | None, volume: Floats, mass: Floats, min_step_m: float
) -> tuple[Steps, list[Floats], list[Floats]]:
    """Join steps shorter than ``min_step_m`` to their neighbours; volumes and masses per strip number follow."""
    strips = max((len(s) for s in shares), default=1) if shares else 1
    table = np.ones((strips, len(steps)))
    if shares:
        for k, row in enumerate(shares):
            table[:, k] = row + [0.0] * (strips - len(row))
    volumes, masses = [volume * t for t in table], [mass * t for t in table]
    if len(steps) == 0 or steps.length_m.min() >= min_step_m:
        return steps, volumes, masses
    first = _groups(steps, code, min_step_m)
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


def _track(steps: Steps, layouts: Layouts, parameters: Parameters) -> _Track:
    """Directions and cross-sections of the steps."""
    k = len(steps)
    code = layouts.codes[steps.row]
    length = steps.length_m
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = np.column_stack([(steps.y1 - steps.y0) / length, -(steps.x1 - steps.x0) / length])
    joined, wedge = np.zeros(k, np.bool_), np.zeros(k, np.bool_)
    a, b = normal.copy(), normal.copy()
    if k > 1:
        reach = layouts.reach_m[code]
        widest = np.maximum(reach[:-1], reach[1:])
        cos = np.einsum("ij,ij->i", normal[:-1], normal[1:])
        meets = (np.diff(steps.run) == 0) & (length[:-1] > POINT_M) & (length[1:] > POINT_M)
        meets &= cos >= np.cos(np.radians(parameters.turn_deg)) - 1e-12
        with np.errstate(divide="ignore", invalid="ignore"):
            half_tan = np.sqrt(np.maximum(1.0 - cos, 0.0) / (1.0 + cos))
            bisector = (normal[:-1] + normal[1:]) / (1.0 + cos)[:, None]
        gentle = meets & (widest * half_tan <= np.minimum(length[:-1], length[1:]) / 2.0)
        joined[1:], wedge[1:] = gentle, meets & ~gentle
        a[1:][gentle] = bisector[gentle]
        b[:-1][gentle] = bisector[gentle]
    return _Track(steps, code, normal, a, b, joined, wedge)


def _swept(track: _Track, layouts: Layouts, volumes: list[Floats], masses: list[Floats]) -> Swaths:
    """Pieces and ribbons of every layout's every strip."""
    parts: list[Swaths] = []
    moving = track.steps.length_m > POINT_M
    for code, layout in enumerate(layouts.layouts):
        mine = np.flatnonzero(track.code == code)
        total = sum(s.right_m - s.left_m for s in layout)
        for number, strip in enumerate(layout):
            share = (strip.right_m - strip.left_m) / total if len(volumes) == 1 else 1.0
            column = 0 if len(volumes) == 1 else number
            parts.append(_strip(track, mine, moving[mine], strip, volumes[column] * share, masses[column] * share))
            parts.append(_wedges(track, mine[track.wedge[mine]], strip))
    return Swaths.concat(parts)


def _edges(track: _Track, mine: Ints, lateral_m: float) -> tuple[Floats, Floats]:
    """Points at a lateral distance at the start and the end of steps, each of shape (m, 2)."""
    start = np.column_stack([track.steps.x0[mine], track.steps.y0[mine]])
    end = np.column_stack([track.steps.x1[mine], track.steps.y1[mine]])
    return start + lateral_m * track.a[mine], end + lateral_m * track.b[mine]


def _strip(  # noqa: PLR0917 - columns
    track: _Track, mine: Ints, moving: Bools, strip: Strip, volume: Floats, mass: Floats
) -> Swaths:
    """Quadrilaterals and ribbons of one strip of the steps ``mine``."""
    left0, left1 = _edges(track, mine, strip.left_m)
    right0, right1 = _edges(track, mine, strip.right_m)
    quads = np.full(len(mine), None, np.object_)
    corners = np.stack([left0, left1, right1, right0], axis=1)
    quads[moving] = shapely.polygons(corners[moving])
    quads[~moving] = Polygon()
    ribbons = _ribbons(track, mine, moving, (left0, left1, right0, right1), quads)
    middle = (corners[:, 0] + corners[:, 3]) / 2.0
    spot = ~moving
    middle[spot] = np.column_stack([track.steps.x0[mine], track.steps.y0[mine]])[spot]
    return Swaths(quads, shapely.area(quads), volume[mine], mass[mine], middle[:, 0], middle[:, 1], ribbons)


def _ribbons(
    track: _Track, mine: Ints, moving: Bools, edges: tuple[Floats, Floats, Floats, Floats], quads: Shapes
) -> Shapes:
    """Simple polygons, each over as many joined steps as stay within 90° of the first one's heading.

    Where rounding makes such a polygon invalid, its quadrilaterals stand in for it.
    """
    left0, left1, right0, right1 = edges
    normal = track.normal[mine]
    linked = np.zeros(len(mine), np.bool_)
    linked[1:] = track.joined[mine[1:]] & (np.diff(mine) == 1) & moving[1:] & moving[:-1]
    found: list[Any] = []
    start = 0
    for k in range(1, len(mine) + 1):
        if k < len(mine) and linked[k] and float(normal[k] @ normal[start]) > RIBBON_TURN:
            continue
        if moving[start]:
            part = slice(start, k)
            sides = (left0[part], left1[k - 1 : k], right1[k - 1 : k], right0[part][::-1])
            ribbon = Polygon(np.concatenate(sides))
            found.extend([ribbon] if ribbon.is_valid else quads[part])
        start = k
    return np.array(found, np.object_)


def _wedges(track: _Track, mine: Ints, strip: Strip) -> Swaths:
    """The corners that a strip leaves open on the outer side of sharp turns, before the steps ``mine``."""
    shapes: list[Any] = []
    for k in mine.tolist():
        before, after = track.normal[k - 1], track.normal[k]
        left_turn = before[0] * after[1] - before[1] * after[0] > 0.0
        near, far = (max(strip.left_m, 0.0), strip.right_m) if left_turn else (min(strip.right_m, 0.0), strip.left_m)
        if (far <= near) if left_turn else (far >= near):
            continue
        bisector = (before + after) / (1.0 + float(before @ after))
        at = np.array([track.steps.x0[k], track.steps.y0[k]])
        ring = [at + far * before, at + far * bisector, at + far * after]
        ring += [at] if near == 0.0 else [at + near * after, at + near * bisector, at + near * before]
        shapes.append(shapely.polygons(np.array(ring)))
    array = np.array(shapes, np.object_)
    area, nothing = shapely.area(array), np.full(len(array), np.nan)
    centre = shapely.centroid(array)
    return Swaths(array, area, nothing, nothing, shapely.get_x(centre), shapely.get_y(centre), array)
