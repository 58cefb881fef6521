"""From fixes to treated steps: where and when the implement was on, by the hold rule, exact events and the gap rule.

Hold rule: the segment from fix i to fix i+1 is treated if fix i is on. An on or off event between the two fixes cuts
the segment at the place where the machine was at that instant. A gap is treated only when it can be bridged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Bools, FixTable, Floats, Ints, Labels
from core.model.samples import Event
from geo.cleaning import LIMIT_MPS, Cleaned
from geo.compiled import COMPILES
from geo.parameters import Parameters
from geo.segments import Gaps, mostly_within, treated

BRIDGE_SLOWEST = 0.5
BRIDGE_FASTEST = 1.5
BRIDGE_SLACK_MPS = 1.0


@dataclass(frozen=True, eq=False)
class Steps:
    """Treated pieces of segments, in order of time, as columns of shape (k,).

    ``row`` is the fix that tells width, flow and sections of a step: the one that it starts from, or the next one after
    an "on" event. ``start_ms`` is when it begins. Steps of the same ``run`` follow each other without a break: the end
    of one is the start of the next.
    """

    row: Ints
    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    dt_s: Floats
    bridged: Bools
    run: Ints
    start_ms: Floats

    def __len__(self) -> int:
        return len(self.row)

    @cached_property
    def length_m(self) -> Floats:
        """Length of each step in metres."""
        dx, dy = self.x1 - self.x0, self.y1 - self.y0
        dx *= dx
        dy *= dy
        dx += dy
        return np.sqrt(dx, out=dx)

    def since(self, row: int) -> Steps:
        """The steps that fixes from ``row`` on tell."""
        keep = self.row >= row
        return Steps(**{field.name: getattr(self, field.name)[keep] for field in fields(Steps)})


def treated_steps(
    cleaned: Cleaned, x: Floats, y: Floats, parameters: Parameters, events: Sequence[Event] = ()
) -> Steps:
    """The treated steps of one table whose positions are ``x`` and ``y`` in plane metres, shape (n,)."""
    fixes = cleaned.fixes
    if len(fixes) <= 1:
        return _whole(fixes, x, y, np.empty(0, np.int64), np.empty(0), np.empty(0, np.bool_))
    on = np.ones(len(fixes), np.bool_) if parameters.assume_on else fixes.on
    limit_s = _limit_s(fixes, parameters)
    if COMPILES:
        gaps = Gaps(limit_s, parameters.bridge_s, BRIDGE_SLOWEST, BRIDGE_FASTEST, BRIDGE_SLACK_MPS, LIMIT_MPS)
        steps = Steps(*treated(fixes, cleaned.breaks, x, y, on, gaps))
    else:
        steps = _uncut(cleaned, x, y, on, limit_s, parameters.bridge_s)
    cuts = _cuts(fixes, events)
    return _cut(steps, cleaned, (x, y), on, limit_s, cuts) if cuts else steps


def _uncut(cleaned: Cleaned, x: Floats, y: Floats, on: Bools, limit_s: float, bridge_s: float) -> Steps:  # noqa: PLR0917
    """The treated steps column by column, as if there were no events."""
    fixes = cleaned.fixes
    dt_s = np.diff(fixes.ts_ms) / 1000.0
    joined = ~cleaned.breaks[1:] & _same(fixes.boot) & _same(fixes.flight)
    gap = dt_s > limit_s
    bridged = gap & on[:-1] & on[1:] & (dt_s <= bridge_s)
    if bridged.any():
        bridged &= _plausible(fixes, x, y, dt_s)
    return _whole(fixes, x, y, np.flatnonzero(joined & on[:-1] & (~gap | bridged)), dt_s, bridged)


def _cut(  # noqa: PLR0917 - what a table's steps rest on
    steps: Steps,
    cleaned: Cleaned,
    xy: tuple[Floats, Floats],
    on: Bools,
    limit_s: float,
    cuts: dict[int, list[tuple[float, EventKind]]],
) -> Steps:
    """The same steps with those segments cut in which something was switched."""
    fixes, n = cleaned.fixes, len(on) - 1
    believed, bridged, cut = (np.zeros(n, np.bool_) for _ in range(3))
    believed[steps.row], bridged[steps.row], cut[list(cuts)] = True, steps.bridged, True
    parts: list[tuple[int, float, float]] = []
    for i, switches in cuts.items():
        if _joined(cleaned, i) and (fixes.ts_ms[i + 1] - fixes.ts_ms[i]) / 1000.0 <= limit_s:
            parts += [(i, a, b) for a, b in _intervals(bool(on[i]), switches)]
        elif believed[i] and not any(kind is EventKind.OFF for _, kind in switches):
            parts.append((i, 0.0, 1.0))
    whole = np.flatnonzero(believed & ~cut)
    seg: Ints = np.concatenate([whole, np.array([p[0] for p in parts], np.int64)])
    start: Floats = np.concatenate([np.zeros(len(whole)), np.array([p[1] for p in parts])])
    end: Floats = np.concatenate([np.ones(len(whole)), np.array([p[2] for p in parts])])
    order = np.lexsort((start, seg))
    seg, start, end = seg[order], start[order], end[order]
    made = _steps(fixes, *xy, seg, start, end, bridged)
    return replace(made, row=_telling(on, made.row, start))


def _joined(cleaned: Cleaned, i: int) -> bool:
    """Whether row i + 1 belongs to the row before it: no break, one boot, one flight."""
    boot, flight = cleaned.fixes.boot.codes, cleaned.fixes.flight.codes
    return not cleaned.breaks[i + 1] and bool(boot[i] == boot[i + 1] and flight[i] == flight[i + 1])


def _same(labels: Labels) -> Bools | np.bool_:
    """Whether the text of a row is that of the row before, shape (n - 1,), or one answer for all."""
    return np.diff(labels.codes) == 0 if len(labels.labels) > 1 else np.True_


def _telling(on: Bools, seg: Ints, start: Floats) -> Ints:
    """Which fix tells width and flow of each piece: after an "on" within a segment, the next one where that is on."""
    late = (start > 0.0) & ~on[seg]
    return np.where(late & on[np.minimum(seg + 1, len(on) - 1)], np.minimum(seg + 1, len(on) - 1), seg)


def gap_limit_s(dt_s: Floats, parameters: Parameters) -> float:
    """Time step in seconds above which the telemetry has a gap: max(1 s, 2.5 × the device's median step)."""
    if parameters.gap_factor == 0.0:
        return parameters.gap_min_s
    positive = dt_s if dt_s.min(initial=1.0) > 0.0 else dt_s[dt_s > 0.0]
    if 2 * int(np.count_nonzero(positive <= parameters.gap_min_s / parameters.gap_factor)) > len(positive):
        return parameters.gap_min_s  # the median is among these, and too short to matter
    median = float(np.median(positive)) if len(positive) else 0.0
    return max(parameters.gap_min_s, parameters.gap_factor * median)


def _limit_s(fixes: FixTable, parameters: Parameters) -> float:
    """The same of a whole table."""
    if parameters.gap_factor == 0.0 or mostly_within(
        fixes.ts_ms, 1000.0 * parameters.gap_min_s / parameters.gap_factor
    ):
        return parameters.gap_min_s
    return gap_limit_s(np.diff(fixes.ts_ms) / 1000.0, parameters)


def _plausible(fixes: FixTable, x: Floats, y: Floats, dt_s: Floats) -> Bools:
    """Whether the straight line over a segment fits the speeds reported at its ends; shape (n - 1,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        implied = np.hypot(np.diff(x), np.diff(y)) / dt_s
    slow = np.fmin(fixes.speed_mps[:-1], fixes.speed_mps[1:])
    fast = np.fmax(fixes.speed_mps[:-1], fixes.speed_mps[1:])
    fits = (implied >= BRIDGE_SLOWEST * slow - BRIDGE_SLACK_MPS) & (implied <= BRIDGE_FASTEST * fast + BRIDGE_SLACK_MPS)
    return np.where(np.isfinite(fast), fits, implied <= LIMIT_MPS)


def switches_of(events: Sequence[Event], device: str) -> list[Event]:
    """The on and off events that a device's table has to do with, in order of time."""
    mine = [
        event
        for event in events
        if event.kind in (EventKind.ON, EventKind.OFF) and (not event.device or not device or event.device == device)
    ]
    return sorted(mine, key=lambda event: (event.ts_ms, event.kind))


def _cuts(fixes: FixTable, events: Sequence[Event]) -> dict[int, list[tuple[float, EventKind]]]:
    """On and off events by the segment they fall into, as (share of the segment's time, kind) in order of time."""
    switches = switches_of(events, fixes.device)
    if not switches:
        return {}
    at_ms = np.array([event.ts_ms for event in switches], np.int64)
    rows = np.searchsorted(fixes.ts_ms, at_ms, side="right") - 1
    within = np.clip(rows, 0, len(fixes) - 2)
    before, after = fixes.ts_ms[within].tolist(), fixes.ts_ms[within + 1].tolist()
    cuts: dict[int, list[tuple[float, EventKind]]] = {}
    for event, i, start_ms, end_ms in zip(switches, rows.tolist(), before, after, strict=True):
        if not 0 <= i < len(fixes) - 1 or (event.boot and fixes.boot[i] and event.boot != fixes.boot[i]):
            continue
        cuts.setdefault(i, []).append(((event.ts_ms - start_ms) / (end_ms - start_ms), event.kind))
    return cuts


def _intervals(on: bool, switches: list[tuple[float, EventKind]]) -> list[tuple[float, float]]:  # noqa: FBT001 - a state, not an option
    """The treated shares of a segment that starts on or off and is switched on the way."""
    found: list[tuple[float, float]] = []
    start = 0.0
    for share, kind in [*switches, (1.0, EventKind.OFF)]:
        if kind is EventKind.ON and not on:
            on, start = True, share
        elif kind is EventKind.OFF and on:
            on = False
            if share > start:
                found.append((start, share))
    return found


def _whole(  # noqa: PLR0917 - columns
    fixes: FixTable, x: Floats, y: Floats, seg: Ints, dt_s: Floats, bridged: Bools
) -> Steps:
    """Columns of whole segments ``seg``."""
    after = seg + 1
    run = np.ones(len(seg), np.int64)
    if len(seg) > 1:
        np.cumsum(seg[1:] != after[:-1], out=run[1:])
        run[1:] += 1
    start_ms = fixes.ts_ms[seg].astype(np.float64)
    return Steps(seg, x[seg], y[seg], x[after], y[after], dt_s[seg], bridged[seg], run, start_ms)


def _steps(  # noqa: PLR0917 - columns
    fixes: FixTable, x: Floats, y: Floats, seg: Ints, start: Floats, end: Floats, bridged: Bools
) -> Steps:
    """Columns of the pieces ``start`` to ``end`` (shares) of segments ``seg``."""
    k = len(seg)
    follows = np.zeros(k, np.bool_)
    if k > 1:
        follows[1:] = (np.diff(seg) == 1) & (end[:-1] == 1.0) & (start[1:] == 0.0)
    dx, dy = x[seg + 1] - x[seg], y[seg + 1] - y[seg]
    whole = end == 1.0
    return Steps(
        row=seg,
        x0=x[seg] + start * dx,
        y0=y[seg] + start * dy,
        x1=np.where(whole, x[seg + 1], x[seg] + end * dx),
        y1=np.where(whole, y[seg + 1], y[seg] + end * dy),
        dt_s=(end - start) * (fixes.ts_ms[seg + 1] - fixes.ts_ms[seg]) / 1000.0,
        bridged=bridged[seg],
        run=np.cumsum(~follows),
        start_ms=np.asarray(fixes.ts_ms[seg] + start * (fixes.ts_ms[seg + 1] - fixes.ts_ms[seg]), np.float64),
    )
