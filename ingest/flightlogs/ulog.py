"""Logs that PX4 writes on its own memory card: ULog (.ulg).

Used: ``vehicle_gps_position`` (else ``sensor_gps``), the first instance that has a fix, as fixes where ``fix_type`` is
3 or more; old field names (``lat`` in 1e-7 degrees) and new ones (``latitude_deg``) are known. Times are the receiver's
UTC at each row; where it tells none, the time since boot on the UTC of other rows. Heights are above mean sea level.
``vehicle_status`` gives arming and who steered, ``vehicle_land_detected`` take-off and landing, ``battery_status`` the
charge of the first battery.

Without any UTC in the log, times count from 2000-01-01 at boot, and ``problems`` says so. Dropouts (the card was too
slow) are named with their length. A log without a GPS topic gives a log without fixes and the problem "no fixes".

Not told: when a sprayer was on, its flow and its swath width.

Source: docs.px4.io, "ULog File Format", and msg/SensorGps.msg of PX4; pyulog reads the file. Damage is skipped up to
the next sync mark and named by its byte; where the file breaks off, the part before is read.
"""

from __future__ import annotations

import contextlib
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import FlightLogError
from core.model.enums import EventKind, FixQuality, HeightRef, Mode
from core.model.fixtable import Codes, FixTable, Floats, Ints
from core.model.flightlog import FlightLog, LogFile
from core.model.samples import Event
from ingest.clock import EARLIEST_MS
from ingest.logparts.modes import px4_mode
from ingest.logparts.sifting import NO_TELLING, position_faults, quality_of, shortened, sift
from ingest.logparts.timeline import Clock, held, switches
from ingest.logparts.ulog_messages import MAGIC, mended
from ingest.servicerecords.rows import device_id

FORMAT: Final = "px4-ulog"
EXTENSIONS: Final = (".ulg",)

_GPS: Final = ("vehicle_gps_position", "sensor_gps")
_TOPICS: Final = (*_GPS, "vehicle_status", "vehicle_land_detected", "battery_status")
_BOOT_TIME: Final = "timestamp"
_BEST_FIX: Final = 6
_ARMED: Final = 2
_NO_DATE_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp()) * 1000
_SHOWN: Final = 3

Columns = dict[str, NDArray[Any]]


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file begins with ULog's magic bytes."""
    return not path.is_dir() and head.startswith(MAGIC)


def read(path: Path) -> LogFile:
    """Read a ULog.

    Raises:
        FlightLogError: The header is not ULog's, or the log needs a newer reader.
        OSError: The file cannot be read.
    """
    import pyulog  # noqa: PLC0415
    from pyulog.exceptions import ULogException  # noqa: PLC0415

    data, problems = mended(path.read_bytes())
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):  # pyulog prints what it finds corrupt
            ulog = pyulog.ULog(io.BytesIO(data), list(_TOPICS))
    except ULogException as error:
        raise FlightLogError(f"{path}: {error}") from error
    if ulog.file_corruption and not problems:
        problems.append("some messages are corrupt; skipped")
    return LogFile(FORMAT, (_log(path.stem, ulog),), problems=shortened(problems))


def _log(name: str, ulog: Any) -> FlightLog:
    device = f"px4-{device_id(str(ulog.msg_info_dict.get('sys_uuid', '')).lower(), 'unknown')}"[:60].rstrip("-")
    problems = _dropouts(ulog)
    gps = _receiver(ulog)
    if gps is None:
        problems.append(f"no fixes: the log holds none of the topics {', '.join(_GPS)}")
        return FlightLog(name, device, FixTable.empty(device), problems=tuple(problems))
    lat, lon = _degrees(gps, "lat", "latitude_deg"), _degrees(gps, "lon", "longitude_deg")
    quality = _quality(gps)
    keep, rejected = sift({"no-fix": quality == FixQuality.NONE} | position_faults(lat, lon))
    if not keep.any():
        problems.append(f"no fixes: none of {len(lat)} positions has one")
        return FlightLog(name, device, FixTable.empty(device), rejected=rejected, problems=tuple(problems))
    boot_us = gps[_BOOT_TIME].astype(np.float64)
    ts_ms = _times(gps, boot_us, problems)
    fixes = FixTable.build(
        ts_ms,
        lat,
        lon,
        device=device,
        boot=f"boot-{round((float(ts_ms[keep][0]) - float(boot_us[keep][0]) / 1000.0) / 1000.0)}",
        height_m=_height(gps),
        height_ref=int(HeightRef.MSL),
        speed_mps=_column(gps, "vel_m_s"),
        heading_deg=np.mod(np.degrees(_column(gps, "cog_rad")), 360.0),
        hdop=_column(gps, "hdop"),
        quality=quality,
    ).take(keep)
    fixes = _with_states(fixes, ulog, boot_us[keep])
    events = _events(fixes, ulog, Clock(np.maximum.accumulate(boot_us[keep]), fixes.ts_ms, 1e-3))
    return FlightLog(name, device, fixes, events, rejected, problems=(*problems, NO_TELLING))


def _dropouts(ulog: Any) -> list[str]:
    """The logger's gaps, in words."""
    lost = [int(d.duration) for d in ulog.dropouts]
    if not lost:
        return []
    shown = ", ".join(f"{ms} ms" for ms in lost[:_SHOWN]) + ", ..." * (len(lost) > _SHOWN)
    return [f"{len(lost)} × dropout of the logger, {sum(lost)} ms in all ({shown})"]


def _topic(ulog: Any, name: str) -> Columns | None:
    """The columns of a topic's first instance, None where the log has none."""
    found = (d.data for d in ulog.data_list if d.name == name and d.multi_id == 0 and _BOOT_TIME in d.data)
    return next(found, None)


def _quality(gps: Columns) -> Codes:
    """The receiver's state at each row, shape (n,); 8 is PX4's dead reckoning, not a fix."""
    told = np.nan_to_num(_column(gps, "fix_type")).astype(np.int64)
    return quality_of(np.where(told <= _BEST_FIX, told, 0))


def _receiver(ulog: Any) -> Columns | None:
    """The first GPS topic with a fix, else the first at all."""
    topics = (d for d in ulog.data_list if d.name in _GPS and _BOOT_TIME in d.data)
    found = sorted(topics, key=lambda d: (_GPS.index(d.name), d.multi_id))
    fixed = (d.data for d in found if (_quality(d.data) != FixQuality.NONE).any())
    return next(fixed, found[0].data if found else None)


def _column(columns: Columns, name: str) -> Floats:
    """A column as floats, NaN where the topic has none."""
    told = columns.get(name)
    return np.full(len(columns[_BOOT_TIME]), np.nan) if told is None else told.astype(np.float64)


def _degrees(gps: Columns, old: str, new: str) -> Floats:
    """Latitude or longitude in degrees: a double since PX4 1.14, before that an integer of 1e-7 degrees."""
    return _column(gps, new) if new in gps else _column(gps, old) * 1e-7


def _height(gps: Columns) -> Floats:
    """Height above mean sea level in m: a double since PX4 1.14, before that an integer of mm."""
    return _column(gps, "altitude_msl_m") if "altitude_msl_m" in gps else _column(gps, "alt") / 1000.0


def _times(gps: Columns, boot_us: Floats, problems: list[str]) -> Ints:
    """Times in ms UTC, shape (n,)."""
    utc_ms = _column(gps, "time_utc_usec") / 1000.0
    told = utc_ms >= EARLIEST_MS
    if not told.any():
        problems.append("the log tells no UTC time: times count from 2000-01-01 at boot")
        return np.rint(boot_us / 1000.0).astype(np.int64) + _NO_DATE_MS
    offset_ms = float(np.median((utc_ms - boot_us / 1000.0)[told]))
    return np.rint(np.where(told, utc_ms, boot_us / 1000.0 + offset_ms)).astype(np.int64)


def _with_states(fixes: FixTable, ulog: Any, at: Floats) -> FixTable:
    """The fixes with mode and charge as last told."""
    status, battery = _topic(ulog, "vehicle_status"), _topic(ulog, "battery_status")
    if status is not None and "nav_state" in status:
        modes = np.array([px4_mode(int(s)) for s in status["nav_state"]], np.float64)
        told = held(_column(status, _BOOT_TIME), modes, at, before=float(Mode.UNKNOWN))
        fixes = fixes.with_columns(mode=told.astype(np.int8))
    if battery is not None and "remaining" in battery:
        share = _column(battery, "remaining")
        percent = np.where(share >= 0.0, share * 100.0, np.nan)
        fixes = fixes.with_columns(battery_pct=held(_column(battery, _BOOT_TIME), percent, at, before=np.nan))
    return fixes


def _events(fixes: FixTable, ulog: Any, clock: Clock) -> tuple[Event, ...]:
    """Arming, take-off and landing."""
    found: list[Event] = []
    status, ground = _topic(ulog, "vehicle_status"), _topic(ulog, "vehicle_land_detected")
    if status is not None and "arming_state" in status:
        armed = (status["arming_state"] == _ARMED).astype(np.float64)
        kinds = (EventKind.ARM, EventKind.DISARM)
        found += switches(fixes.device, clock, _column(status, _BOOT_TIME), armed, kinds, first=[])
    if ground is not None and "landed" in ground:
        kinds = (EventKind.LANDING, EventKind.TAKEOFF)
        found += switches(fixes.device, clock, _column(ground, _BOOT_TIME), _column(ground, "landed"), kinds, first=[])
    return tuple(sorted(found, key=lambda e: e.ts_ms))
