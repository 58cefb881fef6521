"""Which fixes can be believed: receiver state, position, repeats, and jumps that no machine can fly.

A rejected fix is counted by reason and leaves a *break*: nothing is ever treated across it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, FixTable, Floats, Ints
from geo.orderly import Rules, orderly_m
from geo.projection import GEOD, steps_m

LAT_MAX_DEG, LON_MAX_DEG = 90.0, 180.0
NULL_ISLAND_DEG = 1e-3
"""Positions this close to 0 N 0 E are a receiver's empty answer."""
LIMIT_MPS = 30.0
"""Speed above which a step is a jump where the device reports no speed (no sprayer flies or drives that fast)."""
REPORTED_FACTOR = 1.5
REPORTED_SLACK_MPS = 3.0
SLACK_M = 1.5
"""Distance allowed on top of speed × time: noise of single receivers, rounding of times and positions."""
HELD_S = 1.5
"""Loggers that write faster than the receiver repeat a position; a step may have collected this much time."""
CONFIRM = 3
"""So many fixes in a row that agree with each other make a jump's far side the new place."""
TRUSTED_SHARE = 0.9
"""Reported speeds count only where they explain at least this share of the steps."""
_RULES = Rules(
    LAT_MAX_DEG,
    LON_MAX_DEG,
    NULL_ISLAND_DEG,
    LIMIT_MPS,
    REPORTED_FACTOR,
    REPORTED_SLACK_MPS,
    SLACK_M,
    HELD_S * 1000.0,
)


@dataclass(frozen=True, slots=True, eq=False)
class Cleaned:
    """Believed fixes. ``breaks[i]`` is True where a rejected fix or a jump stood before row i, shape (n,).

    ``length_m`` is the :func:`distance_m` along them where the cleaning has measured it, else NaN.
    """

    fixes: FixTable
    breaks: Bools
    rejected: dict[str, int]
    length_m: float = math.nan

    @property
    def distance_m(self) -> float:
        """Geodesic length in metres along the fixes; steps that end at a break are left out."""
        return distance_m(self.fixes, self.breaks) if math.isnan(self.length_m) else self.length_m


def usable(fixes: FixTable) -> Cleaned:
    """Keep the rows with a valid fix state and position, in the order given; no speed filter.

    Rejects ``no-fix`` (the receiver says so), ``no-position`` (not a number), ``out-of-range`` (beyond ±90°/±180°) and
    ``null-island`` (0 N 0 E). A fix whose quality is not told is believed.
    """
    lat, lon = fixes.lat_deg, fixes.lon_deg
    reasons = {
        "no-fix": fixes.quality == FixQuality.NONE,
        "no-position": ~(np.isfinite(lat) & np.isfinite(lon)),
        "out-of-range": (np.abs(lat) > LAT_MAX_DEG) | (np.abs(lon) > LON_MAX_DEG),
        "null-island": (np.abs(lat) < NULL_ISLAND_DEG) & (np.abs(lon) < NULL_ISLAND_DEG),
    }
    bad = np.zeros(len(fixes), np.bool_)
    rejected: dict[str, int] = {}
    for reason, rows in reasons.items():
        fresh = int(np.count_nonzero(rows & ~bad))
        bad |= rows
        if fresh:
            rejected[reason] = fresh
    if not rejected:
        return Cleaned(fixes, np.zeros(len(fixes), np.bool_), {})
    return _kept(fixes, np.zeros(len(fixes), np.bool_), ~bad, rejected)


def clean(fixes: FixTable) -> Cleaned:
    """Sort by time, drop repeats, keep usable rows, and reject jumps (``repeat`` and ``jump`` join the reasons).

    A step is a jump where its length exceeds ``limit × time + SLACK_M``; the limit is 1.5 × the reported speed + 3 m/s
    where the device reports its speed (and the speeds explain nine steps in ten), else 30 m/s or three times the
    median speed of the log, whichever is more. A lone outlier is rejected; where three fixes in a row agree with the
    new place, it is accepted, with a break before it.
    """
    length_m = orderly_m(fixes, _RULES)
    if not math.isnan(length_m):
        return Cleaned(fixes, np.zeros(len(fixes), np.bool_), {}, length_m)
    return clean_thoroughly(fixes)


def clean_thoroughly(fixes: FixTable) -> Cleaned:
    """The way for tables in which something may have to be mended."""
    ordered = fixes.take(np.lexsort((_ranks(fixes), fixes.seq, fixes.ts_ms)))
    repeat = _repeats(ordered)
    first = ordered.take(~repeat) if repeat.any() else ordered
    counts = {"repeat": int(repeat.sum())} if repeat.any() else {}
    state = usable(first)
    rejected = counts | state.rejected
    limits = Limits.of(state.fixes, steps_m(state.fixes.lon_deg, state.fixes.lat_deg))
    return without_jumps(Cleaned(state.fixes, state.breaks, rejected), limits)


def without_jumps(state: Cleaned, limits: Limits) -> Cleaned:
    """Usable rows in order of time without those that no machine can have come to (``jump`` joins the reasons)."""
    keep, breaks = _without_jumps(state.fixes, state.breaks, limits)
    jumps = int(np.count_nonzero(~keep))
    if not jumps:
        return Cleaned(state.fixes, breaks, state.rejected)
    return _kept(state.fixes, breaks, keep, state.rejected | {"jump": jumps})


def distance_m(fixes: FixTable, breaks: Bools | None = None) -> float:
    """Geodesic length in metres along the rows in order; steps that end at a break are left out."""
    if len(fixes) <= 1:
        return 0.0
    lengths = steps_m(fixes.lon_deg, fixes.lat_deg)
    return float(lengths.sum() if breaks is None else lengths[~breaks[1:]].sum())


def _ranks(fixes: FixTable) -> Floats:
    """Boots as numbers in the order of their text, so that the order of rows does not matter."""
    order = {label: rank for rank, label in enumerate(sorted(fixes.boot.labels))}
    ranks = np.array([order[label] for label in fixes.boot.labels], np.float64)
    return ranks[fixes.boot.codes] if len(ranks) else np.zeros(len(fixes))


def _repeats(ordered: FixTable) -> Bools:
    """Rows that stand in the table already: same time, number, boot and position as a row of the same instant."""
    repeat = np.zeros(len(ordered), np.bool_)
    same = (np.diff(ordered.ts_ms) == 0) & (np.diff(ordered.seq) == 0) & (np.diff(_ranks(ordered)) == 0)
    seen: set[tuple[float, float]] = set()
    for i in np.flatnonzero(same).tolist():
        if i == 0 or not same[i - 1]:
            seen = {(float(ordered.lat_deg[i]), float(ordered.lon_deg[i]))}
        place = (float(ordered.lat_deg[i + 1]), float(ordered.lon_deg[i + 1]))
        repeat[i + 1] = place in seen or not np.isfinite(place[0])
        seen.add(place)
    return repeat


def _kept(fixes: FixTable, breaks: Bools, keep: Bools, rejected: dict[str, int]) -> Cleaned:
    """The kept rows; every run of rejected rows becomes a break before the next kept row."""
    gone = np.cumsum(~keep)[keep]
    after = np.diff(gone, prepend=0) > 0
    carried = np.diff(np.cumsum(breaks)[keep], prepend=0) > 0
    return Cleaned(fixes.take(keep), after | carried, rejected)


def _without_jumps(fixes: FixTable, breaks: Bools, limits: Limits) -> tuple[Bools, Bools]:
    """Rows to keep, and breaks (of all rows given) with those added where a jump's far side became the new place."""
    n = len(fixes)
    keep = np.ones(n, np.bool_)
    if n <= 1:
        return keep, breaks
    plausible = limits.plausible()
    if plausible.all():
        return keep, breaks
    keep[1:] = False
    breaks = breaks.copy()
    anchor, pending = 0, list[int]()
    for i in range(1, n):
        near = bool(plausible[i - 1]) if anchor == i - 1 else limits.near(anchor, i)
        if near:
            keep[i], anchor, pending = True, i, []
            continue
        follows = bool(pending) and pending[-1] == i - 1 and bool(plausible[i - 1])
        pending = [*pending, i] if follows else [i]
        if len(pending) == CONFIRM:
            keep[pending] = True
            breaks[pending[0]] = True
            anchor, pending = i, []
    return keep, breaks


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """How far a machine can have come between two rows of a table, whose ``steps`` are in metres, shape (n - 1,).

    ``limit_mps`` counts where no speed is reported, or where the reported ones are not ``trusted``.
    """

    fixes: FixTable
    steps: Floats
    held_ms: Floats
    limit_mps: float
    trusted: bool

    @classmethod
    def of(cls, fixes: FixTable, steps: Floats) -> Limits:
        """Limits of a table from its times, its steps in metres, and the speeds that it reports."""
        told = cls.given(fixes, steps, LIMIT_MPS, trusted=True)
        speeds = told.speeds_mps()
        median = float(np.median(speeds)) if len(speeds) else 0.0
        told = replace(told, limit_mps=max(LIMIT_MPS, 3.0 * median))
        explained = len(steps) > 0 and told.plausible().mean() >= TRUSTED_SHARE
        return told if explained else replace(told, trusted=False)

    @classmethod
    def given(cls, fixes: FixTable, steps: Floats, limit_mps: float, *, trusted: bool) -> Limits:
        """Limits that the rest of a flight has settled, for some of its rows."""
        moved = np.concatenate([[True], steps > 0.0])[: len(fixes)]
        since = np.maximum.accumulate(np.where(moved, np.arange(len(fixes)), 0))
        held_ms = np.minimum(fixes.ts_ms - fixes.ts_ms[since], HELD_S * 1000.0)
        return cls(fixes, steps, held_ms, limit_mps, trusted)

    def speeds_mps(self) -> Floats:
        """Speeds over the steps in which the position changed."""
        dt_s = (np.diff(self.fixes.ts_ms) + self.held_ms[:-1]) / 1000.0
        moving = (dt_s > 0.0) & (self.steps > 0.0)
        speeds: Floats = self.steps[moving] / dt_s[moving]
        return speeds

    def plausible(self) -> Bools:
        """Whether each row can be reached from the one before it, shape (n - 1,)."""
        n = len(self.fixes)
        reached: Bools = self.steps <= self.reach_m(np.arange(n - 1), np.arange(1, n))
        return reached

    def reach_m(self, start: Ints, end: Ints) -> Floats:
        """The longest plausible step in metres between rows ``start`` and ``end`` (index arrays of one shape)."""
        dt_s = (self.fixes.ts_ms[end] - self.fixes.ts_ms[start] + self.held_ms[start]) / 1000.0
        limit: Floats = np.full(np.shape(dt_s), self.limit_mps)
        if self.trusted:
            speed = np.fmax(self.fixes.speed_mps[start], self.fixes.speed_mps[end])
            limit = np.where(np.isfinite(speed), REPORTED_FACTOR * speed + REPORTED_SLACK_MPS, limit)
        return np.asarray(limit * dt_s + SLACK_M, np.float64)

    def near(self, start: int, end: int) -> bool:
        """Whether row ``end`` can be reached from row ``start``."""
        lon, lat = self.fixes.lon_deg, self.fixes.lat_deg
        length = GEOD.inv(lon[start], lat[start], lon[end], lat[end])[2]
        return bool(length <= self.reach_m(np.array([start]), np.array([end]))[0])
