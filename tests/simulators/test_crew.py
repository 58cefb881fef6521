"""Drones with what they carry, their part of the land, and where their crews stand."""

from __future__ import annotations

import datetime as dt
import math
from itertools import groupby
from typing import Any

import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from core.errors import ConfigError
from core.model.enums import Operation
from core.model.land import DeviceKind, Plot
from geo.projection import LocalPlane
from simulators import specs
from simulators.crew import Rig, device_of, rigs
from simulators.flying.aircraft import model
from simulators.plots import rice_plots

PLANE = LocalPlane.around(105.725, 9.285)


def _plot(outline: Polygon, name: str = "p") -> Plot:
    return Plot(name, PLANE.to_wgs84(outline), cooperative="a")


def _rigs(plots: list[Plot], *fleets: specs.Fleet, **tables: Any) -> tuple[Rig, ...]:
    land = tables.pop("land", specs.Land())
    cooperative = specs.Cooperative(id="a", name="A", land=land, fleets=list(fleets or [specs.Fleet()]))
    start = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
    scenario = specs.Scenario(title_vi="Thử", title_en="Test", start=start, cooperatives=[cooperative], **tables)
    return rigs(scenario, cooperative, plots)


def test_every_drone_has_a_number_its_model_and_its_part() -> None:
    plots = rice_plots("a", 12)
    found = _rigs(plots, specs.Fleet(count=2), specs.Fleet(model="XAG P100"))
    assert [rig.airframe.device for rig in found] == ["drone-01", "drone-02", "drone-03"]
    assert [rig.airframe.model for rig in found] == ["DJI Agras T40", "DJI Agras T40", "XAG P100"]
    assert [rig.airframe.tank for rig in found] == [40.0, 40.0, 40.0]
    assert [rig.swath_m for rig in found] == [9.0, 9.0, 7.0]
    sprayed_m2 = sum(line.sprayed_m * rig.swath_m for rig in found for _, line in rig.lines)
    assert sprayed_m2 == pytest.approx(sum(plot.declared_area_m2 or 0.0 for plot in plots), rel=0.1)


@pytest.mark.parametrize(("op", "swath_m", "tank"), [("spray", 9.0, 70.0), ("spread", 8.0, 70.0), ("sow", 8.0, 70.0)])
def test_spreaders_have_a_width_of_their_own(op: Any, swath_m: float, tank: float) -> None:
    (rig,) = _rigs([_plot(box(0, 0, 200, 60))], specs.Fleet(model="DJI Agras T70P", op=op))
    assert (rig.op, rig.swath_m, rig.airframe.tank) == (Operation[op.upper()], swath_m, tank)


def test_a_spreader_holds_kilograms() -> None:
    (rig,) = _rigs([_plot(box(0, 0, 200, 60))], specs.Fleet(model="DJI Agras T40", op="spread"))
    assert rig.airframe.tank == model("DJI Agras T40").load_kg == 50.0


def test_a_drone_carries_what_the_scenario_says() -> None:
    told = specs.Fleet(
        gnss="mine",
        rate_hz=10.0,
        swath_m=6.0,
        height_m=4.0,
        delay_s=0.2,
        response_s=0.5,
        antenna_right_m=0.1,
        antenna_ahead_m=-0.3,
        meter_error_pct=2.0,
        restless=0.5,
        stuck_share=0.25,
    )
    receiver = specs.Gnss(mode="single", jumps_per_h=4.0)
    (rig,) = _rigs([_plot(box(0, 0, 200, 60))], told, gnss={"mine": receiver})
    equipment, kinematics = rig.airframe.equipment, rig.airframe.kinematics
    assert (rig.swath_m, kinematics.height_m) == (6.0, 4.0)
    assert kinematics.steady_ms >= 200, "a step of fixes of straight flight before the pump goes on"
    assert (equipment.gnss, equipment.rate_hz) == (receiver, 10.0)
    assert (equipment.valve.delay_ms, equipment.valve.response_ms, equipment.valve.lag_ms) == (200, 500, 450)
    assert (equipment.antenna_right_m, equipment.antenna_ahead_m) == (0.1, -0.3)
    assert (equipment.meter_error, equipment.restless, equipment.stuck_share) == (0.02, 0.5, 0.25)


@pytest.mark.parametrize("rate_hz", [1.0, 2.0, 5.0])
def test_the_run_up_is_longer_than_a_step_of_fixes(rate_hz: float) -> None:
    (rig,) = _rigs([_plot(box(0, 0, 200, 60))], specs.Fleet(rate_hz=rate_hz))
    assert rig.airframe.kinematics.steady_ms > 1_000.0 / rate_hz


def test_lines_are_those_of_its_plots_plot_after_plot() -> None:
    outlines = [box(0, 0, 200, 45), box(0, 60, 200, 105), box(0, 120, 200, 165)]
    (rig,) = _rigs([_plot(o, f"p{k}") for k, o in enumerate(outlines)])
    assert sorted(number for number, _ in groupby(number for number, _ in rig.lines)) == [0, 1, 2]
    ends = np.array([end for _, line in rig.lines for end in (line.start, line.end)])
    lon, lat = rig.plane.lonlat(ends[:, 0], ends[:, 1])
    x, y = PLANE.xy(lon, lat)
    assert ((x > -0.01) & (x < 200.01)).all()
    assert all(any(o.bounds[1] < north < o.bounds[3] for o in outlines) for north in y.tolist())


def test_headlands_are_flown_where_they_are_told() -> None:
    """Without rounds all lines are parallel; a round has sides in two directions."""
    ways = {}
    for headlands in (0, 1):
        (rig,) = _rigs([_plot(box(0, 0, 200, 120))], specs.Fleet(headlands=headlands))
        ways[headlands] = {round(abs(line.ux), 3) for _, line in rig.lines}
    assert len(ways[0]) == 1
    assert len(ways[1]) == 2


def test_the_crew_stands_at_the_edge_of_a_plot_in_the_middle_of_its_land() -> None:
    plots = rice_plots("a", 10)
    (rig,) = _rigs(plots)
    outlines = [rig.plane.to_plane(plot.boundary) for plot in plots]
    assert min(outline.boundary.distance(shapely.Point(rig.base)) for outline in outlines) < 0.1
    middle = shapely.union_all(outlines).centroid
    assert middle.distance(shapely.Point(rig.base)) < 60.0
    assert max(math.dist(rig.base, line.point(0.0)) for _, line in rig.lines) < 600.0


def test_lines_and_run_ups_keep_clear_of_what_stands_in_the_way() -> None:
    pole = PLANE.lonlat(np.array([100.0]), np.array([30.0]))
    at = (float(pole[0][0]), float(pole[1][0]))
    plots = [_plot(box(0, 0, 200, 60))]
    (free,) = _rigs(plots)
    (rig,) = _rigs(plots, land=specs.Land(obstacles=[at], clearance_m=3.0))
    assert not free.obstacles
    x, y = rig.plane.local.xy(*pole)
    place = shapely.Point(float(x[0]), float(y[0]))
    room_m = 5.0
    for _, line in rig.lines:
        flown = shapely.LineString([line.point(-room_m), line.point(line.length_m + room_m)])
        assert flown.distance(place) >= 3.0
    assert len(rig.lines) > len(free.lines)


def test_no_drone_no_rig() -> None:
    scenario_of = specs.Cooperative(id="a", name="A")
    start = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
    scenario = specs.Scenario(title_vi="Thử", title_en="Test", start=start, cooperatives=[scenario_of])
    assert rigs(scenario, scenario_of, []) == ()


def test_drones_without_a_plot_are_refused() -> None:
    with pytest.raises(ConfigError, match="a: there is no plot"):
        _rigs([])


def test_land_without_room_for_a_strip_is_refused() -> None:
    with pytest.raises(ConfigError, match="a: no plot has room for a strip"):
        _rigs([_plot(box(0, 0, 2, 2))])


def test_a_plot_without_room_is_left_out() -> None:
    (rig,) = _rigs([_plot(box(0, 0, 2, 2), "dot"), _plot(box(10, 0, 210, 50), "field")])
    assert {number for number, _ in rig.lines} == {1}


def test_drones_without_room_stay_at_home_and_the_others_keep_their_names() -> None:
    plots = [
        _plot(box(-30, 0, -28, 2), "dot"),
        _plot(box(400, 0, 600, 100), "field"),
        _plot(box(601, 0, 801, 99), "two"),
    ]
    found = _rigs(plots, specs.Fleet(count=9))
    assert 1 <= len(found) <= 2
    assert all(rig.lines for rig in found)
    assert [rig.airframe.device for rig in found] == [f"drone-{rig.number:02d}" for rig in found]


@pytest.mark.parametrize("apart_m", [100_000.0, 70_000.0])
def test_plots_of_one_drone_that_lie_far_apart_are_refused(apart_m: float) -> None:
    far = [_plot(box(0, 0, 200, 60), "here"), _plot(box(apart_m, 0, apart_m + 200, 60), "there")]
    with pytest.raises(ConfigError, match=rf"{apart_m / 1_000.0:.0f} km apart"):
        _rigs(far)
    assert len(_rigs(far, specs.Fleet(count=2))) == 2


def test_a_device_is_told_with_its_number_and_its_weight() -> None:
    plots = [_plot(box(250.0 * k, 0, 250.0 * k + 200, 40), f"p{k}") for k in range(2)]
    rig = _rigs(plots, specs.Fleet(count=2))[1]
    device = device_of(specs.Cooperative(id="a", name="A"), rig)
    assert (device.device, device.cooperative, device.kind) == ("drone-02", "a", DeviceKind.DRONE)
    assert (device.name, device.model) == ("DJI Agras T40 số 02", "DJI Agras T40")
    assert (device.swath_m, device.mtow_kg) == (9.0, 101.0)


def test_the_hundredth_drone_has_its_number_too() -> None:
    plots = [_plot(box(0, 30.0 * k, 100, 30.0 * k + 20), f"p{k:03d}") for k in range(104)]
    found = _rigs(plots, specs.Fleet(count=104))
    names = {device_of(specs.Cooperative(id="a", name="A"), rig).name for rig in found}
    assert len(names) == len(found) == 104
    assert "DJI Agras T40 số 104" in names
