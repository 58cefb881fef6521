"""Telemetry logs that ground stations record (MAVLink 1 and 2, .tlog): Mission Planner, QGroundControl, MAVProxy.

Used: ``GLOBAL_POSITION_INT`` of every vehicle (``GPS_RAW_INT`` where a vehicle sends none) while ``GPS_RAW_INT`` tells
a 3D fix or better; other rows are counted as ``no-fix``. Every vehicle in the file is a log of its own; ground
stations, antenna trackers and other parts on the air are not vehicles. Heights are above take-off. Arming and who
steered come from ``HEARTBEAT``, the charge from ``SYS_STATUS``.

There are two clocks. Fixes carry the vehicle's time since boot, which ``SYSTEM_TIME`` ties to UTC, boot by boot; where
it does not, the ground station's record stamps do, and ``problems`` says so.

Spraying: where a parameter in the log names the output that drives the pump (function 22), the pump counts as on while
its pulse in ``SERVO_OUTPUT_RAW`` is off its resting end; else DO_SPRAYER commands (216) switch it, unless the vehicle
refused them. DO_SPRAYER items of a mission, pumps behind relays, flow and swath width are not told.

Source: mavlink.io, common.xml and ardupilotmega.xml. Damaged records are skipped and named by their byte; messages with
a wrong checksum are counted as ``corrupt``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from core.errors import FlightLogError
from core.model.enums import EventKind, FixQuality, HeightRef, Mode, Operation
from core.model.fixtable import Bools, Codes, FixTable, Floats
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event
from ingest.logparts.message import Message
from ingest.logparts.modes import ardupilot_mode, px4_custom_mode
from ingest.logparts.sifting import NO_TELLING, position_faults, quality_of, shortened, sift, time_faults
from ingest.logparts.sprayer import pump_of
from ingest.logparts.timeline import Clock, held, switches
from ingest.logparts.tlog_frames import COMPONENT, SYSTEM, Telemetry, header, message, walk
from ingest.logparts.vehicleclock import BootClock, boot_clock

FORMAT: Final = "mavlink-tlog"
EXTENSIONS: Final = (".tlog",)

HEARTBEAT, SYS_STATUS, SYSTEM_TIME, PARAM_VALUE = 0, 1, 2, 22
GPS_RAW_INT, GLOBAL_POSITION_INT, SERVO_OUTPUT_RAW = 24, 33, 36
COMMAND_INT, COMMAND_LONG, COMMAND_ACK = 75, 76, 77
_FIELDS: Final[dict[int, tuple[str, ...]]] = {
    HEARTBEAT: ("type", "autopilot", "base_mode", "custom_mode"),
    SYS_STATUS: ("battery_remaining",),
    SYSTEM_TIME: ("time_unix_usec", "time_boot_ms"),
    PARAM_VALUE: ("param_id", "param_value"),
    GPS_RAW_INT: ("fix_type", "lat", "lon", "alt", "eph", "vel", "cog"),
    GLOBAL_POSITION_INT: ("time_boot_ms", "lat", "lon", "relative_alt", "vx", "vy", "hdg"),
    COMMAND_INT: ("target_system", "command", "param1"),
    COMMAND_LONG: ("target_system", "command", "param1"),
    COMMAND_ACK: ("command", "result"),
}
_SERVOS: Final = 16
_DO_SPRAYER: Final = 216
_ACK_WITHIN_US: Final = 3e6
_DONE: Final = (0.0, 5.0)  # MAV_RESULT: accepted, in progress
_NO_AUTOPILOT: Final = 8
_TRACKER: Final = 5
_ARMED: Final = 128
_MINIMUM_FIX: Final = 3
_NOT_TOLD_U16: Final = 65_535.0
_ARDUPILOT, _PX4 = 3, 12
_KINDS: Final = (("copter", (2, 3, 4, 13, 14, 15, 29, 35)), ("plane", (1, *range(19, 26))), ("rover", (10, 11)))
_SHORTEST: Final = 16

Messages = dict[int, Message]


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins with a time stamp and a MAVLink frame, and goes on with another."""
    if path.is_dir() or len(head) < _SHORTEST:
        return False
    found = header(head, 0)
    return found is not None and (found[3] + _SHORTEST > len(head) or header(head, found[3]) is not None)


def read(path: Path) -> LogFile:
    """Read a telemetry log.

    Raises:
        FlightLogError: There is no MAVLink frame in it.
        OSError: The file cannot be read.
    """
    telemetry = walk(path.read_bytes(), {**_FIELDS, SERVO_OUTPUT_RAW: ()})
    if not telemetry.total:
        raise FlightLogError(f"{path}: {'; '.join(telemetry.problems) or 'byte 0: no MAVLink record'}")
    messages = {number: message(telemetry, number, fields) for number, fields in _FIELDS.items()}
    vehicles = _vehicles(messages)
    logs = tuple(_log(path.stem, v, telemetry, messages, several=len(vehicles) > 1) for v in vehicles)
    if not logs:
        logs = (
            FlightLog(path.stem, "mavlink", FixTable.empty("mavlink"), problems=("no fixes: no vehicle tells one",)),
        )
    return LogFile(FORMAT, logs, problems=shortened(telemetry.problems))


def _vehicles(messages: Messages) -> list[tuple[int, int]]:
    """System and component of the vehicles that tell positions: the component that tells the most of each system."""
    beats = messages[HEARTBEAT]
    flying = (beats.get("autopilot") != _NO_AUTOPILOT) & (beats.get("type") != _TRACKER)
    known = set(beats.get(SYSTEM).tolist())
    with_autopilot = set(beats.get(SYSTEM)[flying].tolist())
    found = []
    for system in np.unique([*messages[GLOBAL_POSITION_INT].get(SYSTEM), *messages[GPS_RAW_INT].get(SYSTEM)]).tolist():
        if system in with_autopilot or system not in known:
            told = _of(messages[GLOBAL_POSITION_INT], system)
            told = told if len(told) else _of(messages[GPS_RAW_INT], system)
            components, counts = np.unique(told.get(COMPONENT), return_counts=True)
            found.append((int(system), int(components[counts.argmax()])))
    return found


def _of(told: Message, system: float, component: float | None = None) -> Message:
    """The rows of one system, or of one of its components, by record stamps that never fall."""
    mine = told.get(SYSTEM) == system
    rows = told.where(mine if component is None else mine & (told.get(COMPONENT) == component))
    return Message(np.maximum.accumulate(rows.at), rows.numbers, rows.texts)


def _log(stem: str, vehicle: tuple[int, int], telemetry: Telemetry, messages: Messages, *, several: bool) -> FlightLog:
    """The log of one vehicle."""
    system, component = vehicle
    mine = {number: _of(told, system, component) for number, told in messages.items()}
    fused = len(mine[GLOBAL_POSITION_INT]) > 0
    told = mine[GLOBAL_POSITION_INT if fused else GPS_RAW_INT]
    clock = boot_clock(told, mine[SYSTEM_TIME])
    lat, lon = told.get("lat") * 1e-7, told.get("lon") * 1e-7
    quality = _quality(mine[GPS_RAW_INT], told.at)
    faults = {"no-fix": quality == FixQuality.NONE} | position_faults(lat, lon) | time_faults(clock.utc_ms)
    keep, rejected = sift(faults)
    corrupt = sum(telemetry.corrupt.count((n, system)) for n in (GLOBAL_POSITION_INT, GPS_RAW_INT))
    rejected |= {"corrupt": corrupt} if corrupt else {}
    device = f"mavlink-{system}"
    name = f"{stem} vehicle {system}" if several else stem
    if not keep.any():
        problems = (*clock.problems, f"no fixes: none of {len(told)} positions has one")
        return FlightLog(name, device, FixTable.empty(device), rejected=rejected, problems=problems)
    fixes = _fixes(told, clock, keep, device).with_columns(quality=quality[keep])
    fixes = _with_states(fixes, mine, told.at[keep])
    ticks = Clock(told.at[keep], fixes.ts_ms, 1e-3)
    fixes, sprayed, problem = _sprayed(fixes, ticks, *_pump_states(telemetry, messages, vehicle))
    events = tuple(sorted([*_arming(fixes, ticks, mine[HEARTBEAT]), *sprayed], key=lambda e: e.ts_ms))
    problems = (*clock.problems, *([problem] if problem else []))
    return FlightLog(name, device, fixes, events, rejected, problems=problems)


def _quality(raw: Message, at: Floats) -> Codes:
    """The receiver's state at each instant, shape (n,); unknown before it is told."""
    fix_type = held(raw.at, raw.get("fix_type"), at, before=np.nan)
    told = np.isfinite(fix_type)
    codes = quality_of(np.where(told, fix_type, 0.0).astype(np.int64))
    return np.where(told, codes, np.int8(FixQuality.UNKNOWN)).astype(np.int8)


def _fixes(told: Message, clock: BootClock, keep: Bools, device: str) -> FixTable:
    """The kept rows as fixes."""
    fused = "relative_alt" in told.numbers
    heading = told.get("hdg", "cog")
    speed = np.hypot(told.get("vx"), told.get("vy")) if fused else told.get("vel")
    columns = {
        "height_m": told.get("relative_alt", "alt") / 1000.0,
        "speed_mps": np.where(speed == _NOT_TOLD_U16, np.nan, speed) / 100.0,
        "heading_deg": np.where(heading == _NOT_TOLD_U16, np.nan, heading) / 100.0,
    }
    return FixTable.build(
        clock.utc_ms[keep],
        told.get("lat")[keep] * 1e-7,
        told.get("lon")[keep] * 1e-7,
        device=device,
        boot=clock.boot.take(keep),
        height_ref=int(HeightRef.TAKEOFF if fused else HeightRef.MSL),
        **{name: column[keep] for name, column in columns.items()},
    )


def _with_states(fixes: FixTable, mine: Messages, at: Floats) -> FixTable:
    """The fixes with dilution, charge and mode as last told."""
    raw, power, beats = mine[GPS_RAW_INT], mine[SYS_STATUS], mine[HEARTBEAT]
    eph = raw.get("eph")
    charge = power.get("battery_remaining")
    modes = np.array([_mode(*row) for row in zip(*(beats.get(c) for c in _FIELDS[HEARTBEAT]), strict=True)], np.float64)
    return fixes.with_columns(
        hdop=held(raw.at, np.where(eph == _NOT_TOLD_U16, np.nan, eph) / 100.0, at, before=np.nan),
        battery_pct=held(power.at, np.where(charge < 0.0, np.nan, charge), at, before=np.nan),
        mode=held(beats.at, modes, at, before=float(Mode.UNKNOWN)).astype(np.int8),
    )


def _mode(kind: float, autopilot: float, _base_mode: float, custom_mode: float) -> Mode:
    """Who steers, by a HEARTBEAT."""
    if autopilot == _PX4:
        return px4_custom_mode(int(custom_mode))
    vehicle = next((name for name, kinds in _KINDS if kind in kinds), "")
    return ardupilot_mode(vehicle, int(custom_mode)) if autopilot == _ARDUPILOT else Mode.UNKNOWN


def _arming(fixes: FixTable, ticks: Clock, beats: Message) -> list[Event]:
    """Arming and disarming."""
    armed = (beats.get("base_mode").astype(np.int64) & _ARMED > 0).astype(np.float64)
    return switches(fixes.device, ticks, beats.at, armed, (EventKind.ARM, EventKind.DISARM), first=[])


def _commands(messages: Messages, vehicle: tuple[int, int]) -> Message:
    """DO_SPRAYER commands to a vehicle that it did not refuse."""
    acks = _of(messages[COMMAND_ACK], vehicle[0])
    answers = acks.where(acks.get("command") == _DO_SPRAYER)
    parts = []
    for number in (COMMAND_LONG, COMMAND_INT):
        told = messages[number]
        mine = (told.get("target_system") == vehicle[0]) | (told.get("target_system") == 0.0)
        sprayer = told.where(mine & (told.get("command") == _DO_SPRAYER))
        parts.append(sprayer.where(~_refused(sprayer.at, answers)))
    at = np.concatenate([p.at for p in parts])
    order = np.argsort(at, kind="stable")
    return Message(at[order], {"param1": np.concatenate([p.get("param1") for p in parts])[order]})


def _refused(at: Floats, answers: Message) -> Bools:
    """Whether the first answer to each command was a refusal, shape (n,); no answer is none."""
    i = np.searchsorted(answers.at, at)
    results = np.append(answers.get("result"), 0.0)[i]
    waited_us = np.append(answers.at, np.inf)[i] - at
    return (waited_us <= _ACK_WITHIN_US) & ~np.isin(results, _DONE)


def _sprayed(fixes: FixTable, ticks: Clock, told: Message, states: Floats) -> tuple[FixTable, list[Event], str]:
    """The fixes with the pump's state, its switches, and what could not be told ("" where all was)."""
    if not len(told):
        return fixes, [], NO_TELLING
    on = held(told.at, states, ticks.at, before=0.0) > 0.0
    events = switches(fixes.device, ticks, told.at, states, (EventKind.ON, EventKind.OFF), first=[0.0])
    return fixes.with_columns(on=on, op=int(Operation.SPRAY)), events, ""


def _pump_states(telemetry: Telemetry, messages: Messages, vehicle: tuple[int, int]) -> tuple[Message, Floats]:
    """A message that tells of the pump, and whether it ran at each of its rows (1 or 0), shape (n,)."""
    parameters = _of(messages[PARAM_VALUE], *vehicle)
    names = parameters.texts.get("param_id", [])
    pump = pump_of(dict(zip(names, parameters.get("param_value").tolist(), strict=False)))
    if pump is not None and pump.output <= _SERVOS:
        column = f"servo{pump.output}_raw"
        outputs = _of(message(telemetry, SERVO_OUTPUT_RAW, ("port", column)), *vehicle)
        outputs = outputs.where(outputs.get("port") == 0.0)
        if len(outputs):
            return outputs, pump.running(outputs.get(column)).astype(np.float64)
    commands = _commands(messages, vehicle)
    return commands, (commands.get("param1") > 0.0).astype(np.float64)
