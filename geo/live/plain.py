"""The tail of a flight in which nothing is to be cleaned, computed by one compiled call: the same as by the stages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Bools, Floats, Ints
from core.model.samples import Event
from geo.live.columns import COARSE, STEP, TS, WIDTH, X, Y
from geo.live.growing import COLUMNS
from geo.live.strips import lay, straighten
from geo.live.tally import Choices, Counts, Tally
from geo.live.treading import (
    BRIDGED,
    EXPLAINED,
    FAST,
    MOVING,
    ODD,
    ROW,
    STEP_COLUMNS,
    X0,
    X1,
    Y0,
    Y1,
    Rules,
    look,
    tread,
)
from geo.parameters import Parameters
from geo.sleeve import STRETCH


@dataclass(frozen=True, slots=True, eq=False)
class PlainTail:
    """Rows from the last cut on, all believed, and what came of them; see :class:`geo.live.tail.Tail`.

    ``rows`` as in :mod:`geo.live.columns`, ``steps`` and ``straight`` as in :mod:`geo.live.treading`; ``laid`` are the
    pieces,
    shape (k, 14), and ``owner`` the run of each.
    """

    rows: Floats
    steps: Floats
    straight: Floats
    laid: Floats
    owner: Ints
    events: tuple[Event, ...]
    trusted: bool
    smooth: bool
    context: bool
    lead: int

    @property
    def runs(self) -> int:
        """How many straight runs it has."""
        return len(self.straight)

    @property
    def ts_ms(self) -> Ints:
        """Times of the believed rows."""
        return self.rows[:, TS].astype(np.int64)

    @property
    def raw_ms(self) -> Ints:
        """Times of all rows."""
        return self.ts_ms

    @property
    def x(self) -> Floats:
        """Where the rows are in the plane."""
        return self.rows[:, X]

    @property
    def y(self) -> Floats:
        """Where the rows are in the plane."""
        return self.rows[:, Y]

    @property
    def breaks(self) -> Bools:
        """There is none."""
        return np.zeros(len(self.rows), np.bool_)

    @property
    def run_rows(self) -> Ints:
        """The row at which each straight run begins."""
        return self.straight[:, ROW].astype(np.int64)

    @property
    def last_row(self) -> int:
        """The last treating row; −1 where nothing is treated."""
        return int(self.steps[:, ROW].max(initial=-1.0))

    def pieces(self, start: int, end: int) -> Floats:
        """The pieces of straight runs ``start`` to ``end`` (exclusive), and the wedges before them, shape (k, 14)."""
        low, high = np.searchsorted(self.owner, (start, end))
        return self.laid[low:high]

    def counts(self, row: int | None = None) -> Counts:
        """Counts over its rows, or over those before ``row`` (and the step that leads to it)."""
        rows = self.rows if row is None else self.rows[: row + 1]
        found = np.zeros(4, np.int64)
        if len(rows):
            look(rows, self.lead, self.trusted, found)
        mine = self.steps[:, ROW]
        mine = mine[(mine >= self.lead) & (mine < (len(rows) if row is None else row))].astype(np.int64)
        counted = found.tolist()
        times = np.diff(rows[self.lead :, TS]).astype(np.int64).tolist()
        return Counts(
            steps=max(len(rows) - 1 - self.lead, 0),
            explained=counted[EXPLAINED],
            moving=counted[MOVING],
            fast=counted[FAST],
            odd=counted[ODD],
            treated=len(mine),
            coarse=int(rows[mine, COARSE].sum()),
            dts_ms=Counter(times),
        )

    def tally(self, row: int | None = None) -> Tally:
        """What its rows, or those before ``row`` (and the step that leads to it), add up to."""
        upto = len(self.rows) if row is None else row
        widths = self.rows[:upto, WIDTH]
        told = np.flatnonzero(np.isfinite(widths))
        mine = self.steps[(self.steps[:, ROW] >= self.lead) & (self.steps[:, ROW] < upto)]
        lengths = np.hypot(mine[:, X1] - mine[:, X0], mine[:, Y1] - mine[:, Y0])
        return Tally(
            self.counts(row),
            width_m=float(widths[told[-1]]) if len(told) else float("nan"),
            fixes=upto - self.lead,
            distance_m=float(self.rows[self.lead + 1 : upto + 1, STEP].sum()),
            treated_m=float(lengths.sum()),
            bridged_m=float(lengths[mine[:, BRIDGED] > 0.0].sum()),
        )


def plain_tail(  # noqa: PLR0917 - what a tail is computed from
    rows: Floats,
    parameters: Parameters,
    switches: Sequence[Event],
    events: tuple[Event, ...],
    choices: Choices,
    width_m: float,
    *,
    context: bool,
    lead: int,
) -> PlainTail | None:
    """Compute rows in order of time; None where something is to be cleaned, or no swath width is known.

    Args:
        rows: As in :mod:`geo.live.columns`.
        parameters: Choices of the computation.
        switches: On and off events of the device and boot, in order of time.
        events: All events, to be kept with the tail.
        choices: What the whole flight decides.
        width_m: The swath width that was told last before the rows.
        context: Whether the first straight run was settled before.
        lead: So many first rows only lead in: they were counted before.
    """
    found = np.zeros(4, np.int64)
    if not look(rows, lead, choices.trusted, found):
        return None
    rules = _rules(parameters, choices)
    told = np.array([(e.ts_ms, e.kind is EventKind.ON) for e in switches], np.float64).reshape(-1, 2)
    steps = np.empty((len(rows) + len(told), STEP_COLUMNS))
    m = tread(rows, lead, told, rules, width_m, steps)
    if m < 0:
        return None
    steps = steps[:m]
    straight = straighten(steps, lead, rules)
    laid, owner = np.empty((3 * len(straight), COLUMNS)), np.empty(3 * len(straight), np.int64)
    n = lay(straight, rows, rules.least_cos, laid, owner)
    return PlainTail(rows, steps, straight, laid[:n], owner[:n], events, choices.trusted, rules.smooth, context, lead)


def _rules(parameters: Parameters, choices: Choices) -> Rules:
    coarse = choices.coarse
    return Rules(
        choices.trusted,
        choices.gap_s,
        parameters.bridge_s,
        parameters.min_step_m,
        parameters.simplify_m * (2.0 if coarse else 1.0),
        STRETCH * (10.0 if coarse else 1.0),
        coarse and parameters.smooth and parameters.simplify_m > 0.0,
        float(np.cos(np.radians(parameters.turn_deg))) - 1e-12,
    )
