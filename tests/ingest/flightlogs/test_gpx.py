"""GPX: segments are never joined, missing times are said, hostile XML is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import FixQuality, HeightRef
from core.model.flightlog import LogFile
from geo.cleaning import clean, distance_m, usable
from ingest.flightlogs import gpx
from ingest.logparts.sifting import NO_TELLING
from tests.ingest.flightlogs.makers.text import T0_MS
from tests.ingest.flightlogs.makers.text import gpx as made
from tests.support.shared import shared

BOMB = """<?xml version="1.0"?>
<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<gpx version="1.1"><trk><name>&b;</name><trkseg><trkpt lat="1" lon="1"/></trkseg></trk></gpx>"""


def _read(tmp_path: Path, text: str) -> LogFile:
    path = tmp_path / "track.gpx"
    path.write_text(text, encoding="utf-8")
    assert gpx.sniff(path.read_bytes()[:4096], path)
    return gpx.read(path)


def test_the_real_tracks_are_as_long_as_their_parts() -> None:
    file = gpx.read(shared("flightlogs/gpxpy_cerknicko-jezero.gpx"))
    assert sum(distance_m(usable(log.fixes).fixes) for log in file.logs) == pytest.approx(4_580.1, rel=0.005)
    cleaned = [clean(log.fixes) for log in file.logs]
    assert sum(distance_m(c.fixes, c.breaks) for c in cleaned) == pytest.approx(4_396.0, rel=0.005)
    assert file.problems == ("track 1 ('ACTIVE LOG') holds no points: skipped", NO_TELLING)
    assert [log.name for log in file.logs] == [f"track {i}" for i in range(2, 9)]


def test_every_segment_is_a_log_of_its_own(tmp_path: Path) -> None:
    file = _read(tmp_path, made([[5, 4], [], [3], [0, 2]]))
    assert [(log.name, len(log.fixes)) for log in file.logs] == [
        ("track 1.1", 5), ("track 1.2", 4), ("track 3", 3), ("track 4.2", 2)
    ]  # fmt: skip
    assert [set(log.fixes.flight.values()) for log in file.logs] == [{log.name} for log in file.logs]
    assert file.problems == (
        "track 2 ('Ruộng A') holds no points: skipped",
        "track 4.1 ('Ruộng A') holds no points: skipped",
        NO_TELLING,
    )
    assert file.logs[0].device == "gpx-test-receiver-1"


def test_times_are_utc(tmp_path: Path) -> None:
    text = made([[3]]).replace("2026-08-01T00:00:01+00:00", "2026-08-01T07:00:01+07:00").replace("+00:00", "")
    (log,) = _read(tmp_path, text).logs
    assert log.fixes.ts_ms.tolist() == [T0_MS, T0_MS + 1000, T0_MS + 2000]


def test_tracks_without_times_keep_their_length(tmp_path: Path) -> None:
    file = _read(tmp_path, made([[3, 2]], timed=False))
    assert [len(log.fixes) for log in file.logs] == [3, 2]
    assert all("no point has a time" in log.problems[0] for log in file.logs)
    assert np.diff(file.logs[0].fixes.ts_ms).tolist() == [1000, 1000]
    assert file.logs[1].fixes.ts_ms[0] > file.logs[0].fixes.ts_ms[-1]
    assert distance_m(file.logs[0].fixes) == pytest.approx(2.21, abs=0.01)


def test_single_points_without_a_time_are_rejected(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, made([[4]]).replace("<time>2026-08-01T00:00:02+00:00</time>", "")).logs
    assert log.rejected == {"no-time": 1}
    assert len(log.fixes) == 3


def test_impossible_times_are_rejected(tmp_path: Path) -> None:
    text = made([[4]]).replace("00:00:02+00:00", "00:00:02+99:00").replace("2026-08-01T00:00:01", "1970-01-01T00:00:01")
    (log,) = _read(tmp_path, text).logs
    assert log.rejected == {"no-time": 1, "bad-time": 1}


def test_what_points_tell(tmp_path: Path) -> None:
    extra = (
        "<fix>dgps</fix><hdop>1.4</hdop><extensions><x:TrackPointExtension xmlns:x='urn:garmin'>"
        "<x:speed>2.5</x:speed><x:course>90</x:course></x:TrackPointExtension></extensions>"
    )
    (log,) = _read(tmp_path, made([[2]], extra=extra)).logs
    assert log.fixes.quality.tolist() == [FixQuality.DGPS] * 2
    assert log.fixes.hdop.tolist() == [1.4] * 2
    assert log.fixes.speed_mps.tolist() == [2.5] * 2
    assert log.fixes.heading_deg.tolist() == [90.0] * 2
    assert log.fixes.height_m.tolist() == [3.0] * 2
    assert set(log.fixes.height_ref.tolist()) == {HeightRef.MSL}


def test_speed_of_version_1_0(tmp_path: Path) -> None:
    (log,) = _read(tmp_path, made([[2]], version="1.0", extra="<course>10</course><speed>3</speed>")).logs
    assert log.fixes.speed_mps.tolist() == [3.0, 3.0]
    assert log.fixes.heading_deg.tolist() == [10.0, 10.0]


def test_points_without_a_fix_are_rejected(tmp_path: Path) -> None:
    text = made([[3]], extra="<fix>3d</fix>").replace("<fix>3d</fix>", "<fix>none</fix>", 1)
    (log,) = _read(tmp_path, text.replace('lat="9.1800100"', 'lat="99.5"')).logs
    assert log.rejected == {"no-fix": 1, "out-of-range": 1}


def test_a_file_that_breaks_off_is_read_up_to_there(tmp_path: Path) -> None:
    whole = made([[2], [3]])
    file = _read(tmp_path, whole[: whole.rindex("<trkpt") + 20])
    assert [len(log.fixes) for log in file.logs] == [2, 2]
    assert any(p.startswith("line 13: ") and "read up to the last whole point" in p for p in file.problems)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "refused: "),
        (made([[0]]), "holds no track point"),
        ("<gpx version='1.1'></gpx>", "holds no track point: no track"),
        ("<gpx version='1.1'><wpt lat='1' lon='2'/><trk>", "line 1: "),
        (made([[2]]).replace('lat="9.18', 'lat="north', 1), "Invalid value"),
        (made([[2]]).replace("UTF-8", "no-such-encoding"), "line 1: unknown encoding"),
    ],
)
def test_what_is_no_track_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(FlightLogError, match=message) as raised:
        _read(tmp_path, text)
    assert "track.gpx" in str(raised.value)


def test_other_encodings(tmp_path: Path) -> None:
    path = tmp_path / "track.gpx"
    text = made([[2], []]).replace("UTF-8", "ISO-8859-1").replace("Ruộng A", "Champ café")
    path.write_bytes(text.encode("latin-1"))
    assert gpx.read(path).problems[0] == "track 2 ('Champ café') holds no points: skipped"
    path.write_bytes(made([[2]]).encode() + b"\xff")
    with pytest.raises(FlightLogError, match=r"byte \d+"):
        gpx.read(path)
