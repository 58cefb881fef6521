"""What this checkout has rendered can be published, and rules that could never fire cannot."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from api.routes.map import GRAFANA
from core.errors import ConfigError
from core.model.land import Cooperative
from dashboards.publish.catalogue import load
from dashboards.publish.publisher import Mode
from dashboards.publish.wanted import View
from dashboards.sources import API, API_PATH, PROVINCE, Audience
from tests.dashboards.publishing import (
    PRUNE,
    catalogue,
    publish,
    wanted,
)
from tests.support.grafana.server import FakeGrafana

MATH = {"type": "math", "expression": "$B < 1 && ${D} > $C"}


def test_a_rule_that_could_never_fire_stops_everything_before_it_begins(grafana: FakeGrafana) -> None:
    for change, words in (
        ({"condition": "Z"}, "condition 'Z'"),
        ({"data": [{"refId": "C", "datasourceUid": "nowhere", "model": {}}]}, "'nowhere'"),
        ({"data": [{"refId": "C", "datasourceUid": "__expr__", "model": {"expression": "Q"}}]}, "names 'Q'"),
        ({"data": [{"refId": "C", "datasourceUid": "__expr__", "model": MATH}]}, "names 'B'.* names 'D'"),
    ):
        what = catalogue()
        what.parts[Audience.DEPARTMENT].rules["cd_silent"].update(change)
        with pytest.raises(ConfigError, match=words):
            publish(grafana, what=what)
    assert grafana.seen == []


def test_a_rule_may_not_ask_a_source_of_another_audience(grafana: FakeGrafana) -> None:
    what = catalogue()
    what.parts[Audience.COOPERATIVE].rules["cd_silent"]["data"][0]["datasourceUid"] = PROVINCE
    with pytest.raises(ConfigError, match=PROVINCE):
        publish(grafana, what=what)


def test_what_is_rendered_can_be_published(grafana: FakeGrafana) -> None:
    """The files of this very checkout: taken by the server, and not written again."""
    what = load()
    assert not any(step.fault for step in publish(grafana, what=what))
    assert len(grafana.org("htx-a").boards) >= 10
    assert len(grafana.org("htx-a").alerting.rules) >= 9
    grafana.writes.clear()
    assert publish(grafana, PRUNE, what) == []
    assert grafana.writes == []


def test_what_is_rendered_asks_maps_at_addresses_that_the_api_has() -> None:
    layers = re.compile(r'"src": "([^"]+)"').findall(json.dumps([it.boards for it in load().parts.values()]))
    assert set(layers) == {f"api/datasources/proxy/uid/{API}/map/{it}.geojson" for it in ("plots", "missed")}
    assert API_PATH == GRAFANA


def test_maps_look_at_a_cooperatives_own_plots(grafana: FakeGrafana) -> None:
    view = View.over((105.70, 9.27, 105.74, 9.30))
    assert view == View(9.29, 105.72, 13.0)
    assert View.over((105.701, 9.271, 105.741, 9.301)) == view, "a plot more at the edge moves no map"
    what = load()
    orgs = [replace(it, view=view) if it.key == "htx-a" else it for it in wanted()]
    assert not any(step.fault for step in publish(grafana, what=what, orgs=orgs))
    seen = {}
    for key in ("htx-a", "htx-b"):
        panels = grafana.org(key).boards["cd_plots_vi"]["board"]["panels"]
        seen[key] = [it["options"]["view"] for it in panels if it["type"] == "geomap"]
    assert seen["htx-a"]
    assert all(it == {"id": "coords", "lat": 9.29, "lon": 105.72, "zoom": 13.0} for it in seen["htx-a"])
    assert seen["htx-b"] != seen["htx-a"]
    assert publish(grafana, what=what, orgs=orgs) == []


def test_newer_servers_may_add_fields_to_boards(published: FakeGrafana) -> None:
    it = published.org("htx-a").boards["cd_cooperative_vi"]["board"]
    it["panels"][0]["pluginVersion"] = "12.1.0"
    published.version = "12.1.0"
    assert publish(published, Mode()) == []
    published.version = "9.3.2"
    assert len(publish(published, Mode())) == 1


def test_a_cooperative_cannot_be_called_like_the_platforms_databases() -> None:
    with pytest.raises(ConfigError, match="province"):
        wanted([Cooperative("province", "x")])
