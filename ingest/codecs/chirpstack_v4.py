"""ChirpStack v4 uplinks: JSON of its MQTT integration, topic ``application/{id}/device/{devEUI}/event/up``.

``deviceInfo.devEui`` is 16 hex digits and must equal the topic's; ``object`` is what the payload codec that is set in
the device profile made of the bytes; ``time`` is when the gateway received it. The sensor is told by the tag
``model`` or the device profile's name, else by its fields. Source: ChirpStack v4 documentation, "Event types".
"""

from __future__ import annotations

from typing import Any, Final

from core.errors import PayloadError
from ingest import lorawan
from ingest.codec import Decoded
from ingest.uplink import APPLICATION, FREQUENCY_HZ, GATEWAY, Uplink

FORMAT: Final = "chirpstack_v4"
TOPICS: Final = ("application/+/device/+/event/up",)
FOREIGN: Final = True


def recognises(payload: bytes) -> bool:
    """Whether a payload is of this version and not of v3."""
    return b'"deviceInfo"' in payload


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:
    """Read the readings of an uplink.

    Raises:
        PayloadError: It is no uplink (``schema``, ``size``), of another device than the topic's (``identity``), or of a
            sensor that nobody has mapped (``mapping``).
    """
    it = lorawan.document(payload)
    info = it.get("deviceInfo")
    if not isinstance(info, dict):
        raise PayloadError("schema", "no deviceInfo")
    eui = lorawan.hex_eui(info.get("devEui"))
    lorawan.same_eui(topic, eui)
    hints = [lorawan.part(info, "tags", "model"), info.get("deviceProfileName")]
    ts_ms = lorawan.first_time([it.get("time"), *_gateway_times(it)], received_ms)
    return lorawan.decoded_readings(eui, ts_ms, it.get("object"), hints)


def _gateway_times(it: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    for rx in lorawan.items(it.get("rxInfo")):
        found += [lorawan.part(rx, "gwTime"), lorawan.part(rx, "nsTime"), lorawan.part(rx, "time")]
    return found


def encode(uplink: Uplink) -> tuple[str, bytes]:
    """Topic and payload of an uplink, as the server publishes it."""
    info = {
        "tenantName": "canhdong",
        "applicationId": APPLICATION,
        "applicationName": APPLICATION,
        "deviceProfileName": f"{uplink.brand} {uplink.model}",
        "deviceName": uplink.eui,
        "devEui": uplink.eui,
        "tags": {},
    }
    received = {"gatewayId": GATEWAY, "gwTime": uplink.time, "rssi": uplink.rssi, "snr": uplink.snr}
    envelope = {
        "deduplicationId": uplink.unique,
        "time": uplink.time,
        "deviceInfo": info,
        "devAddr": uplink.address,
        "adr": True,
        "dr": 2,
        "fCnt": uplink.count,
        "fPort": uplink.port,
        "confirmed": False,
        "object": uplink.decoded,
        "rxInfo": [received],
        "txInfo": {"frequency": FREQUENCY_HZ},
    }
    return f"application/{APPLICATION}/device/{uplink.eui}/event/up", uplink.written(envelope)
