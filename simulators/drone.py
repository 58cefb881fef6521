"""One drone's day: sorties over lines with refills and battery swaps, and what its telemetry says about them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.samples import Event
from core.units import M2_PER_HA, flow_lpm
from geo.projection import LocalPlane
from simulators.route import Line
from simulators.trajectory import Kinematics, Pilot, Trajectory, climb_ms, run_ms, run_up_m, travel_ms

_RESERVE_PCT: Final = 20.0
_SWAP_PCT: Final = 60.0
_GROUND_MS: Final = 75_000
_SHORTEST_CUT_M: Final = 15.0
_SLOW_KNOT_MS: Final = 30_000
_SLOW_SD_M: Final = 0.017
_WHITE_SD_M: Final = 0.010
_FLOAT_FACTOR: Final = 8.0


@dataclass(frozen=True, slots=True)
class Airframe:
    """What a drone is and carries. ``endurance_s`` is the flying time of a full battery."""

    device: str
    model: str = "DJI Agras T40"
    tank_l: float = 40.0
    endurance_s: float = 720.0
    kinematics: Kinematics = field(default_factory=Kinematics)


@dataclass(frozen=True, slots=True)
class Work:
    """The drone's part of a job: lines in order with a speed each, in plane metres, and where the crew stands.

    ``first_sortie_s`` is about how long the first sortie may take: the crew tries the nozzles on little.
    """

    job: str
    lines: Sequence[tuple[Line, float]]
    base: tuple[float, float]
    swath_m: float
    dose_lpha: float
    start_ms: int
    first_sortie_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Sortie:
    """From take-off to landing; ``tank_l`` and ``battery_pct`` are those at the start."""

    start_ms: int
    trajectory: Trajectory
    boot: str
    tank_l: float
    battery_pct: float


@dataclass(frozen=True, slots=True)
class Flown:
    """All fixes and events of a drone, and its sorties as they were flown."""

    fixes: FixTable
    events: list[Event]
    sorties: tuple[Sortie, ...]


def plan_sorties(airframe: Airframe, work: Work) -> tuple[Sortie, ...]:
    """Share lines out over sorties: home when tank or battery run low; a line is cut where the tank is empty.

    The drone takes off with a full tank. It takes the nearer end of each line first, and goes on after a refill where
    it broke off. A battery below 60 % is swapped at the refill, which starts a new boot.
    """
    left = list(work.lines)
    sorties: list[Sortie] = []
    now_ms, battery, boot = work.start_ms, 100.0, 0
    while left:
        pilot, left = _fly_sortie(airframe, work, left, now_ms, battery, first=not sorties)
        label = f"{airframe.device}-{work.start_ms // 1000:x}-{boot}"
        sorties.append(Sortie(now_ms, pilot.finish(), label, airframe.tank_l, battery))
        battery -= (pilot.now_ms - now_ms) / 10.0 / airframe.endurance_s
        if battery < _SWAP_PCT:
            battery, boot = 100.0, boot + 1
        now_ms = pilot.now_ms + _GROUND_MS
    return tuple(sorties)


def _fly_sortie(
    airframe: Airframe, work: Work, left: list[tuple[Line, float]], start_ms: int, battery_pct: float, *, first: bool
) -> tuple[Pilot, list[tuple[Line, float]]]:
    """Fly as many lines as tank and battery allow, at least a part of one; the lines that are left over."""
    kinematics = airframe.kinematics
    pilot = Pilot(start_ms, work.base, kinematics)
    pilot.climb(kinematics.height_m)
    seconds = (battery_pct - _RESERVE_PCT) / 100.0 * airframe.endurance_s
    limit_ms = start_ms + 1000.0 * min(seconds, work.first_sortie_s if first else math.inf)
    tank_m = airframe.tank_l * M2_PER_HA / (work.dose_lpha * work.swath_m)
    todo = list(left)
    while todo:
        line, speed = todo[0]
        line = _nearer_end_first(line, pilot.at)
        budget_m = tank_m - pilot.sprayed_m
        rest: list[tuple[Line, float]] = []
        if line.sprayed_m > budget_m:
            cut_m = min(budget_m, line.sprayed_m - _SHORTEST_CUT_M)
            if cut_m < _SHORTEST_CUT_M and pilot.sprayed_m > 0.0:
                break
            line, beyond = line.cut(max(cut_m, min(budget_m, line.sprayed_m / 2)))
            rest = [(beyond, speed)]
        if pilot.sprayed_m > 0.0 and _back_at_ms(pilot, line, speed, work.base, kinematics) > limit_ms:
            break
        pilot.run(line, speed)
        todo[:1] = rest
        if rest:
            break
    pilot.fly_to(work.base)
    pilot.climb(0.0)
    return pilot, todo


def _nearer_end_first(line: Line, at: tuple[float, float]) -> Line:
    far = math.dist(at, line.point(line.length_m)) < math.dist(at, line.point(0.0))
    return line.reversed() if far else line


def _back_at_ms(pilot: Pilot, line: Line, speed: float, base: tuple[float, float], kinematics: Kinematics) -> int:
    before, after = run_up_m(line, speed, kinematics)
    there = travel_ms(math.dist(pilot.at, line.point(-before)), kinematics)
    home = travel_ms(math.dist(line.point(line.length_m + after), base), kinematics)
    return pilot.now_ms + there + run_ms(line, speed, kinematics) + home + climb_ms(kinematics.height_m, kinematics)


def record(
    airframe: Airframe,
    work: Work,
    sorties: Sequence[Sortie],
    plane: LocalPlane,
    rng: np.random.Generator,
    *,
    rate_hz: float = 5.0,
    noise: float = 1.0,
) -> Flown:
    """What the drone sends about its sorties.

    Fixes stand on a grid of ``rate_hz``; switching instants lie between them, as events. The flow follows the speed:
    dose × speed × swath × 0.006 L/min. The autopilot keeps to its own receiver's line, so what is logged is the planned
    line with the receiver's error.

    Args:
        airframe: The drone.
        work: What it was told.
        sorties: From :func:`plan_sorties`.
        plane: The plane that the lines are in.
        rng: Source of all that is random.
        rate_hz: Fixes per second.
        noise: 1 for an RTK receiver (1.7 cm slow and 1 cm white error, now and then a float solution) and a flow
            meter's 1 %; 0 for none at all.
    """
    step_ms = round(1000.0 / rate_hz)
    tables = [_table(airframe, work, s, plane, rng=rng, step_ms=step_ms, noise=noise) for s in sorties]
    fixes = FixTable.concat(tables)
    fixes = fixes.with_columns(seq=_counted(fixes.boot.codes.astype(np.int64)))
    return Flown(fixes, [e for sortie in sorties for e in _events(airframe.device, sortie)], tuple(sorties))


def _table(
    airframe: Airframe,
    work: Work,
    sortie: Sortie,
    plane: LocalPlane,
    *,
    rng: np.random.Generator,
    step_ms: int,
    noise: float,
) -> FixTable:
    ts = np.arange(sortie.start_ms, sortie.trajectory.end_ms + 1, step_ms, dtype=np.int64)
    n = len(ts)
    state = sortie.trajectory.at(ts)
    floating = _floating(ts, rng) if noise > 0.0 else np.zeros(n, np.bool_)
    east_m, north_m = (noise * _receiver_error(ts, floating, rng) for _ in range(2))
    lon, lat = plane.lonlat(state.x_m + east_m, state.y_m + north_m)
    wobble = noise * rng.standard_normal((3, n)) * np.array([[0.02], [0.05], [0.01]])
    flow = flow_lpm(work.dose_lpha, 1.0, work.swath_m) * state.speed_mps * state.on
    seconds = (ts - sortie.start_ms) / 1000.0
    return FixTable.build(
        ts,
        np.round(lat, 10),
        np.round(lon, 10),
        device=airframe.device,
        height_m=np.round(np.maximum(state.height_m + wobble[1], 0.0), 3),
        height_ref=HeightRef.CROP,
        speed_mps=np.round(np.maximum(state.speed_mps + wobble[0] * (state.speed_mps > 0.0), 0.0), 3),
        heading_deg=np.round(state.heading_deg, 2) % 360.0,
        quality=np.where(floating, FixQuality.FLOAT, FixQuality.RTK),
        hdop=np.where(floating, 0.9, 0.6),
        op=Operation.SPRAY,
        on=state.on,
        mode=Mode.AUTO,
        flow_lpm=np.round(flow * (1.0 + wobble[2]), 4),
        swath_m=work.swath_m,
        tank_l=np.round(sortie.tank_l - work.dose_lpha * work.swath_m * state.sprayed_m / M2_PER_HA, 4),
        battery_pct=np.round(sortie.battery_pct - 100.0 * seconds / airframe.endurance_s, 2),
        boot=sortie.boot,
        job=work.job,
    )


def _receiver_error(ts_ms: Ints, floating: Bools, rng: np.random.Generator) -> Floats:
    """Error of one axis in m: a slow part that wanders within half a minute, larger in a float solution, and white."""
    knots = np.arange(ts_ms[0], ts_ms[-1] + 2 * _SLOW_KNOT_MS, _SLOW_KNOT_MS)
    slow = np.interp(ts_ms, knots, rng.normal(0.0, _SLOW_SD_M, len(knots)))
    return slow * np.where(floating, _FLOAT_FACTOR, 1.0) + rng.normal(0.0, _WHITE_SD_M, len(ts_ms))


def _floating(ts_ms: Ints, rng: np.random.Generator) -> Bools:
    """Where the receiver has lost its fixed solution: half a minute in about every fifth sortie."""
    start = rng.uniform(ts_ms[0], ts_ms[-1])
    length = rng.uniform(15_000, 40_000) if rng.random() < 0.2 else 0.0  # noqa: PLR2004 - the share in the docstring
    inside: Bools = (ts_ms >= start) & (ts_ms < start + length)
    return inside


def _counted(codes: Ints) -> Ints:
    """Sequence numbers: rising by one within each run of equal boot codes."""
    first = np.concatenate([[True], np.diff(codes) != 0])
    starts = np.flatnonzero(first)
    return np.arange(len(codes)) - np.repeat(starts, np.diff([*starts, len(codes)]))


def _events(device: str, sortie: Sortie) -> list[Event]:
    end_ms = sortie.trajectory.end_ms
    switching = [
        Event(device, ts, EventKind.ON if on else EventKind.OFF, sortie.boot) for ts, on in sortie.trajectory.switches()
    ]
    return [
        Event(device, sortie.start_ms, EventKind.TAKEOFF, sortie.boot),
        *switching,
        Event(device, end_ms, EventKind.LANDING, sortie.boot),
        Event(device, end_ms + _GROUND_MS // 2, EventKind.REFILL, sortie.boot),
    ]
