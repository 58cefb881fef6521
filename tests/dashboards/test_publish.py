"""Publishing to a server that answers as a real one was recorded: once, twice, and after a break."""

from __future__ import annotations

import json

import pytest

from dashboards.publish.publisher import Mode
from dashboards.publish.wanted import MARK, Reader
from dashboards.sources import API, PLATFORM, PROVINCE, TELEMETRY
from tests.dashboards.publishing import (
    VALUES,
    names,
    publish,
    publisher,
    state,
    wanted,
)
from tests.support.grafana.server import FakeGrafana, running_grafana

KEYS = ("htx-a", "htx-b", "province", "platform")


def test_each_cooperative_gets_an_organisation_that_reads_its_own_database(published: FakeGrafana) -> None:
    assert [it.name for it in published.organisations.values()] == [
        "Main Org.",
        "Hợp tác xã A (htx-a)",
        "Hợp tác xã B (htx-b)",
        "Cánh Đồng: tỉnh / province (province)",
        "Cánh Đồng: vận hành / operator (platform)",
    ]
    assert {key: set(published.org(key).sources) for key in KEYS} == {
        "htx-a": {TELEMETRY, API},
        "htx-b": {TELEMETRY, API},
        "province": {PROVINCE},
        "platform": {PLATFORM},
    }
    for key in KEYS:
        inside = published.org(key)
        told = json.dumps([inside.sources, inside.secrets])
        assert not any(f"{other}" in told for other in KEYS[:2] if other != key), "nothing of another cooperative"
        (reader,) = [it for it in inside.sources.values() if it["type"] == "influxdb"]
        assert reader["database"] == reader["jsonData"]["dbName"] == f"canhdong_{key}"
        assert reader["user"] == f"canhdong_read_{key}"
        assert inside.secrets[reader["uid"]] == {"password": f"s-{key}"}
        assert (reader["access"], reader["isDefault"]) == ("proxy", True)


def test_maps_come_through_a_source_that_ends_where_nothing_else_lies(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    assert it.sources[API]["url"] == "http://127.0.0.1:8000/v1/cooperatives/htx-a/grafana"
    assert it.sources[API]["type"] == "prometheus"
    assert it.sources[API]["jsonData"]["httpMethod"] == "GET"
    assert it.secrets[API] == {"httpHeaderValue1": "Bearer cdk_htx-a_s"}


def test_boards_rules_and_contact_points_go_to_whom_they_are_for(published: FakeGrafana) -> None:
    for key, audience in (("htx-a", "cooperative"), ("province", "department"), ("platform", "operator")):
        it = published.org(key)
        assert {uid: kept["folder"] for uid, kept in it.boards.items()} == {
            f"cd_{audience}_vi": "cd_vi",
            f"cd_{audience}_en": "cd_en",
        }
        assert [told["orgID"] for told in it.alerting.rules.values()] == [it.number]
    own = published.org("htx-a").alerting
    assert own.points["cd_telegram"]["settings"] == {"bottoken": "bí-mật-1", "chatid": "-100"}
    assert [it["receiver"] for it in own.tree["routes"]] == ["Cánh Đồng Telegram"]
    assert own.tree["receiver"] == "grafana-default-email", "the root is people's"
    assert published.org("htx-b").alerting.points == {}, "values are an organisation's own"
    first = published.organisations[1]
    assert {} == first.sources == first.boards == first.folders, "everybody new is in the first organisation"


def test_twice_writes_nothing_the_second_time(published: FakeGrafana) -> None:
    before = state(published)
    assert publish(published) == []
    assert published.writes == []
    assert state(published) == before


def test_looking_writes_nothing(grafana: FakeGrafana) -> None:
    steps = publish(grafana, Mode())
    assert names(steps) == [(key, "organisation", key) for key in KEYS]
    assert not any(step.done for step in steps)
    assert grafana.writes == []


@pytest.mark.parametrize("after", range(0, 32, 3))
def test_a_try_that_broke_off_is_repaired(grafana: FakeGrafana, after: int) -> None:
    """However far the first one came: the server then holds what it holds after one that went through."""
    with running_grafana() as whole:
        publish(whole)
        total, complete = len(whole.writes), state(whole)
    assert after < total
    grafana.drop_after = after
    publish(grafana)
    assert len(grafana.writes) == after
    grafana.drop_after = None
    assert not any(step.fault for step in publish(grafana))
    assert len(grafana.writes) == total, "nothing is written twice"
    assert json.loads(state(grafana)) == json.loads(complete)
    assert publish(grafana) == []


def test_what_somebody_changed_is_shown_and_brought_back(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    good = state(published)
    it.boards["cd_cooperative_vi"]["board"]["panels"][0]["title"] = "m²"
    it.boards["cd_cooperative_en"]["board"]["panels"][0]["description"] = "added by hand"
    it.sources[TELEMETRY]["url"] = "http://elsewhere"
    it.folders["cd_en"]["title"] = "English"
    it.alerting.rules["cd_silent"]["data"][0]["model"]["query"] = "SELECT 2"
    it.alerting.points["cd_telegram"]["settings"]["chatid"] = "-1"
    it.alerting.tree["routes"] = []
    steps = publish(published, Mode())
    assert [(kind, name) for _, kind, name in names(steps)] == [
        ("data source", TELEMETRY),
        ("folder", "cd_en"),
        ("board", "cd_cooperative_vi"),
        ("board", "cd_cooperative_en"),
        ("contact point", "cd_telegram"),
        ("alert rule", "cd_silent"),
        ("notification policy", "routes"),
    ]
    whys = {step.change.name: step.change.why for step in steps}
    assert whys["cd_cooperative_vi"] == "panels[0].title"
    assert whys["cd_cooperative_en"] == "panels[0].description"
    assert whys[TELEMETRY] == "url"
    assert whys["cd_silent"] == "data[0].model.query"
    assert published.writes == []
    assert all(step.done for step in publish(published))
    it.folders["cd_en"]["version"] = 1
    for kept in it.boards.values():
        kept["board"]["version"] = 1
    it.alerting.rules["cd_silent"]["version"] = 1
    assert json.loads(state(published)) == json.loads(good)


def test_a_board_that_was_moved_comes_back(published: FakeGrafana) -> None:
    it = published.org("htx-b")
    it.boards["cd_cooperative_vi"]["folder"] = "cd_en"
    (step,) = publish(published)
    assert (step.change.why, step.done) == ("folder", True)
    assert it.boards["cd_cooperative_vi"]["folder"] == "cd_vi"


def test_another_secret_is_seen_by_its_mark(published: FakeGrafana) -> None:
    steps = publish(published, orgs=wanted(mark="t"))
    assert {(kind, name) for _, kind, name in names(steps)} == {
        ("data source", it) for it in (TELEMETRY, API, PROVINCE, PLATFORM)
    }
    assert {step.change.why for step in steps} == {f"jsonData.{MARK}"}
    assert published.org("htx-a").secrets[TELEMETRY] == {"password": "t-htx-a"}
    told = json.dumps([it.sources for it in published.organisations.values()])
    assert "t-htx-a" not in told, "a mark tells nothing of the secret"


def test_a_secret_that_the_server_has_lost_is_sent_again(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    it.secrets[TELEMETRY].clear()
    (step,) = publish(published)
    assert step.change.why == "secureJsonData.password"
    assert it.secrets[TELEMETRY] == {"password": "s-htx-a"}


def test_contact_points_secrets_are_written_again_on_demand(published: FakeGrafana) -> None:
    values = {"htx-a": VALUES["htx-a"] | {"TELEGRAM_TOKEN": "bí-mật-2"}}
    assert publish(published, values=values) == []
    (step,) = publish(published, Mode(write=True, anew=True), values=values)
    assert (step.change.name, step.done) == ("cd_telegram", True)
    assert published.org("htx-a").alerting.points["cd_telegram"]["settings"]["bottoken"] == "bí-mật-2"


def test_a_contact_point_without_its_values_is_left_out_and_told_of(grafana: FakeGrafana) -> None:
    it = publisher(grafana)
    list(it.run(wanted()))
    assert "Hợp tác xã A (htx-a): contact point cd_webhook is left out: no value for WEBHOOK_URL" in it.notes
    assert any("TELEGRAM_CHAT, TELEGRAM_TOKEN" in note for note in it.notes)
    assert not any("bí-mật" in note for note in it.notes)


def test_values_for_nobody_are_told(grafana: FakeGrafana) -> None:
    it = publisher(grafana, values={"htx-ạ": {"TELEGRAM_CHAT": "1"}})
    list(it.run(wanted()))
    assert it.notes[0] == "there are values of contact points for 'htx-ạ', which is no organisation"


def test_influxdb_2_is_read_with_a_token_and_a_ca_is_handed_on() -> None:
    document = Reader("https://influx:8086", "canhdong_a", secret="t0ken", ca="-----BEGIN").document(TELEMETRY)
    assert document["user"] == ""
    assert document["jsonData"]["httpHeaderName1"] == "Authorization"
    assert document["jsonData"]["tlsAuthWithCACert"] is True
    assert document["secureJsonData"] == {"httpHeaderValue1": "Token t0ken", "tlsCACert": "-----BEGIN"}
    assert "t0ken" not in json.dumps(document["jsonData"])
    assert "t0ken" not in repr(Reader("u", "d", secret="t0ken"))
