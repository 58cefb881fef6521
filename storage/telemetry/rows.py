"""Samples as rows of a table, and back. NaN is NULL in the file; sections are compact JSON."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import numpy as np

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import FLOATS, FixTable
from core.model.samples import NAN, Event, Fix, Reading, Section

Row = tuple[Any, ...]

FIX_KEY: Final = ("cooperative", "device", "ts_ms", "seq", "boot")
_CODES: Final = ("quality", "op", "mode", "height_ref", "on")
FIX_CONTENT: Final = (*FLOATS, *_CODES, "flight", "job", "sections")
FIX_ROW: Final = ("ts_ms", "seq", "boot", *FIX_CONTENT)
EVENT_KEY: Final = ("cooperative", "device", "ts_ms", "kind", "boot")
READING_KEY: Final = ("cooperative", "device", "quantity", "ts_ms")
READING_CONTENT: Final = ("value", "unit")

_NUMBERS: Final = struct.Struct(f"<{len(FLOATS)}d{len(_CODES)}i")


class Entry(NamedTuple):
    """A sample as its table keeps it. ``digest`` tells whether two samples of the same key say the same."""

    key: Row
    content: Row
    digest: int


def fix_entry(cooperative: str, fix: Fix) -> Entry:
    """A fix in the order of ``FIX_KEY`` and ``FIX_CONTENT``."""
    floats = (
        fix.lat_deg,
        fix.lon_deg,
        fix.height_m,
        fix.speed_mps,
        fix.heading_deg,
        fix.hdop,
        fix.flow_lpm,
        fix.rate_kgpm,
        fix.swath_m,
        fix.tank_l,
        fix.tank_kg,
        fix.battery_pct,
    )
    codes = (int(fix.quality), int(fix.op), int(fix.mode), int(fix.height_ref), int(fix.on))
    texts = (fix.flight, fix.job, pack_sections(fix.sections))
    numbers = _NUMBERS.pack(*[NAN if math.isnan(value) else value for value in floats], *codes)
    return Entry(
        (cooperative, fix.device, fix.ts_ms, fix.seq, fix.boot),
        (*floats, *codes, *texts),
        _digest(numbers + repr(texts).encode()),
    )


def event_entry(cooperative: str, it: Event) -> Entry:
    """An event in the order of ``EVENT_KEY``: it says nothing beside its key."""
    return Entry((cooperative, it.device, it.ts_ms, int(it.kind), it.boot), (), 0)


def reading_entry(cooperative: str, it: Reading) -> Entry:
    """A reading in the order of ``READING_KEY`` and ``READING_CONTENT``."""
    content = (float(it.value), it.unit)
    return Entry((cooperative, it.device, it.quantity, it.ts_ms), content, _digest(repr(content).encode()))


def _digest(content: bytes) -> int:
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


def pack_sections(sections: Sequence[Section]) -> str:
    """Sections as JSON rows of offset, width, on, flow, with null for NaN; empty for none."""
    if not sections:
        return ""
    rows = [[_null(s.offset_m), _null(s.width_m), int(s.on), _null(s.flow_lpm)] for s in sections]
    return json.dumps(rows, separators=(",", ":"))


def unpack_sections(text: str) -> tuple[Section, ...]:
    """The inverse of :func:`pack_sections`."""
    if not text:
        return ()
    return tuple(Section(_nan(o), _nan(w), bool(on), _nan(flow)) for o, w, on, flow in json.loads(text))


def _null(value: float) -> float | None:
    return None if math.isnan(value) else value


def _nan(value: float | None) -> float:
    return NAN if value is None else value


def table(device: str, rows: Iterable[Row]) -> FixTable:
    """Rows of ``FIX_ROW`` as columns."""
    columns: dict[str, Any] = dict(zip(FIX_ROW, zip(*rows, strict=True), strict=False))
    if not columns:
        return FixTable.empty(device)
    packed = columns.pop("sections")
    columns |= {name: np.array(columns[name], np.float64) for name in FLOATS}
    columns |= {name: list(columns[name]) for name in ("boot", "flight", "job")}
    sections = [unpack_sections(text) for text in packed] if any(packed) else None
    return FixTable.build(**columns, device=device, sections=sections)


def fix(device: str, row: Row) -> Fix:
    """A row of ``FIX_ROW``."""
    it = dict(zip(FIX_ROW, row, strict=True))
    it |= {name: _nan(it[name]) for name in FLOATS}
    it |= {
        "quality": FixQuality(it["quality"]),
        "op": Operation(it["op"]),
        "mode": Mode(it["mode"]),
        "height_ref": HeightRef(it["height_ref"]),
        "on": bool(it["on"]),
        "sections": unpack_sections(it["sections"]),
    }
    return Fix(device=device, **it)


def event(row: Row) -> Event:
    """A row of (device, ts_ms, kind, boot)."""
    device, ts_ms, kind, boot = row
    return Event(device, ts_ms, EventKind(kind), boot)


def reading(row: Row) -> Reading:
    """A row of (device, ts_ms, quantity, value, unit)."""
    device, ts_ms, quantity, value, unit = row
    return Reading(device, ts_ms, quantity, _nan(value), unit)
