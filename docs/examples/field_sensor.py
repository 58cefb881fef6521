# A field sensor in MicroPython (ESP32) or Python: nothing but sockets, MQTT 3.1.1 with QoS 1.
#
#   On a board: set HOST, COOPERATIVE and DEVICE below, set the clock (ntptime.settime()), call run().
#   On a computer: python field_sensor.py HOST PORT COOPERATIVE DEVICE [REPORTS [SECONDS]]
#
# Readings are kept until the broker has acknowledged them, and go out again after a failure: the platform takes a
# reading of the same time once. Fields and units: docs/schema/reading.schema.json.

import json
import socket
import struct
import sys
import time

HOST, PORT, COOPERATIVE, DEVICE = "127.0.0.1", 1883, "htx-1", "nuoc-1"
EPOCH_S = 0 if time.gmtime(0)[0] == 1970 else 946684800  # MicroPython on ESP32 counts from 2000


def now_ms():
    return int((time.time() + EPOCH_S) * 1000)


def measure():
    """What the probe says: replace this. Water level in m, salinity in g/L."""
    return (("water_level", 0.42, "m"), ("salinity", 3.1, "g/L"))


def text(value):
    data = value.encode()
    return struct.pack("!H", len(data)) + data


def packet(kind, body):
    length, head = len(body), bytearray([kind])
    while True:
        length, low = length // 128, length % 128
        head.append(low | (128 if length else 0))
        if not length:
            return bytes(head) + body


def receive(link, count):
    data = b""
    while len(data) < count:
        part = link.recv(count - len(data))
        if not part:
            raise OSError("the broker closed the connection")
        data += part
    return data


def connect(host, port, client_id):
    link = socket.socket()
    link.settimeout(10)
    link.connect(socket.getaddrinfo(host, port)[0][-1])
    link.sendall(packet(0x10, text("MQTT") + b"\x04\x02" + struct.pack("!H", 600) + text(client_id)))
    if receive(link, 4)[3]:
        raise OSError("the broker refused the session")
    return link


def publish(link, number, topic, payload):
    """Send with QoS 1, and wait for the acknowledgement."""
    link.sendall(packet(0x32, text(topic) + struct.pack("!H", number) + payload))
    if receive(link, 4) != b"\x40\x02" + struct.pack("!H", number):
        raise OSError("no acknowledgement")


def run(host=HOST, port=PORT, cooperative=COOPERATIVE, device=DEVICE, reports=0, every_s=600):
    topic = "canhdong/v1/%s/sensors/%s/telemetry" % (cooperative, device)
    kept, number, link = [], 0, None
    while True:
        at = now_ms()
        for quantity, value, unit in measure():
            kept.append({"device": device, "ts": at, "quantity": quantity, "value": value, "unit": unit})
        kept = kept[-2000:]  # a week of two quantities every ten minutes
        try:
            link = link or connect(host, port, device)
            while kept:
                some = kept[:20]
                number = number % 65535 + 1
                publish(link, number, topic, json.dumps(some).encode())
                kept = kept[len(some) :]
        except OSError as error:
            print("kept for later:", error)
            if link:
                link.close()
            link = None
        reports -= 1
        if reports == 0 and not kept:
            break
        time.sleep(every_s)
    link.sendall(b"\xe0\x00")
    link.close()


if __name__ == "__main__" and len(sys.argv) > 4:
    run(
        sys.argv[1],
        int(sys.argv[2]),
        sys.argv[3],
        sys.argv[4],
        *[int(a) if a.isdigit() else float(a) for a in sys.argv[5:]],
    )
