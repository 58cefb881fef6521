"""Samples as rows of a table, and back. NaN is NULL in the file; sections are compact JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.samples import NAN, Event, Fix, Reading, Section

Row = tuple[Any, ...]

FIX_KEY: Final = ("cooperative", "device", "ts_ms", "seq", "boot")
FIX_CONTENT: Final = (
    "lat_deg",
    "lon_deg",
    "height_m",
    "speed_mps",
    "heading_deg",
    "hdop",
    "flow_lpm",
    "rate_kgpm",
    "swath_m",
    "tank_l",
    "tank_kg",
    "battery_pct",
    "quality",
    "op",
    "mode",
    "height_ref",
    "on",
    "flight",
    "job",
    "sections",
)
EVENT_KEY: Final = ("cooperative", "device", "ts_ms", "kind", "boot")
READING_KEY: Final = ("cooperative", "device", "quantity", "ts_ms")
READING_CONTENT: Final = ("value", "unit")


def fix_key(cooperative: str, fix: Fix) -> Row:
    """The key of a fix, in the order of ``FIX_KEY``."""
    return (cooperative, fix.device, fix.ts_ms, fix.seq, fix.boot)


def fix_content(fix: Fix) -> Row:
    """What a fix says, in the order of ``FIX_CONTENT``."""
    return (
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
        int(fix.quality),
        int(fix.op),
        int(fix.mode),
        int(fix.height_ref),
        int(fix.on),
        fix.flight,
        fix.job,
        pack_sections(fix.sections),
    )


def digest(content: Row) -> int:
    """64 bits that tell whether two samples of the same key say the same."""
    return int.from_bytes(blake2b(repr(content).encode(), digest_size=8).digest(), "big", signed=True)


def pack_sections(sections: Sequence[Section]) -> str:
    """Sections as JSON rows of offset, width, on, flow; empty for none."""
    if not sections:
        return ""
    rows = [[s.offset_m, s.width_m, int(s.on), None if math.isnan(s.flow_lpm) else s.flow_lpm] for s in sections]
    return json.dumps(rows, separators=(",", ":"), allow_nan=False)


def unpack_sections(text: str) -> tuple[Section, ...]:
    """The inverse of :func:`pack_sections`."""
    if not text:
        return ()
    return tuple(Section(o, w, bool(on), NAN if flow is None else flow) for o, w, on, flow in json.loads(text))


def table(device: str, rows: Sequence[Row]) -> FixTable:
    """Rows of (ts_ms, seq, boot, *FIX_CONTENT) as columns."""
    if not rows:
        return FixTable.empty(device)
    columns: dict[str, Any] = dict(zip(("ts_ms", "seq", "boot", *FIX_CONTENT), zip(*rows, strict=True), strict=True))
    texts = {name: list(columns.pop(name)) for name in ("boot", "flight", "job")}
    packed = columns.pop("sections")
    sections = [unpack_sections(text) for text in packed] if any(packed) else None
    arrays = {name: np.array(column, np.float64) for name, column in columns.items() if name in _FLOATS}
    codes = {name: np.array(column, np.int64) for name, column in columns.items() if name not in _FLOATS}
    return FixTable.build(
        codes.pop("ts_ms"),
        arrays.pop("lat_deg"),
        arrays.pop("lon_deg"),
        device=device,
        sections=sections,
        **arrays,
        **codes,
        **texts,
    )


_FLOATS: Final = frozenset(
    name for name in FIX_CONTENT if name.endswith(("_deg", "_m", "_mps", "hdop", "_lpm", "_kgpm", "_l", "_kg", "_pct"))
)


def event(row: Row) -> Event:
    """A row of (device, ts_ms, kind, boot)."""
    device, ts_ms, kind, boot = row
    return Event(device, ts_ms, EventKind(kind), boot)


def reading(row: Row) -> Reading:
    """A row of (device, ts_ms, quantity, value, unit)."""
    device, ts_ms, quantity, value, unit = row
    return Reading(device, ts_ms, quantity, NAN if value is None else value, unit)
