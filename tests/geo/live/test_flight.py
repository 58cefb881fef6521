from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.model.coverage import Coverage
from core.model.enums import EventKind, FixQuality
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.coverage import compute
from geo.live.flight import LiveFlight
from tests.geo.live.flown import PLANE, PLOTS, flight, troubled

WITHIN = 1e-6
_TOTALS = (
    "gross_m2",
    "net_m2",
    "off_target_m2",
    "off_transit_m2",
    "plots_area_m2",
    "plots_net_m2",
    "plots_gross_m2",
    "plots_overlap_m2",
    "plots_missed_m2",
    "volume_l",
    "off_target_volume_l",
    "distance_m",
    "treated_distance_m",
    "bridged_m",
)
_OF_PLOT = ("area_m2", "gross_m2", "net_m2", "overlap_m2", "overlap3_m2", "missed_m2", "volume_l")


def _same(live: Coverage, batch: Coverage) -> None:
    assert [p.plot for p in live.plots] == [p.plot for p in batch.plots]
    for mine, its in zip(live.plots, batch.plots, strict=True):
        for name in _OF_PLOT:
            assert getattr(mine, name) == pytest.approx(getattr(its, name), abs=WITHIN, nan_ok=True), (mine.plot, name)
    for name in _TOTALS:
        assert getattr(live, name) == pytest.approx(getattr(batch, name), abs=WITHIN, nan_ok=True), name
    assert live.fixes == batch.fixes
    assert live.rejected == batch.rejected


def _batch(fixes: FixTable, events: Sequence[Event] = ()) -> Coverage:
    return compute("f", [fixes], PLOTS, events=events, plane=PLANE).coverage


def _parts(n: int, cuts: Sequence[int]) -> list[slice]:
    bounds = sorted({0, n, *(c % n for c in cuts)})
    return [slice(a, b) for a, b in pairwise(bounds)]


def test_every_second_is_what_batch_gives_for_the_fixes_so_far() -> None:
    fixes = flight()
    live = LiveFlight("f", PLANE, PLOTS)
    for start in range(0, len(fixes), 7):
        live.add(fixes.take(slice(start, start + 7)))
        live.settle()
        if start % 35 == 0:
            _same(live.figures(), _batch(fixes.take(slice(0, start + 7))))
    _same(live.figures(), _batch(fixes))
    assert live.settled > 0
    assert live.figures().plots[0].net_m2 > 1000.0


@given(seed=st.integers(0, 10_000), step=st.integers(1, 15))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_goes_wrong_on_the_way_ends_as_in_batch(seed: int, step: int) -> None:
    fixes, events = troubled(seed)
    live = LiveFlight("f", PLANE, PLOTS)
    told = 0
    for start in range(0, len(fixes), step):
        part = fixes.take(slice(start, start + step))
        now = [e for e in events if e.ts_ms <= int(part.ts_ms[-1])]
        live.add(part, now[told:])
        told = len(now)
        if start % 3:
            live.settle()
        if start // step % 11 == 5:
            _same(live.figures(), _batch(fixes.take(slice(0, start + step)), now))
    live.add(FixTable.empty("d1"), events)
    _same(live.figures(), _batch(fixes, events))


@given(data=st.data(), seed=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_order_repeats_and_batches_end_as_in_batch(data: st.DataObject, seed: int) -> None:
    fixes, events = troubled(seed)
    n = len(fixes)
    draw = np.random.default_rng(seed)
    near = data.draw(st.sampled_from([3, 40, n]), label="how far fixes change places")
    order = np.argsort(np.arange(n) + draw.uniform(0, near, n))
    again = draw.integers(0, n, data.draw(st.integers(0, 30), label="repeats"))
    places = np.insert(order, draw.integers(0, n, len(again)), again)
    live = LiveFlight("f", PLANE, PLOTS)
    cuts = data.draw(st.lists(st.integers(1, 5_000), min_size=5, max_size=60), label="cuts")
    left = list(events)
    draw.shuffle(left)
    for part in _parts(len(places), cuts):
        live.add(fixes.take(places[part]), [left.pop()] if left else [])
        live.settle()
        live.settle()
    live.add(FixTable.empty("d1"), left)
    _same(live.figures(), compute("f", [fixes.take(places)], PLOTS, events=events, plane=PLANE).coverage)


def test_a_late_fix_costs_nothing_but_its_tail() -> None:
    fixes = flight()
    late = len(fixes) - 30
    live = LiveFlight("f", PLANE, PLOTS)
    for start in range(0, len(fixes), 5):
        rows = np.arange(start, min(start + 5, len(fixes)))
        live.add(fixes.take(rows[rows != late]))
        live.settle()
    settled = live.settled
    live.add(fixes.take(slice(late, late + 1)))
    _same(live.figures(), _batch(fixes))
    assert live.settled > 0
    assert settled - live.settled < settled / 2


def test_other_plots_are_measured_from_what_was_treated_before() -> None:
    fixes = flight()
    live = LiveFlight("f", PLANE, ())
    live.add(fixes.take(slice(0, 200)))
    live.settle()
    assert live.figures().plots == ()
    live.set_plots(PLOTS)
    live.add(fixes.take(slice(200, len(fixes))))
    _same(live.figures(), _batch(fixes))


def test_without_any_width_nothing_is_told_until_one_comes() -> None:
    fixes = flight(swath_m=float("nan"))
    live = LiveFlight("f", PLANE, PLOTS)
    live.add(fixes.take(slice(0, 60)))
    with pytest.raises(ConfigError):
        live.figures()
    told = fixes.take(slice(60, 120)).with_columns(swath_m=7.0)
    live.add(told)
    _same(live.figures(), _batch(FixTable.concat([fixes.take(slice(0, 60)), told])))


def test_a_switch_that_is_told_late_cuts_the_strip_where_it_was() -> None:
    fixes = flight()
    live = LiveFlight("f", PLANE, PLOTS)
    live.add(fixes)
    off = Event("d1", int(fixes.ts_ms[20]) + 90, EventKind.OFF)
    before = live.figures().net_m2
    live.add(FixTable.empty("d1"), [off])
    assert live.figures().net_m2 < before
    _same(live.figures(), _batch(fixes, [off]))
    live.add(FixTable.empty("d1"), [off])
    _same(live.figures(), _batch(fixes, [off]))


def test_a_coarse_receiver_s_long_pass_is_settled_while_it_lasts() -> None:
    fixes = flight(lines=1, length_m=1_500.0, quality=FixQuality.SINGLE)
    live = LiveFlight("f", PLANE, PLOTS)
    for start in range(0, len(fixes), 5):
        live.add(fixes.take(slice(start, start + 5)))
        live.settle()
        if start % 100 == 0:
            _same(live.figures(), _batch(fixes.take(slice(0, start + 5))))
    _same(live.figures(), _batch(fixes))
    assert live.under_way < len(fixes) / 3


def test_a_bad_fix_costs_the_short_way_only_while_it_is_under_way() -> None:
    fixes = flight()
    quality = np.full(len(fixes), FixQuality.RTK)
    quality[30] = FixQuality.NONE
    fixes = fixes.with_columns(quality=quality)
    live = LiveFlight("f", PLANE, PLOTS)
    thorough: list[bool] = []
    for start in range(0, len(fixes), 5):
        live.add(fixes.take(slice(start, start + 5)))
        live.settle()
        thorough.append(live.thorough)
    _same(live.figures(), _batch(fixes))
    assert thorough[6]
    assert not any(thorough[:6])
    assert not thorough[-1]
