"""The drones of a cooperative with what they carry, the plots that each takes, and its way over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from core.errors import ConfigError
from core.model.enums import Operation
from core.model.land import Device, DeviceKind, Plot
from geo.projection import LocalPlane
from simulators import scenario as scenarios
from simulators import specs
from simulators.flying.aircraft import SPEEDS_MPS, Airframe, Equipment, model
from simulators.flying.implement import Valve
from simulators.flying.plane import REACH_M, Plane
from simulators.flying.trajectory import Kinematics
from simulators.neighbourhoods import neighbourhoods
from simulators.plots import poles
from simulators.route import Line, Obstacles, Pace, Point, plan_tour


@dataclass(frozen=True, slots=True)
class Rig:
    """A drone with its part of the land. Lines are planned once and flown on every day of work."""

    number: int
    airframe: Airframe
    fleet: specs.Fleet
    op: Operation
    swath_m: float
    plane: Plane
    lines: tuple[tuple[int, Line], ...]
    base: Point
    obstacles: Obstacles


def rigs(scenario: specs.Scenario, spec: specs.Cooperative, plots: Sequence[Plot]) -> tuple[Rig, ...]:
    """The drones of a cooperative, each with a neighbourhood of about the same area."""
    fleets = [fleet for fleet in spec.fleets for _ in range(fleet.count)]
    if not fleets:
        return ()
    if not plots:
        raise ConfigError(f"{spec.id}: there is no plot to fly over")
    obstacles = [*spec.land.obstacles, *poles(plots, spec.land.poles, spec.land.seed)]
    found: list[Rig] = []
    for number, (fleet, group) in enumerate(zip(fleets, neighbourhoods(plots, len(fleets)), strict=False), 1):
        rig = _rig(scenario, number, fleet, group, obstacles=obstacles, clearance_m=spec.land.clearance_m)
        if rig.lines:
            found.append(rig)
    if not found:
        raise ConfigError(f"{spec.id}: no plot has room for a strip")
    return tuple(found)


def _rig(
    scenario: specs.Scenario,
    number: int,
    fleet: specs.Fleet,
    group: Sequence[Plot],
    *,
    obstacles: Sequence[Point],
    clearance_m: float,
) -> Rig:
    craft, op = model(fleet.model), Operation[fleet.op.upper()]
    spray = op is Operation.SPRAY
    swath_m = fleet.swath_m or (craft.swath_m if spray else craft.spread_m)
    kinematics = Kinematics(height_m=fleet.height_m or craft.height_m, steady_ms=round(1000.0 / fleet.rate_hz) + 100)
    valve = Valve(round(fleet.delay_s * 1000.0), round(fleet.response_s * 1000.0))
    equipment = Equipment(
        gnss=scenarios.receiver(scenario, fleet.gnss),
        rate_hz=fleet.rate_hz,
        valve=valve,
        antenna_right_m=fleet.antenna_right_m,
        antenna_ahead_m=fleet.antenna_ahead_m,
        meter_error=fleet.meter_error_pct / 100.0,
        restless=fleet.restless,
        stuck_share=fleet.stuck_share,
    )
    tank = craft.tank_l if spray else craft.load_kg
    airframe = Airframe(f"drone-{number:02d}", craft.name, tank, craft.endurance_s, kinematics, equipment)
    plane = _plane(group)
    outlines = [plane.to_plane(plot.boundary) for plot in group]
    base = _base(outlines)
    speeds = fleet.speed_mps or SPEEDS_MPS[op]
    pace = Pace(speeds[1], kinematics.accel_mps2, kinematics.transit_mps, kinematics.turn_dps, kinematics.steady_ms)
    near = _near(obstacles, plane, clearance_m)
    tour = plan_tour(outlines, base, swath_m, headlands=fleet.headlands, obstacles=near, pace=pace)
    lines = tuple((plot, line) for plot, of_plot in tour for line in of_plot)
    return Rig(number, airframe, fleet, op, swath_m, plane, lines, base, near)


def _near(obstacles: Sequence[Point], plane: Plane, clearance_m: float) -> Obstacles:
    """The obstacles (longitude, latitude) in a plane, none nearer than the clearance."""
    lon, lat = np.array(obstacles, np.float64).reshape(-1, 2).T
    x, y = plane.local.xy(lon, lat)
    return Obstacles.around([shapely.Point(at) for at in np.round(np.column_stack([x, y]), 3).tolist()], clearance_m)


def _plane(group: Sequence[Plot]) -> Plane:
    bounds = np.array([p.boundary.bounds for p in group])
    middle = LocalPlane.for_points(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel(), centred=True)
    x, y = middle.xy(bounds[:, [0, 2]].ravel(), bounds[:, [1, 3]].ravel())
    far_m = float(max(np.abs(x).max(), np.abs(y).max()))
    if far_m > 2.0 * REACH_M:
        raise ConfigError(f"the plots of one drone lie {far_m / 500.0:.0f} km apart: give it fewer, or more drones")
    return Plane.around(middle.lon0_deg, middle.lat0_deg)


def _base(outlines: Sequence[Polygon | MultiPolygon]) -> Point:
    """Where the crew stands: at the edge of a plot in the middle of its land, to a decimetre."""
    land = MultiPolygon([part for outline in outlines for part in shapely.get_parts(outline)])
    edge = shapely.shortest_line(land.boundary, land.centroid)
    x, y = shapely.get_coordinates(edge)[0].tolist()
    return round(x, 1), round(y, 1)


def device_of(spec: specs.Cooperative, rig: Rig) -> Device:
    """The drone as a registry knows it."""
    name = f"{rig.airframe.model} số {rig.number:02d}"
    mtow_kg = model(rig.airframe.model).mtow_kg
    return Device(
        rig.airframe.device,
        spec.id,
        DeviceKind.DRONE,
        name,
        rig.airframe.model,
        rig.swath_m,
        mtow_kg=mtow_kg,
    )
