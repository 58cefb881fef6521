"""Which drone a log is of, and what it brings beside what is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from core.errors import NotFound
from core.localtime import iso_utc
from core.merging import fills, gap_ms, interval_ms
from core.model.enums import Operation
from core.model.fixtable import Bools, FixTable
from core.model.flightlog import FlightLog
from core.model.land import DeviceKind
from core.registry import Registry
from core.uploads import Outcome

EARLIEST_MS: Final = 1_104_537_600_000
"""2005-01-01: what is dated before has no clock."""
AHEAD_MS: Final = 300_000
ELSEWHERE_M: Final = 200.0
"""Two receivers on one drone are never this far apart."""
_M_PER_DEG: Final = 111_195.0
_OVERLAP: Final = 5
"""So many instants that both tell are needed to say that they contradict each other."""


@dataclass(frozen=True, slots=True, eq=False)
class Sorted:
    """A log as it would be kept: its usable fixes by time, what came of it, how many are new, and why."""

    fixes: FixTable
    outcome: Outcome
    added: int = 0
    why: str = ""


def drone_of(registry: Registry, cooperative: str, log: FlightLog, given: str) -> str:
    """The registered drone that a log is of: the one that is named, else the one that the log names.

    Raises:
        NotFound: There is none of that name; the message says what to do.
    """
    drones = {it.device for it in registry.devices(cooperative) if it.kind is DeviceKind.DRONE}
    if given:
        if given not in drones:
            raise NotFound(f"no drone {given!r} is registered")
        return given
    if log.device in drones:
        return log.device
    raise NotFound(f"the log names {log.device!r}, which is no registered drone: say which drone it is of")


def usable(fixes: FixTable, device: str, now_ms: int) -> FixTable:
    """The fixes by time, of a drone, without those of no possible time, one for each instant."""
    ts_ms = fixes.ts_ms
    good = np.flatnonzero((ts_ms >= EARLIEST_MS) & (ts_ms <= now_ms + AHEAD_MS))
    rows = good[np.lexsort((fixes.seq[good], ts_ms[good]))]
    rows = rows[np.diff(ts_ms[rows], prepend=-1) > 0]
    as_it_is = len(rows) == len(fixes) and bool((rows[:-1] < rows[1:]).all())
    return (fixes if as_it_is else fixes.take(rows)).with_columns(device=device)


def held_against(there: FixTable, fixes: FixTable) -> Sorted:
    """What a log brings.

    Args:
        there: What is there around its time, by time: telemetry and earlier uploads.
        fixes: Its fixes, as :func:`usable` gives them, at least one.
    """
    new = fills(there.ts_ms, fixes.ts_ms, gap_ms(fixes.ts_ms), interval_ms(fixes.ts_ms) / 2.0)
    added = int(new.sum())
    during = there.take((there.ts_ms >= fixes.ts_ms[0]) & (there.ts_ms <= fixes.ts_ms[-1]))
    if not len(during):
        return Sorted(fixes, Outcome.ADDED, added)
    if (apart_m := _apart_m(during, fixes)) > ELSEWHERE_M:
        return Sorted(
            fixes,
            Outcome.REFUSED,
            why=f"between {iso_utc(int(during.ts_ms[0]))} and {iso_utc(int(during.ts_ms[-1]))} the drone was "
            f"{apart_m:,.0f} m away from where this log says: is it another drone's, or its clock wrong?",
        )
    if not added:
        return Sorted(fixes, Outcome.DUPLICATE, why="what is there has all of it")
    if during.on.any() and not _tells_work(fixes):
        why = f"it does not tell when the implement was on: {added} fixes would make treated ground look untreated"
        return Sorted(fixes, Outcome.REFUSED, why=why)
    gaps = _runs(new)
    return Sorted(fixes, Outcome.MERGED, added, f"{added} fixes in {gaps} gap{'s' * (gaps != 1)}")


def _tells_work(fixes: FixTable) -> bool:
    return bool(fixes.on.any() or (fixes.op != Operation.UNKNOWN).any())


def _apart_m(there: FixTable, fixes: FixTable) -> float:
    """Median distance between both at the instants of what is there, in metres; 0 where there are too few.

    The log is interpolated, not across its own gaps. Distances are on a sphere, good to 1 %.
    """
    right = np.clip(np.searchsorted(fixes.ts_ms, there.ts_ms), 1, max(len(fixes) - 1, 1))
    if len(fixes) < 2:  # noqa: PLR2004 - nothing to interpolate between
        return 0.0
    told = fixes.ts_ms[right] - fixes.ts_ms[right - 1] <= gap_ms(fixes.ts_ms)
    if told.sum() < _OVERLAP:
        return 0.0
    at = there.ts_ms[told]
    north = (np.interp(at, fixes.ts_ms, fixes.lat_deg) - there.lat_deg[told]) * _M_PER_DEG
    east = (np.interp(at, fixes.ts_ms, fixes.lon_deg) - there.lon_deg[told]) * _M_PER_DEG
    return float(np.median(np.hypot(north, east * np.cos(np.radians(there.lat_deg[told])))))


def _runs(new: Bools) -> int:
    return int((np.diff(new.astype(np.int8), prepend=0) > 0).sum())
