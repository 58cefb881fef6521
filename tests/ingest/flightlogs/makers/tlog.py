"""Real MAVLink bytes, packed by pymavlink, with record stamps before each frame."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega as mavlink

T0_MS = 1_785_542_400_000
LAT_E7, LON_E7 = 91_800_000, 1_051_500_000
QUADROTOR, GCS = 2, 6
LOITER, AUTO = 5, 3


@dataclass
class Tlog:
    """A telemetry log in the making; ``behind_ms`` is how far the ground station's clock is behind the vehicle's."""

    behind_ms: int = 0
    data: bytearray = field(default_factory=bytearray)

    def add(self, at_ms: int, message: Any, system: int = 1, component: int = 1, *, v1: bool = False) -> int:
        """Append a message as received at a time after T0; returns the byte where its frame begins."""
        mav = mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        self.data += struct.pack(">Q", (T0_MS + at_ms - self.behind_ms) * 1000)
        start = len(self.data)
        self.data += message.pack(mav, force_mavlink1=v1)
        return start

    def heartbeat(self, at_ms: int, *, armed: bool, mode: int = LOITER, system: int = 1) -> None:
        """A copter's HEARTBEAT."""
        base = 81 | (mavlink.MAV_MODE_FLAG_SAFETY_ARMED if armed else 0)
        self.add(at_ms, mavlink.MAVLink_heartbeat_message(QUADROTOR, 3, base, mode, 4, 3), system)

    def gcs_heartbeat(self, at_ms: int) -> None:
        """A ground station's HEARTBEAT."""
        self.add(at_ms, mavlink.MAVLink_heartbeat_message(GCS, 8, 0, 0, 0, 3), 255, 190)

    def system_time(self, at_ms: int, boot_ms: int, system: int = 1) -> None:
        """The vehicle's own UTC."""
        self.add(at_ms, mavlink.MAVLink_system_time_message((T0_MS + at_ms) * 1000, boot_ms), system)

    def gps(self, at_ms: int, fix_type: int, system: int = 1, lat: int = LAT_E7) -> int:
        """The receiver's state."""
        told = mavlink.MAVLink_gps_raw_int_message(at_ms * 1000, fix_type, lat, LON_E7, 12_000, 90, 120, 150, 0, 11)
        return self.add(at_ms, told, system)

    def position(self, at_ms: int, boot_ms: int, system: int = 1, *, lat: int = LAT_E7, lon: int = LON_E7) -> int:
        """The vehicle's position, 3 m above take-off, moving north at 1.5 m/s."""
        told = mavlink.MAVLink_global_position_int_message(boot_ms, lat, lon, 12_000, 3_000, 150, 0, 0, 9_000)
        return self.add(at_ms, told, system)

    def sprayer(self, at_ms: int, *, on: bool, refused: bool = False) -> None:
        """A DO_SPRAYER command to vehicle 1, and its answer."""
        self.add(at_ms, mavlink.MAVLink_command_long_message(1, 1, 216, 0, float(on), 0, 0, 0, 0, 0, 0), 255, 190)
        self.add(at_ms + 50, mavlink.MAVLink_command_ack_message(216, 4 if refused else 0))

    def parameter(self, at_ms: int, name: str, value: float) -> None:
        """A parameter of vehicle 1."""
        self.add(at_ms, mavlink.MAVLink_param_value_message(name.encode(), value, 9, 100, 0))

    def pulse(self, at_ms: int, ninth_us: int) -> None:
        """Outputs of vehicle 1; the ninth drives a pump."""
        eight = [1500] * 8
        self.add(at_ms, mavlink.MAVLink_servo_output_raw_message(at_ms * 1000, 0, *eight, ninth_us))

    def flight(self, n: int = 20, system: int = 1, *, offset_deg_e7: int = 0) -> Tlog:
        """A flight north at 5 Hz: armed from row 5 on, a first row without a fix."""
        for i in range(n):
            at_ms = 200 * i
            if i % 5 == 0:
                self.heartbeat(at_ms, armed=i >= 5, mode=AUTO if i >= 10 else LOITER, system=system)
                self.system_time(at_ms, 60_000 + at_ms, system)
                self.gcs_heartbeat(at_ms)
            self.gps(at_ms, 3 if i else 1, system)
            self.position(at_ms, 60_000 + at_ms, system, lat=LAT_E7 + 30 * i + offset_deg_e7)
        return self
