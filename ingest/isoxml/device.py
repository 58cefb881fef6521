"""Device descriptions: the tree of elements with their fixed properties and how their values are presented.

``DVC`` holds elements (``DET``) that refer by object number (``DOR``) to properties (``DPT``, fixed) and process data
(``DPD``, sent), which refer to presentations (``DVP``). An element's parent is named by its object number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final
from xml.etree.ElementTree import Element as Node

from ingest.isoxml.dictionary import Presentation
from ingest.servicerecords.rows import device_id

SOWERS, FERTILIZERS, SPRAYERS = 4, 5, 6
"""Device classes of agricultural machines in the 64-bit NAME (ISO 11783-5, industry group 2)."""
NAME_DIGITS: Final = 16


class Kind(IntEnum):
    """What an element is (DET attribute C)."""

    OTHER = 0
    DEVICE = 1
    FUNCTION = 2
    BIN = 3
    SECTION = 4
    UNIT = 5
    CONNECTOR = 6
    NAVIGATION = 7


_KINDS: Final = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Part:
    """One element of a device. ``number`` is its object number, ``properties`` are raw values by DDI."""

    part: str
    number: int
    kind: Kind
    parent: int
    properties: dict[int, int] = field(default_factory=dict)
    presentations: dict[int, Presentation] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Device:
    """A tractor or an implement."""

    device: str
    designator: str
    client_name: str
    parts: tuple[Part, ...]

    @property
    def label(self) -> str:
        """A stable identifier of letters, digits and hyphens."""
        return device_id(self.designator, device_id(self.client_name, device_id(self.device, "isoxml")))

    @property
    def device_class(self) -> int:
        """What sort of machine it is: bits 49 to 55 of the NAME; −1 where none is told."""
        if len(self.client_name) != NAME_DIGITS:
            return -1
        try:
            return int(self.client_name, 16) >> 49 & 0x7F
        except ValueError:
            return -1

    def children(self, part: Part) -> list[Part]:
        """The elements right below another, in document order."""
        return [p for p in self.parts if p.parent == part.number and p is not part]

    def below(self, part: Part) -> Iterator[Part]:
        """All elements below another, each once."""
        seen = {part.part}
        queue = [part]
        while queue:
            fresh = [p for p in self.children(queue.pop(0)) if p.part not in seen]
            seen |= {p.part for p in fresh}
            queue += fresh
            yield from fresh

    def above(self, part: Part) -> list[Part]:
        """The elements that another hangs on, nearest first."""
        by_number = {p.number: p for p in self.parts}
        found: list[Part] = []
        parent = by_number.get(part.parent)
        while parent is not None and parent not in found and parent is not part:
            found.append(parent)
            parent = by_number.get(parent.parent)
        return found


def read_device(node: Node) -> Device:
    """Make a device of a ``DVC`` element; numbers that are none count as 0."""
    shown = {v.get("A", ""): _presentation(v) for v in node.iter("DVP")}
    fixed = {p.get("A", ""): p for p in node.iter("DPT")}
    sent = {p.get("A", ""): p for p in node.iter("DPD")}
    parts = [_part(det, fixed, sent, shown) for det in node.iter("DET")]
    return Device(node.get("A", ""), node.get("B", ""), node.get("D", "").strip(), tuple(parts))


def _part(det: Node, fixed: dict[str, Node], sent: dict[str, Node], shown: dict[str, Presentation]) -> Part:
    kind = _KINDS.get(integer(det.get("C")), Kind.OTHER)
    part = Part(det.get("A", ""), integer(det.get("B")), kind, integer(det.get("F")))
    for reference in det.iter("DOR"):
        key = reference.get("A", "")
        for objects, link in ((fixed, "E"), (sent, "F")):
            if key in objects:
                ddi = integer(objects[key].get("B"), 16)
                if objects is fixed:
                    part.properties[ddi] = integer(objects[key].get("C"))
                if (presentation := shown.get(objects[key].get(link, ""))) is not None:
                    part.presentations[ddi] = presentation
    return part


def _presentation(node: Node) -> Presentation:
    try:
        scale = float(node.get("C", "1"))
    except ValueError:
        scale = 1.0
    return Presentation(float(integer(node.get("B"))), scale, node.get("E", ""))


def integer(text: str | None, base: int = 10) -> int:
    """A whole number of an attribute, 0 where it is missing or none."""
    try:
        return int(text or "0", base)
    except ValueError:
        return 0
