"""What is removed with --prune only, and what never is."""

from __future__ import annotations

import copy
from dataclasses import replace

from dashboards.publish.catalogue import Catalogue, Part
from dashboards.publish.changes import Action
from dashboards.publish.publisher import Mode
from dashboards.sources import API, TELEMETRY, Audience
from tests.dashboards.publishing import (
    COOPERATIVES,
    PRUNE,
    board,
    catalogue,
    part,
    publish,
    publisher,
    wanted,
)
from tests.support.grafana.organisation import Organisation
from tests.support.grafana.server import FakeGrafana


def fewer() -> Catalogue:
    """The cooperative's second board, its rule and its contact points are wanted no more."""
    it = part(Audience.COOPERATIVE)
    boards = {uid: kept for uid, kept in it.boards.items() if uid.endswith("vi")}
    return replace(catalogue(), parts={**catalogue().parts, Audience.COOPERATIVE: Part(boards, {}, ())})


def strangers(it: Organisation) -> None:
    """What people made themselves, as like to ours as they could."""
    copied = copy.deepcopy(it.boards["cd_cooperative_en"])
    it.boards["aBcD123"] = copied | {"board": copied["board"] | {"uid": "aBcD123", "title": "Copy"}}
    it.folders["own"] = {"id": 90, "uid": "own", "title": "Own", "version": 1}
    theirs = board("cd_mine", "Mine", Audience.COOPERATIVE)
    it.boards["cd_mine"] = {"folder": "own", "board": theirs | {"version": 3, "id": 91}}
    it.sources["canhdong_extra"] = {"uid": "canhdong_extra", "name": "x", "type": "influxdb", "jsonData": {}, "id": 92}
    it.secrets["canhdong_extra"] = {}
    it.alerting.rules["hand"] = it.alerting.rules["cd_silent"] | {"uid": "hand", "title": "By hand"}
    it.alerting.rules["cd_hand"] = it.alerting.rules["cd_silent"] | {"uid": "cd_hand", "folderUID": "own"}
    it.alerting.points["hand"] = it.alerting.points["cd_telegram"] | {"uid": "hand", "name": "By hand"}
    it.alerting.tree["routes"].append({"receiver": "By hand", "object_matchers": [["team", "=", "a"]]})


def test_prune_removes_only_ours(published: FakeGrafana) -> None:
    it = published.org("htx-a")
    strangers(it)
    steps = [step for step in publish(published, what=fewer()) if step.change.organisation == it.name]
    stale = [(step.change.kind, step.change.name) for step in steps if step.change.action is Action.STALE]
    assert stale == [("board", "cd_cooperative_en"), ("alert rule", "cd_silent"), ("contact point", "cd_telegram")]
    assert not any(step.done for step in steps if step.change.action is Action.STALE), "not without --prune"
    assert {"cd_cooperative_en", "cd_mine", "aBcD123"} <= set(it.boards)
    assert not any(step.fault for step in publish(published, PRUNE, fewer()))
    assert set(it.boards) == {"cd_cooperative_vi", "cd_mine", "aBcD123"}
    assert set(it.sources) == {TELEMETRY, API, "canhdong_extra"}
    assert set(it.alerting.rules) == {"hand", "cd_hand"}
    assert set(it.alerting.points) == {"hand"}
    assert [route["receiver"] for route in it.alerting.tree["routes"]] == ["By hand"]
    assert publish(published, PRUNE, fewer()) == []


def test_a_cooperative_that_is_gone_loses_ours_and_keeps_its_own(published: FakeGrafana) -> None:
    it = published.org("htx-b")
    it.folders["own"] = {"id": 90, "uid": "own", "title": "Own", "version": 1}
    it.boards["theirs"] = {"folder": "own", "board": {"uid": "theirs", "title": "Theirs", "version": 1, "id": 91}}
    left = wanted(COOPERATIVES[:1])
    looking = publisher(published, Mode())
    steps = list(looking.run(left))
    assert steps
    assert {step.change.action for step in steps} == {Action.STALE}
    assert looking.notes[-1] == "Hợp tác xã B (htx-b): its cooperative is not in the registry any more"
    publish(published, orgs=left)
    assert published.writes == [], "not without --prune"
    assert all(step.done for step in publish(published, PRUNE, orgs=left))
    assert it.sources == {}
    assert set(it.boards) == {"theirs"}
    assert set(it.folders) == {"own"}
    assert it.alerting.rules == it.alerting.points == {}
    assert it.number in published.organisations, "people are in it"
    assert publish(published, orgs=left) == []


def test_organisations_of_others_are_left_alone(published: FakeGrafana) -> None:
    other = Organisation(published.contract, 77, "Somebody else's")
    other.sources["canhdong_telemetry"] = {"uid": "canhdong_telemetry", "name": "x", "type": "influxdb", "jsonData": {}}
    other.secrets["canhdong_telemetry"] = {}
    published.organisations[77] = other
    assert publish(published, PRUNE) == []
