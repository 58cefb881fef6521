"""From a window of a device to results in the registry, on fakes, over a rectangle whose area is known exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from shapely import affinity

from core.errors import StoreUnavailable
from core.localtime import day_window_ms
from core.model.coverage import NO_SWATH, Coverage, Flight
from core.model.enums import EventKind, FixQuality, Mode, Operation
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind, Plot
from core.model.ledger import Account
from core.model.samples import Event
from geo.coverage import Parameters
from geo.evidence import input_hash
from geo.flightarea import with_known_completeness
from geo.recompute import recompute
from tests.support import rectangle
from tests.support.fakes import FakeRegistry, FakeTelemetryStore

HTX, OTHER, DRONE = "htx-a", "htx-b", "d1"
START_MS = day_window_ms("2026-11-20")[0] + 6 * 3_600_000
MIDNIGHT_UTC_MS = 1_795_132_800_000
ALWAYS = (-(2**62), 2**62)
FIXES_PER_LINE = 41
LINE_M2 = rectangle.AREA_M2 / rectangle.LINES


@dataclass
class Farm:
    """Stores of two cooperatives; the first has the rectangle and a drone whose swath is not known."""

    store: FakeTelemetryStore = field(default_factory=FakeTelemetryStore)
    registry: FakeRegistry = field(default_factory=FakeRegistry)

    def __post_init__(self) -> None:
        for cooperative in (HTX, OTHER):
            self.registry.add_cooperative(Cooperative(cooperative, cooperative))
            self.registry.put_plot(rectangle.plot(cooperative))
        self.calibrate(math.nan)

    def calibrate(self, swath_m: float) -> None:
        self.registry.add_device(Device(DRONE, HTX, DeviceKind.DRONE, swath_m=swath_m))

    def fly(self, table: FixTable, *events: Event, cooperative: str = HTX) -> FixTable:
        self.store.write(cooperative, [*table.rows(), *events], START_MS)
        return table

    def compute(
        self, start_ms: int, end_ms: int, *, gap_s: float = 300.0, cooperative: str = HTX, **chosen: float
    ) -> list[tuple[Flight, Coverage]]:
        parameters = Parameters(**chosen) if chosen else None  # type: ignore[arg-type]
        done = recompute(self.store, self.registry, cooperative, DRONE, start_ms, end_ms, gap_s, parameters)
        return list(done.results)

    def known(self, cooperative: str = HTX) -> list[Flight]:
        return sorted(self.registry.flights(cooperative, *ALWAYS), key=lambda f: f.start_ms)

    def net_m2(self) -> list[float]:
        return [self.registry.coverage(HTX, f.flight).net_m2 for f in self.known()]

    def everything(self, cooperative: str = HTX) -> str:
        """All that the registry holds of results, in a form that compares (NaN equals NaN)."""
        flights = self.known(cooperative)
        figures = [self.registry.coverage(cooperative, f.flight) for f in flights]
        jobs = [self.registry.job_plots(cooperative, day) for day in ("2026-11-19", "2026-11-20")]
        return repr((flights, figures, jobs))


@pytest.fixture
def farm() -> Farm:
    return Farm()


def span(table: FixTable) -> tuple[int, int]:
    return int(table.ts_ms[0]), int(table.ts_ms[-1])


def lines(table: FixTable, first: int, last: int) -> FixTable:
    """The fixes of some lines of the rectangle's flight, ``last`` excluded."""
    return table.take(slice(first * FIXES_PER_LINE, last * FIXES_PER_LINE))


def exactly(area_m2: float) -> object:
    return pytest.approx(area_m2, abs=0.5)


def test_a_closed_window_becomes_one_flight_with_the_exact_area(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    ((flight, coverage),) = farm.compute(*span(table))
    assert flight == Flight(
        "d1-20261119T230000Z", HTX, DRONE, *span(table), fixes=len(table), op=Operation.SPRAY, job=""
    )
    (plot,) = coverage.plots
    assert (plot.plot, plot.net_m2, plot.missed_m2) == ("rect-1", exactly(rectangle.AREA_M2), exactly(0.0))
    assert coverage.off_target_m2 == exactly(0.0)
    assert plot.volume_l == pytest.approx(rectangle.VOLUME_L, rel=0.005)
    assert farm.known() == [flight]
    assert repr(farm.registry.coverage(HTX, flight.flight)) == repr(coverage)


@pytest.mark.parametrize("gap_s", [5.0, 300.0])
@pytest.mark.parametrize(("first", "last"), [(0, 0), (100, 101), (245, 500), (-200, 1), (60, 180)])
def test_a_window_that_touches_a_part_computes_the_whole_flight(
    farm: Farm, first: int, last: int, gap_s: float
) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    ((flight, coverage),) = farm.compute(START_MS + first * 1_000, START_MS + last * 1_000, gap_s=gap_s)
    assert (flight.start_ms, flight.end_ms) == span(table)
    assert coverage.net_m2 == exactly(rectangle.AREA_M2)


def test_a_flight_over_midnight_utc_stays_whole(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, MIDNIGHT_UTC_MS - 100_000))
    ((flight, coverage),) = farm.compute(MIDNIGHT_UTC_MS, MIDNIGHT_UTC_MS + 1_000)
    assert (flight.flight, flight.fixes) == ("d1-20261119T235820Z", len(table))
    assert coverage.net_m2 == exactly(rectangle.AREA_M2)


def test_only_the_flights_that_touch_the_window_are_computed(farm: Farm) -> None:
    tables = [farm.fly(rectangle.flight(DRONE, START_MS + k * 600_000, lines=k + 1)) for k in range(3)]
    ((flight, _),) = farm.compute(*span(tables[1]))
    assert (flight.start_ms, flight.end_ms) == span(tables[1])
    assert farm.known() == [flight]


def test_late_fixes_join_two_flights_and_the_two_are_forgotten(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS)
    farm.fly(lines(table, 0, 2))
    farm.fly(lines(table, 3, 6))
    farm.compute(*span(table), gap_s=30.0)
    assert farm.net_m2() == [exactly(2 * LINE_M2), exactly(3 * LINE_M2)]
    late = farm.fly(lines(table, 2, 3))
    farm.compute(*span(late), gap_s=30.0)
    assert farm.net_m2() == [exactly(rectangle.AREA_M2)]
    (row,) = farm.registry.job_plots(HTX, "2026-11-20")
    assert row.flights == tuple(f.flight for f in farm.known())


def test_a_late_landing_splits_a_flight_and_the_whole_is_forgotten(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    ((whole, _),) = farm.compute(*span(table))
    at_ms = int(table.ts_ms[2 * FIXES_PER_LINE - 1])
    farm.fly(FixTable.empty(DRONE), Event(DRONE, at_ms, EventKind.LANDING))
    results = farm.compute(at_ms, at_ms)
    assert [f for f, _ in results] == farm.known()
    assert [f.end_ms for f in farm.known()] == [at_ms, whole.end_ms]
    assert farm.net_m2() == [exactly(2 * LINE_M2), exactly(4 * LINE_M2)]
    (row,) = farm.registry.job_plots(HTX, "2026-11-20")
    assert (len(row.flights), row.coverage.net_m2) == (2, exactly(rectangle.AREA_M2))


def test_known_results_that_reach_out_of_the_window_widen_it(farm: Farm) -> None:
    """What is known spans two flights of the store, the window touches the second only."""
    table = rectangle.flight(DRONE, START_MS)
    whole = Farm(registry=farm.registry)
    whole.compute(*span(whole.fly(table)))
    farm.fly(lines(table, 0, 2))
    last = farm.fly(lines(table, 4, 6))
    assert len(farm.compute(*span(last), gap_s=30.0)) == 2
    assert farm.net_m2() == [exactly(2 * LINE_M2), exactly(2 * LINE_M2)]


def test_doing_it_again_or_where_nothing_is_changes_nothing(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    first = repr(farm.compute(*span(table)))
    before = farm.everything()
    assert repr(farm.compute(START_MS + 50_000, START_MS + 60_000)) == first
    assert farm.everything() == before
    assert farm.compute(START_MS + 7_200_000, START_MS + 7_300_000) == []
    assert farm.everything() == before


def test_the_devices_swath_stands_in_where_fixes_tell_none(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS).with_columns(swath_m=math.nan))
    farm.calibrate(rectangle.SWATH_M)
    ((_, coverage),) = farm.compute(*span(table))
    assert coverage.net_m2 == exactly(rectangle.AREA_M2)


def test_a_fixs_own_swath_and_a_chosen_default_come_before_the_devices(farm: Farm) -> None:
    farm.calibrate(3.0)
    farm.fly(rectangle.flight(DRONE, START_MS))
    untold = farm.fly(rectangle.flight(DRONE, START_MS + 600_000).with_columns(swath_m=math.nan))
    farm.compute(START_MS, span(untold)[1], default_swath_m=5.0)
    assert farm.net_m2() == [exactly(rectangle.AREA_M2), exactly(rectangle.AREA_M2 / 7.0 * 5.0)]


def test_a_flight_without_any_swath_is_listed_with_the_reason(farm: Farm) -> None:
    """Its neighbour in the window has its area; once the swath is known, so has it."""
    table = farm.fly(rectangle.flight(DRONE, START_MS).with_columns(swath_m=math.nan))
    told = farm.fly(rectangle.flight(DRONE, START_MS + 600_000))
    (_, unknown), (_, known) = farm.compute(*span(table), gap_s=30.0) + farm.compute(*span(told), gap_s=30.0)
    assert (unknown.no_area, unknown.plots, known.no_area) == (NO_SWATH, (), "")
    assert (math.isnan(unknown.net_m2), known.net_m2) == (True, exactly(rectangle.AREA_M2))
    assert unknown.volume_l == pytest.approx(rectangle.VOLUME_L, rel=0.005)
    assert (unknown.fixes, unknown.input_hash) == (len(table), input_hash([table], ()))
    assert len(farm.known()) == 2
    (row,) = farm.registry.job_plots(HTX, "2026-11-20")
    assert len(row.flights) == 1
    farm.calibrate(rectangle.SWATH_M)
    ((flight, coverage),) = farm.compute(*span(table), gap_s=30.0)
    assert (coverage.no_area, coverage.net_m2) == ("", exactly(rectangle.AREA_M2))
    (row,) = farm.registry.job_plots(HTX, "2026-11-20")
    assert flight.flight in row.flights


def test_a_flight_counts_on_the_boundary_of_its_time(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    half = replace(rectangle.plot(HTX, lines=3), valid_from_ms=span(table)[1] + 1)
    farm.registry.put_plot(half)
    ((_, coverage),) = farm.compute(*span(table))
    assert coverage.plots[0].area_m2 == exactly(rectangle.AREA_M2)
    farm.registry.put_plot(replace(half, name="đã sửa", valid_from_ms=span(table)[0]))
    ((_, coverage),) = farm.compute(*span(table))
    assert coverage.plots[0].area_m2 == exactly(3 * LINE_M2)
    assert coverage.off_target_m2 == exactly(3 * LINE_M2)


def test_what_was_treated_on_the_way_home_is_told_apart(farm: Farm) -> None:
    """The first lines as work, the last line on the way home beside a plot that ends before it."""
    farm.registry.put_plot(replace(rectangle.plot(HTX, lines=4), valid_from_ms=1))
    table = rectangle.flight(DRONE, START_MS)
    mode = np.where(np.arange(len(table)) >= 5 * FIXES_PER_LINE, Mode.RTL, Mode.AUTO)
    farm.fly(table.with_columns(mode=mode))
    ((_, coverage),) = farm.compute(*span(table))
    assert coverage.off_target_m2 == exactly(2 * LINE_M2)
    assert coverage.off_transit_m2 == exactly(LINE_M2)
    assert coverage.off_failsafe_m2 == 0.0


@dataclass
class Ledger:
    """Tells one page for every question, and keeps what it was asked."""

    page: Account
    asked: list[tuple[str, str, int, int]] = field(default_factory=list)

    def of(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Account]:
        self.asked.append((cooperative, device, start_ms, end_ms))
        return [self.page]

    def close(self) -> None:
        pass


def test_a_result_says_how_far_it_can_be_trusted(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS)
    table = farm.fly(table.with_columns(seq=np.arange(len(table)), boot=["b1"] * len(table)))
    ((flight, alone),) = farm.compute(*span(table))
    assert alone.trust is not None
    assert math.isnan(alone.trust.completeness.share)
    assert alone.plots_expected is not None
    assert alone.plots[0].expected is not None
    assert alone.plots_expected.net_low_m2 <= alone.plots_expected.net_high_m2
    ledger = Ledger(Account(cooperative=HTX, device=DRONE, boot="b1", runs=[[0, 99], [110, len(table) - 1]]))
    done = recompute(farm.store, farm.registry, HTX, DRONE, *span(table), accounts=ledger)
    assert ledger.asked == [(HTX, DRONE, *span(table))]
    ((_, known),) = done.results
    assert known.trust is not None
    assert known.trust.completeness.missing == 10
    assert repr(farm.registry.coverage(HTX, flight.flight)) == repr(known)
    assert repr(with_known_completeness(alone, known)) == repr(known)
    other = replace(alone, input_hash="00")
    assert with_known_completeness(other, known) is other


def test_a_device_that_nobody_registered_is_computed_from_what_its_fixes_tell(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS), cooperative=OTHER)
    ((flight, coverage),) = farm.compute(*span(table), cooperative=OTHER)
    assert flight.cooperative == OTHER
    assert coverage.net_m2 == exactly(rectangle.AREA_M2)


def _moved(plot: Plot, name: str, degrees: float) -> Plot:
    return replace(plot, plot=name, boundary=affinity.translate(plot.boundary, yoff=degrees))


def test_plots_are_looked_up_by_the_box_of_the_flight(farm: Farm) -> None:
    """With every plot listed that is looked at: the neighbour is, one a kilometre away is not."""
    for name, degrees in (("near", 0.0008), ("far", 0.01)):
        farm.registry.put_plot(_moved(rectangle.plot(HTX), name, degrees))
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    ((_, coverage),) = farm.compute(*span(table), keep_untouched=True)
    assert {p.plot: p.net_m2 for p in coverage.plots} == {"rect-1": exactly(rectangle.AREA_M2), "near": 0.0}
    ((_, coverage),) = farm.compute(*span(table))
    assert [p.plot for p in coverage.plots] == ["rect-1"]


def test_a_stray_position_does_not_widen_the_look_up(farm: Farm) -> None:
    farm.registry.put_plot(_moved(rectangle.plot(HTX), "far", 0.01))
    table = rectangle.flight(DRONE, START_MS)
    lat_deg = table.lat_deg.copy()
    lat_deg[50] += 0.01
    farm.fly(table.with_columns(lat_deg=lat_deg))
    ((_, coverage),) = farm.compute(*span(table), keep_untouched=True)
    assert [p.plot for p in coverage.plots] == ["rect-1"]
    assert coverage.rejected == {"jump": 1}


def test_a_flight_without_a_usable_fix_has_no_area(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS).with_columns(quality=int(FixQuality.NONE)))
    ((flight, coverage),) = farm.compute(*span(table))
    assert (flight.fixes, coverage.fixes, coverage.net_m2, coverage.plots) == (len(table), 0, 0.0, ())
    assert coverage.rejected == {"no-fix": len(table)}
    assert farm.registry.job_plots(HTX, "2026-11-20") == []


def test_a_window_without_fixes_removes_what_was_known_of_it(farm: Farm) -> None:
    farm.fly(rectangle.flight(DRONE, START_MS))
    later = farm.fly(rectangle.flight(DRONE, START_MS + 3_600_000))
    farm.compute(START_MS, span(later)[1])
    emptied = Farm(registry=farm.registry)
    assert emptied.compute(START_MS + 1_000, START_MS + 2_000) == []
    assert [f.start_ms for f in farm.known()] == [span(later)[0]]
    assert emptied.compute(*span(later)) == []
    assert farm.known() == []
    assert farm.registry.job_plots(HTX, "2026-11-20") == []


def test_cooperatives_are_apart(farm: Farm) -> None:
    """The same device name, the same hour: neither sees the other's fixes, plots or results."""
    whole = farm.fly(rectangle.flight(DRONE, START_MS))
    farm.fly(rectangle.flight(DRONE, START_MS, lines=2), cooperative=OTHER)
    farm.compute(*span(whole))
    before = farm.everything()
    assert farm.known(OTHER) == []
    ((flight, coverage),) = farm.compute(*span(whole), cooperative=OTHER)
    assert (flight.cooperative, coverage.net_m2) == (OTHER, exactly(2 * LINE_M2))
    assert farm.everything() == before


def test_operation_and_job_are_what_most_fixes_say(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS)
    row = np.arange(len(table))
    op = np.where(row < 200, Operation.SPREAD, Operation.SOW)
    op[~table.on] = Operation.SPRAY
    op[:90] = Operation.UNKNOWN
    jobs = ["" if k < 150 else "J-1" if k < 210 else "J-2" for k in row.tolist()]
    farm.fly(table.with_columns(op=op, job=jobs))
    ((flight, _),) = farm.compute(*span(table))
    assert (flight.op, flight.job) == (Operation.SPREAD, "J-1")


@pytest.mark.parametrize(("told", "expected"), [(Operation.SOW, Operation.SOW), (Operation.UNKNOWN, Operation.UNKNOWN)])
def test_where_the_implement_was_never_on_all_fixes_say_the_operation(
    farm: Farm, told: Operation, expected: Operation
) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS).with_columns(on=False, op=int(told)))
    ((flight, coverage),) = farm.compute(*span(table))
    assert (flight.op, flight.job, coverage.net_m2) == (expected, "", 0.0)


def test_a_switch_between_two_fixes_cuts_the_flight_that_it_belongs_to(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS)
    off = Event(DRONE, int(table.ts_ms[20]) + 500, EventKind.OFF, "b1")
    farm.fly(table, off, Event(DRONE, off.ts_ms - 400_000, EventKind.OFF, "b1"))
    ((_, coverage),) = farm.compute(*span(table))
    assert coverage.net_m2 == exactly(rectangle.AREA_M2 - 2.5 * rectangle.SWATH_M)


def test_a_store_that_is_away_is_told_and_leaves_the_registry_as_it_was(farm: Farm) -> None:
    table = farm.fly(rectangle.flight(DRONE, START_MS))
    for outage in (farm.store.outage, farm.registry.outage):
        outage.left = 1
        with pytest.raises(StoreUnavailable):
            farm.compute(*span(table))
        assert farm.known() == []
    assert len(farm.compute(*span(table))) == 1


def test_a_job_that_a_hostile_device_names_is_one_that_every_database_takes(farm: Farm) -> None:
    table = rectangle.flight(DRONE, START_MS)
    farm.fly(table.with_columns(job=["đợt\0 1\x1b[31m"] * len(table)))
    ((flight, _),) = farm.compute(*span(table))
    assert flight.job == "đợt 1[31m"
