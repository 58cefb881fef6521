"""Many measurements in one go: the quadrilaterals of a group meet the plots of that group, and nothing else.

Each group is measured to the last bit as the engine measures it by itself: tiles are kept apart by group, and swept in
the order that they have in a group alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.model.fixtable import Floats, Ints
from geo.engines import engine
from geo.engines.model import FIGURES, KINDS, Fields, Quads


@dataclass(frozen=True, slots=True, eq=False)
class GroupMeasures:
    """What was found: figures of every plot, shape (p, 6), over the union of each group's plots, (g, 6), and beside.

    ``off_m2`` has the shape (g, 3); see :class:`geo.engines.model.Measures`.
    """

    figures: Floats
    union: Floats
    off_m2: Floats


def measure_groups(quads: Quads, quad_start: Ints, fields: Fields, field_start: Ints) -> GroupMeasures:
    """Measure groups, each by itself.

    Args:
        quads: Treated ground of all groups, one group after the other.
        quad_start: Group g has the quadrilaterals ``quad_start[g]:quad_start[g + 1]``.
        fields: The plots of all groups, one group after the other.
        field_start: Group g has the plots ``field_start[g]:field_start[g + 1]``.
    """
    groups = len(quad_start) - 1
    found = GroupMeasures(np.zeros((len(fields), FIGURES)), np.zeros((groups, FIGURES)), np.zeros((groups, KINDS)))
    if engine().name == "sweep":
        from geo.engines.sidebyside import sweep_groups  # noqa: PLC0415 - needs numba

        sweep_groups(quads, quad_start, fields, field_start, (found.figures, found.union, found.off_m2))
        return found
    for g in range(groups):
        mine, own = slice(*_ends(quad_start, g)), slice(*_ends(field_start, g))
        variance = None if quads.variance is None else quads.variance[mine]
        part = Quads(quads.corners[mine], quads.amount[mine], quads.kind[mine], variance)
        alone = engine().measure(part, chosen(fields, np.arange(own.start, own.stop)))
        found.figures[own], found.union[g], found.off_m2[g] = alone.figures, alone.union, alone.off_m2
    return found


def chosen(fields: Fields, which: Ints) -> Fields:
    """Some plots, in the order given; one may stand several times."""
    counts = np.diff(fields.start)[which]
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows = np.repeat(fields.start[:-1][which] - start[:-1], counts) + np.arange(start[-1])
    return Fields(fields.ring[rows], start)


def _ends(start: Ints, group: int) -> tuple[Any, Any]:
    return int(start[group]), int(start[group + 1])
