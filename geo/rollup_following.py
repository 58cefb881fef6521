"""Keeps the department's roll-ups in step with what is computed: every local day that a window touched, anew.

**Several workers** end in the same rows: :mod:`geo.overtaking`.

**Cells that vanish.** A kept row whose cell is no more is written over with zeros: nobody worked there, which may be
told. Nothing is ever deleted, which InfluxDB does slowly and not with all credentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from core.localtime import day_window_ms, local_day
from core.registry import Registry
from core.rollup import DATABASE, MEASUREMENT, Communes, Rollup, RollupSink, Treated
from geo.overtaking import keep_up
from geo.recompute import Recomputed
from geo.rollups import LEAST_FARMS, rollups
from geo.treated_days import OwnedDay, TreatedDays

_MS_PER_H: Final = 3_600_000.0


@dataclass(frozen=True, slots=True)
class RollupFollower:
    """Computes days of the whole province from the registry and keeps them; see ``geo.service.Follower``."""

    sink: RollupSink
    registry: Registry
    communes: Communes
    least_farms: int = LEAST_FARMS

    def follow(self, done: Recomputed) -> None:
        """Bring up to date every local day on which a flight of the window begins or began.

        Raises:
            StoreUnavailable: A store is away; doing it again is safe.
            RetriableError: Other workers changed the day all the time; doing it again is safe.
        """
        self.refresh(days_of(done))

    def refresh(self, days: Iterable[str]) -> int:
        """Compute local days anew; how many cells they have, sums included. Raises as ``follow``."""
        return sum(self._refresh(day) for day in sorted(set(days)))

    def _refresh(self, day: str) -> int:
        days = TreatedDays(self.registry, self.communes)
        cells: tuple[Rollup, ...] = ()

        def keep(known: Sequence[OwnedDay]) -> None:
            nonlocal cells
            cells = self._cells(days, day, known)
            self._keep(day, cells)

        keep_up(lambda: days.known(day), keep, f"roll-up of {day}: other workers changed the day")
        return len(cells)

    def _cells(self, days: TreatedDays, day: str, known: Sequence[OwnedDay]) -> tuple[Rollup, ...]:
        found: list[Treated] = []
        hours: dict[str, float] = {}
        for owned in known:
            found += days.treated(day, owned)
            hours |= {f"{owned.cooperative}/{f.flight}": (f.end_ms - f.start_ms) / _MS_PER_H for f in owned.flights}
        return rollups(found, self.least_farms, hours)

    def _keep(self, day: str, cells: Sequence[Rollup]) -> None:
        """Write a day's cells, and zeros over kept rows that are none of them."""
        points = [cell.point() for cell in cells]
        mine = {point.key for point in points}
        at_ms = day_window_ms(day)[0]
        kept = self.sink.figures(DATABASE, MEASUREMENT, at_ms, at_ms)
        self.sink.put_figures(DATABASE, points + [Rollup.nothing(row) for row in kept if row.key not in mine])


def days_of(done: Recomputed) -> set[str]:
    """The local days on which a flight of a window begins or began, or whose jobs changed."""
    began = [flight.start_ms for flight, _ in done.results] + [flight.start_ms for flight in done.gone]
    return {row.day for row in done.rows} | {local_day(ts_ms) for ts_ms in began}


def days_between(first: str, last: str) -> list[str]:
    """Local days from the first to the last, both included (ISO 8601)."""
    begin, end = date.fromisoformat(first), date.fromisoformat(last)
    return [(begin + timedelta(days=k)).isoformat() for k in range((end - begin).days + 1)]
