"""Positions of a time log: degrees, quality of the fix, and the rows that cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.enums import FixQuality
from core.model.fixtable import Bools, Codes, Floats
from ingest.isoxml.timelog import TimeLog

SHOWN: Final = 5
FAR_M: Final = 100_000.0
"""No machine moves this far within a time log: a position beyond is corrupt, unless the log stays there."""
FAR_TEXT: Final = f"over {FAR_M / 1000.0:.0f} km away"
STAY: Final = 3
"""So many rows in a row at a far place are no chance: test benches move their simulated receiver."""
NULL_ISLAND_DEG: Final = 1e-3
LAT_MAX_DEG, LON_MAX_DEG, WHOLE_TURN_DEG = 90.0, 180.0, 360.0
EQUATOR_M, FLATTENING = 6_378_137.0, 1.0 / 298.257223563
DEG_1E7: Final = 1e-7
_STATUS: Final = {
    0: FixQuality.NONE,
    1: FixQuality.SINGLE,
    2: FixQuality.DGPS,
    3: FixQuality.DGPS,  # precise point positioning
    4: FixQuality.RTK,
    5: FixQuality.FLOAT,
    14: FixQuality.NONE,  # error
}
"""PositionStatus (ISO 11783-10, as NMEA 2000). Dead reckoning 6, manual 7, simulated 8 and "not available" 15 tell
nothing about the satellites; terminals that never fill the attribute write 15 beside good positions."""


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Position columns of all rows, and for each reason the rows that it rejects; shape (n,)."""

    lat_deg: Floats
    lon_deg: Floats
    quality: Codes
    reasons: dict[str, Bools]

    @property
    def usable(self) -> Bools:
        """Rows without a reason against them."""
        return np.asarray(~np.any(list(self.reasons.values()), axis=0), np.bool_)

    @property
    def rejected(self) -> dict[str, int]:
        """Number of rows by reason."""
        return {reason: int(rows.sum()) for reason, rows in self.reasons.items() if rows.any()}


def places_of(log: TimeLog) -> Places:
    """The positions of a log, and what speaks against each: no fix, none told, out of range, 0 N 0 E, or far away."""
    lat, lon = log.attribute("A") * DEG_1E7, log.attribute("B") * DEG_1E7
    status = log.attribute("D")
    quality = np.full(len(log), FixQuality.UNKNOWN, np.int8)
    for code, meaning in _STATUS.items():
        quality[status == code] = meaning
    no_fix = quality == FixQuality.NONE
    unplaced = ~no_fix & ~(np.isfinite(lat) & np.isfinite(lon))
    beyond = ~(no_fix | unplaced) & ~((np.abs(lat) <= LAT_MAX_DEG) & (np.abs(lon) <= LON_MAX_DEG))
    null = ~(no_fix | unplaced | beyond) & (np.abs(lat) < NULL_ISLAND_DEG) & (np.abs(lon) < NULL_ISLAND_DEG)
    reasons = {"no-fix": no_fix, "no-position": unplaced, "out-of-range": beyond, "null-island": null}
    good = ~(no_fix | unplaced | beyond | null)
    return Places(lat, lon, quality, reasons | {"corrupt": good & _far(lat, lon, good)})


def _far(lat: Floats, lon: Floats, good: Bools) -> Bools:
    """Rows that lie impossibly far from the middle of the good ones, fewer than three of them in a row."""
    far = np.zeros(len(lat), np.bool_)
    at = np.flatnonzero(good)
    if len(at) == 0:
        return far
    lat, lon = lat[at], lon[at]
    middle_lat, middle_lon = float(np.median(lat)), float(np.median(lon))
    away = metres(lat - middle_lat, lon - middle_lon, np.full(len(at), middle_lat)) > FAR_M
    stay = np.concatenate([[0], np.cumsum(_jumps(lat, lon))])
    far[at] = away & (np.bincount(stay)[stay] < STAY)
    return far


def _jumps(lat: Floats, lon: Floats) -> Bools:
    """Whether the step to the next row is impossibly long, shape (n - 1,)."""
    return np.asarray(metres(np.diff(lat), np.diff(lon), lat[:-1]) > FAR_M, np.bool_)


def metres(dlat_deg: Floats, dlon_deg: Floats, lat_deg: Floats) -> Floats:
    """Length of short differences on the WGS 84 ellipsoid, by the radii of curvature at their latitude."""
    e2 = FLATTENING * (2.0 - FLATTENING)
    sin = np.sin(np.radians(lat_deg))
    across = EQUATOR_M / np.sqrt(1.0 - e2 * sin**2)
    along = across * (1.0 - e2) / (1.0 - e2 * sin**2)
    turned = (dlon_deg + LON_MAX_DEG) % WHOLE_TURN_DEG - LON_MAX_DEG
    return np.hypot(np.radians(dlat_deg) * along, np.radians(turned) * across * np.cos(np.radians(lat_deg)))


def far_problems(log: TimeLog, places: Places) -> list[str]:
    """Where the rows stand that lie far from all others, and where the log moves to another place for good."""
    rows = np.flatnonzero(places.reasons["corrupt"]).tolist()
    single = [f"byte {int(log.byte[i]):,}: position {_place(places, i)} is corrupt: {FAR_TEXT}" for i in rows]
    kept = np.flatnonzero(places.usable)
    jumps = kept[1:][_jumps(places.lat_deg[kept], places.lon_deg[kept])].tolist()
    moves = [f"byte {int(log.byte[i]):,}: the position jumps to {_place(places, i)}, {FAR_TEXT}" for i in jumps]
    return [*shown(single, "positions"), *shown(moves, "jumps")]


def _place(places: Places, row: int) -> str:
    return f"{places.lat_deg[row]:.4f}, {places.lon_deg[row]:.4f}"


def shown(texts: Sequence[str], what: str) -> list[str]:
    """The first few, and how many more there are."""
    return list(texts) if len(texts) <= SHOWN else [*texts[:SHOWN], f"{len(texts) - SHOWN} more such {what}"]
