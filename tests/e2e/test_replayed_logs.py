"""Logs of real machines, replayed over a real broker: what is stored then measures what others measured."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from core.model.land import DeviceKind
from geo.cleaning import distance_m
from tests.support.processes import Platform, platform, wait_for
from tests.support.shared import shared


def _lengths_m(it: Platform, cooperative: str) -> tuple[int, float]:
    """Number of stored fixes, and the length of their tracks, each log by itself."""
    with it.stores() as (telemetry, registry):
        drones = [d.device for d in registry.devices(cooperative) if d.kind is DeviceKind.DRONE]
        tables = [telemetry.fixes(cooperative, drone, -(2**62), 2**62) for drone in drones]
    found = 0.0
    for table in tables:
        boots = table.boot.values()
        for boot in sorted(set(boots)):
            found += distance_m(table.take([value == boot for value in boots]))
    return sum(map(len, tables)), found


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("replayed"), "auto", ["ingest"]) as it:
        yield it


@pytest.mark.parametrize(
    ("name", "metres"),
    [
        ("flightlogs/dronekit_la_log171.bin", 405.04),
        ("flightlogs/dji_sitrec_20231222_airdata.csv", 2_433.1),
        ("flightlogs/gpxpy_cerknicko-jezero.gpx", 4_580.1),
        ("flightlogs/dronekit_flight.tlog", 1_165.4),
    ],
)
def test_distances_are_those_that_others_measured(running: Platform, name: str, metres: float) -> None:
    log = shared(name)
    tenant = f"htx-{log.stem.replace('_', '-').lower()[:20].rstrip('-')}"
    told = json.loads(running.run("replay", str(log), "--speed", "0", "--cooperative", tenant, "--json"))
    wait_for(lambda: _lengths_m(running, tenant)[0] >= told["fixes"], "the fixes to be stored")
    fixes, length_m = _lengths_m(running, tenant)
    assert fixes == told["fixes"]
    assert length_m == pytest.approx(metres, rel=0.005)
    assert running.dead_letters() == {}
