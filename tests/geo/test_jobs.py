"""What all flights of a job did to a plot together, over lines of a rectangle of 1,400 m² and 2.8 L each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pytest
from shapely import Polygon, affinity

from core.localtime import day_window_ms, local_day
from core.model.coverage import Flight, JobPlot
from core.model.enums import EventKind, Operation
from core.model.fixtable import FixTable
from core.model.fleet import Calibration, Swath, SwathSource
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Event
from geo.coverage import Parameters
from geo.jobs import job_of
from geo.recompute import recompute
from geo.registered_swath import registered_swath
from tests.support import rectangle
from tests.support.fakes import FakeRegistry, FakeTelemetryStore

HTX = "htx-a"
DAY, DAY_BEFORE = "2026-11-20", "2026-11-19"
MIDNIGHT_MS = day_window_ms(DAY)[0]
START_MS = MIDNIGHT_MS + 6 * 3_600_000
FIXES_PER_LINE = 41
LINE_M2 = rectangle.AREA_M2 / rectangle.LINES
LINE_L = rectangle.VOLUME_L / rectangle.LINES


@dataclass
class Farm:
    """A cooperative with the rectangle and two drones, and what its stores hold."""

    parameters: Parameters = field(default_factory=Parameters)
    store: FakeTelemetryStore = field(default_factory=FakeTelemetryStore)
    registry: FakeRegistry = field(default_factory=FakeRegistry)

    def __post_init__(self) -> None:
        self.registry.add_cooperative(Cooperative(HTX, "HTX"))
        self.registry.put_plot(rectangle.plot(HTX))
        self.calibrate()

    def calibrate(self, swath_m: float = math.nan) -> None:
        for device in ("d1", "d2"):
            self.registry.add_device(Device(device, HTX, DeviceKind.DRONE, swath_m=swath_m))

    def fly(self, table: FixTable, *events: Event) -> FixTable:
        self.store.write(HTX, [*table.rows(), *events], START_MS)
        return table

    def compute(self, table: FixTable) -> None:
        """Compute the flights that touch the time of some fixes."""
        start_ms, end_ms = int(table.ts_ms[0]), int(table.ts_ms[-1])
        recompute(self.store, self.registry, HTX, table.device, start_ms, end_ms, 300.0, self.parameters)

    def flown(self, table: FixTable) -> None:
        self.compute(self.fly(table))

    def rows(self, day: str = DAY) -> list[JobPlot]:
        return self.registry.job_plots(HTX, day)

    @property
    def row(self) -> JobPlot:
        (only,) = self.rows()
        return only


@pytest.fixture
def farm() -> Farm:
    return Farm()


def lines(first: int, last: int, minutes: float = 0.0, device: str = "d1", **columns: object) -> FixTable:
    """Some lines of the rectangle's flight, ``last`` excluded, the first one starting ``minutes`` after START_MS."""
    table = rectangle.flight(device, 0).take(slice(first * FIXES_PER_LINE, last * FIXES_PER_LINE))
    ts_ms = table.ts_ms - table.ts_ms[0] + START_MS + int(minutes * 60_000)
    return table.with_columns(ts_ms=ts_ms, **columns)


def exactly(area_m2: float) -> object:
    return pytest.approx(area_m2, abs=0.5)


def litres(volume_l: float) -> object:
    return pytest.approx(volume_l, rel=0.005)


def figures(row: JobPlot) -> tuple[float, float, float, float]:
    plot = row.coverage
    return plot.gross_m2, plot.net_m2, plot.overlap_m2, plot.overlap3_m2


def per_line(*counts: int) -> tuple[object, ...]:
    return tuple(exactly(n * LINE_M2) for n in counts)


def test_one_flight_is_the_job_by_itself(farm: Farm) -> None:
    farm.flown(lines(0, 6))
    assert (farm.row.job, farm.row.day, farm.row.op) == (f"{DAY}-spray", DAY, Operation.SPRAY)
    assert farm.row.flights == ("d1-20261119T230000Z",)
    assert figures(farm.row) == per_line(6, 6, 0, 0)
    assert farm.row.coverage.volume_l == litres(rectangle.VOLUME_L)


def test_after_a_refill_what_both_flights_treated_counts_once(farm: Farm) -> None:
    """Lines 1 to 3, a refill, lines 3 to 6: the third is treated twice."""
    first = lines(0, 3)
    farm.fly(first, Event("d1", int(first.ts_ms[-1]) + 1_000, EventKind.REFILL))
    farm.fly(lines(2, 6, minutes=3.5))
    farm.compute(first)
    before = farm.row
    farm.compute(lines(2, 6, minutes=3.5))
    assert [len(row.flights) for row in (before, farm.row)] == [1, 2]
    assert figures(farm.row) == per_line(7, 6, 1, 0)
    assert farm.row.coverage.missed_m2 == exactly(0.0)
    assert farm.row.coverage.volume_l == litres(7 * LINE_L)
    assert farm.row.coverage.name == "Thửa chữ nhật"


def test_a_second_drone_counts_with_the_first(farm: Farm) -> None:
    farm.flown(lines(0, 3))
    farm.flown(lines(2, 6, minutes=20))
    farm.flown(lines(2, 3, minutes=1, device="d2"))
    assert [f[:2] for f in farm.row.flights] == ["d1", "d2", "d1"]
    assert figures(farm.row) == per_line(8, 6, 1, 1)
    assert farm.row.coverage.volume_l == litres(8 * LINE_L)


def test_the_order_of_the_computations_does_not_matter() -> None:
    tables = [lines(0, 3), lines(2, 6, minutes=20), lines(2, 3, minutes=1, device="d2")]
    rows: set[str] = set()
    for order in ((0, 1, 2), (2, 0, 1), (1, 2, 0)):
        farm = Farm()
        for k in order:
            farm.flown(tables[k])
        rows.add(repr(farm.rows()))
    assert len(rows) == 1


def test_a_switch_of_one_drone_does_not_cut_the_strips_of_another(farm: Farm) -> None:
    table = lines(0, 3)
    off = Event("d2", int(table.ts_ms[10]) + 500, EventKind.OFF)
    farm.fly(lines(3, 6, device="d2"), off)
    farm.flown(table)
    farm.compute(lines(3, 6, device="d2"))
    assert farm.row.coverage.net_m2 == exactly(rectangle.AREA_M2 - 2.5 * rectangle.SWATH_M)


def test_the_payloads_job_comes_before_day_and_operation(farm: Farm) -> None:
    farm.flown(lines(0, 3, job="J-7"))
    farm.flown(lines(2, 6, minutes=20, job="J-7"))
    farm.flown(lines(0, 1, minutes=40))
    farm.flown(lines(0, 2, minutes=60, op=int(Operation.SOW)))
    assert [r.job for r in farm.rows()] == [f"{DAY}-sow", f"{DAY}-spray", "J-7"]
    assert [figures(r) for r in farm.rows()] == [per_line(2, 2, 0, 0), per_line(1, 1, 0, 0), per_line(7, 6, 1, 0)]
    assert [r.op for r in farm.rows()] == [Operation.SOW, Operation.SPRAY, Operation.SPRAY]


def test_a_job_that_goes_on_tomorrow_has_a_row_for_each_day(farm: Farm) -> None:
    farm.flown(lines(0, 3, job="J-7"))
    farm.flown(lines(2, 6, minutes=-24 * 60, job="J-7"))
    assert figures(farm.row) == per_line(3, 3, 0, 0)
    (yesterday,) = farm.rows(DAY_BEFORE)
    assert (yesterday.job, figures(yesterday)) == ("J-7", per_line(4, 4, 0, 0))


def test_a_flight_belongs_to_the_local_date_of_its_start(farm: Farm) -> None:
    """06:00 in Asia/Ho_Chi_Minh is 23:00 UTC of the day before; a flight over local midnight began yesterday."""
    farm.flown(lines(0, 1))
    assert farm.rows(DAY_BEFORE) == []
    farm.flown(lines(1, 3, minutes=-6 * 60 - 1))
    farm.flown(lines(5, 6, minutes=-6 * 60 + 30))
    (yesterday,) = farm.rows(DAY_BEFORE)
    assert (yesterday.job, figures(yesterday)) == (f"{DAY_BEFORE}-spray", per_line(2, 2, 0, 0))
    assert figures(farm.row) == per_line(2, 2, 0, 0)


@pytest.mark.parametrize(
    ("start_ms", "op", "job", "expected"),
    [
        (MIDNIGHT_MS, Operation.SPREAD, "", (f"{DAY}-spread", DAY)),
        (MIDNIGHT_MS - 1, Operation.SPRAY, "", (f"{DAY_BEFORE}-spray", DAY_BEFORE)),
        (MIDNIGHT_MS, Operation.UNKNOWN, "", (f"{DAY}-unknown", DAY)),
        (MIDNIGHT_MS - 1, Operation.SOW, "J-7", ("J-7", DAY_BEFORE)),
    ],
)
def test_the_job_of_a_flight(start_ms: int, op: Operation, job: str, expected: tuple[str, str]) -> None:
    assert job_of(Flight("f", HTX, "d1", start_ms, start_ms + 1, 2, op, job)) == expected


def test_each_plot_has_a_row_over_the_flights_that_touched_it(farm: Farm) -> None:
    lower, whole = rectangle.plot(HTX, "rect-1", lines=3), rectangle.plot(HTX, "rect-2")
    upper = whole.boundary.difference(lower.boundary)
    assert isinstance(upper, Polygon)
    farm.registry.put_plot(replace(lower, valid_from_ms=1))
    farm.registry.put_plot(replace(whole, boundary=upper))
    farm.flown(lines(0, 6))
    farm.flown(lines(4, 5, minutes=20))
    first, second = farm.rows()
    assert (first.coverage.plot, len(first.flights), figures(first)) == ("rect-1", 1, per_line(3, 3, 0, 0))
    assert (second.coverage.plot, len(second.flights), figures(second)) == ("rect-2", 2, per_line(4, 3, 1, 0))


def test_a_flight_that_disappears_takes_its_part_along_and_the_last_one_the_row(farm: Farm) -> None:
    first, second = lines(0, 3), lines(2, 6, minutes=20, device="d2")
    farm.flown(first)
    farm.flown(second)
    farm.store = FakeTelemetryStore()
    farm.fly(first)
    farm.compute(second)
    assert (len(farm.row.flights), figures(farm.row)) == (1, per_line(3, 3, 0, 0))
    farm.store = FakeTelemetryStore()
    farm.compute(first)
    assert farm.rows() == []


def test_late_fixes_that_name_another_job_move_the_flight_to_it(farm: Farm) -> None:
    farm.flown(lines(0, 1, job="J-1"))
    assert farm.row.job == "J-1"
    late = rectangle.flight("d1", START_MS).with_columns(job="J-2").take(slice(FIXES_PER_LINE, None))
    farm.flown(late)
    assert (farm.row.job, figures(farm.row)) == ("J-2", per_line(6, 6, 0, 0))


def test_a_chosen_default_swath_comes_before_the_devices_for_the_job_too() -> None:
    farm = Farm(Parameters(default_swath_m=rectangle.SWATH_M))
    farm.calibrate(3.0)
    farm.flown(lines(0, 3, swath_m=math.nan))
    farm.flown(lines(2, 6, minutes=20, swath_m=math.nan))
    assert figures(farm.row) == per_line(7, 6, 1, 0)


@pytest.mark.parametrize("untold", [math.nan, 0.0])
def test_each_drones_own_swath_stands_in_where_its_fixes_tell_none(farm: Farm, untold: float) -> None:
    farm.registry.add_device(Device("d1", HTX, DeviceKind.DRONE, swath_m=rectangle.SWATH_M))
    farm.registry.add_device(Device("d2", HTX, DeviceKind.DRONE, swath_m=3.0))
    farm.flown(lines(0, 3, swath_m=untold))
    farm.flown(lines(5, 6, minutes=20, device="d2", swath_m=untold))
    assert farm.row.coverage.net_m2 == exactly(3 * LINE_M2 + 3.0 * rectangle.LENGTH_M)


def test_drones_that_nobody_registered_count_by_what_their_fixes_tell(farm: Farm) -> None:
    farm.flown(lines(0, 3, device="d8"))
    farm.flown(lines(2, 6, device="d9"))
    assert figures(farm.row) == per_line(7, 6, 1, 0)


def test_a_plot_whose_new_boundary_no_flight_touches_leaves_the_job(farm: Farm) -> None:
    """Three flights over the plot, its boundary is corrected to lie elsewhere, and one flight is computed again."""
    tables = [lines(2 * k, 2 * k + 2, minutes=20 * k) for k in range(3)]
    for table in tables:
        farm.flown(table)
    plot = rectangle.plot(HTX)
    moved = affinity.translate(plot.boundary, yoff=0.1)
    farm.registry.put_plot(replace(plot, boundary=moved, valid_from_ms=1))
    farm.compute(tables[0])
    assert farm.rows() == []


def test_a_boundary_that_changes_after_the_flights_does_not_change_them(farm: Farm) -> None:
    tables = [lines(0, 3), lines(2, 6, minutes=20)]
    for table in tables:
        farm.flown(table)
    before = farm.row
    plot, later_ms = rectangle.plot(HTX), int(tables[1].ts_ms[-1]) + 1
    moved = affinity.translate(plot.boundary, yoff=0.1)
    farm.registry.put_plot(replace(plot, boundary=moved, valid_from_ms=later_ms))
    for table in tables:
        farm.compute(table)
    assert repr(farm.row) == repr(before)


def test_a_job_has_the_boundary_of_when_the_last_of_its_flights_began(farm: Farm) -> None:
    """Between the two flights the plot becomes its lower half: the row is of that half, over both flights."""
    first, second = lines(0, 3), lines(2, 6, minutes=20)
    farm.flown(first)
    half = rectangle.plot(HTX, lines=3)
    farm.registry.put_plot(replace(half, valid_from_ms=int(second.ts_ms[0]) - 60_000))
    farm.flown(second)
    assert len(farm.row.flights) == 2
    assert farm.row.coverage.area_m2 == exactly(half_m2 := 3 * LINE_M2)
    assert farm.row.coverage.net_m2 == exactly(half_m2)


def test_a_row_tells_the_dose_and_the_net_area_expected_over_all_its_flights(farm: Farm) -> None:
    """Lines 1 to 3 and 3 to 6: the third got twice the dose of the others, by hand 1/6 of the ground."""
    farm.flown(lines(0, 3))
    alone = farm.row.coverage
    farm.flown(lines(2, 6, minutes=20))
    both = farm.row.coverage
    assert alone.dose_cv == pytest.approx(0.0, abs=0.02)
    mean, square = (5 * 1.0 + 2.0) / 6.0, (5 * 1.0 + 4.0) / 6.0
    assert both.dose_cv == pytest.approx(math.sqrt(square / mean**2 - 1.0), abs=0.02)
    assert alone.expected is not None
    assert both.expected is not None
    assert alone.expected.net_low_m2 <= alone.expected.net_expected_m2 <= alone.expected.net_high_m2
    assert both.expected.net_expected_m2 > 1.5 * alone.expected.net_expected_m2


def test_the_last_calibration_up_to_the_day_counts_before_the_usual_width() -> None:
    """A drone that tells no swath: 7 m by its description, 6.5 m as measured, 5 m by what is measured later."""
    farm = Farm()
    flight = Flight("f", HTX, "d1", START_MS, START_MS + 60_000, 2, Operation.SPRAY)
    farm.registry.add_device(Device("d1", HTX, DeviceKind.DRONE, swath_m=7.0))
    assert registered_swath(farm.registry, flight) == Swath(7.0, SwathSource.MODEL)
    day = date.fromisoformat(local_day(START_MS))
    for name, days, swath_m, op in (
        ("old", -60, 6.0, 1),
        ("last", -1, 6.5, 1),
        ("later", 1, 5.0, 1),
        ("sown", 0, 4.0, 3),
    ):
        on = (day + timedelta(days)).isoformat()
        farm.registry.put(Calibration(name, HTX, "d1", Operation(op), on, swath_m))
    assert registered_swath(farm.registry, flight) == Swath(6.5, SwathSource.CALIBRATION)
    farm.registry.retire(Calibration, HTX, "last")
    assert registered_swath(farm.registry, flight).swath_m == 6.0
    farm.registry.retire(Device, HTX, "d1")
    assert registered_swath(farm.registry, flight).swath_m == 6.0
    assert registered_swath(farm.registry, replace(flight, device="d9")).source is SwathSource.UNKNOWN
