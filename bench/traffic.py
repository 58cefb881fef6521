"""Messages of ten drones at 5 Hz, in turns, and a publisher that is faster than any subscriber."""

from __future__ import annotations

import math
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Final

from core.model.enums import FixQuality, HeightRef, Mode, Operation
from core.model.land import DeviceKind
from core.model.samples import Fix
from ingest.clock import SystemClock
from ingest.codecs import native_json
from ingest.topics import device_topic
from simulators.loading.fleet import remaining_length

COOPERATIVE: Final = "bench"
DRONES: Final = 10
_CONNECT: Final = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05bench"
_AT_ONCE: Final = 50_000


def messages(fixes: int, per_message: int, boot: str, start_ms: int = 0) -> list[tuple[str, bytes]]:
    """Topics and payloads of ``fixes`` fixes, so many in each message, from a time on (0: so that they end now)."""
    start_ms = start_ms or SystemClock().now_ms() - fixes // DRONES * 200
    made: list[tuple[str, bytes]] = []
    for first in range(0, fixes // DRONES, per_message):
        for drone in range(DRONES):
            name = f"drone-{drone}"
            some = [a_fix(name, boot, start_ms, first + i, drone) for i in range(per_message)]
            made.append((device_topic(COOPERATIVE, DeviceKind.DRONE, name, "telemetry"), native_json.encode(some)))
    return made


def a_fix(device: str, boot: str, start_ms: int, seq: int, drone: int) -> Fix:
    """One fix of a drone that sprays."""
    return Fix(
        device=device,
        ts_ms=start_ms + seq * 200,
        lat_deg=9.28 + 0.002 * math.sin(seq / 200.0),
        lon_deg=105.72 + drone * 0.005,
        seq=seq,
        boot=boot,
        height_m=3.0,
        height_ref=HeightRef.CROP,
        speed_mps=6.5,
        heading_deg=round((seq / 7) % 360.0, 1),
        quality=FixQuality.RTK,
        hdop=0.7,
        op=Operation.SPRAY,
        on=seq % 100 < 90,
        mode=Mode.AUTO,
        flow_lpm=4.2,
        swath_m=7.0,
        tank_l=20.0 - seq % 1000 / 50.0,
        battery_pct=80.0,
    )


def publish(port: int, sent: Sequence[tuple[str, bytes]]) -> None:
    """Send messages with QoS 1 over MQTT 3.1.1 as fast as the broker takes them; returns when all are acknowledged."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.sendall(_CONNECT)
        link.recv(4)
        left = len(sent) * 4

        def drain() -> None:
            nonlocal left
            while left > 0 and (got := link.recv(65_536)):
                left -= len(got)

        answers = threading.Thread(target=drain)
        answers.start()
        out = bytearray()
        for number, (topic, payload) in enumerate(sent):
            name = topic.encode()
            body = struct.pack("!H", len(name)) + name + struct.pack("!H", number % 65_535 + 1) + payload
            out += b"\x32" + remaining_length(len(body)) + body
            if len(out) > _AT_ONCE:
                link.sendall(out)
                out.clear()
        link.sendall(out)
        answers.join()
