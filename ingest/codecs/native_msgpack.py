"""The platform's own payload as MessagePack: the same objects and topics as :mod:`ingest.codecs.native_json`.

For devices that count bytes: a fix takes two thirds of its JSON. A map, or an array of maps; names, units and rules are
those of the JSON form. Source: https://github.com/msgpack/msgpack/blob/master/spec.md
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from core.errors import PayloadError
from core.ports import Sample
from ingest.codec import Decoded
from ingest.codecs import native_json

FORMAT: Final = "native_msgpack"
TOPICS: Final = native_json.TOPICS
FOREIGN: Final = False

_MAP_16, _MAP_32 = 0xDE, 0xDF
_MAPS: Final = frozenset((*range(0x80, 0x90), _MAP_16, _MAP_32))
_ARRAYS: Final = frozenset((*range(0x90, 0xA0), 0xDC, 0xDD))
"""First bytes of maps and arrays."""


def recognises(payload: bytes) -> bool:
    """Whether a payload begins as a map or an array of MessagePack does; JSON never does."""
    return bool(payload) and (payload[0] in _MAPS or payload[0] in _ARRAYS)


def decode(topic: str, payload: bytes, received_ms: int = 0) -> Decoded:  # noqa: ARG001 - a codec's signature
    """Read all samples of a payload.

    Raises:
        PayloadError: The topic carries no samples (``topic``), the payload is too long (``size``), or it is not
            MessagePack of maps (``schema``). One bad row of a batch is a fault of its own.
    """
    kind, device = native_json.kind_of(topic)
    rows = _rows(payload)
    return native_json.from_rows(kind, rows, device)


def row_payloads(payload: bytes, places: Sequence[int]) -> list[bytes]:
    """Some rows of a payload that :func:`decode` could read, as MessagePack."""
    raw = _raw_rows(payload)
    return [raw[place] for place in places]


def encode(samples: Sequence[Sample]) -> bytes:
    """One sample as a map, several as an array; what is not told is left out."""
    rows = native_json.rows_of(samples)
    return msgspec.msgpack.encode(rows[0] if len(rows) == 1 else rows)


def _rows(payload: bytes) -> native_json.Rows:
    if len(payload) > native_json.MAX_BYTES:
        raise PayloadError("size", f"payload of {len(payload)} bytes; at most {native_json.MAX_BYTES} are taken")
    try:
        return [_row(raw) for raw in _raw_rows(payload)]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise PayloadError("schema", f"not MessagePack of ours: {error}") from None


def _raw_rows(payload: bytes) -> list[bytes]:
    """The rows of a payload, each still encoded."""
    if not recognises(payload):
        raise PayloadError("schema", "expected a map or a filled array of maps")
    if payload[0] in _MAPS:
        return [payload]
    raws = [bytes(raw) for raw in msgspec.msgpack.decode(payload, type=list[msgspec.Raw])]
    if not raws or any(raw[0] not in _MAPS for raw in raws):
        raise PayloadError("schema", "expected a map or a filled array of maps")
    return raws


def _row(raw: bytes) -> dict[str, Any]:
    row: dict[str, Any] = msgspec.msgpack.decode(raw, type=dict[str, Any])
    _once(raw, row)
    _finite(row)
    if isinstance(row.get("sections"), list):
        fields = msgspec.msgpack.decode(raw, type=dict[str, msgspec.Raw])
        sections = msgspec.msgpack.decode(fields["sections"], type=list[msgspec.Raw])
        for section, of in zip(sections, row["sections"], strict=True):
            if isinstance(of, dict):
                _once(bytes(section), of)
                _finite(of)
    return row


def _finite(row: dict[str, Any]) -> None:
    """Refuse NaN and infinities, which JSON does not know: what they mean would be a guess."""
    for name, value in row.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise PayloadError("schema", f"{name[:100]!r} is {value}")


def _once(raw: bytes, row: dict[str, Any]) -> None:
    """Refuse a map in which a name stands twice: its header counts more names than there are."""
    if raw[0] == _MAP_16:
        count = int.from_bytes(raw[1:3], "big")
    elif raw[0] == _MAP_32:
        count = int.from_bytes(raw[1:5], "big")
    else:
        count = raw[0] & 0x0F
    if count != len(row):
        raise PayloadError("schema", "a field stands twice in a map")
