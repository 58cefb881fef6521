"""Tables of fixes as Parquet, whatever wrote them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import FlightLogError
from core.model.enums import FixQuality
from storage.runs import is_run
from storage.runs.fixtables import is_fix_table, read_fix_table

START_MS = 1_785_542_400_000
PLAIN: dict[str, Any] = {
    "swath_m": [7.0, None, 7.0],
    "lon": [105.7, 105.7, 105.70001],
    "on": [True, None, False],
    "device": ["T40 a", "T40 a", "b"],
    "ts": [START_MS, START_MS + 200, START_MS],
    "lat": [9.28, 9.28001, 9.3],
    "fix": ["rtk", None, "gone"],
    "seq": [5, None, 1],
    "mood": [1, 2, 3],
}


def written(tmp_path: Path, **columns: Any) -> Path:
    path = tmp_path / "fixes.parquet"
    table = pa.table({name: c for name, c in (PLAIN | columns).items() if c is not None})
    pq.write_table(table, path)
    return path


def test_a_table_becomes_a_log_per_drone(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert is_fix_table(path)
    assert not is_run(path)
    file = read_fix_table(path)
    one, other = file.logs
    assert (one.device, other.device) == ("t40-a", "b")
    assert one.fixes.ts_ms.tolist() == [START_MS, START_MS + 200]
    assert one.fixes.lat_deg.tolist() == [9.28, 9.28001]
    assert one.fixes.on.tolist() == [True, False]
    assert one.fixes.seq.tolist() == [5, -1]
    np.testing.assert_array_equal(one.fixes.swath_m, [7.0, math.nan])
    assert one.fixes.quality.tolist() == [FixQuality.RTK, FixQuality.UNKNOWN]
    assert other.fixes.quality.tolist() == [FixQuality.UNKNOWN]
    assert any("unknown columns, not read: mood" in p for p in file.problems)
    assert any("row 3: 'gone'" in p for p in file.problems)


@pytest.mark.parametrize(
    "columns",
    [
        {"ts": pa.array([datetime(2026, 8, 1, tzinfo=UTC)] * 3, pa.timestamp("us", "UTC"))},
        {"ts": pa.array([START_MS] * 3, pa.float64())},
        {"ts": [START_MS] * 3, "device": pa.array(["t40-a", "t40-a", "b"]).dictionary_encode()},
        {"ts": [START_MS] * 3, "device": pa.array(["t40-a", "t40-a", "b"], pa.large_string())},
        {"ts": [START_MS] * 3, "on": ["true", "off", "0"]},
        {"ts": [START_MS] * 3, "on": [1, 0, 0]},
        {"ts": [START_MS] * 3, "lat": pa.array([9.28] * 3, pa.float32()), "flow_lpm": pa.nulls(3)},
    ],
    ids=["timestamps", "times as floats", "dictionary", "large strings", "words", "numbers", "floats"],
)
def test_types_that_mean_the_same(tmp_path: Path, columns: dict[str, Any]) -> None:
    one, other = read_fix_table(written(tmp_path, **columns)).logs
    assert one.device == "t40-a"
    assert one.fixes.ts_ms.tolist() == [START_MS, START_MS]
    assert one.fixes.on.tolist() == [True, False]
    assert one.fixes.lat_deg[0] == pytest.approx(9.28, abs=1e-6)
    assert len(other.fixes) == 1


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"lat": None}, "no column lat"),
        ({"ts": pa.array([datetime(2026, 8, 1)] * 3, pa.timestamp("us"))}, "without a zone"),  # noqa: DTZ001
        ({"lat": ["a", "b", "c"]}, "column 'lat' holds string, not numbers"),
        ({"ts": pa.nulls(3, pa.int64())}, "nothing usable"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, columns: dict[str, Any], says: str) -> None:
    path = written(tmp_path, **columns)
    with pytest.raises(FlightLogError, match=says) as caught:
        read_fix_table(path)
    assert str(path) in str(caught.value)


def test_rows_without_a_fix_are_counted(tmp_path: Path) -> None:
    logs = read_fix_table(written(tmp_path, lat=[None, 95.0, 9.0])).logs
    assert [dict(log.rejected) for log in logs] == [{"no-position": 1, "out-of-range": 1}, {}]
    assert [len(log.fixes) for log in logs] == [0, 1]


def test_damage_is_named(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(FlightLogError, match="damaged"):
        read_fix_table(path)
    assert not is_fix_table(tmp_path / "nothing.parquet")


def test_row_groups_and_chunks_are_one_table(tmp_path: Path) -> None:
    n = 1_000
    path = tmp_path / "many.parquet"
    table = pa.table(
        {
            "device": pa.array([f"d{i // 100}" for i in range(n)]).dictionary_encode(),
            "flight": [f"f{i // 300}" for i in range(n)],
            "ts": np.arange(n) + START_MS,
            "lat": np.linspace(9.0, 9.1, n),
            "lon": np.full(n, 105.0),
        }
    )
    pq.write_table(table, path, row_group_size=130)
    logs = read_fix_table(path).logs
    assert [(log.device, len(log.fixes)) for log in logs[:4]] == [("d0", 100), ("d1", 100), ("d2", 100), ("d3", 100)]
    assert sum(len(log.fixes) for log in logs) == n
    assert logs[9].fixes.ts_ms.tolist() == (np.arange(900, 1000) + START_MS).tolist()
    assert [log.name for log in logs][:2] == ["f0", "d1 f0"]
