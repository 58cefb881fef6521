"""Send recorded messages again: byte for byte, or at other times and in another place."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from msgspec import structs

from core.errors import BrokerUnavailable, PayloadError
from core.model.fixtable import FixTable
from core.model.land import Device
from core.model.traffic import RawMessage, Run
from core.ports import Delivery, MessageBus
from ingest import topics
from simulators.replaying.shifting import Place, round_label
from simulators.sending.player import ACK_TIMEOUT_S, Progress, Published, wait_s

_UNDER_WAY: Final = 2_000
_PROGRESS_S: Final = 0.2


def recorded(run: Run) -> list[RawMessage]:
    """The messages of a run that holds nothing but messages, in order of arrival; none of any other run."""
    lists = [s.samples for s in run.streams if not isinstance(s.samples, FixTable)]
    raw = [m for samples in lists for m in samples if isinstance(m, RawMessage)]
    if len(raw) < sum(len(stream.samples) for stream in run.streams):
        return []
    return raw if len(run.streams) == 1 else sorted(raw, key=lambda m: m.ts_ms)


def resend(
    messages: Sequence[RawMessage],
    bus: MessageBus,
    *,
    speed: float,
    stop: threading.Event,
    progress: Callable[[Progress], None] | None = None,
) -> Published:
    """Publish messages with their steps of time, their QoS and their retain flags; wait for the broker's word on each.

    Args:
        messages: In order of arrival.
        bus: A connected bus.
        speed: Times real time; 0 sends without waiting.
        stop: Ends it early; what was sent until then is still waited for.
        progress: Called a few times a second and at the end.

    Raises:
        BrokerUnavailable: The broker does not take messages, or did not acknowledge them all.
    """
    began = told = time.monotonic()
    under_way: deque[Delivery] = deque()
    sent = 0
    for message in messages:
        left_s = began + wait_s(message.ts_ms, messages[0].ts_ms, speed) - time.monotonic()
        if stop.is_set() or (left_s > 0.0 and stop.wait(left_s)):
            break
        if sent and message.qos != messages[sent - 1].qos:
            _await(under_way)  # messages of two QoS may overtake each other at the broker
            under_way.clear()
        under_way.append(bus.publish(message.topic, message.payload, retain=message.retain, qos=message.qos))
        if len(under_way) > _UNDER_WAY and not under_way.popleft().wait(ACK_TIMEOUT_S):
            raise BrokerUnavailable(f"the broker did not acknowledge a message within {ACK_TIMEOUT_S:g} s")
        sent += 1
        if progress is not None and time.monotonic() - told >= _PROGRESS_S:
            told = time.monotonic()
            progress(Progress(sent, len(messages), message.ts_ms))
    _await(under_way)
    if progress is not None and sent:
        progress(Progress(sent, len(messages), messages[sent - 1].ts_ms))
    return Published(sent, 0, 0, 0, time.monotonic() - began, as_they_are=sent)


def _await(under_way: Iterable[Delivery]) -> None:
    deadline = time.monotonic() + ACK_TIMEOUT_S
    missing = sum(not delivery.wait(max(deadline - time.monotonic(), 0.0)) for delivery in under_way)
    if missing:
        raise BrokerUnavailable(f"the broker did not acknowledge {missing} messages within {ACK_TIMEOUT_S:g} s")


def first_fix(messages: Sequence[RawMessage]) -> tuple[int, float, float] | None:
    """Time (ms), longitude and latitude of the first fix of a drone that speaks our JSON; None where there is none."""
    for message in messages:
        for row in _rows(message) or ():
            if _is_number(row.get("lon")) and _is_number(row.get("lat")) and isinstance(row.get("ts"), int):
                return row["ts"], float(row["lon"]), float(row["lat"])
    return None


def senders(messages: Sequence[RawMessage]) -> list[Device]:
    """The devices of our own topics that messages come from, each once, in the order in which they are heard."""
    found: dict[tuple[str, str], Device] = {}
    for topic in dict.fromkeys(message.topic for message in messages):
        try:
            address = topics.parse(topic)
        except PayloadError:
            continue
        owner = (address.cooperative, address.device)
        found.setdefault(owner, Device(address.device, address.cooperative, address.kind, address.device))
    return list(found.values())


@dataclass(slots=True)
class Change:
    """What happens to recorded messages: later by ``shift_ms``, moved by ``place``, in a round of its own.

    ``untouched`` counts, by topic, the messages that could not be changed, for they are not of our own JSON.
    """

    shift_ms: int = 0
    place: Place | None = None
    round: int = 0
    untouched: Counter[str] = field(default_factory=Counter)

    def apply(self, messages: Sequence[RawMessage]) -> list[RawMessage]:
        """The messages changed; all else in them stays as it is, unknown fields too."""
        return [self._changed(message) for message in messages]

    def _changed(self, message: RawMessage) -> RawMessage:
        rows = _rows(message)
        later = message.ts_ms + self.shift_ms
        if rows is None:
            self.untouched[message.topic] += 1
            return structs.replace(message, ts_ms=later)
        made = [self._row(row) for row in rows]
        one = not message.payload.lstrip().startswith(b"[")
        return structs.replace(message, ts_ms=later, payload=msgspec.json.encode(made[0] if one else made))

    def _row(self, row: dict[str, Any]) -> dict[str, Any]:
        made = dict(row)
        if _is_number(row.get("ts")):
            made["ts"] = row["ts"] + self.shift_ms
        if self.round and row.get("boot"):
            made["boot"] = round_label(str(row["boot"]), self.round)
        if self.place is not None and _is_number(row.get("lon")) and _is_number(row.get("lat")):
            made["lon"], made["lat"] = self.place.moved_one(float(row["lon"]), float(row["lat"]))
        return made


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rows(message: RawMessage) -> list[dict[str, Any]] | None:
    """The rows of a message of our own JSON; None of any other."""
    try:
        topics.parse(message.topic)
        found = msgspec.json.decode(message.payload)
    except (PayloadError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    rows = found if isinstance(found, list) else [found]
    return rows if rows and all(isinstance(row, dict) for row in rows) else None
