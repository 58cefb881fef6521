"""PX4 ULog: old and new field names, UTC, dropouts, logs without GPS, damage by byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import EventKind, HeightRef, Mode
from core.model.flightlog import LogFile
from ingest.flightlogs import ulog
from ingest.logparts.ulog_messages import SYNC
from tests.ingest.flightlogs.makers.ulog import OLD_GPS, T0_MS, ULog, flight
from tests.support.shared import shared


def _read(tmp_path: Path, data: bytes | bytearray) -> LogFile:
    path = tmp_path / "flight.ulg"
    path.write_bytes(data)
    assert ulog.sniff(bytes(data[:4096]), path)
    return ulog.read(path)


def test_the_real_flight() -> None:
    file = ulog.read(shared("flightlogs/px4_sample_log_small.ulg"))
    (log,) = file.logs
    assert len(log.fixes) == 32
    assert (file.problems, log.rejected) == ((), {})
    assert log.problems[0] == "1 × dropout of the logger, 30 ms in all (30 ms)"
    assert log.fixes.lat_deg[0] == pytest.approx(63.4170622)
    assert log.fixes.lon_deg[0] == pytest.approx(10.4082151)
    assert log.fixes.ts_ms[0] == 1_618_986_658_600


def test_the_real_log_without_a_receiver() -> None:
    file = ulog.read(shared("flightlogs/px4_sample_appended_multiple.ulg"))
    (log,) = file.logs
    assert not len(log.fixes)
    assert any("no fixes" in p for p in log.problems)
    assert file.problems == (), "appended data are no damage"


@pytest.mark.parametrize("topic", ["vehicle_gps_position", "sensor_gps"])
@pytest.mark.parametrize("new", [False, True])
def test_a_made_flight(tmp_path: Path, topic: str, *, new: bool) -> None:
    (log,) = _read(tmp_path, flight(new=new, topic=topic).data).logs
    assert log.rejected == {"no-fix": 1}
    assert log.fixes.ts_ms.tolist() == [T0_MS + 200 * i for i in range(1, 20)]
    assert log.fixes.lat_deg.tolist() == pytest.approx([9.18 + 3e-6 * i for i in range(1, 20)])
    assert log.fixes.height_m.tolist() == pytest.approx([12.5] * 19)
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.MSL}
    assert log.fixes.speed_mps.tolist() == pytest.approx([1.5] * 19)
    assert log.fixes.mode.tolist() == [Mode.MANUAL] * 5 + [Mode.AUTO] * 14
    told = [(e.kind, e.ts_ms - T0_MS) for e in log.events]
    assert told == [(EventKind.ARM, 1_010), (EventKind.TAKEOFF, 1_020)]
    assert log.device == "px4-000600000000ab"


def test_a_log_without_utc_says_so(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, flight(utc=False).data).logs
    assert np.diff(log.fixes.ts_ms).tolist() == [200] * 18
    assert any("no UTC time: times count from 2000-01-01" in p for p in log.problems)


def test_rows_without_utc_take_it_from_the_others(tmp_path: Path) -> None:
    made = flight(5)
    made.add(0, 3_000_000, 0, 91_800_200, 1_051_500_000, 12_500, 0.9, 1.5, 0.0, 3)
    (log,) = _read(tmp_path, made.data).logs
    assert log.fixes.ts_ms[-1] == T0_MS + 1_000


def test_dead_reckoning_is_no_fix(tmp_path: Path) -> None:
    made = flight(5)
    made.add(0, 3_000_000, 0, 91_800_200, 1_051_500_000, 12_500, 0.9, 1.5, 0.0, 8)
    assert _read(tmp_path, made.data).logs[0].rejected == {"no-fix": 2}


def test_dropouts_are_told_with_their_length(tmp_path: Path) -> None:
    made = flight()
    for ms in (30, 5, 7, 8):
        made.dropout(ms)
    (log,) = _read(tmp_path, made.data).logs
    assert "4 × dropout of the logger, 50 ms in all (30 ms, 5 ms, 7 ms, ...)" in log.problems


def test_a_cut_file_keeps_the_part_before(tmp_path: Path) -> None:
    made = flight()
    start = made.add(0, 6_000_000, 0, 91_800_000, 1_051_500_000, 12_500, 0.9, 1.5, 0.0, 3)
    file = _read(tmp_path, made.data[:-9])
    assert len(file.logs[0].fixes) == 19
    assert file.problems[0].startswith(f"byte {start}: the file ends within a message")


def test_damage_is_named_by_its_byte(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = flight()
    start = made.message("\0", b"")
    made.data += b"\0" * 40
    file = _read(tmp_path, made.data)
    assert len(file.logs[0].fixes) == 19
    assert file.problems[0].startswith(f"byte {start}: no ULog message")
    assert not capsys.readouterr().out


def test_reading_goes_on_at_the_next_sync_mark(tmp_path: Path) -> None:
    made = flight(5)
    start = len(made.data)
    made.data += b"\0" * 1_000 + SYNC
    made.add(0, 3_000_000, 0, 91_800_200, 1_051_500_000, 12_500, 0.9, 1.5, 0.0, 3)
    file = _read(tmp_path, made.data)
    assert len(file.logs[0].fixes) == 5
    assert file.problems == (f"byte {start}: no ULog message (type 0, 0 bytes); 1000 bytes skipped",)


def test_a_cut_definition_does_not_hang(tmp_path: Path) -> None:
    """pyulog steps back for ever at a long message of no known type that the file ends within."""
    made = ULog()
    start = made.message("\0", b"x" * 20)
    assert _read(tmp_path, made.data[:-5]).problems[0].startswith(f"byte {start}: ")


def test_a_receiver_that_never_had_a_fix(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, flight(1).data).logs
    assert log.rejected == {"no-fix": 1}
    assert any("no fixes: none of 1 positions has one" in p for p in log.problems)


@pytest.mark.parametrize("data", [b"ULog\x01\x12\x35", b"ULog\x00" + b"\0" * 50])
def test_what_is_no_ulog_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "flight.ulg"
    path.write_bytes(data)
    with pytest.raises(FlightLogError, match=r"flight\.ulg: "):
        ulog.read(path)


def test_a_log_that_needs_a_newer_reader_is_refused(tmp_path: Path) -> None:
    made = ULog()
    made.message("B", bytes(8) + b"\x02" + bytes(7) + bytes(24))
    made.topics(vehicle_gps_position=OLD_GPS)
    with pytest.raises(FlightLogError, match="incompatible"):
        _read(tmp_path, made.data)
