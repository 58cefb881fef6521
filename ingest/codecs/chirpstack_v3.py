"""ChirpStack v3 uplinks: JSON of its MQTT integration, topic ``application/{id}/device/{devEUI}/event/up``.

As v4 (:mod:`ingest.codecs.chirpstack_v4`), but ``devEUI`` stands in the payload as base64 of its 8 bytes, and the
decoded object as a JSON text in ``objectJSON`` (or as ``object``). Times stand in ``rxInfo[].time`` and
``publishedAt``. Source: ChirpStack Application Server v3 documentation, "Integrations, events".
"""

from __future__ import annotations

import base64
from typing import Any, Final

import msgspec

from ingest import lorawan
from ingest.codec import Decoded
from ingest.uplink import APPLICATION, FREQUENCY_HZ, GATEWAY, Uplink

FORMAT: Final = "chirpstack_v3"
TOPICS: Final = ("application/+/device/+/event/up",)
FOREIGN: Final = True


def recognises(payload: bytes) -> bool:
    """Whether a payload is of this version and not of v4."""
    return b'"devEUI"' in payload and b'"deviceInfo"' not in payload


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:
    """Read the readings of an uplink.

    Raises:
        PayloadError: It is no uplink (``schema``, ``size``), of another device than the topic's (``identity``), or of a
            sensor that nobody has mapped (``mapping``).
    """
    it = lorawan.document(payload)
    eui = lorawan.base64_eui(it.get("devEUI"))
    lorawan.same_eui(topic, eui)
    hints = [lorawan.part(it, "tags", "model"), it.get("deviceProfileName")]
    times = [lorawan.part(rx, "time") for rx in lorawan.items(it.get("rxInfo"))]
    ts_ms = lorawan.first_time([*times, it.get("publishedAt")], received_ms)
    return lorawan.decoded_readings(eui, ts_ms, _object(it), hints)


def _object(it: dict[str, Any]) -> Any:
    text = it.get("objectJSON")
    return lorawan.parsed(text, "objectJSON") if isinstance(text, str) and text else it.get("object")


def encode(uplink: Uplink) -> tuple[str, bytes]:
    """Topic and payload of an uplink, as the server publishes it."""
    gateway = base64.b64encode(bytes.fromhex(GATEWAY)).decode()
    received = {"gatewayID": gateway, "time": uplink.time, "rssi": uplink.rssi, "loRaSNR": uplink.snr}
    envelope = {
        "applicationID": "1",
        "applicationName": APPLICATION,
        "deviceName": uplink.eui,
        "deviceProfileName": f"{uplink.brand} {uplink.model}",
        "devEUI": base64.b64encode(bytes.fromhex(uplink.eui)).decode(),
        "rxInfo": [received],
        "txInfo": {"frequency": FREQUENCY_HZ, "dr": 2},
        "adr": True,
        "fCnt": uplink.count,
        "fPort": uplink.port,
        "objectJSON": msgspec.json.encode(uplink.decoded).decode(),
        "tags": {},
        "publishedAt": uplink.time,
    }
    return f"application/1/device/{uplink.eui}/event/up", uplink.written(envelope)
