"""The end of a flight that may still change, computed by the stages of batch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.samples import Event
from geo.cleaning import LIMIT_MPS, SLACK_M, Cleaned, Limits, usable, without_jumps
from geo.layouts import told_widths
from geo.live.growing import rows_of
from geo.live.tally import FAST_MPS, Choices, Counts, Tally
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps
from geo.pieces import Pieces, pieces
from geo.projection import LocalPlane, steps_m
from geo.track import Sweep, coarse_rows, sweep_of


@dataclass(frozen=True, slots=True, eq=False)
class Tail:
    """Rows from the last cut on, and what came of them.

    ``raw`` are the rows by time, ``usable`` those with a position, ``limits`` of their steps, ``steps`` the treated
    ones before any is merged; ``sweep`` is None where nothing is treated. ``context``: its first straight run was
    settled before.
    """

    raw: FixTable
    usable: Cleaned
    limits: Limits
    cleaned: Cleaned
    x: Floats
    y: Floats
    steps: Steps
    sweep: Sweep | None
    events: tuple[Event, ...]
    smooth: bool
    context: bool
    lead: int

    @property
    def ts_ms(self) -> Ints:
        """Times of the believed rows."""
        return self.cleaned.fixes.ts_ms

    @property
    def raw_ms(self) -> Ints:
        """Times of all rows."""
        return self.raw.ts_ms

    @property
    def breaks(self) -> Bools:
        """Whether something was rejected before a believed row."""
        return self.cleaned.breaks

    @property
    def run_rows(self) -> Ints:
        """The believed row at which each straight run begins."""
        return np.empty(0, np.int64) if self.sweep is None else self.sweep.track.steps.row

    @property
    def last_row(self) -> int:
        """The last treating row; −1 where nothing is treated."""
        return int(self.steps.row.max(initial=-1))

    @property
    def runs(self) -> int:
        """How many straight runs it has."""
        return 0 if self.sweep is None else len(self.sweep.track.steps)

    def pieces(self, start: int, end: int) -> Floats:
        """The pieces of straight runs ``start`` to ``end`` (exclusive), and the wedges before them, shape (k, 14)."""
        if self.sweep is None or start >= end:
            return rows_of(Pieces.concat([]))
        track = self.sweep.track
        code = np.full(len(track.code), -1, np.int64)
        code[start:end] = track.code[start:end]
        return rows_of(pieces(replace(self.sweep, track=replace(track, code=code)), self.cleaned.fixes))

    def counts(self, row: int | None = None) -> Counts:
        """Counts over its rows, or over those before believed row ``row`` (and the step that leads to it)."""
        return _counts(self, row)

    def tally(self, row: int | None = None) -> Tally:
        """What its rows, or those before believed row ``row`` (and the step that leads to it), add up to."""
        return _tally(self, row)


def tail_of(
    raw: FixTable,
    plane: LocalPlane,
    parameters: Parameters,
    events: tuple[Event, ...],
    choices: Choices | None,
    *,
    context: bool,
    lead: int = 0,
) -> Tail:
    """Compute rows that stand in order of time, without repeats.

    Args:
        raw: The rows; the first is a believed one, or the flight's first.
        plane: Where to compute.
        parameters: Choices of the computation.
        events: Of the device, at least those that fall between the rows.
        choices: What the whole flight decides; None: the rows are the whole flight.
        context: Whether the first straight run was settled before.
        lead: So many first rows, all believed, only lead in: they were counted before.

    Raises:
        ConfigError: The implement was on and no swath width is known.
    """
    state = usable(raw)
    lengths = steps_m(state.fixes.lon_deg, state.fixes.lat_deg)
    if choices is None:
        limits, tuned, coarse = Limits.of(state.fixes, lengths), parameters, None
    else:
        limits = Limits.given(state.fixes, lengths, LIMIT_MPS, trusted=choices.trusted)
        tuned, coarse = replace(parameters, gap_min_s=choices.gap_s, gap_factor=0.0), choices.coarse
    cleaned = without_jumps(state, limits)
    fixes = cleaned.fixes
    x, y = plane.xy(fixes.lon_deg, fixes.lat_deg) if len(fixes) else (np.empty(0), np.empty(0))
    steps = treated_steps(cleaned, x, y, tuned, events)
    mine = steps.since(lead) if lead else steps
    sweep = sweep_of(fixes, steps, parameters, coarse=coarse, lead=lead) if len(mine) else None
    smooth = sweep is not None and sweep.smooth
    return Tail(raw, state, limits, cleaned, x, y, mine, sweep, events, smooth, context, lead)


def _counts(tail: Tail, row: int | None) -> Counts:
    """See :meth:`Tail.counts`. The rows that lead in are usable and believed: they are the first of every column."""
    fixes, limits, usable_ms, lead = tail.cleaned.fixes, tail.limits, tail.usable.fixes.ts_ms, tail.lead
    last, rows = len(usable_ms) - 1, len(fixes)
    mine = tail.steps.row
    if row is not None:
        last, rows = int(np.searchsorted(usable_ms, fixes.ts_ms[row])), row + 1
        mine = mine[mine < row]
    last = max(last, lead)
    lengths = limits.steps[lead:last]
    dt_s = (usable_ms[lead + 1 : last + 1] - usable_ms[lead:last] + limits.held_ms[lead:last]) / 1000.0
    explained = last - lead
    if not (limits.trusted and tail.cleaned.breaks is tail.usable.breaks):
        told = lengths <= replace(limits, trusted=True).reach_m(np.arange(lead, last), np.arange(lead + 1, last + 1))
        explained = int(np.count_nonzero(told))
    moving = (dt_s > 0.0) & (lengths > 0.0)
    fast = int(np.count_nonzero(moving & (lengths >= FAST_MPS * dt_s)))
    believed_ms = fixes.ts_ms[lead:rows]
    return Counts(
        steps=last - lead,
        explained=explained,
        moving=int(np.count_nonzero(moving)),
        fast=fast,
        odd=int(np.count_nonzero(lengths > LIMIT_MPS * dt_s + SLACK_M)),
        treated=len(mine),
        coarse=int(np.count_nonzero(coarse_rows(fixes)[mine])),
        dts_ms=Counter((believed_ms[1:] - believed_ms[:-1]).tolist()),
    )


def _tally(tail: Tail, row: int | None) -> Tally:
    """See :meth:`Tail.tally`."""
    fixes, steps, lead = tail.cleaned.fixes, tail.steps, tail.lead
    rows = len(fixes) if row is None else row
    rejected = tail.cleaned.rejected if row is None else _rejected_before(tail, int(fixes.ts_ms[row]))
    widths = np.flatnonzero(told_widths(fixes)[:rows])
    upto = slice(lead, len(fixes) if row is None else row + 1)
    passed = steps_m(fixes.lon_deg[upto], fixes.lat_deg[upto])
    mine: Bools = steps.row < rows
    treated_m = steps.length_m[mine]
    return Tally(
        tail.counts(row),
        width_m=float(fixes.swath_m[widths[-1]]) if len(widths) else float("nan"),
        fixes=rows - lead,
        rejected=Counter(rejected),
        distance_m=float(passed[~tail.cleaned.breaks[upto][1:]].sum()),
        treated_m=float(treated_m.sum()),
        bridged_m=float(treated_m[steps.bridged[mine]].sum()),
    )


def _rejected_before(tail: Tail, ts_ms: int) -> dict[str, int]:
    """Rejected rows before an instant, by reason."""
    if not tail.cleaned.rejected:
        return {}
    before = tail.raw.take(tail.raw.ts_ms < ts_ms)
    counts = usable(before).rejected
    kept = int(np.searchsorted(tail.cleaned.fixes.ts_ms, ts_ms))
    jumps = len(before) - sum(counts.values()) - kept
    return counts | ({"jump": jumps} if jumps else {})


def merged(tables: Sequence[FixTable]) -> FixTable:
    """Rows in the order of batch (time, number, boot), without repeats of the same place; the first of a key stays."""
    table = FixTable.concat(list(tables))
    boots = sorted(table.boot.labels)
    rank = np.array([boots.index(label) for label in table.boot.labels])
    ordered = table.take(np.lexsort((rank[table.boot.codes], table.seq, table.ts_ms)))
    code = np.array([boots.index(label) for label in ordered.boot.labels])[ordered.boot.codes]
    same = (np.diff(ordered.ts_ms) == 0) & (np.diff(ordered.seq) == 0) & (np.diff(code) == 0)
    keep, places = np.ones(len(ordered), np.bool_), set[tuple[float, float]]()
    for k in (np.flatnonzero(same) + 1).tolist():
        if k == 1 or not same[k - 2]:
            places = {(float(ordered.lat_deg[k - 1]), float(ordered.lon_deg[k - 1]))}
        place = (float(ordered.lat_deg[k]), float(ordered.lon_deg[k]))
        keep[k] = place not in places and np.isfinite(place[0])
        places.add(place)
    return ordered if keep.all() else ordered.take(keep)
