"""`canhdong simulate` to a broker: registered, published, and dated back to now."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from cli.simulating import whole_days_back
from core.localtime import local_day
from core.model.enums import EventKind
from core.model.land import DeviceKind
from core.model.samples import Event
from core.model.traffic import Stream
from core.ports import Message
from messaging.address import parse_url
from messaging.subscriber import Subscriber
from storage.urls import open_registry
from tests.support.processes import wait_for
from tests.support.servers import running_broker

DAY_MS = 86_400_000
PATIENCE_MS = 60_000
START_MS = 1_772_409_600_000  # 2 March 2026, 07:00 in Vietnam
SMALL = """
title_vi = "Nhỏ"
title_en = "Small"
start = 2026-03-02T07:00:00+07:00
hours = 0.05

[[cooperatives]]
id = "a"
name = "HTX A"
land = { count = 2 }
fleets = [{ count = 1, rate_hz = 1.0 }]
sensors = [
    { kind = "weather", every_s = 60.0 },
    { kind = "water_level", format = "chirpstack_v4/em500-swl", every_s = 60.0 },
]

[[cooperatives]]
id = "b"
name = "HTX B"
land = { count = 1, lat = 9.4 }
fleets = [{ model = "DJI Agras T25", op = "sow", dose = 80.0, rate_hz = 1.0 }]
"""


@dataclass
class Heard:
    """What a broker has delivered, but the status of devices."""

    messages: list[tuple[str, Any]] = field(default_factory=list)

    def dates_ms(self, kind: str = "") -> list[int]:
        """Times of fixes, events and our own readings; of ``/drones/`` or ``/sensors/`` only."""
        told = [it for topic, it in self.messages if topic.startswith("canhdong/") and kind in topic]
        return [row["ts"] for it in told for row in (it if isinstance(it, list) else [it])]


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    """From a broker of the test's own, which commands are told of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "small.toml").write_text(SMALL, encoding="utf-8")
    found = Heard()
    with running_broker("iotcore", tmp_path / "broker") as port:
        url = f"mqtt://127.0.0.1:{port}"
        monkeypatch.setenv("CANHDONG_MQTT_URL", url)
        subscriber = Subscriber(parse_url(url), "watch", persistent=False)

        def take(message: Message) -> None:
            if not message.topic.endswith("/status"):
                found.messages.append((message.topic, json.loads(message.payload)))
            subscriber.acknowledge(message)

        subscriber.subscribe(["#"], take)
        yield found
        subscriber.close()


def _published(heard: Heard, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["simulate", "small.toml", *words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    wait_for(lambda: len(heard.messages) >= told["messages"], "all messages", 20.0)
    assert len(heard.messages) == told["messages"]
    return told


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_a_scenario_is_registered_and_published(
    heard: Heard, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = _published(heard, capsys, "--max")
    now_ms = _now_ms()
    assert set(told) == {
        *("scenario", "seed", "cooperatives", "devices", "plots", "flights", "sprayed_m2", "simulated_s", "took_s"),
        *("messages", "fixes", "events", "readings", "wall_s", "as_they_are"),
    }
    assert (told["cooperatives"], told["devices"], told["plots"]) == (2, 4, 3)
    assert told["flights"] >= 2
    assert told["fixes"] > 100
    assert told["events"] > 10
    assert told["readings"] > 10
    assert {topic.split("/")[2] for topic, _ in heard.messages if topic.startswith("canhdong/")} == {"a", "b"}
    assert any(topic.startswith("application/") for topic, _ in heard.messages), "the maker's sensor speaks its own way"
    dates = heard.dates_ms()
    assert now_ms - 2 * PATIENCE_MS < max(dates) <= now_ms, "dated back: it ends at the wall clock"
    with closing(open_registry(f"sqlite:///{tmp_path / 'data' / 'registry.sqlite'}")) as registry:
        assert {c.cooperative: c.name for c in registry.cooperatives()} == {"a": "HTX A", "b": "HTX B"}
        assert [len(registry.plots(name)) for name in ("a", "b")] == [2, 1]
        assert {d.device for d in registry.devices("a")} == {"drone-01", "weather-01", "water-01"}
        assert {d.device for d in registry.devices("b")} == {"drone-01"}


def test_what_was_said_for_people(heard: Heard, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "small.toml", "--max"]) == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Nhỏ / Small" in printed.err
    assert "the broker acknowledged them all" in printed.err


@pytest.mark.parametrize("days", [1, 2])
def test_days_up_to_now_keep_their_time_of_day(
    heard: Heard, tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int
) -> None:
    """Whole days are added: work that begins at seven still begins at seven."""
    _published(heard, capsys, "--backfill", str(days), "--no-register")
    now_ms = _now_ms()
    flown = heard.dates_ms("/drones/")
    begun = {local_day(ms): ms for ms in sorted(flown, reverse=True)}
    assert len(begun) == days
    assert all((ms - START_MS) % DAY_MS < 5_000 for ms in begun.values())
    assert now_ms - DAY_MS - PATIENCE_MS < max(heard.dates_ms()) <= now_ms
    assert now_ms - 2 * DAY_MS - PATIENCE_MS < max(flown)
    assert not (tmp_path / "data" / "registry.sqlite").exists(), "--no-register"


@pytest.mark.parametrize("speed", [0.0, 1.0, 30.0])
def test_whole_days_back_end_less_than_a_day_before_the_last_is_sent(speed: float) -> None:
    """A month at real time begins today, not a month ago; nothing is ever dated into the future."""
    times = [START_MS, START_MS + 30 * DAY_MS]
    events = [Event("d", ms, EventKind.ON, "b") for ms in times]
    shift_ms = whole_days_back([Stream("d", DeviceKind.DRONE, events)], speed)
    sent_ms = _now_ms() + (30 * DAY_MS / speed if speed else 0.0)
    assert shift_ms % DAY_MS == 0
    assert sent_ms - DAY_MS - PATIENCE_MS < times[-1] + shift_ms <= sent_ms
