"""Minutes of flights: they add up to what the sprayed area is computed from, and each step counts once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from core.model.coverage import Flight
from core.model.enums import EventKind, Operation
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.cleaning import clean
from geo.figures.drone_minute import Flown, minute_rows
from geo.totals import treated
from tests.support import rectangle

START_MS = 1_795_143_600_000
MINUTE_MS = 60_000
ALWAYS = (0, 2**42)


def flown(table: FixTable, *events: Event, flight: str = "f1", op: Operation = Operation.SPRAY) -> Flown:
    told = Flight(flight, "htx", "d1", int(table.ts_ms[0]), int(table.ts_ms[-1]), len(table), op)
    return Flown(told, table, events)


def total(rows: Sequence[Figures], name: str) -> float:
    return math.fsum(float(it.values.get(name, 0.0)) for it in rows)


def test_each_row_is_a_minute_of_a_drone() -> None:
    rows = minute_rows([flown(rectangle.flight("d1", START_MS + 30_500))], ALWAYS)
    assert [it.ts_ms for it in rows] == [START_MS + k * MINUTE_MS for k in range(len(rows))]
    assert {tuple(it.tags.items()) for it in rows} == {(("device", "d1"), ("operation", "spray"))}
    assert {it.measurement for it in rows} == {"drone_minute"}
    assert rows[0].values["fixes"] == 30.0
    assert rows[0].values["on_s"] == 30.0


def test_only_minutes_of_the_window_are_told() -> None:
    one = flown(rectangle.flight("d1", START_MS))
    rows = minute_rows([one], (START_MS + MINUTE_MS, START_MS + 2 * MINUTE_MS - 1))
    assert [it.ts_ms for it in rows] == [START_MS + MINUTE_MS]
    assert rows[0] == minute_rows([one], ALWAYS)[1]


def test_litres_of_sections_and_kilograms_count_as_in_the_area() -> None:
    table = rectangle.flight("d1", START_MS)
    table = table.with_columns(flow_lpm=np.nan, rate_kgpm=np.where(table.on, 6.0, 0.0))
    rows = minute_rows([flown(table)], ALWAYS)
    assert total(rows, "mass_kg") == pytest.approx(treated(table).mass_kg, rel=1e-9)
    assert all("volume_l" not in it.values for it in rows), "nobody told litres"


def test_an_exact_switch_counts() -> None:
    table = rectangle.flight("d1", START_MS, lines=1)
    off = Event("d1", START_MS + 10_500, EventKind.OFF)
    cut = total(minute_rows([flown(table, off)], ALWAYS), "on_s")
    assert cut == pytest.approx(total(minute_rows([flown(table)], ALWAYS), "on_s") - 0.5)


def test_a_gap_that_cannot_be_bridged_is_not_treated() -> None:
    table = rectangle.flight("d1", START_MS)
    table = table.with_columns(ts_ms=table.ts_ms + np.where(np.arange(len(table)) > 20, 100_000, 0))
    rows = minute_rows([flown(table)], ALWAYS)
    assert total(rows, "on_s") == pytest.approx(239.0)
    assert [it.ts_ms for it in rows][:2] == [START_MS, START_MS + 2 * MINUTE_MS]


def test_no_metre_is_counted_across_a_jump() -> None:
    table = rectangle.flight("d1", START_MS)
    away = table.with_columns(lat_deg=table.lat_deg + np.where(np.arange(len(table)) > 100, 0.05, 0.0))
    cleaned = clean(away)
    assert cleaned.breaks.any()
    assert total(minute_rows([flown(away)], ALWAYS), "distance_m") == pytest.approx(cleaned.distance_m)


def test_the_last_values_of_a_minute_are_told() -> None:
    table = rectangle.flight("d1", START_MS)
    n = np.arange(len(table))
    table = table.with_columns(battery_pct=100.0 - n, tank_l=np.where(n % 7 == 0, 10.0 - n / 100.0, np.nan))
    first = minute_rows([flown(table)], ALWAYS)[0]
    rows = table.ts_ms < START_MS + MINUTE_MS
    assert first.values["battery_pct"] == table.battery_pct[rows][-1]
    assert first.values["tank_l"] == table.tank_l[rows & (n % 7 == 0)][-1]
    assert (first.values["lat"], first.values["lon"]) == (table.lat_deg[rows][-1], table.lon_deg[rows][-1])
    assert "tank_kg" not in first.values


def test_a_drone_that_hovers_does_not_slow_its_mean() -> None:
    table = rectangle.flight("d1", START_MS, lines=1)
    slow = table.with_columns(speed_mps=np.where(np.arange(len(table)) < 20, 0.2, 6.0))
    assert minute_rows([flown(slow)], ALWAYS)[0].values["speed_mps"] == pytest.approx(6.0)
    still = table.with_columns(speed_mps=0.0)
    assert "speed_mps" not in minute_rows([flown(still)], ALWAYS)[0].values
    silent = table.with_columns(speed_mps=np.nan)
    assert minute_rows([flown(silent)], ALWAYS)[0].values["speed_mps"] == pytest.approx(5.0, rel=1e-3)


def test_flights_of_a_minute_are_one_row_for_each_operation() -> None:
    table = rectangle.flight("d1", START_MS, lines=1)
    first, second = flown(table.take(slice(0, 15))), flown(table.take(slice(20, 40)), flight="f2")
    (row,) = minute_rows([second, first], ALWAYS)
    assert row.values["fixes"] == 35.0
    assert row.values["on_s"] == pytest.approx(14.0 + 19.0)
    sown = replace(second, flight=replace(second.flight, op=Operation.SOW))
    assert [it.tags["operation"] for it in minute_rows([first, sown], ALWAYS)] == ["sow", "spray"]


def test_a_part_that_tells_nothing_takes_nothing_away() -> None:
    table = rectangle.flight("d1", START_MS, lines=1)
    first = flown(table.take(slice(0, 15)).with_columns(battery_pct=50.0))
    second = flown(table.take(slice(20, 40)).with_columns(flow_lpm=np.nan), flight="f2")
    (row,) = minute_rows([first, second], ALWAYS)
    (alone,) = minute_rows([first], ALWAYS)
    assert (row.values["battery_pct"], row.values["volume_l"]) == (50.0, alone.values["volume_l"])


def test_without_a_usable_fix_there_is_no_minute() -> None:
    table = rectangle.flight("d1", START_MS).with_columns(lat_deg=np.nan)
    assert minute_rows([flown(table)], ALWAYS) == []
    assert minute_rows([], ALWAYS) == []
    one = rectangle.flight("d1", START_MS).take(slice(0, 1))
    assert minute_rows([flown(one)], ALWAYS)[0].values["fixes"] == 1.0
