"""Whole scenarios: what is there, what is sent, and that the physics hold on every fix."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from msgspec import structs

from core.errors import ConfigError
from core.model.enums import Operation
from core.model.fixtable import FixTable
from core.model.land import DeviceKind
from core.model.samples import Event, Reading
from core.model.traffic import RawMessage, Run, Stream, Truth
from simulators import scenario as scenarios
from simulators import specs, world
from simulators.fleet import START_MS, fly
from simulators.flying.aircraft import MODELS
from simulators.plots import rice_plots
from simulators.variation import of_fleets, with_days, with_drones

SMALL = specs.Scenario(
    name="small",
    title_vi="Nhỏ",
    title_en="Small",
    start=dt.datetime.fromisoformat("2026-03-02T06:00:00+07:00"),
    hours=2.0,
    cooperatives=[
        specs.Cooperative(
            id="a",
            name="A",
            land=specs.Land(count=6),
            fleets=[specs.Fleet(), specs.Fleet(model="DJI Agras T50", op="spread", dose=80.0)],
            sensors=[specs.Sensor(kind="weather"), specs.Sensor(kind="water_level", count=2, format="senml")],
        ),
        specs.Cooperative(
            id="b",
            name="B",
            land=specs.Land(count=4, lat=9.4),
            fleets=[specs.Fleet(model="DJI Agras T30", op="sow", dose=90.0, mode="ab")],
        ),
    ],
)


@lru_cache(maxsize=8)
def _built(seed: int = 1) -> tuple[Run, Truth]:
    return world.build(SMALL, seed=seed)


def _fixes(run: Run) -> list[tuple[Stream, FixTable]]:
    return [(s, s.samples) for s in run.streams if isinstance(s.samples, FixTable)]


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, FixTable):
        columns = ("ts_ms", "lat_deg", "lon_deg", "speed_mps", "flow_lpm", "rate_kgpm", "height_m")
        return all(np.array_equal(getattr(one, c), getattr(other, c), equal_nan=True) for c in columns)
    return bool(one == other)


def test_everything_that_is_sent_belongs_to_a_device_that_is_told() -> None:
    run, _ = _built()
    known = {(d.cooperative, d.device, d.kind) for d in run.devices}
    assert {(s.cooperative, s.device, s.kind) for s in run.streams} == known
    assert {p.cooperative for p in run.plots} == {c.cooperative for c in run.cooperatives} == {"a", "b"}
    foreign = {(a.cooperative, a.device) for a in run.aliases}
    assert foreign == {(s.cooperative, s.device) for s in run.streams if s.external}


def test_messages_arrive_in_order_after_what_they_tell() -> None:
    run, _ = _built()
    for stream in run.streams:
        sending = stream.sending
        assert sending is not None
        assert (np.diff(sending.due_ms) >= 0).all()
        samples = stream.samples
        ts = samples.ts_ms if isinstance(samples, FixTable) else np.array([s.ts_ms for s in samples])
        assert (sending.end > sending.first).all()
        assert (sending.due_ms >= ts[sending.end - 1]).all()


def test_work_stays_within_the_hours() -> None:
    run, _ = _built()
    end_ms = run.start_ms + int(SMALL.hours * 3_600_000)
    for _, fixes in _fixes(run):
        assert fixes.ts_ms.min() >= run.start_ms
        assert fixes.ts_ms.max() < end_ms + 15 * 60_000  # who is in the air at the end flies home


def test_physics_hold_on_every_fix() -> None:
    """Within the noise of the meter (1 % and a bias of at most 1 %) and of the speed (0.02 m/s)."""
    run, truth = _built()
    models = {(d.cooperative, d.device): MODELS[d.model] for d in run.devices if d.kind is DeviceKind.DRONE}
    for stream, fixes in _fixes(run):
        fleet, craft = _fleet_of(stream), models[stream.cooperative, stream.device]
        spray = fleet.op == "spray"
        flow = fixes.flow_lpm if spray else fixes.rate_kgpm
        tank = fixes.tank_l if spray else fixes.tank_kg
        assert np.isnan(fixes.rate_kgpm if spray else fixes.flow_lpm).all()
        changed = np.flatnonzero(np.diff(fixes.on.astype(int), prepend=0))
        steady = ~np.isin(np.arange(len(fixes)), np.concatenate([changed + k for k in range(4)]))
        wanted = np.where(fixes.on, fleet.dose * fixes.speed_mps * fixes.swath_m * 0.006, 0.0)
        np.testing.assert_allclose(flow[steady], wanted[steady], rtol=0.08, atol=1e-9)
        assert np.median(np.abs(flow[steady & fixes.on] / wanted[steady & fixes.on] - 1.0)) < 0.025
        assert wanted.max() <= (craft.max_flow_lpm if spray else craft.max_rate_kgpm) * 1.05
        assert tank.min() >= 0.0
        assert tank.max() == (craft.tank_l if spray else craft.load_kg)
        falling = np.diff(tank)
        assert falling[falling < 0.0].sum() == pytest.approx(-_released(truth, stream), rel=2e-3)
        assert fixes.battery_pct.min() >= 0.0
        assert (fixes.op == Operation[fleet.op.upper()]).all()


def _fleet_of(stream: Stream) -> specs.Fleet:
    (cooperative,) = (c for c in SMALL.cooperatives if c.id == stream.cooperative)
    return cooperative.fleets[int(stream.device.rpartition("-")[2]) - 1]


def _released(truth: Truth, stream: Stream) -> float:
    """What fell on the strips of a drone, in litres or kilograms."""
    mine = [
        k for k in range(len(truth)) if (truth.cooperative[k], truth.device[k]) == (stream.cooperative, stream.device)
    ]
    return float(sum(truth.released[truth.start[k] : truth.start[k + 1]].sum() for k in mine))


def test_truth_tells_of_every_boot_and_job_that_sprayed() -> None:
    run, truth = _built()
    told = {(s.cooperative, s.device, b, j) for s, f in _fixes(run) for b, j in _labels(f)}
    true = {(truth.cooperative[k], truth.device[k], truth.boot[k], truth.job[k]) for k in range(len(truth))}
    assert true == told


def _labels(fixes: FixTable) -> set[tuple[str, str]]:
    on = fixes.take(fixes.on)
    return set(zip(on.boot.values(), on.job.values(), strict=True))


def test_same_seed_same_samples_other_seed_others() -> None:
    again = world.build(SMALL, seed=1)[0]
    other = _built(2)[0]
    for one, two in zip(_built()[0].streams, again.streams, strict=True):
        assert _same(one.samples, two.samples)
    assert not all(_same(a.samples, b.samples) for a, b in zip(_built()[0].streams, other.streams, strict=True))


def test_days_go_on_with_work_and_with_other_noise() -> None:
    days = with_days(with_drones(structs.replace(SMALL, cooperatives=SMALL.cooperatives[:1]), 1), 2)
    run, truth = world.build(days)
    first, second = (fixes for _, fixes in _fixes(run))
    assert second.ts_ms[0] - first.ts_ms[0] == world.DAY_MS
    assert not np.array_equal(first.speed_mps, second.speed_mps[: len(first)])
    assert len(set(truth.job.labels)) == 2
    readings = [s.samples for s in run.streams if s.kind is DeviceKind.SENSOR]
    assert all(isinstance(r, list) and r[-1].ts_ms - r[0].ts_ms > 47 * 3_600_000 for r in readings)


def test_rest_days_are_kept() -> None:
    days = structs.replace(with_days(SMALL, 5), work_every_days=3)
    ready = world.prepare(with_drones(structs.replace(days, cooperatives=days.cooperatives[:1]), 1))
    assert ready.parts == len(list(ready.made())) == 3  # two days of work, and the sensors


def test_plots_of_a_file_take_the_place_of_the_scenarios() -> None:
    plots = rice_plots("elsewhere", 3, seed=9)
    run, _ = world.build(SMALL, plots={"a": plots})
    mine = [p for p in run.plots if p.cooperative == "a"]
    assert [p.plot for p in mine] == [p.plot for p in plots]
    assert all(p.boundary == q.boundary for p, q in zip(mine, plots, strict=True))


def test_a_hostile_device_is_registered_and_heard() -> None:
    cooperatives = SMALL.cooperatives[:1]
    run, _ = world.build(structs.replace(SMALL, cooperatives=cooperatives, hostile=[specs.Hostile(device="x")]))
    (rubbish,) = (s for s in run.streams if s.device == "x")
    assert all(isinstance(message, RawMessage) for message in _listed(rubbish))
    assert len(_listed(rubbish)) > 100
    assert "x" in {d.device for d in run.devices}


def _listed(stream: Stream) -> list[Any]:
    assert isinstance(stream.samples, list)
    return list(stream.samples)


def test_without_plots_nobody_flies() -> None:
    with pytest.raises(ConfigError, match="a: there is no plot"):
        world.prepare(of_fleets(structs.replace(SMALL, cooperatives=[_landless()]), lambda f: f))


def _landless() -> specs.Cooperative:
    return structs.replace(SMALL.cooperatives[0], land=specs.Land(count=0))


@pytest.mark.parametrize("name", scenarios.names())
def test_scenarios_of_the_project_can_be_prepared(name: str) -> None:
    """All but the flights; a province's land takes some seconds."""
    scenario = scenarios.load(name)
    ready = world.prepare(structs.replace(scenario, cooperatives=scenario.cooperatives[:2]))
    assert ready.devices
    assert {d.cooperative for d in ready.devices} <= {c.cooperative for c in ready.cooperatives}
    made = next(ready.made())
    assert made.flights > 0
    assert all(isinstance(s.samples, FixTable) or isinstance(s.samples[0], Event | Reading) for s in made.streams)


def test_a_small_fleet_takes_off_when_told_and_sends_sensors_until_it_has_landed() -> None:
    fleet = fly(rice_plots("demo", 4), drones=2)
    lists = [s.samples for s in fleet.streams if s.kind is DeviceKind.SENSOR and isinstance(s.samples, list)]
    last_ms = max(samples[-1].ts_ms for samples in lists)
    assert START_MS + fleet.duration_s * 1000.0 - 60_000 <= last_ms <= START_MS + fleet.duration_s * 1000.0
    assert all(stream.sending is None for stream in fleet.streams)
