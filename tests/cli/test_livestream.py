"""The live stream over a real broker and a real ring, as ``canhdong api`` runs it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from api.live.desk import LiveDesk
from cli import livestream, wiring
from core.live import LiveKind
from core.model.land import Cooperative, Device, DeviceKind
from ingest.clock import SystemClock
from tests.support.processes import free_port
from tests.support.servers import BROKERS, running_broker

HTX = "htx-a"
PATIENCE_S = 60.0


def awaited(done: Callable[[], bool], each: Callable[[], object] = lambda: None) -> None:
    """Returns as soon as it is done; fails when it takes too long."""
    until = time.monotonic() + PATIENCE_S
    pause = threading.Event()
    while not done():
        assert time.monotonic() < until, "it took too long"
        each()
        pause.wait(0.05)


def standing(desk: LiveDesk) -> dict[LiveKind, str]:
    return {it.kind: it.body for it in desk.ring.state(HTX, desk.clock.now_ms()).events}


def follow(desk: LiveDesk) -> None:
    """As if somebody had just listened: positions are followed a while longer."""
    desk.hub._left_ms[HTX] = desk.clock.now_ms()


@pytest.mark.parametrize("broker", BROKERS)
def test_what_is_published_is_told(broker: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    with running_broker(broker, tmp_path / "broker") as port:
        monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{port}")
        with wiring.stores() as stores, wiring.bus("test") as bus:
            stores.registry.add_cooperative(Cooperative(HTX, "A"))
            stores.registry.add_device(Device("d1", HTX, DeviceKind.DRONE))
            with livestream.fed(stores, SystemClock(), threading.Event()) as desk:
                follow(desk)
                awaited(lambda: desk.source == "broker")

                def publish() -> None:
                    now_ms = desk.clock.now_ms()
                    told = {
                        "drones/d1/coverage": {"flight": "f1", "ts": now_ms, "net_m2": 7.5, "live": True},
                        "drones/d1/telemetry": {"device": "d1", "ts": now_ms, "lat": 9.285, "lon": 105.725, "on": True},
                    }
                    for leaf, body in told.items():
                        bus.publish(f"canhdong/v1/{HTX}/{leaf}", json.dumps(body).encode()).wait(5.0)

                awaited(lambda: len(standing(desk)) == 2, publish)
                assert json.loads(standing(desk)[LiveKind.COVERAGE])["net_m2"] == 7.5
                assert json.loads(standing(desk)[LiveKind.POSITION])["lat"] == 9.285


def test_without_a_broker_it_runs_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("CANHDONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CANHDONG_MQTT_URL", f"mqtt://127.0.0.1:{free_port()}")
    stop = threading.Event()
    with wiring.stores() as stores, livestream.fed(stores, SystemClock(), stop) as desk:
        awaited(lambda: "positions come from the store" in caplog.text)
        assert desk.source == "store"
    assert stop.is_set()
