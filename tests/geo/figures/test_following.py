"""Rows of flights, plots, minutes and alerts follow what is computed, in every kind of store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import RetriableError, StoreUnavailable
from core.model.context import Alert, AlertKind
from core.model.enums import Operation
from core.model.figures import Figures
from core.model.land import Device, DeviceKind
from core.rollup import RollupSink
from geo.recompute import recompute
from tests.geo.figures.conftest import ALWAYS, DRONE, HTX, JOB, MINUTE_MS, START_MS, Farm
from tests.support import rectangle

FLIGHT = "d1-20261120T030000Z"
OUTSIDE = Alert(AlertKind.OUTSIDE_PLOT, True, START_MS + 5_000, 105.7, 9.28, "", "", 3.5, 2.0, "m")
MEASUREMENTS = ("flight", "coverage", "drone_minute", "alert")


class Counting:
    """A place for rows that counts what is written to it."""

    def __init__(self, below: RollupSink) -> None:
        self.below = below
        self.written: list[Figures] = []

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        self.written += rows
        self.below.put_figures(name, rows)

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        return self.below.figures(name, measurement, start_ms, end_ms)


def everything(farm: Farm) -> dict[str, list[Figures]]:
    return {name: farm.rows(name, standing=False) for name in MEASUREMENTS}


def test_a_flight_is_told_with_all_that_is_known_of_it(farm: Farm) -> None:
    farm.measure()
    table = farm.fly()
    farm.follow()
    (row,) = farm.rows("flight")
    assert (row.ts_ms, row.tags) == (START_MS, {"device": DRONE, "operation": "spray"})
    told = row.values
    assert (told["flight"], told["job"], told["weather"], told["no_area"]) == (FLIGHT, JOB, "green", "")
    assert told["grade"] in set("ABCD")
    assert told["net_ha"] == pytest.approx(rectangle.AREA_M2 / 1e4, rel=1e-3)
    assert told["volume_l"] == pytest.approx(rectangle.VOLUME_L, rel=1e-3)
    assert told["dose_l_per_ha"] == pytest.approx(rectangle.DOSE_LPHA, rel=2e-3)
    assert told["distance_m"] == pytest.approx(rectangle.DISTANCE_M, rel=1e-3)
    assert told["hours"] == pytest.approx((int(table.ts_ms[-1]) - START_MS) / 3.6e6)
    assert (told["fixes"], told["plots"]) == (len(table), 1.0)
    assert float(told["in_buffer_l"]) > 0.0
    assert float(told["expected_low_ha"]) <= float(told["expected_net_ha"]) <= float(told["expected_high_ha"])
    assert "mass_kg" not in told, "nobody told kilograms"
    (plot,) = farm.rows("coverage")
    assert (plot.ts_ms, plot.tags["plot"]) == (int(table.ts_ms[-1]), "rect-1")
    assert plot.values["covered_pct"] == pytest.approx(100.0, abs=0.1)
    assert (plot.values["plot_name"], plot.values["flight"]) == ("Thửa chữ nhật", FLIGHT)
    west, south, east, north = farm.registry.plot(HTX, "rect-1").boundary.bounds
    assert west < float(plot.values["lon"]) < east
    assert south < float(plot.values["lat"]) < north


def test_minutes_add_up_to_the_flight(farm: Farm) -> None:
    farm.fly()
    farm.follow()
    (row,) = farm.rows("flight")
    minutes = farm.rows("drone_minute")
    assert [it.ts_ms for it in minutes] == [START_MS + k * MINUTE_MS for k in range(len(minutes))]
    assert len(minutes) == 5
    for name in ("fixes", "distance_m", "volume_l"):
        assert sum(float(it.values[name]) for it in minutes) == pytest.approx(row.values[name], rel=1e-9), name
    on_s = rectangle.LINES * rectangle.LENGTH_M / rectangle.SPEED_MPS
    assert sum(float(it.values["on_s"]) for it in minutes) == pytest.approx(on_s)
    assert {it.values["battery_pct"] for it in minutes} == {80.0}
    assert {it.values["speed_mps"] for it in minutes} == {rectangle.SPEED_MPS}


def test_a_second_time_nothing_is_written(farm: Farm) -> None:
    farm.registry.note_alert(HTX, DRONE, FLIGHT, OUTSIDE)
    farm.fly()
    done = farm.follow()
    before = everything(farm)
    counting = Counting(farm.store)
    farm.figures(counting).follow(done)
    assert counting.written == []
    assert everything(farm) == before
    assert all(before.values())


def test_late_data_replace_a_flights_rows(farm: Farm) -> None:
    farm.fly(rows=slice(0, 82))
    farm.follow()
    first = farm.rows("coverage", standing=False)
    farm.fly()
    farm.follow()
    (row,) = farm.rows("flight")
    assert row.values["net_ha"] == pytest.approx(rectangle.AREA_M2 / 1e4, rel=1e-3)
    (plot,) = farm.rows("coverage")
    assert plot.values["covered_pct"] == pytest.approx(100.0, abs=0.1)
    gone = [it for it in farm.rows("coverage", standing=False) if it.values["stands"] == 0.0]
    assert [(it.ts_ms, it.values["net_ha"], it.values["flight"]) for it in gone] == [(first[0].ts_ms, 0.0, FLIGHT)]
    assert gone[0].values["lat"] == first[0].values["lat"]


def test_flights_that_became_one_leave_no_row_that_stands(farm: Farm) -> None:
    later_ms = START_MS + 400_000
    for start_ms in (START_MS, later_ms):
        farm.fly(start_ms, slice(0, 41))
        farm.follow(start_ms, MINUTE_MS)
    assert len(farm.rows("flight")) == 2
    farm.fly(START_MS + 45_000, slice(41, None))
    farm.follow(START_MS, 500_000)
    (row,) = farm.rows("flight")
    (known,) = farm.registry.flights(HTX, *ALWAYS)
    assert (row.values["flight"], row.ts_ms) == (known.flight, known.start_ms)
    assert sum(float(it.values["net_ha"]) for it in farm.rows("flight", standing=False)) == row.values["net_ha"]
    assert len(farm.rows("coverage")) == 1
    minutes = farm.rows("drone_minute")
    assert sum(float(it.values["fixes"]) for it in minutes) == known.fixes


def test_a_flight_that_is_no_more_is_told_no_more(farm: Farm) -> None:
    farm.fly()
    done = farm.follow()
    farm.registry.save_flights(HTX, DRONE, done.start_ms, done.end_ms, [], rows=[replace(done.rows[0], flights=())])
    farm.figures().follow(replace(done, results=(), gone=tuple(it for it, _ in done.results)))
    assert [farm.rows(name) for name in MEASUREMENTS] == [[], [], [], []]
    for name in MEASUREMENTS[:3]:
        for row in farm.rows(name, standing=False):
            numbers = {k: v for k, v in row.values.items() if isinstance(v, float) and k not in {"lat", "lon"}}
            assert set(numbers.values()) == {0.0}, name


def test_another_operation_takes_the_place_of_the_first(farm: Farm) -> None:
    table = farm.fly(op=Operation.UNKNOWN)
    farm.follow()
    assert {row.tags["operation"] for row in farm.rows("drone_minute")} == {"unknown"}
    more = table.take(slice(-1, None)).with_columns(ts_ms=table.ts_ms[-1:] + 1_000, seq=500, op=Operation.SPREAD)
    farm.store.write(HTX, list(more.rows()), START_MS)
    farm.follow()
    for name in MEASUREMENTS[:3]:
        assert {row.tags["operation"] for row in farm.rows(name)} == {"spread"}, name


def test_what_is_not_known_any_more_is_nothing(farm: Farm) -> None:
    farm.fly()
    done = farm.follow()
    (flight, coverage) = done.results[0]
    bare = replace(coverage, volume_l=float("nan"), plots_expected=None, trust=None)
    farm.registry.save_flights(HTX, DRONE, done.start_ms, done.end_ms, [(flight, bare)])
    farm.figures().follow(done)
    (row,) = farm.rows("flight")
    assert (row.values["volume_l"], row.values["expected_net_ha"], row.values["grade"]) == (0.0, 0.0, "")


def test_flights_that_share_a_minute_share_its_row(farm: Farm) -> None:
    first = farm.fly(START_MS, slice(0, 20), boot="b1")
    farm.follow(START_MS, MINUTE_MS)
    second = farm.fly(START_MS + 30_000, slice(0, 20), boot="b2")
    farm.follow(START_MS + 30_000, 10_000)
    assert len(farm.rows("flight")) == 2
    (row,) = farm.rows("drone_minute")
    assert row.values["fixes"] == len(first) + len(second)
    assert row.values["lon"] == pytest.approx(float(second.lon_deg[-1]))
    counting = Counting(farm.store)
    farm.figures(counting).refresh(HTX, START_MS, START_MS + 1_000, DRONE)
    assert counting.written == [], "the first flight alone tells the whole minute, too"


def test_alerts_are_told_from_beginning_to_end(farm: Farm) -> None:
    pond = replace(OUTSIDE, kind=AlertKind.IN_BUFFER, subject="ao")
    other = replace(pond, subject="ao-2", value=float("nan"))
    for alert in (OUTSIDE, pond, other):
        farm.registry.note_alert(HTX, DRONE, FLIGHT, alert)
    farm.registry.note_alert(HTX, DRONE, FLIGHT, replace(OUTSIDE, raised=False, ts_ms=START_MS + 25_000))
    table = farm.fly()
    farm.follow()
    outside, *ponds = sorted(farm.rows("alert"), key=lambda row: row.tags["kind"], reverse=True)
    assert outside.tags == {"device": DRONE, "kind": "outside-plot"}
    told = outside.values
    assert (told["active"], told["ended_ms"], told["lasted_s"]) == (0.0, float(START_MS + 25_000), 20.0)
    assert (told["value"], told["limit"], told["unit"], told["flight"]) == (3.5, 2.0, "m", FLIGHT)
    assert [row.tags["subject"] for row in ponds] == ["ao", "ao-2"], "of one millisecond, and two rows"
    assert {row.values["ended_ms"] for row in ponds} == {float(table.ts_ms[-1])}, "they end with the flight"
    assert "value" not in ponds[1].values


def test_a_swath_that_nobody_knows_has_no_area(quick: Farm) -> None:
    quick.fly(swath_m=np.nan)
    quick.follow()
    (row,) = quick.rows("flight")
    assert row.values["no_area"] == "no-swath"
    assert not {"net_ha", "in_buffer_l", "expected_net_ha"} & row.values.keys()
    assert row.values["volume_l"] == pytest.approx(rectangle.VOLUME_L, rel=1e-3)
    assert quick.rows("coverage") == []


def test_a_context_of_an_older_flight_does_not_count(quick: Farm) -> None:
    quick.measure()
    quick.fly(rows=slice(0, 82))
    quick.follow()
    assert quick.rows("flight")[0].values["weather"] == "green"
    quick.fly()
    known = quick.registry.device_results(HTX, DRONE, *ALWAYS)
    flight = replace(known[0].flight, fixes=known[0].flight.fixes + 1)
    quick.registry.save_flights(HTX, DRONE, *ALWAYS, [(flight, known[0].coverage)])
    quick.figures().refresh(HTX, *ALWAYS)
    assert quick.rows("flight")[0].values["weather"] == ""


def test_all_drones_at_once_are_written_as_each_alone(quick: Farm) -> None:
    quick.registry.add_device(Device("d2", HTX, DeviceKind.DRONE))
    quick.fly()
    quick.follow()
    table = rectangle.flight("d2", START_MS + 3_000)
    quick.store.write(HTX, list(table.rows()), START_MS)
    recompute(quick.store, quick.registry, HTX, "d2", START_MS, START_MS + MINUTE_MS)
    assert quick.figures().refresh(HTX, START_MS + 60_000, START_MS + 61_000) == 2
    assert {row.tags["device"] for row in quick.rows("drone_minute")} == {DRONE, "d2"}
    assert len(quick.rows("drone_minute")) == 10, "flights are told whole, whatever window was asked for"
    assert quick.figures().refresh("htx-b", *ALWAYS) == 0


class Overtaken(Counting):
    """Another worker saves a result while this one is about to write, so many times."""

    def __init__(self, below: RollupSink, other: Any, times: int) -> None:
        super().__init__(below)
        self.other = other
        self.times = times

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        if self.times:
            self.times -= 1
            self.other(self.times)
        super().put_figures(name, rows)


def test_a_worker_that_was_overtaken_writes_again(quick: Farm) -> None:
    quick.fly(rows=slice(0, 82))
    done = quick.computed()

    def overtake(_times: int) -> None:
        quick.fly()
        quick.follow()

    quick.figures(Overtaken(quick.store, overtake, 1)).follow(done)
    (row,) = quick.rows("flight")
    assert row.values["net_ha"] == pytest.approx(rectangle.AREA_M2 / 1e4, rel=1e-3)
    assert len(quick.rows("coverage")) == 1


def test_one_that_is_overtaken_for_ever_says_so(quick: Farm) -> None:
    quick.fly()
    done = quick.computed()
    (flight, coverage) = done.results[0]

    def overtake(times: int) -> None:
        changed = [(flight, replace(coverage, net_m2=float(times)))]
        quick.registry.save_flights(HTX, DRONE, done.start_ms, done.end_ms, changed)

    with pytest.raises(RetriableError, match="other workers"):
        quick.figures(Overtaken(quick.store, overtake, 100)).follow(done)


def test_a_store_that_is_away_is_told(quick: Farm) -> None:
    quick.fly()
    done = quick.computed()
    quick.store.outage.left = 1  # type: ignore[attr-defined]
    with pytest.raises(StoreUnavailable):
        quick.figures().follow(done)
    quick.figures().follow(done)
    assert len(quick.rows("flight")) == 1


def test_other_cooperatives_see_nothing_of_it(farm: Farm) -> None:
    farm.fly()
    farm.follow()
    for name in MEASUREMENTS:
        assert farm.store.figures("htx-b", name, *ALWAYS) == []


def test_no_row_names_a_person(farm: Farm) -> None:
    farm.registry.note_alert(HTX, DRONE, FLIGHT, OUTSIDE)
    farm.fly()
    farm.follow()
    told = repr(everything(farm))
    assert FLIGHT in told
    assert "Nguyễn" not in told
    assert "p1" not in told
