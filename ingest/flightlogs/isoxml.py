"""Task data of farm machines, ISO 11783-10 (ISOXML) versions 3 and 4: TASKDATA.XML with binary time logs.

A task data set is a folder or a zip, names in any case. ``TASKDATA.XML`` describes devices (``DVC``), fields (``PFD``)
and tasks (``TSK``); parts of it may lie in files that it links to (``XFR``). Every time log is a pair: ``TLG00001.XML``
says what ``TLG00001.BIN`` holds, records of time, position and the values that changed. What a value means stands in
the data dictionary; which element of the machine sent it, and in which unit, in the device's description.

Used: one log per time log; position, receiver state, work state, working width, speed. Sections that tell their state
(actual condensed states, else a state each, else set-points) are strips of their own, placed by the device's geometry
and its coupling. Rates come in the unit in which the device shows them, which decides over the standard's. ``machine``
is the increase of the machine's own counters over the log. Fields become plots, holes taken off. Records of one
instant and place become one fix; bytes that are no record are skipped, and ``problems`` names them.

Times are a wall clock without a zone. It is taken from the logged GPS time, else from the task's stated times, else
the clock is read as UTC; ``problems`` says which. Positions are the antenna's: how far the implement runs behind it is
not applied. A receiver state "not available" is no reason to reject: many terminals never tell it.

Not told: heading, tank content. Source: ISO 11783-10:2015, annexes D and E; ISO 11783-11 on-line data base
(isobus.net). A file that declares entities is refused (defusedxml); nothing of a zip is unpacked to disk.
"""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.errors import FlightLogError
from core.model.flightlog import LogFile
from ingest.isoxml.clock import Zone, zone_of, zone_problems
from ingest.isoxml.columns import flight_log
from ingest.isoxml.container import TASKDATA, Bundle, holds_taskdata, open_bundle
from ingest.isoxml.fields import plots_of
from ingest.isoxml.taskdata import TaskData, read_taskdata
from ingest.isoxml.timelog import DAY_MS, DAYS_1970_TO_1980, Header, TimeLog, read_header, read_log

FORMAT: Final = "isoxml"
EXTENSIONS: Final = (".zip", ".xml")
"""Beside these, folders that hold a TASKDATA.XML."""
_ROOT: Final = b"iso11783_taskdata"
_ZIP: Final = b"PK\x03\x04"


def sniff(head: bytes, path: Path) -> bool:
    """Whether this is a folder, a zip or an XML file of task data; a broken zip is taken, so that the cause is told."""
    if path.is_dir():
        return holds_taskdata(path)
    if head.startswith(_ZIP) or path.suffix.lower() == ".zip":
        return holds_taskdata(path) or not zipfile.is_zipfile(path)
    return _ROOT in head.lower() or path.name.upper() == TASKDATA


def read(path: Path) -> LogFile:
    """Read a task data set: all time logs, also those that can be used in part or not at all, and the fields.

    Raises:
        FlightLogError: There is no TASKDATA.XML, or it is not well-formed (with line and column); the zip is none.
    """
    bundle = open_bundle(path)
    data = read_taskdata(bundle)
    problems = [*bundle.problems, *data.problems]
    plots = plots_of(data.fields, problems)
    logs = {name: _time_log(bundle, data, name) for name in _names(bundle, data)}
    zones = _zones({name: log for name, (log, _) in logs.items()}, data)
    flights = tuple(flight_log(name, log, zones[name], data, told) for name, (log, told) in logs.items())
    problems += zone_problems({name: zone for name, zone in zones.items() if len(logs[name][0])})
    if not flights:
        problems.append(f"no time logs ({len(data.tasks)} tasks)")
    return LogFile(FORMAT, flights, plots, tuple(problems))


def _names(bundle: Bundle, data: TaskData) -> list[str]:
    """All time logs, of tasks or found as files, in order."""
    files = {name[:-4] for name in bundle.files if name.startswith("TLG")}
    return sorted(files | {log for task in data.tasks for log in task.logs if log})


def _time_log(bundle: Bundle, data: TaskData, name: str) -> tuple[TimeLog, list[str]]:
    """Read the two files of a log; an empty log, and why, where that fails."""
    problems = [] if data.task_of(name) else ["belongs to no task"]
    missing = [file for file in (f"{name}.XML", f"{name}.BIN") if file not in bundle.files]
    header, binary = Header((), {}, ()), b""
    if missing:
        problems.append(f"there is no {' and no '.join(missing)}")
    else:
        try:
            header = read_header(bundle.files[f"{name}.XML"], f"{name}.XML")
            binary = bundle.files[f"{name}.BIN"]
        except FlightLogError as error:
            problems.append(str(error))
    days = {time.start_ms // DAY_MS - DAYS_1970_TO_1980 for task in data.tasks for time in task.times}
    return read_log(header, binary, days), problems


def _zones(logs: dict[str, TimeLog], data: TaskData) -> dict[str, Zone]:
    """The zone of every log; where one tells none, that of the others of the file, if they agree."""
    zones = {name: zone_of(log, data.task_of(name)) for name, log in logs.items()}
    known = {zone.offset_ms: zone for zone in zones.values() if zone.known}
    if len(known) != 1:
        return zones
    (common,) = known.values()
    source = f"{common.source} for other logs of the file"
    return {
        name: zone if zone.known else replace(zone, offset_ms=common.offset_ms, source=source, known=True)
        for name, zone in zones.items()
    }
