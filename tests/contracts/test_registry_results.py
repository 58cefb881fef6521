"""Registry: flights and their coverage, and what jobs did to plots."""

from __future__ import annotations

import math
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import NotFound
from core.model.coverage import Coverage, Flight, PlotCoverage, Window
from core.registry import Registry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.contracts.samples import (
    ALL,
    DAY,
    DRONE,
    MINE,
    NOBODY,
    T0,
    C,
    D,
    a_coverage,
    a_flight,
    a_job_plot,
    plot_coverage,
    reprs,
)


def save(registry: Registry, *flights: Flight, window: tuple[int, int] | None = None) -> None:
    """Save flights of one device, by default over the window that they fill."""
    start, end = window or (min(f.start_ms for f in flights), max(f.end_ms for f in flights))
    results = [(f, a_coverage(f.flight)) for f in flights]
    registry.save_flights(flights[0].cooperative, flights[0].device, start, end, results)


def known(registry: Registry, cooperative: str = C) -> list[str]:
    return [f.flight for f in registry.flights(cooperative, *ALL)]


def at(second: int) -> int:
    return T0 + second * 1_000


def test_a_flight_and_its_coverage_come_back_to_the_last_bit(registry: Registry) -> None:
    flight = a_flight("f1", 0, 60)
    coverage = a_coverage("f1", plot_coverage("p2"), plot_coverage("p1", volume_l=1 / 3, mass_kg=math.nan, name=""))
    registry.save_flights(C, DRONE, at(0), at(60), [(flight, coverage)])
    assert registry.flight(C, "f1") == flight
    assert repr(registry.coverage(C, "f1")) == repr(coverage)
    assert type(registry.coverage(C, "f1").fixes) is int


def test_any_figure_may_be_nan(registry: Registry) -> None:
    nan = math.nan
    coverage = a_coverage("f1", PlotCoverage("p1", nan, nan, nan, nan, nan, nan), net_m2=nan)
    registry.save_flights(C, DRONE, at(0), at(60), [(a_flight("f1", 0, 60), coverage)])
    assert repr(registry.coverage(C, "f1")) == repr(coverage)


def test_a_coverage_may_touch_no_plot_and_reject_nothing(registry: Registry) -> None:
    save(registry, a_flight("f1", 0, 60))
    assert registry.coverage(C, "f1").plots == ()
    assert registry.coverage(C, "f1").rejected == {"no-fix": 3, "null-island": 1}


def test_flights_are_listed_newest_first(registry: Registry) -> None:
    save(registry, a_flight("a", 0, 60), a_flight("c", 200, 260))
    save(registry, a_flight("b", 100, 160, device="d2"))
    assert known(registry) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("window", "found"),
    [
        ((0, 300), ["b", "a"]),
        ((60, 100), ["b", "a"]),
        ((61, 99), []),
        ((130, 140), ["b"]),
        ((-9, 0), ["a"]),
        ((160, 999), ["b"]),
        ((161, 999), []),
    ],
)
def test_flights_are_found_where_they_touch_the_window(
    registry: Registry, window: tuple[int, int], found: list[str]
) -> None:
    save(registry, a_flight("a", 0, 60), a_flight("b", 100, 160))
    assert [f.flight for f in registry.flights(C, at(window[0]), at(window[1]))] == found


def test_saving_again_replaces_flight_and_coverage(registry: Registry) -> None:
    flight = a_flight("f1", 0, 60)
    several = a_coverage("f1", *[plot_coverage(f"p{n}") for n in range(3)])
    registry.save_flights(C, DRONE, at(0), at(60), [(flight, several)])
    fewer = a_coverage("f1", plot_coverage("p9"), net_m2=1.0)
    registry.save_flights(C, DRONE, at(0), at(60), [(a_flight("f1", 0, 90), fewer)])
    assert known(registry) == ["f1"]
    assert registry.flight(C, "f1").end_ms == at(90)
    assert repr(registry.coverage(C, "f1")) == repr(fewer)


def test_a_flight_that_was_known_elsewhere_in_time_is_known_once(registry: Registry) -> None:
    save(registry, a_flight("f1", 0, 60))
    save(registry, a_flight("f1", 500, 560))
    assert known(registry) == ["f1"]
    assert registry.flight(C, "f1").start_ms == at(500)


def test_one_flight_may_become_two_and_two_one(registry: Registry) -> None:
    save(registry, a_flight("whole", 0, 160))
    save(registry, a_flight("first", 0, 60), a_flight("second", 100, 160))
    assert known(registry) == ["second", "first"]
    save(registry, a_flight("whole", 0, 160))
    assert known(registry) == ["whole"]
    with pytest.raises(NotFound):
        registry.coverage(C, "first")


@pytest.mark.parametrize(
    ("window", "left"),
    [
        ((100, 160), ["new", "after", "before"]),
        ((60, 100), ["new", "after"]),
        ((160, 200), ["new", "before"]),
        ((61, 99), ["new", "after", "middle", "before"]),
    ],
    ids=["its-own", "border-before", "border-after", "between"],
)
def test_results_replace_only_what_touches_the_window(
    registry: Registry, window: tuple[int, int], left: list[str]
) -> None:
    save(registry, a_flight("before", 0, 60), a_flight("middle", 100, 160), a_flight("after", 200, 260))
    save(registry, a_flight("new", 900, 910), window=(at(window[0]), at(window[1])))
    assert known(registry) == left


def test_no_results_clear_the_window(registry: Registry) -> None:
    save(registry, a_flight("before", 0, 60), a_flight("middle", 100, 160))
    registry.save_flights(C, DRONE, at(90), at(170), [])
    assert known(registry) == ["before"]


def test_other_devices_and_cooperatives_keep_their_flights(registry: Registry) -> None:
    save(registry, a_flight("mine", 0, 60))
    save(registry, a_flight("colleague", 0, 60, device="d2"))
    save(registry, a_flight("theirs", 0, 60, cooperative=D))
    registry.save_flights(C, DRONE, *ALL, [])
    assert known(registry) == ["colleague"]
    assert known(registry, D) == ["theirs"]


def test_what_a_result_replaces_stays_in_the_history(registry: Registry) -> None:
    first, second = a_flight("f1", 0, 60), a_flight("f1", 0, 90)
    results = [(first, a_coverage("f1", plot_coverage("p1"))), (second, a_coverage("f1", plot_coverage("p2")))]
    for result in (results[0], results[0], results[1], results[1]):
        registry.save_flights(C, DRONE, at(0), at(90), [result])
    assert repr(registry.flight_history(C, "f1")) == repr(results)
    registry.save_flights(C, DRONE, at(0), at(90), [])
    with pytest.raises(NotFound, match="f1"):
        registry.flight(C, "f1")
    assert repr(registry.flight_history(C, "f1")) == repr(results)
    registry.save_flights(C, DRONE, at(0), at(60), [results[0]])
    assert repr(registry.flight_history(C, "f1")) == repr([*results, results[0]])
    assert repr(registry.coverage(C, "f1")) == repr(results[0][1])
    for cooperative, flight in ((D, "f1"), (C, "f2")):
        with pytest.raises(NotFound):
            registry.flight_history(cooperative, flight)


def test_two_cooperatives_may_name_their_flights_alike(registry: Registry) -> None:
    registry.save_flights(C, DRONE, at(0), at(60), [(a_flight("f1", 0, 60), a_coverage("f1", net_m2=1.0))])
    theirs = a_flight("f1", 0, 90, cooperative=D)
    registry.save_flights(D, DRONE, at(0), at(90), [(theirs, a_coverage("f1", plot_coverage(), net_m2=2.0))])
    assert [registry.coverage(c, "f1").net_m2 for c in (C, D)] == [1.0, 2.0]
    assert [len(registry.coverage(c, "f1").plots) for c in (C, D)] == [0, 1]
    assert registry.flight(D, "f1") == theirs


def test_results_are_saved_all_or_none(registry: Registry) -> None:
    """A name that no UTF-8 file can hold stands for whatever may go wrong half way; some registries take even that."""
    save(registry, a_flight("old", 0, 60))
    results: list[tuple[Flight, Coverage]] = [
        (a_flight("new", 0, 30), a_coverage("new")),
        (a_flight("worse", 40, 60), a_coverage("worse", plot_coverage("\ud800"))),
    ]
    try:
        registry.save_flights(C, DRONE, at(0), at(60), results)
        expected = ["worse", "new"]
    except ValueError:
        expected = ["old"]
    assert known(registry) == expected


def test_what_a_job_did_is_read_by_day_job_and_plot(registry: Registry) -> None:
    rows = [
        a_job_plot("job-2", "p1", "f3"),
        a_job_plot("job-1", "p2", "f2", "f1", volume_l=12.5, mass_kg=math.nan),
        a_job_plot("job-1", "p1", "f1"),
    ]
    registry.save_job_plots(C, [*rows, a_job_plot("job-1", "p1", "f9", day="2025-11-25")])
    assert reprs(registry.job_plots(C, DAY)) == reprs(reversed(rows))
    assert [r.flights for r in registry.job_plots(C, "2025-11-25")] == [("f9",)]
    assert registry.job_plots(C, "2025-11-26") == []


def test_what_jobs_did_is_read_over_days_too(registry: Registry) -> None:
    days = ("2025-11-23", "2025-11-25", "2025-11-24", "2025-11-26")
    rows = {day: a_job_plot("job-1", "p1", "f1", day=day) for day in days}
    registry.save_job_plots(C, list(rows.values()))
    found = registry.job_plots(C, "2025-11-24", "2025-11-25")
    assert reprs(found) == reprs([rows["2025-11-24"], rows["2025-11-25"]])
    assert registry.job_plots(C, "2025-11-25", "2025-11-24") == []


def test_a_jobs_plot_again_replaces_that_plot_only(registry: Registry) -> None:
    registry.save_job_plots(C, [a_job_plot("job-1", "p1"), a_job_plot("job-1", "p2")])
    newer = a_job_plot("job-1", "p1", "f1", "f2", volume_l=3.0)
    registry.save_job_plots(C, [newer])
    assert reprs(registry.job_plots(C, DAY)) == reprs([newer, a_job_plot("job-1", "p2")])


def test_a_row_without_flights_takes_away_what_was_known(registry: Registry) -> None:
    registry.save_job_plots(C, [a_job_plot("job-1", "p1"), a_job_plot("job-1", "p2")])
    untouched = [type(row)(row.job, row.day, row.op, (), row.coverage) for row in registry.job_plots(C, DAY)]
    registry.save_job_plots(C, untouched[:1])
    assert [r.coverage.plot for r in registry.job_plots(C, DAY)] == ["p2"]
    registry.save_job_plots(C, untouched)
    assert registry.job_plots(C, DAY) == []


def test_jobs_belong_to_their_cooperative(registry: Registry) -> None:
    registry.save_job_plots(C, [a_job_plot("job-1", "p1", "mine")])
    registry.save_job_plots(D, [a_job_plot("job-1", "p1", "theirs")])
    assert [r.flights for r in registry.job_plots(C, DAY)] == [("mine",)]
    assert [r.flights for r in registry.job_plots(D, DAY)] == [("theirs",)]
    assert registry.job_plots(NOBODY, DAY) == []


def test_what_does_not_exist_is_not_found(registry: Registry) -> None:
    save(registry, a_flight("theirs", 0, 60, cooperative=D))
    with pytest.raises(NotFound, match="theirs"):
        registry.flight(C, "theirs")
    with pytest.raises(NotFound, match="theirs"):
        registry.coverage(C, "theirs")
    with pytest.raises(NotFound, match=NOBODY):
        save(registry, a_flight("f1", 0, 60, cooperative=NOBODY))
    with pytest.raises(NotFound, match=NOBODY):
        registry.save_job_plots(NOBODY, [a_job_plot()])
    assert registry.flights(NOBODY, *ALL) == []


@pytest.mark.parametrize("backend", each(REGISTRIES, durable=True))
def test_results_are_there_after_opening_again(backend: Backend[Registry], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as registry:
        registry.add_cooperative(MINE)
        registry.save_flights(C, DRONE, *ALL, [(a_flight("f1", 0, 60), a_coverage("f1", plot_coverage()))])
        registry.save_job_plots(C, [a_job_plot()])
    with closing(backend.open(tmp_path)) as registry:
        assert known(registry) == ["f1"]
        assert repr(registry.coverage(C, "f1")) == repr(a_coverage("f1", plot_coverage()))
        assert reprs(registry.job_plots(C, DAY)) == reprs([a_job_plot()])


def window(*flights: Flight, net_m2: float = 1.0) -> Window:
    """What stands in the window that some flights of a device fill."""
    results = tuple((f, a_coverage(f.flight, plot_coverage("p1"), net_m2=net_m2)) for f in flights)
    span = min(f.start_ms for f in flights), max(f.end_ms for f in flights)
    return Window(flights[0].device, *span, results)


def test_many_windows_at_once_are_what_they_are_one_by_one(registry: Registry) -> None:
    save(registry, a_flight("old", 100, 160), a_flight("stays", 400, 460))
    windows = [
        window(a_flight("f1", 0, 60), a_flight("f2", 30, 90)),
        window(a_flight("new", 150, 200)),
        window(a_flight("f3", 300, 330)),
    ]
    row = a_job_plot("J-1")
    registry.save_windows(C, windows, [row])
    assert sorted(known(registry)) == ["f1", "f2", "f3", "new", "stays"]
    for it in windows:
        for flight, coverage in it.results:
            assert registry.flight(C, flight.flight) == flight
            assert repr(registry.coverage(C, flight.flight)) == repr(coverage)
    assert reprs(registry.job_plots(C, row.day)) == reprs([row])


def test_windows_make_versions_of_what_says_anything_new_only(registry: Registry) -> None:
    flight = a_flight("f1", 0, 60)
    for net_m2 in (1.0, 1.0, 2.0):
        registry.save_windows(C, [window(flight, net_m2=net_m2)])
    assert [c.net_m2 for _, c in registry.flight_history(C, "f1")] == [1.0, 2.0]
    moved = a_flight("f1", 1_000, 1_060)
    registry.save_windows(C, [window(moved)])
    assert [f.start_ms for f, _ in registry.flight_history(C, "f1")] == [flight.start_ms] * 2 + [moved.start_ms]
    assert known(registry) == ["f1"]


def test_windows_of_an_unknown_cooperative_are_refused(registry: Registry) -> None:
    with pytest.raises(NotFound):
        registry.save_windows(NOBODY, [window(a_flight("f1", 0, 60))])
    registry.save_windows(C, [])
    assert known(registry) == []
