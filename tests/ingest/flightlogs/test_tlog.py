"""MAVLink telemetry logs: vehicles apart from ground stations, two clocks, the sprayer's commands, damage by byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.flightlog import LogFile
from geo.cleaning import distance_m, usable
from ingest.flightlogs import tlog
from tests.ingest.flightlogs.makers.tlog import LAT_E7, LON_E7, T0_MS, Tlog
from tests.support.shared import shared


def _read(tmp_path: Path, data: bytes | bytearray) -> LogFile:
    path = tmp_path / "flight.tlog"
    path.write_bytes(data)
    assert tlog.sniff(bytes(data[:4096]), path)
    return tlog.read(path)


def test_the_real_flight() -> None:
    file = tlog.read(shared("flightlogs/dronekit_flight.tlog"))
    (log,) = file.logs
    assert len(log.fixes) == 2_684
    assert log.rejected == {"no-fix": 149}
    assert distance_m(usable(log.fixes).fixes) == pytest.approx(1_165.4, rel=0.005)
    assert len(log.fixes.boot.labels) == 2, "the vehicle was switched off once"
    assert (np.diff(log.fixes.ts_ms) >= 0).all()
    assert [e.kind for e in log.events][:2] == [EventKind.ARM, EventKind.DISARM]
    assert file.problems == ("byte 2723821: the file ends within a record (19 bytes)",)


def test_a_made_flight(tmp_path: Path) -> None:
    file = _read(tmp_path, Tlog().flight().data)
    (log,) = file.logs
    assert (file.problems, log.rejected) == ((), {"no-fix": 1})
    assert log.device == "mavlink-1"
    assert log.fixes.ts_ms.tolist() == [T0_MS + 200 * i for i in range(1, 20)]
    assert log.fixes.lat_deg[0] == pytest.approx((LAT_E7 + 30) * 1e-7)
    assert log.fixes.height_m.tolist() == [3.0] * 19
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.TAKEOFF}
    assert log.fixes.speed_mps.tolist() == [1.5] * 19
    assert log.fixes.hdop.tolist() == [0.9] * 19
    assert set(log.fixes.quality.tolist()) == {FixQuality.SINGLE}
    assert log.fixes.mode.tolist() == [Mode.MANUAL] * 9 + [Mode.AUTO] * 10
    assert [(e.kind, e.ts_ms - T0_MS) for e in log.events] == [(EventKind.ARM, 1_000)]
    assert not log.fixes.on.any()


def test_the_vehicles_clock_is_used(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, Tlog(behind_ms=60_000).flight().data).logs
    assert log.fixes.ts_ms[0] == T0_MS + 200
    assert any("the ground station's clock is 60.0 s behind the vehicle's" in p for p in log.problems)


def test_without_system_time_the_record_stamps_are_used(tmp_path: Path) -> None:
    made = Tlog()
    for i in range(10):
        made.gps(200 * i, 3)
        made.position(200 * i, 5_000 + 200 * i)
    (log,) = _read(tmp_path, made.data).logs
    assert log.fixes.ts_ms.tolist() == [T0_MS + 200 * i for i in range(10)]
    assert any("the vehicle tells no UTC time" in p for p in log.problems)


def test_two_vehicles_are_two_logs(tmp_path: Path) -> None:
    made = Tlog()
    made.flight(10).flight(8, system=2, offset_deg_e7=5_000)
    logs = _read(tmp_path, made.data).logs
    assert [(log.name, log.device, len(log.fixes)) for log in logs] == [
        ("flight vehicle 1", "mavlink-1", 9), ("flight vehicle 2", "mavlink-2", 7)
    ]  # fmt: skip


def test_a_reboot_is_another_boot(tmp_path: Path) -> None:
    made = Tlog()
    for i in range(20):
        boot_ms = 100_000 + 1000 * i if i < 10 else 1000 * i - 9_000
        made.system_time(1000 * i, boot_ms)
        made.gps(1000 * i, 3)
        made.position(1000 * i, boot_ms)
    (log,) = _read(tmp_path, made.data).logs
    assert log.fixes.ts_ms.tolist() == [T0_MS + 1000 * i for i in range(20)]
    assert log.fixes.boot.codes.tolist() == [0] * 10 + [1] * 10


def test_raw_positions_where_the_vehicle_sends_no_others(tmp_path: Path) -> None:
    made = Tlog()
    for i in range(6):
        made.gps(200 * i, 6 if i else 0, lat=LAT_E7 + 30 * i)
    (log,) = _read(tmp_path, made.data).logs
    assert len(log.fixes) == 5
    assert set(log.fixes.quality.tolist()) == {FixQuality.RTK}
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.MSL}
    assert log.fixes.speed_mps.tolist() == [1.5] * 5
    assert any("ground station's clock" in p for p in log.problems)


def test_do_sprayer_switches_the_implement(tmp_path: Path) -> None:
    made = Tlog()
    for i in range(20):
        made.gps(200 * i, 3)
        made.position(200 * i, 60_000 + 200 * i)
        if i in {4, 9}:
            made.sprayer(200 * i + 100, on=i == 4)
        if i == 14:
            made.sprayer(200 * i + 100, on=True, refused=True)
    (log,) = _read(tmp_path, made.data).logs
    assert log.fixes.on.tolist() == [False] * 5 + [True] * 5 + [False] * 10
    assert set(log.fixes.op.tolist()) == {Operation.SPRAY}
    assert [(e.kind, e.ts_ms - T0_MS) for e in log.events] == [(EventKind.ON, 900), (EventKind.OFF, 1_900)]


def test_the_pump_is_read_from_its_output(tmp_path: Path) -> None:
    made = Tlog()
    made.parameter(0, "SERVO9_FUNCTION", 22.0)
    made.parameter(1, "SERVO9_MIN", 1_000.0)
    for i in range(10):
        made.gps(200 * i + 2, 3)
        made.pulse(200 * i + 3, 1_700 if 3 <= i < 6 else 1_000)
        made.position(200 * i + 4, 60_000 + 200 * i)
    (log,) = _read(tmp_path, made.data).logs
    assert log.fixes.on.tolist() == [False] * 3 + [True] * 3 + [False] * 4
    assert [e.kind for e in log.events] == [EventKind.ON, EventKind.OFF]


def test_wrong_checksums_are_counted_and_named_by_their_byte(tmp_path: Path) -> None:
    made = Tlog().flight(10)
    start = made.position(2_000, 62_000)
    made.position(2_200, 62_200)
    made.data[start + 14] ^= 0xFF
    file = _read(tmp_path, made.data)
    (log,) = file.logs
    assert log.rejected == {"no-fix": 1, "corrupt": 1}
    assert len(log.fixes) == 10
    assert any(p.startswith(f"byte {start}: invalid MAVLink CRC") for p in file.problems)


def test_garbage_between_records_is_skipped_and_named_by_its_byte(tmp_path: Path) -> None:
    made = Tlog().flight(10)
    start = len(made.data)
    made.data += b"\xfe\xfd" * 9 + b"noise"
    made.position(2_000, 62_000)
    file = _read(tmp_path, made.data)
    assert len(file.logs[0].fixes) == 10
    assert file.problems == (f"byte {start}: 23 bytes are no MAVLink record; skipped",)


def test_mavlink_1_and_positions_out_of_range(tmp_path: Path) -> None:
    from pymavlink.dialects.v20 import ardupilotmega as mavlink  # noqa: PLC0415

    made = Tlog()
    for i, lat in enumerate((LAT_E7, 0, 950_000_000)):
        told = mavlink.MAVLink_global_position_int_message(1_000 * i, lat, LON_E7 if lat else 0, 0, 0, 0, 0, 0, 65_535)
        made.add(1_000 * i, told, v1=True)
    (log,) = _read(tmp_path, made.data).logs
    assert log.rejected == {"null-island": 1, "out-of-range": 1}
    assert log.fixes.quality.tolist() == [FixQuality.UNKNOWN]
    assert np.isnan(log.fixes.heading_deg).all()


def test_no_vehicle_is_told(tmp_path: Path) -> None:
    made = Tlog()
    for i in range(3):
        made.gcs_heartbeat(1_000 * i)
    (log,) = _read(tmp_path, made.data).logs
    assert any("no fixes" in p for p in log.problems)


def test_frames_with_a_wrong_checksum_only(tmp_path: Path) -> None:
    """Two real MAVLink 2 frames that pymavlink refuses."""
    frames = [bytes.fromhex(line) for line in shared("mqtt/traccar_mavlink2_frames.hex").read_text().split()]
    stamp = (T0_MS * 1000).to_bytes(8, "big")
    file = _read(tmp_path, b"".join(stamp + frame for frame in frames))
    assert not any(len(log.fixes) for log in file.logs)
    assert any("byte 8: invalid MAVLink CRC" in p for p in file.problems)


def test_what_is_no_telemetry_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flight.tlog"
    path.write_bytes(b"\0" * 200)
    assert not tlog.sniff(b"\0" * 200, path)
    with pytest.raises(FlightLogError, match="byte 0: 200 bytes are no MAVLink record"):
        tlog.read(path)
