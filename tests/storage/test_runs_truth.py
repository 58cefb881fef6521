"""The truth beside a run: read back exactly, and opened by any GIS."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from shapely import Polygon, union_all

from core.errors import FlightLogError
from core.model.traffic import Run
from storage.runs import read_truth, truth_path, write_run
from tests.storage.samples_of_runs import T0_MS, truth

FLOATS = ("swath_m", "ts_ms", "left_lon_deg", "left_lat_deg", "right_lon_deg", "right_lat_deg", "released")


@pytest.fixture(params=["day.parquet", "day.jsonl"])
def written(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / str(request.param)
    write_run(path, Run("day", 1, T0_MS, ()), truth())
    return path


def test_the_truth_is_read_as_it_was_written(written: Path) -> None:
    assert truth_path(written).name == "day.truth.parquet"
    for found in (read_truth(written), read_truth(truth_path(written))):
        expected = truth()
        for name in (*FLOATS, "op", "start"):
            np.testing.assert_array_equal(getattr(found, name), getattr(expected, name), name)
        for name in ("cooperative", "device", "boot", "job"):
            assert getattr(found, name).values() == getattr(expected, name).values()


def test_outlines_are_what_was_swept(written: Path) -> None:
    """Of a strip that turns back over itself, too: the union of its quadrilaterals."""
    path = truth_path(written)
    outlines = shapely.from_wkb(pq.read_table(path)["geometry"].to_pylist())
    told = truth()
    for k, outline in enumerate(outlines.tolist()):
        rows = range(int(told.start[k]), int(told.start[k + 1]) - 1)
        quads = [
            Polygon(
                [
                    (told.left_lon_deg[i], told.left_lat_deg[i]),
                    (told.left_lon_deg[i + 1], told.left_lat_deg[i + 1]),
                    (told.right_lon_deg[i + 1], told.right_lat_deg[i + 1]),
                    (told.right_lon_deg[i], told.right_lat_deg[i]),
                ]
            )
            for i in rows
        ]
        assert outline.is_valid
        assert outline.symmetric_difference(union_all([q.buffer(0) for q in quads])).area < 1e-6 * outline.area


def test_it_says_that_it_is_geoparquet(written: Path) -> None:
    geo = json.loads(pq.read_metadata(truth_path(written)).metadata[b"geo"])
    assert geo["version"] == "1.1.0"
    column = geo["columns"][geo["primary_column"]]
    assert column["encoding"] == "WKB"
    assert column["bbox"] == pytest.approx([105.7, 9.19997, 105.70002, 9.20103], abs=1e-6)


def test_the_same_truth_gives_the_same_bytes(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.parquet"
    write_run(again, Run("day", 1, T0_MS, ()), read_truth(written))
    assert truth_path(again).read_bytes() == truth_path(written).read_bytes()


def test_a_truth_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlightLogError, match=r"day\.truth\.parquet"):
        read_truth(tmp_path / "day.parquet")
