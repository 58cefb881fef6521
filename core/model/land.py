"""Whose plots, which devices: what the registry keeps. Boundaries are WGS 84, longitude before latitude."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from shapely import MultiPolygon, Polygon

from core.model.samples import NAN

Boundary: TypeAlias = Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Cooperative:
    """The tenant. ``cooperative`` is its identifier in topics: lower-case letters, digits and hyphens."""

    cooperative: str
    name: str
    m2_per_cong: float = 1_000.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A parcel with a boundary that is never overwritten: a change makes the next version.

    ``boundary`` is in WGS 84 (longitude, latitude); ``source_crs`` is the CRS that the source was written in, and
    ``declared_area_m2`` the area that the source states (NaN where it states none). ``cadastral`` is the cadastral
    reference (parcel and map sheet), ``source_unit`` the commune that it counts within, both as the source writes them;
    ``source_date`` is the day of the survey (ISO 8601, "" where nobody knows). ``kind`` is what the plot is
    (``rice-shrimp``, ``orchard``), ``growing_area`` its growing-area code, ``season`` the season of ``crop``.
    """

    plot: str
    boundary: Boundary
    name: str = ""
    cooperative: str = ""
    crop: str = ""
    declared_area_m2: float = NAN
    source_crs: str = "EPSG:4326"
    version: int = 1
    valid_from_ms: int = 0
    season: str = ""
    kind: str = ""
    growing_area: str = ""
    member: str = ""
    cadastral: str = ""
    source_unit: str = ""
    source_date: str = ""


class DeviceKind(StrEnum):
    """The folder of MQTT topics that a device publishes under."""

    DRONE = "drones"
    SENSOR = "sensors"


@dataclass(frozen=True, slots=True)
class Device:
    """A drone or a field sensor of a cooperative. ``swath_m`` is the drone's calibrated or model swath width."""

    device: str
    cooperative: str
    kind: DeviceKind
    name: str = ""
    model: str = ""
    swath_m: float = NAN
    lat_deg: float = NAN
    lon_deg: float = NAN


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
