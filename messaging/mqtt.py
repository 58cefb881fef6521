"""The message bus over MQTT: QoS 1, persistent session, acknowledged by hand, MQTT 5 or 3.1.1.

MQTT 5 is tried first; a broker that does not speak it (it says so, or it closes the connection without an answer) is
asked again with 3.1.1. A lost connection is taken up again by itself, at most five seconds apart; what was published
and not acknowledged goes out once more, and what was delivered and not acknowledged comes again.

An acknowledgement belongs to the connection that delivered the message: after a reconnection its packet identifier may
mean another message, so acknowledgements of an older connection are left out, and the broker delivers again.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, topic_matches_sub
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from core.errors import BrokerUnavailable, ConfigError
from core.ports import Delivery, Message
from messaging.address import Address, parse_url
from messaging.settlements import Pending, Settlements

__all__ = ["Address", "MqttBus", "parse_url"]

log = logging.getLogger("canhdong.mqtt")

_V5: Final = MQTTProtocolVersion.MQTTv5
_V311: Final = MQTTProtocolVersion.MQTTv311
_KEEP_ALIVE_S: Final = 30
_SESSION_S: Final = 0xFFFFFFFF
"""A persistent session never expires: a process may be away for longer than any number that we could choose."""
_WINDOW: Final = 65_535
_UNDER_WAY: Final = 1_000
_CONNECT_S: Final = 10.0
_SUBACK_S: Final = 10.0
_PATIENCE_S: Final = 30.0
_UNSUPPORTED_VERSIONS: Final = frozenset({0x84, 0x01})

Handler = Callable[[Message], None]


@dataclass(frozen=True, slots=True)
class _Handle:
    """What an acknowledgement needs: the packet, and the connection that delivered it."""

    packet: int
    qos: int
    connection: int


class _NoSuchVersion(Exception):
    """The broker does not speak this version of MQTT."""


class MqttBus:
    """A connection to a broker; implements :class:`core.ports.MessageBus`.

    Args:
        address: Where the broker is.
        client_id: Owns the persistent session; two connections with the same one throw each other out.
        persistent: Keep the session (subscriptions and undelivered messages) at the broker when this client is gone.
        patience_s: How long :meth:`publish` waits for room before it gives up.

    Raises:
        BrokerUnavailable: The broker does not answer, or refuses the session.
        ConfigError: The certificate authority cannot be read.
    """

    def __init__(
        self, address: Address, client_id: str, *, persistent: bool = False, patience_s: float = _PATIENCE_S
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._persistent = persistent
        self._patience_s = patience_s
        self._gate = threading.RLock()
        self._connection = 0
        self._resumed = False
        self._connected = threading.Event()
        self._ended = threading.Event()
        self._refusal: ReasonCode | None = None
        self._handlers: list[tuple[tuple[str, ...], Handler]] = []
        self._early: list[Message] = []
        self._window = _UNDER_WAY
        self._published = Settlements()
        self._subscribed = Settlements()
        try:
            self._client = self._open(_V5)
        except _NoSuchVersion:
            log.info("%s does not speak MQTT 5; taking 3.1.1", address)
            try:
                self._client = self._open(_V311)
            except _NoSuchVersion:
                raise BrokerUnavailable(f"{address} closes connections without an answer") from None
        self._room = threading.BoundedSemaphore(self._window)

    # --- connecting

    def _open(self, version: MQTTProtocolVersion) -> Client:
        """A client that is connected with this version of the protocol."""
        self._refusal = None
        self._ended.clear()
        client = self._make(version)
        properties = None
        if version is _V5:
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            properties.ReceiveMaximum = _WINDOW
            properties.SessionExpiryInterval = _SESSION_S if self._persistent else 0
        try:
            if version is _V5:
                client.connect(
                    self._address.host,
                    self._address.port,
                    _KEEP_ALIVE_S,
                    clean_start=not self._persistent,
                    properties=properties,
                )
            else:
                client.connect(self._address.host, self._address.port, _KEEP_ALIVE_S)
        except OSError as error:
            raise BrokerUnavailable(f"no broker answers at {self._address} ({error.strerror or error})") from None
        client.loop_start()
        try:
            self._await_answer()
        except BaseException:
            _end(client)
            raise
        client.reconnect_delay_set(1, 5)
        return client

    def _make(self, version: MQTTProtocolVersion) -> Client:
        clean = None if version is _V5 else not self._persistent
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=clean,
            protocol=version,
            manual_ack=True,
        )
        if self._address.tls:
            try:
                client.tls_set(ca_certs=str(self._address.ca_file) if self._address.ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(f"CANHDONG_MQTT_CA_FILE: {self._address.ca_file}: {error}") from None
        if self._address.user:
            client.username_pw_set(self._address.user, self._address.password or None)
        client.max_inflight_messages_set(_UNDER_WAY)
        client.reconnect_delay_set(0, 1)  # paho tries again by itself: a first attempt that fails must end at once
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        return client

    def _await_answer(self) -> None:
        """Wait for the broker's word.

        Raises:
            _NoSuchVersion: The broker does not speak the version, or closed the connection without a word.
            BrokerUnavailable: It refused the session, or said nothing.
        """
        deadline = time.monotonic() + _CONNECT_S
        while not self._connected.wait(0.01):
            refusal = self._refusal
            if refusal is not None and refusal.value in _UNSUPPORTED_VERSIONS:
                raise _NoSuchVersion
            if refusal is not None:
                raise BrokerUnavailable(f"{self._address} refused the session: {refusal}")
            if self._ended.is_set():
                raise _NoSuchVersion
            if time.monotonic() > deadline:
                raise BrokerUnavailable(f"{self._address} did not answer within {_CONNECT_S:.0f} s")

    # --- paho's thread

    def _on_connect(
        self, client: Client, _data: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            if self._refusal is None and self._connection:
                log.warning("%s refused the session: %s", self._address, reason)
            self._refusal = reason
            return
        self._refusal = None
        with self._gate:
            self._resumed = flags.session_present
            self._window = min(_UNDER_WAY, getattr(properties, "ReceiveMaximum", _UNDER_WAY))
            self._connection += 1
            again = self._connection > 1
            filters = [f for some, _ in self._handlers for f in some]
        if again:
            log.info("connected to %s again", self._address)
        if filters and not flags.session_present:
            client.subscribe(_wanted(client, filters))
        self._connected.set()

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        with self._gate:
            was_connected = self._connected.is_set()
            self._connected.clear()
            self._connection += was_connected
        self._ended.set()
        if was_connected and reason.is_failure:
            log.warning("lost %s (%s); connecting again", self._address, reason)

    def _on_message(self, _client: Client, _data: Any, packet: MQTTMessage) -> None:
        handle = _Handle(packet.mid, packet.qos, self._connection)
        now_ms = time.time_ns() // 1_000_000
        message = Message(packet.topic, bytes(packet.payload), now_ms, handle, packet.dup, packet.retain)
        with self._gate:
            if not self._handlers:
                self._early.append(message)
                return
        self._hand_over(message)

    def _hand_over(self, message: Message) -> None:
        """Give a message to the first handler with a filter for its topic."""
        for filters, handler in self._handlers:
            if any(topic_matches_sub(_plain(f), message.topic) for f in filters):
                handler(message)
                return
        log.warning("%s: nobody here asked for it (a subscription of an older version?); left out", message.topic)
        self.acknowledge(message)

    def _on_publish(
        self, _client: Client, _data: Any, packet: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._room.release()
        self._published.settle(packet, ((reason.value, str(reason)),))

    def _on_subscribe(
        self, _client: Client, _data: Any, packet: int, reasons: list[ReasonCode], _properties: Properties | None
    ) -> None:
        refused = [str(reason) for reason in reasons if reason.is_failure]
        if refused:
            log.error("%s refused a subscription: %s", self._address, ", ".join(refused))
        self._subscribed.settle(packet, tuple((reason.value, str(reason)) for reason in reasons))

    # --- the port

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Delivery:
        """See the port."""
        if not self._room.acquire(timeout=self._patience_s):
            raise BrokerUnavailable(f"{self._address} has taken no message for {self._patience_s:.0f} s")
        pending = Pending(f"a message on {topic}")
        info = self._client.publish(topic, payload, qos=1, retain=retain)
        if info.rc not in {MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN}:
            self._room.release()
            raise BrokerUnavailable(f"{self._address}: a message on {topic} was not taken ({info.rc.name})")
        self._published.expect(info.mid, pending)
        return pending

    def subscribe(self, filters: Sequence[str], handler: Handler) -> None:
        """See the port.

        Where the broker kept the session it has the subscription already, and the answer is not waited for: rumqttd
        gives none before what it delivered first is acknowledged.

        Raises:
            BrokerUnavailable: The broker refused a filter, or did not answer.
        """
        with self._gate:
            self._handlers.append((tuple(filters), handler))
            for message in self._early:
                self._hand_over(message)
            self._early.clear()
        code, packet = self._client.subscribe(_wanted(self._client, filters))
        if code is not MQTTErrorCode.MQTT_ERR_SUCCESS or packet is None:
            raise BrokerUnavailable(f"{self._address}: cannot subscribe ({code.name})")
        pending = Pending(f"a subscription to {', '.join(filters)}")
        self._subscribed.expect(packet, pending)
        if not self._resumed and not pending.wait(_SUBACK_S):
            raise BrokerUnavailable(f"{self._address} did not answer a subscription within {_SUBACK_S:.0f} s")

    def acknowledge(self, message: Message) -> None:
        """See the port. A message of a connection that is gone is left: the broker delivers it again."""
        handle = message.handle
        if not isinstance(handle, _Handle):
            raise TypeError("the message did not come from this bus")
        with self._gate:
            if handle.connection == self._connection and self._connected.is_set():
                self._client.ack(handle.packet, handle.qos)

    def close(self) -> None:
        """See the port. What was acknowledged before goes out first."""
        _end(self._client)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def protocol(self) -> str:
        """The version of MQTT that is spoken: ``5`` or ``3.1.1``."""
        return "5" if self._client.protocol is _V5 else "3.1.1"


def _end(client: Client) -> None:
    """Disconnect for good, and leave no socket behind."""
    client.disconnect()
    client.loop_stop()
    left = client.socket()
    if left is not None:
        left.close()


def _wanted(client: Client, filters: Sequence[str]) -> Any:
    """Filters with QoS 1, as the client's version of the protocol writes them."""
    if client.protocol is _V5:
        return [(f, SubscribeOptions(qos=1)) for f in filters]
    return [(f, 1) for f in filters]


def _plain(wanted: str) -> str:
    """The topic filter of a subscription, without the group of a shared one."""
    return wanted.split("/", 2)[2] if wanted.startswith("$share/") else wanted
