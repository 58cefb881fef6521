"""Tables of fixes as CSV: columns by name, rows that are wrong named by line, numbers as ``float`` reads them."""

from __future__ import annotations

import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import FlightLogError
from core.model.enums import FixQuality, Mode, Operation
from core.model.flightlog import LogFile
from ingest.flightlogs import read_log
from ingest.logparts.csvcolumns import cells_of

START_MS = 1_785_542_400_000
HEADER = "device,ts,lat,lon,on"


def read(tmp_path: Path, text: str | bytes, name: str = "fixes.csv") -> LogFile:
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_log(path)


def row(i: int, device: str = "t40", on: str = "true") -> str:
    return f"{device},{START_MS + 200 * i},{9.28 + i * 1e-5:.7f},105.7,{on}"


def test_columns_stand_in_any_order(tmp_path: Path) -> None:
    text = (
        "swath_m,op,on,lon,mode,lat,flow_lpm,device,fix,speed_mps,ts,seq,battery_pct\n"
        f"6.5,sow,1,105.7,ab,9.28,3.25,T40 #3,rtk,5.5,{START_MS},7,88\n"
        f"6.5,spray,0,105.70001,manual,9.28001,,T40 #3,single,,{START_MS + 200},,\n"
    )
    (log,) = read(tmp_path, text).logs
    fixes = log.fixes
    assert log.device == fixes.device == "t40-3"
    assert fixes.ts_ms.tolist() == [START_MS, START_MS + 200]
    assert fixes.lat_deg.tolist() == [9.28, 9.28001]
    assert fixes.lon_deg.tolist() == [105.7, 105.70001]
    assert fixes.on.tolist() == [True, False]
    assert fixes.op.tolist() == [Operation.SOW, Operation.SPRAY]
    assert fixes.mode.tolist() == [Mode.AB, Mode.MANUAL]
    assert fixes.quality.tolist() == [FixQuality.RTK, FixQuality.SINGLE]
    assert fixes.seq.tolist() == [7, -1]
    assert fixes.swath_m.tolist() == [6.5, 6.5]
    np.testing.assert_array_equal(fixes.flow_lpm, [3.25, math.nan])
    np.testing.assert_array_equal(fixes.battery_pct, [88.0, math.nan])
    assert np.isnan(fixes.height_m).all()
    assert log.problems == ()


def test_unknown_columns_are_told(tmp_path: Path) -> None:
    file = read(tmp_path, f"{HEADER},mood,lat\n{row(0)},fine,1\n")
    assert any("unknown columns, not read: mood" in p for p in file.problems)
    assert any("stand twice, the first is read: lat" in p for p in file.problems)
    assert file.logs[0].fixes.lat_deg.tolist() == [9.28]


def test_without_a_needed_column_it_is_no_table(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match="unknown format"):
        read(tmp_path, f"device,ts,lat,on\nd,{START_MS},9.2,1\n")


def test_nothing_is_on_where_no_column_tells(tmp_path: Path) -> None:
    (log,) = read(tmp_path, f"device,ts,lat,lon\nd,{START_MS},9.2,105.1\n").logs
    assert not log.fixes.on.any()
    assert any("does not tell when the implement was on" in p for p in log.problems)


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        (str(START_MS), START_MS),
        ("2026-08-01T00:00:00Z", START_MS),
        ("2026-08-01T07:00:00.250+07:00", START_MS + 250),
        (f"{START_MS}.0", START_MS),
        ("1.7855424e12", START_MS),
    ],
)
def test_times_are_ms_or_iso_with_an_offset(tmp_path: Path, text: str, ms: int) -> None:
    (log,) = read(tmp_path, f"device,ts,lat,lon\nd,{text},9.2,105.1\n").logs
    assert log.fixes.ts_ms.tolist() == [ms]


def test_bad_rows_are_named_and_hide_nothing(tmp_path: Path) -> None:
    lines = [HEADER, row(0), "t40,soon,9.2,105.7,true", row(1), "t40,1", f"t40,{START_MS + 900},north,105.7,true"]
    lines += [
        "",
        row(2),
        f"t40,{START_MS},0,0,1",
        f"t40,{START_MS + 990},9.2,105.7,maybe",
        "t40,2026-08-01T07:00:00,9,105,1",
    ]
    file = read(tmp_path, "\n".join(lines))
    (log,) = file.logs
    assert len(log.fixes) == 4
    assert log.fixes.on.tolist() == [True, True, True, False]
    assert dict(log.rejected) == {"corrupt": 2, "no-position": 1, "null-island": 1}
    told = " | ".join(file.problems)
    assert "line 5): dropped" in told
    assert "line 3: 'soon'; line 11: '2026-08-01T07:00:00'): dropped" in told
    assert "line 6: 'north'" in told
    assert "line 10: 'maybe'): taken as off" in told


def test_every_drone_and_flight_is_a_log(tmp_path: Path) -> None:
    rows = [
        f"{d},{START_MS + 200 * i},9.2,105.{i},{f}" for i in range(4) for d, f in (("a", "f1"), ("b", f"f{i // 2}"))
    ]
    file = read(tmp_path, "device,ts,lat,lon,flight\n" + "\n".join(rows))
    assert [(log.name, log.device, len(log.fixes)) for log in file.logs] == [
        ("f1", "a", 4),
        ("f0", "b", 2),
        ("b f1", "b", 2),
    ]
    assert file.logs[2].fixes.ts_ms.tolist() == [START_MS + 400, START_MS + 600]


def test_silence_ends_a_flight_where_nothing_else_tells(tmp_path: Path) -> None:
    late = [f"d,{START_MS + ms},9.2,105.7" for ms in (301_000, 0, 400, 300_400, 600_401)]
    file = read(tmp_path, "device,ts,lat,lon\n" + "\n".join(late))
    assert [log.fixes.ts_ms.tolist() for log in file.logs] == [
        [START_MS, START_MS + 400, START_MS + 300_400, START_MS + 301_000, START_MS + 600_401]
    ]
    file = read(tmp_path, "device,ts,lat,lon\n" + "\n".join([*late, f"d,{START_MS + 900_402},9.2,105.7"]))
    assert [len(log.fixes) for log in file.logs] == [5, 1]
    assert [log.name for log in file.logs] == ["d-20260801T000000Z", "d-20260801T001500Z"]


@pytest.mark.parametrize(
    "text",
    [
        f"\ufeffdevice;ts;lat;lon\r\nd;{START_MS};9,25;105,7\r\n",
        f'"device","ts","lat","lon"\n"d",{START_MS},"9.25",105.7\n',
        f'"device";"ts";"lat";"lon"\n"d";{START_MS};"9,25";105,7\n',
        f"device\tts\tlat\tlon\nd\t{START_MS}\t9.25\t105.7",
        f" Device , TS , Lat , lon \n d , {START_MS} , +9.25 , 105.7 \n",
        f"device,ts,lat,lon\rd,{START_MS},9.25,105.7\r",
    ],
    ids=["semicolons", "quotes", "quoted semicolons", "tabs", "blanks", "old Mac"],
)
def test_other_ways_to_write_it(tmp_path: Path, text: str) -> None:
    (log,) = read(tmp_path, text).logs
    assert (log.device, log.fixes.ts_ms[0], log.fixes.lat_deg[0], log.fixes.lon_deg[0]) == ("d", START_MS, 9.25, 105.7)


def test_a_quoted_row_keeps_its_line(tmp_path: Path) -> None:
    file = read(tmp_path, f'device,ts,lat,lon,job\nd,{START_MS},9.2,105.7,"two\nlines, one job"\nd,x,9.2,105.7,\n')
    assert file.logs[0].fixes.job[0] == "two lines, one job"
    assert any("line 4: 'x'" in p for p in file.problems)


def test_drones_of_a_maker_are_no_record_of_its_service(tmp_path: Path) -> None:
    text = f"device,ts,lat,lon,on,flow_lpm,swath_m\ndji-agras-t40,{START_MS},9.2,105.7,1,3.1,7\n"
    assert read(tmp_path, text).format == "fix-csv"


@given(
    st.lists(
        st.one_of(
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.decimals(-(10**9), 10**9, places=7, allow_nan=False).map(str),
            st.integers(-(10**20), 10**20).map(str),
            st.sampled_from(
                [
                    "0",
                    "-0",
                    ".5",
                    "5.",
                    "007.10",
                    "1e3",
                    "-.25",
                    "0.000000000000000001",
                    "9.1234567890123456",
                    "0.30000000000000004",
                    "105.70000000000003",
                ]
            ),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_numbers_are_read_as_float_reads_them(texts: list[str]) -> None:
    cells = cells_of(("a,b\n" + "".join(f"{t},x\n" for t in texts)).encode())
    values, wrong = cells.numbers("a")
    assert not wrong.any()
    assert values.tolist() == [float(t) for t in texts]


@pytest.mark.parametrize("text", ["-", "+", ".", "1.2.3", "1-2", "--1", "12a", "0x10", "1 2", "1_000", "\u0661"])
def test_what_is_no_number_is_told(text: str) -> None:
    values, wrong = cells_of(f"a,b\n{text},1\n3,4\n".encode()).numbers("a")
    assert wrong.tolist() == [True, False]
    assert math.isnan(values[0])
    assert values[1] == 3.0


def test_a_large_table_is_read_whole(tmp_path: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    lat = [chance.uniform(8.0, 10.0) for _ in range(5_000)]
    rows = "".join(f"d{i % 7},{START_MS + i},{v:.7f},105.7\n" for i, v in enumerate(lat))
    file = read(tmp_path, "device,ts,lat,lon\n" + rows)
    assert [len(log.fixes) for log in file.logs] == [715, 715, 714, 714, 714, 714, 714]
    assert file.logs[3].fixes.lat_deg.tolist() == [float(f"{v:.7f}") for v in lat[3::7]]
