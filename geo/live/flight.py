"""One flight that grows: every second of fixes costs the pieces that it changes, and comes to what batch comes to.

The flight is a settled part and a tail. The settled part is what no later fix can change: pieces, and counts of what
batch decides by the whole flight. The tail is computed anew with every second, by compiled calls where nothing is to be
cleaned, else by the stages of batch; it is cut off as far as it has settled. Only the tiles in which pieces came or
went are measured again. A late fix takes the flight back to the last cut that it cannot have changed; where a choice of
the whole flight changes, it is computed from its start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from core.errors import ConfigError
from core.model.coverage import Coverage
from core.model.fixtable import FixTable, Floats
from core.model.land import Plot
from core.model.samples import Event
from geo.engines.tiles import TILE_M
from geo.live.columns import TailColumns
from geo.live.cutting import SWITCHES, cut_of
from geo.live.figures import coverage_of
from geo.live.ground import LiveGround
from geo.live.growing import COLUMNS, GrowingPieces, Tile, pieces_of, tiles_of
from geo.live.plain import PlainTail, plain_tail
from geo.live.tail import Tail, merged, tail_of
from geo.live.tally import Choices, Counts, Tally
from geo.overlay import Area
from geo.parameters import Parameters
from geo.passes import switches_of
from geo.projection import LocalPlane

LEAST_ROWS: Final = 40
"""A tail of fewer rows is not cut: the cut costs as much as it saves."""
MOST_ROWS: Final = 1_000
"""A tail of more rows is cut at once."""
FINE_TILE_M: Final = 16.0
"""Side of a tile where the receiver is noisy: its strips are many short pieces, those of others few long ones."""
_DEFAULTS = Parameters()


@dataclass(frozen=True, slots=True, eq=False)
class _Checkpoint:
    """The state at a cut. ``raw`` are the rows between the cut before it and this one.

    Only what is newer than ``seen_ms`` leaves it as it is.
    """

    raw: FixTable
    seen_ms: int
    tally: Tally
    pieces: int
    context: bool
    lead: int


class LiveFlight:
    """The coverage of one flight so far. Not safe for several threads."""

    def __init__(
        self, flight: str, plane: LocalPlane, plots: Sequence[Plot], parameters: Parameters = _DEFAULTS
    ) -> None:
        """A flight without fixes.

        Args:
            flight: Name that the figures are filed under.
            plane: Where it is computed: centred within some kilometres of the flight.
            plots: Plots that may be treated.
            parameters: Choices of the computation.
        """
        self.flight = flight
        self.plane = plane
        self._parameters = parameters
        self._choices = Choices()
        self._cuts: list[_Checkpoint] = []
        self._parts: list[FixTable] = []
        self._columns = TailColumns(plane, parameters)
        self._last_ms = -1
        self._events: list[Event] = []
        self._side_m = FINE_TILE_M if self._choices.coarse else TILE_M
        self._settled = GrowingPieces(self._side_m)
        self._rows: Floats = np.empty((0, COLUMNS))
        self._tiles: list[list[Tile]] = []
        self._tail: Tail | PlainTail | None = None
        self._before = Tally()
        self._may_settle = False
        self._counts = Counts()
        self._told = (False, False)
        self._repeats = 0
        self._problem: ConfigError | None = None
        self.set_plots(plots)

    @property
    def last_ms(self) -> int:
        """Device time of the newest fix; −1 where there is none."""
        return self._last_ms

    @property
    def settled(self) -> int:
        """How many pieces have settled."""
        return len(self._settled)

    @property
    def under_way(self) -> int:
        """How many rows the tail has."""
        return len(self._columns)

    @property
    def thorough(self) -> bool:
        """Whether the tail was computed by the stages of batch: something in it had to be mended."""
        return isinstance(self._tail, Tail)

    def set_plots(self, plots: Sequence[Plot]) -> None:
        """Measure over other plots."""
        self.plots = tuple(plots)
        self._outlines: list[Area] = list(self.plane.outlines([plot.boundary for plot in plots]))
        self._ground = LiveGround(self._outlines, self._side_m)
        self._measure({*self._settled.tiles(), *(tile for tiles in self._tiles for tile in tiles)})

    def add(self, fixes: FixTable, events: Sequence[Event] = ()) -> None:
        """Take in more fixes and events of the flight, in any order; repeats change nothing."""
        fresh = [event for event in events if event not in self._events]
        self._events += fresh
        times = [int(fixes.ts_ms.min())] if len(fixes) else []
        times += [event.ts_ms for event in fresh]
        if not times:
            return
        dirty = self._back_to(min(times))
        self._take_in(fixes)
        self._compute(dirty)
        if len(self._columns) > MOST_ROWS:
            self.settle()

    def _take_in(self, fixes: FixTable) -> None:
        """Put fixes to the rows of the tail."""
        if not len(fixes):
            return
        ts = fixes.ts_ms
        if ts[0] > self._last_ms and bool((ts[1:] > ts[:-1]).all()):
            self._parts.append(fixes)
            self._columns.append(fixes)
        else:
            table = merged([*self._parts, fixes])
            self._repeats += sum(map(len, self._parts)) + len(fixes) - len(table)
            self._hold(table)
        self._last_ms = max(self._last_ms, int(ts.max()))

    def _raw(self) -> FixTable:
        """The rows of the tail."""
        if len(self._parts) > 1:
            self._parts = [FixTable.concat(self._parts)]
        return self._parts[0] if self._parts else FixTable.empty()

    def _hold(self, table: FixTable) -> None:
        """Other rows in the place of the tail's."""
        self._parts = [table]
        self._columns.refill(table)

    def figures(self) -> Coverage:
        """The figures of the fixes so far: those that batch would give.

        Raises:
            ConfigError: The implement was on and no swath width is known.
        """
        if self._problem is not None:
            raise self._problem
        pieces = pieces_of(np.concatenate([self._settled.rows(), self._rows]))
        tally = self._before if self._tail is None else self._before + self._tail.tally()
        if self._repeats:
            tally = replace(tally, rejected=tally.rejected + type(tally.rejected)(repeat=self._repeats))
        tells = self._columns.tells
        return coverage_of(self.flight, pieces, self._ground, self.plots, self._outlines, tally, tells)

    def _prefix(self) -> Tally:
        return self._cuts[-1].tally if self._cuts else Tally()

    def _back_to(self, ts_ms: int) -> set[Tile]:
        """Undo all cuts that something of this time can have changed; the tiles that lost pieces."""
        dirty: set[Tile] = set()
        parts: list[FixTable] = []
        while self._cuts and self._cuts[-1].seen_ms >= ts_ms:
            parts.insert(0, self._cuts.pop().raw)
            dirty |= self._settled.cut(self._cuts[-1].pieces if self._cuts else 0)
        if parts:
            self._hold(FixTable.concat([*parts, *self._parts]))
        return dirty

    def _compute(self, dirty: set[Tile]) -> None:
        """The tail anew, by choices that fit the whole flight."""
        tail = self._fitting(dirty)
        if tail is None:
            self._may_settle = False
            self._replace_tail(np.empty((0, COLUMNS)), dirty)
            return
        self._may_settle = True
        self._tail, self._before = tail, self._prefix()
        rest = tail.pieces(int(tail.context), tail.runs)
        self._replace_tail(rest, dirty)

    def _fitting(self, dirty: set[Tile]) -> Tail | PlainTail | None:
        """The tail by choices that it confirms; None where no swath width is known."""
        while True:
            choices = None if self._counts.hard and not self._cuts else self._choices
            try:
                tail = self._tail_by(choices)
            except ConfigError as error:
                self._problem = error
                dirty |= self._back_to(-1)
                return None
            self._problem = None
            counted = tail.counts()
            self._counts = self._prefix().counts + counted
            wanted = Choices.of(self._counts, self._parameters)
            fits = wanted.same_for(self._choices, self._prefix().counts)
            settled = wanted.same_for(self._choices, counted)
            hard = self._counts.hard and (bool(self._cuts) or choices is not None)
            other_receiver = wanted.coarse != self._choices.coarse
            self._choices = wanted
            if not fits or hard or other_receiver:
                dirty |= self._back_to(-1)
            if other_receiver:
                self._side_m = FINE_TILE_M if wanted.coarse else TILE_M
                self._settled = GrowingPieces(self._side_m)
                self._ground = LiveGround(self._outlines, self._side_m)
                self._rows, self._tiles = np.empty((0, COLUMNS)), []
                dirty.clear()
            if fits and not hard and not other_receiver and (settled or choices is None):
                return tail

    def _tail_by(self, choices: Choices | None) -> Tail | PlainTail:
        prefix, parameters = self._prefix(), self._parameters
        context, lead = (self._cuts[-1].context, self._cuts[-1].lead) if self._cuts else (False, 0)
        rows = self._columns.rows
        first_ms = int(rows[0, 0]) if len(rows) else 0
        events = tuple(e for e in self._events if e.ts_ms >= first_ms) if self._events else ()
        switches = [e for e in events if e.kind in SWITCHES]
        if choices is not None and self._columns.plain and len(rows) > 1:
            width_m = prefix.width_m
            device = self._parts[0].device
            mine = switches_of(switches, device) if switches else switches
            if not mine or self._columns.agrees(mine):
                found = plain_tail(rows, parameters, mine, events, choices, width_m, context=context, lead=lead)
                if found is not None:
                    return found
        raw = self._raw()
        if np.isnan(parameters.default_swath_m) and np.isfinite(prefix.width_m) and not raw.swath_m[0] > 0.0:
            widths = raw.swath_m.copy()
            widths[0] = prefix.width_m
            raw = replace(raw, swath_m=widths)
        return tail_of(raw, self.plane, parameters, events, choices, context=context, lead=lead)

    def settle(self) -> None:
        """Cut off what no later fix can change, so that the next second need not look at it again.

        It changes no figure, and is worth its time once in a while: :meth:`add` does it itself where it was not done
        for :data:`MOST_ROWS` rows.
        """
        if not self._may_settle:
            return
        tail, self._may_settle = self._tail, False
        cut = None if tail is None or self._counts.hard else cut_of(tail, LEAST_ROWS)
        if tail is None or cut is None:
            return
        raw, rest = self._raw(), tail.pieces(cut.runs, tail.runs)
        self._settled.append(tail.pieces(int(tail.context), cut.runs))
        self._rows, self._tiles = rest, tiles_of(rest, self._side_m)
        tally = self._prefix() + tail.tally(cut.row)
        before, seen_ms = raw.take(slice(0, cut.raw)), int(raw.ts_ms[-1])
        self._cuts.append(_Checkpoint(before, seen_ms, tally, len(self._settled), cut.context, cut.lead))
        self._parts = [raw.take(slice(cut.raw, len(raw)))]
        self._columns.drop(cut.raw)

    def _replace_tail(self, rows: Floats, dirty: set[Tile]) -> None:
        """Put new pieces of the tail in the place of the old ones, and measure where they differ."""
        least = min(len(rows), len(self._rows))
        other = (self._rows[:least].view(np.int64) != rows[:least].view(np.int64)).any(axis=1)
        same = int(other.argmax()) if other.any() else least
        dirty.update(t for some in self._tiles[same:] for t in some)
        tiles = self._tiles[:same] + tiles_of(rows[same:], self._side_m)
        dirty.update(t for some in tiles[same:] for t in some)
        self._rows, self._tiles = rows, tiles
        self._measure(dirty)

    def _measure(self, dirty: set[Tile]) -> None:
        told = self._told_now()
        if told != self._told:
            self._told = told
            dirty = {*self._settled.tiles(), *(tile for tiles in self._tiles for tile in tiles)} | dirty
        by_tile: defaultdict[Tile, list[int]] = defaultdict(list)
        for k, tiles in enumerate(self._tiles):
            for tile in tiles:
                if tile in dirty:
                    by_tile[tile].append(k)
        parts = {tile: self._rows[mine] for tile, mine in by_tile.items()}
        self._ground.measure(dirty, self._settled, parts, told)

    def _told_now(self) -> tuple[bool, bool]:
        """Whether any piece tells litres, and kilograms."""
        litres, mass = np.isfinite(self._rows[:, 9]).any(), np.isfinite(self._rows[:, 10]).any()
        settled = self._settled.told
        return bool(litres) or settled[0], bool(mass) or settled[1]
