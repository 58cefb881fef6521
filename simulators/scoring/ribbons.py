"""From cross-sections of the truth to its ground: exact quadrilaterals, and simple polygons over the same ground.

Between two neighbouring cross-sections the boom sweeps a quadrilateral. Where it turns about a point of itself (a
spin), or flips over, the quadrilateral crosses itself and is two triangles. Neighbouring quadrilaterals of the same
turning sense whose common outline does not cross itself are one ribbon: its winding number is one everywhere inside, so
that no ground in it is swept twice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from core.model.fixtable import Bools, Floats, Ints
from geo.merging import POINT_M
from geo.overlay import EMPTY, polygonal
from geo.swaths import Swaths

Shapes = NDArray[np.object_]
_LONGEST = 512
"""Quadrilaterals of one ribbon at most: longer ones make every intersection slower."""


def swept(left: Floats, right: Floats, start: Ints, volume_l: Floats, mass_kg: Floats) -> Swaths:
    """What straight booms swept.

    Args:
        left: Left ends of the cross-sections in plane metres, shape (n, 2).
        right: Right ends, shape (n, 2).
        start: First cross-section of each strip, and one more for the end.
        volume_l: Litres let go from each cross-section to the next, shape (n,); NaN where it was no liquid.
        mass_kg: Kilograms, shape (n,); NaN where it was nothing dry.
    """
    row, strip = _steps(start)
    corners = np.stack([left[row], left[row + 1], right[row + 1], right[row]], axis=1)
    area, parts, owner = _parts(corners)
    amounts = [column[row] for column in (volume_l, mass_kg)]
    simple = area > POINT_M
    flat = ~simple
    flat[owner] = False
    middle = corners.mean(axis=1)
    spots = np.full(int(flat.sum()), EMPTY, np.object_)
    pieces = np.concatenate([shapely.polygons(corners[simple]), parts, spots])
    areas = np.concatenate([area[simple], shapely.area(parts), np.zeros(len(spots))])
    share = _shares(shapely.area(parts), owner, len(row))
    volume, mass = (np.concatenate([a[simple], a[owner] * share, a[flat]]) for a in amounts)
    point = np.concatenate([middle[simple], middle[owner], middle[flat]])
    outlines = _ribbons(corners, strip, np.flatnonzero(simple))
    triangles = parts[shapely.area(parts) > POINT_M]
    return Swaths(pieces, areas, volume, mass, point[:, 0], point[:, 1], np.concatenate([outlines, triangles]))


def _steps(start: Ints) -> tuple[Ints, Ints]:
    """Cross-sections that another of the same strip follows, and the number of that strip."""
    count = np.maximum(np.diff(start) - 1, 0)
    strip = np.repeat(np.arange(len(count)), count)
    before = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else np.empty(0, np.int64)
    return np.repeat(start[:-1] - before, count) + np.arange(int(count.sum())), strip


def _parts(corners: Floats) -> tuple[Floats, Shapes, Ints]:
    """Areas of the quadrilaterals that do not cross themselves (0 for the others), and the triangles of the others.

    Returns:
        Areas (k,), triangles (2 t,), and which quadrilateral each triangle is of (2 t,).
    """
    l0, l1, r1, r0 = (corners[:, k] for k in range(4))
    area = np.abs(_signed(corners))
    sides, sides_at = _crossing(l0, l1, r0, r1)
    booms, booms_at = _crossing(l0, r0, l1, r1)
    booms &= ~sides
    area[sides | booms] = 0.0
    rings = [
        *(np.stack(ring, axis=1)[sides] for ring in ((l0, sides_at, r0), (sides_at, l1, r1))),
        *(np.stack(ring, axis=1)[booms] for ring in ((l0, l1, booms_at), (booms_at, r1, r0))),
    ]
    one, other = np.flatnonzero(sides), np.flatnonzero(booms)
    return (
        area,
        np.asarray(shapely.polygons(np.concatenate(rings)), np.object_),
        np.concatenate([one, one, other, other]),
    )


def _signed(corners: Floats) -> Floats:
    """Areas of quadrilaterals by their diagonals, positive where the boom moves to its front; shape (k,)."""
    l0, l1, r1, r0 = (corners[:, k] for k in range(4))
    return -_cross(r1 - l0, r0 - l1) / 2.0


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])


def _crossing(a0: Floats, a1: Floats, b0: Floats, b1: Floats) -> tuple[Bools, Floats]:
    """Whether segments a and b cross at an inner point of both, and where; shapes (k,) and (k, 2)."""
    a, b, between = a1 - a0, b1 - b0, b0 - a0
    turn = _cross(a, b)
    with np.errstate(divide="ignore", invalid="ignore"):
        along_a, along_b = _cross(between, b) / turn, _cross(between, a) / turn
        crossing = (along_a > 0.0) & (along_a < 1.0) & (along_b > 0.0) & (along_b < 1.0)
    return crossing, a0 + np.where(crossing, along_a, 0.0)[:, None] * a


def _shares(area: Floats, owner: Ints, count: int) -> Floats:
    """The share of each triangle in its quadrilateral's area; halves where there is no area."""
    total = np.bincount(owner, area, count)[owner]
    return np.where(total > 0.0, area / np.where(total > 0.0, total, 1.0), 0.5)


def _ribbons(corners: Floats, strip: Ints, simple: Ints) -> Shapes:
    """Polygons over runs of simple quadrilaterals; a run whose outline crosses itself is halved until it does not."""
    found: list[Any] = []
    runs = _runs(strip, _signed(corners) > 0.0, simple)
    while runs:
        outlines = np.array([_outline(corners, first, end) for first, end in runs], np.object_)
        valid = shapely.is_valid(outlines).tolist()
        left: list[tuple[int, int]] = []
        for outline, (first, end), good in zip(outlines.tolist(), runs, valid, strict=True):
            if good or end - first == 1:
                found.append(outline if good else polygonal(outline))
            else:
                middle = (first + end) // 2
                left += [(first, middle), (middle, end)]
        runs = left
    made = np.empty(len(found), np.object_)
    made[:] = found
    return made


def _runs(strip: Ints, forward: Bools, simple: Ints) -> list[tuple[int, int]]:
    """Neighbours ``first`` to ``end`` of one strip and one turning sense, not too many."""
    if len(simple) == 0:
        return []
    before, after = simple[:-1], simple[1:]
    breaks = (after - before > 1) | (strip[after] != strip[before]) | (forward[after] != forward[before])
    starts = [0, *(np.flatnonzero(breaks) + 1).tolist()]
    runs: list[tuple[int, int]] = []
    for first, end in zip(starts, [*starts[1:], len(simple)], strict=True):
        low, high = int(simple[first]), int(simple[end - 1]) + 1
        runs += [(k, min(k + _LONGEST, high)) for k in range(low, high, _LONGEST)]
    return runs


def _outline(corners: Floats, first: int, end: int) -> Any:
    """The outline of quadrilaterals ``first`` to ``end``: along the left, and back along the right."""
    part = corners[first:end]
    ring = (part[:, 0], part[-1:, 1], part[-1:, 2], part[::-1, 3])
    return shapely.polygons(np.concatenate(ring))
