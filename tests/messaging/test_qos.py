"""QoS and retain flags: messages arrive with those that they were published with, where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from core.ports import Message
from messaging.mqtt import MqttBus, parse_url
from tests.support.servers import running_broker


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_broker("mosquitto", tmp_path_factory.mktemp("broker")) as chosen:
        yield chosen


def _bus(port: int, name: str, *, kept_s: int = 0) -> MqttBus:
    return MqttBus(parse_url(f"mqtt://127.0.0.1:{port}"), name, kept_s=kept_s)


def _take(inbox: SimpleQueue[Message], bus: MqttBus, count: int) -> list[Message]:
    found = [inbox.get(timeout=20.0) for _ in range(count)]
    bus.acknowledge(*found)
    return found


@pytest.mark.parametrize(("highest", "told"), [(2, [0, 1, 2, 2, 1]), (1, [0, 1, 1, 1, 1])])
def test_messages_come_with_their_qos_in_their_order(port: int, highest: int, told: list[int]) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    with _bus(port, f"qos-in-{highest}") as receiver, _bus(port, f"qos-out-{highest}") as sender:
        receiver.subscribe([f"qos/{highest}"], inbox.put, qos=highest)
        for number, qos in enumerate([0, 1, 2, 2, 1]):
            assert sender.publish(f"qos/{highest}", b"%d" % number, qos=qos).wait(20.0)
        found = _take(inbox, receiver, 5)
    assert [m.payload for m in found] == [b"0", b"1", b"2", b"3", b"4"]
    assert [m.qos for m in found] == told


def test_a_message_of_qos_2_that_was_acknowledged_never_comes_again(port: int) -> None:
    """More of them than there are identifiers under way at once: each handshake comes to its end."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    with _bus(port, "once-in") as receiver, _bus(port, "once-out") as sender:
        receiver.subscribe(["once"], inbox.put, qos=2)
        for delivery in [sender.publish("once", b"%d" % i, qos=2) for i in range(3_000)]:
            assert delivery.wait(20.0)
        payloads = [message.payload for _ in range(30) for message in _take(inbox, receiver, 100)]
        with pytest.raises(Empty):
            inbox.get(timeout=0.2)
    assert payloads == [b"%d" % i for i in range(3_000)]


@pytest.mark.parametrize("as_published", [True, False])
def test_a_live_message_tells_that_it_is_to_be_retained_where_that_is_asked_for(
    port: int,
    as_published: bool,  # noqa: FBT001 - the case
) -> None:
    topic = f"retain/{as_published}"
    inbox: SimpleQueue[Message] = SimpleQueue()
    with _bus(port, f"{as_published}-in") as receiver, _bus(port, f"{as_published}-out") as sender:
        receiver.subscribe([topic], inbox.put, as_published=as_published)
        assert sender.publish(topic, b"kept", retain=True).wait(20.0)
        assert sender.publish(topic, b"plain").wait(20.0)
        found = _take(inbox, receiver, 2)
    assert [m.retained for m in found] == [as_published, False]


def test_a_kept_session_of_another_run_is_not_taken_up(port: int) -> None:
    """What a client of the same name left at the broker is not its successor's."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    with _bus(port, "kept", kept_s=60) as first:
        first.subscribe(["kept"], lambda _: None)
    with _bus(port, "kept-out") as sender:
        assert sender.publish("kept", b"old").wait(20.0)
        with _bus(port, "kept", kept_s=60) as second:
            second.subscribe(["kept"], inbox.put)
            assert sender.publish("kept", b"new").wait(20.0)
            assert [m.payload for m in _take(inbox, second, 1)] == [b"new"]
