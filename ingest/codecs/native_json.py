"""The platform's own payload: a JSON object, or an array of them (a batch), described by docs/schema.

The topic says which: telemetry of drones holds fixes, events of drones hold events, telemetry of sensors readings.
Every field name carries its unit; times are ms since 1970 UTC by the device's clock. A field that is absent or null is
"not told". Unknown fields are tolerated and counted, for newer devices know more than we do. Names that occur twice,
NaN and infinities are refused: what they mean would be a guess.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any, Final

import msgspec

from core.errors import PayloadError
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.land import DeviceKind
from core.model.samples import Event, Fix, Reading, Section
from core.ports import Sample
from ingest import topics
from ingest.codec import Decoded, Fault
from ingest.wire import EventWire, FixWire, ReadingWire, SectionWire

FORMAT: Final = "native_json"
TOPICS: Final = topics.INTAKE
FOREIGN: Final = False
MAX_BYTES: Final = 1 << 20

_NUMERIC: Final = b"0123456789.-+"
_SHAPES: Final = 20_000
_BRACKET: Final = ord("[")
_OPENINGS: Final = frozenset(b"[{")
_OF_SECTION: Final = frozenset(SectionWire.__struct_encode_fields__)

Rows = list[dict[str, Any]]
Wire = FixWire | EventWire | ReadingWire


def decode(topic: str, payload: bytes, received_ms: int = 0) -> Decoded:  # noqa: ARG001 - a codec's signature
    """Read all samples of a payload.

    Raises:
        PayloadError: The topic carries no samples (``topic``), the payload is too long (``size``), or it is not JSON of
            objects (``schema``). One bad row of a batch is a fault of its own and leaves the others as they are.
    """
    kind, device = kind_of(topic)
    if len(payload) <= MAX_BYTES and _shape(payload) in kind.shapes:
        found = _at_once(kind, payload, device)
        if found is not None:
            return found
    return _closely(kind, payload, device)


def row_payloads(payload: bytes, places: Sequence[int]) -> list[bytes]:
    """Some rows of a payload that :func:`decode` could read, as JSON; a payload of one object as it is."""
    rows = msgspec.json.decode(payload)
    if not isinstance(rows, list) or len(rows) == 1:
        return [payload] * len(places)
    return [msgspec.json.encode(rows[place]) for place in places]


def encode(samples: Sequence[Sample]) -> bytes:
    """One sample as a JSON object, several as an array; what is not told (NaN, −1, "") is left out."""
    rows = rows_of(samples)
    return msgspec.json.encode(rows[0] if len(rows) == 1 else rows)


# --- from the wire: at once


def _shape(payload: bytes) -> int:
    """A payload without its digits: what a device sends again and again, but for the numbers.

    Two payloads of one shape have the same names in the same places, wherever names hold no digits and no escapes.
    """
    return hash(payload.translate(None, _NUMERIC))


def _at_once(kind: Kind, payload: bytes, device: str) -> Decoded | None:
    """Read a payload of a shape that was read closely before: known names, none twice, no nulls."""
    try:
        read = kind.read_all(payload) if payload[0] == _BRACKET else [kind.read_one(payload)]
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    for wire in read:
        if wire.device != device:
            return None
    return Decoded(list(map(kind.make, read)), [], range(len(read)))


# --- from the wire: closely


def _closely(kind: Kind, payload: bytes, device: str) -> Decoded:
    rows = _rows(payload)
    _refuse_repeated_names(rows, payload)
    found = from_rows(kind, rows, device)
    plain = not found.unknown and not found.faults and payload[0] in _OPENINGS and _sections_known(rows)
    if plain and b"\\" not in payload and b"null" not in payload:
        if len(kind.shapes) >= _SHAPES:
            kind.shapes.clear()
        kind.shapes.add(_shape(payload))
    return found


def _sections_known(rows: Rows) -> bool:
    """Whether sections hold names of ours only: a shape is worth remembering where no name can hold a digit."""
    return all(section.keys() <= _OF_SECTION for row in rows for section in row.get("sections") or ())


def from_rows(kind: Kind, rows: Rows, device: str) -> Decoded:
    """Rows of names and values to samples: every row by itself, the bad ones as faults."""
    unknown = [not row.keys() <= kind.known for row in rows]
    rows = [_told(row) if None in row.values() or "sections" in row else row for row in rows]
    try:
        read = msgspec.convert(rows, kind.batch)
    except msgspec.ValidationError:
        return _one_by_one(kind, rows, unknown, device)
    if all(w.device == device for w in read):
        return Decoded([kind.make(w) for w in read], [], range(len(rows)), sum(unknown))
    return _one_by_one(kind, rows, unknown, device)


def _rows(payload: bytes) -> Rows:
    if len(payload) > MAX_BYTES:
        raise PayloadError("size", f"payload of {len(payload)} bytes; at most {MAX_BYTES} are taken")
    try:
        found = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PayloadError("schema", f"not JSON: {error}") from None
    except RecursionError:
        raise PayloadError("schema", "not JSON of ours: nested too deep") from None
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise PayloadError("schema", "expected a JSON object or a filled array of objects")
    return rows


def _refuse_repeated_names(rows: Rows, payload: bytes) -> None:
    """Look for names that stand twice in an object, closely only where the number of colons says that it may be."""
    names = sum(map(len, rows))
    for row in rows:
        if "sections" in row and isinstance(row["sections"], list):
            names += sum(len(s) for s in row["sections"] if isinstance(s, dict))
    if names != payload.count(b":"):
        try:
            json.loads(payload, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise PayloadError("schema", f"not JSON of ours: {error}") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise PayloadError("schema", f"the field {name[:100]!r} stands twice in an object")
        seen.add(name)


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """The fields of a row (and of its sections) that are not null."""
    told = {name: value for name, value in row.items() if value is not None}
    if isinstance(told.get("sections"), list):
        told["sections"] = [_told(s) if isinstance(s, dict) and None in s.values() else s for s in told["sections"]]
    return told


def _one_by_one(kind: Kind, rows: Rows, unknown: list[bool], device: str) -> Decoded:
    samples: list[Sample] = []
    faults: list[Fault] = []
    places: list[int] = []
    strange = 0
    for place, row in enumerate(rows):
        try:
            read = msgspec.convert(row, kind.single)
        except msgspec.ValidationError as error:
            faults.append(Fault(place, "schema", str(error), _as_json(row)))
            continue
        if read.device != device:
            words = f"the payload says device {read.device[:100]!r}, the topic {device!r}"
            faults.append(Fault(place, "identity", words, _as_json(row)))
            continue
        samples.append(kind.make(read))
        places.append(place)
        strange += unknown[place]
    return Decoded(samples, faults, places, strange)


def _as_json(row: dict[str, Any]) -> bytes:
    """A row that is refused, for whoever reads it; what JSON cannot say (MessagePack can) as Python writes it."""
    try:
        return msgspec.json.encode(row)
    except TypeError:
        return repr(row).encode()


_QUALITY: Final = {m.word: m for m in FixQuality}
_OP: Final = {m.word: m for m in Operation}
_MODE: Final = {m.word: m for m in Mode}
_HEIGHT: Final = {m.word: m for m in HeightRef}
_EVENT: Final = {m.word: m for m in EventKind}


def _fix(w: FixWire) -> Fix:
    return Fix(
        w.device,
        w.ts,
        w.lat,
        w.lon,
        w.seq,
        w.boot,
        w.height_m,
        _HEIGHT[w.height_ref],
        w.speed_mps,
        w.heading_deg,
        _QUALITY[w.fix],
        w.hdop,
        _OP[w.op],
        w.on,
        _MODE[w.mode],
        w.flow_lpm,
        w.rate_kgpm,
        w.swath_m,
        w.tank_l,
        w.tank_kg,
        w.battery_pct,
        w.flight,
        w.job,
        tuple([Section(s.offset_m, s.width_m, s.on, s.flow_lpm) for s in w.sections]) if w.sections else (),
    )


def _event(w: EventWire) -> Event:
    return Event(w.device, w.ts, _EVENT[w.kind], w.boot)


def _reading(w: ReadingWire) -> Reading:
    return Reading(w.device, w.ts, w.quantity, w.value, w.unit)


@dataclass(frozen=True, slots=True)
class Kind:
    """What the messages of one kind of topic hold, and the shapes in which they came so far."""

    single: Any
    batch: Any
    make: Callable[[Any], Sample]
    known: frozenset[str]
    read_one: Callable[[bytes], Any]
    read_all: Callable[[bytes], list[Any]]
    shapes: set[int]


def _kind(wire: type[Wire], make: Callable[[Any], Sample]) -> Kind:
    batch = list[wire]  # type: ignore[valid-type]
    known = frozenset(wire.__struct_encode_fields__)
    one, several = msgspec.json.Decoder(wire), msgspec.json.Decoder(batch)
    return Kind(wire, batch, make, known, one.decode, several.decode, set())


@lru_cache(maxsize=20_000)
def kind_of(topic: str) -> tuple[Kind, str]:
    """What a topic of ours carries, and whose it is.

    Raises:
        PayloadError: (``topic``) It carries no samples.
    """
    address = topics.parse(topic)
    kind = _WIRES.get((address.kind, address.leaf))
    if kind is None:
        raise PayloadError("topic", f"no samples are expected on {topic!r}")
    return kind, address.device


_WIRES: Final[dict[tuple[DeviceKind, str], Kind]] = {
    (DeviceKind.DRONE, "telemetry"): _kind(FixWire, _fix),
    (DeviceKind.DRONE, "events"): _kind(EventWire, _event),
    (DeviceKind.SENSOR, "telemetry"): _kind(ReadingWire, _reading),
}


# --- onto the wire


def rows_of(samples: Sequence[Sample]) -> Rows:
    """Samples as names and values; what is not told (NaN, −1, "") is left out."""
    return [_row(sample) for sample in samples]


def _row(sample: Sample) -> dict[str, Any]:
    if isinstance(sample, Fix):
        return _fix_row(sample)
    if isinstance(sample, Event):
        row = {"device": sample.device, "ts": sample.ts_ms, "kind": sample.kind.word, "boot": sample.boot}
    else:
        row = {
            "device": sample.device,
            "ts": sample.ts_ms,
            "quantity": sample.quantity,
            "value": sample.value,
            "unit": sample.unit,
        }
    return {name: value for name, value in row.items() if value != ""}


_RENAMED: Final = {"ts_ms": "ts", "lat_deg": "lat", "lon_deg": "lon", "quality": "fix"}
_FIX_NAMES: Final = tuple((name, _RENAMED.get(name, name)) for name in Fix.__struct_fields__ if name != "sections")


def _fix_row(fix: Fix) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name, wire_name in _FIX_NAMES:
        value = getattr(fix, name)
        if isinstance(value, IntEnum):
            if value >= 0:
                row[wire_name] = value.name.lower()
        elif value != "" and value == value and not (name == "seq" and value < 0):  # noqa: PLR0124 - NaN is not itself
            row[wire_name] = value
    if fix.sections:
        row["sections"] = [_section_row(s) for s in fix.sections]
    return row


def _section_row(section: Section) -> dict[str, Any]:
    row: dict[str, Any] = {"offset_m": section.offset_m, "width_m": section.width_m, "on": section.on}
    if not math.isnan(section.flow_lpm):
        row["flow_lpm"] = section.flow_lpm
    return row
