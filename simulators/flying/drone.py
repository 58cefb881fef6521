"""What a drone's sorties look like in its telemetry, and what they really did to the ground.

Who steers decides how a receiver's error shows. An autopilot (modes auto and ab) keeps the *measured* position on the
line: the log shows the line, and the true track is the line less the slow error. A pilot who steers by eye (manual)
keeps the true track near the line: the log shows it plus the error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import Bools, FixTable, Floats, Ints
from core.model.samples import Event
from core.units import flow_lpm
from simulators.flying.aircraft import Airframe
from simulators.flying.implement import Outflow, Run
from simulators.flying.noise import Seconds, between, followed, gauss_markov
from simulators.flying.plane import Plane
from simulators.flying.receiver import HDOP, Reception, receive
from simulators.flying.sortie import Sortie, Work
from simulators.flying.terrain import Terrain
from simulators.flying.trajectory import State
from simulators.flying.truth import Strips, cross_sections, released

FALL_MPS: Final = {Operation.SPRAY: 4.0, Operation.SPREAD: 8.0, Operation.SOW: 8.0}
"""Mean speed at which drops and grains fall, in m/s (coarse drops in the downwash; engineering values)."""
_FOLLOW: Final = 0.65
_WANDER_M, _WANDER_S = 0.35, 6.0
_THUMB_MS: Final = 150.0
_SPEED_SD, _HEIGHT_SD, _FLOW_SD = 0.02, 0.04, 0.01

Wind = Callable[[Ints], tuple[Floats, Floats]]
"""Instants in ms to the wind's vector in m/s to the east and north: where it blows to."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it flies: the plane that lines are in, the ground, and the wind (None: calm)."""

    plane: Plane
    terrain: Terrain | None = None
    wind: Wind | None = None


@dataclass(frozen=True, slots=True)
class Flown:
    """All fixes and events of a drone in true time, its sorties, and what they treated."""

    fixes: FixTable
    events: list[Event]
    sorties: tuple[Sortie, ...]
    strips: tuple[Strips, ...]
    released: float


def record(
    airframe: Airframe,
    work: Work,
    sorties: Sequence[Sortie],
    place: Place,
    rng: np.random.Generator,
) -> Flown:
    """Fly some sorties.

    Fixes stand on a grid of ``rate_hz``; switching instants lie between them, as events. Positions are the antenna's,
    rounded to 1e-7 degrees; what is measured in metres is rounded to millimetres. The same arguments give the same
    digits.
    """
    bias = airframe.equipment.meter_error * (2.0 * rng.random() - 1.0)
    flights = [_Flight.flown(airframe, work, sortie, place, rng) for sortie in sorties]
    fixes = FixTable.concat([f.table(bias) for f in flights])
    fixes = fixes.with_columns(seq=_counted(fixes.boot.codes.astype(np.int64)))
    events = [event for f in flights for event in f.events()]
    strips = tuple(f.strips() for f in flights)
    return Flown(fixes, events, tuple(sorties), strips, sum(f.outflow.total for f in flights))


@dataclass(frozen=True, slots=True, eq=False)
class _Flight:
    """One sortie on its grid of seconds: what the receiver said, where the airframe was, what came out."""

    airframe: Airframe
    work: Work
    sortie: Sortie
    place: Place
    rng: np.random.Generator
    seconds: Seconds
    reception: Reception
    aside: tuple[Floats, Floats]
    raised_m: Floats
    runs: list[Run]
    outflow: Outflow
    stuck: bool

    @classmethod
    def flown(
        cls,
        airframe: Airframe,
        work: Work,
        sortie: Sortie,
        place: Place,
        rng: np.random.Generator,
    ) -> _Flight:
        equipment, end_ms = airframe.equipment, sortie.trajectory.end_ms
        seconds = Seconds.over(sortie.start_ms, end_ms + 1_000)
        reception = receive(equipment.gnss, seconds.count, rng)
        if work.mode is Mode.MANUAL:
            sd = _WANDER_M * equipment.restless
            aside = tuple(gauss_markov(seconds.count, sd, _WANDER_S, rng) for _ in range(2))
        else:
            aside = tuple(-followed(axis, _FOLLOW) for axis in (reception.east_m, reception.north_m))
        state = sortie.trajectory.at(np.clip(seconds.times_ms, sortie.start_ms, end_ms))
        raised = np.zeros(seconds.count)
        if place.terrain is not None:
            raised = place.terrain.following(state.x_m + aside[0], state.y_m + aside[1])
        stuck = equipment.stuck_share > 0.0 and bool(rng.random() < equipment.stuck_share)
        runs = _runs(work, sortie, rng, thumb=equipment.restless, stuck=stuck)
        outflow = Outflow.of(runs, equipment.valve)
        return cls(
            airframe,
            work,
            sortie,
            place,
            rng,
            seconds,
            reception,
            (aside[0], aside[1]),
            raised,
            runs,
            outflow,
            stuck,
        )

    def table(self, meter_bias: float) -> FixTable:
        """The fixes of the sortie; sequence numbers are given later."""
        work, sortie, equipment, rng = self.work, self.sortie, self.airframe.equipment, self.rng
        step_ms = round(1000.0 / equipment.rate_hz)
        first_ms = -(-sortie.start_ms // step_ms) * step_ms
        ts = np.arange(first_ms, sortie.trajectory.end_ms + 1, step_ms, dtype=np.int64)
        before, share = self.seconds.weights(ts)
        state = sortie.trajectory.at(ts)
        lat, lon, quality = self._logged(state, before, share)
        small = equipment.restless
        flow, out = self.outflow.at(ts)
        metered = np.round(flow * (1.0 + meter_bias + small * _FLOW_SD * rng.standard_normal(len(ts))), 3)
        speed = state.speed_mps + small * _SPEED_SD * rng.standard_normal(len(ts)) * (state.speed_mps > 0.0)
        height = state.height_m * (1.0 + between(self.raised_m, before, share) / self.airframe.kinematics.height_m)
        height += small * _HEIGHT_SD * rng.standard_normal(len(ts))
        flying = (ts - sortie.start_ms) / 1000.0
        left = np.round(sortie.tank - out, 3)
        spray = work.op is Operation.SPRAY
        amounts = {"flow_lpm": metered, "tank_l": left} if spray else {"rate_kgpm": metered, "tank_kg": left}
        mode = np.where(self.stuck & (ts >= sortie.home_ms), np.int8(Mode.FAILSAFE), state.mode)
        return FixTable.build(
            ts,
            lat,
            lon,
            device=self.airframe.device,
            height_m=np.round(np.maximum(height, 0.0), 3),
            height_ref=HeightRef.CROP,
            speed_mps=np.round(np.maximum(speed, 0.0), 3),
            heading_deg=np.round(state.heading_deg, 2) % 360.0,
            quality=quality,
            hdop=_hdop(quality),
            op=work.op,
            on=_switched(self.runs, ts),
            mode=mode,
            swath_m=work.swath_m,
            battery_pct=np.round(sortie.battery_pct - 100.0 * flying / self.airframe.endurance_s, 2),
            boot=sortie.boot,
            job=work.job,
            **amounts,
        )

    def _logged(self, state: State, before: Ints, share: Floats) -> tuple[Floats, Floats, Ints]:
        """Latitude, longitude and quality as the receiver tells them."""
        reception, equipment = self.reception, self.airframe.equipment
        white = reception.white_m * self.rng.standard_normal((2, len(before)))
        east = between(self.aside[0] + reception.east_m, before, share) + white[0]
        north = between(self.aside[1] + reception.north_m, before, share) + white[1]
        ahead, right = equipment.antenna_ahead_m, equipment.antenna_right_m
        x = state.x_m + east + ahead * state.nose_x + right * state.nose_y
        y = state.y_m + north + ahead * state.nose_y - right * state.nose_x
        lon, lat = (np.round(axis, 7) for axis in self.place.plane.lonlat(x, y))
        quality = reception.quality[before].astype(np.int64)
        if reception.lost.any():
            lost = reception.lost[before]
            held = np.maximum.accumulate(np.where(lost, 0, np.arange(len(before))))
            lon, lat = lon[held], lat[held]
            quality[lost] = int(FixQuality.NONE)
        if reception.zero.any():
            zero = reception.zero[before]
            lon[zero], lat[zero] = 0.0, 0.0
        return lat, lon, quality

    def events(self) -> list[Event]:
        """Take-off, switching, landing, refill."""
        device, boot, end_ms = self.airframe.device, self.sortie.boot, self.sortie.trajectory.end_ms
        switching = [
            Event(device, ts, kind, boot)
            for run in self.runs
            for ts, kind in ((run.on_ms, EventKind.ON), (run.off_ms, EventKind.OFF))
        ]
        return [
            Event(device, self.sortie.start_ms, EventKind.TAKEOFF, boot),
            *switching,
            Event(device, end_ms, EventKind.LANDING, boot),
            Event(device, end_ms + self.work.ground_ms // 2, EventKind.REFILL, boot),
        ]

    def strips(self) -> Strips:
        """The ground that got at least half of the dose: from half of the flow after each "on" to half after "off".

        What comes out on the ramps at both ends counts to the strip's first and last piece, so all of the volume lies
        on strips.
        """
        lag_ms = self.airframe.equipment.valve.lag_ms
        ts, start, ends = cross_sections(self.sortie.trajectory, self.runs, self.seconds, lag_ms)
        state = self.sortie.trajectory.at(np.minimum(ts, self.sortie.trajectory.end_ms))
        before, share = self.seconds.weights(ts)
        x = state.x_m + between(self.aside[0], before, share)
        y = state.y_m + between(self.aside[1], before, share)
        if self.place.wind is not None:
            east, north = self.place.wind(ts)
            fall_s = self.airframe.kinematics.height_m / FALL_MPS[self.work.op]
            x, y = x + east * fall_s, y + north * fall_s
        half = self.work.swath_m / 2.0
        left = self.place.plane.lonlat(x - half * state.nose_y, y + half * state.nose_x)
        right = self.place.plane.lonlat(x + half * state.nose_y, y - half * state.nose_x)
        return Strips(
            start,
            ts,
            *left,
            *right,
            released(self.outflow, ts, start, ends),
            device=self.airframe.device,
            boot=self.sortie.boot,
            job=self.work.job,
            op=self.work.op,
            swath_m=self.work.swath_m,
        )


def _runs(work: Work, sortie: Sortie, rng: np.random.Generator, *, thumb: float, stuck: bool) -> list[Run]:
    """When the implement is switched on and off, and the flow that is wanted then.

    A pilot who steers by eye switches by thumb: a little early or late.
    """
    switches = sortie.trajectory.switches()
    times = [ts for ts, _ in switches]
    if work.mode is Mode.MANUAL and thumb > 0.0:
        late = (thumb * _THUMB_MS * rng.standard_normal(len(times))).tolist()
        limit = _THUMB_MS * 2.0
        times = [ts + round(min(max(ms, -limit), limit)) for ts, ms in zip(times, late, strict=True)]
        times = np.maximum.accumulate(np.array(times, np.int64)).tolist()
    if stuck and times:
        times[-1] = sortie.trajectory.end_ms - 1_000
    speeds = sortie.trajectory.at(np.array([ts for ts, on in switches if on], np.int64)).speed_mps.tolist()
    runs = zip(times[::2], times[1::2], speeds, strict=True)
    return [Run(on, off, flow_lpm(work.dose, speed, work.swath_m)) for on, off, speed in runs if on < off]


def _switched(runs: Sequence[Run], ts_ms: Ints) -> Bools:
    times = np.array([ts for run in runs for ts in (run.on_ms, run.off_ms)], np.int64)
    on: Bools = np.searchsorted(times, ts_ms, side="right") % 2 == 1
    return on


def _hdop(quality: Ints) -> Floats:
    hdop = np.full(len(quality), math.nan)
    for grade, value in HDOP.items():
        hdop[quality == int(grade)] = value
    return hdop


def _counted(codes: Ints) -> Ints:
    """Sequence numbers: rising by one within each run of equal boot codes."""
    first = np.concatenate([[True], np.diff(codes) != 0])
    starts = np.flatnonzero(first)
    return np.arange(len(codes)) - np.repeat(starts, np.diff([*starts, len(codes)]))
