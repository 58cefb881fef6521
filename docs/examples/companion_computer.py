"""A companion computer on a drone: fixes out in batches of ten, kept while there is no network.

    python companion_computer.py --host broker.example.vn --port 8883 --tls --cooperative htx-1 --device d1

Needs paho-mqtt. The password comes from the environment (MQTT_PASSWORD), never from the command line. Replace
``read_receiver`` by your own receiver and flow meter; the names and units of the fields are in
docs/schema/fix.schema.json.
"""

import argparse
import json
import os
import time
import uuid

import paho.mqtt.client as mqtt

BATCH = 10


def read_receiver(seq):
    """One sample: what the satellite receiver and the flow meter say. This one flies in a circle."""
    return {"lat": 9.285 + seq * 1e-5, "lon": 105.725, "fix": "rtk", "hdop": 0.7, "speed_mps": 5.5}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--user", default="")
    parser.add_argument("--cooperative", required=True)
    parser.add_argument("--device", required=True)
    parser.add_argument("--fixes", type=int, default=0, help="stop after so many; 0: never")
    parser.add_argument("--hz", type=float, default=5.0)
    options = parser.parse_args()
    topic = f"canhdong/v1/{options.cooperative}/drones/{options.device}"

    # A fixed client id and clean_session=False: what was not yet acknowledged goes out after a reconnection.
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=f"{options.device}-tx", clean_session=False)
    if options.tls:
        client.tls_set()
    if options.user:
        client.username_pw_set(options.user, os.environ["MQTT_PASSWORD"])
    client.max_queued_messages_set(0)  # keep everything while there is no network
    client.max_inflight_messages_set(20)
    client.will_set(f"{topic}/status", json.dumps({"device": options.device, "online": False}), qos=1, retain=True)
    client.connect_async(options.host, options.port)
    client.loop_start()

    boot = uuid.uuid4().hex[:8]  # a new name for every start: sequence numbers begin again
    batch, sent, seq = [], [], 0
    while not options.fixes or seq < options.fixes:
        batch.append(
            {
                "device": options.device,
                "ts": time.time_ns() // 1_000_000,
                "seq": seq,
                "boot": boot,
                "op": "spray",
                "on": True,
                "flow_lpm": 4.2,
                "swath_m": 7.0,
                **read_receiver(seq),
            }
        )
        seq += 1
        if len(batch) == BATCH or seq == options.fixes:
            sent.append(client.publish(f"{topic}/telemetry", json.dumps(batch), qos=1))
            batch = []
        time.sleep(1.0 / options.hz)
    landing = {"device": options.device, "ts": time.time_ns() // 1_000_000, "boot": boot, "kind": "landing"}
    sent.append(client.publish(f"{topic}/events", json.dumps(landing), qos=1))
    for message in sent:
        message.wait_for_publish()
    client.loop_stop()
    client.disconnect()


if __name__ == "__main__":
    main()
