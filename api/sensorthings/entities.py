"""Sensors, their places and their readings as entities. Identifiers stay: they are made of the platform's own names.

A sensor is a Thing and a Sensor; each quantity that it has measured is a Datastream.
"""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final

from api.sensorthings.model import Entity, Kind
from api.sensorthings.places import Place
from api.sensorthings.quantities import quantity_of, unit_of_measurement
from api.sensorthings.times import Span
from core.model.land import Device
from core.model.samples import Reading

MARK: Final = "~"
"""Stands between the parts of an identifier; no cooperative and no quantity has it in its name."""
GEOJSON: Final = "application/geo+json"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
_THING: Final = "Cảm biến đồng ruộng / Field sensor"
_PLACE: Final = "Nơi đặt cảm biến / Where the sensor stands"


def _of(kind: Kind, key: tuple[str, ...], values: dict[str, Any]) -> Entity:
    return Entity(kind, MARK.join(key), key, values)


def _title(device: Device) -> str:
    return device.name or device.device


def thing(device: Device) -> Entity:
    """The sensor in the field."""
    told = {"cooperative": device.cooperative, "device": device.device, "model": device.model, "serial": device.serial}
    values = {"name": _title(device), "description": _THING, "properties": _said(told)}
    return _of(Kind.THINGS, (device.cooperative, device.device), values)


def sensor(device: Device) -> Entity:
    """The instrument; ``metadata`` is what the registry knows of it, as a line of HTML."""
    known = " ".join(it for it in (device.model, device.serial) if it)
    values = {
        "name": device.model or _title(device),
        "description": _THING,
        "encodingType": "text/html",
        "metadata": html.escape(known or _title(device)),
        "properties": _said({"model": device.model, "serial": device.serial}),
    }
    return _of(Kind.SENSORS, (device.cooperative, device.device), values)


def _at(kind: Kind, device: Device, place: Place, values: dict[str, Any]) -> Entity:
    return _of(kind, (device.cooperative, device.device, str(place.number)), values)


def location(device: Device, place: Place) -> Entity:
    """A place that is known."""
    values = {"name": _title(device), "description": _PLACE, "encodingType": GEOJSON, "location": place.point}
    return _at(Kind.LOCATIONS, device, place, values)


def historical_location(device: Device, place: Place) -> Entity:
    """Since when a sensor has stood, or stood, at a place."""
    return _at(Kind.HISTORICAL_LOCATIONS, device, place, {"time": Span.at(place.since_ms)})


def feature_of_interest(device: Device, place: Place) -> Entity:
    """The place as what is observed; its geometry is null where nobody has said where it is."""
    values = {"name": _title(device), "description": _PLACE, "encodingType": GEOJSON, "feature": place.point}
    return _at(Kind.FEATURES_OF_INTEREST, device, place, values)


def observed_property(quantity: str, own: str) -> Entity:
    """A quantity; ``own`` is its address here, its definition where no vocabulary has it."""
    known = quantity_of(quantity)
    values = {
        "name": quantity,
        "definition": known.definition or own,
        "description": f"{known.vietnamese} / {known.english}",
    }
    return Entity(Kind.OBSERVED_PROPERTIES, quantity, (quantity,), values)


def datastream(device: Device, last: Reading, first_ms: Callable[[], int]) -> Entity:
    """A quantity of a sensor, by its last reading; ``first_ms`` tells the time of the first one."""
    known = quantity_of(last.quantity)

    @cache
    def span() -> Span:
        return Span(min(first_ms(), last.ts_ms), last.ts_ms)

    values = {
        "name": f"{_title(device)}: {last.quantity}",
        "description": f"{known.vietnamese} / {known.english}",
        "observationType": MEASUREMENT,
        "unitOfMeasurement": unit_of_measurement(last.unit),
        "phenomenonTime": span,
        "resultTime": span,
        "properties": {"quantity": last.quantity, "unit": last.unit},
    }
    return _of(Kind.DATASTREAMS, (device.cooperative, device.device, last.quantity), values)


def observation(cooperative: str, reading: Reading, unit: str) -> Entity:
    """A reading; it names its unit where that is another than its datastream's. No number is null."""
    at = Span.at(reading.ts_ms)
    values = {
        "phenomenonTime": at,
        "resultTime": at,
        "result": reading.value if math.isfinite(reading.value) else None,
        "parameters": None if reading.unit == unit else {"unit": reading.unit},
    }
    key = (cooperative, reading.device, reading.quantity, str(reading.ts_ms))
    return _of(Kind.OBSERVATIONS, key, values)


def key_of(kind: Kind, identifier: str) -> tuple[str, ...] | None:
    """The parts of an identifier; None where it has not as many as its kind has. A sensor's name may hold the mark."""
    if kind is Kind.OBSERVED_PROPERTIES:
        return (identifier,)
    cooperative, found, rest = identifier.partition(MARK)
    ends = {Kind.THINGS: 0, Kind.SENSORS: 0, Kind.OBSERVATIONS: 2}.get(kind, 1)
    parts = rest.rsplit(MARK, ends)
    return (cooperative, *parts) if found and len(parts) == ends + 1 and all(parts) else None


def _said(told: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in told.items() if value}
