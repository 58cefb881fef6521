"""What the uplinks of LoRaWAN network servers have in common: devEUIs, times, and decoded objects of sensors."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from core.errors import PayloadError
from core.model.samples import Reading
from core.ports import Sample
from ingest import sensors
from ingest.clock import EARLIEST_MS, LATEST_MS
from ingest.codec import Decoded, Fault

MAX_BYTES: Final = 1 << 20
DEEPEST: Final = 64
"""How deep a payload may be nested: uplinks need six levels, and walking through deep ones takes stack."""

_EUI: Final = re.compile(r"[0-9a-fA-F]{16}")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_EUI_BYTES: Final = 8
_DEVICE_LEVEL: Final = 3
_WRAPPING: Final = frozenset({"data", "errors", "warnings"})
_FARTHEST_S: Final = 2.0**43

Object = dict[str, Any]


def document(payload: bytes) -> Object:
    """A payload as a JSON object.

    Raises:
        PayloadError: It is too long (``size``), or no JSON object (``schema``).
    """
    if len(payload) > MAX_BYTES:
        raise PayloadError("size", f"payload of {len(payload)} bytes; at most {MAX_BYTES} are taken")
    return parsed(payload, "the payload")


def parsed(text: bytes | str, what: str) -> Object:
    """A text as a JSON object; raises ``PayloadError`` (``schema``)."""
    try:
        found = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PayloadError("schema", f"{what} is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise PayloadError("schema", f"{what} is no JSON object")
    if _is_deep(found):
        raise PayloadError("schema", f"{what} is nested deeper than {DEEPEST} levels")
    return found


def _is_deep(document: Object) -> bool:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        level = [
            inner
            for it in level
            for inner in (it.values() if isinstance(it, dict) else it)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def part(it: Any, *names: str) -> Any:
    """What stands under names in nested objects; None where something on the way is no object or lacks the name."""
    for name in names:
        it = it.get(name) if isinstance(it, dict) else None
    return it


def items(value: Any) -> list[Any]:
    """A list, or nothing where it is none."""
    return value if isinstance(value, list) else []


def hex_eui(value: Any, what: str = "devEUI") -> str:
    """A devEUI of 16 hex digits, in lower case; raises ``PayloadError`` (``identity``)."""
    if not isinstance(value, str) or _EUI.fullmatch(value) is None:
        raise PayloadError("identity", f"{what} {str(value)[:60]!r} is no devEUI of 16 hex digits")
    return value.lower()


def base64_eui(value: Any) -> str:
    """A devEUI in base64 as 16 hex digits; raises ``PayloadError`` (``identity``)."""
    try:
        found = base64.b64decode(value, validate=True) if isinstance(value, str) else b""
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != _EUI_BYTES:
        raise PayloadError("identity", f"devEUI {str(value)[:60]!r} is no base64 of 8 bytes")
    return found.hex()


def same_eui(topic: str, eui: str) -> None:
    """Refuse (``identity``) a payload of another device than that of ``application/{id}/device/{devEUI}/event/up``."""
    levels = topic.split("/")
    said = levels[_DEVICE_LEVEL] if len(levels) > _DEVICE_LEVEL else ""
    if said.lower() != eui:
        raise PayloadError("identity", f"the payload says device {eui!r}, the topic {said[:60]!r}")


def time_ms(value: Any) -> int | None:
    """A time of RFC 3339 in ms; None where it is none, or from before 2005: gateways without a clock send 0001."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    whole, fraction, zone = found.groups()
    try:
        when = datetime.fromisoformat(whole.upper() + ("+00:00" if zone in {None, "Z", "z"} else zone))
    except ValueError:
        return None
    seconds = (when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    ms = int(seconds) * 1_000 + int(f"{fraction or ''}000"[:3])
    return ms if EARLIEST_MS <= ms <= LATEST_MS else None


def first_time(candidates: Iterable[Any], received_ms: int) -> int:
    """The first of some texts that is a time; when it was received where none is."""
    for candidate in candidates:
        if (found := time_ms(candidate)) is not None:
            return found
    return received_ms


def decoded_readings(device: str, ts_ms: int, decoded: Any, hints: Sequence[Any]) -> Decoded:
    """The readings of a decoded object and of its history; ``places`` are 0 for the object, and the history's rows.

    Raises:
        PayloadError: There is no object (``schema``), or no mapping knows its fields (``mapping``).
    """
    plain = _unwrapped(decoded)
    if not plain:
        raise PayloadError("schema", "no decoded object: set a payload decoder for the device at the network server")
    sensor = sensors.choose([hint for hint in hints if isinstance(hint, str)], plain)
    if sensor is None:
        words = "tell the model at the network server (device profile, tag 'model', version)"
        raise PayloadError("mapping", f"no mapping knows a sensor with the fields {_listed(plain)}: {words}")
    found = sensors.read(sensor, plain)
    samples: list[Sample] = list(found.readings(device, ts_ms))
    places = [0] * len(samples)
    faults = list(found.faults)
    unknown = found.unknown
    for row, entry in enumerate(_entries(sensor, plain, faults), start=1):
        made, bad, strange = _history(sensor, device, row, entry)
        samples += made
        places += [row] * len(made)
        faults += bad
        unknown += strange
    if unknown and not (found.known or samples or faults):
        raise PayloadError("mapping", f"{sensor.name} has none of the fields {_listed(plain)}")
    return Decoded(samples, faults, places, unknown)


def _unwrapped(decoded: Any) -> Object:
    """The object itself, where a decoder for v4 was set at a v3 server or the other way round: ``{"data": {...}}``."""
    if isinstance(decoded, dict) and isinstance(decoded.get("data"), dict) and decoded.keys() <= _WRAPPING:
        decoded = decoded["data"]
    return decoded if isinstance(decoded, dict) else {}


def _listed(decoded: Object) -> str:
    return ", ".join(sorted(decoded))[:300]


def _entries(sensor: sensors.Sensor, decoded: Object, faults: list[Fault]) -> list[Any]:
    """The entries of a history; what stands there and is no list becomes a fault."""
    history = decoded.get("history") if sensor.history else None
    if history is not None and not isinstance(history, list):
        payload = msgspec.json.encode({"history": history})
        faults.append(Fault(list(decoded).index("history"), "schema", "the history is no list", payload))
    return items(history)


def _history(sensor: sensors.Sensor, device: str, row: int, entry: Any) -> tuple[list[Reading], list[Fault], int]:
    """One entry of what a sensor kept while it had no network, at its own time in s."""
    seconds = sensors.number_of(entry.get("timestamp")) if isinstance(entry, dict) else None
    if seconds is None:
        words = f"entry {row} of the history has no time"
        return [], [Fault(row, "schema", words, msgspec.json.encode(entry))], 0
    found = sensors.read(sensor, {name: value for name, value in entry.items() if name != "timestamp"})
    faults = [Fault(row, f.reason, f.message, f.payload) for f in found.faults]
    ts_ms = int(max(-_FARTHEST_S, min(seconds, _FARTHEST_S)) * 1_000)
    return found.readings(device, ts_ms), faults, found.unknown
