"""Sections: which are on at every row, and where across the track they lie.

Condensed states hold two bits a section (0 off, 1 on, 2 error, 3 not installed), the leftmost section first. Offsets of
elements are measured from the device's reference point, positive to the right in driving direction (ISO 11783-10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.model.fixtable import Bools, Floats
from ingest.isoxml import dictionary as ddi
from ingest.isoxml.device import Kind, Part
from ingest.isoxml.implement import Implement

OFF, ON, NOT_INSTALLED = 0, 1, 3
PER_WORD: Final = 16
_WIDTHS: Final = (ddi.WIDTH, ddi.WIDTH_MAX, ddi.WIDTH_DEFAULT)
_FULL_WIDTHS: Final = (ddi.WIDTH_MAX, ddi.WIDTH, ddi.WIDTH_DEFAULT)


@dataclass(frozen=True, slots=True, eq=False)
class Boom:
    """Sections of a log's rows, shape (n, sections): states, middles (positive to the right) and widths in metres."""

    on: Bools
    offset_m: Floats
    width_m: Floats
    note: str = ""

    @property
    def active_m(self) -> Floats:
        """Width of the sections that are on, shape (n,)."""
        return np.asarray(np.where(self.on, self.width_m, 0.0).sum(axis=1), np.float64)


def work_state(implement: Implement) -> Bools | None:
    """Whether the implement as a whole works; None where the log does not tell.

    The device and its functions must both work where both tell; bins speak only where neither does.
    """
    for quantity in (ddi.WORK_STATE, ddi.WORK_STATE_SET):
        levels = [implement.told(quantity, implement.parts(k)) for k in (Kind.DEVICE, Kind.FUNCTION)]
        levels = [parts for parts in levels if parts] or [implement.told(quantity, implement.parts(Kind.BIN))]
        if levels[0]:
            any_on = [np.any([implement.raw(p, quantity) == ON for p in parts], axis=0) for parts in levels]
            return np.asarray(np.all(any_on, axis=0), np.bool_)
    return None


def boom_of(implement: Implement, shift_m: Floats) -> Boom | None:
    """The sections of a log: by condensed actual states, else by a state of each section, else by set-points.

    None where no section tells a state, or no width is known.
    """
    if (found := _condensed(implement, ddi.CONDENSED)) is not None:
        return _boom(implement, *found, shift_m)
    sections = implement.told(ddi.WORK_STATE, implement.parts(Kind.SECTION)) or implement.told(
        ddi.WORK_STATE, implement.parts(Kind.UNIT)
    )
    if sections:
        ordered = _left_to_right(implement, sections)
        on = np.column_stack([implement.raw(p, ddi.WORK_STATE) == ON for p in ordered])
        return _boom(implement, ordered[0], on, shift_m, sections=ordered)
    if (found := _condensed(implement, ddi.CONDENSED_SET)) is not None:
        note = "section states are set-points: no actual states are logged"
        return _boom(implement, *found, shift_m, note=note)
    return None


def _condensed(implement: Implement, quantities: Sequence[int]) -> tuple[Part, Bools] | None:
    """The element that sends condensed states, and the states; shape (n, sections)."""
    words = {p.part: [q for q in quantities if implement.told(q, [p])] for p in implement.device.parts}
    parts = [p for p in implement.device.parts if words[p.part]]
    for part in sorted(parts, key=lambda p: -len(words[p.part])):
        codes = np.column_stack([_codes(implement.raw(part, q)) for q in quantities if q <= max(words[part.part])])
        installed = np.flatnonzero((codes != NOT_INSTALLED).any(axis=0))
        if len(installed):
            return part, codes[:, : installed[-1] + 1] == ON
    return None


def _codes(raw: Floats) -> NDArray[np.int64]:
    """The sixteen states of a condensed value, shape (n, 16); "not installed" where none is told."""
    told = np.isfinite(raw)
    bits = np.where(told, raw, -1.0).astype(np.int64) & 0xFFFF_FFFF
    return bits[:, None] >> 2 * np.arange(PER_WORD) & 3


def _boom(
    implement: Implement,
    part: Part,
    on: Bools,
    shift_m: Floats,
    *,
    sections: Sequence[Part] | None = None,
    note: str = "",
) -> Boom | None:
    """States with their layout; nothing is on while the element or one that it hangs on is off."""
    for master in (part, *implement.device.above(part)):
        if sections is None or master not in sections:
            on &= (implement.raw(master, ddi.WORK_STATE) != OFF)[:, None]
    described = sections if sections is not None else _sections_below(implement, part)[: on.shape[1]]
    if described and not on[:, len(described) :].any():
        on = on[:, : len(described)]  # some devices send "off" for sections that they do not have
    count = on.shape[1]
    layout = _described(implement, described) if len(described) == count else None
    if layout is None and (layout := _shared(implement, part, count)) is not None:
        told = f"{len(described)} of {count} sections" if len(described) != count else "no section"
        note = f"{note}; " * bool(note) + f"widths of {told} are described: the width is shared equally"
    if layout is None:
        return None
    offset_m, width_m = layout
    return Boom(on, offset_m + shift_m[:, None], width_m, note)


def _sections_below(implement: Implement, part: Part) -> list[Part]:
    """The sections of an element, from left to right: right below it, else anywhere below, else its units."""
    for kind in (Kind.SECTION, Kind.UNIT):
        near = [p for p in implement.device.children(part) if p.kind is kind]
        found = near or [p for p in implement.device.below(part) if p.kind is kind]
        if found:
            return _left_to_right(implement, found)
    return []


def _left_to_right(implement: Implement, sections: Sequence[Part]) -> list[Part]:
    """Sections by their lateral offset; in document order where one tells none."""
    sides = [implement.geometry(p, (ddi.OFFSET_Y,)) for p in sections]
    known = [float(s[-1]) for s in sides if s is not None and len(s)]
    if len(known) < len(sections):
        return list(sections)
    return [p for _, p in sorted(zip(known, sections, strict=True), key=lambda pair: pair[0])]


def _described(implement: Implement, sections: Sequence[Part]) -> tuple[Floats, Floats] | None:
    """Offsets and widths as the sections tell them, side by side where no offset is told; None without all widths."""
    widths = [implement.geometry(p, _WIDTHS, positive=True) for p in sections]
    known = [w for w in widths if w is not None]
    if len(known) < len(sections) or not known:
        return None
    width_m = np.column_stack(known)
    sides = [s for p in sections if (s := implement.geometry(p, (ddi.OFFSET_Y,))) is not None]
    return (np.column_stack(sides) if len(sides) == len(sections) else _side_by_side(width_m)), width_m


def _shared(implement: Implement, part: Part, count: int) -> tuple[Floats, Floats] | None:
    """The full width shared equally, around the element's own offset."""
    for owner in (part, *implement.device.above(part)):
        full_m = implement.geometry(owner, _FULL_WIDTHS, positive=True)
        if full_m is not None:
            full_m = full_m if implement.told(ddi.WIDTH_MAX, [owner]) else np.full_like(full_m, np.nanmax(full_m))
            width_m = np.repeat(full_m[:, None] / count, count, axis=1)
            middle_m = implement.geometry(owner, (ddi.OFFSET_Y,))
            return _side_by_side(width_m) + (0.0 if middle_m is None else middle_m[:, None]), width_m
    return None


def _side_by_side(width_m: Floats) -> Floats:
    """Middles of sections that touch each other, centred on the track."""
    right = np.cumsum(width_m, axis=1)
    return right - width_m / 2.0 - right[:, -1:] / 2.0


def swath_of(implement: Implement) -> Floats:
    """Working width in metres at every row, of the device or a function of it; NaN where none is known."""
    for part in implement.parts(Kind.DEVICE, Kind.FUNCTION):
        found = implement.geometry(part, _WIDTHS, positive=True)
        if found is not None:
            return found
    return np.full(len(implement.log), np.nan)
