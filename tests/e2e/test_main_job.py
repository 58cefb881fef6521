"""The main job over real processes: telemetry over a real broker in, sprayed area over HTTP out."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from shapely.geometry import mapping

from core.model.enums import EventKind
from core.model.land import Cooperative, Device, DeviceKind
from core.model.samples import Event
from messaging.mqtt import MqttBus, parse_url
from simulators.plots import rice_plots
from simulators.sending.player import Stream, play
from tests.support import rectangle
from tests.support.processes import Platform, platform, wait_for
from tests.support.servers import BROKERS, require_broker
from tests.support.shared import shared

COOPERATIVE = "htx-a"
ALWAYS = (-(2**62), 2**62)
DEMO = ("demo", *ALWAYS)


class SystemTime:
    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


def _whole_flight(it: Platform, cooperative: str, fixes: int) -> Callable[[], dict[str, object] | None]:
    """The flight once it has all its fixes: it may be computed before the last ones come, and is again after them."""

    def look() -> dict[str, object] | None:
        flights = [f for f in it.get(f"/v1/cooperatives/{cooperative}/flights") if f["fixes"] == fixes]
        return flights[0] if flights else None

    return look


@pytest.mark.parametrize("broker", BROKERS)
def test_a_rectangle_flown_edge_to_edge_comes_out_exactly(broker: str, tmp_path: Path) -> None:
    """Simulated drone, broker, ingest, store, geo, api: the area of a known rectangle."""
    require_broker(broker)
    with platform(tmp_path, broker) as it:
        with it.stores() as (_, registry):
            registry.add_cooperative(Cooperative(COOPERATIVE, "Hợp tác xã A"))
            registry.add_device(Device("d1", COOPERATIVE, DeviceKind.DRONE))
            registry.put_plot(rectangle.plot(COOPERATIVE))
        table = rectangle.flight("d1", start_ms=0)
        landing = Event("d1", int(table.ts_ms[-1]) + 1, EventKind.LANDING, "b1")
        streams = [Stream("d1", DeviceKind.DRONE, table), Stream("d1", DeviceKind.DRONE, [landing])]
        with MqttBus(parse_url(f"mqtt://127.0.0.1:{it.mqtt_port}"), "test-drone") as bus:
            published = play(streams, bus, COOPERATIVE, speed=0, clock=SystemTime())
        assert published.fixes == len(table)

        flight = wait_for(_whole_flight(it, COOPERATIVE, len(table)), "the flight's area")
        where = f"/v1/cooperatives/{COOPERATIVE}/flights/{flight['flight']}"
        figures = it.get(f"{where}/coverage")
        (plot,) = figures["plots"]
        assert plot["net_m2"] == pytest.approx(rectangle.AREA_M2, abs=1.0)
        assert plot["overlap_m2"] == pytest.approx(0.0, abs=1.0)
        assert plot["missed_m2"] == pytest.approx(0.0, abs=1.0)
        assert figures["off_target_m2"] == pytest.approx(0.0, abs=1.0)
        assert plot["volume_l"] == pytest.approx(rectangle.VOLUME_L, rel=0.005)
        assert "0.84 ha" in it.get("/")
        assert "0.840 ha" in it.get(f"/statements/{COOPERATIVE}/{flight['flight']}")
        shown = json.loads(it.run("coverage", "show", str(flight["flight"]), "--json"))
        assert shown["plots"][0]["net_m2"] == pytest.approx(plot["net_m2"])
        assert it.dead_letters() == {}


@pytest.mark.parametrize("broker", BROKERS)
def test_a_real_sprayers_log_comes_out_as_its_own_computer_counted(broker: str, tmp_path: Path) -> None:
    """TLG00011 of a sprayer, replayed over MQTT: 18,610 m² and 685 L by the machine."""
    require_broker(broker)
    log = shared("isoxml/isoxml-dotnet_Another-single-ACP.zip")
    with platform(tmp_path, broker) as it:
        told = json.loads(it.run("replay", str(log), "--only", "TLG00011", "--speed", "0", "--json"))
        flight = wait_for(_whole_flight(it, "demo", told["fixes"]), "the replayed log's area")
        figures = it.get(f"/v1/cooperatives/demo/flights/{flight['flight']}/coverage")
        assert figures["gross_m2"] == pytest.approx(18_610.0, rel=0.02)
        assert it.dead_letters() == {}


@pytest.mark.parametrize("broker", BROKERS)
def test_ingest_killed_in_the_middle_of_a_replay_loses_no_fix(broker: str, tmp_path: Path) -> None:
    """SIGKILL while messages pour in, twice; what was published is what is stored."""
    require_broker(broker)
    plots = _field_file(tmp_path / "plots.geojson", count=20)
    with platform(tmp_path, broker, ["ingest"]) as it:
        simulation = it.command("simulate", "--speed", "150", "--drones", "6", "--plots", str(plots), "--json")
        with _watched(simulation):
            for least in (500, 5_000):
                _await_stored(it, least)
                assert simulation.poll() is None, "the replay is to be under way"
                it.kill("ingest")
                it.start("ingest")
            published = _told(simulation)
            _await_stored(it, published)
            assert _stored(it) == published
            assert it.dead_letters() == {}


@pytest.mark.parametrize("broker", BROKERS)
def test_geo_killed_while_flights_close_loses_no_area(broker: str, tmp_path: Path) -> None:
    """What closed while geo was away waits for it at the broker."""
    require_broker(broker)
    plots = _field_file(tmp_path / "plots.geojson", count=10)
    with platform(tmp_path, broker) as it:
        simulation = it.command("simulate", "--speed", "300", "--drones", "3", "--plots", str(plots), "--json")
        with _watched(simulation), it.stores() as (telemetry, registry):
            wait_for(lambda: registry.flights(*DEMO), "the first flight's area")
            it.kill("geo")
            published = _told(simulation)
            _await_stored(it, published)
            before = len(registry.flights(*DEMO))
            it.start("geo")
            landings = [
                event
                for drone in registry.devices("demo")
                for event in telemetry.events("demo", drone.device, *ALWAYS)
                if event.kind is EventKind.LANDING
            ]
            wait_for(lambda: len(registry.flights(*DEMO)) >= len(landings), f"{len(landings)} flights")
            flights = registry.flights(*DEMO)
            assert before < len(flights) == len(landings)
            assert sum(flight.fixes for flight in flights) == published
            assert all(registry.coverage("demo", flight.flight).net_m2 > 0.0 for flight in flights)


def _field_file(path: Path, count: int) -> Path:
    features = [
        {"type": "Feature", "properties": {"plot": plot.plot}, "geometry": mapping(plot.boundary)}
        for plot in rice_plots("demo", count)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@contextmanager
def _watched(process: subprocess.Popen[str]) -> Iterator[None]:
    """End the process with the block, however the block ends."""
    try:
        yield
    finally:
        process.kill()
        process.communicate()


def _told(simulation: subprocess.Popen[str]) -> int:
    """Fixes that a simulation says it has published, when it is done."""
    out, err = simulation.communicate(timeout=110.0)
    assert simulation.returncode == 0, err
    return int(json.loads(out)["fixes"])


def _await_stored(it: Platform, least: int) -> None:
    wait_for(lambda: _stored(it) >= least, f"{least} fixes to be stored")


def _stored(it: Platform, cooperative: str = "demo") -> int:
    """Fixes in the store, counted beside the running processes."""
    path = it.folder / "telemetry.sqlite"
    if not path.exists():
        return 0
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM fixes WHERE cooperative = ?", (cooperative,)).fetchone()
        return int(count)
