"""ArduPilot DataFlash: one receiver, GPS time, the pump from its output, damage by byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import EventKind, HeightRef, Mode, Operation
from core.model.flightlog import FlightLog
from geo.cleaning import distance_m, usable
from ingest.flightlogs import dataflash
from ingest.logparts.gpstime import utc_ms
from tests.ingest.flightlogs.makers.dataflash import GPS_FORMAT, T0_MS, DataFlash, flight
from tests.support.shared import shared

REAL = "flightlogs/dronekit_la_log171.bin"


def _read(tmp_path: Path, data: bytes, name: str = "log.bin") -> FlightLog:
    path = tmp_path / name
    path.write_bytes(data)
    assert dataflash.sniff(data[:4096], path)
    (log,) = dataflash.read(path).logs
    return log


def test_the_real_flight() -> None:
    (log,) = dataflash.read(shared(REAL)).logs
    assert log.rejected == {"no-fix": 161}
    assert len(log.fixes) == 1_199 - 161
    assert distance_m(usable(log.fixes).fixes) == pytest.approx(405.04, rel=0.005)
    assert [e.kind for e in log.events] == [EventKind.ARM, EventKind.TAKEOFF]
    assert log.device == "ardupilot-004a002f3334511932383433", "the board's serial number"


@pytest.mark.filterwarnings("ignore")
def test_pymavlink_reads_the_same_rows() -> None:
    from pymavlink import DFReader  # noqa: PLC0415

    path = shared(REAL)
    reader = DFReader.DFReader_binary(str(path))
    rows = []
    while (row := reader.recv_match(type="GPS")) is not None:
        if row.Status >= 3:
            rows.append((row.Lat, row.Lng, row.Spd, row.HDop))
    reader.data_map.close()
    reader.filehandle.close()
    (log,) = dataflash.read(path).logs
    ours = np.stack([log.fixes.lat_deg, log.fixes.lon_deg, log.fixes.speed_mps, log.fixes.hdop], axis=1)
    assert np.allclose(ours, np.array(rows), atol=1e-9)


def test_a_made_flight(tmp_path: Path) -> None:
    log = _read(tmp_path, bytes(flight().data))
    assert log.rejected == {"no-fix": 1}
    assert log.fixes.ts_ms.tolist() == [T0_MS + 200 * i for i in range(1, 20)]
    assert log.fixes.lat_deg[0] == pytest.approx(9.18 + 30e-7)
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.MSL}
    assert set(log.fixes.battery_pct.tolist()) == {88.0}
    assert log.fixes.mode.tolist() == [Mode.MANUAL] * 5 + [Mode.AB] * 14
    assert [(e.kind, e.ts_ms - T0_MS) for e in log.events] == [(EventKind.ARM, 1_050), (EventKind.LANDING, 3_870)]
    assert log.device == "ardupilot-7"
    assert not log.fixes.on.any()
    assert any("does not tell when the implement was on" in p for p in log.problems)


def test_leap_seconds() -> None:
    """ArduPilot's own example is 2015-11-21; before July 2015 the difference was 16 s, before July 2012 15 s."""
    week_of = np.array([2429, 1850, 1800, 1600])
    gps = utc_ms(week_of, np.zeros(4, np.int64))
    start_ms = 315_964_800_000 + week_of * 604_800_000
    assert (start_ms - gps).tolist() == [18_000, 16_000, 16_000, 15_000]


def test_the_pump_is_read_from_its_output(tmp_path: Path) -> None:
    made = flight(6)
    made.add("PARM", 3, b"SERVO9_FUNCTION", 22.0)
    made.add("PARM", 3, b"SERVO9_MIN", 1000.0)
    for i in range(6, 16):
        made.add("RCOU", 20_000_000 + 200_000 * i - 50_000, 1500, 1600 if 8 <= i < 12 else 1000)
        made.gps(i)
    log = _read(tmp_path, bytes(made.data))
    assert log.fixes.on.tolist() == [False] * 7 + [True] * 4 + [False] * 4
    assert set(log.fixes.op.tolist()) == {Operation.SPRAY}
    switched = [(e.kind, e.ts_ms - T0_MS) for e in log.events if e.kind in {EventKind.ON, EventKind.OFF}]
    assert switched == [(EventKind.ON, 1_550), (EventKind.OFF, 2_350)]
    assert not any("implement" in p for p in log.problems)


def test_executed_mission_commands_switch_the_sprayer(tmp_path: Path) -> None:
    made = flight(6)
    made.define("MISE", "QHHHf", "TimeUS,CTot,CNum,CId,Prm1")
    made.add("MISE", 20_000_000 + 1_020_000, 9, 3, 216, 1.0)
    for i in range(6, 12):
        made.gps(i)
        if i == 8:
            made.add("MISE", 20_000_000 + 200_000 * i + 10_000, 9, 5, 216, 0.0)
    log = _read(tmp_path, bytes(made.data))
    assert log.fixes.on.tolist() == [False] * 5 + [True] * 3 + [False] * 3


def test_old_logs_count_boot_time_in_ms(tmp_path: Path) -> None:
    made = DataFlash()
    made.define("GPS", "BIHBcLLeeEefI", "Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T")
    made.define("EV", "B", "Id")
    for i in range(5):
        if i == 3:
            made.add("EV", 10)
        made.add("GPS", 3, 1_000 * i, 1_876, 9, 120, 91_800_000, 1_051_500_000, 150, 1_500, 210, 9_000, 0.0, 900)
    log = _read(tmp_path, bytes(made.data))
    assert log.fixes.height_m.tolist() == [1.5] * 5
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.TAKEOFF}
    assert log.fixes.speed_mps.tolist() == pytest.approx([2.1] * 5)
    (event,) = log.events
    assert event.ts_ms == log.fixes.ts_ms[2], "an event without a time is at the row before it"


def test_rows_without_a_week_have_no_time(tmp_path: Path) -> None:
    made = DataFlash()
    made.define("GPS", *GPS_FORMAT)
    made.gps(0)
    made.add("GPS", 1, 0, 3, 0, 0, 11, 90, 91_800_000, 1_051_500_000, 12.0, 1.5, 0.0, 0.0)
    assert _read(tmp_path, bytes(made.data)).rejected == {"no-time": 1}


def test_no_receiver_at_all(tmp_path: Path) -> None:
    made = DataFlash()
    made.define("MSG", "QZ", "TimeUS,Message")
    made.add("MSG", 1, b"ArduCopter")
    log = _read(tmp_path, bytes(made.data))
    assert not len(log.fixes)
    assert any("no fixes" in p for p in log.problems)


def test_damage_is_skipped_and_named_by_its_byte(tmp_path: Path) -> None:
    whole = flight()
    start = whole.gps(20)
    whole.gps(21)
    data = bytearray(whole.data)
    data[start] = 0
    log = _read(tmp_path, bytes(data))
    assert len(log.fixes) == 20
    assert any(p.startswith(f"byte {start}: ") for p in log.problems)


def test_a_cut_file_keeps_the_part_before(tmp_path: Path) -> None:
    whole = flight()
    start = whole.gps(20)
    log = _read(tmp_path, bytes(whole.data[:-5]))
    assert len(log.fixes) == 19
    assert any(p.startswith(f"byte {start}: the file ends within a GPS message") for p in log.problems)
    padded = _read(tmp_path, bytes(whole.data) + b"\xff" * 300)
    assert not any("byte" in p for p in padded.problems), "padding is no damage"


def test_a_layout_that_contradicts_itself(tmp_path: Path) -> None:
    data = bytes(flight().data).replace(b"QBBIHBcLLffff", b"QBBIHBcLLfff\0")
    log = _read(tmp_path, data)
    assert not len(log.fixes)
    assert any("GPS" in p and "contradicts" in p for p in log.problems)


def test_text_logs(tmp_path: Path) -> None:
    lines = [
        "FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns",
        "FMT, 130, 50, GPS, BIHBcLLeeEefI, Status,TimeMS,Week,NSats,HDop,Lat,Lng,RelAlt,Alt,Spd,GCrs,VZ,T",
        "FMT, 131, 4, EV, B, Id",
        "GPS, 1, 0, 0, 0, 99.99, 0, 0, 0, 1892.0, 0, 0, 0, 10",
        "GPS, 3, 1000, 1876, 9, 1.2, 9.18, 105.15, 2.5, 15.0, 2.1, 90.0, 0.0, 1000",
        "EV, 10",
        "GPS, 3, 2000, 1876, 9, 1.2, 9.18001, 105.15, 2.5, 15.0, 2.1, 90.0, 0.0, 2000",
        "GPS, 3, 3000",
    ]
    log = _read(tmp_path, "\n".join(lines).encode(), "log.log")
    assert log.fixes.lat_deg.tolist() == [9.18, 9.18001]
    assert log.rejected == {"no-fix": 1}
    assert np.diff(log.fixes.ts_ms).tolist() == [1000]
    assert [e.kind for e in log.events] == [EventKind.ARM]
    assert any("line 8: GPS has 2 values instead of 13" in p for p in log.problems)


def test_what_is_no_dataflash_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.bin"
    path.write_bytes(b"\0" * 500)
    assert not dataflash.sniff(b"\0" * 500, path)
    with pytest.raises(FlightLogError, match="byte 0"):
        dataflash.read(path)
