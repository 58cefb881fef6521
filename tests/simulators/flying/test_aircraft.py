"""Models of drones: their data hang together, and an unknown one is told with those that there are."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from core.model.enums import Operation
from core.units import flow_lpm
from simulators.flying.aircraft import MODELS, SPEEDS_MPS, Airframe, Equipment, Model, model
from simulators.specs import Fleet, Gnss


@pytest.mark.parametrize("craft", MODELS.values(), ids=list(MODELS))
def test_data_are_those_of_a_spraying_drone(craft: Model) -> None:
    assert 10.0 <= craft.tank_l <= 100.0
    assert craft.tank_l <= craft.load_kg * 1.01, "what sprays can carry the same weight of grain"
    assert 5.0 <= craft.spread_m <= craft.swath_m + 2.0 <= 14.0
    assert craft.max_flow_lpm < craft.max_rate_kgpm
    assert 300.0 <= craft.endurance_s <= 1_200.0
    assert 1.5 <= craft.height_m <= 6.0
    assert craft.tank_l * 1.3 <= craft.mtow_kg <= 200.0


@pytest.mark.parametrize("craft", MODELS.values(), ids=list(MODELS))
def test_usual_work_is_within_what_its_pump_gives(craft: Model) -> None:
    """20 L/ha at the slowest working speed and the usual width."""
    assert flow_lpm(20.0, SPEEDS_MPS[Operation.SPRAY][0], craft.swath_m) < craft.max_flow_lpm


def test_figures_of_a_sheet() -> None:
    """DJI's page of the T40, and a dealer's table of the T50 (domain notes, 2.1)."""
    t40, t50 = model("DJI Agras T40"), model("DJI Agras T50")
    assert (t40.tank_l, t40.load_kg, t40.max_flow_lpm, t40.mtow_kg) == (40.0, 50.0, 12.0, 101.0)
    assert (t50.tank_l, t50.load_kg, t50.max_flow_lpm, t50.mtow_kg) == (40.0, 50.0, 16.0, 103.0)
    assert t40.verified
    assert t50.verified


@pytest.mark.parametrize("name", ["DJI Agras T20P", "DJI Agras T30", "XAG P40", "XAG P100", "XAG P150"])
def test_what_no_source_says_is_marked(name: str) -> None:
    assert not model(name).verified


def test_names_are_those_of_the_models() -> None:
    assert all(model(name).name == name for name in MODELS)
    assert Fleet().model in MODELS
    assert Airframe("d").model in MODELS


def test_an_unknown_model_is_told_with_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match=r"'DJI Agras T999'.*DJI Agras T40.*XAG P150"):
        model("DJI Agras T999")


def test_speeds_rise() -> None:
    assert set(SPEEDS_MPS) == {Operation.SPRAY, Operation.SPREAD, Operation.SOW}
    assert all(0.0 < slowest < fastest <= 10.0 for slowest, fastest in SPEEDS_MPS.values())


def test_equipment_is_perfect_unless_told() -> None:
    """Nothing but the receiver of RTK and small noise: what a test of geometry may rely on."""
    plain = Equipment()
    assert plain.gnss == Gnss(mode="rtk")
    assert (plain.valve.lag_ms, plain.antenna_right_m, plain.antenna_ahead_m) == (0, 0.0, 0.0)
    assert (plain.meter_error, plain.stuck_share) == (0.0, 0.0)
