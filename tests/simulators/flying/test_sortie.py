"""Lines shared out over tanks and batteries: nothing twice, nothing left out, never more than there is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.enums import Mode
from simulators.flying.aircraft import Airframe
from simulators.flying.sortie import Sortie, Work, plan_sorties
from simulators.flying.trajectory import Kinematics
from simulators.route import Line

SWATH_M = 7.0
START_MS = 1_767_225_600_000
SPEED_MPS = 6.0
CRAFT = Airframe("d-1", tank=40.0, endurance_s=600.0)


def _rows(*lengths_m: float, x_m: float = 0.0) -> list[tuple[Line, float]]:
    """Lines side by side to the east, each second one flown back."""
    lines = [Line(x_m, SWATH_M * k, 1.0, 0.0, ((0.0, m),)) for k, m in enumerate(lengths_m)]
    return [(line.reversed() if k % 2 else line, SPEED_MPS) for k, line in enumerate(lines)]


def _work(lines: Sequence[tuple[Line, float]], **told: Any) -> Work:
    options: dict[str, Any] = {"base": (0.0, -10.0), "swath_m": SWATH_M, "dose": 20.0, "start_ms": START_MS} | told
    return Work("job", lines, **options)


def _treated(sorties: Sequence[Sortie]) -> dict[float, list[tuple[float, float]]]:
    """What was sprayed of each line: from where to where along x, by y; in order from west to east."""
    found: dict[float, list[tuple[float, float]]] = defaultdict(list)
    for sortie in sorties:
        state = sortie.trajectory.at(np.array([ts for ts, _ in sortie.trajectory.switches()], np.int64))
        for a, b in zip(range(0, len(state.x_m), 2), range(1, len(state.x_m), 2), strict=True):
            assert state.y_m[a] == pytest.approx(state.y_m[b], abs=1e-6)
            west, east = sorted((float(state.x_m[a]), float(state.x_m[b])))
            found[round(float(state.y_m[a]), 3)].append((west, east))
    return {y: sorted(parts) for y, parts in found.items()}


def _landing_pct(sortie: Sortie, craft: Airframe) -> float:
    return sortie.battery_pct - (sortie.trajectory.end_ms - sortie.start_ms) / 10.0 / craft.endurance_s


def _used(work: Work, sortie: Sortie) -> float:
    return work.dose * work.swath_m * sortie.trajectory.sprayed_m / 10_000.0


@given(
    st.lists(st.floats(4.0, 420.0), min_size=1, max_size=14),
    st.floats(2.0, 60.0),
    st.floats(5.0, 60.0),
    st.floats(240.0, 900.0),
)
def test_everything_is_treated_once_and_within_tank_and_battery(
    lengths_m: list[float], tank: float, dose: float, endurance_s: float
) -> None:
    craft = Airframe("d-1", tank=tank, endurance_s=endurance_s)
    work = _work(_rows(*lengths_m), dose=dose)
    sorties = plan_sorties(craft, work)
    assert sum(sortie.trajectory.sprayed_m for sortie in sorties) == pytest.approx(sum(lengths_m), abs=1e-6)
    treated = _treated(sorties)
    assert len(treated) == len(lengths_m)
    for k, length_m in enumerate(lengths_m):
        parts = treated[round(SWATH_M * k, 3)]
        assert (parts[0][0], parts[-1][1]) == pytest.approx((0.0, length_m), abs=1e-6)
        assert all(b[0] == pytest.approx(a[1], abs=1e-6) for a, b in pairwise(parts)), "cut lines meet"
    for sortie in sorties:
        assert (sortie.tank, sortie.trajectory.sprayed_m > 0.0) == (tank, True)
        assert _used(work, sortie) <= tank + 1e-9
        assert _landing_pct(sortie, craft) >= 15.0


def _assert_ends_are_home(sorties: Sequence[Sortie], base: tuple[float, float]) -> None:
    for sortie in sorties:
        state = sortie.trajectory.at(np.array([sortie.start_ms, sortie.trajectory.end_ms], np.int64))
        assert np.stack([state.x_m, state.y_m]) == pytest.approx(np.array([base, base]).T, abs=1e-6)
        assert state.height_m == pytest.approx([0.0, 0.0], abs=1e-9)
        assert state.speed_mps == pytest.approx([0.0, 0.0], abs=1e-9)


def test_every_sortie_is_from_home_to_home_with_the_crew_between() -> None:
    work = _work(_rows(*[400.0] * 25), ground_ms=80_000)
    sorties = plan_sorties(CRAFT, work)
    assert len(sorties) > 3
    assert sorties[0].start_ms == START_MS
    assert all(b.start_ms == a.trajectory.end_ms + 80_000 for a, b in pairwise(sorties))
    _assert_ends_are_home(sorties, work.base)
    for sortie in sorties:
        switches = sortie.trajectory.switches()
        assert switches[-1][0] < sortie.home_ms < sortie.trajectory.end_ms


def test_the_way_home_is_flown_by_the_autopilot_or_the_pilot() -> None:
    for mode, home in ((Mode.AUTO, Mode.RTL), (Mode.AB, Mode.AB), (Mode.MANUAL, Mode.MANUAL)):
        (sortie,) = plan_sorties(CRAFT, _work(_rows(100.0), mode=mode))
        told = sortie.trajectory.at(np.array([sortie.home_ms - 1, sortie.home_ms + 1])).mode.tolist()
        assert told == [mode, home]


def test_a_line_longer_than_a_tank_takes_several() -> None:
    craft = Airframe("d-1", tank=4.0, endurance_s=600.0)  # 286 m of a strip
    sorties = plan_sorties(craft, _work(_rows(700.0)))
    assert [sortie.trajectory.sprayed_m for sortie in sorties] == pytest.approx([2_000 / 7, 2_000 / 7, 900 / 7])


def test_a_tiny_tank_ends_some_day() -> None:
    """A tenth of a litre is 7 m: less than the shortest cut, and nothing is stuck."""
    craft = Airframe("d-1", tank=0.1, endurance_s=600.0)
    sorties = plan_sorties(craft, _work(_rows(40.0, 10.0, 16.0)))
    assert sum(sortie.trajectory.sprayed_m for sortie in sorties) == pytest.approx(66.0)
    assert all(sortie.trajectory.sprayed_m < 7.15 for sortie in sorties)


def test_no_short_stump_of_a_line_is_left_for_the_next_tank() -> None:
    craft = Airframe("d-1", tank=40.0 * 0.145, endurance_s=600.0)  # 414 m: 10 m short of both lines
    first, second = plan_sorties(craft, _work(_rows(212.0, 212.0)))
    assert second.trajectory.sprayed_m == pytest.approx(15.0)
    assert first.trajectory.sprayed_m == pytest.approx(409.0)


def test_gaps_of_a_line_need_no_tank() -> None:
    line = Line(0.0, 0.0, 1.0, 0.0, ((0.0, 100.0), (160.0, 300.0), (340.0, 400.0)))
    craft = Airframe("d-1", tank=40.0 * 0.105, endurance_s=600.0)  # 300 m, just what the line has
    (sortie,) = plan_sorties(craft, _work([(line, SPEED_MPS)]))
    assert sortie.trajectory.sprayed_m == pytest.approx(300.0)
    assert _treated([sortie])[0.0] == [pytest.approx(span) for span in line.spans]


def test_batteries_are_swapped_below_sixty_percent_and_boots_change_with_them() -> None:
    craft = Airframe("d-1", tank=16.0, endurance_s=1_200.0)
    sorties = plan_sorties(craft, _work(_rows(*[380.0] * 20)))
    assert len({sortie.boot for sortie in sorties}) > 2
    assert any(a.boot == b.boot for a, b in pairwise(sorties)), "not at every refill"
    for before, after in pairwise(sorties):
        landed = _landing_pct(before, craft)
        assert (before.boot != after.boot) == (landed < 60.0)
        assert after.battery_pct == pytest.approx(landed if landed >= 60.0 else 100.0)
    assert len({sortie.boot for sortie in sorties}) == 1 + sum(a.boot != b.boot for a, b in pairwise(sorties))
    (other,) = plan_sorties(craft, _work(_rows(50.0), start_ms=START_MS + 86_400_000))
    assert other.boot not in {sortie.boot for sortie in sorties}, "another day is another boot"


def test_a_battery_that_is_too_low_for_the_next_line_is_swapped() -> None:
    """The second line is 1.3 km away: seven tenths of a battery there and back, and 20 % stay for the unforeseen."""
    lines = [*_rows(250.0), *_rows(250.0, x_m=1_300.0)]
    craft = Airframe("d-1", tank=3.5, endurance_s=600.0)
    first, second = plan_sorties(craft, _work(lines))
    assert _landing_pct(first, craft) > 80.0
    assert second.battery_pct == 100.0
    assert second.boot != first.boot
    assert _landing_pct(second, craft) >= 20.0
    near = plan_sorties(craft, _work([*_rows(250.0), *_rows(250.0, x_m=300.0)]))
    assert near[1].boot == near[0].boot


def test_each_line_is_begun_at_the_nearer_end() -> None:
    """Lines that all lead to the east are flown to and fro; after a refill the rest is begun on the crew's side."""
    lines = [(Line(0.0, SWATH_M * k, 1.0, 0.0, ((0.0, 300.0),)), SPEED_MPS) for k in range(3)]
    craft = Airframe("d-1", tank=40.0 * 0.14, endurance_s=600.0)  # 400 m
    sorties = plan_sorties(craft, _work(lines))
    eastwards = [
        [bool(state.nose_x[k] > 0.0) for k in range(len(state.x_m))]
        for sortie in sorties
        for state in [sortie.trajectory.at(np.array([ts for ts, on in sortie.trajectory.switches() if on], np.int64))]
    ]
    assert eastwards == [[True, False], [True, False], [True]]


def test_nobody_takes_off_after_work() -> None:
    lines = _rows(*[400.0] * 40)
    everything = plan_sorties(CRAFT, _work(lines))
    until_ms = everything[2].start_ms + 1
    cut = plan_sorties(CRAFT, _work(lines, until_ms=until_ms))
    assert [sortie.start_ms for sortie in cut] == [sortie.start_ms for sortie in everything[:3]]
    assert plan_sorties(CRAFT, _work(lines, until_ms=everything[2].start_ms))[-1].start_ms < everything[2].start_ms
    assert plan_sorties(CRAFT, _work(lines, until_ms=START_MS)) == ()


def test_the_first_sortie_is_short_where_it_is_to_be() -> None:
    lines = _rows(*[300.0] * 9)
    usual, short = (plan_sorties(CRAFT, _work(lines, first_sortie_s=s)) for s in (math.inf, 200.0))
    lasting_s = [(sortie.trajectory.end_ms - sortie.start_ms) / 1_000.0 for sortie in (usual[0], short[0], short[1])]
    assert lasting_s[1] <= 200.0 < lasting_s[0]
    assert lasting_s[2] > 250.0, "only the first one"
    assert sum(sortie.trajectory.sprayed_m for sortie in short) == pytest.approx(2_700.0)
    (one,) = plan_sorties(CRAFT, _work(_rows(300.0), first_sortie_s=1.0))
    assert one.trajectory.sprayed_m == pytest.approx(300.0), "one line it is at least"


def test_nothing_to_do_is_no_sortie() -> None:
    assert plan_sorties(CRAFT, _work([])) == ()


def test_slow_ways_take_more_batteries() -> None:
    slow = Airframe("d-1", endurance_s=600.0, kinematics=Kinematics(transit_mps=4.0))
    lines = _rows(*[400.0] * 12, x_m=500.0)
    assert len(plan_sorties(slow, _work(lines))) > len(plan_sorties(CRAFT, _work(lines)))
