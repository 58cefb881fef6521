"""Letters by their documented limits."""

from __future__ import annotations

import numpy as np
import pytest

from core.model.enums import EventKind, FixQuality, Mode
from core.model.fixtable import FixTable
from core.model.ledger import Account
from core.model.samples import Event
from core.model.trust import Grade
from geo.parameters import Parameters
from geo.trust.grades import bridge_trust, completeness, gnss_trust, sampling_trust


def table(quality: list[int], mode: Mode = Mode.AUTO, step_ms: int = 200) -> FixTable:
    n = len(quality)
    return FixTable.build(np.arange(n) * step_ms, np.zeros(n), np.ones(n), on=True, quality=quality, mode=int(mode))


@pytest.mark.parametrize(
    ("rtk", "floating", "dgps", "single", "grade"),
    [(95, 0, 0, 5, "A"), (94, 1, 0, 5, "B"), (0, 90, 5, 5, "C"), (90, 0, 0, 10, "D"), (0, 0, 0, 100, "D")],
)
def test_a_receiver_has_the_letter_that_95_percent_of_its_fixes_reach(
    rtk: int, floating: int, dgps: int, single: int, grade: str
) -> None:
    mix = [FixQuality.RTK] * rtk + [FixQuality.FLOAT] * floating + [FixQuality.DGPS] * dgps
    found = gnss_trust([table([int(q) for q in mix + [FixQuality.SINGLE] * single])])
    assert found.grade == grade
    assert (found.rtk, found.single) == (rtk / 100, single / 100)


def test_a_person_at_the_sticks_lowers_the_letter() -> None:
    assert gnss_trust([table([int(FixQuality.RTK)] * 10, Mode.MANUAL)]).grade is Grade.B


def test_sampling_counts_gaps_and_events_make_a_slow_log_good() -> None:
    slow = table([4] * 100, step_ms=1000)
    assert sampling_trust([slow], Parameters()).grade is Grade.B
    assert sampling_trust([slow], Parameters(), [Event("", 0, EventKind.ON)]).grade is Grade.A
    gappy = slow.take(np.r_[0:40, 50:100])
    found = sampling_trust([gappy], Parameters())
    assert (found.grade, round(found.gap_share, 2)) == (Grade.D, 0.11)


def test_bridges_and_missing_numbers() -> None:
    assert bridge_trust(0.0, 0.0).grade is Grade.A
    assert bridge_trust(2.0, 100.0).grade is Grade.C
    came = Account(cooperative="c", device="d", runs=[[0, 89], [95, 99]])
    found = completeness([came])
    assert (found.grade, found.expected, found.missing, found.share) == (Grade.C, 100, 5, 0.95)
    assert completeness([]).grade is Grade.D
