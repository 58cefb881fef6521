"""A sensor that nobody knows, heard by a running ingest, is adopted while it goes on sending: nothing is lost."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from messaging.address import parse_url
from messaging.mqtt import MqttBus
from storage.deadletters.sqlite import SqliteDeadLetters
from tests.support.processes import Platform, platform, wait_for

EUI = "24e124136b316231"
TOPIC = f"application/7/device/{EUI}/event/up"
LDDS75 = {"Node_type": "LDDS75", "Bat": 3.4, "Distance": 2410, "Interrupt_flag": 0, "TempC_DS18B20": "25.50"}
SENT = 20


def uplink(second: int) -> bytes:
    info = {"devEui": EUI, "deviceName": "tram 1", "tags": {}}
    time = f"2025-11-24T15:59:{second:02d}.000Z"
    return json.dumps({"time": time, "deviceInfo": info, "fPort": 2, "object": LDDS75}).encode()


def kept(it: Platform, *, pending: bool) -> int:
    with closing(SqliteDeadLetters(it.folder / "deadletters.sqlite")) as letters:
        return len(letters.letters(pending=pending))


def stored(it: Platform) -> int:
    with it.stores() as (telemetry, _):
        readings = telemetry.readings("htx", "nuoc-1", 0, 2**62)
    return len({reading.ts_ms for reading in readings})


def test_a_stranger_is_adopted_while_it_sends(tmp_path: Path) -> None:
    with platform(tmp_path, "auto", ["ingest"]) as it:
        it.run("cooperative", "add", "htx")
        with MqttBus(parse_url(f"mqtt://127.0.0.1:{it.mqtt_port}"), "network-server") as bus:
            for second in range(SENT):
                assert bus.publish(TOPIC, uplink(second)).wait(10.0)
            wait_for(lambda: kept(it, pending=True) == SENT, "the quarantine to hold what was sent")
            # ingest has asked the registry a moment ago, and believes for a while that nobody knows the sensor
            adopt = ("devices", "adopt", "chirpstack_v4", EUI, "--cooperative", "htx", "--device", "nuoc-1", "--json")
            assert json.loads(it.run(*adopt))["replayed"] == SENT
            wait_for(lambda: stored(it) == SENT, "all of it to be stored")
            assert bus.publish(TOPIC, uplink(SENT)).wait(10.0)
            wait_for(lambda: stored(it) == SENT + 1, "what it sends from now on to be stored")
        assert kept(it, pending=False) == SENT, "nothing came back"
        assert json.loads(it.run("devices", "quarantine", "--json")) == {"senders": []}
