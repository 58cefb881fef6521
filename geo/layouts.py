"""How wide a fix treats, and where across the track: the strips of its swath width or of its sections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import ConfigError
from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.compiled import compiled
from geo.parameters import Parameters

WIDEST_M = 100.0
"""A swath that is told to be wider is none: the widest booms of tractors have 54 m."""
SEAM_M = 0.02
"""Sections whose edges are this close treat one strip together: layouts are written in whole millimetres."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One lateral interval of a swath, metres from the track, positive to the right; ``sections`` are its members."""

    left_m: float
    right_m: float
    sections: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Layouts:
    """The strips of each fix that treats: row i has the layout ``layouts[codes[i]]``; ``codes`` has the shape (n,)."""

    codes: Ints
    layouts: tuple[tuple[Strip, ...], ...]

    @property
    def reach_m(self) -> Floats:
        """For each layout, how far its outermost edge is from the track, in metres."""
        return np.array([max((max(abs(s.left_m), abs(s.right_m)) for s in lay), default=0.0) for lay in self.layouts])


def layouts_of(fixes: FixTable, rows: Ints, parameters: Parameters) -> Layouts:
    """The strips that ``rows`` (those that treat) sweep.

    The width is ``parameters.swath_m`` if given; else the sections that are on, where a fix has sections; else the
    fix's own width; else ``parameters.default_swath_m``; else the width that the log told last.

    Raises:
        ConfigError: A treating fix has no sections, and no width is known from anywhere.
    """
    if not len(fixes.sections.on) and not math.isfinite(parameters.swath_m):
        width_m = float(_same_width(fixes.swath_m, rows))
        if not math.isnan(width_m):
            return Layouts(np.zeros(len(fixes), np.int64), ((Strip(-width_m / 2.0, width_m / 2.0),),))
    codes = np.full(len(fixes), -1, np.int64)
    known: dict[object, int] = {}
    made: list[tuple[Strip, ...]] = []
    sectioned = np.diff(fixes.sections.start) > 0
    if math.isfinite(parameters.swath_m):
        sectioned = np.zeros(len(fixes), np.bool_)
    widths = _widths(fixes, rows[~sectioned[rows]], parameters)
    if not sectioned[rows].any():
        used = widths[rows]
        if len(used) and (used == used[0]).all():
            codes[rows] = 0
            return Layouts(codes, ((Strip(-float(used[0]) / 2.0, float(used[0]) / 2.0),),))
        every, codes[rows] = np.unique(used, return_inverse=True)
        return Layouts(codes, tuple((Strip(-width / 2.0, width / 2.0),) for width in every.tolist()))
    for i in np.unique(rows).tolist():
        key = _section_key(fixes, i) if sectioned[i] else float(widths[i])
        code = known.get(key)
        if code is None:
            code = known[key] = len(made)
            made.append(_section_strips(fixes, i) if sectioned[i] else (Strip(-widths[i] / 2.0, widths[i] / 2.0),))
        codes[i] = code
    return Layouts(codes, tuple(made))


def strip_shares(fixes: FixTable, row: int, layout: tuple[Strip, ...]) -> list[float]:
    """Which part of the flow of a fix each strip of its layout gets: by the sections' own flows, else by width."""
    flows = fixes.sections.flow_lpm[fixes.sections.start[row] : fixes.sections.start[row + 1]]
    weights = [float(flows[list(s.sections)].sum()) if s.sections else math.nan for s in layout]
    total = sum(weights)
    if not (math.isfinite(total) and total > 0.0):
        weights = [s.right_m - s.left_m for s in layout]
        total = sum(weights)
    return [w / total for w in weights] if total > 0.0 else [0.0] * len(layout)


def shared_out(fixes: FixTable, rows: Ints, layouts: Layouts) -> Floats | None:
    """Which part of the flow of some rows each strip of their layouts gets, shape (rows, most strips).

    None where no section of the table tells a flow: then strips share by their width.
    """
    if not np.isfinite(fixes.sections.flow_lpm).any():
        return None
    table = np.zeros((len(rows), max((len(layout) for layout in layouts.layouts), default=0)))
    for k, row in enumerate(rows.tolist()):
        share = strip_shares(fixes, row, layouts.layouts[int(layouts.codes[row])])
        table[k, : len(share)] = share
    return table


def told_widths(fixes: FixTable) -> Bools:
    """Which fixes tell a swath width that can be one, shape (n,)."""
    told: Bools = (fixes.swath_m > 0.0) & (fixes.swath_m <= WIDEST_M)
    return told


@compiled
def _same_width(swath_m: Any, rows: Any) -> float:
    """The width that every one of some fixes tells; NaN where they differ, or one tells none."""
    if len(rows) == 0:
        return math.nan
    width_m = swath_m[rows[0]]
    for k in range(len(rows)):
        if not (swath_m[rows[k]] == width_m and 0.0 < width_m <= WIDEST_M):
            return math.nan
    return width_m  # type: ignore[no-any-return,unused-ignore]


def _widths(fixes: FixTable, needed: Ints, parameters: Parameters) -> Floats:
    """Swath width of every row; right for the rows that need one."""
    if math.isfinite(parameters.swath_m):
        return np.full(len(fixes), parameters.swath_m)
    told = told_widths(fixes)
    missing = needed[~told[needed]]
    widths = np.where(told, fixes.swath_m, parameters.default_swath_m)
    if len(missing) == 0 or math.isfinite(parameters.default_swath_m):
        return widths
    if not told.any():
        name = fixes.device or "the log"
        raise ConfigError(f"no swath width is known for {name}: give one with --swath METRES")
    last = np.maximum.accumulate(np.where(told, np.arange(len(fixes)), -1))
    source = np.where(last >= 0, last, int(np.argmax(told)))
    return fixes.swath_m[source]


def _section_key(fixes: FixTable, row: int) -> bytes:
    columns = fixes.sections
    part = slice(int(columns.start[row]), int(columns.start[row + 1]))
    return columns.on[part].tobytes() + columns.offset_m[part].tobytes() + columns.width_m[part].tobytes()


def _section_strips(fixes: FixTable, row: int) -> tuple[Strip, ...]:
    """The sections that are on, neighbours joined into one strip."""
    strips: list[Strip] = []
    sections = [(s.offset_m - s.width_m / 2.0, k, s) for k, s in enumerate(fixes.sections.row(row))]
    for left, k, section in sorted(sections, key=lambda item: item[:2]):
        if not section.on or not 0.0 < section.width_m <= WIDEST_M:
            continue
        right = left + section.width_m
        if strips and abs(strips[-1].right_m - left) <= SEAM_M:
            strips[-1] = Strip(strips[-1].left_m, right, (*strips[-1].sections, k))
        else:
            strips.append(Strip(left, right, (k,)))
    return tuple(strips)
