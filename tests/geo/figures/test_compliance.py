"""Figures of compliance: right sums, what nobody knows counted apart, and withheld where the roll-up withholds."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.localtime import day_window_ms
from core.model.context import Exclusion, FlightContext, Objection, Stamp, Stamps, Verdict, Weather, Window
from core.model.enums import Operation
from core.model.figures import Figures
from core.rollup import ALL, Treated
from geo.figures.compliance import (
    FIELDS,
    FlightRules,
    Kept,
    compliance_rows,
    over_nothing,
    product_kept,
    valid_on,
    weather_kept,
)
from geo.rollups import rollups

DAY = "2026-08-01"
NAN = math.nan
FINE = FlightRules(Kept.YES, 0.0, Kept.YES, Kept.YES, Kept.YES)


def work(commune: str, farm: str, *flights: str, group: str = "fungicide") -> Treated:
    names = frozenset(flights or {f"{farm}-f"})
    return Treated(commune, Operation.SPRAY, group, DAY, farm, names, frozenset({"d1"}), 1e4, 20.0, NAN)


def by_commune(rows: list[Figures]) -> dict[str, dict[str, Any]]:
    return {row.tags["commune"]: dict(row.values) for row in rows}


def context(window: Window) -> FlightContext:
    stamp = Stamp(Weather(0, 105.7, 9.3), Verdict(window))
    return FlightContext("f", "d1", 0, 1, 1, "j", DAY, None, Stamps(stamp, stamp, stamp, stamp, 1, 0))


def test_a_commune_adds_up_its_flights_each_once() -> None:
    rows = [work("c", f"farm{k}", f"f{k}") for k in range(3)] + [work("c", "farm0", "f0", "f9", group="b")]
    rules = {
        "f0": FINE,
        "f1": FlightRules(Kept.NO, 2.5, Kept.NO, Kept.NO, Kept.NO),
        "f2": FlightRules(Kept.YES, NAN, Kept.YES, Kept.UNKNOWN, Kept.YES),
    }
    told = by_commune(compliance_rows(DAY, rows, rules))
    assert told["c"] == told[ALL]
    assert told["c"] == {
        "withheld": 0.0,
        "flights": 4.0,
        "in_window": 2.0,
        "in_bad_weather": 1.0,
        "weather_unknown": 1.0,
        "buffer_l": 2.5,
        "buffer_unknown": 2.0,
        "unregistered_product": 1.0,
        "product_unknown": 1.0,
        "without_licence": 1.0,
        "licence_unknown": 2.0,
        "unregistered_drone": 1.0,
        "drone_unknown": 1.0,
    }


def test_rows_stand_at_the_beginning_of_the_local_day_with_every_field() -> None:
    rows = compliance_rows(DAY, [work("c", "a"), work("d", "b")], {})
    assert {row.ts_ms for row in rows} == {day_window_ms(DAY)[0]}
    assert {tuple(row.values) for row in rows} == {FIELDS}
    assert {row.values["withheld"] for row in rows} == {1.0}
    assert all(value == 0.0 for row in rows for name, value in row.values.items() if name != "withheld")
    assert set(over_nothing(rows[0]).values.values()) == {0.0}
    assert compliance_rows(DAY, [], {}) == []


_work = st.builds(
    work, st.sampled_from(["c1", "c2", "c3"]), st.sampled_from("abcdefgh"), group=st.sampled_from(["x", "y"])
)


@given(st.lists(_work, min_size=1, max_size=25))
def test_what_the_roll_up_withholds_of_a_commune_is_withheld(rows: list[Treated]) -> None:
    told = by_commune(compliance_rows(DAY, rows, {}))
    cells = {it.commune: it.sums for it in rollups(rows) if it.op == ALL}
    assert told.keys() == cells.keys()
    for commune, sums in cells.items():
        assert told[commune]["withheld"] == float(sums is None)
        assert told[commune]["flights"] == (sums.flights if sums else 0.0)
    hidden = {name for name, it in told.items() if it["withheld"] and name != ALL}
    farms = {row.farm for row in rows if row.commune in hidden}
    assert told[ALL]["withheld"] or not hidden or (len(hidden) > 1 and len(farms) >= 3)


@pytest.mark.parametrize(
    ("window", "kept"),
    [(Window.GREEN, Kept.YES), (Window.AMBER, Kept.YES), (Window.RED, Kept.NO), (Window.NO_DATA, Kept.UNKNOWN)],
)
def test_weather_that_nobody_measured_is_not_fair(window: Window, kept: Kept) -> None:
    assert weather_kept(context(window)) is kept
    assert weather_kept(None) is Kept.UNKNOWN


def test_a_product_is_registered_where_a_list_has_it_and_none_bans_it() -> None:
    def against(*objections: Objection) -> Kept:
        return product_kept("p", [Exclusion("j", DAY, "t", "", "p", "75", it) for it in objections])

    assert against() is Kept.YES
    assert against(Objection.KIND_UNKNOWN) is Kept.UNKNOWN
    for it in (Objection.BANNED, Objection.BANNED_KIND, Objection.PRODUCT_UNKNOWN):
        assert against(Objection.KIND_UNKNOWN, it) is Kept.NO
    assert product_kept("", []) is Kept.UNKNOWN


def test_a_record_counts_up_to_its_last_day() -> None:
    assert [valid_on(DAY, it) for it in (DAY, "2026-07-31", "")] == [Kept.YES, Kept.NO, Kept.UNKNOWN]
