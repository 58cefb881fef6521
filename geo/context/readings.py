"""Readings of weather stations as columns, ready to be asked for what was known at an instant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.fixtable import Bools, Floats, Ints, Labels
from core.model.land import Device
from core.model.samples import Reading

TEMPERATURE, HUMIDITY, PRESSURE = "air_temperature", "air_humidity", "air_pressure"
WIND, GUST, DIRECTION, RAIN = "wind_speed", "wind_gust", "wind_direction", "rain_rate"
UNITS: Final = {
    TEMPERATURE: "Cel",
    HUMIDITY: "%RH",
    PRESSURE: "hPa",
    WIND: "m/s",
    GUST: "m/s",
    DIRECTION: "deg",
    RAIN: "mm/h",
}
"""The quantities that count here, in the units that ingest brings them into."""


@dataclass(frozen=True, slots=True, eq=False)
class Stations:
    """Where stations stand, WGS 84 degrees, shape (s,)."""

    names: tuple[str, ...]
    lon_deg: Floats
    lat_deg: Floats

    @classmethod
    def of(cls, devices: Iterable[Device]) -> Stations:
        """The devices whose place is known, by identifier."""
        placed = sorted((d for d in devices if np.isfinite([d.lon_deg, d.lat_deg]).all()), key=lambda d: d.device)
        lon, lat = (np.array([getattr(d, name) for d in placed], np.float64) for name in ("lon_deg", "lat_deg"))
        return cls(tuple(d.device for d in placed), lon, lat)

    def __len__(self) -> int:
        return len(self.names)

    def where(self, which: Bools) -> Stations:
        """Only the stations that are marked, shape (s,)."""
        names = tuple(name for name, yes in zip(self.names, which, strict=True) if yes)
        return Stations(names, self.lon_deg[which], self.lat_deg[which])


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One quantity of one station in order of time, shape (r,); no time stands twice."""

    ts_ms: Ints
    value: Floats

    def last(self, at_ms: Ints) -> Ints:
        """Row of the last reading at or before each instant, −1 where there is none."""
        return np.asarray(np.searchsorted(self.ts_ms, at_ms, side="right") - 1, np.int64)


NOTHING: Final = Series(np.empty(0, np.int64), np.empty(0))


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """Series by quantity and station number. ``refused`` counts readings that had another unit or no number."""

    series: Mapping[tuple[str, int], Series]
    refused: int = 0

    def of(self, quantity: str, station: int) -> Series:
        """One series; without rows where the station never told the quantity."""
        return self.series.get((quantity, station), NOTHING)

    @classmethod
    def build(
        cls, station: Ints, quantity: Labels, ts_ms: Ints, value: Floats, usable: Bools | None = None
    ) -> Readings:
        """From columns of shape (r,) in any order, values in the units of :data:`UNITS`.

        Args:
            station: Number of the station (its place in :class:`Stations`), −1: not one of them.
            quantity: Which; others than those of :data:`UNITS` are passed over.
            ts_ms: Times in ms since 1970 UTC.
            value: Values; those that are no number are refused.
            usable: Rows that have the right unit; None: all.
        """
        good = np.isfinite(value) if usable is None else np.isfinite(value) & usable
        known = np.isin(quantity.codes, [c for c, name in enumerate(quantity.labels) if name in UNITS]) & (station >= 0)
        rows = np.flatnonzero(known & good)
        rows = rows[np.lexsort((value[rows], ts_ms[rows], station[rows], quantity.codes[rows]))]
        key = np.column_stack([quantity.codes[rows], station[rows], ts_ms[rows]]).astype(np.int64)
        fresh = np.ones(len(rows), np.bool_)
        fresh[1:] = (np.diff(key, axis=0) != 0).any(axis=1)
        rows, key = rows[fresh], key[fresh]
        cuts = np.flatnonzero((np.diff(key[:, :2], axis=0) != 0).any(axis=1)) + 1
        made = {
            (quantity.labels[int(quantity.codes[part[0]])], int(station[part[0]])): Series(ts_ms[part], value[part])
            for part in np.split(rows, cuts)
            if len(part)
        }
        return cls(made, int(np.count_nonzero(known & ~good)))

    @classmethod
    def from_samples(cls, readings: Sequence[Reading], stations: Stations) -> Readings:
        """From readings as the store hands them out; one in another unit than the platform's is refused."""
        number = {name: i for i, name in enumerate(stations.names)}
        return cls.build(
            np.array([number.get(r.device, -1) for r in readings], np.int64),
            Labels.of([r.quantity for r in readings]),
            np.array([r.ts_ms for r in readings], np.int64),
            np.array([r.value for r in readings], np.float64),
            np.array([r.unit == UNITS.get(r.quantity) for r in readings], np.bool_),
        )
