"""Every query of every panel, variable, annotation and alert rule is run on a real InfluxDB, and finds something."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from dashboards.render import rendered
from tests.dashboards.asking import Asked, answer, asked, boards, filled, sent, since_ms, variables
from tests.dashboards.seeding import Seeded

QUERIES = list(asked())
RULES = [
    (rule, step)
    for name, text in rendered().items()
    if name.startswith("alerts/")
    for rule in json.loads(text)
    for step in rule["data"]
    if "query" in step["model"]
]
UNTOLD = {
    "Alerts": {"subject"},  # of some alerts only
    "Last flight of this range": {"volume_l", "dose_l_per_ha"},  # it was the spreader's
}
"""Columns that seeded rows leave out, by panel."""


@pytest.mark.parametrize("it", QUERIES, ids=lambda it: it.name)
def test_every_query_of_a_panel_finds_something(it: Asked, seeded: Seeded) -> None:
    rows = answer(seeded, it.target["datasource"]["uid"], sent(it, seeded))
    assert rows, f"{it.name}: no rows"
    told = {name for row in rows for name, value in row.items() if value is not None}
    assert told - {"time"}, f"{it.name}: nothing but times"
    if it.target["resultFormat"] == "time_series":
        assert told == rows[0].keys(), f"{it.name}: nobody tells {rows[0].keys() - told}"
        assert _of_lines(it) <= told, it.name


def _of_lines(it: Asked) -> set[str]:
    """What a panel of series calls columns or tags, where its query names the series by them."""
    if not it.target.get("alias", "").startswith("$"):
        return set()
    named = _named(it.panel)
    return named if it.target["alias"] == "$col" and len(it.panel["targets"]) == 1 else set()


def _named(panel: dict[str, Any]) -> set[str]:
    """Columns that a panel speaks of by name: overrides and links."""
    overrides = panel["fieldConfig"]["overrides"]
    named = {it["matcher"]["options"] for it in overrides if it["matcher"]["id"] == "byName"}
    linked = set(re.findall(r"__data\.fields\.(\w+)", json.dumps(panel["fieldConfig"])))
    places = {w for it in panel["options"].get("layers", ()) for w in _columns_of(it)}
    return named | linked | places


def _columns_of(layer: dict[str, Any]) -> list[str]:
    location = layer.get("location", {})
    style = layer["config"].get("style", {})
    found = [location.get("latitude"), location.get("longitude")]
    found += [style.get(part, {}).get("field") for part in ("color", "rotation")]
    found += [style.get("text", {}).get("field")] if layer["type"] == "markers" else []
    return [it for it in found if it]


@pytest.mark.parametrize("it", [q for q in QUERIES if q.target["resultFormat"] == "table"], ids=lambda it: it.name)
def test_a_panel_names_columns_that_its_queries_answer_with(it: Asked, seeded: Seeded) -> None:
    rows = [
        row
        for target in it.panel["targets"]
        for row in answer(
            seeded, target["datasource"]["uid"], sent(Asked(it.board, it.panel, target, it.since), seeded)
        )
    ]
    columns = {name for row in rows for name in row}
    assert _named(it.panel) <= columns, f"{it.name}: {_named(it.panel) - columns} in none of {columns}"
    told = {name for row in rows for name, value in row.items() if value is not None}
    untold = _named(it.panel) - told - UNTOLD.get(it.panel["title"], set())
    assert not untold, f"{it.name}: nobody tells {untold}"


@pytest.mark.parametrize("name", boards())
def test_variables_have_values_that_narrow_every_query(name: str, seeded: Seeded) -> None:
    board = boards()[name]
    for variable in board["templating"]["list"]:
        if variable["type"] != "query":
            continue
        rows = answer(seeded, variable["datasource"]["uid"], variables(variable["query"], {}))
        assert rows, f"{name}: variable {variable['name']} has no values"
        assert {"key", "value"} <= rows[0].keys()
    used = {it for panel in board["panels"] for it in re.findall(r"\$\{(\w+)[:}]", json.dumps(panel["targets"]))}
    used |= set(re.findall(r"\$\{(\w+)[:}]", json.dumps(board["annotations"])))
    assert used <= {it["name"] for it in board["templating"]["list"]}, name


@pytest.mark.parametrize("it", [q for q in QUERIES if ":regex" in q.target["query"]], ids=lambda it: it.name)
def test_a_value_that_nobody_has_finds_nothing(it: Asked, seeded: Seeded) -> None:
    chosen = dict.fromkeys(re.findall(r"\$\{(\w+):regex\}", it.target["query"]), "(nobody|no\\.one)")
    query = filled(it.target["query"], since_ms(it.since, seeded), seeded.now_ms, "1h", chosen)
    rows = answer(seeded, it.target["datasource"]["uid"], query)
    assert not rows, f"{it.name}: {rows[:2]}"


@pytest.mark.parametrize("name", ["fleet", "flight", "plots"])
def test_annotations_have_a_text_and_an_end(name: str, seeded: Seeded) -> None:
    for it in boards()[name]["annotations"]["list"]:
        rows = answer(
            seeded, it["datasource"]["uid"], filled(it["query"], seeded.start_ms - 1_000, seeded.now_ms, "10s")
        )
        assert rows, it["name"]
        assert all(row[it["textColumn"]] and row[it["tagsColumn"]] for row in rows)
        assert any((row[it["timeEndColumn"]] or 0) > seeded.start_ms for row in rows)
        assert it["target"]["query"] == it["query"]


@pytest.mark.parametrize(("rule", "step"), RULES, ids=lambda it: it.get("uid") or it["refId"])
def test_every_query_of_an_alert_rule_has_a_series_for_each_suspect(
    rule: dict[str, Any], step: dict[str, Any], seeded: Seeded
) -> None:
    window = step["relativeTimeRange"]
    assert window["to"] == 0
    query = filled(step["model"]["query"], seeded.now_ms - window["from"] * 1_000, seeded.now_ms, "1m")
    rows = answer(seeded, step["datasourceUid"], query)
    assert rows, f"{rule['uid']}: no rows"
    assert all({"device", "slot"} & row.keys() for row in rows), f"{rule['uid']}: who is it?"
    assert all(isinstance(row[name], int | float) for row in rows for name in row.keys() - {"time", "device", "slot"})


def test_a_click_on_a_flight_shows_it_from_take_off_to_landing(seeded: Seeded) -> None:
    (it,) = [q for q in QUERIES if q.name == "fleet: Flights of today [A]"]
    rows = answer(seeded, it.target["datasource"]["uid"], sent(it, seeded))
    assert len(rows) >= 3
    for row in rows:
        assert row["start_ms"] == int(row["start_ms"]), "Grafana takes whole milliseconds"
        assert row["end_ms"] > row["start_ms"] == pytest.approx(row["time"] / 1e6, abs=2.0)


def test_a_drone_that_has_landed_counts_as_nothing_and_not_as_unknown(seeded: Seeded) -> None:
    found: dict[str, float] = {}
    for it in (q for q in QUERIES if q.name.startswith("fleet: Now [")):
        query = filled(it.target["query"], seeded.start_ms, seeded.now_ms, "10s", {"device": "drone-02"})
        (row,) = answer(seeded, it.target["datasource"]["uid"], query)
        found |= {name: value for name, value in row.items() if name != "time"}
    assert found == {"drones": 0.0, "spraying": 0.0, "standing": 0.0}
