"""Registry: what results say of themselves, and results that rest on others, which may change meanwhile."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import Conflict
from core.model.coverage import NO_SWATH, Basis, Coverage, Flight, JobBasis, Standing
from core.model.trust import BridgeTrust, Completeness, GnssTrust, Grade, NetRange, SamplingTrust, Trust
from core.registry import Registry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.contracts.samples import (
    ALL,
    DAY,
    DRONE,
    MINE,
    OTHER,
    T0,
    C,
    D,
    a_coverage,
    a_flight,
    a_job_plot,
    plot_coverage,
    reprs,
)

JOB = ("job-1", DAY)
nan = math.nan


def trust(share: float = nan) -> Trust:
    return Trust.of(
        GnssTrust(Grade.A, 0.9, 0.1, 0.0, 0.0, 0.0, 0.0, nan),
        SamplingTrust(Grade.B, nan, 1.0 / 3.0, events=True),
        BridgeTrust(Grade.A, 0.0, nan),
        Completeness(Grade.D, 10, 3, share),
    )


def save(registry: Registry, flight: Flight, coverage: Coverage, *, basis: Basis | None = None) -> None:
    window = flight.start_ms, flight.end_ms
    rows = [a_job_plot("job-1", "p1", flight.flight)] if basis else []
    registry.save_flights(flight.cooperative, flight.device, *window, [(flight, coverage)], rows=rows, basis=basis)


@pytest.mark.parametrize("known", [trust(), trust(share=0.7), None])
def test_all_that_a_result_says_of_itself_comes_back(registry: Registry, known: Trust | None) -> None:
    plots = (
        replace(plot_coverage("p2", dose_cv=1.0 / 3.0), expected=NetRange(1.0 / 3.0, 0.1, 0.7)),
        plot_coverage("p1"),
    )
    coverage = replace(
        a_coverage("f1", *plots),
        off_transit_m2=0.1,
        off_failsafe_m2=nan,
        plots_expected=NetRange(11.0, 10.0, 12.0),
        trust=known,
    )
    save(registry, a_flight("f1", 0, 60), coverage)
    assert repr(registry.coverage(C, "f1")) == repr(coverage)
    save(registry, a_flight("f1", 0, 60), coverage)
    assert len(registry.flight_history(C, "f1")) == 1


def test_a_flight_without_an_area_says_why(registry: Registry) -> None:
    coverage = replace(a_coverage("f1", net_m2=nan), no_area=NO_SWATH)
    save(registry, a_flight("f1", 0, 60), coverage)
    assert registry.coverage(C, "f1").no_area == NO_SWATH


def test_a_jobs_row_keeps_dose_and_expected_area(registry: Registry) -> None:
    row = a_job_plot("job-1", "p1", "f1", "f2")
    row = replace(row, coverage=replace(row.coverage, dose_cv=0.25, expected=NetRange(3.0, 2.0, 4.0)))
    registry.save_job_plots(C, [row])
    assert reprs(registry.job_plots(C, DAY)) == reprs([row])


def test_results_are_found_by_device_and_by_job(registry: Registry) -> None:
    both = a_coverage("b", plot_coverage("p1"), plot_coverage("p2"))
    save(registry, a_flight("b", 100, 160), both)
    save(registry, a_flight("b", 100, 160), replace(both, net_m2=1.0))
    save(registry, a_flight("a", 0, 60, device="d2"), a_coverage("a", plot_coverage("p2")))
    other = replace(a_flight("c", 200, 260), job="job-2")
    save(registry, other, a_coverage("c", plot_coverage("p1")))
    save(registry, a_flight("b", 0, 60, cooperative=D), a_coverage("b", plot_coverage("p1")))

    def names(found: list[Standing]) -> list[tuple[str, int]]:
        return [(it.flight.flight, it.version) for it in found]

    assert names(registry.device_results(C, DRONE, *ALL)) == [("b", 2), ("c", 1)]
    assert names(registry.device_results(C, DRONE, T0, T0 + 99_000)) == []
    assert names(registry.job_results(C, JOB, {"p1", "p2"})) == [("a", 1), ("b", 2)]
    assert names(registry.job_results(C, JOB, ["p1"])) == [("b", 2)]
    assert names(registry.job_results(C, ("job-1", "2000-01-01"), ["p1"])) == []
    assert names(registry.job_results(C, JOB, [])) == []
    (found,) = registry.job_results(C, JOB, ["p1"])
    assert repr((found.flight, found.coverage)) == repr((a_flight("b", 100, 160), replace(both, net_m2=1.0)))


def rests_on(**versions: int) -> Basis:
    return Basis({}, {JOB: JobBasis(frozenset(["p1"]), versions)})


def test_what_rests_on_results_that_stand_is_saved_with_its_rows(registry: Registry) -> None:
    coverage = a_coverage("a", plot_coverage("p1"))
    save(registry, a_flight("a", 0, 60, device="d2"), coverage, basis=rests_on())
    save(registry, a_flight("b", 0, 60), replace(coverage, flight="b"), basis=rests_on(a=1))
    assert [row.flights for row in registry.job_plots(C, DAY)] == [("b",)]
    mine = Basis({"b": 1}, {JOB: JobBasis(frozenset(["p1"]), {"a": 1, "b": 1})})
    save(registry, a_flight("b", 0, 60), replace(coverage, flight="b", net_m2=1.0), basis=mine)
    assert registry.coverage(C, "b").net_m2 == 1.0


@pytest.mark.parametrize(
    "basis",
    [rests_on(), rests_on(a=2), rests_on(a=1, z=1), Basis({"b": 1}, rests_on(a=1).jobs)],
    ids=["a new one", "a newer one", "one that is gone", "a replaced one that is gone"],
)
def test_what_rests_on_results_that_stand_no_more_is_not_saved(registry: Registry, basis: Basis) -> None:
    save(registry, a_flight("a", 0, 60, device="d2"), a_coverage("a", plot_coverage("p1")))
    with pytest.raises(Conflict, match=r"job-1|window|stand"):
        save(registry, a_flight("b", 0, 60), a_coverage("b", plot_coverage("p1")), basis=basis)
    assert [f.flight for f in registry.flights(C, *ALL)] == ["a"]
    assert registry.job_plots(C, DAY) == []


def test_flights_of_other_plots_jobs_and_cooperatives_are_no_part_of_it(registry: Registry) -> None:
    save(registry, a_flight("a", 0, 60, device="d2"), a_coverage("a", plot_coverage("p2")))
    save(registry, replace(a_flight("e", 0, 60, device="d3"), job="job-2"), a_coverage("e", plot_coverage("p1")))
    save(registry, a_flight("f", 0, 60, device="d2", cooperative=D), a_coverage("f", plot_coverage("p1")))
    save(registry, a_flight("b", 0, 60), a_coverage("b", plot_coverage("p1")), basis=rests_on())
    assert registry.flight(C, "b").flight == "b"


@pytest.mark.parametrize("backend", each(REGISTRIES, durable=True))
def test_of_two_that_read_the_same_and_save_at_once_one_has_to_read_again(
    backend: Backend[Registry], tmp_path: Path
) -> None:
    with closing(backend.open(tmp_path)) as registry:
        registry.add_cooperative(MINE)
        registry.add_cooperative(OTHER)
        for turn in range(6):
            standing = registry.job_results(C, JOB, ["p1"])
            basis = rests_on(**{it.flight.flight: it.version for it in standing})
            assert sorted(_at_once(registry, turn, basis)) == [False, True]
        assert len(registry.flights(C, *ALL)) == 6


def _at_once(registry: Registry, turn: int, basis: Basis) -> list[bool]:
    """Whether each of two workers could save a flight that rests on the same."""
    ready = threading.Barrier(2)

    def worker(device: str) -> bool:
        flight = a_flight(f"{device}-{turn}", turn * 100, turn * 100 + 60, device=device)
        ready.wait(30.0)
        try:
            save(registry, flight, a_coverage(flight.flight, plot_coverage("p1")), basis=basis)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(worker, ("d1", "d2")))
