"""From a table's treated steps to cross-sections: mitred where the track turns gently, flat with a wedge elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.model.enums import Mode
from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.samples import Event
from geo.cleaning import Cleaned
from geo.layouts import Layouts, layouts_of
from geo.parameters import Parameters
from geo.passes import Steps
from geo.track import Mitres
from geo.trust.ends import slack_of
from geo.trust.sections import Knots, Sections
from geo.trust.tolerance import COARSE_SD_M, Tolerance
from geo.trust.tracks import Track, track_of

CRAB_COS = 0.966
"""A nose that points more than 15° off the way tells something else than a sideways correction."""


@dataclass(frozen=True, slots=True, eq=False)
class _Segments:
    """Straight pieces of a track, as columns of shape (m,): from knot ``at`` to the next one.

    ``a`` and ``b`` (m, 2) are the vectors across at both ends: the point at lateral distance d (positive to the right)
    is the knot's place + d times the vector. ``joined``: the piece shares its start's cross-section with the one
    before. ``wedge``: the corner before it is open on the outer side.
    """

    at: Ints
    normal: Floats
    a: Floats
    b: Floats
    joined: Bools
    wedge: Bools


def sections_of(
    cleaned: Cleaned,
    steps: Steps,
    parameters: Parameters,
    events: Sequence[Event],
    tolerance: Tolerance,
) -> Sections:
    """The cross-sections of one table's treated steps, in metres of their plane.

    Raises:
        ConfigError: No swath width is known.
    """
    fixes = cleaned.fixes
    if not len(steps):
        return Sections.empty()
    layouts = layouts_of(fixes, np.unique(steps.row), parameters)
    code = layouts.codes[steps.row]
    fresh = np.append([True], (np.diff(steps.run) != 0) | (np.diff(code) != 0))
    chain = np.cumsum(fresh) - 1
    start_s = steps.start_ms / 1000.0
    times = start_s, start_s + steps.dt_s
    coarse = _typical_sd_m(fixes, steps.row, tolerance) > COARSE_SD_M
    simplify_m = tolerance.simplify_coarse_m if coarse else tolerance.simplify_m
    track = track_of(steps, chain, times, replace(tolerance, simplify_m=simplify_m))
    codes = code[np.flatnonzero(fresh)][track.chain]
    knots = _knots(fixes, track, tolerance)
    segments = _segments(track, _noses(fixes, track, knots.manual), layouts, codes, parameters)
    made = _across(track, segments, layouts, codes)
    slack = slack_of(cleaned, steps, times, chain, track, made[:3], parameters, events, tolerance)
    left, right, knot, quad, bridge = made
    return Sections(knots, left, right, knot, quad, bridge, slack)


def _row(fixes: FixTable, track: Track) -> Ints:
    """The fix at or before each place."""
    row = np.searchsorted(fixes.ts_ms, np.round(track.ts_s * 1000.0), side="right") - 1
    return np.clip(row, 0, max(len(fixes) - 1, 0))


def _noses(fixes: FixTable, track: Track, manual: Bools) -> Floats:
    """Where the nose points at each place, as unit vectors of shape (v, 2); NaN where a person does not steer.

    A person who corrects sideways leans the machine and does not turn it: the boom stays across the nose, not across
    the way. An autopilot keeps to its line, and nose and way are one.
    """
    heading = np.where(manual, np.radians(fixes.heading_deg[_row(fixes, track)]), np.nan)
    return np.column_stack([np.sin(heading), np.cos(heading)])


def _knots(fixes: FixTable, track: Track, tolerance: Tolerance) -> Knots:
    """What the fix at or before each place says of its receiver, and of who steers."""
    row = _row(fixes, track)
    sd = _sd_m(fixes, row, tolerance)
    mode = fixes.mode[row]
    return Knots(track.ts_s, np.zeros(len(track), np.int64), sd, mode == Mode.MANUAL, mode == Mode.UNKNOWN)


def _sd_m(fixes: FixTable, row: Ints, tolerance: Tolerance) -> Floats:
    """Standard deviation of the slow error at some fixes, shape of ``row``."""
    known = tolerance.slow_sd_m
    worst = max(known.values())
    quality = fixes.quality[row]
    sd = np.full(len(row), worst)
    for value in np.unique(quality).tolist():
        sd[quality == value] = known.get(value, worst)
    return sd


def _typical_sd_m(fixes: FixTable, row: Ints, tolerance: Tolerance) -> float:
    return float(np.median(_sd_m(fixes, row, tolerance)))


def _segments(track: Track, nose: Floats, layouts: Layouts, codes: Ints, parameters: Parameters) -> _Segments:
    """Directions of the pieces, and how each meets the next; ``nose`` counts where the piece goes nearly that way."""
    at = np.flatnonzero(np.diff(track.chain) == 0)
    dx, dy = np.diff(track.x)[at], np.diff(track.y)[at]
    length = np.hypot(dx, dy)
    way = np.column_stack([dx, dy]) / length[:, None]
    ahead = np.where(np.einsum("ij,ij->i", way, nose[at]) >= CRAB_COS, nose[at].T, way.T).T
    normal = np.column_stack([ahead[:, 1], -ahead[:, 0]])
    it = Mitres.between(normal, length, layouts.reach_m[codes[at[1:]]], np.diff(at) == 1, parameters.turn_deg)
    return _Segments(at, normal, it.a, it.b, it.joined, it.wedge)


Across = tuple[Floats, Floats, Ints, Ints, Ints]
"""Left ends, right ends, knots of cross-sections, and quadrilaterals: first cross-sections, and numbers of bridges."""


def _across(track: Track, segments: _Segments, layouts: Layouts, codes: Ints) -> Across:
    """The cross-sections of every layout's every strip, with the wedges of its sharp turns."""
    gap = np.cumsum(np.diff(track.bridge.astype(np.int8), prepend=0) == 1) - 1
    number = np.where(track.bridge, gap, -1)
    parts: list[Across] = []
    for code, layout in enumerate(layouts.layouts):
        mine = np.flatnonzero(codes[segments.at] == code)
        for strip in layout:
            if len(mine):
                parts.append(_strip(track, segments, mine, strip.left_m, strip.right_m, number))
                parts.append(_wedges(track, segments, mine[segments.wedge[mine]], strip.left_m, strip.right_m))
    if not parts:
        empty = Sections.empty()
        return empty.left, empty.right, empty.knot, empty.quad, empty.bridge
    before = np.cumsum([0, *(len(p[0]) for p in parts)])
    quads = np.concatenate([p[3] + k for p, k in zip(parts, before.tolist(), strict=False)])
    left, right, knot, _, bridge = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return left, right, knot, quads, bridge


def _strip(  # noqa: PLR0917 - columns
    track: Track, segments: _Segments, mine: Ints, left_m: float, right_m: float, number: Ints
) -> Across:
    """One strip: a cross-section at each piece's start, and one more where the next does not share it."""
    ends = np.append(~segments.joined[mine[1:]] | (np.diff(mine) != 1), [True])
    count = np.where(ends, 2, 1)
    of = np.repeat(mine, count)
    end = np.zeros(len(of), np.bool_)
    end[np.cumsum(count)[ends] - 1] = True
    knot = segments.at[of] + end
    vector = np.where(end[:, None], segments.b[of], segments.a[of])
    place = np.column_stack([track.x[knot], track.y[knot]])
    quad = np.flatnonzero(~end)
    return place + left_m * vector, place + right_m * vector, knot, quad, number[segments.at[of[quad]]]


def _wedges(track: Track, segments: _Segments, mine: Ints, left_m: float, right_m: float) -> Across:
    """Two triangles per sharp turn on its outer side, as cross-sections before, at and after the corner."""
    before, after = segments.normal[mine - 1], segments.normal[mine]
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] > 0.0
    outer = np.where(turn, max(right_m, 0.0), min(left_m, 0.0))
    inner = np.where(turn, max(left_m, 0.0), min(right_m, 0.0))
    bisector = (before + after) / (1.0 + np.einsum("ij,ij->i", before, after))[:, None]
    vectors = np.stack([before, bisector, after], axis=1)
    place = np.column_stack([track.x[segments.at[mine]], track.y[segments.at[mine]]])[:, None, :]
    far = (place + outer[:, None, None] * vectors).reshape(-1, 2)
    near = (place + inner[:, None, None] * vectors).reshape(-1, 2)
    toward = np.repeat(turn, 3)[:, None]
    left, right = np.where(toward, near, far), np.where(toward, far, near)
    knot = np.repeat(segments.at[mine], 3)
    quad = np.flatnonzero(np.tile([True, True, False], len(mine)))
    return left, right, knot, quad, np.full(len(quad), -1, np.int64)
