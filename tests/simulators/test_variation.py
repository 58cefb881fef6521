"""Scenarios varied by a command's options."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec import structs

from core.errors import ConfigError
from simulators import specs
from simulators.variation import checked_seed, of_first, of_fleets, renamed, with_days, with_drones, with_swath

T40, T25 = specs.Fleet(count=2, swath_m=8.0), specs.Fleet(model="DJI Agras T25", count=1)
SCENARIO = specs.Scenario(
    title_vi="Hai",
    title_en="Two",
    start=dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC),
    cooperatives=[
        specs.Cooperative(id="a", name="A", fleets=[T40, T25], sensors=[specs.Sensor(kind="soil")]),
        specs.Cooperative(id="b", name="B", fleets=[T25]),
    ],
    hostile=[specs.Hostile(cooperative="a"), specs.Hostile(cooperative="b"), specs.Hostile()],
)


def _models(scenario: specs.Scenario, number: int = 0) -> list[str]:
    return [fleet.model[-3:] for fleet in scenario.cooperatives[number].fleets for _ in range(fleet.count)]


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_drones_are_its_own_ones_in_turn(count: int) -> None:
    varied = with_drones(SCENARIO, count)
    assert _models(varied) == ["T40", "T40", "T25", "T40", "T40", "T25", "T40"][:count]
    assert varied.cooperatives[0].fleets[0] == structs.replace(T40, count=1), "all else stays"
    assert varied.cooperatives[1] == SCENARIO.cooperatives[1], "another cooperative keeps its own"
    assert varied.cooperatives[0].sensors == SCENARIO.cooperatives[0].sensors


@pytest.mark.parametrize("count", [0, -3])
def test_no_drone_is_refused(count: int) -> None:
    with pytest.raises(ConfigError, match=f"--drones {count}"):
        with_drones(SCENARIO, count)


def test_where_there_are_no_drones_none_can_be_taken() -> None:
    bare = of_first(SCENARIO, lambda c: structs.replace(c, fleets=[]))
    with pytest.raises(ConfigError, match="has drones"):
        with_drones(bare, 2)


def test_the_swath_is_everybodys() -> None:
    varied = with_swath(SCENARIO, 6.5)
    assert [fleet.swath_m for c in varied.cooperatives for fleet in c.fleets] == [6.5, 6.5, 6.5]
    assert _models(varied) == _models(SCENARIO)


@pytest.mark.parametrize("swath_m", [0.0, -1.0, 100.1, float("nan"), float("inf")])
def test_no_boom_is_refused(swath_m: float) -> None:
    with pytest.raises(ConfigError, match="--swath"):
        with_swath(SCENARIO, swath_m)


def test_days() -> None:
    assert with_days(SCENARIO, 5) == structs.replace(SCENARIO, days=5)
    for days in (0, -1):
        with pytest.raises(ConfigError, match=f"--backfill {days}"):
            with_days(SCENARIO, days)


def test_a_new_name_goes_with_everything_that_is_the_first_cooperatives() -> None:
    varied = renamed(SCENARIO, "c")
    assert [c.id for c in varied.cooperatives] == ["c", "b"]
    assert varied.cooperatives[0].fleets == SCENARIO.cooperatives[0].fleets
    assert [h.cooperative for h in varied.hostile] == ["c", "b", ""]
    assert renamed(SCENARIO, "a") == SCENARIO


def test_no_two_cooperatives_get_one_name() -> None:
    with pytest.raises(ConfigError, match="--cooperative b"):
        renamed(SCENARIO, "b")


def test_the_scenario_itself_stays_as_it_is() -> None:
    before = structs.asdict(SCENARIO)
    of_fleets(with_days(with_swath(with_drones(renamed(SCENARIO, "c"), 9), 3.0), 2), lambda fleet: fleet)
    assert structs.asdict(SCENARIO) == before


def test_seeds() -> None:
    assert [checked_seed(seed) for seed in (None, 0, 2**70)] == [None, 0, 2**70]
    with pytest.raises(ConfigError, match="--seed -1"):
        checked_seed(-1)
