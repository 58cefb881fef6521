"""DJI subtitles: every dialect gives the same places, the order of GPS(...) is not guessed in silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import HeightRef
from core.model.flightlog import FlightLog, LogFile
from ingest.flightlogs import dji_srt, read_log
from tests.ingest.flightlogs.makers.text import LAT, LON, STEP_DEG, T0_MS, srt
from tests.support.shared import shared

MAVIC_2 = "[latitude : {lat:.6f}] [longtitude : {lon:.6f}] [altitude: 12.400]"
PHANTOM = "HOME({lon:.6f},{lat:.6f}) GPS({lon:.6f},{lat:.6f},19) BAROMETER:5.1"
PHANTOM_RTK = "F/2.8, SS 320, GPS ({lon:.6f}, {lat:.6f}, 17), D 10.0m, H 5.1m, H.S 1.5m/s, V.S 0.2m/s"
LATITUDE_FIRST = "GPS({lat:.6f},{lon:.6f},19) BAROMETER:5.1"
LATER = "[latitude: {lat:.6f}] [longitude: {lon:.6f}] [rel_alt: 5.100 abs_alt: 12.400]"


def _read(tmp_path: Path, text: str) -> LogFile:
    path = tmp_path / "video.srt"
    path.write_text(text, encoding="utf-8")
    return read_log(path)


def _log(tmp_path: Path, text: str) -> FlightLog:
    (log,) = _read(tmp_path, text).logs
    return log


@pytest.mark.parametrize(
    ("line", "height_m", "reference"),
    [
        (MAVIC_2, 12.4, HeightRef.MSL),
        (PHANTOM, 5.1, HeightRef.TAKEOFF),
        (PHANTOM_RTK, 5.1, HeightRef.TAKEOFF),
        (LATITUDE_FIRST, 5.1, HeightRef.TAKEOFF),
        (LATER, 5.1, HeightRef.TAKEOFF),
    ],
)
def test_every_dialect_gives_the_same_track(tmp_path: Path, line: str, height_m: float, reference: HeightRef) -> None:
    log = _log(tmp_path, srt(5, line))
    np.testing.assert_allclose(log.fixes.lat_deg, LAT + np.arange(5) * STEP_DEG, atol=1e-9)
    np.testing.assert_allclose(log.fixes.lon_deg, LON, atol=1e-9)
    assert log.fixes.ts_ms.tolist() == [T0_MS + 125 + 1_000 * i for i in range(5)]
    assert log.fixes.height_m.tolist() == [height_m] * 5
    assert set(log.fixes.height_ref.tolist()) == {reference}
    assert log.rejected == {}


def test_the_order_of_gps_is_told(tmp_path: Path) -> None:
    assert any("latitude first in this file" in p for p in _log(tmp_path, srt(3, LATITUDE_FIRST)).problems)
    assert any("longitude first" in p for p in _log(tmp_path, srt(3, PHANTOM)).problems)
    assert not any("first" in p for p in _log(tmp_path, srt(3, LATER)).problems)


def test_speed_of_a_phantom_is_read(tmp_path: Path) -> None:
    assert _log(tmp_path, srt(2, PHANTOM_RTK)).fixes.speed_mps.tolist() == [1.5, 1.5]


def test_frames_of_one_second_are_spread_by_the_subtitle_times(tmp_path: Path) -> None:
    blocks = [
        f"{i + 1}\n00:00:0{i // 2},{500 * (i % 2):03d} --> 00:00:09,000\nHOME(105.1,9.1) 2026.08.01 00:00:0{i // 2}\n"
        f"GPS(105.1,9.1{i},19) BAROMETER:1.0\n"
        for i in range(6)
    ]
    log = _log(tmp_path, "\n".join(blocks) + "\n")
    assert np.diff(log.fixes.ts_ms).tolist() == [500] * 5
    assert int(log.fixes.ts_ms[0]) == T0_MS


def test_without_a_date_times_are_made_and_told(tmp_path: Path) -> None:
    text = "\n".join(line for line in srt(4).splitlines() if not line.startswith("2026-")) + "\n"
    log = _log(tmp_path, text)
    assert np.diff(log.fixes.ts_ms).tolist() == [1_000] * 3
    assert any("no subtitle has a date" in p for p in log.problems)


def test_a_block_without_a_position_is_named_and_counted(tmp_path: Path) -> None:
    text = srt(6).replace(f"[latitude: {LAT + 2 * STEP_DEG:.6f}]", "[latitude: ", 1)
    log = _log(tmp_path, text.replace(f"[latitude: {LAT + 4 * STEP_DEG:.6f}]", "[latitude: 0.0]").replace("x", "x"))
    assert log.rejected["no-position"] == 1
    assert any(p.startswith("line 13: subtitle 3 tells no position") for p in log.problems)


def test_null_island_is_counted(tmp_path: Path) -> None:
    log = _log(tmp_path, srt(4).replace(f"{LAT:.6f}", "0.000000").replace(f"{LON:.6f}", "0.000000", 1))
    assert log.rejected == {"null-island": 1}


def test_the_broken_file_keeps_its_good_blocks() -> None:
    (log,) = dji_srt.read(shared("flightlogs/dji_broken_incomplete.SRT")).logs
    assert (len(log.fixes), log.rejected) == (19, {"no-position": 1})
    assert float(log.fixes.lat_deg[0]) == -34.7383
    assert float(log.fixes.lon_deg[0]) == -58.4563
    assert float(log.fixes.height_m[0]) == 20.1
    assert log.problems[0] == "line 115: subtitle 20 tells no position: the file ends in the middle of it"
    assert not log.fixes.on.any()


def test_subtitles_of_a_film_are_no_log(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match="unknown format"):
        _read(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nWorld\n")


def test_telemetry_without_any_position_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match=r"video\.srt: line 1: none of 2 subtitles"):
        _read(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\nBAROMETER: 1.0\n\n2\n00:00:02,000 --> 00:00:03,000\n\n")


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "video.srt"
    path.write_bytes(srt(3).encode() + b"\xff\xfe")
    (log,) = dji_srt.read(path).logs
    assert len(log.fixes) == 3
    assert any(p.startswith(f"byte {len(srt(3))}: not UTF-8") for p in log.problems)
