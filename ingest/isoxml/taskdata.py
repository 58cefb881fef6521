"""TASKDATA.XML: devices, tasks with their times and logs, fields; files that it links to are merged.

Versions 3 and 4 name the same elements alike as far as they are used here. ``XFR`` links to another file whose root's
children belong to the root of the TASKDATA.XML. A task (``TSK``) has times (``TIM``), logs (``TLG``) and connections
(``CNN``) of
its allocated devices (``DAN``).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Final
from xml.etree.ElementTree import Element as Node

from core.errors import FlightLogError
from ingest.isoxml.container import TASKDATA, Bundle
from ingest.isoxml.device import Device, integer, read_device
from ingest.isoxml.markup import parse_xml

EFFECTIVE: Final = "4"
"""The type of a TIM while the work went on (others: planned, preliminary, downtime, repair ...)."""
_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class WorkTime:
    """A time at which a task was worked on. ``start_ms``: its wall clock, ms since 1970; ``zone_ms``: offset to UTC."""

    start_ms: int
    zone_ms: int | None
    totals: tuple[tuple[str, int, int], ...] = ()
    """Raw totals: element, DDI, value."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Two elements of two devices that are coupled."""

    devices: tuple[str, str]
    parts: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Task:
    """One task with what happened in it."""

    task: str
    times: tuple[WorkTime, ...] = ()
    logs: tuple[str, ...] = ()
    connections: tuple[Connection, ...] = ()
    devices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskData:
    """What a TASKDATA.XML and the files that it links to hold."""

    devices: tuple[Device, ...] = ()
    tasks: tuple[Task, ...] = ()
    fields: tuple[Node, ...] = ()
    problems: list[str] = field(default_factory=list)

    def task_of(self, log: str) -> Task | None:
        """The task that a time log (by its name in capitals) belongs to."""
        return next((t for t in self.tasks if log in t.logs), None)


def read_taskdata(bundle: Bundle) -> TaskData:
    """Parse the task data of a bundle.

    Raises:
        FlightLogError: The TASKDATA.XML is not well-formed or is something else.
    """
    root = parse_xml(bundle.files[TASKDATA], f"{bundle.path}: {TASKDATA}")
    if root.tag.upper() != "ISO11783_TASKDATA":
        raise FlightLogError(f"{bundle.path}: {TASKDATA}: the root is {root.tag}, not ISO11783_TaskData")
    problems: list[str] = []
    nodes = [*root, *_linked(root, bundle, problems)]
    return TaskData(
        tuple(read_device(n) for n in nodes if n.tag == "DVC"),
        tuple(_task(n) for n in nodes if n.tag == "TSK"),
        tuple(n for n in nodes if n.tag == "PFD"),
        problems,
    )


def _linked(root: Node, bundle: Bundle, problems: list[str]) -> list[Node]:
    """The children of the linked files; a file that is missing or broken is a problem, not the end."""
    nodes: list[Node] = []
    for name in dict.fromkeys(x.get("A", "").upper().removesuffix(".XML") + ".XML" for x in root.iter("XFR")):
        if name not in bundle.files:
            problems.append(f"{name}: linked from {TASKDATA}, but not there")
            continue
        try:
            nodes += list(parse_xml(bundle.files[name], name))
        except FlightLogError as error:
            problems.append(str(error))
    return nodes


def _task(node: Node) -> Task:
    times = [_work_time(t) for t in node.iter("TIM") if t.get("D") == EFFECTIVE]
    connections = [
        Connection((c.get("A", ""), c.get("C", "")), (c.get("B", ""), c.get("D", ""))) for c in node.iter("CNN")
    ]
    return Task(
        node.get("A", ""),
        tuple(t for t in times if t is not None),
        tuple(t.get("A", "").upper() for t in node.iter("TLG")),
        tuple(connections),
        tuple(dict.fromkeys(d.get("C", "") for d in node.iter("DAN"))),
    )


def _work_time(node: Node) -> WorkTime | None:
    found = _STAMP.fullmatch(node.get("A", "").strip())
    if found is None:
        return None
    try:
        wall = dt.datetime.fromisoformat(found[1]).replace(tzinfo=dt.UTC)
        zone = None if found[3] is None else _zone_ms(found[3])
    except ValueError:
        return None
    totals = tuple((d.get("C", ""), integer(d.get("A"), 16), integer(d.get("B"))) for d in node.iter("DLV"))
    return WorkTime(round((wall - _EPOCH).total_seconds() * 1000), zone, totals)


def _zone_ms(text: str) -> int:
    if text == "Z":
        return 0
    sign = -1 if text[0] == "-" else 1
    return sign * (int(text[1:3]) * 60 + int(text[4:6])) * 60_000
