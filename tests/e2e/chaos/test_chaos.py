"""After any crash, outage or flood: nothing lost, nothing stored twice, and the counters add up."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.model.samples import Fix
from ingest.codecs import native_json
from storage.telemetry.influx import InfluxTelemetry
from tests.e2e.chaos.farm import COOPERATIVE, DATABASE, DRONES, STOCK, Farm, farm, scaled, shuffled, wait_for
from tests.e2e.chaos.proxy import Proxy

pytestmark = pytest.mark.timeout(1_800)

FIXES = scaled(20_000)


@contextmanager
def farm_behind_a_proxy(folder: Path) -> Iterator[tuple[Farm, Proxy]]:
    with ExitStack() as stack:
        made: list[Proxy] = []

        def url(influxd: object) -> str:
            made.append(Proxy(influxd))  # type: ignore[arg-type]
            return stack.enter_context(made[0].running())

        its = stack.enter_context(farm(folder, influx_url=url))
        yield its, made[0]


def test_ingest_is_killed_ten_times_in_a_burst(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        ingest = its.start_ingest()
        dice = random.Random(1)  # noqa: S311 - the same moments every time
        for kill in range(10):
            its.publish(its.messages(FIXES // 10, boot=f"b{kill}", per_message=1 + 9 * (kill % 2)))
            time.sleep(dice.uniform(0.0, 0.15))
            ingest.kill()
            ingest = its.start_ingest()
        its.assert_nothing_lost_nothing_twice()


def test_the_broker_is_restarted_with_persistence(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.start_ingest()
        first, second = its.messages(FIXES // 2), its.messages(FIXES // 2, boot="b2")
        its.publish(first)
        its.mosquitto.stop()
        time.sleep(scaled(1))
        its.mosquitto.start()
        its.publish(second)
        its.assert_nothing_lost_nothing_twice()


def test_the_database_is_away_for_a_while(tmp_path: Path) -> None:
    """Telegraf's second loss: 2,000 messages a second, and a store that is away."""
    with farm(tmp_path) as its:
        its.start_ingest()
        with its.publishing(its.messages(scaled(10_000)), per_s=2_000.0):
            time.sleep(0.5)
            its.influxd.stop()
            time.sleep(scaled(5))
            its.influxd.start()
        its.assert_nothing_lost_nothing_twice()


def test_ingest_is_restarted_while_the_database_is_away(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        first = its.start_ingest()
        its.influxd.stop()
        its.publish(its.messages(4_000))
        assert first.end() == 0
        second = its.start_ingest()
        its.publish(its.messages(4_000, boot="b2"))
        second.kill()
        its.influxd.start()
        its.start_ingest()
        its.assert_nothing_lost_nothing_twice()


@pytest.mark.parametrize("mode", ["503", "hang", "lost", "refuse"])
def test_the_database_answers_badly(tmp_path: Path, mode: str) -> None:
    """Errors, silence, answers that get lost behind a write that was done, refused credentials (Telegraf's fourth)."""
    with farm_behind_a_proxy(tmp_path) as (its, proxy):
        its.start_ingest(influx_timeout_s=0.5)
        its.publish(its.messages(2_000))
        its.await_stored(2_000)
        proxy.mode = mode
        its.publish(its.messages(scaled(6_000), boot="b2", per_message=3))
        wait_for(lambda: proxy.met[mode] >= 3 or (mode == "refuse" and proxy.met[mode]), "failures")
        proxy.mode = "pass"
        proxy.released.set()
        its.assert_nothing_lost_nothing_twice(duplicates=0)


def test_a_cooperative_whose_database_is_missing_holds_up_nobody_and_loses_nothing(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.influxd.ask(f'DROP DATABASE "{DATABASE}"')
        its.start_ingest()
        its.publish(its.messages(4_000, per_message=5))
        wait_for(lambda: "kept aside" in its.ingests[0].log.read_text(encoding="utf-8"), "the refusal to be told")
        its.influxd.make_database(DATABASE)
        its.assert_nothing_lost_nothing_twice(duplicates=0)


def test_a_spool_that_is_full_stops_the_acknowledgements_and_loses_nothing(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.start_ingest(spool_limit_mb=4)
        its.influxd.stop()
        its.publish(its.messages(2 * FIXES))
        wait_for(lambda: "nothing is acknowledged" in its.ingests[0].log.read_text(encoding="utf-8"), "the full spool")
        its.influxd.start()
        its.assert_nothing_lost_nothing_twice()


def test_ten_fixes_a_message(tmp_path: Path) -> None:
    """Telegraf's third loss: nothing is away, there is only much of it."""
    with farm(tmp_path) as its:
        its.start_ingest()
        its.publish(its.messages(scaled(100_000), per_message=10))
        its.assert_nothing_lost_nothing_twice(duplicates=0)


def test_a_broker_with_stock_settings(tmp_path: Path) -> None:
    with farm(tmp_path, STOCK) as its:
        its.start_ingest()
        its.publish(its.messages(scaled(8_000)), per_s=800.0)
        its.assert_nothing_lost_nothing_twice()
        assert "in flight" in its.ingests[0].log.read_text(encoding="utf-8"), "a small window is named"


def test_a_device_floods_what_it_kept_for_forty_minutes(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.start_ingest()
        backlog = its.messages(DRONES * 12_000, boot="before", per_message=50, ago_s=5.0)
        live = its.messages(DRONES * 25, boot="now")
        with its.publishing(live, per_s=20.0 * DRONES, name="live"):
            its.publish(shuffled(backlog, 7))
        its.assert_nothing_lost_nothing_twice(duplicates=0)
        late = {a.boot: a.late for a in its.accounts() if a.device == "d0"}
        assert late["before"] > 11_000
        assert late["now"] == 0
        latest = InfluxTelemetry(its.influxd.http()).latest_fixes(COOPERATIVE)
        assert {fix.boot for fix in latest} == {"now"}, "late data never moves the last position back"


def test_deliveries_twice_and_in_any_order(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.start_ingest()
        messages = its.messages(FIXES // 2, per_message=2)
        its.publish(shuffled([*messages, *messages], 3))
        its.assert_nothing_lost_nothing_twice(duplicates=FIXES // 2)


def test_one_poison_message_in_a_thousand(tmp_path: Path) -> None:
    """Telegraf's fifth loss: what cannot be parsed is kept, with its reason."""
    poison = [
        b"{",
        b"\xff\xfe",
        b"[]",
        b'{"device":"d0"}',
        b"[" * 5_000,
        b"",
        b'{"device":"d0","ts":1e999,"lat":1,"lon":1}',
    ]
    with farm(tmp_path) as its:
        its.start_ingest()
        messages = its.messages(FIXES)
        bad = [(messages[0][0], poison[n % len(poison)]) for n in range(len(messages) // 1_000)]
        for n, message in enumerate(bad):
            messages.insert(n * 1_001 + 500, message)
        its.publish(messages)
        its.assert_nothing_lost_nothing_twice(rejected=len(bad))
        assert its.letters() == {"schema": len(bad)}


def test_conflicts_and_impossible_times_are_counted_and_kept(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        its.start_ingest()
        messages = its.messages(400)
        its.publish(messages)
        its.await_stored()
        topic, payload = messages[0]
        (first,) = native_json.decode(topic, payload).samples
        assert isinstance(first, Fix)
        other = payload.replace(b'"swath_m":7.0', b'"swath_m":9.0')
        far = native_json.encode([Fix("d0", first.ts_ms + 10**9, 9.0, 105.0, seq=100, boot="b1")])
        its.publish([(topic, other), (topic, payload), (topic, far)])
        wait_for(lambda: sum(a.received for a in its.accounts()) == 403, "all to be counted")
        its.all_ended()
        accounts = its.accounts()
        assert [sum(getattr(a, n) for a in accounts) for n in ("stored", "conflicts", "duplicates", "rejected")] == [
            400,
            1,
            1,
            1,
        ]
        assert its.letters() == {"clock": 1}
        assert its.influxd.count(DATABASE, "fix_conflict") == 1


def test_of_two_ingesters_one_is_killed_and_the_other_takes_over(tmp_path: Path) -> None:
    with farm(tmp_path) as its:
        first = its.start_ingest(ingest_slots=2)
        its.start_ingest(ingest_slots=2)
        logs = [ingest.log for ingest in its.ingests]
        assert ["slot 0: taken" in log.read_text(encoding="utf-8") for log in logs] == [True, False]
        assert "slot 1: taken" in logs[1].read_text(encoding="utf-8")
        with its.publishing(its.messages(FIXES // 2, per_message=2), per_s=1_000.0):
            time.sleep(2.0)
            first.kill()
        its.publish(its.messages(FIXES // 2, boot="b2", per_message=2))
        wait_for(lambda: "slot 0: taken" in logs[1].read_text(encoding="utf-8"), "the slot to be taken over", 30.0)
        its.assert_nothing_lost_nothing_twice()
