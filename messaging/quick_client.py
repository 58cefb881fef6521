"""paho's client, with a short way for the messages that ingest lives on: QoS 1, no properties.

paho makes four objects and a table of all properties for every message of MQTT 5, and takes 31 µs of CPU for it (MQTT
3.1.1: 18), more than all that ingest does with the message (measured, 270-byte payloads, paho 2.2). What this client
does instead at the same place is read the topic, the packet identifier and the payload, and hand them over. Messages of
QoS 2 take this way, too, where somebody asks for them: paho hands them over at the end of their handshake only, and so
out of their order. Every other packet, and every message that is not of this plain kind, goes paho's own way. The place
is private to paho: where a later paho has no such place, everything goes its own way again, only slower
(``tests/messaging`` notices).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode, MQTTProtocolVersion

Arrived = Callable[[str, bytes, int, bool, bool], None]
"""Told of a message: topic, payload, packet identifier, whether it is repeated, whether it was retained."""

_QOS_BITS: Final = 0x06
_QOS1: Final = 0x02
_QOS2: Final = 0x04
_DUP: Final = 0x08
_RETAIN: Final = 0x01
_TOPICS: Final = 20_000


class QuickClient(Client):
    """A client that hands plain messages to ``arrived``, and all others to paho's ``on_message``."""

    arrived: Arrived | None = None
    arrived_once: Arrived | None = None

    def __init__(self, *values: Any, **known: Any) -> None:
        super().__init__(*values, **known)
        self._names: dict[bytes, str] = {}
        self.promised: set[int] = set()
        """Identifiers of messages of QoS 2 that the broker was told to be safe here, and has not released yet."""

    def _handle_publish(self) -> MQTTErrorCode:
        qos = self._in_packet["command"] & _QOS_BITS
        arrived = self.arrived if qos == _QOS1 else self.arrived_once if qos == _QOS2 else None
        if arrived is None or not self._take_plain(arrived):
            return super()._handle_publish()
        return MQTTErrorCode.MQTT_ERR_SUCCESS

    def _handle_pubrel(self) -> MQTTErrorCode:
        packet = self._in_packet["packet"]
        identifier = packet[0] << 8 | packet[1]
        if identifier in self._in_messages:
            return super()._handle_pubrel()
        self.promised.discard(identifier)
        return self._send_pubcomp(identifier)

    def _take_plain(self, arrived: Arrived) -> bool:
        """Hand the packet that has just come over, where it is a plain one."""
        command: int = self._in_packet["command"]
        packet = self._in_packet["packet"]
        if len(packet) < 5:  # noqa: PLR2004 - two lengths and a byte
            return False
        at = 2 + (packet[0] << 8 | packet[1])
        if self._protocol is MQTTProtocolVersion.MQTTv5:
            if len(packet) < at + 3 or packet[at + 2]:
                return False
            begin = at + 3
        else:
            begin = at + 2
        name = bytes(packet[2:at])
        topic = self._names.get(name)
        if topic is None:
            try:
                topic = name.decode()
            except UnicodeDecodeError:
                return False
            if len(self._names) >= _TOPICS:
                self._names.clear()
            self._names[name] = topic
        identifier = packet[at] << 8 | packet[at + 1]
        if command & _DUP and command & _QOS_BITS == _QOS2 and identifier in self.promised:
            self._send_pubrec(identifier)
            return True
        arrived(topic, bytes(packet[begin:]), identifier, bool(command & _DUP), bool(command & _RETAIN))
        return True
