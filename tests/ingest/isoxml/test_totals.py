"""What the machine counted: counters run on through a task."""

from __future__ import annotations

import math
from pathlib import Path

from ingest.flightlogs import isoxml
from tests.ingest.isoxml.builder import (
    Channel,
    Values,
    as_zip,
    device,
    only,
    sections,
    simple,
    sprayer,
    task,
)


def counted(tmp_path: Path, rows: list[Values], *content: str) -> dict[str, float]:
    channels: list[Channel] = [(116, "DET-1"), (119, "DET-1"), (80, "DET-1"), (117, "DET-1")]
    return dict(only(tmp_path, simple(rows, channels, *content)).machine)


def test_totals_run_on_through_a_task(tmp_path: Path) -> None:
    rows: list[Values] = [{0: 5_000, 1: 600, 2: 90, 3: 1_000}, {}, {0: 5_700}, {0: 6_000, 1: 640, 2: 120, 3: 9_500}]
    assert counted(tmp_path, rows) == {"area_m2": 1_000.0, "time_s": 40.0, "volume_l": 30.0, "distance_m": 8.5}


def test_a_counter_that_started_with_the_log(tmp_path: Path) -> None:
    rows: list[Values] = [{}, {1: 1, 0: 10, 2: 700}, {1: 3, 0: 30, 2: 705}]
    assert counted(tmp_path, rows) == {"area_m2": 30.0, "time_s": 3.0, "volume_l": 5.0}, "the tank's counter did not"


def test_a_counter_that_is_set_back(tmp_path: Path) -> None:
    rows: list[Values] = [{0: 100}, {0: 300}, {0: 0}, {0: 50}]
    assert counted(tmp_path, rows) == {"area_m2": 250.0}


def test_a_counter_that_never_moves_and_a_log_of_one_row(tmp_path: Path) -> None:
    assert counted(tmp_path, [{0: 100}, {}]) == {"area_m2": 0.0}
    assert counted(tmp_path, [{0: 100}]) == {}


def test_totals_of_the_task_where_the_log_has_none(tmp_path: Path) -> None:
    inside = '<DLV A="0074" B="18610" C="DET-1"/><DLV A="0050" B="635" C="DET-1"/><DLV A="0077" B="9" C="DET-77"/>'
    assert counted(tmp_path, [{}, {}], sprayer(), task(inside=inside)) == {"area_m2": 18_610.0, "volume_l": 635.0}
    two = task(("TLG00001", "TLG00002"), inside=inside)
    first = isoxml.read(as_zip(tmp_path / "set.zip", simple([{}, {}], [(116, "DET-1")], sprayer(), two))).logs[0]
    assert first.machine == {}
    assert math.isnan(first.volume_l)


def test_bins_and_sections_add_up_but_areas_do_not(tmp_path: Path) -> None:
    text = device('<DET A="DET-2" B="2" C="2" F="1"/>' + sections(2, 1000), client_name="A00A800825600000")
    channels: list[Channel] = [(81, "DET-11"), (81, "DET-12"), (116, "DET-11"), (116, "DET-12"), (352, "DET-11")]
    rows: list[Values] = [{0: 0, 1: 0, 2: 0, 3: 0, 4: 0}, {0: 3, 1: 4, 2: 10, 3: 20, 4: 3_250}]
    log = only(tmp_path, simple(rows, channels, text, task()))
    assert log.machine == {"area_m2": 20.0, "mass_kg": 3.25}
    assert log.mass_kg == 3.25
