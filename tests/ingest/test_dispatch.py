"""Which codec reads a message."""

from __future__ import annotations

import pytest

from core.errors import ConfigError, PayloadError
from ingest import codecs
from ingest.dispatch import Dispatch, filters, matches


@pytest.mark.parametrize(
    ("wanted", "topic", "takes"),
    [
        ("a/b", "a/b", True),
        ("a/+", "a/b", True),
        ("a/+", "a/", True),
        ("a/+", "a/b/c", False),
        ("a/+", "a", False),
        ("a/#", "a/b/c", True),
        ("+/b/#", "x/b/y", True),
        ("a/b", "a/c", False),
        ("a/b/c", "a/b", False),
        ("#", "gì/cũng/được", True),
    ],
)
def test_filters_match_as_mqtt_says(wanted: str, topic: str, takes: bool) -> None:  # noqa: FBT001
    assert matches(wanted, topic) is takes


def dispatch() -> Dispatch:
    return Dispatch(list(codecs.codecs()), lambda _: {})


@pytest.mark.parametrize(
    ("topic", "payload", "name"),
    [
        ("canhdong/v1/htx/drones/d1/telemetry", b"{}", "native_json"),
        ("canhdong/v1/htx/drones/d1/telemetry", b"", "native_json"),
        ("canhdong/v1/htx/drones/d1/telemetry", b"\x91\x80", "native_msgpack"),
        ("application/1/device/x/event/up", b'{"deviceInfo":{}}', "chirpstack_v4"),
        ("application/1/device/x/event/up", b'{"devEUI":""}', "chirpstack_v3"),
        ("v3/a@b/devices/c/up", b"", "ttn_v3"),
        ("spBv1.0/g/NDATA/n", b"", "sparkplug_b"),
        ("thing/product/x/osd", b"", "dji_cloud"),
    ],
)
def test_topic_and_payload_choose(topic: str, payload: bytes, name: str) -> None:
    both = dispatch()
    assert [both.find(topic, payload)[0] for _ in range(2)] == [name, name]


@pytest.mark.parametrize(("topic", "payload"), [("x", b"{}"), ("application/1/device/x/event/up", b"{}")])
def test_what_nobody_reads_is_refused(topic: str, payload: bytes) -> None:
    with pytest.raises(PayloadError) as raised:
        dispatch().find(topic, payload)
    assert raised.value.reason == "topic"


def test_a_session_is_made_once_with_its_memory() -> None:
    asked: list[str] = []
    Dispatch(["sparkplug_b", "native_json"], lambda name: asked.append(name) or {})  # type: ignore[func-returns-value]
    assert asked == ["sparkplug_b"]


def test_topics_that_two_codecs_read_are_asked_for_once() -> None:
    wanted = filters(["chirpstack_v3", "chirpstack_v4", "native_json", "native_msgpack"])
    assert len(wanted) == len(set(wanted)) == 4


@pytest.mark.parametrize("name", ["không-có", "os.path", "không.có"])
def test_a_codec_that_is_none_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=name.partition(".")[0]):
        Dispatch([name], lambda _: {})
