"""What the decoders of field sensors' makers call their values, one file per family, each a declared table.

A network server hands a decoded object over; its names and units are the maker's. A file here holds ``SENSORS``, a list
of :class:`ingest.sensors.Sensor`; it is found by its name.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from core.model.samples import Reading
from ingest.codec import Fault
from ingest.quantities import normalised

Object = dict[str, Any]
Mend = Callable[[float], float | None]
"""What a raw value really is; None where it is an error code."""


class Field(msgspec.Struct, frozen=True):
    """A field of a decoded object: the quantity that it is, the unit that the maker sends, what to mend."""

    quantity: str
    unit: str
    mend: Mend | None = None


class Sensor(msgspec.Struct, frozen=True):
    """One model.

    ``models`` are names (lower case) by which network servers know it; ``signature`` are fields of which one at least
    must be there where no name is known, and that no other model has; ``errors`` are fields that tell of a failed
    measurement; ``ignored`` are no measurements. ``unpack`` turns an odd object into a plain one first.
    """

    name: str
    models: tuple[str, ...]
    signature: tuple[str, ...]
    fields: Mapping[str, Field]
    errors: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unpack: Callable[[Object], Object] | None = None


class Found(msgspec.Struct):
    """What an object held: values by quantity, faults, how many fields nobody knows."""

    values: list[tuple[str, float, str]] = []
    faults: list[Fault] = []
    unknown: int = 0

    def readings(self, device: str, ts_ms: int) -> list[Reading]:
        """The values as readings of a device at a time."""
        return [Reading(device, ts_ms, quantity, value, unit) for quantity, value, unit in self.values]


@cache
def sensors() -> tuple[Sensor, ...]:
    """All models that we know."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(it for name in names for it in importlib.import_module(f"{__name__}.{name}").SENSORS)


def choose(hints: Sequence[str], decoded: Object) -> Sensor | None:
    """The model of an object: by a name that the network server gives, else by fields that only one model has."""
    said = [hint.lower() for hint in hints if hint]
    for sensor in sensors():
        if any(model in hint for hint in said for model in sensor.models):
            return sensor
    for sensor in sensors():
        if any(name in decoded for name in sensor.signature):
            return sensor
    return None


def read(sensor: Sensor, decoded: Object) -> Found:
    """The values of a decoded object, in the platform's units."""
    found = Found()
    plain = sensor.unpack(decoded) if sensor.unpack is not None else decoded
    for place, (name, value) in enumerate(plain.items()):
        if name in sensor.errors:
            found.faults.append(_fault(place, "sensor-error", f"{sensor.name} says {name}: {value!r}", name, value))
        elif (field := sensor.fields.get(name)) is not None:
            _take(found, sensor, field, place, name, value)
        elif name not in sensor.ignored and name != "history":
            found.unknown += 1
    return found


def _take(found: Found, sensor: Sensor, field: Field, place: int, name: str, value: Any) -> None:  # noqa: PLR0917
    number = number_of(value)
    if number is None:
        found.faults.append(_fault(place, "schema", f"{name} of {sensor.name} is no number: {value!r}", name, value))
        return
    mended = field.mend(number) if field.mend is not None else number
    if mended is None:
        found.faults.append(_fault(place, "sensor-error", f"{name} of {sensor.name} is an error code", name, value))
        return
    found.values.append((field.quantity, *normalised(field.quantity, mended, field.unit)))


def number_of(value: Any) -> float | None:
    """A number, also one that was sent as a text; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _fault(place: int, reason: str, words: str, name: str, value: Any) -> Fault:
    return Fault(place, reason, words[:500], msgspec.json.encode({name: value}))
