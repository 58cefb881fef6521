"""Whose land, and what lies beside it. Boundaries are WGS 84, longitude before latitude."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, TypeAlias

from shapely import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from core.model.samples import NAN
from core.model.versions import Versioned

Boundary: TypeAlias = Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Cooperative(Versioned):
    """The tenant. ``cooperative`` is its identifier in topics: lower-case letters, digits and hyphens.

    ``organisation`` is its official identifier (its registration number), ``scheme`` what that is counted by;
    ``m2_per_cong`` is the size of the công that it reckons in.
    """

    cooperative: str
    name: str
    m2_per_cong: float = 1_000.0
    organisation: str = ""
    scheme: str = ""


@dataclass(frozen=True, slots=True)
class Plot(Versioned):
    """A parcel with a boundary.

    ``boundary`` is in WGS 84 (longitude, latitude); ``source_crs`` is the CRS that the source was written in, and
    ``declared_area_m2`` the area that the source states (NaN where it states none). ``cadastral`` is the cadastral
    reference (parcel and map sheet), ``source_unit`` the commune that it counts within, both as the source writes them;
    ``source_date`` is the day of the survey (ISO 8601, "" where nobody knows). ``kind`` is what the plot is
    (``rice-shrimp``, ``orchard``), ``growing_area`` its growing-area code, ``season`` the season of ``crop``,
    ``member`` whose it is.
    """

    KEY: ClassVar[tuple[str, ...]] = ("plot",)

    plot: str
    boundary: Boundary
    name: str = ""
    cooperative: str = ""
    crop: str = ""
    declared_area_m2: float = NAN
    source_crs: str = "EPSG:4326"
    season: str = ""
    kind: str = ""
    growing_area: str = ""
    member: str = ""
    cadastral: str = ""
    source_unit: str = ""
    source_date: str = ""


class SiteKind(StrEnum):
    """What must not be sprayed beside a plot."""

    HOUSE = "house"
    SCHOOL = "school"
    ROAD = "road"
    CANAL = "canal"
    POND = "pond"
    HIVE = "hive"
    ORGANIC = "organic"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Site(Versioned):
    """A sensitive site: its ``boundary`` is a point, a line or an area in WGS 84 that no drop may reach.

    ``buffer_m`` is the distance to keep on every side, ``downwind_m`` the one to keep where the wind blows towards it.
    ``source`` says who set these distances: Vietnamese law names none that we know of.
    """

    KEY: ClassVar[tuple[str, ...]] = ("site",)

    site: str
    cooperative: str
    kind: SiteKind
    boundary: BaseGeometry
    name: str = ""
    buffer_m: float = NAN
    downwind_m: float = NAN
    source: str = ""


SUGGESTED_BUFFERS_M: dict[SiteKind, tuple[float, float]] = {
    SiteKind.HOUSE: (10.0, 30.0),
    SiteKind.SCHOOL: (10.0, 30.0),
    SiteKind.ROAD: (10.0, 30.0),
    SiteKind.CANAL: (5.0, 20.0),
    SiteKind.POND: (10.0, 50.0),
    SiteKind.HIVE: (50.0, 100.0),
    SiteKind.ORGANIC: (20.0, 50.0),
    SiteKind.OTHER: (10.0, 30.0),
}
"""All-round and downwind distances to start from. Nobody has enacted them: they are ours, and every sheet says so."""


class DeviceKind(StrEnum):
    """The folder of MQTT topics that a device publishes under."""

    DRONE = "drones"
    SENSOR = "sensors"


@dataclass(frozen=True, slots=True)
class Device(Versioned):
    """A drone or a field sensor of a cooperative.

    ``swath_m`` is the swath width that the drone has where neither the task nor a calibration tells another.
    ``registration`` is the number that the aircraft is registered under, ``registration_until`` the last day of that
    (ISO 8601); both are "" where there is no record, which does not say that it is unlawful.
    """

    KEY: ClassVar[tuple[str, ...]] = ("device",)

    device: str
    cooperative: str
    kind: DeviceKind
    name: str = ""
    model: str = ""
    swath_m: float = NAN
    lat_deg: float = NAN
    lon_deg: float = NAN
    serial: str = ""
    registration: str = ""
    registration_until: str = ""
    mtow_kg: float = NAN


@dataclass(frozen=True, slots=True)
class ForeignDevice:
    """Whose an identifier of a foreign payload format (a codec's name) is: this device, from ``valid_from_ms`` on.

    ``valid_from_ms`` is in ms since 1970 UTC by the device's clock; 0: ever since.
    """

    format: str
    external: str
    cooperative: str
    device: str
    valid_from_ms: int = 0
