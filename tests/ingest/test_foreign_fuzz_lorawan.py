"""Hostile uplinks: whatever stands in them, the LoRaWAN codecs refuse with a reason, or give finite readings."""

from __future__ import annotations

import base64
import json
import math
from types import ModuleType
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import PayloadError
from core.model.samples import Reading
from ingest import sensors
from ingest.codec import Decoded
from ingest.codecs import chirpstack_v3, chirpstack_v4, ttn_v3

RECEIVED_MS: Final = 1_764_000_000_000
EUI: Final = "24e124136b316231"
TOPICS: Final = {
    "chirpstack_v4": f"application/7/device/{EUI}/event/up",
    "chirpstack_v3": f"application/7/device/{EUI}/event/up",
    "ttn_v3": "v3/htx@ttn/devices/d/up",
}
CODECS: Final = [chirpstack_v4, chirpstack_v3, ttn_v3]
MODELS: Final = sorted(model for sensor in sensors.sensors() for model in sensor.models)
FIELDS: Final = sorted({name for s in sensors.sensors() for name in (*s.fields, *s.errors, *s.ignored)})

each_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.FORMAT)
QUICKLY: Final = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([0, -0.1, -0.3, 65_531, 2**63, 2**70, 10**400, 1e308, -1e308, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
    st.sampled_from(["37.00", "2410 mm", "3 V", "nan", "1e999", "1_000", "", " ", "é", "\x00", "9" * 500]),
)
names = st.one_of(
    st.sampled_from([*FIELDS, "measurementId", "measurementValue", "type", "errCode", "timestamp", "Node_type"]),
    st.sampled_from(["history", "messages", "data", "err", "valid", "payload", "errors"]),
    st.text(max_size=5),
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)
objects = st.dictionaries(names, values, max_size=6)
times = st.one_of(
    leaves, st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9+23:59", "2025-11-24T15:59:30.123456789Z"])
)
hints = st.one_of(st.sampled_from(MODELS), values)


def uplink(codec: ModuleType, decoded: Any, time: Any, hint: Any) -> dict[str, Any]:
    """A well-formed uplink of a codec around an object, a time and the name of a model."""
    if codec is chirpstack_v4:
        info = {"devEui": EUI, "deviceProfileName": hint, "tags": {"model": hint}}
        return {"deviceInfo": info, "time": time, "rxInfo": [{"gwTime": time}], "object": decoded}
    if codec is chirpstack_v3:
        eui = base64.b64encode(bytes.fromhex(EUI)).decode()
        text = json.dumps(decoded)
        return {"devEUI": eui, "deviceProfileName": hint, "rxInfo": [{"time": time}], "objectJSON": text}
    message = {"decoded_payload": decoded, "received_at": time, "version_ids": {"model_id": hint}}
    return {"end_device_ids": {"dev_eui": EUI}, "uplink_message": message}


def decoded_or_refused(codec: ModuleType, payload: bytes) -> Decoded | PayloadError:
    try:
        decoded: Decoded = codec.decode(TOPICS[codec.FORMAT], payload, RECEIVED_MS)
    except PayloadError as error:
        return error
    return decoded


def tried(codec: ModuleType, payload: bytes) -> None:
    decoded = decoded_or_refused(codec, payload)
    if isinstance(decoded, PayloadError):
        assert decoded.reason in {"schema", "size", "identity", "mapping"}
        assert 0 < len(str(decoded)) < 1_000
        return
    assert len(decoded.samples) == len(decoded.places)
    assert all(fault.reason and 0 < len(fault.message) <= 500 and fault.payload for fault in decoded.faults)
    told = set()
    for sample, place in zip(decoded.samples, decoded.places, strict=True):
        assert isinstance(sample, Reading)
        assert sample.device == EUI
        assert math.isfinite(sample.value)
        assert abs(sample.ts_ms) < 2**63
        assert (place, sample.quantity) not in told
        told.add((place, sample.quantity))


@each_codec
@settings(QUICKLY, max_examples=700)
@given(decoded=objects, time=times, hint=hints)
def test_any_object_of_a_known_device(codec: ModuleType, decoded: Any, time: Any, hint: Any) -> None:
    tried(codec, json.dumps(uplink(codec, decoded, time, hint)).encode())


@each_codec
@settings(QUICKLY, max_examples=400)
@given(data=st.data())
def test_any_value_in_the_place_of_another(codec: ModuleType, data: st.DataObject) -> None:
    sent: Any = uplink(codec, {"battery": 9, "depth": 3, "history": [{"timestamp": 9, "depth": 1}]}, None, "em500-swl")
    it = sent
    while True:
        at = data.draw(st.sampled_from(sorted(it) if isinstance(it, dict) else range(len(it))))
        if not isinstance(it[at], dict | list) or not it[at] or data.draw(st.integers(0, 3)) == 0:
            it[at] = data.draw(values)
            break
        it = it[at]
    tried(codec, json.dumps(sent).encode())


@each_codec
@settings(QUICKLY, max_examples=300)
@given(document=values)
def test_any_json(codec: ModuleType, document: Any) -> None:
    tried(codec, json.dumps(document).encode())


@each_codec
@settings(QUICKLY, max_examples=300)
@given(cut=st.integers(0, 400), put=st.binary(max_size=4), gone=st.integers(0, 6))
def test_any_bytes_in_an_uplink(codec: ModuleType, cut: int, put: bytes, gone: int) -> None:
    whole = json.dumps(uplink(codec, {"battery": 9, "depth": 3}, "2025-11-24T15:59:30Z", "em500-swl")).encode()
    tried(codec, whole[:cut] + put + whole[cut + gone :])


@each_codec
@pytest.mark.parametrize("depth", [5, 60, 70, 500, 5_000, 500_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_nesting_of_any_depth(codec: ModuleType, depth: int, opening: str, closing: str) -> None:
    deep = opening * depth + "1" + closing * depth
    whole = json.dumps(uplink(codec, {"depth": "here"}, None, "em500-swl"))
    quoted = deep.replace('"', '\\"') if codec is chirpstack_v3 else deep
    tried(codec, whole.replace('\\"here\\"', quoted).replace('"here"', quoted).encode())


@each_codec
def test_a_payload_that_is_too_long(codec: ModuleType) -> None:
    with pytest.raises(PayloadError) as raised:
        codec.decode(TOPICS[codec.FORMAT], b" " * (1 << 20) + b"{}", RECEIVED_MS)
    assert raised.value.reason == "size"


@pytest.mark.parametrize("codec", [chirpstack_v4, chirpstack_v3], ids=lambda codec: codec.FORMAT)
@pytest.mark.parametrize("topic", ["", "application", "application/7/device", "application/7/device//event/up"])
def test_a_topic_without_a_device(codec: ModuleType, topic: str) -> None:
    payload = json.dumps(uplink(codec, {"depth": 3}, None, "")).encode()
    with pytest.raises(PayloadError) as raised:
        codec.decode(topic, payload, RECEIVED_MS)
    assert raised.value.reason == "identity"
