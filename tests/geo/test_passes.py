from __future__ import annotations

import numpy as np
import pytest

from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.cleaning import clean
from geo.parameters import Parameters
from geo.passes import Steps, treated_steps
from tests.geo.tracks import PLANE, line, table


def steps(fixes: FixTable, *events: Event, parameters: Parameters | None = None) -> Steps:
    cleaned = clean(fixes)
    x, y = PLANE.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
    return treated_steps(cleaned, x, y, parameters or Parameters(), events)


def treated_m(found: Steps) -> float:
    return float(found.length_m.sum())


def test_hold_rule_treats_the_segment_after_a_fix_that_is_on() -> None:
    found = steps(table(line((1, 0), (6, 0), 5), on=[False, True, True, False, True, True]))
    assert found.row.tolist() == [1, 2, 4]
    assert found.run.tolist() == [1, 1, 2]


def test_events_cut_segments_at_the_instant() -> None:
    fixes = table(line((1, 0), (11, 0), 10), step_ms=1000, on=[False] * 3 + [True] * 4 + [False] * 4)
    exact = steps(fixes, Event("d1", 2_250, EventKind.ON), Event("d1", 6_500, EventKind.OFF))
    assert treated_m(exact) == pytest.approx(4.25, abs=1e-6)
    assert float(exact.dt_s.sum()) == pytest.approx(4.25)
    assert set(exact.run.tolist()) == {1}
    elsewhere = steps(fixes, Event("d2", 2_250, EventKind.ON), Event("d1", 99_000, EventKind.OFF))
    assert treated_m(elsewhere) == pytest.approx(4.0, abs=1e-6)


def test_off_and_on_between_two_fixes() -> None:
    fixes = table(line((1, 0), (3, 0), 2), step_ms=1000)
    found = steps(fixes, Event("d1", 1_200, EventKind.OFF), Event("d1", 1_700, EventKind.ON))
    assert treated_m(found) == pytest.approx(1.5, abs=1e-6)
    assert found.run.tolist() == [1, 1, 2]


@pytest.mark.parametrize(
    ("gap_s", "speed_mps", "on_after", "bridged"),
    [
        (20.0, 5.0, True, True),
        (30.0, 5.0, True, False),  # too long
        (20.0, 5.0, False, False),  # off at the far end
        (20.0, 15.0, True, False),  # it flew elsewhere in between
        (20.0, np.nan, True, True),
    ],
)
def test_gaps(gap_s: float, speed_mps: float, on_after: bool, bridged: bool) -> None:  # noqa: FBT001 - a case
    points = line((1, 0), (11, 0), 10) + line((11 + 5 * gap_s, 0), (21 + 5 * gap_s, 0), 10)
    ts_ms = np.concatenate([np.arange(11) * 200, 2000 + gap_s * 1000 + np.arange(11) * 200])
    on = [True] * 11 + [on_after] * 11
    speeds = np.where(np.arange(22) % 11 == 0, speed_mps, np.nan)
    speeds[10] = speed_mps
    found = steps(table(points, ts_ms=ts_ms, on=on, speed_mps=speeds))
    assert bool(found.bridged.any()) is bridged
    assert treated_m(found) == pytest.approx(10.0 + 10.0 * on_after + 5.0 * gap_s * bridged, abs=1e-3)


def test_an_off_event_in_a_gap_forbids_the_bridge() -> None:
    fixes = table([(1, 0), (2, 0), (3, 0), (13, 0), (14, 0)], ts_ms=np.array([0, 200, 400, 2400, 2600]))
    assert treated_m(steps(fixes)) == pytest.approx(13.0, abs=1e-6)
    assert treated_m(steps(fixes, Event("d1", 1_000, EventKind.OFF))) == pytest.approx(3.0, abs=1e-6)


def test_a_slow_device_has_no_gaps() -> None:
    found = steps(table(line((1, 0), (51, 0), 10), step_ms=5000))
    assert not found.bridged.any()
    assert treated_m(found) == pytest.approx(50.0, abs=1e-6)


def test_rejected_fixes_boots_and_flights_split() -> None:
    points = line((1, 0), (11, 0), 10)
    lost = points.copy()
    lost[5] = (6.0, 900.0)
    assert treated_m(steps(table(lost))) == pytest.approx(8.0, abs=1e-6)
    assert treated_m(steps(table(points, boot=["a"] * 5 + ["b"] * 6))) == pytest.approx(9.0, abs=1e-6)
    assert treated_m(steps(table(points, flight=["a"] * 5 + ["b"] * 6))) == pytest.approx(9.0, abs=1e-6)


def test_logs_that_do_not_tell_can_be_taken_as_on() -> None:
    fixes = table(line((1, 0), (11, 0), 10), on=False)
    assert len(steps(fixes)) == 0
    assert treated_m(steps(fixes, parameters=Parameters(assume_on=True))) == pytest.approx(10.0, abs=1e-6)


def test_an_on_event_in_a_gap_treats_from_the_next_fix_only() -> None:
    """Where the machine was at that instant is not known."""
    fixes = table(
        [(1, 0), (2, 0), (3, 0), (13, 0), (14, 0)],
        ts_ms=np.array([0, 200, 400, 2400, 2600]),
        on=[False] * 3 + [True] * 2,
    )
    assert treated_m(steps(fixes, Event("d1", 1_000, EventKind.ON))) == pytest.approx(1.0, abs=1e-6)


def test_steps_tell_when_they_begin() -> None:
    fixes = table(line((1, 0), (11, 0), 10), step_ms=1000, on=[False] * 3 + [True] * 4 + [False] * 4)
    assert steps(fixes).start_ms.tolist() == [3000, 4000, 5000, 6000]
    exact = steps(fixes, Event("d1", 2_250, EventKind.ON), Event("d1", 6_500, EventKind.OFF))
    assert exact.start_ms.tolist() == [2250, 3000, 4000, 5000, 6000]


def test_events_of_boots_and_devices_of_others_do_not_cut() -> None:
    fixes = table(line((1, 0), (11, 0), 10), step_ms=1000, boot="a")
    assert treated_m(steps(fixes, Event("d1", 2_500, EventKind.OFF, boot="b"))) == pytest.approx(10.0, abs=1e-6)
    assert treated_m(steps(fixes, Event("d1", 2_500, EventKind.OFF, boot="a"))) == pytest.approx(9.5, abs=1e-6)
