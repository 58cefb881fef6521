"""Task data of farm machines end to end: real sets with known answers, and made ones of every kind."""

from __future__ import annotations

import csv
import datetime as dt
import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from shapely import Polygon

from core.errors import FlightLogError
from core.model.enums import FixQuality, HeightRef, Operation
from core.model.flightlog import FlightLog, LogFile
from geo.coverage import Parameters, compute
from geo.projection import geodesic_area_m2
from ingest.flightlogs import isoxml
from tests.ingest.isoxml.builder import (
    ALL_FOUR,
    DAY,
    LAT,
    LON,
    NOON_MS,
    STATES,
    T0_MS,
    Files,
    as_folder,
    as_zip,
    field,
    header,
    only,
    polygon,
    record,
    ring,
    simple,
    sprayer,
    square,
    task,
    taskdata,
    track,
)
from tests.support.shared import shared

ACP = "isoxml/isoxml-dotnet_Another-single-ACP.zip"
FORAGER = "isoxml/agrirouter_big_taskdata_forage_harvester.zip"
CORRUPT = "isoxml/isoxml-dotnet_CorruptStream.zip"
DART = "isoxml/isoxml-dart_folder_test.zip"


def read(tmp_path: Path, files: Files) -> LogFile:
    return isoxml.read(as_zip(tmp_path / "set.zip", files))


def named(file: LogFile, name: str) -> FlightLog:
    return next(log for log in file.logs if log.name == name)


# Real sets


def test_the_sprayer_as_its_computer_counted() -> None:
    file = isoxml.read(shared(ACP))
    log = named(file, "TLG00011")
    assert log.device == "ecu-1224-isobus"
    assert log.machine == pytest.approx({"area_m2": 18_610.0, "volume_l": 685.0, "time_s": 721.0})
    assert log.volume_l == 685.0
    assert set(log.fixes.op.tolist()) == {Operation.SPRAY}
    on = np.array([sum(s.width_m for s in log.fixes.sections.row(i) if s.on) for i in range(len(log.fixes))])
    assert set(log.fixes.swath_m.tolist()) == {29.0}
    assert on.max() == 29.0
    as_counted = compute("x", [log.fixes], file.plots, Parameters(smooth=False)).coverage
    assert as_counted.gross_m2 == pytest.approx(18_610.0, rel=0.005), "a counter smooths nothing"
    coverage = compute("x", [log.fixes], file.plots, Parameters()).coverage
    assert coverage.gross_m2 == pytest.approx(as_counted.gross_m2, rel=0.004)
    assert coverage.volume_l == pytest.approx(coverage.gross_m2 / 1e4 * 313.0, rel=0.01), "344 L/ha, at times less"
    assert any("100 times the standard's resolution" in p for p in log.problems)


def test_times_take_the_zone_that_the_task_states() -> None:
    file = isoxml.read(shared(ACP))
    start_ms = int(named(file, "TLG00011").fixes.ts_ms[0])
    assert dt.datetime.fromtimestamp(start_ms / 1000, dt.UTC).isoformat() == "2022-10-20T13:43:43.318000+00:00"
    assert any("UTC-05:00, as TASKDATA states" in p for p in file.problems)
    assert any("the logged GPS time is not used: it differs by 24.0 h" in p for p in file.problems)
    assert any("for other logs of the file" in p for p in file.problems)


def test_operations_and_sections_of_other_machines() -> None:
    file = isoxml.read(shared(ACP))
    ops = {log.device: set(log.fixes.op.tolist()) for log in file.logs}
    assert ops == {
        "air-cart": {Operation.SOW},
        "planter-valoterra": {Operation.SOW},
        "ecu-1224-isobus": {Operation.SPRAY},
        "rauch-fertilizer-spreader": {Operation.SPREAD},
    }
    spreader = named(file, "TLG00000")
    assert [(s.offset_m, s.width_m) for s in spreader.fixes.sections.row(0)] == [
        (-15.0, 6.0), (-9.0, 6.0), (-3.0, 6.0), (3.0, 6.0), (9.0, 6.0), (15.0, 6.0)
    ]  # fmt: skip
    assert spreader.mass_kg == 154.0
    assert sum("jumps to" in p for p in spreader.problems) == 2, "the test bench moved its simulated receiver"


def test_fields_have_their_declared_areas_but_for_three() -> None:
    plots = isoxml.read(shared(ACP)).plots
    wrong = {p.plot: geodesic_area_m2(p.boundary) / p.declared_area_m2 - 1.0 for p in plots}
    assert len(plots) == 10
    assert {plot for plot, error in wrong.items() if abs(error) > 0.001} == {"PFD-4", "PFD-5", "PFD-8"}
    holes = next(p for p in plots if p.plot == "PFD-3").boundary
    assert isinstance(holes, Polygon)
    assert len(holes.interiors) == 3
    assert geodesic_area_m2(holes) == pytest.approx(257_151.6, abs=0.1)


def test_fields_of_linked_files() -> None:
    file = isoxml.read(shared(DART))
    errors = {p.plot: geodesic_area_m2(p.boundary) - p.declared_area_m2 for p in file.plots}
    assert len(errors) == 9
    assert all(abs(error) < 0.5 for plot, error in errors.items() if plot != "PFD9")
    assert errors["PFD9"] == pytest.approx(-201.05, abs=0.1), "declared without its hole, a part of which sticks out"
    assert sum("has no boundary" in p for p in file.problems) == 6


def test_the_forager_as_it_counted_itself() -> None:
    begin = time.perf_counter()
    file = isoxml.read(shared(FORAGER))
    assert time.perf_counter() - begin < 3.0
    first = named(file, "TLG00001")
    assert first.machine["area_m2"] == 48_300.0
    assert first.machine["distance_m"] == pytest.approx(5_503.99, rel=1e-4)
    assert named(file, "TLG00007").machine["area_m2"] == 52_200.0 - 2_200.0, "the counter runs on through a task"
    assert sum(len(log.fixes) > 0 for log in file.logs) >= 20
    assert {log.name for log in file.logs if log.rejected} == {"TLG00010", "TLG00011", "TLG00012", "TLG00013"}
    assert any("bytes 91 to 429 are no record" in p for p in named(file, "TLG00011").problems)
    assert len(named(file, "TLG00014").fixes) == 4_249, "a header without values is one too"
    # undo the shift by which the tracks were made anonymous
    fixes = first.fixes.with_columns(lat_deg=first.fixes.lat_deg - 7.81738, lon_deg=first.fixes.lon_deg - 5.0344)
    coverage = compute("x", [fixes], file.plots, Parameters()).coverage
    assert coverage.treated_distance_m == pytest.approx(5_603.0, rel=0.001)
    assert coverage.gross_m2 == pytest.approx(49_786.0, rel=0.01)


def test_a_damaged_set_is_read_as_another_decoder_does() -> None:
    """The set holds what its makers' decoder made of each log, records of damaged bytes left out."""
    path = shared(CORRUPT)
    for log in isoxml.read(path).logs:
        with zipfile.ZipFile(path) as archive:
            rows = list(csv.reader(io.StringIO(archive.read(f"TC_130609_1847/{log.name}.CSV").decode()), delimiter=";"))
        expected = _decoded(rows)
        fixes = log.fixes
        mine = {
            (t // 1000 * 1000, round(lat * 1e7), round(lon * 1e7)): on
            for t, lat, lon, on in zip(fixes.ts_ms.tolist(), fixes.lat_deg, fixes.lon_deg, fixes.on, strict=True)
        }
        assert len(mine) - len(expected) in {0, 1}, "its last record is missing there at times"
        assert {k: v for k, v in mine.items() if k in expected} == expected
        assert (log.rejected.get("corrupt", 0) > 0) == (log.name in {"TLG0006", "TLG0007"})


def _decoded(rows: list[list[str]]) -> dict[tuple[int, int, int], bool]:
    """Work state by time and place, rows at 0 N 0 E and without a fix left out."""
    column = next((i for i, title in enumerate(rows[0]) if title.startswith("'141")), len(rows[0]))
    found: dict[tuple[int, int, int], bool] = {}
    on = False
    for row in rows[1:]:
        stamp = dt.datetime.strptime(" ".join(row[:2]), "%d.%m.%Y %H:%M:%S").replace(tzinfo=dt.UTC)
        lat, lon = (round(float(text.replace(",", ".")) * 1e7) for text in row[2:4])
        if len(row) > column and row[column]:
            on = float(row[column]) == 1.0
        if row[5] != "0" and (lat, lon) != (0, 0):
            found[int(stamp.timestamp()) * 1000, lat, lon] = on
    return found


# What a set is


@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("lower", [False, True])
def test_the_same_from_zip_folder_and_file(tmp_path: Path, version: int, *, lower: bool) -> None:
    made = simple([{0: ALL_FOUR}] * 5, [STATES])
    made["TASKDATA.XML"] = taskdata(sprayer(), task(), field("PFD1", polygon(ring(square(0.01)))), version=version)
    files: Files = {f"TASKDATA/{name.lower() if lower else name}": content for name, content in made.items()}
    folder = as_folder(tmp_path / "set", files)
    inner = next(p for p in (folder / "TASKDATA").iterdir() if p.name.upper() == "TASKDATA.XML")
    for path in (as_zip(tmp_path / "set.zip", files), folder, inner):
        assert isoxml.sniff(path.read_bytes()[:4096] if path.is_file() else b"", path)
        file = isoxml.read(path)
        assert [(log.name, log.device, len(log.fixes), int(log.fixes.on.sum())) for log in file.logs] == [
            ("TLG00001", "may-phun-16-m", 5, 5)
        ]
        assert [p.plot for p in file.plots] == ["PFD1"]


def test_sniffing_leaves_others_alone(tmp_path: Path) -> None:
    other = as_zip(tmp_path / "other.zip", {"doc.kml": "<kml/>"})
    assert not isoxml.sniff(other.read_bytes(), other)
    assert not isoxml.sniff(b"<?xml?><kml/>", tmp_path / "x.xml")
    assert not isoxml.sniff(b"", tmp_path)
    assert isoxml.sniff(b'<?xml version="1.0"?><ISO11783_TaskData>', tmp_path / "x.xml")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 but no zip")
    assert isoxml.sniff(broken.read_bytes(), broken), "so that the cause is told"
    with pytest.raises(FlightLogError, match=r"broken\.zip: not a readable zip"):
        isoxml.read(broken)


def test_a_set_without_logs(tmp_path: Path) -> None:
    file = read(tmp_path, {"TASKDATA.XML": taskdata(sprayer())})
    assert file.logs == ()
    assert file.problems == ("no time logs (0 tasks)",)


def test_logs_with_missing_or_broken_files_are_still_named(tmp_path: Path) -> None:
    files: Files = {
        "TASKDATA.XML": taskdata(sprayer(), task(("TLG00001", "TLG00002", "TLG00003"))),
        "TLG00002.XML": header([STATES]),
        "TLG00003.XML": "<TIM",
        "TLG00003.BIN": track([{}]),
        "TLG00004.XML": header([STATES]),
        "TLG00004.BIN": track([{0: ALL_FOUR}] * 2),
    }
    logs = read(tmp_path, files).logs
    assert [(log.name, len(log.fixes)) for log in logs] == [
        ("TLG00001", 0), ("TLG00002", 0), ("TLG00003", 0), ("TLG00004", 2)
    ]  # fmt: skip
    assert "there is no TLG00001.XML and no TLG00001.BIN" in logs[0].problems
    assert "there is no TLG00002.BIN" in logs[1].problems
    assert logs[2].problems[0].startswith("TLG00003.XML: line 1")
    assert logs[3].problems == ("belongs to no task",)


def test_a_truncated_log_names_the_byte(tmp_path: Path) -> None:
    files = simple([], [STATES])
    files["TLG00001.BIN"] = track([{0: ALL_FOUR}] * 5)[:-3]
    log = only(tmp_path, files)
    assert len(log.fixes) == 4
    assert log.rejected == {"corrupt": 1}
    assert log.problems == ("bytes 80 to 96 are no record: the file ends within a record, at byte 97",)


# Positions


def test_what_a_fix_tells(tmp_path: Path) -> None:
    files = simple([{}], [(397, "DET-1"), (141, "DET-1")])
    files["TLG00001.XML"] = header([(397, "DET-1"), (141, "DET-1")], 'A="" B="" C="" D="" F=""')
    files["TLG00001.BIN"] = track([{0: 5_500, 1: 1}, {}], C=2_500, D=4, F=11)
    fixes = only(tmp_path, files).fixes
    assert fixes.lat_deg.tolist() == pytest.approx([LAT, LAT + 1e-5])
    assert fixes.height_m.tolist() == [2.5, 2.5]
    assert fixes.height_ref.tolist() == [HeightRef.ELLIPSOID] * 2
    assert fixes.hdop.tolist() == [1.1, 1.1]
    assert fixes.speed_mps.tolist() == [5.5, 5.5]
    assert fixes.on.tolist() == [True, True]


def test_position_status_decides_on_the_fix(tmp_path: Path) -> None:
    files = simple([{}], [])
    files["TLG00001.XML"] = header([(141, "DET-1")], 'A="" B="" D=""')
    status = [0, 1, 2, 3, 4, 5, 8, 14, 15]
    files["TLG00001.BIN"] = b"".join(
        record(NOON_MS + i * 1000, {0: 1}, A=round(LAT * 1e7) + i, B=round(LON * 1e7), D=s)
        for i, s in enumerate(status)
    )
    log = only(tmp_path, files)
    assert log.rejected == {"no-fix": 2}
    assert [FixQuality(q).name for q in log.fixes.quality.tolist()] == [
        "SINGLE", "DGPS", "DGPS", "RTK", "FLOAT", "UNKNOWN", "UNKNOWN"
    ]  # fmt: skip


def test_positions_that_cannot_be(tmp_path: Path) -> None:
    rows = [(LAT, LON)] * 4 + [(0.0, 0.0), (95.0, 10.0), (-80.0, 131.0)] + [(LAT, LON)] * 3
    files = simple([], [(141, "DET-1")])
    files["TLG00001.BIN"] = b"".join(
        record(NOON_MS + i * 1000, {0: 1}, A=round(lat * 1e7), B=round(lon * 1e7)) for i, (lat, lon) in enumerate(rows)
    )
    log = only(tmp_path, files)
    assert log.rejected == {"null-island": 1, "out-of-range": 1, "corrupt": 1}
    assert log.problems == ("byte 120: position -80.0000, 131.0000 is corrupt: over 100 km away",)
    assert len(log.fixes) == 7


def test_a_place_where_the_log_stays_is_kept_and_told(tmp_path: Path) -> None:
    files = simple([], [(141, "DET-1")])
    far = b"".join(record(NOON_MS + 60_000 + i * 1000, {}, A=418_495_004 + i, B=-938_251_987) for i in range(3))
    files["TLG00001.BIN"] = track([{0: 1}] * 4) + far
    log = only(tmp_path, files)
    assert len(log.fixes) == 7
    (problem,) = log.problems
    assert problem.startswith(f"byte {4 * 20}: the position jumps to 41.8495, -93.8252")


def test_a_log_without_positions(tmp_path: Path) -> None:
    files = simple([], [])
    files["TLG00001.XML"] = header([(141, "DET-1")], 'D="1"')
    files["TLG00001.BIN"] = b"".join(record(NOON_MS + i * 1000, {0: 1}) for i in range(3))
    log = only(tmp_path, files)
    assert log.rejected == {"no-position": 3}
    assert "no usable position" in log.problems


# Times


def with_gps(offset_h: float, start: str = "2026-08-01T12:00:00") -> Files:
    files = simple([], [STATES], sprayer(), task(start=start))
    files["TLG00001.XML"] = header([STATES], 'A="" B="" D="1" H="" I=""')
    utc = T0_MS + NOON_MS - round(offset_h * 3_600_000)
    day, ms = divmod(utc - (T0_MS - DAY * 86_400_000), 86_400_000)
    files["TLG00001.BIN"] = track([{0: ALL_FOUR}] * 3, H=ms, I=day)
    return files


@pytest.mark.parametrize(
    ("files", "offset_h", "told"),
    [
        (with_gps(7.0), 7.0, "UTC+07:00, by the logged GPS time"),
        (with_gps(7.01, "2026-08-01T12:00:00-05:00"), 7.0, "UTC+07:00, by the logged GPS time"),
        (with_gps(-3.5), -3.5, "UTC-03:30, by the logged GPS time"),
        (with_gps(23.99, "2026-08-01T12:00:00+07:00"), 7.0, "UTC+07:00, as TASKDATA states"),
        (with_gps(7.1), 0.0, "no zone is told, so the wall clock is read as UTC"),
        (simple([{}], [STATES], sprayer(), task(start="2026-08-01T11:59:58Z")), 0.0, "UTC+00:00, as TASKDATA states"),
        (simple([{}], [STATES], sprayer(), task(start="1990-08-01T12:00:00+07:00")), 0.0, "no zone is told"),
        (simple([{}], [STATES]), 0.0, "no zone is told"),
    ],
)
def test_the_zone_of_the_wall_clock(tmp_path: Path, files: Files, offset_h: float, told: str) -> None:
    file = read(tmp_path, files)
    assert int(file.logs[0].fixes.ts_ms[0]) == T0_MS + NOON_MS - round(offset_h * 3_600_000)
    assert sum(told in problem for problem in file.problems) == 1
    assert sum("local without a zone" in problem for problem in file.problems) == 1


def test_one_sentence_about_the_times_of_many_logs(tmp_path: Path) -> None:
    files = simple([], [STATES], sprayer(), task(tuple(f"TLG0000{i}" for i in range(1, 6))))
    for i in range(1, 6):
        files[f"TLG0000{i}.XML"], files[f"TLG0000{i}.BIN"] = header([STATES]), track([{0: ALL_FOUR}])
    (problem,) = read(tmp_path, files).problems
    assert problem.startswith("times of TLG00001 to TLG00005 (5 logs): local without a zone; no zone is told")
