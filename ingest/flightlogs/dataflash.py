"""Logs that ArduPilot writes on its own memory card: DataFlash, binary (.bin) and text (.log).

Used: the ``GPS`` messages of one receiver (the first, where there are two), as fixes where ``Status`` is 3 or more; the
others are counted as ``no-fix``. Times come from the receiver's GPS week, less the leap seconds. Heights are above mean
sea level, or above take-off where the log has ``RelAlt``. ``EV`` (or ``ARM``) messages give arming, take-off and
landing, ``MODE`` who steered (ZigZag is the AB mode), ``BAT`` the charge.

Spraying: ArduPilot logs no sprayer state. Where a parameter names the output that drives the pump (function 22), the
pump counts as on while its pulse is off its resting end (``RCOU``, ``RCO2``, ``RCO3``); else where the log has executed
mission commands (``MISE``), DO_SPRAYER (216) switches it. A pump behind a relay or switched by hand is not told. Flow
and swath width are not told either.

Source: libraries/AP_Logger (LogStructure.h, README.md) and libraries/AC_Sprayer of ArduPilot. Damage is skipped and
named with its byte (binary) or line (text); the part before and after it is kept.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import numpy as np

from core.errors import FlightLogError
from core.model.enums import EventKind, HeightRef, Mode, Operation
from core.model.fixtable import Codes, FixTable, Floats, Ints
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event
from ingest.logparts.dataflash_records import FMT_TYPE, HEADER, Records, read_binary, read_text
from ingest.logparts.gpstime import utc_ms
from ingest.logparts.message import Message
from ingest.logparts.modes import ardupilot_mode
from ingest.logparts.sifting import NO_TELLING, position_faults, quality_of, sift, time_faults
from ingest.logparts.sprayer import pump_of
from ingest.logparts.timeline import Clock, held, switches

FORMAT: Final = "ardupilot-dataflash"
EXTENSIONS: Final = (".bin", ".log")

_MINIMUM_STATUS: Final = 3
_STATUS_MAX: Final = 127
_WEEK_MAX: Final = 8_192
_WEEK_MS: Final = 604_800_000
_DO_SPRAYER: Final = 216
_WANTED: Final = ("GPS", "EV", "ARM", "MODE", "MSG", "PARM", "BAT", "MISE", "RCOU", "RCO2", "RCO3")
_TEXT_MARK: Final = b"FMT, 128, 89,"
# enum class LogEvent in libraries/AP_Logger/AP_Logger.h
_EVENTS: Final = {10: EventKind.ARM, 11: EventKind.DISARM, 18: EventKind.LANDING, 28: EventKind.TAKEOFF}
_BOARD: Final = re.compile(r"^\S+ ([0-9A-F]{8}) ([0-9A-F]{8}) ([0-9A-F]{8})$")
_VEHICLES: Final = ("copter", "plane", "rover")
_OUTPUTS_PER_MESSAGE: Final = 14


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins with a FMT message, binary or text."""
    return not path.is_dir() and (head.startswith(HEADER + bytes([FMT_TYPE])) or _TEXT_MARK in head)


def read(path: Path) -> LogFile:
    """Read a DataFlash log.

    Raises:
        FlightLogError: It does not begin with a FMT message.
        OSError: The file cannot be read.
    """
    data = path.read_bytes()
    if data.startswith(HEADER + bytes([FMT_TYPE])):
        records = read_binary(data, _WANTED)
    elif _TEXT_MARK in data:
        records = read_text(data.decode("utf-8", "replace"), _WANTED)
    else:
        raise FlightLogError(f"{path}: byte 0: no FMT message of a DataFlash log")
    return LogFile(FORMAT, (_log(path.stem, records),))


def _log(name: str, records: Records) -> FlightLog:
    device = _device(records)
    gps = _first_receiver(records.get("GPS"))
    if not len(gps):
        problems = (*records.problems, "no fixes: the log holds no GPS messages")
        return FlightLog(name, device, FixTable.empty(device), problems=problems)
    times = _times(gps)
    lat, lon = gps.get("Lat"), gps.get("Lng", "Lon")
    no_fix = {"no-fix": ~(gps.get("Status") >= _MINIMUM_STATUS)}
    keep, rejected = sift(no_fix | {"no-time": times < 0} | position_faults(lat, lon) | time_faults(times))
    good, ts_ms = gps.where(keep), times[keep]
    if not len(good):
        problems = (*records.problems, f"no fixes: none of {len(gps)} GPS messages has one")
        return FlightLog(name, device, FixTable.empty(device), rejected=rejected, problems=problems)
    fixes = _fixes(good, ts_ms, lat[keep], lon[keep], device)
    fixes = fixes.with_columns(mode=_modes(records, good), battery_pct=_charge(records, good))
    fixes, sprayed, problem = _sprayed(records, good, fixes)
    events = tuple(sorted([*_flight_events(records, good, fixes), *sprayed], key=lambda e: e.ts_ms))
    problems = (*records.problems, *_time_problem(fixes), *([problem] if problem else []))
    return FlightLog(name, device, fixes, events, rejected, problems=problems)


def _device(records: Records) -> str:
    """``ardupilot-`` and the board's serial number, else the vehicle's system number."""
    for text in records.get("MSG").texts.get("Message", []):
        board = _BOARD.match(text.strip())
        if board:
            return f"ardupilot-{''.join(board.groups()).lower()}"
    parameters = _parameters(records)
    number = parameters.get("SYSID_THISMAV", parameters.get("MAV_SYSID"))
    return "ardupilot" if number is None else f"ardupilot-{number:.0f}"


def _parameters(records: Records) -> dict[str, float]:
    """The parameters by name; the last value holds."""
    parameters = records.get("PARM")
    return dict(zip(parameters.texts.get("Name", []), parameters.get("Value").tolist(), strict=False))


def _first_receiver(gps: Message) -> Message:
    """The rows of the receiver with the lowest number, where the log numbers them."""
    if "I" not in gps.numbers or not len(gps):
        return gps
    return gps.where(gps.numbers["I"] == gps.numbers["I"].min())


def _times(gps: Message) -> Ints:
    """Times in ms UTC, shape (n,); −1 where the receiver told no week."""
    week, week_ms = gps.get("GWk", "Week"), gps.get("GMS", "TimeMS")
    told = (week > 0.0) & (week < _WEEK_MAX) & (week_ms >= 0.0) & (week_ms <= _WEEK_MS)
    utc = utc_ms(np.where(told, week, 0.0).astype(np.int64), np.where(told, week_ms, 0.0).astype(np.int64))
    return np.where(told, utc, -1)


def _fixes(gps: Message, ts_ms: Ints, lat: Floats, lon: Floats, device: str) -> FixTable:
    relative = "RelAlt" in gps.numbers
    hdop = gps.get("HDop")
    return FixTable.build(
        ts_ms,
        lat,
        lon,
        device=device,
        boot=f"boot-{int(ts_ms[0]) // 1000}",
        height_m=gps.get("RelAlt", "Alt"),
        height_ref=int(HeightRef.TAKEOFF if relative else HeightRef.MSL),
        speed_mps=gps.get("Spd"),
        heading_deg=np.mod(gps.get("GCrs"), 360.0),
        hdop=np.where(hdop > 0.0, hdop, np.nan),
        quality=quality_of(np.minimum(gps.get("Status"), _STATUS_MAX).astype(np.int64)),
    )


def _scales(gps: Message, other: Message) -> tuple[Floats, Floats, float]:
    """Instants of GPS rows and of another message on one scale, and the scale's unit in ms.

    Boot time where both tell it; else places in the file, whose unit is no time.
    """
    for name, unit_ms in (("TimeUS", 1e-3), ("T", 1.0)):
        told = other.numbers.get("TimeUS" if name == "TimeUS" else "TimeMS")
        if told is not None and name in gps.numbers:
            return np.maximum.accumulate(gps.numbers[name]), told, unit_ms
    return gps.at, other.at, 0.0


def _modes(records: Records, gps: Message) -> Codes:
    """Who steered at each fix, shape (n,)."""
    told = records.get("MODE")
    numbers = told.get("ModeNum", "Mode")
    if not len(told) or np.isnan(numbers).any():
        return np.full(len(gps), Mode.UNKNOWN, np.int8)
    texts = " ".join(records.get("MSG").texts.get("Message", [])).lower()
    vehicle = next((v for v in _VEHICLES if v in texts), "")
    codes = np.array([ardupilot_mode(vehicle, int(n)) for n in numbers], np.float64)
    at, when, _ = _scales(gps, told)
    return held(when, codes, at, before=float(Mode.UNKNOWN)).astype(np.int8)


def _charge(records: Records, gps: Message) -> Floats:
    """Charge of the first battery at each fix, in percent, shape (n,)."""
    told = records.get("BAT")
    first = told.where(np.nan_to_num(told.get("Inst", "Instance")) == 0.0)
    at, when, _ = _scales(gps, first)
    return held(when, first.get("RemPct"), at, before=np.nan)


def _flight_events(records: Records, gps: Message, fixes: FixTable) -> list[Event]:
    """Arming, take-off and landing."""
    told, arm = records.get("EV"), records.get("ARM")
    found: list[Event] = []
    numbers = told.get("Id")
    if len(told):
        at, when, unit_ms = _scales(gps, told)
        clock = Clock(at, fixes.ts_ms, unit_ms)
        for number, instant in zip(numbers.tolist(), when.tolist(), strict=True):
            if number in _EVENTS:
                found.append(Event(fixes.device, clock.utc(instant), _EVENTS[int(number)], fixes.boot[0]))
    if len(arm) and not any(e.kind in {EventKind.ARM, EventKind.DISARM} for e in found):
        at, when, unit_ms = _scales(gps, arm)
        kinds = (EventKind.ARM, EventKind.DISARM)
        clock = Clock(at, fixes.ts_ms, unit_ms)
        found += switches(
            fixes.device, clock, when, (arm.get("ArmState") == 1.0).astype(np.float64), kinds, first=[0.0]
        )
    return found


def _sprayed(records: Records, gps: Message, fixes: FixTable) -> tuple[FixTable, list[Event], str]:
    """The fixes with the pump's state, its switches, and what could not be told ("" where all was)."""
    told, states = _pump_states(records)
    if not len(told):
        return fixes, [], NO_TELLING
    at, when, unit_ms = _scales(gps, told)
    on = held(when, states, at, before=0.0) > 0.0
    kinds = (EventKind.ON, EventKind.OFF)
    events = switches(fixes.device, Clock(at, fixes.ts_ms, unit_ms), when, states, kinds, first=[0.0])
    return fixes.with_columns(on=on, op=int(Operation.SPRAY)), events, ""


def _pump_states(records: Records) -> tuple[Message, Floats]:
    """A message that tells of the pump, and whether it ran at each of its rows (1 or 0), shape (n,)."""
    pump = pump_of(_parameters(records))
    if pump is not None:
        index, output = divmod(pump.output - 1, _OUTPUTS_PER_MESSAGE)
        outputs = records.get(("RCOU", "RCO2", "RCO3")[index])
        column = outputs.numbers.get(f"C{pump.output}", outputs.numbers.get(f"Ch{output + 1}"))
        if column is not None:
            return outputs, pump.running(column).astype(np.float64)
    commands = records.get("MISE")
    sprayer = commands.where(commands.get("CId") == _DO_SPRAYER)
    return sprayer, (sprayer.get("Prm1") > 0.0).astype(np.float64)


def _time_problem(fixes: FixTable) -> list[str]:
    """Backward steps of the receiver's clock."""
    backward = np.flatnonzero(np.diff(fixes.ts_ms) < 0)
    return [f"the receiver's time runs backward {len(backward)} times"] if len(backward) else []
