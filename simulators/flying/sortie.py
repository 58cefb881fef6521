"""A drone's day in sorties: lines shared out over tanks and batteries, with the crew's time on the ground between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.model.enums import Mode, Operation
from core.units import M2_PER_HA
from simulators.flying.aircraft import Airframe
from simulators.flying.trajectory import Kinematics, Pilot, Trajectory, climb_ms, run_ms, run_up_m, travel_ms
from simulators.route import Line, Obstacles

_RESERVE_PCT: Final = 20.0
_SWAP_PCT: Final = 60.0
_SHORTEST_CUT_M: Final = 15.0
_TURNS: Final = 3
_REACH_M: Final = 800.0
_MOVE_MS: Final = 240_000
_STAND_M: Final = 15.0


@dataclass(frozen=True, slots=True)
class Work:
    """The drone's part of a job: lines in order with a speed each, in plane metres, and where the crew stands.

    ``dose`` is in L/ha (spray) or kg/ha (spread, sow). ``first_sortie_s`` is about how long the first sortie may take:
    the crew tries the nozzles on little. After ``until_ms`` nobody takes off any more.
    """

    job: str
    lines: Sequence[tuple[Line, float]]
    base: tuple[float, float]
    swath_m: float
    dose: float
    start_ms: int
    op: Operation = Operation.SPRAY
    mode: Mode = Mode.AUTO
    first_sortie_s: float = math.inf
    until_ms: float = math.inf
    ground_ms: int = 75_000
    obstacles: Obstacles | None = None


@dataclass(frozen=True, slots=True)
class Sortie:
    """From take-off to landing; ``tank`` (L or kg) and ``battery_pct`` are those at the start.

    ``home_ms`` is when the drone has left its last line for home.
    """

    start_ms: int
    trajectory: Trajectory
    boot: str
    tank: float
    battery_pct: float
    home_ms: int


def plan_sorties(airframe: Airframe, work: Work) -> tuple[Sortie, ...]:
    """Share lines out over sorties: home when tank or battery run low; a line is cut where the tank is empty.

    The drone takes off with a full tank. It takes the nearer end of each line first, and goes on after a refill where
    it broke off. A battery below 60 %, or too low for the way to the next line and back, is swapped at the refill,
    which starts a new boot. Where the next line is more than 800 m away, the crew moves there first, four minutes.
    """
    left = list(work.lines)
    sorties: list[Sortie] = []
    now_ms, battery, boot = work.start_ms, 100.0, 0
    while left and now_ms < work.until_ms:
        pilot, home_ms, left = _fly_sortie(airframe, work, left, now_ms, battery, first=not sorties)
        label = f"{airframe.device}-{work.start_ms // 1000:x}-{boot}"
        sorties.append(Sortie(now_ms, pilot.finish(), label, airframe.tank, battery, home_ms))
        battery -= (pilot.now_ms - now_ms) / 10.0 / airframe.endurance_s
        if battery < _SWAP_PCT or (left and _trip_s(airframe, work, *left[0]) > _flying_s(airframe, battery)):
            battery, boot = 100.0, boot + 1
        now_ms = pilot.now_ms + work.ground_ms
        if left and _away_m(left[0][0], work.base) > _REACH_M:
            work = replace(work, base=_beside(left[0][0], work.base))
            now_ms += _MOVE_MS
    return tuple(sorties)


def _away_m(line: Line, base: tuple[float, float]) -> float:
    return math.dist(base, _nearer_end_first(line, base).point(0.0))


def _beside(line: Line, base: tuple[float, float]) -> tuple[float, float]:
    """A place before the nearer end of a line, to a decimetre."""
    x, y = _nearer_end_first(line, base).point(-_STAND_M)
    return round(x, 1), round(y, 1)


def _fly_sortie(
    airframe: Airframe, work: Work, left: list[tuple[Line, float]], start_ms: int, battery_pct: float, *, first: bool
) -> tuple[Pilot, int, list[tuple[Line, float]]]:
    """Fly as many lines as tank and battery allow, at least a part of one; the lines that are left over."""
    kinematics = airframe.kinematics
    pilot = Pilot(start_ms, work.base, kinematics, work.mode, work.obstacles)
    pilot.climb(kinematics.height_m)
    seconds = min(_flying_s(airframe, battery_pct), work.first_sortie_s if first else math.inf)
    limit_ms = start_ms + 1000.0 * seconds
    tank_m = airframe.tank * M2_PER_HA / (work.dose * work.swath_m)
    done = 0
    rest: list[tuple[Line, float]] = []
    for line, speed in left:
        line = _nearer_end_first(line, pilot.at)  # noqa: PLW2901 - the same line the other way round
        budget_m = tank_m - pilot.sprayed_m
        if line.sprayed_m > budget_m:
            cut_m = min(budget_m, line.sprayed_m - _SHORTEST_CUT_M)
            if cut_m < _SHORTEST_CUT_M and pilot.sprayed_m > 0.0:
                break
            line, beyond = line.cut(max(cut_m, min(budget_m, line.sprayed_m / 2)))  # noqa: PLW2901
            rest = [(beyond, speed)]
        if pilot.sprayed_m > 0.0 and _back_at_ms(pilot, line, speed, work.base, kinematics) > limit_ms:
            rest = []
            break
        pilot.run(line, speed)
        done += 1
        if rest:
            break
    home_ms = pilot.now_ms
    pilot.mode = Mode.RTL if work.mode is Mode.AUTO else work.mode
    pilot.fly_to(work.base)
    pilot.climb(0.0)
    return pilot, home_ms, [*rest, *left[done:]]


def _flying_s(airframe: Airframe, battery_pct: float) -> float:
    """How long a battery lasts until it is down to the reserve."""
    return (battery_pct - _RESERVE_PCT) / 100.0 * airframe.endurance_s


def _trip_s(airframe: Airframe, work: Work, line: Line, speed: float) -> float:
    """How long it takes to fly one line and nothing else."""
    pilot = Pilot(0, work.base, airframe.kinematics, work.mode)
    pilot.climb(airframe.kinematics.height_m)
    return _back_at_ms(pilot, _nearer_end_first(line, work.base), speed, work.base, airframe.kinematics) / 1000.0


def _nearer_end_first(line: Line, at: tuple[float, float]) -> Line:
    far = math.dist(at, line.point(line.length_m)) < math.dist(at, line.point(0.0))
    return line.reversed() if far else line


def _back_at_ms(pilot: Pilot, line: Line, speed: float, base: tuple[float, float], kinematics: Kinematics) -> int:
    before, after = run_up_m(line, speed, kinematics)
    there = travel_ms(math.dist(pilot.at, line.point(-before)), kinematics)
    home = travel_ms(math.dist(line.point(line.length_m + after), base), kinematics)
    turns_ms = math.ceil(_TURNS * 180_000.0 / kinematics.turn_dps)
    descent_ms = climb_ms(kinematics.height_m, kinematics)
    return pilot.now_ms + there + run_ms(line, speed, kinematics) + home + descent_ms + turns_ms
