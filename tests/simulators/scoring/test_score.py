"""Telemetry against truth: without an error there is none, and an error has its size and its sign."""

from __future__ import annotations

import math

import numpy as np
import pytest
from shapely import box

from core.model.enums import EventKind, Operation
from core.model.fixtable import FixTable
from core.model.land import DeviceKind
from core.model.samples import Event
from core.model.traffic import Run, Sending, Stream
from simulators.scoring.comparison import PlotScore
from simulators.scoring.figures import JobKey
from simulators.scoring.score import Score, score
from simulators.scoring.told import arrived
from tests.simulators.scoring.ground import COOPERATIVE, START_MS, field, plot, run, telemetry, truth, worked_lines

LINES, LENGTH_M, SWATH_M = 6, 200.0, 7.0
FIELD = field(LINES, LENGTH_M, SWATH_M)
TRUTH = truth(*worked_lines(LINES, LENGTH_M, SWATH_M))


def only(result: Score) -> PlotScore:
    (one,) = result.plots
    return one


def with_sending(sending: Sending, fixes: FixTable) -> Run:
    return Run(
        "test",
        1,
        START_MS,
        (Stream("d1", DeviceKind.DRONE, fixes, cooperative=COOPERATIVE, sending=sending),),
        plots=(FIELD,),
    )


def test_telemetry_of_the_same_geometry_has_no_error() -> None:
    result = score(run(*telemetry(LINES, LENGTH_M, SWATH_M), [FIELD]), TRUTH)
    plot = only(result)
    for error_m2 in (plot.net_error_m2, plot.overlap_error_m2, plot.missed_error_m2, plot.gross_error_m2):
        assert abs(error_m2) < 1e-4 * plot.area_m2
    assert abs(plot.amount_error_pct) < 0.01
    assert abs(plot.dose_error_pct) < 0.01
    assert result.flights == 1


def test_a_shifted_telemetry_has_the_shifts_error_with_its_sign() -> None:
    result = score(run(*telemetry(LINES, LENGTH_M, SWATH_M, shift_m=1.0), [FIELD]), TRUTH)
    plot = only(result)
    assert plot.net_error_m2 == pytest.approx(-200.0, abs=0.1), "the pipeline sees a metre less of the field"
    assert plot.missed_error_m2 == pytest.approx(200.0, abs=0.1)
    assert plot.of_plot_pct(plot.net_error_m2) == pytest.approx(-100.0 / 42.0, rel=1e-3)
    (job,) = result.jobs
    assert job.off_target_error_m2 == pytest.approx(200.0, abs=0.1)
    assert plot.amount_error_pct == pytest.approx(-100.0 / 42.0, rel=1e-3)
    assert plot.dose_error_pct == pytest.approx(0.0, abs=1e-3), "less volume on as much less area"


def test_a_true_track_that_gapes_where_the_log_does_not_is_an_error_upwards() -> None:
    strips, litres = worked_lines(LINES, LENGTH_M, SWATH_M)
    strips[2] = (strips[2][0] + [0.0, 1.5], strips[2][1] + [0.0, 1.5])
    plot = only(score(run(*telemetry(LINES, LENGTH_M, SWATH_M), [FIELD]), truth(strips, litres)))
    assert plot.net_error_m2 == pytest.approx(300.0, abs=0.1)
    assert plot.overlap_error_m2 == pytest.approx(-300.0, abs=0.1)


def test_a_flow_meter_that_reads_high_errs_upwards() -> None:
    plot = only(score(run(*telemetry(LINES, LENGTH_M, SWATH_M, flow_factor=1.03), [FIELD]), TRUTH))
    assert plot.amount_error_pct == pytest.approx(3.0, abs=0.01)
    assert plot.dose_error_pct == pytest.approx(3.0, abs=0.01)


def test_kilograms_are_compared_with_kilograms() -> None:
    strips, amounts = worked_lines(LINES, LENGTH_M, SWATH_M, dose_lpha=120.0)
    fixes, events = telemetry(LINES, LENGTH_M, SWATH_M)
    rate = np.where(fixes.on, 120.0 * 5.0 * SWATH_M * 0.006, 0.0)
    spread = fixes.with_columns(op=Operation.SPREAD, flow_lpm=math.nan, rate_kgpm=rate)
    result = score(run(spread, events, [FIELD]), truth(strips, amounts, op=Operation.SPREAD))
    assert only(result).amount_error_pct == pytest.approx(0.0, abs=0.01)
    assert result.true.dose_kgpha == pytest.approx(120.0, rel=1e-4)
    assert math.isnan(result.true.dose_lpha)


def test_what_did_not_arrive_is_missing_and_what_came_twice_counts_once() -> None:
    fixes, _ = telemetry(LINES, LENGTH_M, SWATH_M)
    n = len(fixes)
    half = n // 2
    due = np.full(3, START_MS, np.int64)
    twice = Sending(due, np.array([0, 0, half]), np.array([half, half, n]))
    lost = Sending(due[:1], np.array([0]), np.array([half]))
    assert only(score(with_sending(twice, fixes), TRUTH)).net_error_m2 == pytest.approx(0.0, abs=0.5)
    assert only(score(with_sending(lost, fixes), TRUTH)).net_error_m2 == pytest.approx(-4_200.0, rel=0.01)


def test_events_cut_where_they_say_whichever_stream_they_come_in() -> None:
    fixes, events = telemetry(LINES, LENGTH_M, SWATH_M)
    last = int(np.flatnonzero(fixes.on)[-1])
    off = [Event("d1", int(fixes.ts_ms[last]) + 100, EventKind.OFF, "b1")]
    streams = [Stream("d1", DeviceKind.DRONE, part, cooperative=COOPERATIVE) for part in (fixes, off, events)]
    told = Run("test", 1, START_MS, tuple(streams), plots=(FIELD,))
    assert only(score(told, TRUTH)).net_error_m2 == pytest.approx(-3.5, abs=0.05), "half a metre of seven"


def test_the_order_of_arrival_is_that_of_the_messages() -> None:
    sending = Sending(np.array([1, 2, 3]), np.array([4, 0, 2]), np.array([6, 2, 4]))
    assert arrived(sending, 6).tolist() == [4, 5, 0, 1, 2, 3]
    assert arrived(None, 3).tolist() == [0, 1, 2]


def test_a_drone_that_tells_nothing_is_an_error_of_all_that_it_did() -> None:
    silent = Run("test", 1, START_MS, (), plots=(FIELD,))
    result = score(silent, TRUTH)
    assert only(result).net_error_m2 == pytest.approx(-8_400.0, rel=1e-4)
    assert only(result).amount_error_pct == pytest.approx(-100.0)
    assert math.isnan(only(result).dose_error_pct)


def test_an_invented_flight_is_an_error_upwards() -> None:
    result = score(run(*telemetry(LINES, LENGTH_M, SWATH_M), [FIELD]), truth([]))
    assert only(result).net_error_m2 == pytest.approx(8_400.0, rel=1e-4)
    assert math.isnan(only(result).amount_error_pct), "a share of nothing"


def test_a_plot_that_a_neighbours_strip_grazes_stands_apart() -> None:
    beside = plot(box(0.0, 41.5, 200.0, 80.0), "beside")
    inner = plot(box(0.0, 0.0, 200.0, 41.5), "inner")
    result = score(run(*telemetry(LINES, LENGTH_M, SWATH_M, shift_m=0.2), [inner, beside]), TRUTH)
    assert [p.true.plot for p in result.plots] == ["inner"]
    assert [p.true.plot for p in result.grazed] == ["beside"]
    assert result.spread(lambda p: p.net_error_m2).plots == 1
    assert result.true.plots_m2 == pytest.approx(200.0 * 41.5, rel=1e-4)
    assert result.true.grazed_m2 == pytest.approx(100.0, abs=0.1)
    assert result.told.grazed_m2 == pytest.approx(140.0, abs=0.1)
    sums = result.true
    assert sums.volume_l + sums.grazed_volume_l + sums.off_target_volume_l == pytest.approx(16.8, rel=1e-6)


def test_the_worst_error_is_the_farthest_from_nothing_with_its_sign() -> None:
    west, east = plot(box(0.0, 0.0, 200.0, 21.0), "south"), plot(box(0.0, 21.0, 200.0, 42.0), "north")
    strips, litres = worked_lines(LINES, LENGTH_M, SWATH_M)
    told = telemetry(LINES, LENGTH_M, SWATH_M, shift_m=-2.0)
    spread = score(run(*told, [west, east]), truth(strips, litres)).spread(lambda p: p.net_error_m2)
    assert spread.worst_plot == "north"
    assert spread.worst == pytest.approx(-400.0, abs=0.2)
    assert spread.median == pytest.approx(-200.0, abs=0.2)
    assert spread.median_abs == pytest.approx(200.0, abs=0.2)


def test_jobs_are_scored_apart() -> None:
    fixes, events = telemetry(LINES, LENGTH_M, SWATH_M)
    again = fixes.with_columns(ts_ms=fixes.ts_ms + 7_200_000, job="j2", boot="b2")
    strips, litres = worked_lines(LINES, LENGTH_M, SWATH_M)
    both = truth(strips * 2, litres * 2, job=["j1"] * LINES + ["j2"] * LINES)
    result = score(run(FixTable.concat([fixes, again]), events, [FIELD]), both)
    assert [job.key for job in result.jobs] == [JobKey(COOPERATIVE, "j1"), JobKey(COOPERATIVE, "j2")]
    assert all(abs(p.net_error_m2) < 0.5 and p.told.overlap_m2 < 0.5 for p in result.plots)
    assert result.flights == 2


def test_flights_without_a_job_are_known_by_day_and_operation() -> None:
    fixes, events = telemetry(LINES, LENGTH_M, SWATH_M, job="")
    result = score(run(fixes, events, [FIELD]), truth(*worked_lines(LINES, LENGTH_M, SWATH_M), job=""))
    assert [job.key.job for job in result.jobs] == ["2026-01-01-spray"]
    assert only(result).net_error_m2 == pytest.approx(0.0, abs=0.5)


def test_plots_of_a_file_take_the_place_of_the_runs_own() -> None:
    half = plot(box(0.0, 0.0, 100.0, 42.0), "half", cooperative="")
    result = score(run(*telemetry(LINES, LENGTH_M, SWATH_M), [FIELD]), TRUTH, [half])
    assert only(result).true.net_m2 == pytest.approx(4_200.0, rel=1e-4)
    assert result.true.off_target_m2 == pytest.approx(4_200.0, rel=1e-4)


def test_the_registered_swath_holds_where_a_fix_tells_none() -> None:
    fixes, events = telemetry(LINES, LENGTH_M, SWATH_M)
    bare = fixes.with_columns(swath_m=math.nan)
    assert only(score(run(bare, events, [FIELD]), TRUTH)).net_error_m2 == pytest.approx(0.0, abs=0.5)
