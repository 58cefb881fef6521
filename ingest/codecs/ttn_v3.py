"""The Things Stack v3 uplinks: JSON of its MQTT server, topic ``v3/{application}@{tenant}/devices/{device}/up``.

The device is ``end_device_ids.dev_eui`` (16 hex digits); ``uplink_message.decoded_payload`` is what the payload
formatter made of the bytes. Times: of the receiving gateways first, then ``received_at``, which may be the year 0001
and then is no time. The form in which the storage integration keeps messages, ``{"result": ...}``, is read too. The
sensor is told by ``version_ids``, else by its fields. Source: The Things Stack documentation, "Data formats".
"""

from __future__ import annotations

from typing import Final

from core.errors import PayloadError
from ingest import lorawan
from ingest.codec import Decoded
from ingest.uplink import APPLICATION, FREQUENCY_HZ, GATEWAY, Uplink

FORMAT: Final = "ttn_v3"
TOPICS: Final = ("v3/+/devices/+/up",)
FOREIGN: Final = True


def decode(topic: str, payload: bytes, received_ms: int) -> Decoded:  # noqa: ARG001 - the device is in the payload
    """Read the readings of an uplink.

    Raises:
        PayloadError: It is no uplink (``schema``, ``size``), without a devEUI (``identity``), or of a sensor that
            nobody has mapped (``mapping``).
    """
    it = lorawan.document(payload)
    it = it["result"] if isinstance(it.get("result"), dict) else it
    eui = lorawan.hex_eui(lorawan.part(it, "end_device_ids", "dev_eui"), "dev_eui")
    uplink = it.get("uplink_message")
    if not isinstance(uplink, dict):
        raise PayloadError("schema", "no uplink_message")
    gateways = [lorawan.part(rx, "time") for rx in lorawan.items(uplink.get("rx_metadata"))]
    times = [*gateways, lorawan.part(uplink, "settings", "time"), uplink.get("received_at"), it.get("received_at")]
    version = uplink.get("version_ids")
    hints = [lorawan.part(version, "model_id"), lorawan.part(version, "brand_id")]
    ts_ms = lorawan.first_time(times, received_ms)
    return lorawan.decoded_readings(eui, ts_ms, uplink.get("decoded_payload"), hints)


def encode(uplink: Uplink) -> tuple[str, bytes]:
    """Topic and payload of an uplink, as the server publishes it."""
    name = f"eui-{uplink.eui}"
    ids = {
        "device_id": name,
        "application_ids": {"application_id": APPLICATION},
        "dev_eui": uplink.eui.upper(),
        "dev_addr": uplink.address.upper(),
    }
    received = {
        "gateway_ids": {"gateway_id": f"eui-{GATEWAY}", "eui": GATEWAY.upper()},
        "time": uplink.time,
        "rssi": uplink.rssi,
        "snr": uplink.snr,
    }
    message = {
        "f_port": uplink.port,
        "f_cnt": uplink.count,
        "decoded_payload": uplink.decoded,
        "rx_metadata": [received],
        "settings": {"frequency": str(FREQUENCY_HZ), "time": uplink.time},
        "received_at": uplink.time,
        "version_ids": {"brand_id": uplink.brand.lower(), "model_id": uplink.version},
    }
    envelope = {"end_device_ids": ids, "received_at": uplink.time, "uplink_message": message}
    return f"v3/{APPLICATION}@ttn/devices/{name}/up", uplink.written(envelope)
