"""What is kept in the telemetry file beside that which is read back through the port."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.samples import Fix, Reading, Section
from core.ports import Sample, WriteResult
from storage.telemetry.rows import pack_sections, unpack_sections
from storage.telemetry.sqlite import SqliteTelemetry

_any = st.floats()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTelemetry]:
    with closing(SqliteTelemetry(tmp_path / "telemetry.sqlite")) as it:
        yield it


def a_fix(**known: object) -> Fix:
    return Fix(**({"device": "d1", "ts_ms": 1, "lat_deg": 9.0, "lon_deg": 105.0} | known))  # type: ignore[arg-type]


def query(tmp_path: Path, text: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(tmp_path / "telemetry.sqlite")) as connection:
        return connection.execute(text).fetchall()


def test_a_conflict_is_kept_whole_beside_the_first(store: SqliteTelemetry, tmp_path: Path) -> None:
    store.write("htx", [a_fix(), a_fix(job="j2"), a_fix(job="j2"), a_fix(job="j3")], 7)
    kept = query(tmp_path, 'SELECT "table", "key", content, received_ms FROM conflicts ORDER BY content')
    assert [(row[0], row[1], row[3]) for row in kept] == [("fixes", "('htx', 'd1', 1, -1, '')", 7)] * 2
    assert ["j2" in str(kept[0][2]), "j3" in str(kept[1][2])] == [True, True]


def test_conflicts_of_two_cooperatives_are_two(store: SqliteTelemetry, tmp_path: Path) -> None:
    for cooperative in ("a", "b"):
        assert store.write(cooperative, [a_fix(), a_fix(job="j2")], 0) == WriteResult(stored=1, conflicts=1)
    assert query(tmp_path, "SELECT count(*) FROM conflicts") == [(2,)]


def test_a_whole_number_says_the_same_as_its_double(store: SqliteTelemetry) -> None:
    store.write("htx", [a_fix(height_m=3.0), Reading("s1", 1, "level", 4.0)], 0)
    again: list[Sample] = [a_fix(height_m=3, lat_deg=9), Reading("s1", 1, "level", 4)]
    assert store.write("htx", again, 0) == WriteResult(duplicates=2)


def test_nan_is_null_in_the_file(store: SqliteTelemetry, tmp_path: Path) -> None:
    store.write("htx", [a_fix(), Reading("s1", 1, "level", math.nan)], 0)
    assert query(tmp_path, "SELECT height_m, lat_deg FROM fixes") == [(None, 9.0)]
    assert query(tmp_path, "SELECT value FROM readings") == [(None,)]


def test_infinity_comes_back(store: SqliteTelemetry) -> None:
    fix = a_fix(height_m=math.inf, hdop=-math.inf, sections=(Section(math.inf, math.nan, True, -math.inf),))
    store.write("htx", [fix], 0)
    assert repr(store.latest_fixes("htx")) == repr([fix])


def test_the_time_of_reception_is_that_of_the_first(store: SqliteTelemetry, tmp_path: Path) -> None:
    for received_ms in (5, 6):
        store.write("htx", [a_fix()], received_ms)
    assert query(tmp_path, "SELECT received_ms FROM fixes") == [(5,)]


def test_even_an_empty_name_is_found(store: SqliteTelemetry) -> None:
    store.write("htx", [a_fix(device=""), Reading("", 1, "", 4.0)], 0)
    assert [fix.device for fix in store.latest_fixes("htx")] == [""]
    assert store.latest_readings("htx") == store.readings("htx", "", 0, 9) == [Reading("", 1, "", 4.0)]


@given(st.lists(st.builds(Section, _any, _any, st.booleans(), _any)).map(tuple))
def test_sections_survive_packing(sections: tuple[Section, ...]) -> None:
    assert repr(unpack_sections(pack_sections(sections))) == repr(sections)


def test_no_sections_take_no_room() -> None:
    assert pack_sections(()) == ""
    assert unpack_sections("") == ()
