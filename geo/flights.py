"""Where one flight of a drone ends and the next begins.

A flight ends with a landing, disarm or refill event, a new boot, another flight label, or silence by device time. What
a drone still sends on the ground after landing belongs to the flight that ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import Bools, FixTable, Ints
from core.model.samples import Event
from geo.projection import GEOD

GROUND_M = 20.0
"""Rows after a landing that stay this close together are a drone on the ground."""
ENDS = (EventKind.LANDING, EventKind.DISARM, EventKind.REFILL)


@dataclass(frozen=True, slots=True, eq=False)
class FlightSpan:
    """One flight: ``rows`` are the indices of its fixes in the table given, by time.

    ``reason`` says what ended it: ``landing``, ``disarm``, ``refill``, ``boot``, ``flight`` (another label),
    ``silence``, or ``end`` where the data end.
    """

    flight: str
    start_ms: int
    end_ms: int
    rows: Ints
    reason: str


def split_flights(fixes: FixTable, events: Sequence[Event], gap_s: float = 300.0) -> list[FlightSpan]:
    """Split the fixes of one device into flights, by time.

    Args:
        fixes: Fixes of one device, in any order.
        events: Events of the same device; others are ignored.
        gap_s: Silence in seconds of device time that ends a flight.

    Returns:
        Flights by time, each with the identifier ``{device}-{YYYYmmddTHHMMSSZ}`` of its first fix in UTC.
    """
    if len(fixes) == 0:
        return []
    order = np.lexsort((fixes.seq, fixes.ts_ms))
    table = fixes.take(order)
    reasons = _cuts(table, events, gap_s)
    starts = [0, *sorted(reasons)]
    bounds = [*starts[1:], len(table)]
    pieces = [(a, b, reasons.get(b, "end")) for a, b in zip(starts, bounds, strict=True)]
    spans: list[FlightSpan] = []
    for start, end, reason in _ground_joined(table, pieces):
        first, last = int(table.ts_ms[start]), int(table.ts_ms[end - 1])
        spans.append(FlightSpan(_identifier(fixes.device, first, spans), first, last, order[start:end], reason))
    return spans


def _cuts(table: FixTable, events: Sequence[Event], gap_s: float) -> dict[int, str]:
    """First rows of new flights, and why they are."""
    cuts: dict[int, str] = {}
    for event in sorted(events, key=lambda e: (e.ts_ms, e.kind)):
        if event.kind in ENDS and (not event.device or not table.device or event.device == table.device):
            row = int(np.searchsorted(table.ts_ms, event.ts_ms, side="right"))
            if 0 < row < len(table):
                cuts.setdefault(row, event.kind.word)
    for rows, reason in (
        (np.diff(table.ts_ms) > gap_s * 1000.0, "silence"),
        (_changes(table.flight.values()), "flight"),
        (_changes(table.boot.values()), "boot"),
    ):
        for row in (np.flatnonzero(rows) + 1).tolist():
            cuts.setdefault(row, reason)
    return cuts


def _changes(texts: list[str]) -> Bools:
    """Where a text differs from the one before; where either is not told, nothing is known to have changed."""
    return np.array([bool(a and b and a != b) for a, b in pairwise(texts)], np.bool_)


def _ground_joined(table: FixTable, pieces: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Pieces after a landing in which the drone stays where it is join the flight that landed."""
    joined: list[tuple[int, int, str]] = []
    for start, end, reason in pieces:
        after_landing = bool(joined) and joined[-1][2] in {kind.word for kind in ENDS}
        if after_landing and not table.on[start:end].any() and _extent_m(table, start, end) <= GROUND_M:
            before = joined.pop()
            joined.append((before[0], end, before[2] if reason in {"end", "disarm"} else reason))
        else:
            joined.append((start, end, reason))
    return joined


def _extent_m(table: FixTable, start: int, end: int) -> float:
    """Farthest distance of the rows from the first of them, in metres."""
    lon, lat = table.lon_deg[start:end], table.lat_deg[start:end]
    n = len(lon)
    return float(np.nanmax(np.asarray(GEOD.inv(np.full(n, lon[0]), np.full(n, lat[0]), lon, lat)[2]), initial=0.0))


def _identifier(device: str, start_ms: int, before: list[FlightSpan]) -> str:
    """The flight's identifier; a number is added where a flight of the same second exists."""
    stamp = datetime.fromtimestamp(start_ms / 1000.0, UTC).strftime("%Y%m%dT%H%M%SZ")
    name = f"{device}-{stamp}"
    taken = sum(span.flight == name or span.flight.startswith(f"{name}-") for span in before)
    return name if not taken else f"{name}-{taken + 1}"
