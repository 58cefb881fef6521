"""Alerts that were raised while drones flew, over HTTP: yesterday's too, and one's own only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.paging import cursor
from core.accounts import Role
from core.model.context import Alert, AlertKind
from core.model.land import Cooperative
from tests.api.conftest import DAY, START_MS
from tests.support.fakes import FakeClock
from tests.support.people import Api, running_api

WHERE = "/v1/cooperatives/htx-a/alerts"
POND = Alert(AlertKind.IN_BUFFER, True, START_MS, 105.725, 9.285, "ao-1", "downwind", 4.04, 10.0, "m")
OUTSIDE = replace(POND, kind=AlertKind.OUTSIDE_PLOT, subject="", cause="", ts_ms=START_MS + 60_000)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(tmp_path_factory.mktemp("alerts"), FakeClock(START_MS + 86_400_000)) as it:
        for tenant, role in (("htx-a", Role.PILOT), ("htx-b", Role.MANAGER)):
            it.registry.add_cooperative(Cooperative(tenant, tenant))
            it.enrol(f"of-{tenant}", role, tenant)
        it.registry.note_alert("htx-a", "d1", "f1", POND)
        it.registry.note_alert("htx-a", "d1", "f1", replace(POND, raised=False, ts_ms=START_MS + 31_000))
        it.registry.note_alert("htx-a", "d2", "f2", OUTSIDE)
        it.registry.note_alert("htx-b", "d9", "f9", replace(POND, subject="ao-b"))
        yield it


@pytest.fixture(scope="module")
def client(api: Api) -> TestClient:
    return api.client(api.key("of-htx-a"))


def shown(client: TestClient, **asked: Any) -> list[tuple[str, str]]:
    answer = client.get(WHERE, params={"day": DAY} | asked)
    assert answer.status_code == 200, answer.text
    return [(it["kind"], it["device"]) for it in answer.json()]


def test_a_cooperative_sees_yesterdays_alerts(client: TestClient) -> None:
    standing, past = client.get(WHERE, params={"day": DAY}).json()
    assert past == {
        "kind": "in-buffer",
        "device": "d1",
        "flight": "f1",
        "start": "2026-11-19T23:00:00.000Z",
        "end": "2026-11-19T23:00:31.000Z",
        "lon": 105.725,
        "lat": 9.285,
        "subject": "ao-1",
        "cause": "downwind",
        "value": 4.04,
        "limit": 10.0,
        "unit": "m",
        "vi": "Phun quá gần nơi cần tránh (ao-1), phía cuối gió: 4.0 m (giới hạn 10.0 m)",
        "en": "Spraying too near to a sensitive site (ao-1), downwind side: 4.0 m (limit 10.0 m)",
    }
    assert (standing["kind"], standing["end"], standing["device"]) == ("outside-plot", None, "d2")


def test_a_list_is_of_a_time_and_of_what_is_asked_for(client: TestClient) -> None:
    pond, outside = ("in-buffer", "d1"), ("outside-plot", "d2")
    assert shown(client) == [outside, pond]
    assert shown(client, kind="in-buffer") == shown(client, device="d1") == shown(client, flight="f1") == [pond]
    assert shown(client, standing="true") == [outside]
    assert shown(client, standing="false") == [pond]
    assert shown(client, day="2026-11-19") == []
    window = {"from": "2026-11-20T06:00:40+07:00", "to": "2026-11-20T06:02:00+07:00"}
    assert [it["device"] for it in client.get(WHERE, params=window).json()] == ["d2"]
    assert [it["device"] for it in client.get(WHERE).json()] == ["d2"]  # today: what still stands
    assert client.get(WHERE, params={"kind": "boredom"}).status_code == 422


def test_pages_lead_through_all(client: TestClient) -> None:
    first = client.get(WHERE, params={"day": DAY, "limit": 1})
    second = client.get(first.links["next"]["url"])
    assert [it["device"] for it in [*first.json(), *second.json()]] == ["d2", "d1"]
    assert "next" not in second.links
    question = f'["{WHERE}", []]'
    for key in ((1, "d", "boredom", ""), (2**70, "d", "in-buffer", ""), ("x", "d", "in-buffer", "")):
        assert client.get(WHERE, params={"cursor": cursor(key, question)}).status_code == 422


def test_the_same_list_is_not_sent_twice(api: Api, client: TestClient) -> None:
    tag = client.get(WHERE, params={"day": DAY}).headers["etag"]
    again = client.get(WHERE, params={"day": DAY}, headers={"If-None-Match": tag})
    assert again.status_code == 304
    api.registry.note_alert("htx-a", "d3", "f3", replace(POND, ts_ms=START_MS - 1_000))
    changed = client.get(WHERE, params={"day": DAY}, headers={"If-None-Match": tag})
    assert [it["device"] for it in changed.json()] == ["d2", "d1", "d3"]


def test_nobody_sees_anothers(api: Api) -> None:
    stranger = api.client(api.key("of-htx-b"))
    assert stranger.get(WHERE).status_code == 404
    own = stranger.get(WHERE.replace("htx-a", "htx-b"), params={"day": DAY}).json()
    assert [(it["device"], it["subject"]) for it in own] == [("d9", "ao-b")]
    assert api.client().get(WHERE).status_code == 401
