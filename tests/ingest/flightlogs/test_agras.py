"""Records of DJI Agras: the same job must come out the same, however its columns are named and in whatever units."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from core.errors import FlightLogError
from core.model.enums import Operation
from core.model.flightlog import FlightLog, LogFile
from ingest.flightlogs import agras, xag
from tests.support.shared import shared

T0_S = 1_785_542_400  # 2026-08-01T00:00:00Z
LAT, LON = 9.285, 105.725
ROWS = [(i, LAT + i * 5e-5, LON, 5.5, i not in {0, 5}) for i in range(6)]

SI = (
    "Time (UTC),Latitude,Longitude,Speed (m/s),Spray width (m),Flow (L/min),Spray state,Tank (L),Task type,"
    "Serial number\n"
)
CHINESE = "时间(秒),纬度,经度,速度(km/h),喷幅(cm),流量(ml/min),喷洒状态,药箱余量(ml),作业类型,序列号\n"
VIETNAMESE = (
    "Thời gian (ms);Vĩ độ;Kinh độ;Tốc độ (m/s);Bề rộng phun (m);Lưu lượng (lít/phút);Trạng thái phun;"
    "Lượng thuốc còn lại (lít);Loại công việc;Số sê-ri\n"
)


def _iso(i: int) -> str:
    return f"2026-08-01T00:00:{i:02d}Z"


def _si() -> str:
    return SI + "".join(
        f"{_iso(i)},{lat:.6f},{lon:.6f},5.5,6.5,{3.2 if on else 0},{'on' if on else 'off'},{20 - i},spray,R 838\n"
        for i, lat, lon, _, on in ROWS
    )


def _chinese() -> str:
    return CHINESE + "".join(
        f"{T0_S + i},{lat:.6f},{lon:.6f},19.8,650,{3200 if on else 0},{'开' if on else '关'},{20000 - 1000 * i},喷洒,"
        "R 838\n"
        for i, lat, lon, _, on in ROWS
    )


def _vietnamese() -> str:
    lines = [
        f"{(T0_S + i) * 1000};{lat:.6f};{lon:.6f};5,5;6,5;{'3,2' if on else '0'};{'Bật' if on else 'Tắt'};{20 - i};"
        "Phun thuốc;R 838\n"
        for i, lat, lon, _, on in ROWS
    ]
    return (VIETNAMESE + "".join(lines)).replace("Số sê-ri", "Số seri")


def _write(tmp_path: Path, text: str, name: str = "log.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def _sniff(path: Path) -> tuple[bool, bool]:
    head = path.read_bytes()[:4096]
    return agras.sniff(head, path), xag.sniff(head, path)


def _only(file: LogFile) -> FlightLog:
    assert len(file.logs) == 1
    return file.logs[0]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_si(), "utf-8"),
        (_chinese(), "utf-8-sig"),
        (_chinese(), "gb18030"),
        (_vietnamese(), "utf-8"),
        (_vietnamese(), "utf-16"),
    ],
)
def test_the_same_job_in_other_units_and_languages(tmp_path: Path, text: str, encoding: str) -> None:
    path = _write(tmp_path, text, encoding=encoding)
    assert _sniff(path) == (True, False)
    file = agras.read(path)
    assert file.problems == ("the file does not name its maker: read as a DJI Agras / SmartFarm record",)
    log = _only(file)
    fixes = log.fixes
    assert fixes.ts_ms.tolist() == [(T0_S + i) * 1000 for i in range(6)]
    assert fixes.lat_deg == pytest.approx([r[1] for r in ROWS], abs=1e-9)
    assert fixes.lon_deg == pytest.approx([LON] * 6)
    assert fixes.speed_mps == pytest.approx([5.5] * 6)
    assert fixes.swath_m == pytest.approx([6.5] * 6)
    assert fixes.flow_lpm == pytest.approx([0, 3.2, 3.2, 3.2, 3.2, 0])
    assert fixes.tank_l == pytest.approx([20, 19, 18, 17, 16, 15])
    assert fixes.on.tolist() == [False, True, True, True, True, False]
    assert set(fixes.op.tolist()) == {Operation.SPRAY}
    assert log.device == "r-838"
    assert not log.rejected


@pytest.mark.parametrize(
    "text",
    [
        (
            "start_timestamp,end_timestamp,new_work_area,spray_usage,nickname\n"
            "1785542400,1785543000,10000,15000,AFM T50-1\n"
        ),
        (
            "Start time (UTC),Duration (min),Area (mu),Spray volume (L),Drone name\n"
            "2026-08-01 00:00:00,10,15,15,AFM T50-1\n"
        ),
        "开始时间(毫秒),作业时长(秒),作业面积(亩),用药量(毫升),飞机名称\n1785542400000,600,15,15000,AFM T50-1\n",
        (
            "Bắt đầu,Thời gian bay (phút),Diện tích phun (mu),Lượng thuốc (ml),Tên máy bay\n"
            "2026-08-01 07:00:00,10,15,15000,AFM T50-1\n"
        ),
        (
            "Bắt đầu,Thời gian bay (phút),Diện tích phun (ha),Lượng thuốc (lít),Máy bay\n"
            "2026/08/01 07:00,10,1,15,AFM T50-1\n"
        ),
        "Takeoff time,Duration,Area,Spray volume,Device name\n2026-08-01T00:00:00Z,10 min,15 mu,15 L,AFM T50-1\n",
        "start_at,duration_seconds,area_m2,dosage(L/ha),nickname\n2026-08-01T00:00:00Z,600,10000,15,AFM T50-1\n",
        "start_at,duration_seconds,workAreaMu,亩用量(ml),nickname\n2026-08-01T00:00:00Z,600,15,1000,AFM T50-1\n",
    ],
)
def test_a_row_of_totals_is_a_log_without_fixes(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, text)
    assert _sniff(path) == (True, False)
    log = _only(agras.read(path))
    assert len(log.fixes) == 0
    assert log.machine["area_m2"] == pytest.approx(10_000.0)
    assert log.machine["volume_l"] == pytest.approx(15.0)
    assert log.machine["time_s"] == pytest.approx(600.0)
    assert log.machine["start_ms"] == T0_S * 1000
    assert log.device == "afm-t50-1"
    assert log.problems[0] == "summary only: no fixes"


def test_units_from_documents_are_said(tmp_path: Path) -> None:
    log = _only(agras.read(_write(tmp_path, "start_timestamp,new_work_area,spray_usage\n1785542400,673,2584\n")))
    assert log.machine["area_m2"] == 673.0
    assert log.machine["volume_l"] == pytest.approx(2.584)
    assert any("'spray_usage' read in ml" in p for p in log.problems)


@pytest.mark.parametrize("header", ["Area", "Diện tích phun (mẫu)", "Diện tích phun (sào)", "Area (acre)"])
def test_an_area_of_no_certain_unit_is_not_used(tmp_path: Path, header: str) -> None:
    log = _only(agras.read(_write(tmp_path, f"start_time,{header},volume (L)\n1785542400,1.5,15\n")))
    assert "area_m2" not in log.machine
    assert log.machine["volume_l"] == 15.0
    assert any("bad-area" in p and "line 2" in p for p in log.problems)


def test_bad_rows_are_counted_by_reason_with_their_line(tmp_path: Path) -> None:
    text = SI + "".join(
        f"{when},{lat},{lon},5.5,6.5,3.2,{state},20,spray,R1\n"
        for when, lat, lon, state in [
            (_iso(0), LAT, LON, "on"),
            ("yesterday", LAT, LON, "on"),
            ("", LAT, LON, "on"),
            (_iso(3), 0, 0, "on"),
            (_iso(4), 95.0, LON, "on"),
            (_iso(5), "", LON, "on"),
            (_iso(6), LAT, LON, "perhaps"),
        ]
    )
    log = _only(agras.read(_write(tmp_path, text)))
    assert len(log.fixes) == 2
    assert log.rejected == {"bad-time": 1, "no-time": 1, "null-island": 1, "out-of-range": 1, "no-fix": 1}
    said = " ".join(log.problems)
    assert "line 3" in said
    assert "line 8: 'perhaps'" in said


def test_seconds_read_as_milliseconds_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, f"time (ms),lat,lng,flow (L/min)\n{T0_S},{LAT},{LON},3\n")
    with pytest.raises(FlightLogError, match=r"nothing usable.*2005"):
        agras.read(path)


def test_flights_and_drones_of_one_file_stay_apart(tmp_path: Path) -> None:
    text = "timestamp,lat,lng,flow(L/min),drone_sn,flight_id\n" + "".join(
        f"{T0_S + i},{LAT},{LON},3,{sn},{flight}\n" for i, (sn, flight) in enumerate([("A", 1), ("A", 2), ("B", 1)])
    )
    logs = agras.read(_write(tmp_path, text)).logs
    assert [(log.device, log.name, len(log.fixes)) for log in logs] == [("a", "1", 1), ("a", "2", 1), ("b", "1", 1)]
    assert any("unix seconds" in p for p in logs[0].problems)


def test_chinese_map_coordinates_are_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, f"timestamp,lat,lng,flow(L/min),coordinate_system\n{T0_S},{LAT},{LON},3,GCJ02\n")
    with pytest.raises(FlightLogError, match="GCJ02"):
        agras.read(path)


def test_unknown_columns_are_named_with_those_needed(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match=r"found: a,b.*needed: time, latitude"):
        agras.read(_write(tmp_path, "a,b\n1,2\n"))
    with pytest.raises(FlightLogError, match="empty"):
        agras.read(_write(tmp_path, ""))


KML = """<?xml version="1.0"?>
<kml xmlns="http://www.opengis.net/kml/2.2" xmlns:gx="http://www.google.com/kml/ext/2.2"><Document>
<name>DJI SmartFarm</name>
<Placemark><name>Chuyến 1</name><ExtendedData><Data name="Drone name"><value>T50 số 3</value></Data>
<Data name="work_area_mu"><value>15</value></Data><Data name="spray_usage_ml"><value>15000</value></Data></ExtendedData>
{geometry}</Placemark></Document></kml>"""
GX = """<gx:Track><when>2026-08-01T00:00:00Z</when><when>2026-08-01T07:00:01+07:00</when>
<gx:coord>105.725 9.285 3</gx:coord><gx:coord>105.725 9.28505 3</gx:coord>
<ExtendedData><SchemaData><gx:SimpleArrayData name="spray_width_m"><gx:value>6.5</gx:value><gx:value>6.5</gx:value>
</gx:SimpleArrayData><gx:SimpleArrayData name="spray_state"><gx:value>1</gx:value><gx:value>0</gx:value>
</gx:SimpleArrayData></SchemaData></ExtendedData></gx:Track>"""
LINE = "<LineString><coordinates>105.725,9.285,3 105.725,9.28505 105.725,9.2851</coordinates></LineString>"
SPAN = "<TimeSpan><begin>2026-08-01T00:00:00Z</begin><end>2026-08-01T00:00:10Z</end></TimeSpan>"


def test_a_kml_track_with_times(tmp_path: Path) -> None:
    path = _write(tmp_path, KML.format(geometry=GX), "track.kml")
    assert _sniff(path) == (True, False)
    log = _only(agras.read(path))
    assert log.name == "Chuyến 1"
    assert log.device == "t50-so-3"
    assert log.fixes.ts_ms.tolist() == [T0_S * 1000, T0_S * 1000 + 1000]
    assert log.fixes.on.tolist() == [True, False]
    assert log.fixes.swath_m.tolist() == [6.5, 6.5]
    assert log.machine == pytest.approx({"area_m2": 10_000.0, "volume_l": 15.0})


def test_a_kml_line_is_spread_over_the_flight_only_where_it_is_known(tmp_path: Path) -> None:
    log = _only(agras.read(_write(tmp_path, KML.format(geometry=SPAN + LINE), "a.kml")))
    assert log.fixes.ts_ms.tolist() == [(T0_S + s) * 1000 for s in (0, 5, 10)]
    assert any("spread evenly" in p for p in log.problems)
    assert any("neither spray state nor flow" in p for p in log.problems)
    assert not log.fixes.on.any()
    untimed = _only(agras.read(_write(tmp_path, KML.format(geometry=LINE), "b.kml")))
    assert len(untimed.fixes) == 0
    assert untimed.rejected == {"no-time": 3}


def test_a_kml_of_fields_and_a_broken_one(tmp_path: Path) -> None:
    field = KML.format(geometry="<Polygon><outerBoundaryIs/></Polygon>").replace("DJI SmartFarm", "Ruộng")
    assert _sniff(_write(tmp_path, field, "field.kml")) == (False, False)
    with pytest.raises(FlightLogError, match="line 1"):
        agras.read(_write(tmp_path, "<kml><Document>", "broken.kml"))
    bomb = '<!DOCTYPE kml [<!ENTITY a "aaaa">]><kml>&a;</kml>'
    with pytest.raises(FlightLogError, match="not readable as KML"):
        agras.read(_write(tmp_path, bomb, "bomb.kml"))


def _points(properties: list[dict[str, object]], **collection: object) -> str:
    features = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [LON, LAT + i * 5e-5]}, "properties": p}
        for i, p in enumerate(properties)
    ]
    return json.dumps({"type": "FeatureCollection", "properties": collection, "features": features})


def test_geojson_points_with_the_totals_of_the_collection(tmp_path: Path) -> None:
    points: list[dict[str, object]] = [
        {"heading": 90.5, "speed_ms": 5.5, "spray_rate": 3.2},
        {"heading": 91.0, "speed_ms": 5.4},
    ]
    text = _points(
        points,
        serial_number="R8383153744",
        start_timestamp=T0_S,
        end_timestamp=T0_S + 1,
        spray_width_m=6.5,
        work_area_m2=10_000,
        spray_usage_ml=15_000,
    )
    path = _write(tmp_path, text, "mission.geojson")
    assert _sniff(path) == (True, False)
    log = _only(agras.read(path))
    assert log.device == "r8383153744"
    assert log.fixes.on.tolist() == [True, False]
    assert log.fixes.swath_m.tolist() == [6.5, 6.5]
    assert log.fixes.speed_mps.tolist() == [5.5, 5.4]
    assert np.isnan(log.fixes.flow_lpm).all()
    assert any("'spray_rate'" in p and "no usable unit" in p for p in log.problems)
    assert log.machine["area_m2"] == 10_000.0
    assert log.volume_l == 15.0


def test_a_geojson_line_with_times(tmp_path: Path) -> None:
    line = {
        "type": "Feature",
        "geometry": {"type": "LineString", "coordinates": [[LON, LAT], [LON, LAT + 5e-5]]},
        "properties": {
            "coordTimes": [T0_S, T0_S + 1],
            "spray_width_m": 6.5,
            "source": "DJI_SMARTFARM",
            "spray_state": True,
        },
    }
    path = _write(tmp_path, json.dumps({"type": "FeatureCollection", "features": [line]}), "line.geojson")
    assert _sniff(path) == (True, False)
    log = _only(agras.read(path))
    assert log.fixes.ts_ms.tolist() == [T0_S * 1000, (T0_S + 1) * 1000]
    assert log.fixes.on.all()


def test_other_files_are_left_to_their_readers(tmp_path: Path) -> None:
    airdata = "time(millisecond),datetime(utc),latitude,longitude,speed(mph)\n0,2026-08-01,9,105,2\n"
    assert _sniff(_write(tmp_path, airdata, "dji-airdata.csv")) == (False, False)
    assert _sniff(_write(tmp_path, "<gpx><trk/></gpx>", "dji.gpx")) == (False, False)
    polygon = {"type": "Polygon", "coordinates": [[[105, 9], [105, 10], [106, 9], [105, 9]]]}
    field = {"type": "Feature", "geometry": polygon, "properties": {"area": 1, "name": "dji"}}
    collection = json.dumps({"type": "FeatureCollection", "features": [field]})
    assert _sniff(_write(tmp_path, collection, "f.geojson")) == (False, False)
    assert _sniff(_write(tmp_path, "", "empty.csv")) == (False, False)
    assert agras.sniff(b"", tmp_path) is False


@pytest.mark.parametrize("folder", ["isoxml", "fields", "vietnam", "flightlogs"])
def test_no_real_file_of_another_kind_is_taken(folder: str) -> None:
    taken = [p.name for p in sorted(shared(folder).rglob("*")) if p.is_file() and any(_sniff(p))]
    assert not taken
