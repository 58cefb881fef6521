"""The receiving side: every message is handed over, and acknowledged by whoever made it safe.

Whoever made a message safe may say so in any order. The broker is told in the order of delivery, as MQTT demands
(3.1.1, 4.6; rumqttd ends the connection otherwise): an acknowledgement waits for those of the messages before it.

An acknowledgement belongs to the connection that delivered the message: after a reconnection its packet identifier may
mean another message, so acknowledgements of an older connection are left out, and the broker delivers again.
"""

from __future__ import annotations

import logging
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec
from paho.mqtt.client import Client, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from core.errors import BrokerUnavailable
from core.ports import Message
from messaging.address import Address
from messaging.link import V5, Link
from messaging.quick_client import QuickClient
from messaging.settlements import Pending, Settlements

log = logging.getLogger("canhdong.mqtt")

_SUBACK_S: Final = 10.0
_ROUTES: Final = 20_000
_ACK: Final = struct.Struct("!BBH")
_PUBACK: Final = 0x40
_PUBREC: Final = 0x50
_PUBCOMP: Final = 0x70
_ANSWERS: Final = (0, _PUBACK, _PUBCOMP)
"""What ends a delivery of each QoS that paho handed over: one of QoS 2, at the end of its handshake."""

Handler = Callable[[Message], None]


class _Handle(msgspec.Struct, gc=False):
    """What an acknowledgement needs: the packet, its kind (0: none), the connection that delivered the message.

    ``safe`` says whether it may go out.
    """

    packet: int
    answer: int
    connection: int
    safe: bool = False


class _Wish(msgspec.Struct, frozen=True, gc=False):
    """A filter, the highest QoS with which its messages come, and whether they tell how they were published."""

    name: str
    qos: int
    as_published: bool


class Subscriber(Link):
    """A connection that receives."""

    def __init__(self, address: Address, client_id: str, *, persistent: bool, kept_s: int = 0) -> None:
        self._handlers: list[tuple[tuple[str, ...], Handler]] = []
        self._early: list[Message] = []
        self._routes: dict[str, Handler] = {}
        self._wanted: list[_Wish] = []
        self._owed: deque[_Handle] = deque()
        self._settlements = Settlements()
        super().__init__(address, client_id, persistent=persistent, kept_s=kept_s)

    def prepare(self, client: Client) -> None:
        """See the base class."""
        client.on_message = self._on_message
        if isinstance(client, QuickClient):
            client.arrived = self._arrived
            client.arrived_once = self._arrived_once
        client.on_subscribe = self._on_subscribe

    def came_up(self, client: Client) -> None:
        """Subscribe anew where the broker has forgotten the session."""
        with self.gate:
            wishes = list(self._wanted)
            if not self.resumed and isinstance(client, QuickClient):
                client.promised.clear()
        if wishes and not self.resumed:
            if self.number > 1:
                log.warning("%s forgot the session: what was published meanwhile did not come", self.address)
            client.subscribe(_wanted(client, wishes))

    def subscribe(self, filters: Sequence[str], handler: Handler, *, qos: int = 1, as_published: bool = False) -> None:
        """See :meth:`core.ports.MessageBus.subscribe`.

        Where the broker kept the session it has the subscription already, and the answer is not waited for: rumqttd
        gives none before what it delivered first is acknowledged.

        Raises:
            BrokerUnavailable: The broker refused a filter, or did not answer.
        """
        wishes = [_Wish(name, qos, as_published) for name in filters]
        with self.gate:
            self._handlers.append((tuple(map(_plain, filters)), handler))
            self._routes.clear()
            early, self._early = self._early, []
            self._wanted += wishes
            for message in early:
                self._hand_over(message)
        code, packet = self.client.subscribe(_wanted(self.client, wishes))
        if code is not MQTTErrorCode.MQTT_ERR_SUCCESS or packet is None:
            raise BrokerUnavailable(f"{self.address}: cannot subscribe ({code.name})")
        pending = Pending(f"a subscription to {', '.join(filters)}")
        self._settlements.expect(packet, pending)
        if not self.resumed and not pending.wait(_SUBACK_S):
            raise BrokerUnavailable(f"{self.address} did not answer a subscription within {_SUBACK_S:.0f} s")

    def acknowledge(self, *messages: Message) -> None:
        """See :meth:`core.ports.MessageBus.acknowledge`; for a connection that is gone it does nothing."""
        with self.gate:
            for message in messages:
                if not isinstance(message.handle, _Handle):
                    raise TypeError("the message did not come from this bus")
                message.handle.safe = True
            if self.connected.is_set():
                self._settle()

    def _settle(self) -> None:
        """Acknowledge what is safe and was delivered before anything that is not, in one piece.

        paho sends every acknowledgement by itself, for half of all that a message costs (18 of 35 µs, measured); so the
        packets are made here and queued as one. Both versions of MQTT write them alike.
        """
        owed = self._owed
        ready = bytearray()
        while owed and (owed[0].safe or owed[0].connection != self.number):
            first = owed.popleft()
            if first.connection == self.number and first.answer:
                ready += _ACK.pack(first.answer, 2, first.packet)
                if first.answer == _PUBREC and isinstance(self.client, QuickClient):
                    self.client.promised.add(first.packet)
        if ready:
            self.client._packet_queue(_PUBACK, bytes(ready), 0, 0)  # noqa: SLF001 - see above

    # --- paho's thread

    def _on_message(self, _client: Client, _data: Any, packet: MQTTMessage) -> None:
        handle = _Handle(packet.mid, _ANSWERS[packet.qos], self.number)
        now_ms = time.time_ns() // 1_000_000
        message = Message(packet.topic, bytes(packet.payload), now_ms, handle, packet.dup, packet.retain, packet.qos)
        self._take(message, handle)

    def _arrived(self, topic: str, payload: bytes, identifier: int, repeat: bool, retained: bool) -> None:  # noqa: FBT001
        """A plain message, by the short way."""
        handle = _Handle(identifier, _PUBACK, self.number)
        self._take(Message(topic, payload, time.time_ns() // 1_000_000, handle, repeat, retained), handle)

    def _arrived_once(self, topic: str, payload: bytes, identifier: int, repeat: bool, retained: bool) -> None:  # noqa: FBT001
        """A plain message of QoS 2: acknowledging it tells the broker to release it."""
        handle = _Handle(identifier, _PUBREC, self.number)
        self._take(Message(topic, payload, time.time_ns() // 1_000_000, handle, repeat, retained, 2), handle)

    def _take(self, message: Message, handle: _Handle) -> None:
        with self.gate:
            self._owed.append(handle)
            if not self._handlers:
                self._early.append(message)
                return
        self._hand_over(message)

    def _hand_over(self, message: Message) -> None:
        """Give a message to the first handler with a filter for its topic."""
        handler = self._routes.get(message.topic)
        if handler is None:
            handler = self._route(message.topic)
        handler(message)

    def _route(self, topic: str) -> Handler:
        """Who asked for a topic; remembered, for finding out costs more than all the rest."""
        found: Handler = self._nobody
        for filters, handler in self._handlers:
            if any(topic_matches_sub(f, topic) for f in filters):
                found = handler
                break
        if len(self._routes) >= _ROUTES:
            self._routes.clear()
        self._routes[topic] = found
        return found

    def _nobody(self, message: Message) -> None:
        if not message.topic.startswith("$SYS/"):
            log.warning("%s: nobody here asked for it (a subscription of an older version?); left out", message.topic)
        self.acknowledge(message)

    def _on_subscribe(
        self, _client: Client, _data: Any, packet: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            log.error("%s refused a subscription: %s", self.address, ", ".join(refused))
        self._settlements.settle(packet, tuple((reason.value, str(reason)) for reason in reasons))


def _wanted(client: Client, wishes: Sequence[_Wish]) -> Any:
    """Filters as the client's version of the protocol writes them.

    MQTT 3.1.1 knows no shared subscriptions (rumqttd 0.20 takes one, and dies when its only member leaves): there, the
    filter is subscribed to as it is, and one process has all the work.
    """
    if client.protocol is V5:
        return [(w.name, SubscribeOptions(qos=w.qos, retainAsPublished=w.as_published)) for w in wishes]
    return [(_plain(w.name), w.qos) for w in wishes]


def _plain(wanted: str) -> str:
    """The topic filter of a subscription, without the group of a shared one."""
    return wanted.split("/", 2)[2] if wanted.startswith("$share/") else wanted
