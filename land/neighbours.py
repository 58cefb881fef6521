"""What plots of one file are to each other: the same boundary twice, overlaps; and slivers, which are hardly plots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import STRtree

from core.model.fixtable import Floats
from core.units import M_PER_DEG
from land.layers import Geometries

SLIVER_M2: Final = 20.0
SLIVER_WIDTH_M: Final = 0.5
OVERLAP: Final = 0.10
_DIGITS: Final = 9
_CHUNK: Final = 2_000
_PAIRS_MAX: Final = 2_000_000


def duplicates(made: Geometries) -> dict[int, int]:
    """By row the earlier row with the identical boundary, wherever its ring starts."""
    there = np.flatnonzero(~shapely.is_missing(made))
    rounded = shapely.transform(made[there], lambda points: np.round(points, _DIGITS))
    keys = shapely.to_wkb(shapely.normalize(rounded))
    first: dict[bytes, int] = {}
    found: dict[int, int] = {}
    for row, key in zip(there.tolist(), keys, strict=True):
        earlier = first.setdefault(key, row)
        if earlier != row:
            found[row] = earlier
    return found


def slivers(made: Geometries, areas_m2: Floats) -> dict[int, str]:
    """By row why a boundary is hardly a plot: under 20 m², or nowhere 0.5 m wide."""
    found: dict[int, str] = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        small = np.flatnonzero(areas_m2 < SLIVER_M2)
        # A polygon holds a circle of radius area / perimeter, so that only these may be narrower.
        doubtful = np.flatnonzero(areas_m2 / (shapely.length(made) * M_PER_DEG) < SLIVER_WIDTH_M / 2.0)
    for row in doubtful.tolist():
        if shapely.buffer(_in_metres(made[row]), -SLIVER_WIDTH_M / 2.0).is_empty:
            found[row] = f"is a sliver: nowhere {SLIVER_WIDTH_M:g} m wide"
    for row in small.tolist():
        found[row] = f"is a sliver: {areas_m2[row]:.1f} m²"
    return found


def overlaps(made: Geometries) -> tuple[list[tuple[int, int, float]], bool]:
    """Pairs of boundaries that share more than a tenth of the smaller one.

    Returns:
        (row, earlier row, share of the smaller one), and whether all pairs were looked at.
    """
    found: list[tuple[int, int, float]] = []
    looked_at = 0
    for later, earlier in _pairs(made):
        looked_at += len(later)
        if looked_at > _PAIRS_MAX:
            return found, False
        smaller = np.minimum(shapely.area(made[later]), shapely.area(made[earlier]))
        shared = shapely.area(shapely.intersection(made[later], made[earlier]))
        much = np.flatnonzero(shared > OVERLAP * smaller)
        shares = shared[much] / smaller[much]
        found += zip(later[much].tolist(), earlier[much].tolist(), shares.tolist(), strict=True)
    return sorted(found), True


def _pairs(made: Geometries) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows whose boxes share enough for a tenth of the smaller boundary, each pair once, in portions."""
    tree = STRtree(made)
    box: Floats = shapely.bounds(made)
    area = shapely.area(made)
    there = np.flatnonzero(~shapely.is_missing(made))
    for start in range(0, len(there), _CHUNK):
        asked = there[start : start + _CHUNK]
        at, earlier = tree.query(made[asked])
        later = asked[at]
        once = earlier < later
        later, earlier = later[once], earlier[once]
        width = np.minimum(box[later, 2], box[earlier, 2]) - np.maximum(box[later, 0], box[earlier, 0])
        height = np.minimum(box[later, 3], box[earlier, 3]) - np.maximum(box[later, 1], box[earlier, 1])
        near = (width > 0) & (height > 0) & (width * height > OVERLAP * np.minimum(area[later], area[earlier]))
        yield later[near], earlier[near]


def _in_metres(boundary: Any) -> Any:
    """A boundary in local metres, good for widths."""
    lon, lat = boundary.bounds[0], boundary.bounds[1]
    scale = np.array([np.cos(np.radians(lat)) * M_PER_DEG, M_PER_DEG])
    return shapely.transform(boundary, lambda points: (points - [lon, lat]) * scale)
