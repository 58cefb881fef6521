"""From a time log to a flight log: usable rows as a fix table, the others counted by reason."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from core.model.enums import HeightRef
from core.model.fixtable import Bools, FixTable, Floats, SectionColumns
from core.model.flightlog import FlightLog
from core.model.samples import NAN
from ingest.isoxml.boom import Boom
from ingest.isoxml.clock import Zone
from ingest.isoxml.implement import coupling_m, implement_of
from ingest.isoxml.places import Places, far_problems, metres, places_of, shown
from ingest.isoxml.taskdata import TaskData
from ingest.isoxml.timelog import TimeLog
from ingest.isoxml.totals import totals_of
from ingest.isoxml.work import Work, work_of

NAMELESS: Final = "isoxml"
MM_PER_M, TENTHS = 1_000.0, 10.0
DOP_MISSING: Final = (0.0, 65_535.0)
MS_PER_S: Final = 1_000.0
LIMIT_MPS: Final = 100.0
"""No implement works at this speed: the position has jumped."""


def flight_log(name: str, log: TimeLog, zone: Zone, data: TaskData, problems: list[str]) -> FlightLog:
    """Turn a time log into a flight log.

    Args:
        name: The log's name in capitals.
        log: Its records.
        zone: How its wall clock stands to UTC.
        data: Devices and tasks.
        problems: What was wrong with its files already.
    """
    places = places_of(log)
    rejected = places.rejected
    if log.gaps:
        rejected["corrupt"] = rejected.get("corrupt", 0) + len(log.gaps)
    problems += shown([f"bytes {g.begin:,} to {g.end - 1:,} are no record: {g.fault}" for g in log.gaps], "gaps")
    problems += far_problems(log, places)
    if not places.usable.any():
        problems.append("no usable position" if len(log) else "no record could be read")
    task = data.task_of(name)
    implement = implement_of(data, task, log)
    if implement is None:
        problems.append("it is not told which device logged: nothing counts as treated")
        return FlightLog(name, NAMELESS, _fixes(log, places, zone, NAMELESS, None), (), rejected, problems=(*problems,))
    work = work_of(implement, coupling_m(data, task, implement))
    machine = totals_of(implement, task)
    return FlightLog(
        name,
        implement.device.label,
        _fixes(log, places, zone, implement.device.label, work),
        rejected=rejected,
        machine=machine,
        volume_l=machine.get("volume_l", NAN),
        mass_kg=machine.get("mass_kg", NAN),
        problems=tuple(dict.fromkeys([*problems, *work.notes, *implement.notes])),
    )


def _fixes(log: TimeLog, places: Places, zone: Zone, device: str, work: Work | None) -> FixTable:
    """The usable rows."""
    rows = places.usable
    height_m, dop = log.attribute("C")[rows] / MM_PER_M, log.attribute("F")[rows]
    ts_ms, lat, lon = log.clock_ms[rows] - zone.offset_ms, places.lat_deg[rows], places.lon_deg[rows]
    columns: dict[str, Any] = {
        "quality": places.quality[rows],
        "height_m": height_m,
        "height_ref": np.where(np.isfinite(height_m), HeightRef.ELLIPSOID, HeightRef.UNKNOWN),
        "hdop": np.where(np.isin(dop, DOP_MISSING), np.nan, dop / TENTHS),
    }
    if work is not None:
        columns |= _work_columns(work, rows, _onward_mps(ts_ms, lat, lon))
    return FixTable.build(ts_ms, lat, lon, device=device, **columns)


def _work_columns(work: Work, rows: Bools, onward_mps: Floats) -> dict[str, Any]:
    on, active_m = work.on[rows], work.active_m[rows]
    columns: dict[str, Any] = {
        "on": on,
        "op": work.op,
        "swath_m": work.swath_m[rows],
        "speed_mps": work.speed_mps[rows],
    }
    for name, rate in (("flow_lpm", work.volume), ("rate_kgpm", work.mass)):
        if rate is not None:
            columns[name] = rate.per_minute(rows, on, active_m, onward_mps)
    if work.boom is not None:
        columns["sections"] = _sections(work.boom, rows)
    return columns


def _sections(boom: Boom, rows: Bools) -> SectionColumns:
    """Sections of the usable rows; a spreader's may change their widths on the way."""
    on = boom.on[rows]
    return SectionColumns(
        np.arange(len(on) + 1, dtype=np.int64) * on.shape[1],
        boom.offset_m[rows].reshape(-1),
        boom.width_m[rows].reshape(-1),
        on.reshape(-1),
        np.full(on.size, np.nan),
    )


def _onward_mps(ts_ms: Any, lat: Floats, lon: Floats) -> Floats:
    """Speed from each fix to the next, by which dose × speed × width adds up to dose × area; 0 at a jump."""
    if len(ts_ms) <= 1:
        return np.zeros(len(ts_ms))
    length_m = metres(np.diff(lat), np.diff(lon), lat[:-1])
    dt_s = np.diff(ts_ms) / MS_PER_S
    speed = np.divide(length_m, dt_s, out=np.zeros(len(dt_s)), where=dt_s > 0.0)
    speed[speed > LIMIT_MPS] = 0.0
    return np.append(speed, speed[-1])
