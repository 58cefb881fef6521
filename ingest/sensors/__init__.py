"""What the decoders of field sensors' makers call their values, one file per family, each a declared table.

A network server hands a decoded object over; its names and units are the maker's. A file here holds ``SENSORS``, a list
of :class:`ingest.sensors.Sensor`; it is found by its name.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from types import ModuleType
from typing import Any, Final

import msgspec

from core.model.samples import Reading
from ingest.codec import Fault
from ingest.quantities import is_unit, normalised

Object = dict[str, Any]
Mend = Callable[[float], float | None]
"""What a raw value really is; None where it is an error code."""

_TEXT: Final = re.compile(r"\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%°℃µ\u03bc]\S*)?\s*", re.ASCII)
_LONGEST: Final = 40
_LONGEST_HINT: Final = 200
_LONGEST_WORDS: Final = 500
_TELLS_MODEL: Final = "Node_type"
"""The field in which some decoders (Dragino's) name the model themselves."""


class Field(msgspec.Struct, frozen=True):
    """A field of a decoded object: the quantity that it is, the unit that the maker sends, what to mend."""

    quantity: str
    unit: str
    mend: Mend | None = None


class Sensor(msgspec.Struct, frozen=True):
    """One model.

    ``models`` are the names by which network servers know it, in lower case without marks. ``signature`` are sets of
    fields: where no name is known, an object with all fields of one set is this model's. If it is ``closed``, such an
    object may hold no field that is not the model's own: its names are so plain that others use them too. ``errors``
    are fields that tell of a failed measurement, ``ignored`` are no measurements. A field of ``doubts`` is not believed
    where the other field stands beside it. ``unpack`` turns an odd object into names and values first.
    """

    name: str
    models: tuple[str, ...]
    fields: Mapping[str, Field]
    signature: tuple[frozenset[str], ...] = ()
    closed: bool = True
    errors: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    doubts: Mapping[str, str] = {}
    history: bool = False
    unpack: Callable[[Object], Iterable[tuple[str, Any]]] | None = None

    def fits(self, names: set[str]) -> bool:
        """Whether an object with these fields can only be this model's."""
        if not any(one <= names for one in self.signature):
            return False
        return not self.closed or names <= {*self.fields, *self.errors, *self.ignored}


class Found(msgspec.Struct):
    """What an object held: values by quantity, faults, how many fields are the model's and how many nobody's."""

    values: list[tuple[str, float, str]] = []
    faults: list[Fault] = []
    known: int = 0
    unknown: int = 0

    def readings(self, device: str, ts_ms: int) -> list[Reading]:
        """The values as readings of a device at a time."""
        return [Reading(device, ts_ms, quantity, value, unit) for quantity, value, unit in self.values]


@cache
def families() -> dict[str, ModuleType]:
    """The files of this folder, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}") for name in names}


@cache
def sensors() -> tuple[Sensor, ...]:
    """All models that we know."""
    return tuple(sensor for family in families().values() for sensor in family.SENSORS)


def choose(hints: Sequence[str], decoded: Object) -> Sensor | None:
    """The model of an object: by the first hint that names one model, else by fields that only one model has.

    A decoder that names the model itself is believed: where we do not know that name, nothing is guessed.
    """
    said = decoded.get(_TELLS_MODEL)
    own = [said] if isinstance(said, str) and said.strip() else []
    for hint in (*hints, *own):
        plain = "".join(c for c in hint[:_LONGEST_HINT].lower() if c.isalnum())
        named = [sensor for sensor in sensors() if any(model in plain for model in sensor.models)]
        if len(named) == 1:
            return named[0]
    if own:
        return None
    names = _names(decoded)
    return next((sensor for sensor in sensors() if sensor.fits(names)), None)


def _names(decoded: Object) -> set[str]:
    """The fields of an object and of its history: an uplink may be nothing but history."""
    history = decoded.get("history")
    entries = [entry for entry in history if isinstance(entry, dict)] if isinstance(history, list) else []
    return {*decoded, *(name for entry in entries for name in entry)} - {"history", "timestamp"}


def read(sensor: Sensor, decoded: Object) -> Found:
    """The values of a decoded object, in the platform's units."""
    found = Found()
    pairs = decoded.items() if sensor.unpack is None else sensor.unpack(decoded)
    for place, (name, value) in enumerate(pairs):
        field = sensor.fields.get(name)
        if name in sensor.errors:
            _refuse(found, place, "sensor-error", f"{sensor.name} says {name}: {value!r}", name, value)
        elif field is not None and sensor.doubts.get(name) in decoded:
            beside = sensor.doubts[name]
            _refuse(
                found, place, "unit", f"the unit of {name} of {sensor.name} beside {beside} is not sure", name, value
            )
        elif field is not None:
            _take(found, sensor, field, place, name, value)
        elif name not in sensor.ignored and not (sensor.history and name == "history"):
            found.unknown += 1
            continue
        found.known += 1
    return found


def _take(found: Found, sensor: Sensor, field: Field, place: int, name: str, value: Any) -> None:  # noqa: PLR0917
    what = f"{name} of {sensor.name}"
    told = _number(value)
    if told is None:
        return _refuse(found, place, "schema", f"{what} is no number: {value!r}", name, value)
    number, word = told
    if word and not is_unit(word, field.unit):
        return _refuse(found, place, "unit", f"{what} is in {word!r}, not in {field.unit}", name, value)
    mended = field.mend(number) if field.mend is not None else number
    if mended is None:
        return _refuse(found, place, "sensor-error", f"{what} is an error code", name, value)
    made = (field.quantity, *normalised(field.quantity, mended, field.unit))
    earlier = [it for it in found.values if it[0] == field.quantity]
    if not earlier:
        found.values.append(made)
    elif made not in earlier:
        # Two values of a quantity at one time would be one point in a store: the second would undo the first.
        _refuse(found, place, "repeated", f"{what} says {field.quantity} again, otherwise", name, value)
    return None


def number_of(value: Any) -> float | None:
    """A finite number, also one that was sent as a text; None for anything else."""
    told = _number(value)
    return told[0] if told is not None and not told[1] else None


def _number(value: Any) -> tuple[float, str] | None:
    """A finite number, and the unit that stands behind it where it was sent as a text; None for anything else."""
    word = ""
    if isinstance(value, str):
        text = _TEXT.fullmatch(value) if len(value) <= _LONGEST else None
        if text is None:
            return None
        value, word = float(text[1]), text[2] or ""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return (number, word) if math.isfinite(number) else None


def _refuse(found: Found, place: int, reason: str, words: str, name: str, value: Any) -> None:  # noqa: PLR0917
    found.faults.append(Fault(place, reason, words[:_LONGEST_WORDS], msgspec.json.encode({name: value})))
