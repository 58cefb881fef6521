"""Where the tail of a flight can be cut off for good: what lies before is changed by no later fix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Bools, Floats, Ints
from core.model.samples import Event

UNSETTLED: Final = 4
"""So many of the last straight runs may still change: the last point moves the last run, its choice of a beginning the
run before, and each run's mitres the neighbours of both."""
REACH: Final = 2
"""A smoothed position hangs on so many positions before it and after it."""
SWITCHES: Final = (EventKind.ON, EventKind.OFF)


class Settling(Protocol):
    """What the cut is found by: rows with times and places, and the straight runs that they came to."""

    @property
    def ts_ms(self) -> Ints:
        """Times of the believed rows."""
        ...

    @property
    def raw_ms(self) -> Ints:
        """Times of all rows."""
        ...

    @property
    def x(self) -> Floats:
        """Where the believed rows are in the plane."""
        ...

    @property
    def y(self) -> Floats:
        """Where the believed rows are in the plane."""
        ...

    @property
    def breaks(self) -> Bools:
        """Whether something was rejected before a believed row."""
        ...

    @property
    def events(self) -> tuple[Event, ...]:
        """Of the device."""
        ...

    @property
    def run_rows(self) -> Ints:
        """The believed row at which each straight run begins."""
        ...

    @property
    def last_row(self) -> int:
        """The last treating row; −1 where nothing is treated."""
        ...

    @property
    def smooth(self) -> bool:
        """Whether positions are smoothed."""
        ...

    @property
    def context(self) -> bool:
        """Whether the first straight run was settled before."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Where a tail can be cut: before raw row ``raw``, believed row ``row``.

    Straight runs up to ``runs`` (exclusive) are settled; with ``context``, the last of them is needed again as the
    neighbour of the next one. The first ``lead`` rows behind the cut lie before ``row`` and only lead in: the smoothed
    positions hang on them.
    """

    raw: int
    row: int
    runs: int
    context: bool
    lead: int = 0


def cut_of(tail: Settling, least_rows: int) -> Cut | None:
    """Where a tail can be cut so that no later row changes what lies before; None where it is not worth it."""
    rows = _Rows(tail.ts_ms, tail.raw_ms, tail.x, tail.y, tail.breaks, tail.events)
    if len(rows.ts_ms) <= least_rows:
        return None
    run_rows = tail.run_rows
    last = len(rows.ts_ms) - 1
    for row in range(last, max(tail.last_row + 3, last - 7, 1), -1):
        raw = rows.whole(row)
        if raw > 0:
            return Cut(raw, row, len(run_rows), context=False)
    lead, unsettled = (REACH, UNSETTLED + REACH) if tail.smooth else (0, UNSETTLED)
    for k in range(len(run_rows) - unsettled, int(tail.context) - 1, -1):
        row = int(run_rows[k])
        raws = [rows.whole(row - back) for back in range(lead + 1)]
        if min(raws) > 0 and raws[0] - raws[-1] == lead:
            return Cut(raws[-1], row, k + 1, context=True, lead=lead)
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Columns of a tail."""

    ts_ms: Ints
    raw_ms: Ints
    x: Floats
    y: Floats
    breaks: Bools
    events: tuple[Event, ...]

    def whole(self, row: int) -> int:
        """The raw row of a believed row at which nothing is under way; 0 where something is.

        Its time is its own, the position is a new one, and no event falls into the steps beside it.
        """
        ts, raw_ts = self.ts_ms, self.raw_ms
        if not 0 < row < len(ts) or self.breaks[row]:
            return 0
        at = int(ts[row])
        raw = int(np.searchsorted(raw_ts, at))
        alone = raw + 1 == len(raw_ts) or raw_ts[raw + 1] > at
        moved = self.x[row] != self.x[row - 1] or self.y[row] != self.y[row - 1]
        low, high = int(ts[row - 1]), int(ts[min(row + 1, len(ts) - 1)])
        busy = any(low <= e.ts_ms <= high for e in self.events if e.kind in SWITCHES)
        return raw if alone and moved and not busy else 0
