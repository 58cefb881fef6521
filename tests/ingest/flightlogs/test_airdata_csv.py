"""AirData CSV: units from headers, two time columns, words among numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import HeightRef, Mode
from core.model.flightlog import FlightLog
from geo.cleaning import distance_m, usable
from ingest.flightlogs import airdata_csv
from tests.ingest.flightlogs.makers.text import FEET, METRES, T0_MS, airdata
from tests.support.shared import shared


def _read(tmp_path: Path, text: str) -> FlightLog:
    path = tmp_path / "flight.csv"
    path.write_text(text, encoding="utf-8")
    assert airdata_csv.sniff(path.read_bytes()[:4096], path)
    (log,) = airdata_csv.read(path).logs
    return log


def test_the_real_flight_is_as_long_as_its_own_counter_says() -> None:
    path = shared("flightlogs/dji_sitrec_20231222_airdata.csv")
    (log,) = airdata_csv.read(path).logs
    assert len(log.fixes) == 6_074
    assert not log.rejected
    assert log.machine["distance_m"] == pytest.approx(2_433.1, abs=0.05)
    assert distance_m(usable(log.fixes).fixes) == pytest.approx(2_433.1, rel=0.005)
    assert set(np.diff(log.fixes.ts_ms).tolist()) == {100, 0}
    assert log.fixes.ts_ms[0] == 1_703_274_992_100, "the only start within a tenth of a second that fits all stamps"


@pytest.mark.parametrize(("units", "metre", "mps"), [(METRES, 1.0, 1.0), (FEET, 0.3048, 0.44704)])
def test_units_stand_in_the_headers(tmp_path: Path, units: tuple[str, str], metre: float, mps: float) -> None:
    log = _read(tmp_path, airdata(units=units))
    assert log.fixes.height_m.tolist() == pytest.approx([10.0 * metre] * 20)
    assert log.fixes.speed_mps.tolist() == pytest.approx([5.0 * mps] * 20)
    assert log.machine["distance_m"] == pytest.approx(19 * metre)
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.TAKEOFF}
    assert set(log.fixes.heading_deg.tolist()) == {270.0}


def test_an_unknown_unit_is_not_used(tmp_path: Path) -> None:
    log = _read(tmp_path, airdata(units=("furlongs", "m/s")))
    assert np.isnan(log.fixes.height_m).all()
    assert "distance_m" not in log.machine
    assert any("'height_above_takeoff' has the unknown unit 'furlongs'" in p for p in log.problems)


def test_height_above_sea_level_where_nothing_else_is_told(tmp_path: Path) -> None:
    log = _read(tmp_path, airdata(height="altitude_above_seaLevel"))
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.MSL}


@pytest.mark.parametrize("start_ms", [0, 300, 900])
def test_whole_second_stamps_and_steps_give_the_time(tmp_path: Path, start_ms: int) -> None:
    log = _read(tmp_path, airdata(start_ms=start_ms))
    assert log.fixes.ts_ms.tolist() == [T0_MS + start_ms + 100 * i for i in range(20)]


def test_time_columns_that_run_apart_are_told(tmp_path: Path) -> None:
    lines = airdata().splitlines()
    lines[1] = lines[1].replace("2026-08-01 00:00:00", "2026-07-31 22:00:00")
    log = _read(tmp_path, "\n".join(lines))
    assert any("run apart by 720" in p for p in log.problems)
    assert np.abs(log.fixes.ts_ms - (T0_MS + 300 + 100 * np.arange(20))).max() < 1000


def test_rows_without_satellites_are_no_fix(tmp_path: Path) -> None:
    log = _read(tmp_path, airdata(satellites=[0, 3, 4]))
    assert log.rejected == {"no-fix": 2}
    assert len(log.fixes) == 18


def test_words_are_counted_by_line_and_their_rows_kept_where_they_do_not_matter(tmp_path: Path) -> None:
    lines = airdata().splitlines()
    lines[3] = lines[3].replace(",10,5,", ",Available with a subscription,5,", 1)
    lines[4] = lines[4].replace("9.18", "north", 1)
    lines[5] = ",,,0,0" + "," * (lines[0].count(",") - 4)
    log = _read(tmp_path, "\n".join(lines))
    assert log.rejected == {"no-time": 1, "no-fix": 1}
    assert any("line 4: 'Available with a subscription'" in p for p in log.problems)
    assert any("line 5: 'north" in p for p in log.problems)


def test_a_row_that_is_cut_off_is_dropped_by_its_line(tmp_path: Path) -> None:
    log = _read(tmp_path, airdata()[:-70])
    assert log.rejected == {"corrupt": 1}
    assert any("line 21" in p for p in log.problems)
    assert len(log.fixes) == 19


def test_flight_modes(tmp_path: Path) -> None:
    words = ["Motors_Started", "AutoTakeoff", "P-GPS", "GPS_Waypoint", "Quick_Shot", "Go_Home", "Confirm_Landing"]
    lines = airdata(len(words)).splitlines()
    rows = [",".join([*row.split(",")[:11], word, ""]) for row, word in zip(lines[1:], words, strict=True)]
    log = _read(tmp_path, "\n".join([lines[0], *rows]))
    assert [Mode(m) for m in log.fixes.mode] == [
        Mode.UNKNOWN, Mode.AUTO, Mode.MANUAL, Mode.AUTO, Mode.AUTO, Mode.RTL, Mode.RTL
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time(millisecond),latitude,longitude\n0,9,105\n", "line 1: no column datetime"),
        (airdata(0), "line 2: names columns but holds no rows"),
        ("", "line 1: no column time, datetime, latitude, longitude"),
    ],
)
def test_what_is_no_flight_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "flight.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FlightLogError, match=message) as raised:
        airdata_csv.read(path)
    assert str(path) in str(raised.value)


def test_what_is_no_utf8_is_refused_by_its_byte(tmp_path: Path) -> None:
    path = tmp_path / "flight.csv"
    path.write_bytes(airdata().encode() + b"\xff")
    with pytest.raises(FlightLogError, match=r"byte \d+"):
        airdata_csv.read(path)


def test_columns_of_a_treatment_service_are_not_airdatas(tmp_path: Path) -> None:
    path = tmp_path / "flight.csv"
    assert not airdata_csv.sniff(b"time,latitude,longitude,flow\n", path)
    assert not airdata_csv.sniff(b"", tmp_path)
