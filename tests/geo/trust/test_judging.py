"""A result with its grades and expected areas, from the same inputs as the result."""

from __future__ import annotations

from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest
from shapely import box
from shapely.geometry.base import BaseGeometry

from core.model.coverage import Coverage
from core.model.enums import FixQuality, Mode
from core.model.fixtable import FixTable
from core.model.land import Plot
from core.model.ledger import Account
from core.model.trust import NO_LEDGER, NOT_NUMBERED, Grade
from geo.coverage import Parameters, compute
from geo.trust.judging import with_trust
from geo.trust.tolerance import Tolerance
from tests.geo.tracks import boustrophedon, plot, table

FEW = Tolerance(draws=8)
WEST, EAST = box(0, 0, 50, 70), box(50, 0, 100, 70)


def flown(quality: FixQuality = FixQuality.SINGLE, mode: Mode = Mode.AUTO, **columns: Any) -> FixTable:
    points, on = boustrophedon(10, 100.0, 7.0)
    columns.setdefault("on", on)
    told: dict[str, Any] = {"swath_m": 7.0, "quality": int(quality), "mode": int(mode), "device": "d1", "boot": "b1"}
    return table(points, seq=np.arange(len(points)), **told | columns)


def named(shape: BaseGeometry, name: str) -> Plot:
    return replace(plot(shape), plot=name)


def judged(
    fixes: FixTable, plots: list[Plot], accounts: list[Account] | None = None, parameters: Parameters | None = None
) -> Coverage:
    chosen = parameters or Parameters(keep_untouched=True)
    result = compute("f", [fixes], plots, chosen)
    return with_trust(result, [fixes], plots, chosen, (), accounts or [], tolerance=FEW)


def test_every_plot_and_their_union_have_an_interval_around_what_is_expected() -> None:
    found = judged(flown(), [named(WEST, "w"), named(EAST, "e")])
    for reach in [p.expected for p in found.plots] + [found.plots_expected]:
        assert reach is not None
        assert 0.0 < reach.net_low_m2 < reach.net_expected_m2 < reach.net_high_m2
    assert found.plots_expected is not None
    parts = sum(p.expected.net_expected_m2 for p in found.plots if p.expected)
    assert found.plots_expected.net_expected_m2 == pytest.approx(parts, abs=1e-6)


def test_plots_that_overlap_count_once_in_the_union() -> None:
    twice = judged(flown(), [named(WEST, "w"), named(box(0, 0, 100, 70), "all")])
    once = judged(flown(), [named(box(0, 0, 100, 70), "all")])
    assert twice.plots_expected is not None
    assert once.plots_expected is not None
    assert astuple(twice.plots_expected) == pytest.approx(astuple(once.plots_expected), abs=0.02)


def test_the_same_inputs_give_the_same_figures() -> None:
    plots = [named(WEST, "w")]
    assert judged(flown(), plots).plots[0].expected == judged(flown(), plots).plots[0].expected
    other = judged(flown(flow_lpm=2.0), plots)
    assert other.plots[0].expected != judged(flown(), plots).plots[0].expected


def test_nothing_is_expected_where_nothing_was_treated() -> None:
    found = judged(flown(on=False), [named(WEST, "w")])
    for reach in (found.plots[0].expected, found.plots_expected):
        assert reach is not None
        assert (reach.net_expected_m2, reach.net_low_m2, reach.net_high_m2) == (0.0, 0.0, 0.0)
    assert found.trust is not None


def test_an_empty_table_is_judged_too() -> None:
    found = judged(FixTable.empty("d1"), [named(WEST, "w")])
    assert found.trust is not None
    assert found.trust.grade is Grade.D


def test_the_log_of_an_autopilot_says_too_much_and_that_of_a_person_too_little() -> None:
    plots = [named(box(-5, -5, 105, 75), "p")]
    auto, manual = (judged(flown(mode=mode), plots).plots[0] for mode in (Mode.AUTO, Mode.MANUAL))
    assert auto.expected is not None
    assert manual.expected is not None
    assert auto.expected.net_expected_m2 < auto.net_m2 < manual.expected.net_expected_m2


def test_where_the_log_is_silent_every_fix_treats() -> None:
    found = judged(flown(on=False), [named(WEST, "w")], parameters=Parameters(assume_on=True))
    assert found.plots[0].expected is not None
    assert found.plots[0].expected.net_expected_m2 > 1_000.0


def page(*runs: list[int], boot: str = "b1") -> Account:
    return Account(cooperative="c", device="d1", boot=boot, runs=[list(r) for r in runs])


def test_completeness_is_of_the_flights_own_numbers_and_says_why_it_is_not_known() -> None:
    last = len(flown()) - 1
    plots = [named(WEST, "w")]

    def told(accounts: list[Account], fixes: FixTable | None = None) -> tuple[Grade, int, int, str]:
        trust = judged(fixes if fixes is not None else flown(), plots, accounts).trust
        assert trust is not None
        it = trust.completeness
        return it.grade, it.expected, it.missing, it.reason

    assert told([page([0, last])]) == (Grade.A, last + 1, 0, "")
    assert told([page([0, 99], [200, last + 5_000])]) == (Grade.D, last + 1, 100, "")
    assert told([]) == (Grade.D, 0, 0, NO_LEDGER)
    assert told([page([0, last], boot="another")]) == (Grade.D, 0, 0, NO_LEDGER)
    unnumbered = flown().with_columns(seq=np.full(last + 1, -1))
    assert told([page([0, last])], unnumbered) == (Grade.D, 0, 0, NOT_NUMBERED)
