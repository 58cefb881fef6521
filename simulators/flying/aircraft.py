"""Drone models, and drones with what they carry.

Figures: DJI's support page (T40) and dealers' tables (T25, T50, T70P, T100) as collected in the domain notes; those of
the T20P, T30 and XAG models could not be read anywhere and are engineering values, marked ``verified=False``. A swath
is no constant of a model: the one here is a setting that work in Vietnam uses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from core.errors import ConfigError
from core.model.enums import Operation
from simulators import specs
from simulators.flying.implement import Valve
from simulators.flying.trajectory import Kinematics


@dataclass(frozen=True, slots=True)
class Model:
    """What a drone of a model can do.

    ``tank_l`` is what it sprays from, ``load_kg`` what its spreader holds. ``swath_m`` is the usual width sprayed,
    ``spread_m`` the width spread. ``max_flow_lpm`` and ``max_rate_kgpm`` limit what comes out, ``endurance_s`` is the
    flying time of a full battery, ``height_m`` the usual height above the crop, ``verified`` whether a source says so.
    """

    name: str
    tank_l: float
    load_kg: float
    swath_m: float
    spread_m: float
    max_flow_lpm: float
    max_rate_kgpm: float
    endurance_s: float
    height_m: float = 3.0
    mtow_kg: float = 90.0
    verified: bool = True


MODELS: Final = {
    model.name: model
    for model in (
        Model("DJI Agras T20P", 20.0, 25.0, 6.0, 7.0, 12.0, 108.0, 600.0, mtow_kg=47.0, verified=False),
        Model("DJI Agras T25", 20.0, 25.0, 6.0, 7.0, 16.0, 190.0, 600.0, mtow_kg=52.0),
        Model("DJI Agras T30", 30.0, 40.0, 7.0, 7.0, 8.0, 50.0, 600.0, mtow_kg=78.0, verified=False),
        Model("DJI Agras T40", 40.0, 50.0, 9.0, 7.0, 12.0, 108.0, 600.0, mtow_kg=101.0),
        Model("DJI Agras T50", 40.0, 50.0, 9.0, 8.0, 16.0, 108.0, 540.0, mtow_kg=103.0),
        Model("DJI Agras T70P", 70.0, 70.0, 9.0, 8.0, 30.0, 400.0, 540.0, mtow_kg=149.0),
        Model("DJI Agras T100", 100.0, 100.0, 10.0, 8.0, 30.0, 400.0, 540.0, mtow_kg=175.0),
        Model("XAG P40", 20.0, 25.0, 6.0, 6.0, 10.0, 40.0, 600.0, mtow_kg=48.0, verified=False),
        Model("XAG P100", 40.0, 40.0, 7.0, 7.0, 12.0, 60.0, 600.0, mtow_kg=88.0, verified=False),
        Model("XAG P100 Pro", 50.0, 50.0, 8.0, 7.0, 22.0, 150.0, 600.0, mtow_kg=94.0, verified=False),
        Model("XAG P150", 70.0, 70.0, 9.0, 8.0, 30.0, 280.0, 540.0, mtow_kg=150.0, verified=False),
    )
}
SPEEDS_MPS: Final = {Operation.SPRAY: (5.0, 7.0), Operation.SPREAD: (5.0, 6.5), Operation.SOW: (4.0, 5.5)}
"""Slowest and fastest working speed that is chosen for a plot."""


def model(name: str) -> Model:
    """The model of a name.

    Raises:
        ConfigError: Nobody knows it.
    """
    if name not in MODELS:
        raise ConfigError(f"no drone model is called {name!r}; there are {', '.join(MODELS)}")
    return MODELS[name]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a drone carries beside its tank.

    ``meter_error`` bounds the flow meter's own error, as a share. ``restless`` is 1 for the small noise in speed,
    height and flow, 0 for none. ``stuck_share`` is the share of sorties whose valve stays open on the way home.
    """

    gnss: specs.Gnss = field(default_factory=specs.Gnss)
    rate_hz: float = 5.0
    valve: Valve = field(default_factory=Valve)
    antenna_right_m: float = 0.0
    antenna_ahead_m: float = 0.0
    meter_error: float = 0.0
    restless: float = 1.0
    stuck_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Airframe:
    """What a drone is and carries. ``tank`` is in litres or kilograms, ``endurance_s`` that of a full battery."""

    device: str
    model: str = "DJI Agras T40"
    tank: float = 40.0
    endurance_s: float = 720.0
    kinematics: Kinematics = field(default_factory=Kinematics)
    equipment: Equipment = field(default_factory=Equipment)
