"""The example publishers of docs/examples: they reach a real broker, and what they send is what the schema says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from jsonschema import Draft202012Validator

from core.model.samples import Event, Fix, Reading
from core.ports import Message, Sample
from ingest.codecs import native_json
from messaging.address import parse_url
from messaging.subscriber import Subscriber
from tests.support.servers import BROKERS, require_server, running_broker

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"

Take = Callable[[int], list[Message]]


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, Take]]:
    """A broker's port, and what takes messages that came there."""
    inbox: SimpleQueue[Message] = SimpleQueue()
    with running_broker(request.param, tmp_path) as port:
        subscriber = Subscriber(parse_url(f"mqtt://127.0.0.1:{port}"), "watch", persistent=False)
        subscriber.subscribe(["canhdong/#"], inbox.put)

        def take(count: int) -> list[Message]:
            found = [inbox.get(timeout=30.0) for _ in range(count)]
            subscriber.acknowledge(*found)
            return found

        yield port, take
        subscriber.close()


def run(*command: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr


def samples(messages: list[Message], schema: str) -> list[Sample]:
    """What ingest makes of messages, each row of which obeys its schema."""
    validator = Draft202012Validator(json.loads((ROOT / "docs" / "schema" / f"{schema}.schema.json").read_text()))
    found: list[Sample] = []
    for message in messages:
        rows = json.loads(message.payload)
        for row in rows if isinstance(rows, list) else [rows]:
            validator.validate(row)
        decoded = native_json.decode(message.topic, message.payload)
        assert (decoded.faults, decoded.unknown) == ([], 0)
        found += decoded.samples
    return found


def test_a_companion_computer_sends_batches_and_lands(broker: tuple[int, Take]) -> None:
    port, take = broker
    options = ["--port", port, "--cooperative", "htx", "--device", "d1", "--fixes", 25, "--hz", 500]
    run(sys.executable, EXAMPLES / "companion_computer.py", *options)
    messages = take(4)
    fixes = samples([m for m in messages if m.topic.endswith("/telemetry")], "fix")
    assert sorted(f.seq for f in fixes if isinstance(f, Fix)) == list(range(25))
    assert len({f.boot for f in fixes if isinstance(f, Fix)}) == 1
    (landing,) = samples([m for m in messages if m.topic.endswith("/events")], "event")
    assert isinstance(landing, Event)
    assert landing.kind.word == "landing"


def test_a_field_sensor_with_nothing_but_sockets(broker: tuple[int, Take]) -> None:
    port, take = broker
    run(sys.executable, EXAMPLES / "field_sensor.py", "127.0.0.1", port, "htx", "nuoc-1", 3, 0.01)
    readings = samples(take(3), "reading")
    told = [(r.quantity, r.unit) for r in readings if isinstance(r, Reading)]
    assert told == [("water_level", "m"), ("salinity", "g/L")] * 3


def test_a_line_of_the_shell(broker: tuple[int, Take]) -> None:
    require_server("mosquitto_pub")
    port, take = broker
    run(EXAMPLES / "publish.sh", "127.0.0.1", port, "htx", "mua-1", "rain_total", "12.5", "mm")
    (reading,) = samples(take(1), "reading")
    assert isinstance(reading, Reading)
    assert (reading.device, reading.quantity, reading.value, reading.unit) == ("mua-1", "rain_total", 12.5, "mm")
