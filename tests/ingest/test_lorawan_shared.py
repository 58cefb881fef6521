"""LoRaWAN codecs against what others publish: The Things Stack's messages, and the makers' examples, read in place."""

from __future__ import annotations

import ast
import json
import re
from typing import Any, Final

import pytest

from core.errors import PayloadError
from core.model.samples import Reading
from ingest.codecs import chirpstack_v3, chirpstack_v4, ttn_v3
from ingest.dispatch import matches
from tests.support.shared import shared

NOW_MS: Final = 1_764_000_000_000
TOPIC: Final = "v3/app1/devices/dev1/up"
EUI: Final = "24e124136b316231"


def uplinks() -> list[dict[str, Any]]:
    """The documented uplinks: one as MQTT carries it, two as the storage integration keeps them."""
    lines = shared("mqtt/tts_v3_uplink_storage.ndjson").read_text(encoding="utf-8").splitlines()
    return [json.loads(shared("mqtt/tts_v3_uplink_mqtt.json").read_text(encoding="utf-8")), *map(json.loads, lines)]


def with_object(uplink: dict[str, Any], decoded: dict[str, Any]) -> bytes:
    """An uplink as it comes once a payload formatter is set."""
    inner = uplink.get("result", uplink)
    inner["uplink_message"]["decoded_payload"] = decoded
    return json.dumps(uplink).encode()


def of_three_servers(decoded: dict[str, Any]) -> list[list[Reading]]:
    """What an object becomes, whichever network server hands it over."""
    topic = f"application/7/device/{EUI}/event/up"
    v4 = json.dumps({"deviceInfo": {"devEui": EUI}, "object": decoded}).encode()
    v3 = json.dumps({"devEUI": "JOEkE2sxYjE=", "objectJSON": json.dumps(decoded)}).encode()
    tts = json.dumps({"end_device_ids": {"dev_eui": EUI}, "uplink_message": {"decoded_payload": decoded}}).encode()
    assert chirpstack_v4.recognises(v4)
    assert not chirpstack_v4.recognises(v3)
    assert chirpstack_v3.recognises(v3)
    assert not chirpstack_v3.recognises(v4)
    found = [
        chirpstack_v4.decode(topic, v4, NOW_MS),
        chirpstack_v3.decode(topic, v3, NOW_MS),
        ttn_v3.decode(TOPIC, tts, NOW_MS),
    ]
    assert not any(decoded.faults or decoded.unknown for decoded in found)
    return [[sample for sample in decoded.samples if isinstance(sample, Reading)] for decoded in found]


def values_of(decoded: dict[str, Any]) -> dict[str, tuple[float, str]]:
    """What an object becomes, by quantity; the same from all three servers."""
    first, *others = of_three_servers(decoded)
    assert others == [first, first]
    assert {(reading.device, reading.ts_ms) for reading in first} == {(EUI, NOW_MS)}
    return {reading.quantity: (reading.value, reading.unit) for reading in first}


def test_documented_uplinks_are_dated_by_their_gateways() -> None:
    expected = [
        ("4200000000000000", 1_548_766_954_981),
        ("1111111111111111", 1_598_263_723_385),
        ("1111111111111111", 1_598_263_728_891),
    ]
    for uplink, (device, ts_ms) in zip(uplinks(), expected, strict=True):
        decoded = ttn_v3.decode(TOPIC, with_object(uplink, {"battery": 92, "depth": 12}), NOW_MS)
        assert decoded.samples == [
            Reading(device, ts_ms, "battery", 92.0, "%"),
            Reading(device, ts_ms, "water_level", 0.12, "m"),
        ]


def test_documented_uplinks_without_a_formatter_say_what_is_missing() -> None:
    for uplink in uplinks():
        with pytest.raises(PayloadError, match="set a payload decoder") as raised:
            ttn_v3.decode(TOPIC, json.dumps(uplink).encode(), NOW_MS)
        assert raised.value.reason == "schema"


def test_the_documented_join_is_no_uplink_and_comes_elsewhere() -> None:
    join = shared("mqtt/tts_v3_join_accept_0.json").read_bytes()
    with pytest.raises(PayloadError, match="no uplink_message"):
        ttn_v3.decode(TOPIC, join, NOW_MS)
    assert not any(matches(wanted, "v3/app1/devices/dev1/join") for wanted in ttn_v3.TOPICS)


def test_lse01_of_the_device_repository() -> None:
    text = shared("lorawan/ttn_dragino_lse01-codec.yaml").read_text(encoding="utf-8")
    (written,) = re.findall(r"data: (\{.*\})", text)
    decoded: dict[str, Any] = ast.literal_eval(written)
    assert values_of(decoded) == {
        "battery_voltage": (3.625, "V"),
        "probe_temperature": (24.1, "Cel"),
        "soil_conductivity": (28_200.0, "uS/cm"),
        "soil_temperature": (24.59, "Cel"),
        "soil_moisture": (19.57, "%"),
    }


def test_em500_swl_of_the_device_repository() -> None:
    text = shared("lorawan/ttn_milesight_em500-swl-codec.yaml").read_text(encoding="utf-8")
    decoded = {name: int(value) for name, value in re.findall(r"^ +(battery|level): (\d+)$", text, re.MULTILINE)}
    assert values_of(decoded) == {"battery": (92.0, "%"), "water_level": (0.02, "m")}


def test_sensecap_of_the_device_repository() -> None:
    text = shared("lorawan/ttn_sensecap_210x-codec.yaml").read_text(encoding="utf-8")
    pairs = re.findall(r"measurementId: (\d+)\s+measurementValue: ([\d.]+)", text)
    rows = [{"measurementId": int(said), "measurementValue": float(value)} for said, value in pairs]
    decoded = {"valid": True, "err": 0, "payload": "01", "messages": rows}
    assert values_of(decoded) == {"air_temperature": (21.4, "Cel"), "air_humidity": (31.4, "%RH")}
