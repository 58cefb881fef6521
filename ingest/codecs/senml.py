"""SenML packs in JSON (RFC 8428), topics ``senml/{any}/up`` and ``devices/{any}/senml``.

A pack is an array of records; base name, time, unit, value and sum hold from where they stand on (4.1), and a record
of nothing else tells nothing itself. A time below 2^28 s is relative to the reception (4.5.3). The base name, without
``:`` or ``/`` at its end, is the device and the record's own name the quantity; where there is no base name, the name
is divided at its last ``:`` or ``/``, unless what follows is a number of a device (MAC, EUI). A record without a name
of its own tells the quantity by its unit (``%RH`` is ``air_humidity``), or as ``value``. What is no name of a device
(4.5.1) or of a quantity of ours is a fault (``name``).
Numbers (``v``, and ``s`` as quantity ``…_sum``) and booleans (0 or 1) are readings. Texts, data, and records of several
values are kept as faults (``senml-type``). Fields that end in ``_`` refuse the pack, for we know none (4.4); other
fields that we do not know are counted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from core.errors import PayloadError
from core.model.samples import Reading
from core.ports import Sample
from ingest.codec import Decoded, Fault
from ingest.quantities import normalised

FORMAT: Final = "senml"
TOPICS: Final = ("senml/+/up", "devices/+/senml")
FOREIGN: Final = True
MAX_BYTES: Final = 1 << 20

_WRITTEN: Final = {"battery": ("%EL", 1.0), "soil_moisture": ("/", 100.0), "soil_conductivity": ("S/m", 10_000.0)}
"""Quantities whose unit SenML does not know (RFC 8428, 12.1): its own unit, and how many of ours make one."""
_RELATIVE_S: Final = float(1 << 28)
_DEVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]{0,199}")
_QUANTITY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/()%°:-]{0,63}")
_LONGEST_UNIT: Final = 128
_BASE: Final = {"bn": str, "bt": float, "bu": str, "bv": float, "bs": float, "bver": int}
_OF_UNIT: Final = {"%RH": "air_humidity", "Cel": "temperature", "lx": "light", "%EL": "battery"}
_VERSION: Final = 10
_LATEST_S: Final = 2.0**43
_MARKS: Final = ":/"

_RESOLVED: Final = frozenset((*_BASE, "n", "u", "v", "s", "t"))
_VALUES: Final = frozenset(("v", "vs", "vd", "vb"))

Record = dict[str, Any]


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:  # noqa: ARG001 - names stand in the pack
    """Read the readings of a pack.

    Raises:
        PayloadError: It is no SenML (``schema``, ``size``), or asks for more than we understand
            (``senml-version``).
    """
    samples: list[Sample] = []
    faults: list[Fault] = []
    places: list[int] = []
    strange = 0
    for place, (record, written) in enumerate(resolved(payload, received_ms)):
        try:
            made = _readings(record)
        except PayloadError as error:
            faults.append(Fault(place, error.reason, str(error), msgspec.json.encode(written)))
            continue
        samples += made
        places += [place] * len(made)
        if not written.keys() <= _KINDS.keys() or record.keys() & {"vs", "vd"}:
            strange += len(made)
    if not samples and not faults:
        raise PayloadError("schema", "a pack without a record")
    return Decoded(samples, faults, places, strange)


def resolved(payload: bytes, received_ms: int) -> Iterator[tuple[Record, Record]]:
    """The records of a pack with their full names, units, values and times in s (RFC 8428, 4.6), and as written.

    Raises:
        PayloadError: See :func:`decode`.
    """
    base: Record = {}
    for record in _records(payload):
        _check(record)
        base.update({name: record[name] for name in _BASE if name in record})
        if record.keys() <= _BASE.keys():
            continue
        full: Record = {name: value for name, value in record.items() if name not in _RESOLVED}
        full["named"] = (str(base.get("bn", "")), str(record.get("n", "")))
        full["n"] = "".join(full["named"])
        if unit := record.get("u", base.get("bu")):
            full["u"] = unit
        if "v" in record or ("bv" in base and not full.keys() & _VALUES):
            full["v"] = float(base.get("bv", 0.0)) + float(record.get("v", 0.0))
        if "s" in record or "bs" in base:
            full["s"] = float(base.get("bs", 0.0)) + float(record.get("s", 0.0))
        time_s = float(base.get("bt", 0.0)) + float(record.get("t", 0.0))
        full["t"] = time_s + received_ms / 1_000.0 if time_s < _RELATIVE_S else time_s
        if not full.keys() & (_VALUES | {"s"}):
            raise PayloadError("schema", f"a record without a value: {sorted(record)}"[:300])
        yield full, record


def _records(payload: bytes) -> list[Record]:
    if len(payload) > MAX_BYTES:
        raise PayloadError("size", f"payload of {len(payload)} bytes; at most {MAX_BYTES} are taken")
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadError("schema", f"not JSON: {error}") from None
    if not isinstance(found, list) or not found or not all(isinstance(record, dict) for record in found):
        raise PayloadError("schema", "expected a filled array of records")
    return found


def _check(record: Record) -> None:
    for name, value in record.items():
        if name.endswith("_"):
            raise PayloadError("senml-version", f"the field {name[:60]!r} must be understood, and is not")
        kind = _KINDS.get(name)
        if kind is float:
            if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
                raise PayloadError("schema", f"{name} is no number: {value!r}"[:300])
        elif kind is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            raise PayloadError("schema", f"{name} is of a wrong type: {value!r}"[:300])
    if record.get("bver", _VERSION) > _VERSION:
        raise PayloadError("senml-version", f"version {record['bver']} is newer than {_VERSION}")


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


_KINDS: Final[dict[str, type]] = {
    **_BASE, "n": str, "u": str, "v": float, "t": float, "s": float, "ut": float, "vs": str, "vb": bool, "vd": str
}  # fmt: skip


def _readings(record: Record) -> list[Reading]:
    """The readings of a resolved record.

    Raises:
        PayloadError: It holds none (``senml-type``), or is nobody's or of nothing (``name``).
    """
    unit = record.get("u", "")
    base, own = record["named"]
    device, quantity = _named(base, own, unit)
    _check_names(device, quantity, *([f"{quantity}_sum"] if "s" in record else []))
    _check_values(record, quantity)
    made: list[Reading] = []
    ts_ms = round(max(-_LATEST_S, min(record["t"], _LATEST_S)) * 1_000.0)
    if "v" in record:
        made.append(Reading(device, ts_ms, quantity, *normalised(quantity, record["v"], unit)))
    if "vb" in record:
        made.append(Reading(device, ts_ms, quantity, float(record["vb"]), unit))
    if "s" in record:
        made.append(Reading(device, ts_ms, f"{quantity}_sum", record["s"], ""))
    if not made:
        raise PayloadError("senml-type", f"{quantity} is a text or data, not a number")
    return made


def _check_names(device: str, *quantities: str) -> None:
    if _DEVICE.fullmatch(device) is None:
        raise PayloadError("name", f"{device[:100]!r} is no name of a device")
    for quantity in quantities:
        if _QUANTITY.fullmatch(quantity) is None:
            raise PayloadError("name", f"{quantity[:100]!r} is no name of a quantity")


def _check_values(record: Record, quantity: str) -> None:
    values = sorted(record.keys() & _VALUES)
    if len(values) > 1:
        raise PayloadError("senml-type", f"{quantity} has several values: {', '.join(values)}")
    if not all(math.isfinite(record[name]) for name in ("v", "s", "t") if name in record):
        raise PayloadError("senml-type", "a number of the record is too large")
    if len(record.get("u", "")) > _LONGEST_UNIT:
        raise PayloadError("senml-type", f"{quantity} has a unit of {len(record['u'])} characters")


def _named(base: str, own: str, unit: str) -> tuple[str, str]:
    """Device and quantity of a record, from the base name and its own."""
    device, quantity = base.rstrip(_MARKS), own.lstrip(_MARKS)
    if not device:
        at = max(quantity.rfind(mark) for mark in _MARKS)
        if at > 0 and not _is_address(quantity[at + 1 :]):
            device, quantity = quantity[:at], quantity[at + 1 :]
        else:
            device, quantity = quantity, ""
    return device, quantity or _OF_UNIT.get(unit) or (unit if _QUANTITY.fullmatch(unit) else "value")


def _is_address(text: str) -> bool:
    """Whether the last part of a name is a number of a device (MAC, EUI, IPv6) and no word."""
    return all(c in "0123456789abcdefABCDEF" for c in text) and any(c.isdigit() for c in text)


def encode(device: str, readings: Sequence[Reading]) -> tuple[str, bytes]:
    """Topic and pack of the readings of a device; times are absolute, in s. A value that is no number is left out."""
    pack: list[Record] = []
    for reading in readings:
        if not math.isfinite(reading.value):
            continue
        unit, ours = _WRITTEN.get(reading.quantity, (reading.unit, 1.0))
        base = {} if pack else {"bn": f"{device}:"}
        pack.append(base | {"n": reading.quantity, "u": unit, "v": reading.value / ours, "t": reading.ts_ms / 1_000.0})
    return f"senml/{device}/up", msgspec.json.encode(pack)
