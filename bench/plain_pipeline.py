"""The pipeline that a user would write in an evening: paho's callback, json.loads, Point, the client's own batching.

``python -m bench.plain_pipeline BROKER_PORT INFLUX_URL DATABASE``. It acknowledges before anything is stored, checks
nothing, and loses what it holds when it is killed: that is the point of comparing.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write.point import Point
from influxdb_client.domain.write_precision import WritePrecision
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

_NAMES = (
    "lat", "lon", "height_m", "speed_mps", "heading_deg", "hdop", "flow_lpm", "swath_m", "tank_l", "battery_pct",
    "seq", "on", "height_ref", "fix", "mode", "boot",
)  # fmt: skip


def main() -> None:
    """Run until the process is killed."""
    port, url, database = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    influx = InfluxDBClient(url, token="-", org="-")  # noqa: S106 - the bench's server asks for none
    writer = influx.write_api()

    def on_message(_client: Client, _data: Any, message: MQTTMessage) -> None:
        found = json.loads(message.payload)
        for row in found if isinstance(found, list) else [found]:
            point: Any = Point("fix")  # type: ignore[no-untyped-call]
            point = point.tag("device", row["device"]).tag("operation", row["op"])
            for name in _NAMES:
                point.field(name, row[name])
            point.time(row["ts"] * 1_000_000 + row["seq"] % 1_000 * 1_000, WritePrecision.NS)
            writer.write(database, "-", point)

    client = Client(CallbackAPIVersion.VERSION2, "plain", clean_session=False)
    client.on_message = on_message
    client.connect("127.0.0.1", port)
    client.subscribe("canhdong/v1/+/drones/+/telemetry", 1)
    client.loop_start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
