"""Where the wind carries to: fans that open downwind of a point."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely

from core.model.fixtable import Bools, Floats

HALF_ANGLE_DEG: Final = 45.0
"""Ground within this angle of the wind's direction lies downwind."""
_WIDEST_DEG = 90.0
_CHORDS = 16


def fans(at: Floats, from_deg: Floats, radius_m: Floats, half_angle_deg: float = HALF_ANGLE_DEG) -> np.ndarray:
    """Sectors downwind of points: polygons whose arcs are drawn from outside (0.5 % too far at most), shape (k,).

    Args:
        at: Points in plane metres, shape (k, 2).
        from_deg: Where the wind comes from, shape (k,).
        radius_m: How far they reach, shape (k,).
        half_angle_deg: Half of the opening, over 0 and up to 90 degrees.

    Raises:
        ValueError: The angle is none of these.
    """
    if not 0.0 < half_angle_deg <= _WIDEST_DEG:
        raise ValueError(
            f"the half angle of the downwind side must be over 0 and up to 90 degrees, not {half_angle_deg}"
        )
    half = np.radians(half_angle_deg)
    turns = np.linspace(-half, half, _CHORDS + 1)
    angle = np.radians(from_deg)[:, None] + np.pi + turns[None, :]
    reach = (radius_m / np.cos(half / _CHORDS))[:, None]
    arc = at[:, None, :] + np.stack([reach * np.sin(angle), reach * np.cos(angle)], axis=2)
    return np.asarray(shapely.polygons(np.concatenate([at[:, None, :], arc], axis=1)), np.object_)


def towards(wind_mps: Floats, from_deg: Floats) -> tuple[Bools, Bools]:
    """Where the wind blows at all, and where nobody knows whether and whither; shape as given.

    Air that stands still carries nowhere. A wind whose speed is not known has a direction all the same.
    """
    still = wind_mps == 0.0
    unknown = ~still & ~np.isfinite(from_deg)
    return ~still & ~unknown, unknown
