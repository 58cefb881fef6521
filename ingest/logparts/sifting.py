"""Rows of a log that are no fix, counted by reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, Codes, Floats, Ints
from ingest.clock import EARLIEST_MS, LATEST_MS

LAT_MAX_DEG: Final = 90.0
LON_MAX_DEG: Final = 180.0
NULL_ISLAND_DEG: Final = 1e-3
"""Positions this close to 0 N 0 E are a receiver's empty answer."""

SHOWN: Final = 10
"""So many places of damage are named one by one."""
NO_TELLING: Final = "the log does not tell when the implement was on: no fix counts as treating"
"""What a reader says of logs that know nothing of spraying."""

# Receiver states as MAVLink numbers them (GPS_FIX_TYPE in common.xml); ArduPilot and PX4 log the same numbers.
_QUALITY: Final = np.array(
    [
        FixQuality.NONE,  # 0 no receiver
        FixQuality.NONE,  # 1 no fix
        FixQuality.NONE,  # 2 2D: no height, and far off sideways
        FixQuality.SINGLE,  # 3 3D
        FixQuality.DGPS,  # 4
        FixQuality.FLOAT,  # 5
        FixQuality.RTK,  # 6
        FixQuality.SINGLE,  # 7 static
        FixQuality.DGPS,  # 8 PPP
    ],
    np.int8,
)


def quality_of(fix_type: Ints) -> Codes:
    """Receiver states of autopilots, shape (n,), as codes of :class:`FixQuality`; unknown numbers are no fix."""
    known = (fix_type >= 0) & (fix_type < len(_QUALITY))
    return np.where(known, _QUALITY[np.where(known, fix_type, 0)], np.int8(FixQuality.NONE)).astype(np.int8)


def position_faults(lat_deg: Floats, lon_deg: Floats) -> dict[str, Bools]:
    """Rows without a usable position, by reason, each of shape (n,)."""
    return {
        "no-position": ~(np.isfinite(lat_deg) & np.isfinite(lon_deg)),
        "null-island": (np.abs(lat_deg) < NULL_ISLAND_DEG) & (np.abs(lon_deg) < NULL_ISLAND_DEG),
        "out-of-range": (np.abs(lat_deg) > LAT_MAX_DEG) | (np.abs(lon_deg) > LON_MAX_DEG),
    }


def time_faults(ts_ms: Ints) -> dict[str, Bools]:
    """Rows whose time cannot be one, shape (n,)."""
    return {"bad-time": (ts_ms < EARLIEST_MS) | (ts_ms >= LATEST_MS)}


def sift(faults: Mapping[str, Bools]) -> tuple[Bools, dict[str, int]]:
    """Rows to keep, shape (n,), and how many of the others fall to each reason; the first reason wins."""
    bad: Bools = np.zeros_like(next(iter(faults.values())))
    rejected: dict[str, int] = {}
    for reason, rows in faults.items():
        fresh = int(np.count_nonzero(rows & ~bad))
        bad |= rows
        if fresh:
            rejected[reason] = fresh
    return ~bad, rejected


def shortened(problems: Sequence[str]) -> tuple[str, ...]:
    """The first few problems, and how many more there are."""
    more = len(problems) - SHOWN
    return (*problems[:SHOWN], f"... and {more} more of this kind") if more > 0 else tuple(problems)
