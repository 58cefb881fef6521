"""Where a sensor stood, by the versions of its record."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Point

from api.sensorthings.times import FIRST_MS, LAST_MS
from core.model.land import Device


@dataclass(frozen=True, slots=True)
class Place:
    """One stay of a sensor.

    ``number`` is the version of the record that tells of it first, ``since_ms`` when that began to count. Readings
    between ``from_ms`` and ``until_ms`` (exclusive) are from there: the first place has been ever since. ``point`` is
    None where nobody has said where it is.
    """

    number: int
    since_ms: int
    from_ms: int
    until_ms: int
    point: Point | None


def places_of(versions: Sequence[Device]) -> tuple[Place, ...]:
    """The places of a sensor, from all versions of its record, the oldest first."""
    stays: list[Device] = []
    for version in versions:
        if not stays or _where(stays[-1]) != _where(version):
            stays.append(version)
    ends = [it.valid_from_ms for it in stays[1:]] + [LAST_MS]
    return tuple(
        Place(it.version, it.valid_from_ms, FIRST_MS if place == 0 else it.valid_from_ms, ends[place], _point(it))
        for place, it in enumerate(stays)
    )


def place_at(places: Sequence[Place], ts_ms: int) -> Place:
    """Where it stood at a time."""
    return next((it for it in reversed(places) if it.from_ms <= ts_ms), places[0])


def _where(device: Device) -> tuple[float, float] | None:
    known = math.isfinite(device.lon_deg) and math.isfinite(device.lat_deg)
    return (device.lon_deg, device.lat_deg) if known else None


def _point(device: Device) -> Point | None:
    where = _where(device)
    return None if where is None else Point(*where)
