"""Sparkplug B payloads: the protobuf messages that we read and write, with the standard's field numbers.

The messages are declared here in the program, from the tables of the Eclipse Sparkplug 3.0 specification (6.4); what
is not declared (data sets, templates, properties) is skipped by protobuf itself.
"""

from __future__ import annotations

import math
from typing import Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from core.errors import PayloadError

_FIELD: Final = descriptor_pb2.FieldDescriptorProto
_METRIC: Final = (
    ("name", 1, _FIELD.TYPE_STRING),
    ("alias", 2, _FIELD.TYPE_UINT64),
    ("timestamp", 3, _FIELD.TYPE_UINT64),
    ("datatype", 4, _FIELD.TYPE_UINT32),
    ("is_historical", 5, _FIELD.TYPE_BOOL),
    ("is_transient", 6, _FIELD.TYPE_BOOL),
    ("is_null", 7, _FIELD.TYPE_BOOL),
    ("int_value", 10, _FIELD.TYPE_UINT32),
    ("long_value", 11, _FIELD.TYPE_UINT64),
    ("float_value", 12, _FIELD.TYPE_FLOAT),
    ("double_value", 13, _FIELD.TYPE_DOUBLE),
    ("boolean_value", 14, _FIELD.TYPE_BOOL),
    ("string_value", 15, _FIELD.TYPE_STRING),
)
_PAYLOAD: Final = (("timestamp", 1, _FIELD.TYPE_UINT64), ("seq", 3, _FIELD.TYPE_UINT64))
_SIGNED_BITS: Final = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8 to Int64: they come as unsigned numbers of 32 or 64 bits."""
_UNSIGNED: Final = frozenset((5, 6, 7, 8, 13))
"""UInt8 to UInt64, and DateTime."""
_FLOAT, _DOUBLE, BOOLEAN = 9, 10, 11


def _payload_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(
        name="canhdong_sparkplug.proto", package="canhdong.sparkplug", syntax="proto2"
    )
    for name, fields in (("Metric", _METRIC), ("Payload", _PAYLOAD)):
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            message.field.add(name=field, number=number, type=kind, label=_FIELD.LABEL_OPTIONAL)
    metrics = file.message_type[1].field.add(name="metrics", number=2, label=_FIELD.LABEL_REPEATED)
    metrics.type, metrics.type_name = _FIELD.TYPE_MESSAGE, ".canhdong.sparkplug.Metric"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("canhdong.sparkplug.Payload"))


Payload: Final = _payload_class()


def parse(payload: bytes) -> Any:
    """A payload; raises ``PayloadError`` (``schema``) where it is none."""
    message = Payload()
    try:
        message.ParseFromString(payload)
    except DecodeError:
        raise PayloadError("schema", "no Sparkplug payload: its bytes are no protocol buffer of that kind") from None
    return message


def name_of(metric: Any) -> str:
    """A metric's name; bytes that are no UTF-8 (protobuf hands them over as they are) with marks in their places."""
    name = metric.name
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)


def value_of(metric: Any, datatype: int) -> float | None:
    """The number that a metric says, by its data type; None for texts, data sets, null and what is no number."""
    if metric.is_null:
        return None
    if datatype in _SIGNED_BITS or datatype in _UNSIGNED:
        return _whole(metric, _SIGNED_BITS.get(datatype, 0))
    if datatype == BOOLEAN and metric.HasField("boolean_value"):
        return float(metric.boolean_value)
    name = {_FLOAT: "float_value", _DOUBLE: "double_value"}.get(datatype, "")
    if not name or not metric.HasField(name):
        return None
    number = float(getattr(metric, name))
    return number if math.isfinite(number) else None


def _whole(metric: Any, bits: int) -> float | None:
    """A whole number; of so many bits with a sign, 0 for none."""
    name = "long_value" if metric.HasField("long_value") else "int_value"
    if not metric.HasField(name):
        return None
    number = int(getattr(metric, name))
    if bits:
        number &= (1 << bits) - 1
        number -= (number >> (bits - 1)) << bits
    return float(number)


def rebirth(timestamp_ms: int) -> bytes:
    """A node command that asks for all births again (Sparkplug 3.0, 6.4.22)."""
    message = Payload(timestamp=timestamp_ms)
    message.metrics.add(name="Node Control/Rebirth", datatype=BOOLEAN, boolean_value=True)
    return bytes(message.SerializeToString())
