"""Flights as task data of ISO 11783-10 (ISOXML) version 4: a task and a time log per flight.

The zip holds ``TASKDATA/TASKDATA.XML`` and, for each flight, ``TLG00001.XML`` and ``TLG00001.BIN``
(:mod:`land.flightfiles.timelog`). A drone is a device (``DVC``) with one function that sends work state, width and
rates; where a flight's boom keeps its sections, they are elements of it with their widths and offsets. Nothing else of
the platform's is in it: plots are exported as part fields of their own (:mod:`land.export_isoxml`).

Source: ISO 11783-10:2015, annexes D and E; ISO 11783-11 on-line data base (isobus.net); NAME by ISO 11783-5.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.exports import Drain, FlightPiece, Order
from core.localtime import local
from core.model.coverage import Flight
from core.model.enums import Operation
from land.export_isoxml import attributes
from land.flightfiles.timelog import Boom, TimeLog, boom_of
from land.isoxml_fields import OUR_NAME

_FOLDER: Final = "TASKDATA"
_TEXT: Final = 32
_CLASSES: Final = {Operation.SPRAY: 6, Operation.SPREAD: 5, Operation.SOW: 4, Operation.UNKNOWN: 0}
"""Device classes of agricultural machines (ISO 11783-5)."""
_ROOT: Final = {
    "VersionMajor": "4",
    "VersionMinor": "3",
    "ManagementSoftwareManufacturer": OUR_NAME,
    "ManagementSoftwareVersion": "1",
    "DataTransferOrigin": "1",
}
_DEVICE, _FUNCTION, _SECTION = "1", "2", "4"
_COMPLETED, _EFFECTIVE = "4", "4"
_WIDTH, _OFFSET_Y = "0043", "0087"
_SENT: Final = "1"
_ON_CHANGE: Final = "8"


@dataclass(frozen=True, slots=True)
class _Machine:
    """A drone with one way of working: ``number`` makes its identifiers unique in the file."""

    number: int
    device: str
    op: Operation
    boom: Boom | None

    @property
    def part(self) -> str:
        """The element that logs."""
        return f"DET-{self.number * 1_000 + 2}"


def stream(order: Order) -> Iterator[bytes]:
    """The zip, written while the fixes are read."""
    drain = Drain()
    machines: dict[tuple[str, Operation, Boom | None], _Machine] = {}
    tasks: list[str] = []
    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as archive:
        pieces = iter(order.pieces)
        for first in pieces:
            key = (first.flight.device, first.flight.op, boom_of(first.fixes))
            machine = machines.setdefault(key, _Machine(len(machines) + 1, *key))
            name = f"TLG{len(tasks) + 1:05d}"
            log = TimeLog(machine.part, machine.boom)
            archive.writestr(f"{_FOLDER}/{name}.XML", log.header())
            with archive.open(f"{_FOLDER}/{name}.BIN", "w", force_zip64=True) as file:
                for piece in _of_one_flight(first, pieces):
                    file.write(log.records(piece))
                    yield drain.drain()
            tasks.append(_task(first.flight, machine, len(tasks) + 1, name))
        body = "\n".join([*(_device(it) for it in machines.values()), *tasks])
        archive.writestr(
            f"{_FOLDER}/TASKDATA.XML",
            f'<?xml version="1.0" encoding="UTF-8"?>\n<ISO11783_TaskData{attributes(_ROOT)}>\n{body}\n'
            "</ISO11783_TaskData>\n",
        )
    yield drain.drain()


def _of_one_flight(first: FlightPiece, others: Iterator[FlightPiece]) -> Iterator[FlightPiece]:
    piece = first
    yield piece
    while not piece.last:
        piece = next(others)
        yield piece


def _task(flight: Flight, machine: _Machine, number: int, log: str) -> str:
    task = {"A": f"TSK{number}", "B": flight.flight[-_TEXT:], "G": _COMPLETED}
    times = {"A": _stamp(flight.start_ms), "B": _stamp(flight.end_ms), "D": _EFFECTIVE}
    allocated = {"A": _name(machine), "C": f"DVC-{machine.number}"}
    return (
        f"<TSK{attributes(task)}><DAN{attributes(allocated)}/><TIM{attributes(times)}/>"
        f"<TLG{attributes({'A': log, 'C': '1'})}/></TSK>"
    )


def _stamp(ts_ms: int) -> str:
    return local(ts_ms).isoformat(timespec="milliseconds")


def _name(machine: _Machine) -> str:
    """The 64-bit NAME: self-configurable, agriculture (2), the class, and an identity number of 21 bits."""
    identity = int.from_bytes(hashlib.sha256(machine.device.encode()).digest()[:3], "big") & 0x1F_FFFF
    return f"{1 << 63 | 2 << 60 | _CLASSES[machine.op] << 49 | identity:016X}"


def _device(machine: _Machine) -> str:
    """The description of a machine: its element, one function, and sections below it."""
    base, boom = machine.number * 1_000, machine.boom
    sent = [f"{ddi:04X}" for ddi in TimeLog(machine.part, boom).quantities]
    head = {
        "A": f"DVC-{machine.number}",
        "B": machine.device[:_TEXT],
        "C": "1",
        "D": _name(machine),
        "F": f"{machine.number:014X}",
        "G": "FF000000006E76",  # localization: Vietnamese letters, metric units
    }
    references = "".join(f'<DOR A="{100 + k}"/>' for k in range(len(sent)))
    parts = [
        _element(base + 1, 1, _DEVICE, machine.device[:_TEXT], 0, 0),
        _element(base + 2, 2, _FUNCTION, machine.op.word, 1, 1, references),
    ]
    fixed: list[str] = []
    for k, (offset_mm, width_mm) in enumerate(boom.sections if boom is not None else ()):
        first = 300 + 2 * k
        refs = f'<DOR A="{first}"/><DOR A="{first + 1}"/>'
        parts.append(_element(base + 3 + k, 3 + k, _SECTION, f"S{k + 1}", k + 2, 2, refs))
        fixed.append(f"<DPT{attributes({'A': str(first), 'B': _WIDTH, 'C': str(width_mm), 'D': 'Width'})}/>")
        fixed.append(f"<DPT{attributes({'A': str(first + 1), 'B': _OFFSET_Y, 'C': str(offset_mm), 'D': 'Offset'})}/>")
    logged = [
        f"<DPD{attributes({'A': str(100 + k), 'B': ddi, 'C': _SENT, 'D': _ON_CHANGE})}/>" for k, ddi in enumerate(sent)
    ]
    return f"<DVC{attributes(head)}>{''.join([*parts, *logged, *fixed])}</DVC>"


def _element(  # noqa: PLR0917 - the attributes of DET in their order
    identifier: int, number: int, kind: str, label: str, order: int, parent: int, references: str = ""
) -> str:
    told = {"A": f"DET-{identifier}", "B": str(number), "C": kind, "D": label, "E": str(order), "F": str(parent)}
    return f"<DET{attributes(told)}>{references}</DET>"
