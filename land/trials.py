"""A layer under trial: its plots as stated and as each other reading would place them, in WGS 84."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import Polygon

from core.model.fixtable import Floats
from core.model.land import Boundary
from land.crs import ToWgs84
from land.readings import Reading, Traits, cost, readings, variants

Geometries: TypeAlias = NDArray[Any]
Rows: TypeAlias = NDArray[np.intp]

_DEGREES_MAX: Final = 180.0
_SAMPLE: Final = 400
_SAME_M: Final = 5.0
_EQUATOR_M: Final = 6_378_137.0
_FLATNESS: Final = 0.00669438


@dataclass(frozen=True, slots=True)
class Trial:
    """One reading tried: what it takes the numbers for, and how far-fetched it is against the stated one."""

    reading: Reading
    traits: Traits
    price: float


@dataclass(frozen=True, slots=True)
class Layer:
    """The plots of a layer, shape (n,), and the readings that can be tried on them.

    ``rows`` are the plots that stand for all where a sample is enough; ``centres`` holds, for each trial, the centres
    of these in WGS 84, shape (len(rows), 2), not finite where the reading does not reach. ``trial`` is the stated
    reading, ``others`` the rest, the likelier ones first.
    """

    boundaries_lonlat: Geometries
    raw: Geometries
    ids: tuple[str, ...]
    rows: Rows
    trial: Trial
    others: tuple[Trial, ...]
    centres: dict[Trial, Floats]

    def boundaries(self, trial: Trial, rows: Rows) -> Geometries:
        """The boundaries of some plots in WGS 84 as a trial places them, valid; shape (len(rows),)."""
        if trial is self.trial:
            return _valid(self.boundaries_lonlat[rows])
        return _valid(_moved(trial.reading.to_wgs84(), self.raw[rows]))

    def centres_of(self, trial: Trial, rows: Rows) -> Floats:
        """The centres of some plots in WGS 84 as a trial places them, shape (len(rows), 2)."""
        if trial is self.trial:
            return _centres(self.boundaries_lonlat[rows])
        return _placed(trial.reading.to_wgs84(), _centres(self.raw[rows]))

    def middle(self, trial: Trial) -> Floats:
        """The median longitude and latitude of the plots, shape (2,); NaN where the reading does not reach."""
        centres = self.centres[trial]
        finite = centres[np.isfinite(centres).all(axis=1)]
        return np.median(finite, axis=0) if len(finite) else np.full(2, np.nan)


def layer_under_trial(
    layer_lonlat: Sequence[Boundary], source: ToWgs84, raw: Sequence[Boundary], ids: Sequence[str] = ()
) -> Layer:
    """Make the trials of a layer, and tell by its places which of the known readings the stated one is.

    Raises:
        ValueError: The sequences are empty or do not go together.
    """
    if not raw or len(layer_lonlat) != len(raw) or (ids and len(ids) != len(raw)):
        raise ValueError(f"{len(layer_lonlat)} plots in WGS 84, {len(raw)} as in the file, {len(ids)} ids")
    stated = shapely.force_2d(_array(layer_lonlat))
    numbers = shapely.force_2d(_array(raw))
    rows = np.unique(np.linspace(0, len(numbers) - 1, min(len(numbers), _SAMPLE)).astype(np.intp))
    raw_centres = _centres(numbers[rows])
    known = dict(readings(degrees=bool(np.abs(raw_centres).max() <= _DEGREES_MAX)))
    placed = {reading: _placed(reading.to_wgs84(), raw_centres) for reading in known}
    stated_centres = _centres(stated[rows])
    own = next((reading for reading, centres in placed.items() if _same(centres, stated_centres)), None)
    if own is None:
        foreign = variants(source)
        own = next(iter(foreign))
        known |= foreign
        placed |= {reading: _placed(reading.to_wgs84(), raw_centres) for reading in foreign}
    placed[own] = stated_centres
    trials = {
        reading: Trial(reading, traits, 0.0 if reading == own else cost(known[own], traits))
        for reading, traits in known.items()
    }
    others = sorted((trial for reading, trial in trials.items() if reading != own), key=lambda trial: trial.price)
    centres = {trials[reading]: where for reading, where in placed.items()}
    return Layer(stated, numbers, tuple(ids), rows, trials[own], tuple(others), centres)


def apart_m(lonlat: Floats, other: Floats) -> Floats:
    """East and north metres from the other points to these, shape (n, 2).

    Right to 0.1 % for distances up to some kilometres, which is what it is compared with.
    """
    lat = np.radians((lonlat[..., 1] + other[..., 1]) / 2.0)
    curve = 1.0 - _FLATNESS * np.sin(lat) ** 2
    east = _EQUATOR_M / np.sqrt(curve) * np.cos(lat) * np.radians(lonlat[..., 0] - other[..., 0])
    north = _EQUATOR_M * (1.0 - _FLATNESS) / curve**1.5 * np.radians(lonlat[..., 1] - other[..., 1])
    return np.stack([east, north], axis=-1)


def _array(geometries: Sequence[Boundary]) -> Geometries:
    """An array of shape (n,), also where the sequence is one."""
    made = np.empty(len(geometries), dtype=object)
    made[:] = list(geometries)
    return made


def _centres(geometries: Geometries) -> Floats:
    """Centroids, shape (n, 2); NaN where there is none."""
    reached = np.isfinite(shapely.bounds(geometries)).all(axis=1)
    made: Floats = np.full((len(geometries), 2), np.nan)
    made[reached] = shapely.get_coordinates(shapely.centroid(geometries[reached]))
    return made


def _placed(to_wgs84: ToWgs84, points: Floats) -> Floats:
    """Longitudes and latitudes of file coordinates, shape (n, 2)."""
    return np.column_stack(to_wgs84.lonlat(points[:, 0], points[:, 1]))


def _moved(to_wgs84: ToWgs84, geometries: Geometries) -> Geometries:
    """The geometries in WGS 84."""
    moved: Geometries = shapely.transform(geometries, lambda points: _placed(to_wgs84, points))
    return moved


def _valid(geometries: Geometries) -> Geometries:
    """The geometries, the invalid ones repaired, those with coordinates that are none empty."""
    nowhere = ~np.isfinite(shapely.bounds(geometries)).all(axis=1)
    made: Geometries = geometries.copy()
    made[nowhere] = Polygon()
    bad = ~shapely.is_valid(made)
    made[bad] = shapely.make_valid(made[bad])
    return made


def _same(centres: Floats, stated: Floats) -> bool:
    """Whether two readings place a layer alike; other readings lie at least 200 m apart."""
    with np.errstate(invalid="ignore", over="ignore"):
        away = np.hypot(*apart_m(centres, stated).T)
    return bool(np.median(np.where(np.isfinite(away), away, np.inf)) <= _SAME_M)
