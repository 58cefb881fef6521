"""The sending side: as many messages under way as the broker allows."""

from __future__ import annotations

import threading
from typing import Any, Final

from paho.mqtt.client import Client
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from core.errors import BrokerUnavailable
from core.ports import Delivery
from messaging.address import Address
from messaging.link import Link
from messaging.settlements import Pending, Settlements

PATIENCE_S: Final = 30.0


class Publisher(Link):
    """A connection that sends. ``patience_s``: how long :meth:`publish` waits for room before it gives up."""

    def __init__(self, address: Address, client_id: str, *, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._settlements = Settlements()
        super().__init__(address, client_id)
        self._room = threading.BoundedSemaphore(self.window)

    def prepare(self, client: Client) -> None:
        """See the base class."""
        client.on_publish = self._on_publish

    def publish(self, topic: str, payload: bytes, *, retain: bool, qos: int = 1) -> Delivery:
        """See :meth:`core.ports.MessageBus.publish`."""
        if not self._room.acquire(timeout=self._patience_s):
            raise BrokerUnavailable(f"{self.address} has taken no message for {self._patience_s:.0f} s")
        pending = Pending(f"a message on {topic}")
        info = self.client.publish(topic, payload, qos=qos, retain=retain)
        waits = info.rc is MQTTErrorCode.MQTT_ERR_NO_CONN and qos > 0
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS and not waits:
            self._room.release()
            raise BrokerUnavailable(f"{self.address}: a message on {topic} was not taken ({info.rc.name})")
        self._settlements.expect(info.mid, pending)
        return pending

    def _on_publish(
        self, _client: Client, _data: Any, packet: int, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        self._room.release()
        self._settlements.settle(packet, ((reason.value, str(reason)),))
