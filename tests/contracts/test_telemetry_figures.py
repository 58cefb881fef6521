"""TelemetryStore: figures for dashboards, kept beside fixes and readings."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from core.model.figures import Figures
from core.ports import TelemetryStore
from tests.contracts.backends import TELEMETRY, Backend, each
from tests.contracts.samples import T0, C, D, a_reading


def a_row(second: int = 0, device: str = "d1", **values: float | str) -> Figures:
    tags = {"cooperative": C} | ({"device": device} if device else {})
    return Figures("data_quality", T0 + second * 1_000, tags, values or {"correct": 0.5})


def test_rows_come_back_by_time_and_tags(store: TelemetryStore) -> None:
    rows = [a_row(1, "d2"), a_row(0), a_row(1, "d1", correct=0.25, state='Tốt, "đủ"', live=1.0)]
    store.put_figures(C, rows)
    assert store.figures(C, "data_quality", T0, T0 + 1_000) == [rows[1], rows[2], rows[0]]
    assert store.figures(C, "data_quality", T0 + 1, T0 + 999) == []
    assert store.figures(C, "ingest_stats", T0, T0 + 1_000) == []
    assert store.figures(D, "data_quality", T0, T0 + 1_000) == []


def test_a_row_of_the_same_tags_and_time_is_replaced(store: TelemetryStore) -> None:
    store.put_figures(C, [a_row(correct=0.5)])
    store.put_figures(C, [a_row(correct=0.75)])
    assert [row.values for row in store.figures(C, "data_quality", T0, T0)] == [{"correct": 0.75}]


def test_a_row_may_be_about_the_whole_cooperative(store: TelemetryStore) -> None:
    store.put_figures(C, [a_row(device=""), a_row()])
    assert [dict(row.tags).get("device") for row in store.figures(C, "data_quality", T0, T0)] == [None, "d1"]


def test_none_are_none(store: TelemetryStore) -> None:
    store.put_figures(C, [])
    assert store.figures(C, "data_quality", T0, T0) == []


def test_figures_are_no_readings(store: TelemetryStore) -> None:
    store.put_figures(C, [a_row()])
    store.write(C, [a_reading(0.0)], T0)
    assert store.readings(C, "d1", T0, T0) == []
    assert len(store.latest_readings(C)) == 1


@pytest.mark.parametrize("backend", each(TELEMETRY, durable=True))
def test_they_are_there_after_opening_again(backend: Backend[TelemetryStore], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as store:
        store.put_figures(C, [a_row()])
    with closing(backend.open(tmp_path)) as store:
        assert store.figures(C, "data_quality", T0, T0) == [a_row()]
