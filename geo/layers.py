"""Where swaths lie on each other: the ground treated at least twice, and at least three times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from geo.overlay import intersections, union
from geo.swaths import Shapes

SLIVER_M2 = 1e-9
CROWD = 6
"""Above so many pieces on one ribbon, layers are built up one by one instead of from all pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Pieces of ground, in plane metres: each piece of ``twice`` (``thrice``) was treated at least twice (three times).

    Pieces overlap each other: only their union has a meaning.
    """

    twice: Shapes
    thrice: Shapes


def layers(ribbons: Shapes) -> Layers:
    """The layers of ribbons of which none overlaps itself.

    For every ribbon, the ground that earlier ribbons treated in it is treated twice; where two such pieces of different
    earlier ribbons meet, three times. The work grows with the number of pairs that meet.
    """
    first, second = pairs(ribbons)
    pieces = intersections(ribbons[first], ribbons[second])
    real = shapely.area(pieces) > SLIVER_M2
    pieces, owner = pieces[real], second[real]
    return Layers(pieces, _thrice(pieces, owner))


def pairs(shapes: Shapes) -> tuple[np.ndarray, np.ndarray]:
    """Indices i < j of shapes that meet."""
    if len(shapes) <= 1:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    keep = one < other
    order = np.lexsort((one[keep], other[keep]))
    return one[keep][order], other[keep][order]


def _thrice(pieces: Shapes, owner: np.ndarray) -> Shapes:
    """Where two pieces of the same owner meet; ``owner`` rises."""
    found: list[Shapes] = []
    left: list[int] = []
    right: list[int] = []
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    ends = np.append(starts, len(owner))[1:]
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start > CROWD:
            found.append(_crowd(pieces[start:end]))
            continue
        for k in range(start, end):
            left += [k] * (end - k - 1)
            right += range(k + 1, end)
    if left:
        one, other = pieces[left], pieces[right]
        meet = shapely.intersects(one, other)
        found.append(intersections(one[meet], other[meet]))
    every = np.concatenate(found) if found else np.empty(0, np.object_)
    return every[shapely.area(every) > SLIVER_M2]


def _crowd(pieces: Shapes) -> Shapes:
    """What later pieces have in common with the union of those before them."""
    common: list[Shapes] = []
    below: BaseGeometry = pieces[0]
    for k in range(1, len(pieces)):
        common.append(intersections(pieces[k : k + 1], below))
        below = union([below, pieces[k]])
    return np.concatenate(common)
