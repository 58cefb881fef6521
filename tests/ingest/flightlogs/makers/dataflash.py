"""DataFlash bytes from FMT records."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

HEADER = b"\xa3\x95"
_STRUCT = {"B": "B", "H": "H", "I": "I", "Q": "Q", "f": "f", "L": "i", "c": "h", "C": "H", "e": "i", "E": "I",
           "N": "16s", "Z": "64s", "n": "4s", "M": "B"}  # fmt: skip
GPS_FORMAT = ("QBBIHBcLLffff", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ")
GPS_WEEK, GPS_WEEK_MS = 2429, 518_418_000
"""2026-08-01 00:00:00 UTC: 18 s ahead of it."""
T0_MS = 1_785_542_400_000
LAT_E7, LON_E7 = 91_800_000, 1_051_500_000


@dataclass
class DataFlash:
    """A binary log in the making."""

    data: bytearray = field(default_factory=bytearray)
    kinds: dict[str, tuple[int, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.define("FMT", "BBnNZ", "Type,Length,Name,Format,Columns", number=128)

    def define(self, name: str, letters: str, columns: str, number: int = 0) -> None:
        """Append the FMT record of a message."""
        number = number or 129 + len(self.kinds)
        layout = "<" + "".join(_STRUCT[c] for c in letters)
        self.kinds[name] = (number, layout)
        described = (number, struct.calcsize(layout) + 3, name.encode(), letters.encode(), columns.encode())
        self.data += HEADER + bytes([128]) + struct.pack("<BB4s16s64s", *described)

    def add(self, name: str, *values: float | bytes) -> int:
        """Append a message; returns the byte where it begins."""
        start = len(self.data)
        number, layout = self.kinds[name]
        self.data += HEADER + bytes([number]) + struct.pack(layout, *values)
        return start

    def gps(self, i: int, *, status: int = 3, receiver: int = 0, lat_e7: int | None = None) -> int:
        """Row i of a flight north at 5 Hz."""
        place = LAT_E7 + 30 * i if lat_e7 is None else lat_e7
        boot_us = 20_000_000 + 200_000 * i
        where = (place, LON_E7, 12.0, 1.5, 0.0, 0.0)
        return self.add("GPS", boot_us, receiver, status, GPS_WEEK_MS + 200 * i, GPS_WEEK, 11, 90, *where)


def flight(n: int = 20) -> DataFlash:
    """A copter's flight: two receivers, a first row without a fix, armed at row 5, landing at the last."""
    log = DataFlash()
    log.define("GPS", *GPS_FORMAT)
    log.define("MSG", "QZ", "TimeUS,Message")
    log.define("PARM", "QNf", "TimeUS,Name,Value")
    log.define("EV", "QB", "TimeUS,Id")
    log.define("MODE", "QMBB", "TimeUS,Mode,ModeNum,Rsn")
    log.define("BAT", "QBB", "TimeUS,Inst,RemPct")
    log.define("RCOU", "QHH", "TimeUS,C1,C9")
    log.add("MSG", 1, b"ArduCopter V4.5.7 (2a3dc4b7)")
    log.add("PARM", 2, b"SYSID_THISMAV", 7.0)
    log.add("MODE", 19_000_000, 5, 5, 1)
    log.add("BAT", 19_000_000, 0, 88)
    for i in range(n):
        log.gps(i, status=3 if i else 1)
        log.gps(i, receiver=1, lat_e7=0)
        if i == 5:
            log.add("EV", 20_000_000 + 200_000 * i + 50_000, 10)
            log.add("MODE", 20_000_000 + 200_000 * i + 60_000, 24, 24, 1)
        if i == n - 1:
            log.add("EV", 20_000_000 + 200_000 * i + 70_000, 18)
    return log
