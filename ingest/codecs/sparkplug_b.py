"""Sparkplug B (Eclipse Sparkplug 3.0), topics ``spBv1.0/{group}/{type}/{node}[/{device}]``.

Births (NBIRTH, DBIRTH) name every metric with its alias and data type; data (NDATA, DDATA) may name metrics by alias
only. So this codec is a session: what births told is kept for each node and device, replaced by the next birth, and
forgotten at a death. A node's birth or death ends its devices too (5.5); a death whose ``bdSeq`` is not that of the
node's birth is the late will of an earlier connection, and changes nothing (6.4, NDEATH). Data that nobody announced
are faults (``alias``), and the node is asked to be born again, once in ten seconds. A metric's name is the quantity;
its device is ``group/node`` or ``group/node/device``. Numbers and booleans (0, 1) are readings at the metric's own
time; texts and data sets are counted as unknown.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

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
_DEATHS: Final = frozenset(("NDEATH", "DDEATH"))
_CONTROLS: Final = ("Node Control/", "Device Control/", "bdSeq")
_NAME: Final = re.compile(r"[A-Za-z0-9 ._/()%°-]{1,64}")
_INT64: Final = 4
_LATEST_MS: Final = 2**53
_ASK_AGAIN_MS: Final = 10_000
_ASKED: Final = 20_000

Known = tuple[str, int]
"""A metric's name and data type."""


class Birth(msgspec.Struct, frozen=True, gc=False):
    """What a birth told: the number of the node's connection (``bdSeq``), and metrics by alias (below 0 for none)."""

    bd_seq: float | None = None
    metrics: dict[int, Known] = {}


_UNBORN: Final = Birth()


def session(memory: Memory) -> Session:
    """A session that remembers births in ``memory``."""
    return Session(memory)


class Session:
    """Reads the messages of all nodes, in the order in which they come."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._births: dict[str, Birth] = {}
        self._asked: dict[str, int] = {}

    def decode(self, topic: str, payload: bytes, received_ms: int) -> Decoded:
        """Read the readings of a message.

        Raises:
            PayloadError: It is no Sparkplug (``topic``, ``schema``, ``size``).
        """
        if len(payload) > MAX_BYTES:
            raise PayloadError("size", f"payload of {len(payload)} bytes; at most {MAX_BYTES} are taken")
        kind, node, owner = _address(topic)
        message = sparkplug.parse(payload)
        if kind in _DEATHS:
            self._died(owner, message)
            return Decoded([])
        if kind in _BIRTHS:
            return _readings(owner, message, self._born(owner, message), received_ms)
        decoded = _readings(owner, message, self._birth(owner), received_ms)
        if any(fault.reason == "alias" for fault in decoded.faults) and self._may_ask(node, received_ms):
            group, _, name = node.partition("/")
            decoded.replies.append((f"spBv1.0/{group}/NCMD/{name}", sparkplug.rebirth(received_ms)))
        return decoded

    def _born(self, owner: str, message: Any) -> Birth:
        """Keep what a birth tells of a node's or device's metrics; the devices of a node are to be born anew."""
        told: dict[int, Known] = {}
        for at, metric in enumerate(message.metrics):
            alias = int(metric.alias) if metric.HasField("alias") else -1 - at
            told[alias] = (sparkplug.name_of(metric), int(metric.datatype))
        self._forget(owner)
        birth = self._births[owner] = Birth(_bd_seq(message), told)
        self._memory[owner] = msgspec.json.encode(birth).decode()
        self._asked.pop(owner, None)
        return birth

    def _birth(self, owner: str) -> Birth:
        birth = self._births.get(owner)
        if birth is None:
            kept = self._memory.get(owner)
            if kept is None:
                return _UNBORN
            birth = self._births[owner] = msgspec.json.decode(kept, type=Birth)
        return birth

    def _died(self, owner: str, message: Any) -> None:
        died, born = _bd_seq(message), self._birth(owner).bd_seq
        if died is None or born is None or died == born:
            self._forget(owner)

    def _forget(self, owner: str) -> None:
        """Forget the birth of a node and of all its devices, or that of a device."""
        is_node = owner.count("/") == 1
        devices = [name for name in self._memory if name.startswith(f"{owner}/")] if is_node else []
        for name in (owner, *devices):
            self._memory.pop(name, None)
            self._births.pop(name, None)

    def _may_ask(self, node: str, received_ms: int) -> bool:
        """Whether to ask a node for its births: not again at once, but again where a message is worked off again."""
        last_ms = self._asked.get(node)
        if last_ms is not None and 0 < abs(received_ms - last_ms) < _ASK_AGAIN_MS:
            return False
        if len(self._asked) >= _ASKED:
            self._asked.clear()
        self._asked[node] = received_ms
        return True


def _address(topic: str) -> tuple[str, str, str]:
    """Type of a message, ``group/node``, and whose metrics it holds: ``group/node`` or ``group/node/device``."""
    match topic.split("/"):
        case ["spBv1.0", group, "NBIRTH" | "NDATA" | "NDEATH" as kind, node] if group and node:
            return kind, f"{group}/{node}", f"{group}/{node}"
        case ["spBv1.0", group, "DBIRTH" | "DDATA" | "DDEATH" as kind, node, device] if group and node and device:
            return kind, f"{group}/{node}", f"{group}/{node}/{device}"
    raise PayloadError("topic", f"no readings of Sparkplug are expected on {topic[:200]!r}")


def _bd_seq(message: Any) -> float | None:
    """The number of a node's connection, which its birth and its will share; None where it is not told."""
    for metric in message.metrics:
        if sparkplug.name_of(metric) == "bdSeq":
            return sparkplug.value_of(metric, int(metric.datatype) or _INT64)
    return None


def _readings(owner: str, message: Any, birth: Birth, received_ms: int) -> Decoded:
    samples: list[Sample] = []
    faults: list[Fault] = []
    places: list[int] = []
    strange = 0
    by_name = dict(birth.metrics.values())
    for place, metric in enumerate(message.metrics):
        name, datatype = _identified(metric, birth.metrics, by_name)
        if name.startswith(_CONTROLS):
            continue
        if datatype < 0:
            words = f"{name[:100]!r}" if name else f"alias {metric.alias}"
            words += f" was not announced by a birth of {owner}"
            faults.append(Fault(place, "alias", words[:300], metric.SerializeToString()))
        elif _NAME.fullmatch(name) is None:
            faults.append(Fault(place, "name", f"{name[:100]!r} is no name of a quantity", metric.SerializeToString()))
        elif (value := sparkplug.value_of(metric, datatype)) is None:
            strange += not metric.is_null
        else:
            ts_ms = metric.timestamp or message.timestamp or received_ms
            samples.append(Reading(owner, min(int(ts_ms), _LATEST_MS), name, value))
            places.append(place)
    return Decoded(samples, faults, places, strange)


def _identified(metric: Any, known: dict[int, Known], by_name: dict[str, int]) -> tuple[str, int]:
    """A metric's name and data type, from itself or from the birth; a type below 0 where nobody told it."""
    if name := sparkplug.name_of(metric):
        return name, int(metric.datatype) or by_name.get(name, -1)
    if metric.HasField("alias") and int(metric.alias) in known:
        name, datatype = known[int(metric.alias)]
        return name, int(metric.datatype) or datatype
    return "", -1
