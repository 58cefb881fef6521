"""A drone's way in pieces of constant acceleration along straight lines, every piece a whole number of milliseconds.

Whole milliseconds make the instants of switching exact on the wire: position and time of an "on" event agree to
rounding of doubles, not to half a millisecond of flight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.model.enums import Mode
from core.model.fixtable import Bools, Codes, Floats, Ints
from simulators.route import Line, Obstacles, Point, gaps, transit


@dataclass(frozen=True, slots=True)
class Kinematics:
    """What the airframe does: accelerations in m/s², speeds in m/s, height above the crop in m.

    On ways longer than ``slide_m`` it turns its nose first, ``turn_dps`` degrees a second; on shorter ones it slides.
    """

    accel_mps2: float = 2.5
    transit_mps: float = 8.0
    climb_mps: float = 1.5
    height_m: float = 2.8
    turn_dps: float = 90.0
    slide_m: float = 20.0
    steady_ms: int = 600
    """Straight flight at constant speed before the pump goes on and after it goes off: longer than a step of fixes."""


@dataclass(frozen=True, slots=True)
class State:
    """What a drone does at n instants; columns of shape (n,) in plane metres, m/s and degrees clockwise from north.

    (``nose_x``, ``nose_y``) is the unit vector of where its nose points, that of the end of a turn while it turns.
    """

    x_m: Floats
    y_m: Floats
    height_m: Floats
    speed_mps: Floats
    heading_deg: Floats
    on: Bools
    sprayed_m: Floats
    nose_x: Floats
    nose_y: Floats
    mode: Codes


@dataclass(frozen=True, slots=True)
class Trajectory:
    """Pieces as columns; piece i lasts from ``start_ms[i]`` to ``start_ms[i + 1]``, the last to ``end_ms``."""

    start_ms: Ints
    end_ms: int
    columns: Floats
    """Per piece: x, y, ux, uy, speed, acceleration, height, climb rate, on, sprayed metres before, heading, turn rate,
    nose x, nose y, mode."""

    def at(self, ts_ms: Ints) -> State:
        """The state at some instants; a switch counts from its own instant on."""
        piece = np.clip(np.searchsorted(self.start_ms, ts_ms, side="right") - 1, 0, None)
        x, y, ux, uy, v, a, h, climb, on, sprayed, heading, turn, nose_x, nose_y, mode = self.columns[:, piece]
        dt = (ts_ms - self.start_ms[piece]) / 1000.0
        way = v * dt + 0.5 * a * dt * dt
        return State(
            x + ux * way,
            y + uy * way,
            h + climb * dt,
            v + a * dt,
            (heading + turn * dt) % 360.0,
            on > 0.0,
            sprayed + way * (on > 0.0),
            nose_x,
            nose_y,
            mode.astype(np.int8),
        )

    def switches(self) -> list[tuple[int, bool]]:
        """Instants at which the pump goes on (True) or off."""
        on = np.concatenate([[0.0], self.columns[8], [0.0]])
        times = [*self.start_ms.tolist(), self.end_ms]
        return [(t, bool(b)) for t, a, b in zip(times, on[:-1], on[1:], strict=True) if a != b]

    @property
    def sprayed_m(self) -> float:
        """Metres flown with the pump on."""
        return float(self.at(np.array([self.end_ms])).sprayed_m[0])


class Pilot:
    """Strings pieces together from where the drone stands: ``climb``, ``fly_to`` (stop to stop), ``run`` a line.

    ``mode`` says who steers from here on.
    """

    def __init__(
        self,
        start_ms: int,
        at: Point,
        kinematics: Kinematics,
        mode: Mode = Mode.AUTO,
        obstacles: Obstacles | None = None,
    ) -> None:
        self.now_ms = start_ms
        self.at = at
        self.mode = mode
        self.sprayed_m = 0.0
        self._kinematics = kinematics
        self._obstacles = obstacles
        self._way = (0.0, 1.0)
        self._nose = (0.0, 1.0)
        self._nose_deg = 0.0
        self._height_m = 0.0
        self._starts: list[int] = []
        self._rows: list[tuple[float, ...]] = []

    def climb(self, height_m: float) -> None:
        """Rise or sink on the spot."""
        duration_ms = climb_ms(height_m - self._height_m, self._kinematics)
        if duration_ms:
            self._add(duration_ms, 0.0, 0.0, climb=(height_m - self._height_m) * 1000.0 / duration_ms)
        self._height_m = height_m

    def fly_to(self, point: Point) -> None:
        """Fly from standing to standing with the pump off: straight, or around what stands in the way."""
        for bend in transit(self.at, point, self._obstacles)[1:] if self._obstacles else (point,):
            self._fly_straight(bend)

    def _fly_straight(self, point: Point) -> None:
        distance = math.dist(self.at, point)
        ramp_ms, steady_ms = legs_ms(distance, self._kinematics)
        if not ramp_ms:
            return
        self._way = ((point[0] - self.at[0]) / distance, (point[1] - self.at[1]) / distance)
        if distance > self._kinematics.slide_m:
            self._turn(self._way)
        speed = distance * 1000.0 / (ramp_ms + steady_ms)
        self._ramp(ramp_ms, speed, up=True)
        self._add(steady_ms, speed, 0.0)
        self._ramp(ramp_ms, speed, up=False)
        self.at = point

    def run(self, line: Line, speed_mps: float) -> None:
        """Fly to a line's run-up, then along it with the pump on over its spans, and stand behind its end."""
        self.fly_to(line.point(-run_up_m(line, speed_mps, self._kinematics)[0]))
        self._turn((line.ux, line.uy))
        self._way = (line.ux, line.uy)
        speeds = _speeds(line, speed_mps)
        ramp_ms = _ramp_ms(speed_mps, self._kinematics)
        self._ramp(ramp_ms, speeds[0][0], up=True)
        self._add(self._kinematics.steady_ms, speeds[0][0], 0.0)
        for number, (speed, duration_ms) in enumerate(speeds):
            self.at = line.point(line.spans[number // 2][number % 2])
            self._add(duration_ms, speed, 0.0, on=number % 2 == 0)
        self.at = line.point(line.length_m)
        self._add(self._kinematics.steady_ms, speeds[-1][0], 0.0)
        self._ramp(ramp_ms, speeds[-1][0], up=False)

    def finish(self) -> Trajectory:
        """The way so far."""
        return Trajectory(np.array(self._starts, np.int64), self.now_ms, np.array(self._rows, np.float64).T.copy())

    def _turn(self, to: tuple[float, float]) -> None:
        """Turn the nose on the spot, the shorter way round."""
        degrees = math.degrees(math.atan2(*to)) % 360.0
        left = (degrees - self._nose_deg + 180.0) % 360.0 - 180.0
        self._nose = to
        duration_ms = math.ceil(abs(left) / self._kinematics.turn_dps * 1000.0)
        if duration_ms:
            self._add(duration_ms, 0.0, 0.0, turn=left * 1000.0 / duration_ms)
        self._nose_deg = degrees

    def _ramp(self, duration_ms: int, speed_mps: float, *, up: bool) -> None:
        rate = speed_mps * 1000.0 / duration_ms
        self._add(duration_ms, 0.0 if up else speed_mps, rate if up else -rate)

    def _add(
        self, duration_ms: int, speed: float, accel: float, *, on: bool = False, climb: float = 0.0, turn: float = 0.0
    ) -> None:
        if duration_ms <= 0:
            return
        (x, y), (ux, uy), dt = self.at, self._way, duration_ms / 1000.0
        way = speed * dt + 0.5 * accel * dt * dt
        self._starts.append(self.now_ms)
        flown = (x, y, ux, uy, speed, accel, self._height_m, climb, float(on), self.sprayed_m)
        self._rows.append((*flown, self._nose_deg, turn, *self._nose, float(self.mode)))
        self.at = (x + ux * way, y + uy * way)
        self.sprayed_m += way if on else 0.0
        self.now_ms += duration_ms


def climb_ms(rise_m: float, kinematics: Kinematics) -> int:
    """How long it takes to rise or sink by a height."""
    return math.ceil(abs(rise_m) / kinematics.climb_mps * 1000.0)


def legs_ms(distance_m: float, kinematics: Kinematics) -> tuple[int, int]:
    """How long a way from standing to standing takes: (speeding up, the same again for braking; steady in between)."""
    if distance_m < 1e-9:  # noqa: PLR2004 - rounding
        return 0, 0
    ramp_ms = _ramp_ms(kinematics.transit_mps, kinematics)
    steady_ms = math.ceil(distance_m / kinematics.transit_mps * 1000.0) - ramp_ms
    if steady_ms >= 0:
        return ramp_ms, steady_ms
    return max(1, math.ceil(math.sqrt(distance_m / kinematics.accel_mps2) * 1000.0)), 0


def travel_ms(distance_m: float, kinematics: Kinematics) -> int:
    """How long a way from standing to standing takes."""
    ramp_ms, steady_ms = legs_ms(distance_m, kinematics)
    return 2 * ramp_ms + steady_ms


def run_up_m(line: Line, speed_mps: float, kinematics: Kinematics) -> tuple[float, float]:
    """How far before a line's start and behind its end the drone stands."""
    speeds = _speeds(line, speed_mps)
    seconds = (_ramp_ms(speed_mps, kinematics) / 2 + kinematics.steady_ms) / 1000.0
    return speeds[0][0] * seconds, speeds[-1][0] * seconds


def run_ms(line: Line, speed_mps: float, kinematics: Kinematics) -> int:
    """How long a line takes from standing before it to standing behind it."""
    along = sum(duration for _, duration in _speeds(line, speed_mps))
    return along + 2 * (_ramp_ms(speed_mps, kinematics) + kinematics.steady_ms)


def _ramp_ms(speed_mps: float, kinematics: Kinematics) -> int:
    return math.ceil(speed_mps / kinematics.accel_mps2 * 1000.0)


def _speeds(line: Line, speed_mps: float) -> list[tuple[float, int]]:
    """Speed and duration over spans and the gaps between them, in turn: a little slower than told, whole ms each."""
    between = [*gaps(line), 0.0]
    lengths = [m for (a, b), gap in zip(line.spans, between, strict=True) for m in (b - a, gap)][:-1]
    durations = [max(1, math.ceil(m / speed_mps * 1000.0)) for m in lengths]
    return [(m * 1000.0 / d, d) for m, d in zip(lengths, durations, strict=True)]
