"""Swaths as polygons, for people to look at: mitred ribbons with flat ends, and their pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from core.model.fixtable import Bools, Floats, Ints
from geo.layouts import Strip
from geo.merging import POINT_M, Amounts
from geo.track import Sweep, Track

Shapes = NDArray[np.object_]
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


def swaths(sweep: Sweep) -> Swaths:
    """Pieces and ribbons of every layout's every strip."""
    track, layouts, volumes, masses = sweep.track, sweep.layouts, sweep.volumes, sweep.masses
    parts: list[Swaths] = []
    moving = track.steps.length_m > POINT_M
    for code, layout in enumerate(layouts.layouts):
        mine = np.flatnonzero(track.code == code)
        total = sum(s.right_m - s.left_m for s in layout)
        for number, strip in enumerate(layout):
            share = (strip.right_m - strip.left_m) / total if len(volumes) == 1 else 1.0
            column = 0 if len(volumes) == 1 else number
            parts.append(
                _strip(
                    track, mine, moving[mine], strip, volumes[column].of(mine, share), masses[column].of(mine, share)
                )
            )
            parts.append(_wedges(track, mine[track.wedge[mine]], strip))
    return Swaths.concat(parts)


def _edges(track: Track, mine: Ints, lateral_m: float) -> tuple[Floats, Floats]:
    """Points at a lateral distance at the start and the end of steps, each of shape (m, 2)."""
    start = np.column_stack([track.steps.x0[mine], track.steps.y0[mine]])
    end = np.column_stack([track.steps.x1[mine], track.steps.y1[mine]])
    return start + lateral_m * track.a[mine], end + lateral_m * track.b[mine]


def _strip(  # noqa: PLR0917 - columns
    track: Track, mine: Ints, moving: Bools, strip: Strip, volume: Amounts, mass: Amounts
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
    return Swaths(quads, shapely.area(quads), volume.total, mass.total, middle[:, 0], middle[:, 1], ribbons)


def _ribbons(
    track: Track, mine: Ints, moving: Bools, edges: tuple[Floats, Floats, Floats, Floats], quads: Shapes
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


def _wedges(track: Track, mine: Ints, strip: Strip) -> Swaths:
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
