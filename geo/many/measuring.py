"""Many sets of pieces over the plots of each, measured in one go: what :func:`geo.measured.measured` finds of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.model.fixtable import Bools, Floats, Ints
from geo.engines.groups import GroupMeasures, chosen, measure_groups
from geo.engines.model import NET, Fields, Measures, Quads
from geo.many.plotground import PlotGround
from geo.measured import Measured, amounts_of, figures_of, owners_of
from geo.merging import POINT_M
from geo.pieces import Pieces


def measured_each(
    groups: Sequence[Pieces], ground: PlotGround, plots: Sequence[Sequence[int]]
) -> list[tuple[list[int], Measured]]:
    """Measure every group over its plots, which are numbers of ``ground``.

    Returns:
        Of every group, which of its plots were touched, and the figures of those, over the union, and beside.
    """
    if not groups:
        return []
    counts = np.array([len(p) for p in groups])
    every = Pieces.concat(groups)
    start = np.concatenate([[0], np.cumsum(counts)])
    solid = every.area_m2 > POINT_M
    told = [_told(column, start) for column in (every.volume_l, every.mass_kg)]
    numbers = np.array([k for mine in plots for k in mine], np.int64)
    field_start = np.concatenate([[0], np.cumsum([len(mine) for mine in plots])])
    fields = chosen(ground.fields, numbers)
    by_volume = told[0] | ~told[1]
    first = _measure(
        every, start, solid, np.where(by_volume[:, None], [True, False], [False, True]), fields, field_start
    )
    both = np.flatnonzero(told[0] & told[1])
    second = _second(every, start, solid, both, fields, field_start)
    found: list[tuple[list[int], Measured]] = []
    for g, mine in enumerate(plots):
        passes = [_of(first, field_start, g)] + ([second[g]] if g in second else [])
        rows = slice(int(start[g]), int(start[g + 1]))
        spots = np.flatnonzero(~solid[rows]) + rows.start
        owners = owners_of(every.corners[spots, :2], [ground.outlines[k] for k in mine]) if len(spots) else []
        amounts = [np.full(len(mine) + 1, np.nan), np.full(len(mine) + 1, np.nan)]
        which = [k for k in (0, 1) if told[k][g]]
        for measures, k in zip(passes, which, strict=False):
            column = (every.volume_l, every.mass_kg)[k]
            amounts[k] = amounts_of(measures, np.nan_to_num(column[spots]), owners)
        net_m2 = passes[0].figures[:, NET]
        touched = np.flatnonzero((net_m2 > 0.0) | (amounts[0][:-1] > 0.0) | (amounts[1][:-1] > 0.0))
        rows_of = [figures_of([it.figures[k] for it in passes], amounts[0][k], amounts[1][k]) for k in touched.tolist()]
        union = figures_of([it.union for it in passes], amounts[0][-1], amounts[1][-1])
        found.append((touched.tolist(), Measured(tuple(rows_of), union, passes[0].off_m2)))
    return found


def _told(column: Floats, start: Ints) -> Bools:
    """Which groups tell an amount."""
    before = np.concatenate([[0], np.cumsum(np.isfinite(column))])
    return np.asarray(before[start[1:]] > before[start[:-1]])


def _of(found: GroupMeasures, field_start: Ints, group: int) -> Measures:
    mine = slice(int(field_start[group]), int(field_start[group + 1]))
    return Measures(found.figures[mine], found.union[group], found.off_m2[group], np.zeros(0))


def _measure(  # noqa: PLR0917 - columns
    every: Pieces, start: Ints, solid: Bools, which: Bools, fields: Fields, field_start: Ints
) -> GroupMeasures:
    """Measure all groups, each with the amount that its row of ``which`` (g, 2) marks."""
    by_volume = np.repeat(which[:, 0], np.diff(start))
    amount = np.nan_to_num(np.where(by_volume, every.volume_l, every.mass_kg))
    variance = np.where(by_volume, every.volume_variance, every.mass_variance)
    before = np.concatenate([[0], np.cumsum(solid)])
    quads = Quads(every.corners[solid], amount[solid], every.kind[solid], variance[solid])
    return measure_groups(quads, before[start], fields, field_start)


def _second(  # noqa: PLR0917 - columns
    every: Pieces, start: Ints, solid: Bools, groups: Ints, fields: Fields, field_start: Ints
) -> dict[int, Measures]:
    """Groups that tell litres and kilograms have another look for the latter."""
    found: dict[int, Measures] = {}
    for g in groups.tolist():
        rows = np.arange(start[g], start[g + 1])
        mine = rows[solid[rows]]
        quads = Quads(
            every.corners[mine], np.nan_to_num(every.mass_kg[mine]), every.kind[mine], every.mass_variance[mine]
        )
        own = chosen(fields, np.arange(field_start[g], field_start[g + 1]))
        alone = measure_groups(quads, np.array([0, len(mine)]), own, np.array([0, len(own)]))
        found[g] = Measures(alone.figures, alone.union[0], alone.off_m2[0], np.zeros(0))
    return found
