"""Who is let in, what is impossible, and what is only odd."""

from __future__ import annotations

from collections import Counter

import pytest

from core.errors import PayloadError, StoreUnavailable
from core.model.enums import HeightRef
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Fix, Reading
from core.settings import IngestSettings
from ingest.topics import parse
from ingest.validate import MOST_QUANTITIES, Identity, Limits
from tests.ingest.samples import FIXES, T0, a_fix
from tests.support.fakes import FakeClock, FakeRegistry

LIMITS = Limits(IngestSettings())


def refused(identity: Identity, topic: str) -> str:
    with pytest.raises(PayloadError) as raised:
        identity.check(parse(topic))
    assert raised.value.reason == "identity"
    return str(raised.value)


@pytest.fixture
def registry() -> FakeRegistry:
    registry = FakeRegistry()
    registry.add_cooperative(Cooperative("htx", "HTX"))
    registry.add_cooperative(Cooperative("khac", "Khác"))
    registry.add_device(Device("d1", "htx", DeviceKind.DRONE))
    return registry


def test_only_devices_of_the_registry_under_their_own_topic_are_let_in(registry: FakeRegistry) -> None:
    identity = Identity(registry, FakeClock())
    identity.check(parse(FIXES))
    assert "'d2'" in refused(identity, "canhdong/v1/htx/drones/d2/telemetry")
    assert "drones, not sensors" in refused(identity, "canhdong/v1/htx/sensors/d1/telemetry")
    refused(identity, "canhdong/v1/khac/drones/d1/telemetry")
    refused(identity, "canhdong/v1/khong-co/drones/d1/telemetry")


def test_a_known_device_is_looked_up_once_a_minute(registry: FakeRegistry) -> None:
    clock = FakeClock()
    identity = Identity(registry, clock)
    for _ in range(100):
        identity.check(parse(FIXES))
    assert registry.asked == 1
    clock.advance(60)
    identity.check(parse(FIXES))
    assert registry.asked == 2


def test_a_device_registered_just_now_is_let_in_soon(registry: FakeRegistry) -> None:
    clock = FakeClock()
    identity = Identity(registry, clock)
    topic = "canhdong/v1/htx/drones/d2/telemetry"
    for _ in range(100):
        refused(identity, topic)
    assert registry.asked == 1
    registry.add_device(Device("d2", "htx", DeviceKind.DRONE))
    clock.advance(2)
    identity.check(parse(topic))


def test_a_registry_that_is_away_refuses_nobody(registry: FakeRegistry) -> None:
    identity = Identity(registry, FakeClock())
    registry.outage.left = 1
    with pytest.raises(StoreUnavailable):
        identity.check(parse(FIXES))
    identity.check(parse(FIXES))


@pytest.mark.parametrize("ts_ms", [T0 + 300_001, 1_104_537_599_999, 0, -1])
def test_impossible_times_are_refused(ts_ms: int) -> None:
    for sample in (Fix("d1", ts_ms, 9.0, 105.0), Reading("s1", ts_ms, "rain", 1.0)):
        (found,) = LIMITS.refused([a_fix(0), sample], T0)
        assert (found.index, found.reason) == (1, "clock")


@pytest.mark.parametrize("ts_ms", [T0 + 300_000, T0 - 86_400_000 * 365, 1_104_537_600_000])
def test_old_and_slightly_early_times_pass(ts_ms: int) -> None:
    assert LIMITS.refused([Fix("d1", ts_ms, 9.0, 105.0)], T0) == []


@pytest.mark.parametrize(
    ("lat_deg", "lon_deg"), [(90.1, 0.0), (-90.1, 0.0), (0.0, 180.1), (0.0, -181.0), (float("nan"), 105.0)]
)
def test_places_that_are_not_on_earth_are_refused(lat_deg: float, lon_deg: float) -> None:
    (found,) = LIMITS.refused([Fix("d1", T0, lat_deg, lon_deg)], T0)
    assert found.reason == "range"


@pytest.mark.parametrize(
    ("fix", "kinds"),
    [
        (a_fix(0), set()),
        (a_fix(0, speed_mps=15.0, swath_m=15.0, height_m=30.0, height_ref=HeightRef.CROP, flow_lpm=0.0), set()),
        (Fix("d1", T0, 52.0, 8.0), {"area"}),
        (a_fix(0, speed_mps=15.1), {"speed"}),
        (a_fix(0, speed_mps=-1.0), {"speed"}),
        (a_fix(0, swath_m=36.0), {"swath"}),
        (a_fix(0, height_m=31.0, height_ref=HeightRef.CROP), {"height"}),
        (a_fix(0, height_m=31.0, height_ref=HeightRef.MSL), set()),
        (a_fix(0, flow_lpm=4_900.0), {"flow"}),
        (a_fix(0, rate_kgpm=-1.0), {"rate"}),
    ],
)
def test_odd_values_pass_and_are_flagged_by_kind(fix: Fix, kinds: set[str]) -> None:
    assert LIMITS.refused([fix], T0) == []
    flags: Counter[str] = Counter()
    assert LIMITS.odd([a_fix(0), fix], flags) == ([1] if kinds else [])
    assert set(flags) == kinds


def test_a_cooperative_that_makes_up_quantities_is_stopped() -> None:
    limits = Limits(IngestSettings())
    readings = [Reading("s1", T0, f"q{n}", 1.0) for n in range(MOST_QUANTITIES)]
    assert limits.too_many("htx", [*readings, *readings, a_fix(0)]) == []
    (refused,) = limits.too_many("htx", [readings[0], Reading("s1", T0, "one-more", 1.0)])
    assert (refused.index, refused.reason) == (1, "quantity")
    assert limits.too_many("khac", [Reading("s1", T0, "one-more", 1.0)]) == []
