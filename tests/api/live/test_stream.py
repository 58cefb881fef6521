"""The live stream over the whole application: what is heard, by whom, from where on, and when it ends."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.live.desk import Times
from api.live.feeder import Connection, Feeder
from api.live.hub import WAITING_BYTES, Hub, Room
from core.live import LiveSample, Wanted
from tests.api.conftest import START_MS, Village
from tests.api.live.conftest import Event, FakeFeed, MakeStation, Station, fix

LATER_MS = START_MS + 3_600_000


def coverage(station: Station, cooperative: str, net_m2: float, device: str = "d1", **more: Any) -> None:
    body = {"flight": "f9", "ts": LATER_MS, "net_m2": net_m2, "live": True, "plots": [], **more}
    station.bus.deliver(f"canhdong/v1/{cooperative}/drones/{device}/coverage", json.dumps(body).encode())


def alert(station: Station, cooperative: str, ts_ms: int, *, raised: bool = True) -> None:
    body = {"cooperative": cooperative, "device": "d1", "flight": "f9", "ts": ts_ms, "kind": "in-buffer"}
    body |= {"subject": "pond", "raised": raised, "vi": "Gần ao", "en": "Near the pond"}
    station.bus.deliver(f"canhdong/v1/{cooperative}/alerts", json.dumps(body).encode())


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


def test_a_listener_hears_where_drones_are_and_then_what_happens(station: Station) -> None:
    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as ear:
            first = await ear.until("ready")
            assert ear.status == 200
            assert ear.answered["content-type"].startswith("text/event-stream")
            assert ear.answered["cache-control"] == "no-store"
            assert "content-length" not in ear.answered
            assert kinds(first) == ["reset", "position", "ready"]
            assert json.loads(first[1].data)["device"] == "d1"
            assert json.loads(first[2].data) == {"source": "broker"}
            station.feed.samples = {"htx-a": [fix("d1", LATER_MS)]}
            coverage(station, "htx-a", 12.5)
            alert(station, "htx-a", LATER_MS)
            await station.tick()
            await ear.until("pond")
            events = ear.events()[3:]
            assert sorted(kinds(events)) == ["alert", "coverage", "position"]
            assert all(event.id for event in events)

    asyncio.run(scene())
    assert len(station.desk.hub) == 0
    assert len(station.bus.acknowledged) == 2


def test_nobody_hears_of_another_cooperative(station: Station) -> None:
    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as mine, station.ear("manager-b", "htx-b") as theirs:
            await mine.until("ready")
            await theirs.until("ready")
            station.feed.samples = {"htx-a": [fix("d1", LATER_MS)], "htx-b": [fix("d-htx-b", LATER_MS)]}
            coverage(station, "htx-a", 11.0)
            coverage(station, "htx-b", 22.0, "d-htx-b")
            alert(station, "htx-a", LATER_MS)
            alert(station, "htx-b", LATER_MS + 1)
            await station.tick()
            await mine.until("Near the pond")
            await theirs.until("Near the pond")
            assert "22.0" not in mine.text
            assert "htx-b" not in mine.text
            assert "11.0" not in theirs.text
            assert "htx-a" not in theirs.text

    asyncio.run(scene())


@pytest.mark.parametrize(("account", "cooperative"), [("manager-b", "htx-a"), ("pilot-a", "htx-z")])
def test_the_stream_of_another_cooperative_is_not_there(station: Station, account: str, cooperative: str) -> None:
    async def scene() -> None:
        async with station.ear(account, cooperative) as ear:
            await ear.over.wait()
            assert ear.status == 404
            assert ear.answered["content-type"] == "application/problem+json"

    asyncio.run(scene())
    assert len(station.desk.hub) == 0


def test_an_officer_who_listens_is_written_down(station: Station, village: Village) -> None:
    async def scene() -> None:
        async with station.ear("officer", "htx-b") as ear:
            await ear.until("ready")

    asyncio.run(scene())
    entry = village.api.accounts.audit("htx-b")[0]
    assert (entry.actor, entry.subject) == ("officer", "GET /v1/cooperatives/htx-b/live")


def test_whoever_was_away_hears_what_it_missed_from_any_process(station_of: MakeStation) -> None:
    one, other = station_of(), station_of()

    async def scene() -> None:
        async with one.ear("pilot-a", "htx-a") as ear:
            await ear.until("ready")
            coverage(one, "htx-a", 1.0)
            await one.tick()
            last = (await ear.until("1.0"))[-1].id
        coverage(one, "htx-a", 2.0)
        coverage(one, "htx-b", 9.0)
        await one.tick()
        async with other.ear("pilot-a", "htx-a", last) as again:
            events = await again.until("2.0")
            assert kinds(events) == ["coverage"]
            assert "9.0" not in again.text
            coverage(one, "htx-a", 3.0)
            await one.tick()
            await other.tick()
            heard = [json.loads(event.data)["net_m2"] for event in await again.until("3.0")]
            assert heard == [2.0, 3.0]

    asyncio.run(scene())


def test_two_processes_that_hear_the_same_tell_it_once(station_of: MakeStation) -> None:
    one, other = station_of(), station_of()

    async def scene() -> None:
        async with one.ear("pilot-a", "htx-a") as here, other.ear("pilot-a", "htx-a") as there:
            await here.until("ready")
            await there.until("ready")
            for station in (one, other):
                alert(station, "htx-a", LATER_MS)
                coverage(station, "htx-a", 4.5)
            for station in (one, other, one):
                await station.tick()
            assert (await here.until("4.5"))[-2:] == (await there.until("4.5"))[-2:]
            assert here.text.count("4.5") == there.text.count("4.5") == 1

    asyncio.run(scene())


@pytest.mark.parametrize("last_id", ["000000-1", "nonsense", "0-99999999999999999999"])
def test_an_id_of_elsewhere_starts_anew_and_says_so(station: Station, last_id: str) -> None:
    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a", last_id) as ear:
            events = await ear.until("ready")
            assert json.loads(events[0].data) == {"reason": "unknown-id"}

    asyncio.run(scene())


def test_what_stands_is_told_to_who_comes_later(station: Station) -> None:
    async def scene() -> None:
        coverage(station, "htx-a", 1.0)
        coverage(station, "htx-a", 2.0)
        alert(station, "htx-a", LATER_MS)
        await station.tick()
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.until("ready")
            assert "2.0" in ear.text
            assert '"net_m2":1.0' not in ear.text
            assert "Near the pond" in ear.text
        alert(station, "htx-a", LATER_MS + 5, raised=False)
        await station.tick()
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.until("ready")
            assert "pond" not in ear.text

    asyncio.run(scene())


def test_without_a_broker_positions_come_from_the_store(station_of: MakeStation, village: Village) -> None:
    station = station_of(broker=False)

    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.until('"source":"store"')
            village.api.store.write("htx-a", [fix("d1", LATER_MS + 7_000)], LATER_MS)
            await station.tick()
            await ear.until(str(LATER_MS + 7_000))

    asyncio.run(scene())
    assert village.api.client().get("/readyz").json() == {"status": "ok"}


def test_readyz_says_where_the_stream_comes_from(station_of: MakeStation) -> None:
    from fastapi.testclient import TestClient  # noqa: PLC0415

    for broker, source in ((True, "broker"), (False, "store")):
        client = TestClient(station_of(broker=broker).app, "http://localhost")
        assert client.get("/readyz").json() == {"status": "ok", "live": source}


def test_a_client_that_takes_nothing_is_dropped_and_told_why(station: Station) -> None:
    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as slow, station.ear("pilot-a", "htx-a") as quick:
            await slow.until("ready")
            await quick.until("ready")
            slow.stop_taking()
            for n in range(2 + WAITING_BYTES // 30_000):
                coverage(station, "htx-a", float(n), text="x" * 30_000)
                await station.tick()
            alert(station, "htx-a", LATER_MS)
            await station.tick()
            await quick.until("pond")
            slow._taking.set()
            events = await slow.until("dropped")
            assert json.loads(events[-1].data) == {"reason": "slow"}
            await slow.over.wait()
            assert "pond" not in slow.text

    asyncio.run(scene())
    assert station.desk.hub.ends == {"slow": 1, "client": 1}


def test_there_is_room_for_so_many(station_of: MakeStation) -> None:
    station = station_of(hub=Hub(Room(everybody=3, cooperative=2, account=1)))

    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as first:
            await first.until("ready")
            async with station.ear("pilot-a", "htx-a") as again:
                await again.over.wait()
                assert again.status == 429
                assert int(again.answered["retry-after"]) > 0
            async with station.ear("manager-a", "htx-a") as second:
                await second.until("ready")
                async with station.ear("admin-a", "htx-a") as third:
                    await third.over.wait()
                    assert third.status == 429
        async with station.ear("pilot-a", "htx-a") as later:
            await later.until("ready")
            assert later.status == 200

    asyncio.run(scene())


def test_a_quiet_stream_stays_awake_and_ends_after_its_time(station_of: MakeStation) -> None:
    station = station_of(times=Times(heartbeat_s=0.01, life_s=0.1))

    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.over.wait()
            assert ":\n\n:\n\n" in ear.text
            assert "dropped" not in ear.text

    asyncio.run(scene())
    assert station.desk.hub.ends == {"life": 1}


def test_a_client_that_never_takes_anything_is_cut_off(station_of: MakeStation) -> None:
    station = station_of(times=Times(patience_s=0.05))

    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as ear:
            ear.stop_taking()
            await ear.over.wait()

    asyncio.run(scene())
    assert station.desk.hub.ends == {"slow": 1}


def test_a_process_that_ends_lets_its_listeners_go(station: Station) -> None:
    async def scene() -> None:
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.until("ready")
            await asyncio.to_thread(station.feeder.end)
            await ear.over.wait()

    asyncio.run(scene())
    assert station.desk.hub.ends == {"restart": 1}


def test_the_feeder_goes_on_after_a_fault(station: Station, caplog: pytest.LogCaptureFixture) -> None:
    stop, takes = threading.Event(), []

    class Faulty(FakeFeed):
        def take(self, timeout_s: float, wanted: Wanted) -> Mapping[str, Sequence[LiveSample]]:
            takes.append(timeout_s)
            if len(takes) == 1:
                raise ValueError("a decoder's fault")
            stop.set()
            return {}

    feeder = Feeder(station.desk, lambda: Connection(station.bus, Faulty()), lambda _: [])
    feeder.run(stop)
    assert len(takes) == 2
    assert feeder.faults == 1
    assert "a decoder's fault" in caplog.text


def test_positions_are_followed_while_somebody_listens_only(station: Station) -> None:
    async def scene() -> None:
        station.feed.samples = {"htx-a": [fix("d1", LATER_MS)]}
        before = station.desk.ring.head()
        await station.tick()
        assert station.desk.ring.head() == before

    asyncio.run(scene())


def test_figures_tell_how_many_listen_and_why_others_went(station: Station, village: Village) -> None:
    from fastapi.testclient import TestClient  # noqa: PLC0415

    async def scene() -> dict[str, float]:
        async with station.ear("pilot-a", "htx-a") as gone:
            await gone.until("ready")
        async with station.ear("pilot-a", "htx-a") as ear:
            await ear.until("ready")
            text = await asyncio.to_thread(lambda: TestClient(station.app, "http://localhost").get("/metrics").text)
        return {s.name: s.value for family in text_string_to_metric_families(text) for s in family.samples}

    figures = asyncio.run(scene())
    assert figures["canhdong_api_live_streams"] == 1.0
    assert figures["canhdong_api_live_ends_total"] == 1.0


def test_where_nobody_feeds_the_stream_it_is_a_look(village: Village) -> None:
    answer = village.api.client(village.api.key("pilot-a")).get("/v1/cooperatives/htx-a/live")
    assert answer.status_code == 200
    assert "event: position" in answer.text
    assert "retry: 15000" in answer.text
