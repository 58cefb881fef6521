"""How sure the ends of passes are: told by an event, by two fixes with a step between them, or lost in a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.samples import Event
from geo.cleaning import Cleaned
from geo.parameters import Parameters
from geo.passes import Steps, gap_limit_s
from geo.trust.sections import Slack
from geo.trust.tolerance import Tolerance
from geo.trust.tracks import Track

_SAME_S = 1e-3
ENOUGH_TURNS = 3
"""From so many of a flight's own turns that fit into a gap, their median says how long the turn in it took."""
Span = tuple[float, float, int, bool]
"""Seconds before and after the logged end (low, high), the gap whose chance it shares (-1 none), whether flipped."""
_SURE: Span = (0.0, 0.0, -1, False)


@dataclass(frozen=True, slots=True, eq=False)
class _Log:
    """What a table tells of its switches."""

    fixes: FixTable
    ts_s: Floats
    gap_s: float
    broken: np.ndarray
    on_s: Floats
    off_s: Floats
    turns_s: Floats
    tolerance: Tolerance

    @classmethod
    def of(cls, cleaned: Cleaned, parameters: Parameters, events: Sequence[Event], tolerance: Tolerance) -> _Log:
        fixes = cleaned.fixes
        ts = fixes.ts_ms / 1000.0
        mine = [e for e in events if not e.device or not fixes.device or e.device == fixes.device]
        on, off = (
            np.sort([e.ts_ms / 1000.0 for e in mine if e.kind is kind]) for kind in (EventKind.ON, EventKind.OFF)
        )
        broken = cleaned.breaks[1:] | (np.diff(fixes.boot.codes) != 0) | (np.diff(fixes.flight.codes) != 0)
        gap_s = gap_limit_s(np.diff(ts), parameters)
        return cls(fixes, ts, gap_s, broken, on, off, _turns_s(fixes.on, ts, broken | (np.diff(ts) > gap_s)), tolerance)

    def start(self, row: int, ts_s: float) -> Span:
        """How much earlier a pass may have begun that starts at ``ts_s``, in the segment from fix ``row``."""
        if row == 0 or ts_s > self.ts_s[row] + _SAME_S or _near(self.on_s, ts_s):
            return _SURE
        step = float(self.ts_s[row] - self.ts_s[row - 1])
        if step <= self.gap_s and not self.broken[row - 1]:
            return (-step, 0.0, -1, False) if self.tolerance.sampling else _SURE
        told = _last_in(self.on_s, self.ts_s[row - 1], self.ts_s[row])
        if told is not None:
            return told - ts_s, told - ts_s, -1, False
        both = bool(self.fixes.on[row - 1])
        return -self._room(step, both=both), 0.0, row - 1 if both else -1, both

    def end(self, row: int, ts_s: float) -> Span:
        """How much earlier or later a pass may have ended that ends at ``ts_s``, in the segment from fix ``row``."""
        row += 1
        if ts_s < self.ts_s[row] - _SAME_S or _near(self.off_s, ts_s):
            return _SURE
        if not self.fixes.on[row]:
            step = float(self.ts_s[row] - self.ts_s[row - 1])
            return (-step, 0.0, -1, False) if self.tolerance.sampling else _SURE
        if row + 1 == len(self.ts_s):
            return _SURE
        told = _first_in(self.off_s, self.ts_s[row], self.ts_s[row + 1])
        if told is not None:
            return told - ts_s, told - ts_s, -1, False
        both = bool(self.fixes.on[row + 1])
        room = self._room(float(self.ts_s[row + 1] - self.ts_s[row]), both=both)
        return 0.0, room, row if both else -1, False

    def _room(self, gap_s: float, *, both: bool) -> float:
        """How long the implement may have been on in a gap; with both ends on, there was a turn in it."""
        own = self.turns_s[self.turns_s < gap_s]
        turn_s = float(np.median(own)) if len(own) >= ENOUGH_TURNS else self.tolerance.turn_s
        return min(max(gap_s - turn_s, 0.0) if both else gap_s, self.tolerance.open_s)


def _turns_s(on: Bools, ts_s: Floats, lost: Bools) -> Floats:
    """How long the implement was off between two passes, wherever all of it was seen; gaps ``lost`` (n - 1,)."""
    rows = np.flatnonzero(on)
    stop = rows[:-1][np.diff(rows) > 1]
    start = rows[1:][np.diff(rows) > 1]
    unseen = np.append(0, np.cumsum(lost))
    seen = unseen[stop] == unseen[start]
    found: Floats = (ts_s[start] - ts_s[stop])[seen]
    return found


def _near(times: Floats, ts_s: float) -> bool:
    at = int(np.searchsorted(times, ts_s - _SAME_S))
    return at < len(times) and bool(times[at] <= ts_s + _SAME_S)


def _first_in(times: Floats, after_s: float, before_s: float) -> float | None:
    at = int(np.searchsorted(times, after_s))
    return float(times[at]) if at < len(times) and times[at] <= before_s else None


def _last_in(times: Floats, after_s: float, before_s: float) -> float | None:
    at = int(np.searchsorted(times, before_s, side="right")) - 1
    return float(times[at]) if at >= 0 and times[at] >= after_s else None


def slack_of(  # noqa: PLR0917 - columns
    cleaned: Cleaned,
    steps: Steps,
    times: tuple[Floats, Floats],
    chain: Ints,
    track: Track,
    across: tuple[Floats, Floats, Ints],
    parameters: Parameters,
    events: Sequence[Event],
    tolerance: Tolerance,
) -> Slack:
    """The ends of a table's passes; ``across`` are left ends, right ends and knots of its cross-sections."""
    log = _Log.of(cleaned, parameters, events, tolerance)
    spans: dict[tuple[int, bool], Span] = {}
    first, last = np.flatnonzero(np.diff(steps.run, prepend=-1)), np.flatnonzero(np.diff(steps.run, append=-1))
    for k in first.tolist():
        spans[int(chain[k]), False] = log.start(int(steps.row[k]), float(times[0][k]))
    for k in last.tolist():
        spans[int(chain[k]), True] = log.end(int(steps.row[k]), float(times[1][k]))
    left, right, knot = across
    head, tail = np.diff(track.chain, prepend=-1) != 0, np.diff(track.chain, append=-1) != 0
    found: list[tuple[int, bool, Span]] = []
    for k in np.flatnonzero(head[knot] | tail[knot]).tolist():
        at_end = bool(tail[knot[k]])
        span = spans.get((int(track.chain[knot[k]]), at_end))
        if span is not None:
            found.append((k, at_end, span))
    return _columns(found, left, right, track, knot)


def _columns(found: list[tuple[int, bool, Span]], left: Floats, right: Floats, track: Track, knot: Ints) -> Slack:
    section = np.array([k for k, _, _ in found], np.int64)
    at_end = np.array([end for _, end, _ in found], np.bool_)
    spans = np.array([span for _, _, span in found], np.float64).reshape(-1, 4)
    across = right[section] - left[section]
    along = np.column_stack([-across[:, 1], across[:, 0]])
    along /= np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None]
    here = knot[section]
    other = np.where(at_end, here - 1, here + 1)
    inward = np.hypot(track.x[other] - track.x[here], track.y[other] - track.y[here])
    speed = inward / np.maximum(np.abs(track.ts_s[other] - track.ts_s[here]), _SAME_S)
    own = 2 * track.chain[here] + at_end
    gap = spans[:, 2].astype(np.int64)
    most = 2 * int(track.chain.max(initial=0)) + 2
    number = np.unique(np.where(gap >= 0, most + gap, own), return_inverse=True)[1].astype(np.int64)
    sign = np.where(at_end, 1.0, -1.0)
    low, high = spans[:, 0] * speed, spans[:, 1] * speed
    return Slack(section, along, low, high, number, spans[:, 3] > 0.0, sign, speed, inward)
