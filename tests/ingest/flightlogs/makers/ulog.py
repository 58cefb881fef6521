"""ULog bytes from message definitions."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MAGIC = b"ULog\x01\x12\x35\x01"
T0_MS = 1_785_542_400_000
_STRUCT = {"uint64_t": "Q", "int32_t": "i", "uint8_t": "B", "float": "f", "double": "d", "bool": "?"}
OLD_GPS = (
    "uint64_t timestamp;uint64_t time_utc_usec;int32_t lat;int32_t lon;int32_t alt;float hdop;float vel_m_s;"
    "float cog_rad;uint8_t fix_type;"
)
NEW_GPS = (
    "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;double longitude_deg;double altitude_msl_m;"
    "float hdop;float vel_m_s;float cog_rad;uint8_t fix_type;"
)
STATUS = "uint64_t timestamp;uint8_t arming_state;uint8_t nav_state;"
LAND = "uint64_t timestamp;bool landed;"


@dataclass
class ULog:
    """A log in the making: definitions first, then subscriptions, then data."""

    data: bytearray = field(default_factory=lambda: bytearray(MAGIC + struct.pack("<Q", 1_000_000)))
    layouts: list[str] = field(default_factory=list)

    def message(self, kind: str, body: bytes) -> int:
        """Append a message; returns the byte where it begins."""
        start = len(self.data)
        self.data += struct.pack("<HB", len(body), ord(kind)) + body
        return start

    def describe(self, key: str, text: str) -> None:
        """An information message of text."""
        named = f"char[{len(text)}] {key}".encode()
        self.message("I", bytes([len(named)]) + named + text.encode())

    def topics(self, **definitions: str) -> None:
        """Define topics and subscribe to them."""
        for name, fields in definitions.items():
            self.message("F", f"{name}:{fields}".encode())
        for number, (name, fields) in enumerate(definitions.items()):
            self.message("A", struct.pack("<BH", 0, number) + name.encode())
            self.layouts.append("<" + "".join(_STRUCT[f.split()[0]] for f in fields.split(";") if f))

    def add(self, number: int, *values: float) -> int:
        """A row of a topic."""
        return self.message("D", struct.pack("<H", number) + struct.pack(self.layouts[number], *values))

    def dropout(self, ms: int) -> None:
        """A gap of the logger."""
        self.message("O", struct.pack("<H", ms))


def flight(n: int = 20, *, new: bool = False, utc: bool = True, topic: str = "vehicle_gps_position") -> ULog:
    """A flight north at 5 Hz: a first row without a fix, armed and up at row 5."""
    log = ULog()
    log.describe("sys_uuid", "000600000000AB")
    log.topics(**{topic: NEW_GPS if new else OLD_GPS, "vehicle_status": STATUS, "vehicle_land_detected": LAND})
    log.add(1, 1_000_000, 1, 2)
    log.add(2, 1_000_000, True)
    for i in range(n):
        boot_us = 2_000_000 + 200_000 * i
        place = (9.18 + 3e-6 * i, 105.15, 12.5) if new else (91_800_000 + 30 * i, 1_051_500_000, 12_500)
        told = (T0_MS + 200 * i) * 1000 if utc else 0
        log.add(0, boot_us, told, *place, 0.9, 1.5, 0.0, 3 if i else 1)
        if i == 5:
            log.add(1, boot_us + 10_000, 2, 3)
            log.add(2, boot_us + 20_000, False)
    return log
