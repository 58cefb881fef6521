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
_EUI: Final = re.compile(r"[0-9a-fA-F]{16}")
_TIME: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_EUI_BYTES: Final = 8

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
    return found


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


def same_eui(topic_eui: str, eui: str) -> None:
    """Refuse (``identity``) a payload of another device than the topic's."""
    if topic_eui.lower() != eui:
        raise PayloadError("identity", f"the payload says device {eui!r}, the topic {topic_eui[:60]!r}")


def time_ms(value: Any) -> int | None:
    """A time of RFC 3339 in ms; None where it is none, or from before 2005: gateways without a clock send 0001."""
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    whole, fraction, zone = found.groups()
    try:
        when = datetime.fromisoformat(whole + ("+00:00" if zone in {None, "Z"} else zone))
    except ValueError:
        return None
    seconds = (when - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
    ms = int(seconds) * 1_000 + int(float(fraction or "0") * 1_000)
    return ms if EARLIEST_MS <= ms <= LATEST_MS else None


def first_time(candidates: Iterable[Any], received_ms: int) -> int:
    """The first of some texts that is a time; when it was received where none is."""
    for candidate in candidates:
        if (found := time_ms(candidate)) is not None:
            return found
    return received_ms


def decoded_readings(device: str, ts_ms: int, decoded: Any, hints: Sequence[Any]) -> Decoded:
    """The readings of a decoded object and of its history.

    Raises:
        PayloadError: There is no object (``schema``), or no mapping knows its fields (``mapping``).
    """
    if not isinstance(decoded, dict) or not decoded:
        raise PayloadError("schema", "no decoded object: set a payload decoder for the device at the network server")
    sensor = sensors.choose([hint for hint in hints if isinstance(hint, str)], decoded)
    if sensor is None:
        raise PayloadError("mapping", f"no mapping knows a sensor with the fields {', '.join(sorted(decoded))[:300]}")
    found = sensors.read(sensor, decoded)
    samples: list[Sample] = list(found.readings(device, ts_ms))
    places = [0] * len(samples)
    faults = list(found.faults)
    for row, entry in enumerate(items(decoded.get("history")), start=1):
        made, bad = _history(sensor, device, row, entry)
        samples += made
        places += [row] * len(made)
        faults += bad
    return Decoded(samples, faults, places, found.unknown)


def _history(sensor: sensors.Sensor, device: str, row: int, entry: Any) -> tuple[list[Reading], list[Fault]]:
    """One entry of what a sensor kept while it had no network, at its own time in s."""
    seconds = sensors.number_of(entry.get("timestamp")) if isinstance(entry, dict) else None
    if seconds is None:
        return [], [Fault(row, "schema", f"entry {row} of the history has no time", msgspec.json.encode(entry))]
    found = sensors.read(sensor, {name: value for name, value in entry.items() if name != "timestamp"})
    faults = [Fault(row, f.reason, f.message, f.payload) for f in found.faults]
    return found.readings(device, int(max(-(2.0**43), min(seconds, 2.0**43)) * 1_000)), faults
