"""The message bus over MQTT: QoS 1, persistent session, acknowledged by hand.

What receives and what sends are two connections. A process that acknowledges only after its own message is out (a
closed flight, a coverage) would else wait for a broker that holds all answers back until it gets acknowledgements:
rumqttd does that when its window to a client is full.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Self

from core.ports import Delivery, Message
from messaging.address import Address, parse_url
from messaging.publisher import PATIENCE_S, Publisher
from messaging.subscriber import Subscriber

__all__ = ["Address", "MqttBus", "parse_url"]


class MqttBus:
    """A client of a broker; implements :class:`core.ports.MessageBus`.

    Args:
        address: Where the broker is.
        client_id: Owns the persistent session; the other connection, made when it is needed, adds ``-in`` or ``-out``.
        persistent: Keep the session (subscriptions and undelivered messages) at the broker when this client is gone.
        kept_s: Let the broker keep what it could not deliver for so many seconds after the connection is lost (MQTT 5).
        patience_s: How long :meth:`publish` waits for room before it gives up.

    Raises:
        BrokerUnavailable: The broker does not answer, or refuses the session.
        ConfigError: The certificate authority cannot be read.
    """

    def __init__(
        self,
        address: Address,
        client_id: str,
        *,
        persistent: bool = False,
        kept_s: int = 0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._address = address
        self._client_id = client_id
        self._kept_s = kept_s
        self._patience_s = patience_s
        self._making = threading.Lock()
        self._subscriber: Subscriber | None = None
        self._publisher: Publisher | None = None
        if persistent:
            self._subscriber = Subscriber(address, client_id, persistent=True)
        elif kept_s:
            self._subscriber = Subscriber(address, client_id, persistent=False, kept_s=kept_s)
        else:
            self._publisher = Publisher(address, client_id, patience_s=patience_s)

    @property
    def protocol(self) -> str:
        """The version of MQTT that is spoken: ``5`` or ``3.1.1``."""
        return (self._subscriber or self._sending()).protocol

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> Delivery:
        """See the port."""
        return self._sending().publish(topic, payload, retain=retain, qos=qos)

    def subscribe(
        self, filters: Sequence[str], handler: Callable[[Message], None], *, qos: int = 1, as_published: bool = False
    ) -> None:
        """See the port.

        Raises:
            BrokerUnavailable: The broker refused a filter, or did not answer.
        """
        self._receiving().subscribe(filters, handler, qos=qos, as_published=as_published)

    def acknowledge(self, *messages: Message) -> None:
        """See the port. A message of a connection that is gone is left: the broker delivers it again."""
        self._receiving().acknowledge(*messages)

    @property
    def window(self) -> int:
        """How many messages the broker lets be in flight to one client, as far as it says so."""
        return self._receiving().window

    def close(self) -> None:
        """See the port. An acknowledgement that gets lost with the connection only makes the message come again."""
        with self._making:
            for link in (self._subscriber, self._publisher):
                if link is not None:
                    link.close()

    def _sending(self) -> Publisher:
        with self._making:
            if self._publisher is None:
                self._publisher = Publisher(self._address, f"{self._client_id}-out", patience_s=self._patience_s)
            return self._publisher

    def _receiving(self) -> Subscriber:
        with self._making:
            if self._subscriber is None:
                self._subscriber = Subscriber(self._address, f"{self._client_id}-in", persistent=False)
            return self._subscriber

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
