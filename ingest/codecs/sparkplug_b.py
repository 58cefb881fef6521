"""Sparkplug B (Eclipse Sparkplug 3.0), topics ``spBv1.0/{group}/{type}/{node}[/{device}]``.

Births (NBIRTH, DBIRTH) name every metric with its alias and data type; data (NDATA, DDATA) may name metrics by alias
only. So this codec is a session: what births told is kept for each node, replaced by the next birth, forgotten at a
death. Data that nobody has announced are faults (``alias``), and the node is asked to be born again. A metric's name
is the quantity; its device is ``group/node`` or ``group/node/device``. Numbers and booleans (0, 1) are readings at the
metric's own time; texts and data sets are counted as unknown.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from core.errors import PayloadError
from core.model.samples import Reading
from core.ports import Sample
from ingest import sparkplug
from ingest.codec import Decoded, Fault, Memory

FORMAT: Final = "sparkplug_b"
TOPICS: Final = (
    "spBv1.0/+/NBIRTH/+",
    "spBv1.0/+/NDATA/+",
    "spBv1.0/+/NDEATH/+",
    "spBv1.0/+/DBIRTH/+/+",
    "spBv1.0/+/DDATA/+/+",
    "spBv1.0/+/DDEATH/+/+",
)
FOREIGN: Final = True
MAX_BYTES: Final = 1 << 20

_BIRTHS: Final = frozenset(("NBIRTH", "DBIRTH"))
_DATA: Final = frozenset(("NDATA", "DDATA"))
_DEATHS: Final = frozenset(("NDEATH", "DDEATH"))
_CONTROLS: Final = ("Node Control/", "Device Control/", "bdSeq")
_NAME: Final = re.compile(r"[A-Za-z0-9 ._/()%°-]{1,64}")
_LATEST_MS: Final = 2**53

Known = tuple[str, int]
"""A metric's name and data type."""


def session(memory: Memory) -> Session:
    """A session that remembers births in ``memory``."""
    return Session(memory)


class Session:
    """Reads the messages of all nodes, in the order in which they come."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._aliases: dict[str, dict[int, Known]] = {}

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """Read the readings of a message.

        Raises:
            PayloadError: It is no Sparkplug (``topic``, ``schema``, ``size``).
        """
        if len(payload) > MAX_BYTES:
            raise PayloadError("size", f"payload of {len(payload)} bytes; at most {MAX_BYTES} are taken")
        _, group, kind, node, *rest = topic.split("/")
        owner = "/".join((group, node, *rest))
        if kind in _DEATHS:
            self._forget(owner)
            return Decoded([])
        if kind not in _BIRTHS | _DATA:
            raise PayloadError("topic", f"no readings are expected in a {kind[:20]} of Sparkplug")
        message = sparkplug.parse(payload)
        known = self._born(owner, message) if kind in _BIRTHS else self._known(owner)
        return _readings(group, node, owner, message, known, received_ms)

    def _born(self, owner: str, message: Any) -> dict[int, Known]:
        """Keep what a birth tells of a node's or device's metrics."""
        told: dict[int, Known] = {}
        for at, metric in enumerate(message.metrics):
            alias = int(metric.alias) if metric.HasField("alias") else -1 - at
            told[alias] = (sparkplug.name_of(metric), int(metric.datatype))
        if owner.count("/") == 1:
            for other in [name for name in self._memory if name.startswith(f"{owner}/")]:
                self._forget(other)
        self._aliases[owner] = told
        self._memory[owner] = json.dumps({str(alias): known for alias, known in told.items()})
        return told

    def _known(self, owner: str) -> dict[int, Known]:
        known = self._aliases.get(owner)
        if known is None:
            kept = json.loads(self._memory.get(owner, "{}"))
            known = self._aliases[owner] = {int(alias): (name, kind) for alias, (name, kind) in kept.items()}
        return known

    def _forget(self, owner: str) -> None:
        self._memory.pop(owner, None)
        self._aliases.pop(owner, None)


def _readings(  # noqa: PLR0917
    group: str, node: str, owner: str, message: Any, known: dict[int, Known], received_ms: int
) -> Decoded:
    samples: list[Sample] = []
    faults: list[Fault] = []
    places: list[int] = []
    strange = 0
    by_name = dict(known.values())
    for place, metric in enumerate(message.metrics):
        name, datatype = _identified(metric, known, by_name)
        if name is None:
            words = f"alias {metric.alias} was not announced by a birth of {owner}"
            faults.append(Fault(place, "alias", words[:300], metric.SerializeToString()))
        elif name.startswith(_CONTROLS):
            continue
        elif _NAME.fullmatch(name) is None:
            faults.append(Fault(place, "name", f"{name[:100]!r} is no name of a quantity", metric.SerializeToString()))
        elif (value := sparkplug.value_of(metric, datatype)) is None:
            strange += not metric.is_null
        else:
            ts_ms = metric.timestamp or message.timestamp or received_ms
            samples.append(Reading(owner, min(int(ts_ms), _LATEST_MS), name, value))
            places.append(place)
    lost = any(fault.reason == "alias" for fault in faults)
    replies = [(f"spBv1.0/{group}/NCMD/{node}", sparkplug.rebirth(received_ms))] if lost else []
    return Decoded(samples, faults, places, strange, replies)


def _identified(metric: Any, known: dict[int, Known], by_name: dict[str, int]) -> tuple[str | None, int]:
    """A metric's name and data type, from itself or from the birth; no name where nobody told it."""
    if name := sparkplug.name_of(metric):
        return name, int(metric.datatype) or by_name.get(name, 0)
    if metric.HasField("alias") and int(metric.alias) in known:
        name, datatype = known[int(metric.alias)]
        return name, int(metric.datatype) or datatype
    return None, 0
