"""Swaths as columns, for the engines: the quadrilaterals of a sweep with what lies on each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from core.model.enums import Mode
from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.compiled import compiled
from geo.engines.model import FAILSAFE, TRANSIT, WORK
from geo.layouts import Strip
from geo.merging import POINT_M, Amounts
from geo.track import Sweep, Track


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """What one or more tables treated, columns of length k.

    ``corners`` (k, 8) in plane metres, x and y in turn, anticlockwise; pieces without area (spraying on the spot) have
    all corners at one place. ``volume_l`` and ``mass_kg`` are NaN where the device tells none; ``kind`` is one of
    :mod:`geo.engines.model`. ``volume_variance`` and ``mass_variance`` are the relative variance of the dose within a
    piece (see :class:`geo.merging.Amounts`).
    """

    corners: Floats
    area_m2: Floats
    volume_l: Floats
    mass_kg: Floats
    kind: Ints
    volume_variance: Floats
    mass_variance: Floats

    def __len__(self) -> int:
        return len(self.corners)

    @classmethod
    def of(cls, corners: Floats, volume: Amounts, mass: Amounts, kind: Ints) -> Pieces:
        """Pieces from corners (k, 4, 2) either way round; one that crosses itself becomes its two triangles."""
        area, crossed = np.empty(len(corners)), np.zeros(len(corners), np.bool_)
        _look(corners, area, crossed)
        volume_l, mass_kg, variances = volume.total, mass.total, (volume.variance, mass.variance)
        if crossed.any():
            corners, rows, share = _uncrossed(corners, crossed)
            volume_l, mass_kg, kind = volume_l[rows] * share, mass_kg[rows] * share, kind[rows]
            variances = volume.variance[rows], mass.variance[rows]
            area = _area(corners)
        turned = area < 0.0
        corners[turned] = corners[turned][:, ::-1]
        return cls(corners.reshape(-1, 8), np.abs(area), volume_l, mass_kg, kind, *variances)

    @classmethod
    def concat(cls, parts: Sequence[Pieces]) -> Pieces:
        """The pieces of several tables together."""
        nothing = np.empty(0)
        empty = cls(np.empty((0, 8)), nothing, nothing, nothing, np.empty(0, np.int64), nothing, nothing)
        return cls(*(np.concatenate([getattr(empty, n), *(getattr(p, n) for p in parts)]) for n in COLUMNS))


COLUMNS = tuple(field.name for field in fields(Pieces))
"""Names of the columns of pieces."""


def pieces(sweep: Sweep, table: FixTable) -> Pieces:
    """The pieces of every strip of a table's sweep, and the wedges of its tight turns."""
    return marked(sweep, kinds(table, sweep.track.steps.row))


def marked(sweep: Sweep, kind: Ints) -> Pieces:
    """The same, with any number for each of the track's steps, shape (k,), in place of its kind."""
    track, layouts = sweep.track, sweep.layouts
    shared = len(sweep.volumes) == 1
    parts: list[Pieces] = []
    for code, layout in enumerate(layouts.layouts):
        mine = np.flatnonzero(track.code == code)
        total = sum(s.right_m - s.left_m for s in layout)
        for number, strip in enumerate(layout):
            share = (strip.right_m - strip.left_m) / total if shared else 1.0
            column = 0 if shared else number
            volume, mass = (it[column].of(mine, share) for it in (sweep.volumes, sweep.masses))
            parts.append(Pieces.of(_corners(track, mine, strip), volume, mass, kind[mine]))
            sharp = mine[track.wedge[mine]]
            if not len(sharp):
                continue
            wedges, rows = _wedges(track, sharp, strip)
            nothing = Amounts(np.full(len(rows), np.nan), np.zeros(len(rows)))
            parts.append(Pieces.of(wedges, nothing, nothing, kind[rows]))
    return Pieces.concat(parts)


def kinds(table: FixTable, rows: Ints) -> Ints:
    """Whether a step was meant: work, transit (return to launch), or a failsafe."""
    mode = table.mode[rows]
    return np.where(mode == Mode.FAILSAFE, FAILSAFE, np.where(mode == Mode.RTL, TRANSIT, WORK)).astype(np.int64)


def _corners(track: Track, mine: Ints, strip: Strip) -> Floats:
    """Left and right at the start and the end of steps, shape (m, 4, 2), all in one place where it did not move."""
    steps = track.steps
    start = np.column_stack([steps.x0[mine], steps.y0[mine]])
    end = np.column_stack([steps.x1[mine], steps.y1[mine]])
    a, b = track.a[mine], track.b[mine]
    corners = np.stack(
        [start + strip.left_m * a, end + strip.left_m * b, end + strip.right_m * b, start + strip.right_m * a], axis=1
    )
    still = steps.length_m[mine] <= POINT_M
    corners[still] = start[still][:, None, :]
    return corners


def _wedges(track: Track, mine: Ints, strip: Strip) -> tuple[Floats, Ints]:
    """The corners that a strip leaves open on the outer side of sharp turns, shape (w, 4, 2), and their steps.

    A wedge of a strip beside the track has six corners and is cut along the bisector.
    """
    if not len(mine):
        return np.empty((0, 4, 2)), mine
    before, after = track.normal[mine - 1], track.normal[mine]
    left_turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0.0
    near = np.where(left_turn, max(strip.left_m, 0.0), min(strip.right_m, 0.0))
    far = np.where(left_turn, strip.right_m, strip.left_m)
    real = np.where(left_turn, far > near, far < near)
    mine, before, after, near, far = mine[real], before[real], after[real], near[real][:, None], far[real][:, None]
    bisector = (before + after) / (1.0 + (before * after).sum(axis=1))[:, None]
    at = np.column_stack([track.steps.x0[mine], track.steps.y0[mine]])
    halves = [
        np.stack([at + far * side, at + far * bisector, at + near * bisector, at + near * side], axis=1)
        for side in (before, after)
    ]
    return np.concatenate(halves), np.concatenate([mine, mine])


def _area(corners: Floats) -> Floats:
    """Signed area of quadrilaterals, shape (k, 4, 2): above 0 anticlockwise."""
    one, other = corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1]
    area: Floats = 0.5 * (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])
    return area


def _side(a: Floats, b: Floats, p: Floats) -> Floats:
    """On which side of the line from a to b a point lies: above 0 to the left."""
    side: Floats = (b[:, 0] - a[:, 0]) * (p[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (p[:, 0] - a[:, 0])
    return side


@compiled
def _look(corners: Any, area: Any, crossed: Any) -> None:
    """Fill signed areas of quadrilaterals (k, 4, 2), and whether their two ends cross (the boom turned over)."""
    for k in range(len(corners)):
        a, b, c, d = corners[k, 0], corners[k, 1], corners[k, 2], corners[k, 3]
        area[k] = 0.5 * ((c[0] - a[0]) * (d[1] - b[1]) - (d[0] - b[0]) * (c[1] - a[1]))
        if _beside(a, d, b) * _beside(a, d, c) < 0.0:
            crossed[k] = _beside(b, c, a) * _beside(b, c, d) < 0.0


@compiled
def _beside(a: Any, b: Any, p: Any) -> float:
    """On which side of the line from a to b a point lies: above 0 to the left."""
    return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])  # type: ignore[no-any-return,unused-ignore]


def _uncrossed(corners: Floats, crossed: Bools) -> tuple[Floats, Ints, Floats]:
    """Triangles in place of crossed quadrilaterals: corners, the row that each comes from, and its share of it."""
    plain, mine = np.flatnonzero(~crossed), np.flatnonzero(crossed)
    left0, left1, right1, right0 = (corners[mine, k] for k in range(4))
    from_left, from_right = _side(left1, right1, left0), _side(left1, right1, right0)
    along = (from_left / (from_left - from_right))[:, None]
    middle = left0 + along * (right0 - left0)
    one = np.stack([left0, left1, middle, middle], axis=1)
    other = np.stack([right0, right1, middle, middle], axis=1)
    areas = np.abs(_area(one)), np.abs(_area(other))
    total = areas[0] + areas[1]
    share = np.concatenate([np.ones(len(plain)), areas[0] / total, areas[1] / total])
    return np.concatenate([corners[plain], one, other]), np.concatenate([plain, mine, mine]), share
