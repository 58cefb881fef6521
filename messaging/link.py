"""One connection to a broker that is taken up again by itself: MQTT 5, or 3.1.1 where the broker has no 5.

MQTT 5 is tried first; a broker that does not speak it (it says so, or it closes the connection without an answer) is
asked again with 3.1.1. A lost connection is taken up again, at most five seconds apart; what was sent and not
acknowledged goes out once more, and what was delivered and not acknowledged comes again.
"""

from __future__ import annotations

import logging
import ssl
import threading
import time
from typing import Any, Final

from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from core.errors import BrokerUnavailable, ConfigError
from messaging.address import Address
from messaging.quick_client import QuickClient

log = logging.getLogger("canhdong.mqtt")

V5: Final = MQTTProtocolVersion.MQTTv5
V311: Final = MQTTProtocolVersion.MQTTv311
UNDER_WAY: Final = 1_000
"""Messages of ours that wait for the broker's acknowledgement at most."""
ENOUGH: Final = 100
"""A broker that lets fewer messages be in flight to one client is named."""
_KEEP_ALIVE_S: Final = 30
_SESSION_S: Final = 0xFFFFFFFF
"""A persistent session never expires: a process may be away for longer than any number that we could choose."""
_WINDOW: Final = 65_535
_CONNECT_S: Final = 10.0
_UNSUPPORTED_VERSIONS: Final = frozenset({0x84, 0x01})


class _NoSuchVersion(Exception):
    """The broker does not speak this version of MQTT."""


class Link:
    """A connection; what it carries is for subclasses to say.

    Args:
        address: Where the broker is.
        client_id: Owns the persistent session; two connections with the same one throw each other out.
        persistent: Keep the session (subscriptions and undelivered messages) at the broker when this client is gone.
        kept_s: Let the broker keep a session that is not persistent for so many seconds after the connection is lost,
            so that nothing is missed meanwhile; MQTT 3.1.1 cannot.

    Raises:
        BrokerUnavailable: The broker does not answer, or refuses the session.
        ConfigError: The certificate authority cannot be read.
    """

    def __init__(self, address: Address, client_id: str, *, persistent: bool = False, kept_s: int = 0) -> None:
        self.address = address
        self.gate = threading.RLock()
        self.connected = threading.Event()
        self.number = 0
        self.resumed = False
        self.window = UNDER_WAY
        self._client_id = client_id
        self._persistent = persistent
        self._kept_s = kept_s
        self._ended = threading.Event()
        self._refusal: ReasonCode | None = None
        try:
            self.client = self._open(V5)
        except _NoSuchVersion:
            log.info("%s does not speak MQTT 5; taking 3.1.1", address)
            try:
                self.client = self._open(V311)
            except _NoSuchVersion:
                raise BrokerUnavailable(f"{address} closes connections without an answer") from None

    @property
    def protocol(self) -> str:
        """The version of MQTT that is spoken: ``5`` or ``3.1.1``."""
        return "5" if self.client.protocol is V5 else "3.1.1"

    def close(self) -> None:
        """Disconnect for good; what was handed over before goes out first."""
        _end(self.client)

    # --- for subclasses

    def prepare(self, client: Client) -> None:
        """Set the callbacks of a client that has not connected yet."""

    def came_up(self, client: Client) -> None:
        """The connection stands, for the first time or again; runs on paho's thread."""

    # --- connecting

    def _open(self, version: MQTTProtocolVersion) -> Client:
        """A client that is connected with this version of the protocol."""
        self._refusal = None
        self._ended.clear()
        client = self._make(version)
        try:
            if version is V5:
                properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
                properties.ReceiveMaximum = _WINDOW
                properties.SessionExpiryInterval = _SESSION_S if self._persistent else self._kept_s
                fresh = not self._persistent and (MQTT_CLEAN_START_FIRST_ONLY if self._kept_s else True)
                client.connect(
                    self.address.host, self.address.port, _KEEP_ALIVE_S, clean_start=fresh, properties=properties
                )
            else:
                client.connect(self.address.host, self.address.port, _KEEP_ALIVE_S)
        except OSError as error:
            raise BrokerUnavailable(f"no broker answers at {self.address} ({error.strerror or error})") from None
        client.loop_start()
        try:
            self._await_answer()
        except BaseException:
            _end(client)
            raise
        client.reconnect_delay_set(1, 5)
        return client

    def _make(self, version: MQTTProtocolVersion) -> Client:
        clean = None if version is V5 else not self._persistent
        client = QuickClient(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            clean_session=clean,
            protocol=version,
            manual_ack=True,
        )
        if self.address.tls:
            try:
                client.tls_set(ca_certs=str(self.address.ca_file) if self.address.ca_file else None)
            except (OSError, ssl.SSLError) as error:
                raise ConfigError(f"CANHDONG_MQTT_CA_FILE: {self.address.ca_file}: {error}") from None
        if self.address.user:
            client.username_pw_set(self.address.user, self.address.password or None)
        client.max_inflight_messages_set(UNDER_WAY)
        client.reconnect_delay_set(0, 1)  # paho tries again by itself: a first attempt that fails must end at once
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        self.prepare(client)
        return client

    def _await_answer(self) -> None:
        """Wait for the broker's word.

        Raises:
            _NoSuchVersion: The broker does not speak the version, or closed the connection without a word.
            BrokerUnavailable: It refused the session, or said nothing.
        """
        deadline = time.monotonic() + _CONNECT_S
        while not self.connected.wait(0.01):
            refusal = self._refusal
            if refusal is not None and refusal.value in _UNSUPPORTED_VERSIONS:
                raise _NoSuchVersion
            if refusal is not None:
                raise BrokerUnavailable(f"{self.address} refused the session: {refusal}")
            if self._ended.is_set():
                raise _NoSuchVersion
            if time.monotonic() > deadline:
                raise BrokerUnavailable(f"{self.address} did not answer within {_CONNECT_S:.0f} s")

    # --- paho's thread

    def _on_connect(
        self, client: Client, _data: Any, flags: ConnectFlags, reason: ReasonCode, properties: Properties | None
    ) -> None:
        if reason.is_failure:
            if self._refusal is None and self.number:
                log.warning("%s refused the session: %s", self.address, reason)
            self._refusal = reason
            return
        self._refusal = None
        with self.gate:
            self.resumed = flags.session_present
            self.window = min(UNDER_WAY, getattr(properties, "ReceiveMaximum", UNDER_WAY))
            self._warn_of_window(self.number == 0)
            self.number += 1
            if self.number > 1:
                log.info("connected to %s again", self.address)
        self.came_up(client)
        self.connected.set()

    def _warn_of_window(self, first: bool) -> None:  # noqa: FBT001
        """Name a broker that lets too few messages be in flight: mosquitto tells its limit in CONNACK."""
        if first and self._persistent and self.window < ENOUGH:
            log.warning(
                "%s lets only %d messages be in flight to a client; what comes faster waits in its queue, and past the "
                "queue's end is dropped: set max_inflight_messages %d and max_queued_messages 0 in mosquitto.conf",
                self.address,
                self.window,
                UNDER_WAY,
            )

    def _on_disconnect(
        self, _client: Client, _data: Any, _flags: DisconnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        with self.gate:
            was_connected = self.connected.is_set()
            self.connected.clear()
            self.number += was_connected
        self._ended.set()
        if was_connected and reason.is_failure:
            log.warning("lost %s (%s); connecting again", self.address, reason)


def _end(client: Client) -> None:
    """Disconnect, and leave no socket behind."""
    client.disconnect()
    client.loop_stop()
    left = client.socket()
    if left is not None:
        left.close()
