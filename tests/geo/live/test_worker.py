"""The live part of the process on fakes: what is told of flying drones, by whom, and when it stops."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from shapely import Point

from core.live import LiveSample, Wanted
from core.model.enums import EventKind, Operation
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, DeviceKind, Site, SiteKind
from core.model.samples import Event, Reading
from core.model.work import Job
from geo.context.rules import SprayRules, rules_from
from geo.coverage import compute
from geo.live.surveyor import Surveyor
from geo.live.worker import LiveWorker
from geo.parameters import Parameters
from tests.support import rectangle
from tests.support.fakes import FakeBus, FakeClock, FakeRegistry, FakeTelemetryStore

HTX = "htx-a"
START_MS = 1_795_129_200_000
ALERTS = f"canhdong/v1/{HTX}/alerts"


class FakeFeed:
    """Hands out what a test has put there, once."""

    def __init__(self) -> None:
        self.waiting: list[LiveSample] = []

    def take(self, timeout_s: float, wanted: Wanted) -> Mapping[str, Sequence[LiveSample]]:
        taken, self.waiting = [s for s in self.waiting if wanted(HTX, s.device)], []
        return {HTX: taken} if taken else {}

    def close(self) -> None:
        """Nothing to let go of."""


class Bench:
    """Workers with fakes all around, moved on second by second."""

    def __init__(self, *names: str, rules: SprayRules | None = None) -> None:
        self.rules = rules or SprayRules()
        self.clock = FakeClock(START_MS)
        self.bus = FakeBus(clock=self.clock)
        self.store, self.registry = FakeTelemetryStore(), FakeRegistry()
        self.registry.add_cooperative(Cooperative(HTX, HTX))
        self.registry.put_plot(rectangle.plot(HTX))
        for device in ("d1", "d2", "d3", "d4"):
            self.registry.add_device(Device(device, HTX, DeviceKind.DRONE))
        self.workers = [self._worker(name) for name in names or ("a",)]
        self.second()
        self.clock.advance(5)
        self.second()

    def _worker(self, name: str) -> LiveWorker:
        surveyor = Surveyor(self.store, self.registry, Parameters(), 300.0, self.rules)
        worker = LiveWorker(name, self.bus, FakeFeed(), surveyor, self.clock)
        worker.start()
        return worker

    def second(self, *samples: LiveSample, stored: bool = True) -> None:
        """A second in which these samples come to everybody."""
        self.clock.advance(1)
        if stored:
            self.store.write(HTX, list(samples), START_MS)
        for worker in self.workers:
            assert isinstance(worker.feed, FakeFeed)
            worker.feed.waiting += samples
            worker.step(0.0)

    def fly(self, table: FixTable, rows: slice = slice(None), step: int = 1, *, stored: bool = True) -> None:
        fixes = list(table.rows())[rows]
        for start in range(0, len(fixes), step):
            self.second(*fixes[start : start + step], stored=stored)

    def told(self, device: str = "d1") -> list[dict[str, Any]]:
        topic = f"canhdong/v1/{HTX}/drones/{device}/coverage"
        return [json.loads(payload) for where, payload in self.bus.published if where == topic]

    @property
    def alerts(self) -> list[dict[str, Any]]:
        return [json.loads(payload) for where, payload in self.bus.published if where == ALERTS]


def _batch_m2(table: FixTable) -> float:
    return compute("f", [table], [rectangle.plot(HTX)]).coverage.net_m2


def test_coverage_grows_while_a_drone_flies_and_ends_where_batch_does() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.fly(table)
    told = bench.told()
    net = [t["net_m2"] for t in told]
    assert net == sorted(net)
    assert len(net) > 200
    assert all(t["live"] for t in told)
    assert told[-1]["ts"] == int(table.ts_ms[-1])
    assert told[-1]["net_m2"] == pytest.approx(_batch_m2(table), abs=0.01)
    assert told[-1]["plots"][0]["plot"] == "rect-1"
    assert told[-1]["flight"] == "d1-20261119T230000Z"


def test_a_drone_is_told_of_at_most_once_a_second() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.clock.advance(5)
    before = len(bench.told())
    for fix in list(table.rows())[:10]:
        assert isinstance(bench.workers[0].feed, FakeFeed)
        bench.workers[0].feed.waiting.append(fix)
        bench.workers[0].step(0.0)
    assert len(bench.told()) - before <= 1


def test_a_worker_that_comes_late_reads_the_fixes_before_from_the_store() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.store.write(HTX, list(table.rows())[:100], START_MS)
    bench.fly(table, slice(100, 110))
    assert bench.told()[-1]["net_m2"] == pytest.approx(_batch_m2(table.take(slice(0, 110))), abs=0.01)
    assert bench.told()[-1]["start_ms"] == START_MS


def test_one_of_two_workers_follows_a_drone_and_the_other_takes_over_when_it_dies() -> None:
    bench, table = Bench("a", "b"), rectangle.flight("d1", START_MS)
    bench.fly(table, slice(0, 60))
    owners = [worker for worker in bench.workers if worker.drones]
    assert len(owners) == 1
    bench.workers.remove(owners[0])
    seconds = 0
    before = len(bench.told())
    for fix in list(table.rows())[60:]:
        bench.second(fix)
        seconds += 1
        if len(bench.told()) > before:
            break
    assert seconds <= 30
    assert bench.told()[-1]["net_m2"] == pytest.approx(_batch_m2(table.take(slice(0, 60 + seconds))), abs=0.01)


def test_a_flight_that_closes_is_dropped() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.fly(table)
    count = len(bench.told())
    closed = {"cooperative": HTX, "device": "d1", "start_ms": START_MS, "end_ms": int(table.ts_ms[-1])}
    bench.bus.deliver(f"canhdong/v1/{HTX}/flights/closed", json.dumps(closed).encode())
    bench.second()
    bench.second()
    assert not bench.workers[0].drones
    assert len(bench.told()) == count


def test_a_flight_that_goes_on_is_not_dropped_by_the_close_of_an_earlier_one() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.fly(table, slice(0, 50))
    closed = {"cooperative": HTX, "device": "d1", "start_ms": START_MS - 9_000, "end_ms": START_MS - 5_000}
    bench.bus.deliver(f"canhdong/v1/{HTX}/flights/closed", json.dumps(closed).encode())
    bench.second()
    assert bench.workers[0].drones


@pytest.mark.parametrize("border", ["boot", "silence", "landing"])
def test_another_flight_begins_with_another_boot_a_silence_or_a_landing(border: str) -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    first, later = table.take(slice(0, 60)), table.take(slice(60, 120))
    if border == "boot":
        later = later.with_columns(boot="b2")
    if border == "silence":
        later = later.with_columns(ts_ms=later.ts_ms + 400_000)
    bench.fly(first)
    if border == "landing":
        bench.second(Event("d1", int(first.ts_ms[-1]) + 1, EventKind.LANDING))
    bench.fly(later)
    assert len({t["flight"] for t in bench.told()}) == 2
    assert bench.told()[-1]["net_m2"] == pytest.approx(_batch_m2(later), abs=0.01)


def test_late_and_repeated_fixes_end_as_in_batch() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    fixes = list(table.rows())
    late = fixes[100:105]
    for k, fix in enumerate(fixes):
        bench.second(*([] if fix in late else [fix]), *([fixes[k - 7]] if k % 9 == 8 else []))
    bench.second(*late)
    assert bench.told()[-1]["net_m2"] == pytest.approx(_batch_m2(table), abs=0.01)


def test_spraying_outside_is_alerted_once_and_is_over_once() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS, lines=8)
    away = table.with_columns(lat_deg=np.where(np.arange(len(table)) // 41 == 3, table.lat_deg + 0.0008, table.lat_deg))
    bench.fly(away.take(slice(0, 41 * 6)))
    raised = [(a["kind"], a["raised"]) for a in bench.alerts]
    assert raised == [("outside-plot", True), ("outside-plot", False)]
    first = bench.alerts[0]
    assert first["device"] == "d1"
    assert first["flight"] == bench.told()[-1]["flight"]
    assert first["value"] > first["limit"] == 2.0
    assert "Đang phun ngoài thửa" in first["vi"]


def test_an_alert_that_stands_is_over_when_the_flight_closes() -> None:
    bench = Bench()
    table = rectangle.flight("d1", START_MS)
    away = table.with_columns(lat_deg=table.lat_deg + 0.0008)
    bench.fly(away, slice(0, 20))
    closed = {"cooperative": HTX, "device": "d1", "start_ms": START_MS, "end_ms": int(table.ts_ms[-1])}
    bench.bus.deliver(f"canhdong/v1/{HTX}/flights/closed", json.dumps(closed).encode())
    bench.second()
    assert [(a["kind"], a["raised"]) for a in bench.alerts] == [("outside-plot", True), ("outside-plot", False)]


def test_bad_weather_at_the_nearest_station_is_alerted() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    lon, lat = float(table.lon_deg[0]), float(table.lat_deg[0])
    bench.registry.add_device(Device("st-1", HTX, DeviceKind.SENSOR, lon_deg=lon, lat_deg=lat))
    values = (("wind_speed", 9.0, "m/s"), ("air_temperature", 28.0, "Cel"), ("air_humidity", 70.0, "%RH"))
    bench.store.write(HTX, [Reading("st-1", START_MS - 60_000, q, v, u) for q, v, u in values], START_MS)
    bench.fly(table, slice(0, 20))
    (alert,) = bench.alerts
    assert (alert["kind"], alert["raised"], alert["cause"]) == ("bad-weather", True, "wind-stop")
    assert alert["value"] == pytest.approx(9.0)


def test_a_site_within_its_buffer_is_alerted_by_name() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    pond = Point(float(table.lon_deg[20]), float(table.lat_deg[20]))
    bench.registry.put(Site("ao-1", HTX, SiteKind.POND, pond, buffer_m=10.0, downwind_m=10.0))
    bench.fly(table, slice(0, 41))
    assert [(a["kind"], a["raised"], a["subject"]) for a in bench.alerts] == [
        ("in-buffer", True, "ao-1"),
        ("in-buffer", False, "ao-1"),
    ]
    assert bench.alerts[0]["limit"] == 10.0
    assert bench.alerts[0]["value"] < 10.0


def test_a_tank_that_empties_faster_than_the_flow_meter_says_is_alerted() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    litres = np.cumsum(table.flow_lpm / 60.0)
    bench.fly(table.with_columns(tank_l=30.0 - 1.2 * litres), slice(0, 120))
    (alert,) = bench.alerts
    assert (alert["kind"], alert["raised"], alert["unit"]) == ("tank-mismatch", True, "%")
    assert alert["value"] > alert["limit"] == 5.0


def test_while_the_store_is_away_samples_are_lost_and_afterwards_nothing_is_missing() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.store.write(HTX, list(table.rows())[:80], START_MS)
    bench.store.outage.left = 10_000
    for fix in list(table.rows())[:80]:
        bench.second(fix, stored=False)
    assert bench.workers[0].counters.lost == 80
    assert bench.told() == []
    bench.store.outage.left = 0
    bench.fly(table, slice(80, 100))
    assert bench.told()[-1]["net_m2"] == pytest.approx(_batch_m2(table.take(slice(0, 100))), abs=0.01)


def test_without_a_swath_width_nothing_is_told() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS).with_columns(swath_m=float("nan"))
    bench.fly(table, slice(0, 50))
    assert bench.told() == []
    assert bench.workers[0].counters.failed == 0


def test_a_drone_on_the_ground_between_two_flights_belongs_to_neither_until_it_moves() -> None:
    bench, table = Bench(), rectangle.flight("d1", START_MS)
    bench.fly(table, slice(0, 60))
    first, landed_ms = bench.told()[-1], int(table.ts_ms[59]) + 100
    bench.second(Event("d1", landed_ms, EventKind.LANDING))
    told = len(bench.told())
    n = 20
    still = [table.lat_deg[59]] * n, [table.lon_deg[59]] * n
    ground = FixTable.build(landed_ms + 30_000 + 1_000 * np.arange(n), *still, device="d1", on=False)
    bench.fly(ground)
    assert len(bench.told()) == told
    again = rectangle.flight("d1", int(ground.ts_ms[-1]) + 1_000)
    bench.fly(again, slice(0, 60))
    second = bench.told()[-1]
    assert first["flight"] == "d1-20261119T230000Z"
    assert second["flight"] != first["flight"]
    assert second["net_m2"] == pytest.approx(_batch_m2(again.take(slice(0, 60))), abs=0.01)


def test_weather_is_judged_by_the_limits_that_the_rules_have_for_the_job_s_product() -> None:
    rules = rules_from({"products": {"mild": {"fresh_mps": 10.0, "strong_mps": 11.0, "stop_mps": 12.0}}})
    bench, table = Bench(rules=rules), rectangle.flight("d1", START_MS)
    bench.registry.put(Job("job-1", HTX, Operation.SPRAY, "2026-11-20", (), "mild"))
    table = table.with_columns(job="job-1")
    lon, lat = float(table.lon_deg[0]), float(table.lat_deg[0])
    bench.registry.add_device(Device("st-1", HTX, DeviceKind.SENSOR, lon_deg=lon, lat_deg=lat))
    values = (("wind_speed", 9.0, "m/s"), ("air_temperature", 28.0, "Cel"), ("air_humidity", 70.0, "%RH"))
    bench.store.write(HTX, [Reading("st-1", START_MS - 60_000, q, v, u) for q, v, u in values], START_MS)
    bench.fly(table, slice(0, 20))
    assert bench.alerts == []
