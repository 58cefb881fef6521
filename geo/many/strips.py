"""What many flights of one drone treated, made at once: their tables lie one after the other, with a break between.

Every stage works row by row, or run by run of treated steps, and no run goes over a break: each flight's pieces are, to
the last bit and in the same order, those that it has by itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from core.model.fixtable import FixTable, Ints
from core.model.samples import Event
from geo.cleaning import Cleaned, clean
from geo.coverage import nothing_of
from geo.layouts import told_widths
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps
from geo.pieces import COLUMNS, Pieces, kinds, marked
from geo.planefit import HALF_DEG
from geo.projection import LocalPlane
from geo.track import coarse_rows, sweep_of


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A flight's fixes in good order, with its events.

    ``cleaned`` holds the fixes as they came: nothing had to be mended. ``box`` is that of their positions in degrees:
    west, south, east, north.
    """

    cleaned: Cleaned
    events: tuple[Event, ...]
    box: tuple[float, float, float, float]

    @property
    def fixes(self) -> FixTable:
        """The fixes."""
        return self.cleaned.fixes

    def within(self, plane: LocalPlane) -> bool:
        """Whether all of it lies where the plane's projection is the same for every row."""
        west, south, east, north = self.box
        least, most = HALF_DEG * 0.999, HALF_DEG * 0.999
        inside = west >= plane.lon0_deg - least and east <= plane.lon0_deg + most
        return inside and south >= plane.lat0_deg - least and north <= plane.lat0_deg + most


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """What one flight treated in a plane: the pieces, and metres flown with the implement on, and bridged."""

    pieces: Pieces
    treated_m: float
    bridged_m: float


def source_of(fixes: FixTable, events: Sequence[Event], parameters: Parameters) -> Source | None:
    """A flight that can be computed together with others; None where it has to be by itself.

    That is where something had to be cleaned, where it has sections, or where the width of its swath depends on what
    was told before.
    """
    if not len(fixes) or len(fixes.sections.on) or fixes.ts_ms[0] < 0:
        return None
    widths = math.isfinite(parameters.swath_m) or math.isfinite(parameters.default_swath_m)
    if not widths and not told_widths(fixes).all():
        return None
    cleaned = clean(fixes)
    if cleaned.fixes is not fixes or cleaned.breaks.any() or math.isnan(cleaned.length_m):
        return None
    if not all(fixes.ts_ms[0] <= e.ts_ms <= fixes.ts_ms[-1] for e in events):
        return None
    lon, lat = fixes.lon_deg, fixes.lat_deg
    return Source(cleaned, tuple(events), (float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())))


def in_turns(sources: Sequence[Source]) -> Iterator[list[int]]:
    """Numbers of flights of one drone, in order of time, cut where two share an instant."""
    order = sorted(range(len(sources)), key=lambda k: int(sources[k].fixes.ts_ms[0]))
    turn: list[int] = []
    for k in order:
        if turn and sources[k].fixes.ts_ms[0] <= sources[turn[-1]].fixes.ts_ms[-1]:
            yield turn
            turn = []
        turn.append(k)
    if turn:
        yield turn


def treated_each(sources: Sequence[Source], plane: LocalPlane, parameters: Parameters) -> list[Treated]:
    """What each of some flights of one drone treated.

    Args:
        sources: In order of time; no two share an instant, and all lie within the plane's box.
        plane: Where the pieces lie.
        parameters: Choices of the computation; the same default swath for all.
    """
    joined = FixTable.concat([s.fixes for s in sources])
    start = np.cumsum([0, *(len(s.fixes) for s in sources)])
    breaks = np.zeros(len(joined), np.bool_)
    breaks[start[1:-1]] = True
    x, y = plane.xy(joined.lon_deg, joined.lat_deg)
    events = [e for s in sources for e in s.events]
    steps = treated_steps(Cleaned(joined, breaks, {}), x, y, parameters, events)
    ends = np.searchsorted(steps.row, start)
    length = steps.length_m
    coarse = _coarse(joined, steps, ends)
    found = [nothing_of(s.fixes) for s in sources]
    for choice in (False, True):
        mine = np.flatnonzero((coarse == choice) & (np.diff(ends) > 0))
        if len(mine):
            _fill(found, mine, joined, start, _only(steps, ends, mine), parameters, choice)
    return [
        Treated(
            piece,
            float(length[a:b].sum()),
            float(length[a:b][steps.bridged[a:b]].sum()) if steps.bridged[a:b].any() else 0.0,
        )
        for piece, a, b in zip(found, ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]


def _coarse(fixes: FixTable, steps: Steps, ends: Ints) -> Ints:
    """Of which flights most treating fixes have no corrections, by :func:`geo.track.sweep_of`."""
    before = np.concatenate([[0], np.cumsum(coarse_rows(fixes)[steps.row])])
    return 2 * (before[ends[1:]] - before[ends[:-1]]) > np.diff(ends)  # type: ignore[no-any-return,unused-ignore]


def _only(steps: Steps, ends: Ints, flights: Ints) -> Steps:
    """The steps of some flights."""
    if len(flights) == len(ends) - 1:
        return steps
    keep = np.zeros(len(ends) - 1, np.bool_)
    keep[flights] = True
    rows = np.repeat(keep, np.diff(ends))
    return replace(steps, **{f.name: getattr(steps, f.name)[rows] for f in fields(Steps)})


def _fill(  # noqa: PLR0917 - columns
    found: list[Pieces],
    flights: Ints,
    fixes: FixTable,
    start: Ints,
    steps: Steps,
    parameters: Parameters,
    coarse: bool,  # noqa: FBT001 - of the receiver
) -> None:
    """Put the pieces of some flights' steps in their places."""
    sweep = sweep_of(fixes, steps, parameters, coarse=bool(coarse))
    row = sweep.track.steps.row
    pieces = marked(sweep, np.arange(len(row)))
    kind = kinds(fixes, row)
    owner = np.searchsorted(start, row[pieces.kind], side="right") - 1
    order = np.argsort(owner, kind="stable")
    pieces = replace(pieces, kind=kind[pieces.kind])
    columns = {name: getattr(pieces, name)[order] for name in COLUMNS}
    ends = np.searchsorted(owner[order], np.append(flights, flights[-1] + 1))
    for k, flight in enumerate(flights.tolist()):
        found[flight] = Pieces(**{name: column[ends[k] : ends[k + 1]] for name, column in columns.items()})
