from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from shapely import Polygon, affinity, box

from core.errors import ConfigError
from core.model.enums import EventKind
from core.model.fixtable import FixTable, SectionColumns
from core.model.samples import Event, Section
from geo.coverage import ALGORITHM, Parameters, compute
from tests.geo.tracks import boustrophedon, line, plot, table

SWATH_M = 7.0


def flight(lines: int = 10, length_m: float = 100.0, **columns: Any) -> FixTable:
    points, on = boustrophedon(lines, length_m, SWATH_M)
    return table(points, **(dict[str, Any](on=on, swath_m=SWATH_M, flow_lpm=3.0) | columns))


def test_a_rectangle_flown_edge_to_edge_is_exact() -> None:
    result = compute("f1", [flight()], [plot(box(1, 0, 101, 70))]).coverage
    (figures,) = result.plots
    for area in (figures.area_m2, figures.gross_m2, figures.net_m2, result.gross_m2, result.net_m2):
        assert area == pytest.approx(7_000.0, abs=0.01)
    for nothing in (figures.overlap_m2, figures.overlap3_m2, figures.missed_m2, result.off_target_m2):
        assert nothing == pytest.approx(0.0, abs=0.01)
    assert result.treated_distance_m == pytest.approx(1_000.0, abs=0.001)
    assert result.volume_l == pytest.approx(3.0 * 800 * 0.2 / 60.0)
    assert figures.volume_l == pytest.approx(result.volume_l, rel=1e-5)
    assert figures.covered_pct == pytest.approx(100.0, abs=1e-3)
    assert (result.fixes, result.rejected, result.algorithm) == (810, {}, ALGORITHM)


def test_straight_passes_at_any_angle_are_exact() -> None:
    for angle in (0.0, 17.0, 45.0, 90.0, 133.0):
        points, _ = boustrophedon(1, 100.0, SWATH_M)
        turned = affinity.rotate(box(1, 0, 101, SWATH_M), angle, origin=(1, 3.5))
        radians = math.radians(angle)
        track = [(1 + (x - 1) * math.cos(radians), 3.5 + (x - 1) * math.sin(radians)) for x, _ in points]
        (figures,) = compute("f1", [table(track, swath_m=SWATH_M)], [plot(turned)]).coverage.plots
        assert figures.net_m2 == pytest.approx(700.0, abs=0.01)
        assert figures.missed_m2 == pytest.approx(0.0, abs=0.01)


def test_overlap_twice_and_three_times() -> None:
    tables = [table(line((1, y), (101, y), 50), swath_m=10.0) for y in (5.0, 10.0, 13.0)]
    result = compute("f1", tables, [plot(box(1, 0, 101, 20))]).coverage
    (figures,) = result.plots
    assert figures.gross_m2 == pytest.approx(3_000.0, abs=0.01)
    assert figures.net_m2 == pytest.approx(1_800.0, abs=0.01)  # y from 0 to 18
    assert figures.overlap_m2 == pytest.approx(1_000.0, abs=0.01)  # 5..15
    assert figures.overlap3_m2 == pytest.approx(200.0, abs=0.01)  # 8..10
    assert figures.missed_m2 == pytest.approx(200.0, abs=0.01)
    assert figures.gross_m2 - figures.net_m2 == pytest.approx(figures.overlap_m2 + figures.overlap3_m2, abs=0.01)


def test_a_strip_over_itself_counts_twice() -> None:
    loop = line((1, 0), (51, 0), 25) + line((51, 2), (51, 30), 14) + line((49, 30), (21, 30), 14)
    loop += line((21, 28), (21, -30), 29)  # crosses the first leg at right angles
    result = compute("f1", [table(loop, swath_m=4.0)], [plot(box(15, -5, 27, 5))]).coverage
    (figures,) = result.plots
    assert figures.overlap_m2 == pytest.approx(16.0, abs=0.01)
    assert figures.overlap3_m2 == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize(("simplify_m", "slack_m2"), [(0.0, 0.01), (0.05, 0.3)])
def test_a_circle_is_a_ring_without_overlap(simplify_m: float, slack_m2: float) -> None:
    """Radius 20 m, 6 m wide: a polygon's ring is 2πR·w but for the corners, and nothing counts twice.

    Where steps are joined, the last chord may be short, and meet the one before at too sharp an angle for a mitre.
    """
    angles = np.linspace(0.0, 2.0 * math.pi * 0.999, 360)
    track = list(zip((20 * np.cos(angles) + 1).tolist(), (20 * np.sin(angles)).tolist(), strict=True))
    parameters = Parameters(simplify_m=simplify_m)
    result = compute("f1", [table(track, swath_m=6.0)], [plot(box(-50, -50, 50, 50))], parameters).coverage
    (figures,) = result.plots
    assert figures.net_m2 == pytest.approx(2.0 * math.pi * 20.0 * 0.999 * 6.0, rel=5e-4)
    assert figures.overlap_m2 == pytest.approx(0.0, abs=slack_m2)
    assert figures.gross_m2 == pytest.approx(figures.net_m2, abs=slack_m2)


def test_a_turn_tighter_than_half_the_swath_leaves_no_hole() -> None:
    track = line((1, 0), (31, 0), 15) + line((31, 0), (51, 14), 10)[1:] + line((51, 14), (51, 40), 10)[1:]
    result = compute("f1", [table(track, swath_m=12.0)], [plot(box(-50, -50, 100, 100))])
    net = result.shapes.plots[0].net
    assert net.geom_type == "Polygon"
    assert sum(Polygon(hole).area for hole in net.interiors) < 1e-9, "rounding leaves hairlines at most"
    assert net.is_valid
    assert result.coverage.gross_m2 >= result.coverage.net_m2


def test_sections_are_strips_of_their_own_and_neighbours_join() -> None:
    offsets, widths = np.array([-4.5, -1.5, 1.5, 4.5]), np.full(4, 3.0)
    on = np.tile([True, True, False, True], (51, 1))
    on[25:] = [True, True, True, True]
    fixes = table(line((1, 0), (101, 0), 50), sections=SectionColumns.grid(on, offsets, widths), flow_lpm=12.0)
    result = compute("f1", [fixes], [plot(box(1, -6, 101, 6))])
    (figures,) = result.coverage.plots
    assert figures.net_m2 == pytest.approx(50 * 9 + 50 * 12, abs=0.01)
    assert figures.overlap_m2 == pytest.approx(0.0, abs=0.01)
    assert figures.volume_l == pytest.approx(12.0 * 10.0 / 60.0, rel=1e-5)
    assert len(result.shapes.swaths) == 3
    listed = Parameters(keep_untouched=True)
    right = compute("f1", [fixes], [plot(box(1, -3, 51, 0))], listed).coverage.plots[0]
    assert right.missed_m2 == pytest.approx(150.0, abs=0.01), "the third section, right of the track, is off at first"


def test_sections_own_flows_are_spread_over_their_own_strips() -> None:
    row = (Section(-2.0, 2.0, on=True, flow_lpm=1.0), Section(2.0, 2.0, on=True, flow_lpm=3.0))
    fixes = table(line((1, 0), (101, 0), 50), sections=[row] * 51)
    left, right = (compute("f1", [fixes], [plot(box(0, a, 102, b))]).coverage.plots[0] for a, b in ((0, 9), (-9, 0)))
    assert left.volume_l == pytest.approx(10.0 / 60.0, rel=1e-6)
    assert right.volume_l == pytest.approx(30.0 / 60.0, rel=1e-6)


def test_width_comes_from_override_then_fix_then_default() -> None:
    track = line((1, 0), (101, 0), 50)
    told = table(track, swath_m=5.0)
    assert compute("f", [told], []).coverage.net_m2 == pytest.approx(500.0, abs=0.01)
    assert compute("f", [told], [], Parameters(swath_m=8.0)).coverage.net_m2 == pytest.approx(800.0, abs=0.01)
    assert compute("f", [told], [], Parameters(default_swath_m=8.0)).coverage.net_m2 == pytest.approx(500.0, abs=0.01)
    silent = table(track)
    assert compute("f", [silent], [], Parameters(default_swath_m=8.0)).coverage.net_m2 == pytest.approx(800.0, abs=0.01)
    once = table(track, swath_m=[math.nan] * 3 + [6.0] + [math.nan] * 47)
    assert compute("f", [once], []).coverage.net_m2 == pytest.approx(600.0, abs=0.01)


def test_no_width_anywhere_is_an_error_that_names_the_setting() -> None:
    with pytest.raises(ConfigError, match="--swath"):
        compute("f", [table(line((1, 0), (9, 0), 4))], [])
    nothing = compute("f", [table(line((1, 0), (9, 0), 4), on=False)], []).coverage
    assert nothing.net_m2 == 0.0


def test_a_width_that_changes_on_the_way() -> None:
    fixes = table(line((1, 0), (101, 0), 50), swath_m=[4.0] * 25 + [8.0] * 26)
    assert compute("f", [fixes], []).coverage.net_m2 == pytest.approx(600.0, abs=0.01)


def test_overlapping_plots_count_once_in_the_totals() -> None:
    plots = [plot(box(1, 0, 61, 70), "a"), plot(box(41, 0, 101, 70), "b")]
    result = compute("f", [flight()], plots).coverage
    assert [p.net_m2 for p in result.plots] == [pytest.approx(4_200.0, abs=0.01)] * 2
    assert result.plots_area_m2 == pytest.approx(7_000.0, abs=0.01)
    assert result.plots_net_m2 == pytest.approx(7_000.0, abs=0.01)
    assert result.plots_gross_m2 == pytest.approx(7_000.0, abs=0.01)
    assert result.off_target_volume_l == pytest.approx(0.0, abs=1e-3)


def test_off_target_and_holes() -> None:
    shape = box(1, 0, 81, 70).difference(box(20, 20, 30, 30))
    result = compute("f", [flight()], [plot(shape)]).coverage
    assert result.off_target_m2 == pytest.approx(7_000.0 - 5_500.0, abs=0.01)
    assert result.plots[0].volume_l + result.off_target_volume_l == pytest.approx(result.volume_l)
    assert result.plots[0].volume_l == pytest.approx(result.volume_l * 5_500.0 / 7_000.0, rel=1e-5)


def test_spraying_on_the_spot_keeps_its_volume() -> None:
    points = line((1, 0), (11, 0), 10) + [(11.0, 0.0)] * 10 + line((12, 0), (21, 0), 9)
    result = compute("f", [table(points, swath_m=4.0, flow_lpm=6.0)], [plot(box(0, -9, 30, 9))]).coverage
    assert result.volume_l == pytest.approx(6.0 * 30 * 0.2 / 60.0)
    assert result.plots[0].volume_l == pytest.approx(result.volume_l)
    assert result.net_m2 == pytest.approx(80.0, abs=0.01)


def test_hovering_in_the_noise_does_not_turn_the_swath() -> None:
    rng = np.random.default_rng(3)
    hover = (np.array([11.0, 0.0]) + rng.normal(0.0, 0.01, (100, 2))).tolist()
    points = line((1, 0), (11, 0), 10) + [(float(x), float(y)) for x, y in hover] + line((12, 0), (21, 0), 9)
    result = compute("f", [table(points, swath_m=4.0)], []).coverage
    assert result.net_m2 == pytest.approx(80.0, rel=0.02)


def test_far_and_untouched_plots_are_listed_only_when_wanted() -> None:
    far = plot(box(50_000, 0, 50_100, 100), "far")
    near = plot(box(1, 500, 101, 600), "near")
    assert compute("f", [flight()], [far, near]).coverage.plots == ()
    listed = compute("f", [flight()], [far, near], Parameters(keep_untouched=True)).coverage.plots
    assert [(p.plot, p.net_m2) for p in listed] == [("far", 0.0), ("near", 0.0)]
    assert listed[0].missed_m2 == pytest.approx(10_000.0, rel=1e-3)


def test_a_boundary_that_crosses_itself_is_repaired() -> None:
    bowtie = Polygon([(1, 0), (101, 70), (101, 0), (1, 70)])
    (figures,) = compute("f", [flight()], [plot(bowtie)]).coverage.plots
    assert figures.net_m2 == pytest.approx(3_500.0, abs=0.1)


def test_no_fixes_at_all() -> None:
    result = compute("f", [], [plot(box(1, 0, 101, 70))])
    assert result.coverage.plots == ()
    assert result.coverage.net_m2 == 0.0
    assert result.shapes.feature_collection()["features"] == []
    assert compute("f", [FixTable.empty("d1")], []).coverage.fixes == 0


def test_volume_is_unknown_without_flow_and_nought_where_nothing_flowed() -> None:
    assert math.isnan(compute("f", [flight(flow_lpm=math.nan)], []).coverage.volume_l)
    assert compute("f", [flight(on=False)], []).coverage.volume_l == 0.0


def test_mass_of_a_spreader() -> None:
    result = compute("f", [flight(flow_lpm=math.nan, rate_kgpm=6.0)], [plot(box(1, 0, 101, 70))]).coverage
    assert result.mass_kg == pytest.approx(6.0 * 800 * 0.2 / 60.0)
    assert result.plots[0].dose_kgpha == pytest.approx(16.0 / 0.7, rel=1e-4)


def test_input_hash_is_of_the_content() -> None:
    whole = flight()
    mixed = whole.take(np.random.default_rng(1).permutation(len(whole)))
    twice = FixTable.concat([mixed, whole.take(slice(0, 50))])
    hashes = {compute("f", [t], []).coverage.input_hash for t in (whole, mixed, twice)}
    assert len(hashes) == 1
    moved = whole.with_columns(lat_deg=whole.lat_deg + 1e-8)
    assert compute("f", [moved], []).coverage.input_hash not in hashes


def test_a_width_that_no_boom_has_is_no_width() -> None:
    """A device that says 1e12 m must not cover the country, nor keep others waiting."""
    plots = [plot(box(1, 0, 101, 70))]
    rows = len(flight())
    absurd = np.where(np.arange(rows) % 50 == 7, 1e12, SWATH_M)
    assert compute("f1", [flight(swath_m=absurd)], plots).coverage.gross_m2 == pytest.approx(7_000.0, abs=0.01)
    with pytest.raises(ConfigError, match="no swath width is known"):
        compute("f1", [flight(swath_m=1e12)], plots)


def test_what_flows_after_an_on_event_counts_with_the_flow_of_the_next_fix() -> None:
    """The fix before it tells of no flow yet: half a step of spraying must not be spraying nothing."""
    points = line((1, 0), (11, 0), 10)
    on = [False] * 5 + [True] * 5 + [False]
    flow = [0.0] * 5 + [6.0] * 5 + [0.0]
    fixes = table(points, on=on, flow_lpm=flow, swath_m=2.0)
    events = [Event("d1", int(fixes.ts_ms[4]) + 100, EventKind.ON), Event("d1", int(fixes.ts_ms[10]), EventKind.OFF)]
    result = compute("f1", [fixes], [plot(box(-50, -50, 50, 50))], events=events).coverage
    assert result.net_m2 == pytest.approx(5.5 * 2.0, rel=1e-6)
    assert result.volume_l == pytest.approx(6.0 * 5.5 * 0.2 / 60.0, rel=1e-9)
