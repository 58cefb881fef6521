from __future__ import annotations

import pytest

from core.errors import ConfigError, PayloadError
from core.model.land import DeviceKind
from ingest.topics import INTAKE, Address, closed_topic, device_topic, parse
from tests.support.fakes import matches


def test_a_topic_says_whose_it_is_and_is_made_of_the_same_parts() -> None:
    topic = device_topic("htx-1", DeviceKind.DRONE, "1581F5BKD224T00B", "events")
    assert topic == "canhdong/v1/htx-1/drones/1581F5BKD224T00B/events"
    assert parse(topic) == Address("htx-1", DeviceKind.DRONE, "1581F5BKD224T00B", "events")


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "canhdong/v1/htx/drones/d1",
        "canhdong/v1/htx/drones/d1/telemetry/",
        "canhdong/v1/htx/drones/d1/telemetry\n",
        "canhdong/v1/htx/tractors/d1/telemetry",
        "canhdong/v2/htx/drones/d1/telemetry",
        "canhdong/v1/HTX/drones/d1/telemetry",
        "canhdong/v1/../drones/d1/telemetry",
        "canhdong/v1/htx/drones/+/telemetry",
        f"canhdong/v1/htx/drones/{'d' * 65}/telemetry",
        "canhdong/v1/htx/flights/closed",
    ],
)
def test_other_topics_are_refused(topic: str) -> None:
    with pytest.raises(PayloadError) as raised:
        parse(topic)
    assert raised.value.reason == "topic"


@pytest.mark.parametrize("device", ["", "a/b", "+", "#", "máy-1"])
def test_no_topic_is_made_of_what_cannot_stand_in_one(device: str) -> None:
    with pytest.raises(ConfigError):
        device_topic("htx", DeviceKind.DRONE, device, "telemetry")


def test_closed_flights_have_a_topic_of_the_cooperative() -> None:
    assert closed_topic("htx") == "canhdong/v1/htx/flights/closed"
    with pytest.raises(ConfigError):
        closed_topic("htx/+")


def test_ingest_subscribes_to_samples_and_nothing_else() -> None:
    def taken(topic: str) -> bool:
        return any(matches(f, topic) for f in INTAKE)

    assert taken(device_topic("htx", DeviceKind.DRONE, "d1", "telemetry"))
    assert taken(device_topic("htx", DeviceKind.DRONE, "d1", "events"))
    assert taken(device_topic("htx", DeviceKind.SENSOR, "s1", "telemetry"))
    assert not taken(device_topic("htx", DeviceKind.DRONE, "d1", "status"))
    assert not taken(closed_topic("htx"))
