"""Alert rules and contact points: complete, valid, and without secrets."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dashboards.render import rendered
from dashboards.sources import EXPRESSIONS, SOURCE_OF, Audience
from tests.dashboards.asking import answer, boards, filled
from tests.dashboards.seeding import Seeded

FILES = {name: json.loads(text) for name, text in rendered().items()}
RULES: dict[str, list[dict[str, Any]]] = {it: FILES[f"alerts/{it}.json"] for it in Audience}
EVERY = {rule["uid"]: (audience, rule) for audience, rules in RULES.items() for rule in rules}
WATCHED = {
    "silent", "outside", "buffer", "weather", "tank", "salinity", "water", "stale", "clock", "letters", "spool"
}  # fmt: skip


def test_everything_is_watched() -> None:
    assert {uid.removeprefix("cd_rule_") for uid in EVERY} == WATCHED
    titles = [rule["title"] for _, rule in EVERY.values()]
    assert len(set(titles)) == len(titles), "Grafana refuses a second rule of the same title in a folder"


@pytest.mark.parametrize("uid", EVERY)
def test_a_rule_can_fire(uid: str) -> None:
    audience, rule = EVERY[uid]
    steps = {it["refId"]: it for it in rule["data"]}
    assert len(steps) == len(rule["data"])
    assert rule["condition"] in steps, "Grafana takes such a rule without a word, and it never fires"
    assert {it["datasourceUid"] for it in rule["data"]} == {SOURCE_OF[Audience(audience)], EXPRESSIONS}
    for it in rule["data"]:
        model = it["model"]
        assert model["refId"] == it["refId"]
        if it["datasourceUid"] == EXPRESSIONS:
            named = re.findall(r"\$(\w)", model["expression"]) or [model["expression"]]
            assert set(named) <= steps.keys()
            assert model["type"] in {"reduce", "threshold", "math"}
            assert model["type"] != "threshold" or model["conditions"][0]["evaluator"]["params"]
        else:
            assert it["relativeTimeRange"]["from"] > 0
            assert "$timeFilter" in model["query"]
    assert re.fullmatch(r"\d+[smh]", rule["for"])
    assert " / " in rule["title"]
    assert " / " in rule["annotations"]["summary"]
    assert rule["labels"]["severity"] in {"warning", "critical"}
    shown = {board["uid"]: board for board in boards().values()}[rule["annotations"]["__dashboardUid__"]]
    assert audience in shown["tags"]
    assert rule["annotations"]["__panelId__"] in {str(panel["id"]) for panel in shown["panels"]}


def value(seeded: Seeded, uid: str, ref: str = "A") -> dict[str, float]:
    """What a rule's query says of each device or slot."""
    _, rule = EVERY[uid]
    step = next(it for it in rule["data"] if it["refId"] == ref)
    start_ms = seeded.now_ms - step["relativeTimeRange"]["from"] * 1_000
    rows = answer(seeded, step["datasourceUid"], filled(step["model"]["query"], start_ms, seeded.now_ms, "1m"))
    fields = {name for row in rows for name in row} - {"time", "device", "slot"}
    (field,) = fields
    return {row.get("device") or row["slot"]: float(row[field]) for row in rows}


def test_alerts_in_flight_stand_until_they_are_over(seeded: Seeded) -> None:
    standing = {name: value(seeded, f"cd_rule_{name}") for name in ("outside", "buffer", "weather", "tank")}
    assert sorted(told["drone-01"] for told in standing.values()) == [0.0, 0.0, 0.0, 1.0]


def test_who_is_silent_is_told_from_who_is_heard(seeded: Seeded) -> None:
    heard = value(seeded, "cd_rule_silent")
    assert heard["drone-03"] > 0.0, "it landed just now"
    assert heard["drone-02"] == 0.0, "it landed ten minutes ago"
    assert value(seeded, "cd_rule_silent", "E")["drone-02"] < 1.0, "and stood still, so that nobody is alarmed"
    assert all(count > 0.0 for count in value(seeded, "cd_rule_stale").values())


def test_a_sensor_that_was_silent_for_six_hours_is_found(seeded: Seeded) -> None:
    old_ns = (seeded.now_ms - 20 * 3_600_000) * 1_000_000
    line = f"reading,cooperative=demo,device=im-lang,quantity=salinity value=1.5 {old_ns}"
    assert seeded.server.write("canhdong_demo", line) == 204
    assert value(seeded, "cd_rule_stale")["im-lang"] == 0.0


def test_a_wrong_clock_is_told_until_it_is_right_again(seeded: Seeded) -> None:
    assert value(seeded, "cd_rule_clock")["drone-02"] == 1.0
    lines = [
        f'device_health,cooperative=demo,device={device} clock="{state}",offset_s=0.0 {seeded.now_ms - ago}000000'
        for device, state, ago in (("a", "unset", 9_000), ("b", "unset", 9_000), ("b", "ok", 3_000))
    ]
    assert seeded.server.write("canhdong_demo", "\n".join(lines)) == 204
    told = value(seeded, "cd_rule_clock")
    assert (told["a"], told["b"]) == (1.0, 0.0)


def test_the_spool_and_dead_letters_are_measured(seeded: Seeded) -> None:
    assert value(seeded, "cd_rule_spool") == {"0": pytest.approx(59_000.0)}
    assert value(seeded, "cd_rule_letters") == {"0": 3.0}


def test_contact_points_hold_names_and_no_secrets() -> None:
    points = FILES["contacts.json"]
    assert {it["type"] for it in points} == {"webhook", "telegram", "email"}
    assert any("Zalo" in it["name"] for it in points)
    for it in points:
        assert re.fullmatch(r"cd_\w{1,37}", it["uid"])
        for name, told in it["settings"].items():
            fixed = name in {"httpMethod", "authorization_scheme"}
            assert fixed or re.fullmatch(r"\$\{CANHDONG_[A-Z_]+\}", told), f"{it['uid']}: {name} is written out"


def test_files_for_provisioning_hold_the_same_rules() -> None:
    for audience, rules in RULES.items():
        told = FILES[f"provisioning/{audience}.json"]
        found = [rule for group in told["groups"] for rule in group["rules"]]
        assert [it["uid"] for it in found] == [it["uid"] for it in rules]
        assert told["apiVersion"] == 1
        assert all({"orgId", "name", "folder", "interval"} <= group.keys() for group in told["groups"])
