from __future__ import annotations

import json
from typing import Any

import pytest

from cli.livefeed import CodecFeed
from core.model.enums import EventKind
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Event, Fix
from core.settings import IngestSettings
from ingest import codecs
from ingest.dispatch import Dispatch
from ingest.pipeline import Pipeline
from ingest.validate import Identity, Limits
from tests.support.fakes import FakeBus, FakeClock, FakeRegistry

HTX = "htx-a"
NOW_MS = 1_764_000_000_000


def _all(_cooperative: str, _device: str) -> bool:
    return True


@pytest.fixture
def bus() -> FakeBus:
    return FakeBus(clock=FakeClock(NOW_MS))


@pytest.fixture
def feed(bus: FakeBus) -> CodecFeed:
    registry = FakeRegistry()
    registry.add_cooperative(Cooperative(HTX, HTX))
    for device in ("d1", "d2"):
        registry.add_device(Device(device, HTX, DeviceKind.DRONE))
    names = list(codecs.codecs())
    pipeline = Pipeline(Dispatch(names, lambda _: {}), Identity(registry, bus.clock), Limits(IngestSettings()))
    return CodecFeed(bus, pipeline, names)


def _tell(bus: FakeBus, device: str = "d1", leaf: str = "telemetry", **body: Any) -> None:
    told = {"device": device, "ts": NOW_MS, **body}
    bus.deliver(f"canhdong/v1/{HTX}/drones/{device}/{leaf}", json.dumps(told).encode())


def test_fixes_and_events_of_known_drones_come_by_cooperative(bus: FakeBus, feed: CodecFeed) -> None:
    _tell(bus, lat=9.285, lon=105.725, on=True)
    _tell(bus, "stranger", lat=9.285, lon=105.725)
    _tell(bus, leaf="events", kind="landing")
    bus.deliver(f"canhdong/v1/{HTX}/drones/d1/telemetry", b"rubbish")
    found = feed.take(0.0, _all)
    assert list(found) == [HTX]
    fix, event = found[HTX]
    assert isinstance(fix, Fix)
    assert (fix.device, fix.lat_deg, fix.on) == ("d1", 9.285, True)
    assert isinstance(event, Event)
    assert event.kind is EventKind.LANDING
    assert feed.take(0.0, _all) == {}


def test_what_nobody_wants_is_left_out(bus: FakeBus, feed: CodecFeed) -> None:
    _tell(bus, "d1", lat=9.285, lon=105.725)
    _tell(bus, "d2", lat=9.285, lon=105.725)
    found = feed.take(0.0, lambda _, device: device == "d2")
    assert [s.device for s in found[HTX]] == ["d2"]
