"""Logs at other times and in other places: rigidly, so that every distance and area stays what it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import shapely
from msgspec import structs

from core.errors import ConfigError
from core.model.fixtable import FixTable, Floats, Labels
from core.model.flightlog import LogFile
from core.model.land import Plot
from core.model.samples import Event
from core.model.traffic import Stream
from geo.projection import LocalPlane

_LABEL_LENGTH: Final = 128
_DIGITS: Final = 9
"""Rounding to 1e-7 would lengthen a track of one fix per metre by a part in a hundred thousand."""


@dataclass(frozen=True, slots=True)
class Place:
    """The move of all that lies around a point to another place: its plane there becomes the plane here."""

    origin: LocalPlane
    target: LocalPlane

    @classmethod
    def to(cls, origin_deg: tuple[float, float], target_deg: tuple[float, float]) -> Place:
        """The move that takes a point (longitude, latitude) to another.

        Raises:
            ConfigError: One of them is not on Earth.
        """
        for lon, lat in (origin_deg, target_deg):
            if not (abs(lon) <= 180.0 and abs(lat) <= 90.0):  # noqa: PLR2004 - degrees
                raise ConfigError(f"{lon:g},{lat:g} is no longitude and latitude")
        return cls(LocalPlane(*origin_deg), LocalPlane(*target_deg))

    @classmethod
    def by(cls, origin_deg: tuple[float, float], east_m: float, north_m: float) -> Place:
        """The move by some metres to the east and to the north, seen from a point."""
        plane = LocalPlane(*origin_deg)
        lon, lat = plane.lonlat(np.array([east_m]), np.array([north_m]))
        return cls.to(origin_deg, (float(lon[0]), float(lat[0])))

    def moved(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Positions after the move, to 1e-9 degrees (a tenth of a millimetre); what is no number stays none."""
        there = np.isfinite(lon_deg) & np.isfinite(lat_deg)
        lon, lat = np.array(lon_deg, np.float64), np.array(lat_deg, np.float64)
        lon[there], lat[there] = self._exactly(lon[there], lat[there])
        return np.round(lon, _DIGITS), np.round(lat, _DIGITS)

    def moved_one(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """One position after the move."""
        lon, lat = self.moved(np.array([lon_deg]), np.array([lat_deg]))
        return float(lon[0]), float(lat[0])

    def fixes(self, fixes: FixTable) -> FixTable:
        """Fixes after the move."""
        lon, lat = self.moved(fixes.lon_deg, fixes.lat_deg)
        return fixes.with_columns(lon_deg=lon, lat_deg=lat)

    def plot(self, plot: Plot) -> Plot:
        """A plot after the move; its corners are not rounded."""
        boundary = shapely.transform(plot.boundary, lambda it: np.column_stack(self._exactly(it[:, 0], it[:, 1])))
        return replace(plot, boundary=boundary, source_crs="EPSG:4326")

    def _exactly(self, lon_deg: Floats, lat_deg: Floats) -> tuple[Floats, Floats]:
        """Positions after the move: those that the plane there shows where the plane here shows the old ones.

        PROJ's way back from the plane is off by a millimetre or two but for the middle itself, hence the second step.
        """
        x, y = self.origin.xy(lon_deg, lat_deg)
        shown_x, shown_y = self.target.xy(*self.target.lonlat(x, y))
        return self.target.lonlat(2.0 * x - shown_x, 2.0 * y - shown_y)


def first_of(file: LogFile) -> tuple[float, float]:
    """Longitude and latitude of the first fix of a file.

    Raises:
        ConfigError: There is none.
    """
    tables = [log.fixes for log in file.logs if np.isfinite(log.fixes.lon_deg).any()]
    if not tables:
        raise ConfigError("no fix to move")
    first = min(tables, key=lambda table: int(table.ts_ms[0]))
    row = int(np.flatnonzero(np.isfinite(first.lon_deg) & np.isfinite(first.lat_deg))[0])
    return float(first.lon_deg[row]), float(first.lat_deg[row])


def moved_file(file: LogFile, place: Place) -> LogFile:
    """The logs and plots of a file after the move."""
    logs = tuple(replace(log, fixes=place.fixes(log.fixes)) for log in file.logs)
    return replace(file, logs=logs, plots=tuple(map(place.plot, file.plots)))


def round_label(boot: str, number: int) -> str:
    """The boot label of a later round (1, 2 ...) of a loop."""
    ending = f" #{number + 1}"
    return boot[: _LABEL_LENGTH - len(ending)] + ending


def nth_round(streams: Sequence[Stream], number: int) -> tuple[Stream, ...]:
    """The streams of a round of a loop: 0 is the first, as it is; later ones have boots of their own."""
    return tuple(streams) if number == 0 else tuple(_nth(stream, number) for stream in streams)


def _nth(stream: Stream, number: int) -> Stream:
    samples = stream.samples
    if isinstance(samples, FixTable):
        labels = tuple(round_label(label, number) if label else "" for label in samples.boot.labels)
        return replace(stream, samples=samples.with_columns(boot=Labels(samples.boot.codes, labels)))
    made: Any = [
        structs.replace(s, boot=round_label(s.boot, number)) if isinstance(s, Event) and s.boot else s for s in samples
    ]
    return replace(stream, samples=made)
