"""What ingest tells of itself: rows in the stores, and metrics over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
import urllib3

from core.model.land import Cooperative
from core.model.samples import Reading
from core.ports import DeadLetter
from core.settings import IngestSettings
from ingest import metrics
from ingest.counters import Counters
from ingest.ledger import Ledger
from ingest.pipeline import Rejection, Share
from ingest.ports import Ports
from ingest.reports import Reports
from storage.intake.sqlite import SqliteIntake
from tests.ingest.samples import COOPERATIVE, DRONE, T0, a_fix
from tests.ingest.test_ledger import committed, entered
from tests.support.fakes import FakeClock, FakeDeadLetters, FakeRegistry, FakeTelemetryStore
from tests.support.processes import free_port

DAY_MS = 1_763_917_200_000
"""The begin of the local day of T0."""
ALWAYS = (0, 2**42)


class Desk:
    """Reports with a ledger and fakes."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock(T0 + 20_000)
        self.store = FakeTelemetryStore()
        self.registry = FakeRegistry()
        self.registry.add_cooperative(Cooperative(COOPERATIVE, "HTX"))
        self.intake = SqliteIntake(folder / "intake.sqlite")
        self.counters = Counters(messages=3, received=5, stored=4)
        self.letters = FakeDeadLetters()
        ports = Ports(self.store, self.registry, self.letters, self.intake)
        self.reports = Reports(ports, lambda: self.counters, self.clock)
        self.ledger = Ledger(self.intake, "slot-0")

    def rows(self, measurement: str, name: str = COOPERATIVE) -> list[tuple[dict[str, str], dict[str, object]]]:
        return [(dict(r.tags), dict(r.values)) for r in self.store.figures(name, measurement, *ALWAYS)]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_ledger_is_told_every_ten_seconds_for_those_who_sent(desk: Desk) -> None:
    entered(desk.ledger, a_fix(0, seq=0), a_fix(1, seq=3))
    committed(desk.ledger, desk.intake)
    desk.reports.step("0", 17, 2)
    assert desk.rows("ingest_stats") == []
    desk.clock.advance(10)
    desk.reports.step("0", 17, 2)
    ((tags, values),) = desk.rows("ingest_stats")
    assert tags == {"cooperative": COOPERATIVE, "device": DRONE}
    assert (values["received"], values["expected"], values["missing"], values["gaps"]) == (2.0, 4.0, 2.0, 1.0)
    assert values["boot"] == "b1"
    ((tags, values),) = desk.rows("ingest_stats", "platform")
    assert (tags, values["stored"], values["spool_bytes"], values["waiting"]) == ({"slot": "0"}, 4.0, 17.0, 2.0)
    desk.clock.advance(60)
    desk.reports.step("0", 0, 0)
    assert len(desk.rows("ingest_stats")) == 1, "nobody has sent since"


def test_the_platform_is_told_of_the_store_and_of_what_is_missing(desk: Desk) -> None:
    desk.letters.add([DeadLetter(T0, "t", b"", reason, "") for reason in ("schema", "schema", "clock")])
    entered(desk.ledger, a_fix(0, seq=0), a_fix(1, seq=3))
    committed(desk.ledger, desk.intake)
    desk.counters.writes, desk.counters.write_s, desk.counters.retries = 4, 0.02, 1
    desk.clock.advance(60)
    desk.reports.step("0", 0, 0)
    letters = {tags["reason"]: values["letters"] for tags, values in desk.rows("dead_letters", "platform")}
    assert letters == {"schema": 2.0, "clock": 1.0}
    ((_, first),) = desk.rows("ingest_stats", "platform")
    assert (first["store_ms"], first["writes"], first["retries"]) == (pytest.approx(5.0), 4.0, 1.0)
    assert (first["devices"], first["gaps"]) == (1.0, 1.0)
    desk.counters.writes, desk.counters.write_s = 6, 0.04
    desk.clock.advance(10)
    desk.reports.step("0", 0, 0)
    _, (_, second) = desk.rows("ingest_stats", "platform")
    assert second["store_ms"] == pytest.approx(10.0), "of the writes since the report before"
    assert (second["expected"], second["missing"], second["dead_letters"]) == (4.0, 2.0, 3.0)
    desk.clock.advance(10)
    desk.reports.step("0", 0, 0, devices=False)
    *_, (_, third) = desk.rows("ingest_stats", "platform")
    assert not {"store_ms", "devices", "missing", "dead_letters"} & third.keys()


def test_quality_is_told_for_each_device_and_for_all_of_them(desk: Desk) -> None:
    entered(desk.ledger, a_fix(0, seq=0), a_fix(1, seq=1), a_fix(2, seq=3), flagged=(0,))
    readings = [Reading("s1", T0 + n * 600_000, "rain", 0.0) for n in (0, 1, 3)]
    desk.store.write(COOPERATIVE, readings, T0)
    entered(desk.ledger, *readings)
    committed(desk.ledger, desk.intake)
    desk.reports.step("0", 0, 0, all_now=True)
    rows = {tags.get("device", "all"): values for tags, values in desk.rows("data_quality")}
    assert rows.keys() == {"all", DRONE, "s1"}
    assert (rows[DRONE]["complete"], rows[DRONE]["clean"], rows[DRONE]["live"]) == (0.75, pytest.approx(2 / 3), 1.0)
    assert rows["s1"]["expected"] == 4.0
    assert rows["all"]["correct"] == 1.0
    assert {r.ts_ms for r in desk.store.figures(COOPERATIVE, "data_quality", *ALWAYS)} == {DAY_MS}


def test_a_store_that_is_away_only_delays_the_report(desk: Desk) -> None:
    entered(desk.ledger, a_fix(0, seq=0))
    committed(desk.ledger, desk.intake)
    desk.store.outage.left = 1
    desk.clock.advance(10)
    desk.reports.step("0", 0, 0)
    assert desk.rows("ingest_stats") == []
    desk.clock.advance(10)
    desk.reports.step("0", 0, 0)
    assert len(desk.rows("ingest_stats")) == 1


def test_a_clock_that_went_wrong_is_told(desk: Desk) -> None:
    entered(desk.ledger, rejections=(Rejection(DRONE, "clock", T0 + 25_000, a_fix(9_999, seq=1)),))
    committed(desk.ledger, desk.intake)
    desk.reports.step("0", 0, 0, all_now=True)
    desk.clock.advance(10)
    desk.reports.step("0", 0, 0)
    ((tags, values),) = desk.rows("device_health")
    assert (tags["device"], values["clock"]) == (DRONE, "ahead")


def test_a_share_of_nothing_is_nothing(desk: Desk) -> None:
    desk.ledger.apply(COOPERATIVE, Share(), {}, [])
    assert desk.ledger.changes() == ([], [], [], [])


def test_prometheus_reads_counters_and_what_waits(desk: Desk) -> None:
    desk.counters.rejected["schema"] = 2
    port = free_port()
    state = metrics.State(
        lambda: desk.counters, lambda: {("spool_pending_bytes", "0"): 123.0, ("waiting_messages", "0"): 4.0}
    )
    end = metrics.serve(port, "127.0.0.1", state)
    try:
        text = urllib3.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode()
    finally:
        end()
    for line in (
        'canhdong_ingest_samples_total{outcome="stored"} 4.0',
        'canhdong_ingest_rejected_total{reason="schema"} 2.0',
        "canhdong_ingest_messages_total 3.0",
        'canhdong_ingest_spool_pending_bytes{of="0"} 123.0',
    ):
        assert line in text.splitlines()


def test_a_port_that_is_taken_is_no_reason_to_stop(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    port = free_port()
    state = metrics.State(lambda: desk.counters, dict)
    end = metrics.serve(port, "127.0.0.1", state)
    metrics.serve(port, "127.0.0.1", state)()
    end()
    assert "CANHDONG_METRICS_PORT" in caplog.text
    assert IngestSettings().metrics_port == 9464
