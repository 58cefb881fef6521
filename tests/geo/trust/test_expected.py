"""The expected net area and its interval, on strips whose answer is known, and on a simulated day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely import box

from bench.tolerance import Case, day, summary
from core.model.enums import FixQuality, Mode
from core.model.fixtable import FixTable
from geo.cleaning import clean
from geo.engines.model import Fields
from geo.parameters import Parameters
from geo.passes import treated_steps
from geo.projection import LocalPlane
from geo.trust.expected import Expected, expected
from geo.trust.sections import Sections
from geo.trust.strips import sections_of
from geo.trust.tolerance import Tolerance

PLANE = LocalPlane.around(105.7, 9.3)
STILL = Tolerance(draws=3, slow_sd_m=dict.fromkeys(FixQuality, 0.0), bridge_off=0.0, sampling=False)
LINES, LENGTH_M, SWATH_M = 4, 100.0, 7.0


def lines(quality: FixQuality = FixQuality.SINGLE, mode: Mode = Mode.AUTO) -> FixTable:
    """Four parallel lines to the north, edge to edge, with the implement off between them."""
    y = np.arange(0.0, LENGTH_M + 0.5)
    x = np.concatenate([np.full(len(y), SWATH_M * (k + 0.5)) for k in range(LINES)])
    along = np.concatenate([y if k % 2 == 0 else y[::-1] for k in range(LINES)])
    ts = np.concatenate([np.arange(len(y)) * 200 + k * 40_000 for k in range(LINES)])
    on = np.tile(np.arange(len(y)) < len(y) - 1, LINES)
    lon, lat = PLANE.lonlat(x, along)
    return FixTable.build(ts, lat, lon, on=on, swath_m=SWATH_M, quality=int(quality), mode=int(mode), boot="b")


def told(table: FixTable, tolerance: Tolerance, seed: int = 1, margin_m: float = 0.0) -> Expected:
    """What is expected of a plot around the lines."""
    cleaned = clean(table)
    x, y = PLANE.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
    steps = treated_steps(cleaned, x, y, Parameters())
    sections = sections_of(cleaned, steps, Parameters(), (), tolerance)
    plot = box(-margin_m, -margin_m, LINES * SWATH_M + margin_m, LENGTH_M + margin_m)
    return expected(Sections.concat([sections]), Fields.of([plot]), seed, tolerance)


def test_without_errors_the_expected_area_is_the_strips_and_the_interval_is_nothing() -> None:
    found = told(lines(), STILL).plot(0)
    assert found.net_expected_m2 == pytest.approx(LINES * SWATH_M * LENGTH_M, abs=0.1)
    assert found.net_high_m2 - found.net_low_m2 == pytest.approx(0.0, abs=0.01)


def test_an_autopilots_perfect_lines_gape_in_truth_by_what_the_receiver_errs() -> None:
    area = LINES * SWATH_M * LENGTH_M
    single = told(lines(FixQuality.SINGLE), Tolerance()).plot(0)
    rtk = told(lines(FixQuality.RTK), Tolerance()).plot(0)
    assert 0.85 * area < single.net_expected_m2 < 0.985 * area
    assert single.net_low_m2 < single.net_expected_m2 < single.net_high_m2 <= area
    assert rtk.net_expected_m2 > 0.99 * area
    assert rtk.net_high_m2 - rtk.net_low_m2 < (single.net_high_m2 - single.net_low_m2) / 5.0


def test_a_persons_log_is_given_back_what_drawn_errors_take_and_an_untold_one_reaches_over_both() -> None:
    auto = told(lines(mode=Mode.AUTO), Tolerance(), margin_m=5.0).plot(0)
    manual = told(lines(mode=Mode.MANUAL), Tolerance(), margin_m=5.0).plot(0)
    unknown = told(lines(mode=Mode.UNKNOWN), Tolerance(), margin_m=5.0).plot(0)
    assert manual.net_expected_m2 > auto.net_expected_m2
    assert unknown.net_expected_m2 == pytest.approx(auto.net_expected_m2)
    assert unknown.net_low_m2 == pytest.approx(auto.net_low_m2)
    assert unknown.net_high_m2 == pytest.approx(manual.net_high_m2)


def test_noise_left_in_a_persons_log_widens_the_interval_by_its_share_of_the_error() -> None:
    """0.9 cm beside 1.7 cm with RTK; nothing beside a metre."""
    widths = {}
    for quality in (FixQuality.RTK, FixQuality.SINGLE):
        for left_m in (0.0, 0.009):
            tolerance = Tolerance(draws=8, slow_sd_unsure=0.0, manual_left_m=left_m)
            found = told(lines(quality, Mode.MANUAL), tolerance, margin_m=5.0).plot(0)
            widths[quality, left_m] = found.net_high_m2 - found.net_low_m2
    rtk, single = (widths[q, 0.009] / widths[q, 0.0] for q in (FixQuality.RTK, FixQuality.SINGLE))
    assert rtk == pytest.approx(np.sqrt(1.0 + (0.009 / 0.017) ** 2), rel=1e-6)
    assert single == pytest.approx(1.0, abs=1e-4)


def test_the_same_seed_gives_the_same_figures_and_another_one_others() -> None:
    one, again, other = (told(lines(), Tolerance(draws=5), seed).plot(0) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_ends_that_no_event_tells_are_jittered_within_a_step() -> None:
    table = lines()
    table = table.with_columns(on=table.on & ~np.append([True], np.diff(table.ts_ms) > 1_000))
    found = told(table, replace(STILL, draws=200, sampling=True), margin_m=5.0).plot(0)
    assert found.net_expected_m2 == pytest.approx(LINES * SWATH_M * (LENGTH_M - 1.0), abs=2.0)
    sd_m2 = SWATH_M * np.sqrt(2.0 * LINES / 12.0)
    assert (found.net_high_m2 - found.net_low_m2) / 4.1 == pytest.approx(sd_m2, rel=0.2)


def test_an_end_lost_in_a_gap_reaches_towards_the_plots_edge() -> None:
    table = lines()
    cut = table.take(~((table.ts_ms > 10_000) & (table.ts_ms < 20_000)))
    whole, lost = (told(t, replace(STILL, draws=200, edge_chance=0.8)).plot(0) for t in (table, cut))
    away = LENGTH_M / 2.0 * SWATH_M
    assert 0.02 * away < whole.net_expected_m2 - lost.net_expected_m2 < 0.4 * away
    assert lost.net_high_m2 - lost.net_low_m2 > 0.1 * away


def test_a_swath_width_that_is_not_sure_widens_the_interval_by_its_share() -> None:
    found = told(lines(), replace(STILL, draws=200, swath_sd=0.05), margin_m=20.0).plot(0)
    half = (found.net_high_m2 - found.net_low_m2) / 2.0
    assert half / found.net_expected_m2 == pytest.approx(2.0 * 0.05 * 0.6, rel=0.5)


def test_simulated_truth_lies_in_the_interval() -> None:
    _, found = day(Case("RTK", "auto", "none"), 2001, 60)
    result = summary(found)
    assert result["plots"] >= 50
    assert 90.0 <= result["inside_pct"] <= 99.0
    assert abs(result["bias_pct"]) <= 0.1
