"""What every broker that we run has to do for the processes: at least once, acknowledged by hand, kept while away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

import pytest

from core.errors import BrokerUnavailable
from core.ports import Message
from messaging.mqtt import MqttBus, parse_url
from tests.support.servers import BROKERS, running_broker

TELEMETRY = "canhdong/v1/htx-1/drones/d1/telemetry"
FILTER = "canhdong/v1/+/drones/+/telemetry"
SHARED = "$share/geo/canhdong/v1/+/flights/closed"
CLOSED = "canhdong/v1/htx-1/flights/closed"


@pytest.fixture(scope="module", params=BROKERS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_broker(request.param, tmp_path_factory.mktemp("broker")) as chosen:
        yield chosen


def connect(port: int, client_id: str, *, persistent: bool = False) -> MqttBus:
    return MqttBus(parse_url(f"mqtt://127.0.0.1:{port}"), client_id, persistent=persistent)


def take(inbox: SimpleQueue[Message], count: int) -> list[Message]:
    return [inbox.get(timeout=20.0) for _ in range(count)]


def distinct(inbox: SimpleQueue[Message], count: int) -> dict[bytes, Message]:
    """Wait for so many different payloads; a repeated one is the broker's right."""
    found: dict[bytes, Message] = {}
    while len(found) < count:
        message = inbox.get(timeout=20.0)
        found[message.payload] = message
    return found


def send(bus: MqttBus, topic: str, payloads: list[bytes]) -> None:
    for delivery in [bus.publish(topic, payload) for payload in payloads]:
        assert delivery.wait(20.0)


def test_a_message_arrives_whole(port: int) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    payload = bytes(range(256)) * 2_000
    with connect(port, "whole-in") as receiver, connect(port, "whole-out") as sender:
        receiver.subscribe([FILTER], inbox.put)
        send(sender, TELEMETRY, [payload])
        (message,) = take(inbox, 1)
        receiver.acknowledge(message)
    assert (message.topic, message.payload, message.retained) == (TELEMETRY, payload, False)
    assert message.received_ms > 1_700_000_000_000


def test_what_was_not_acknowledged_comes_again(port: int) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    payloads = [f"{n}".encode() for n in range(10)]
    with connect(port, "again", persistent=True) as first, connect(port, "again-out") as sender:
        first.subscribe([FILTER], inbox.put)
        send(sender, TELEMETRY, payloads)
        got = distinct(inbox, 10)
        for payload in payloads[:4]:
            first.acknowledge(got[payload])
    again: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "again", persistent=True) as second:
        second.subscribe([FILTER], again.put)
        came: set[bytes] = set()
        while not came >= set(payloads[4:]):  # one whose acknowledgement got lost with the connection may come, too
            message = again.get(timeout=20.0)
            came.add(message.payload)
            second.acknowledge(message)


def test_messages_wait_for_a_subscriber_that_is_away(port: int) -> None:
    with connect(port, "away", persistent=True) as bus:
        bus.subscribe([FILTER], lambda _: None)
    payloads = [f"{n}".encode() for n in range(3_000)]
    with connect(port, "away-out") as sender:
        send(sender, TELEMETRY, payloads)
    inbox: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "away", persistent=True) as back:

        def handle(message: Message) -> None:
            back.acknowledge(message)
            inbox.put(message)

        back.subscribe([FILTER], handle)
        assert set(distinct(inbox, 3_000)) == set(payloads)


def test_a_shared_subscription_waits_for_its_only_member(port: int) -> None:
    with connect(port, "shared", persistent=True) as bus:
        bus.subscribe([SHARED], lambda _: None)
    with connect(port, "shared-out") as sender:
        send(sender, CLOSED, [b"one", b"two"])
    inbox: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "shared", persistent=True) as back:
        back.subscribe([SHARED], inbox.put)
        found = distinct(inbox, 2)
        for message in found.values():
            back.acknowledge(message)
    assert set(found) == {b"one", b"two"}


def test_acknowledging_from_another_thread_lets_the_stream_go_on(port: int) -> None:
    """More messages than any window holds: they only come to an end where acknowledgements arrive."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    payloads = [f"{n}".encode() for n in range(5_000)]
    with connect(port, "flow", persistent=True) as receiver, connect(port, "flow-out") as sender:
        receiver.subscribe([FILTER], inbox.put)
        thread = threading.Thread(target=send, args=(sender, TELEMETRY, payloads))
        thread.start()
        seen: set[bytes] = set()
        while len(seen) < len(payloads):
            message = inbox.get(timeout=20.0)
            seen.add(message.payload)
            receiver.acknowledge(message)
        thread.join(20.0)
    assert seen == set(payloads)


def test_acknowledgements_in_any_order_are_all_right(port: int) -> None:
    """geo finishes windows in another order than they came; no message comes again for that."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    payloads = [f"{n}".encode() for n in range(60)]
    with connect(port, "order", persistent=True) as bus, connect(port, "order-out") as sender:
        bus.subscribe([FILTER], inbox.put)
        send(sender, TELEMETRY, payloads)
        for message in reversed(take(inbox, 60)):
            bus.acknowledge(message)
        send(sender, TELEMETRY, [b"last"])
        assert take(inbox, 1)[0].payload == b"last"
        bus.acknowledge(message)
    again: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "order", persistent=True) as bus, connect(port, "order-out") as sender:
        bus.subscribe([FILTER], again.put)
        send(sender, TELEMETRY, [b"end"])
        came = []
        while b"end" not in came:
            came.append(again.get(timeout=20.0).payload)
    assert set(came) <= {b"last", b"end"}


def test_a_full_window_does_not_hold_up_what_its_owner_publishes(port: int) -> None:
    """ingest acknowledges only when its own word of a closed flight is out: both must be able to go on."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "window", persistent=True) as bus, connect(port, "window-out") as sender:
        bus.subscribe([FILTER], inbox.put)
        send(sender, TELEMETRY, [f"{n}".encode() for n in range(500)])
        first = inbox.get(timeout=20.0)
        assert bus.publish(CLOSED, b"{}").wait(20.0)
        bus.acknowledge(first)


def test_a_retained_message_meets_later_subscribers(port: int) -> None:
    topic = "canhdong/v1/htx-1/drones/d1/status"
    with connect(port, "retain-out") as sender:
        assert sender.publish(topic, b"here", retain=True).wait(20.0)
    inbox: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "retain-in") as receiver:
        receiver.subscribe([topic], inbox.put)
        (message,) = take(inbox, 1)
    assert message.payload == b"here"
    assert message.retained


def test_only_what_was_asked_for_comes(port: int) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "only-in") as receiver, connect(port, "only-out") as sender:
        receiver.subscribe([FILTER], inbox.put)
        send(sender, "canhdong/v1/htx-1/sensors/w1/telemetry", [b"no"])
        send(sender, TELEMETRY, [b"yes"])
        assert take(inbox, 1)[0].payload == b"yes"
        with pytest.raises(Empty):
            inbox.get_nowait()


def test_two_handlers_each_get_their_topics(port: int) -> None:
    drones: SimpleQueue[Message] = SimpleQueue()
    sensors: SimpleQueue[Message] = SimpleQueue()
    with connect(port, "two-in") as receiver, connect(port, "two-out") as sender:
        receiver.subscribe([FILTER], drones.put)
        receiver.subscribe(["canhdong/v1/+/sensors/+/telemetry"], sensors.put)
        send(sender, "canhdong/v1/htx-1/sensors/w1/telemetry", [b"s"])
        send(sender, TELEMETRY, [b"d"])
        assert take(drones, 1)[0].payload == b"d"
        assert take(sensors, 1)[0].payload == b"s"


def test_a_lost_broker_is_found_again(tmp_path: Path) -> None:
    """mosquitto keeps sessions over a restart (iotcore keeps its queue in memory only: docs/decisions/0002)."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    with running_broker("mosquitto", tmp_path) as chosen:
        receiver = connect(chosen, "found", persistent=True)
        receiver.subscribe([FILTER], inbox.put)
        with connect(chosen, "found-out-1") as sender:
            send(sender, TELEMETRY, [b"unacknowledged"])
        (before,) = take(inbox, 1)
    with running_broker("mosquitto", tmp_path, chosen), receiver:
        (again,) = take(inbox, 1)
        receiver.acknowledge(before)  # of the connection that is gone: changes nothing
        assert again.payload == before.payload
        with connect(chosen, "found-out-2") as sender:
            send(sender, TELEMETRY, [b"fresh"])
        assert b"fresh" in distinct(inbox, 1)


def test_nothing_answers() -> None:
    with pytest.raises(BrokerUnavailable, match=r"no broker answers at mqtt://127\.0\.0\.1:1 "):
        connect(1, "nobody")
