"""The short way of plain messages: it is taken, and what is not plain still arrives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from core.ports import Message
from messaging.address import parse_url
from messaging.link import V5
from messaging.quick_client import QuickClient
from messaging.subscriber import Subscriber
from tests.support.servers import BROKERS, running_broker


@pytest.fixture(scope="module", params=BROKERS)
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with running_broker(request.param, tmp_path_factory.mktemp("broker")) as chosen:
        yield chosen


@contextmanager
def raw(port: int, version: MQTTProtocolVersion) -> Iterator[Client]:
    client = Client(CallbackAPIVersion.VERSION2, "raw", protocol=version)
    client.connect("127.0.0.1", port)
    client.loop_start()
    yield client
    client.disconnect()
    client.loop_stop()


@pytest.fixture
def publisher(port: int) -> Iterator[Client]:
    with raw(port, MQTTProtocolVersion.MQTTv311) as client:
        yield client


def subscribed(port: int, inbox: SimpleQueue[Message]) -> tuple[Subscriber, list[str]]:
    """A subscriber, and the topics of what came by the short way."""
    subscriber = Subscriber(parse_url(f"mqtt://127.0.0.1:{port}"), "quick", persistent=False)
    assert isinstance(subscriber.client, QuickClient)
    short: list[str] = []
    take = subscriber.client.arrived
    assert take is not None

    def arrived(topic: str, *rest: Any) -> None:
        short.append(topic)
        take(topic, *rest)

    subscriber.client.arrived = arrived
    subscriber.subscribe(["ruộng/#"], inbox.put)
    return subscriber, short


def test_a_plain_message_takes_the_short_way_and_arrives_whole(port: int, publisher: Client) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    subscriber, short = subscribed(port, inbox)
    sent = [("ruộng/nước", bytes(range(256)) * 300), ("ruộng/nước", b""), ("ruộng/đất/ẩm", b"{}")]
    for topic, payload in sent:
        publisher.publish(topic, payload, qos=1).wait_for_publish(10.0)
    got = [inbox.get(timeout=10.0) for _ in sent]
    subscriber.acknowledge(*got)
    assert [(m.topic, m.payload) for m in got] == sent
    assert short == [topic for topic, _ in sent]
    subscriber.close()


def test_a_message_of_qos_0_goes_the_long_way(tmp_path: Path) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    with running_broker("mosquitto", tmp_path) as port, raw(port, MQTTProtocolVersion.MQTTv311) as client:
        subscriber, short = subscribed(port, inbox)
        client.publish("ruộng/mưa", b"1", qos=0)
        message = inbox.get(timeout=10.0)
        subscriber.acknowledge(message)
        subscriber.close()
    assert (message.topic, message.payload) == ("ruộng/mưa", b"1")
    assert short == []


def test_a_retained_message_is_known_as_one(port: int, publisher: Client) -> None:
    publisher.publish("ruộng/trạng-thái", b"on", qos=1, retain=True).wait_for_publish(10.0)
    inbox: SimpleQueue[Message] = SimpleQueue()
    subscriber, _ = subscribed(port, inbox)
    assert inbox.get(timeout=10.0).retained
    subscriber.close()
    publisher.publish("ruộng/trạng-thái", b"", qos=1, retain=True).wait_for_publish(10.0)


def test_a_message_with_properties_goes_the_long_way(tmp_path: Path) -> None:
    inbox: SimpleQueue[Message] = SimpleQueue()
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.UserProperty = ("máy", "bay")
    with running_broker("mosquitto", tmp_path) as port, raw(port, V5) as client:
        subscriber, short = subscribed(port, inbox)
        assert subscriber.client.protocol is V5
        client.publish("ruộng/gió", b"3", qos=1, properties=properties).wait_for_publish(10.0)
        message = inbox.get(timeout=10.0)
        subscriber.acknowledge(message)
        subscriber.close()
    assert (message.topic, message.payload) == ("ruộng/gió", b"3")
    assert short == []
