"""A small catalogue and two cooperatives, for tests of publishing."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.model.land import Cooperative
from core.rollup import DATABASE
from dashboards.publish.catalogue import Catalogue, Part
from dashboards.publish.publisher import Mode, Publisher, Step
from dashboards.publish.server import Address, Grafana
from dashboards.publish.wanted import OPERATOR, MapKey, Organisation, Reader, organisations
from dashboards.sources import SOURCE_OF, Audience
from tests.support.grafana.server import PASSWORD, USER, FakeGrafana

COOPERATIVES = [Cooperative("htx-a", "Hợp tác xã A"), Cooperative("htx-b", "Hợp tác xã B")]
WRITE, PRUNE = Mode(write=True), Mode(write=True, prune=True)


def board(uid: str, title: str, audience: Audience, language: str = "vi") -> dict[str, Any]:
    panel = {
        "id": 1,
        "type": "stat",
        "title": "ha",
        "gridPos": {"x": 0, "y": 0, "w": 6, "h": 4},
        "datasource": {"type": "influxdb", "uid": SOURCE_OF[audience]},
        "targets": [{"refId": "A", "rawQuery": True, "query": "SELECT 1"}],
    }
    return {
        "uid": uid,
        "title": title,
        "schemaVersion": 37,
        "tags": ["canhdong", audience.value, language],
        "panels": [panel],
        "version": 0,
        "templating": {"list": []},
    }


def rule(uid: str, audience: Audience) -> dict[str, Any]:
    """As the one that was recorded."""
    query = {"refId": "A", "rawQuery": True, "query": "SELECT 1", "resultFormat": "time_series"}
    still = {"from": 0, "to": 0}
    return {
        "uid": uid,
        "title": f"Rule {uid}",
        "folderUID": "cd_vi",
        "ruleGroup": "fleet",
        "condition": "C",
        "for": "60s",
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"canhdong": "1"},
        "annotations": {"summary": "s"},
        "data": [
            {
                "refId": "A",
                "datasourceUid": SOURCE_OF[audience],
                "queryType": "",
                "relativeTimeRange": {"from": 600, "to": 0},
                "model": query,
            },
            {
                "refId": "B",
                "datasourceUid": "__expr__",
                "queryType": "",
                "relativeTimeRange": still,
                "model": {"refId": "B", "type": "reduce", "expression": "A", "reducer": "last"},
            },
            {
                "refId": "C",
                "datasourceUid": "__expr__",
                "queryType": "",
                "relativeTimeRange": still,
                "model": {
                    "refId": "C",
                    "type": "threshold",
                    "expression": "B",
                    "conditions": [{"evaluator": {"type": "lt", "params": [1]}}],
                },
            },
        ],
    }


POINTS: list[dict[str, Any]] = [
    {
        "uid": "cd_telegram",
        "name": "Cánh Đồng Telegram",
        "type": "telegram",
        "settings": {"bottoken": "${TELEGRAM_TOKEN}", "chatid": "${TELEGRAM_CHAT}"},
        "disableResolveMessage": False,
    },
    {
        "uid": "cd_webhook",
        "name": "Cánh Đồng webhook",
        "type": "webhook",
        "settings": {"url": "${WEBHOOK_URL}", "httpMethod": "POST"},
        "disableResolveMessage": False,
    },
]
VALUES = {"htx-a": {"TELEGRAM_TOKEN": "bí-mật-1", "TELEGRAM_CHAT": "-100"}}


def part(audience: Audience) -> Part:
    boards = {
        f"cd_{audience}_{lang}": (f"cd_{lang}", board(f"cd_{audience}_{lang}", f"{audience} {lang}", audience, lang))
        for lang in ("vi", "en")
    }
    return Part(boards, {"cd_silent": rule("cd_silent", audience)}, POINTS)


def catalogue() -> Catalogue:
    return copy.deepcopy(Catalogue({it: part(it) for it in Audience}))


def wanted(cooperatives: Sequence[Cooperative] = COOPERATIVES, mark: str = "s") -> list[Organisation]:
    keys = [*(it.cooperative for it in cooperatives), DATABASE, OPERATOR]
    url = "http://127.0.0.1:8086"
    readers = {it: Reader(url, f"canhdong_{it}", f"canhdong_read_{it}", f"{mark}-{it}") for it in keys}
    maps = {it: MapKey("http://127.0.0.1:8000", it, f"cdk_{it}_{mark}") for it in keys[:-2]}
    return organisations(cooperatives, readers, maps, {})


def publisher(
    grafana: FakeGrafana,
    mode: Mode = WRITE,
    what: Catalogue | None = None,
    values: Mapping[str, Mapping[str, str]] = VALUES,
) -> Publisher:
    return Publisher(Grafana(Address(grafana.url, USER, PASSWORD)), what or catalogue(), values, mode)


def publish(
    grafana: FakeGrafana,
    mode: Mode = WRITE,
    what: Catalogue | None = None,
    orgs: Sequence[Organisation] | None = None,
    values: Mapping[str, Mapping[str, str]] = VALUES,
) -> list[Step]:
    return list(publisher(grafana, mode, what, values).run(wanted() if orgs is None else orgs))


def names(steps: Sequence[Step]) -> list[tuple[str, str, str]]:
    """Key of the organisation, kind and name of each step."""
    return [(it.change.organisation.rpartition("(")[2][:-1], it.change.kind, it.change.name) for it in steps]


def state(grafana: FakeGrafana) -> str:
    """All that the server holds."""
    return json.dumps(
        [
            (
                it.name,
                it.folders,
                it.sources,
                it.secrets,
                it.boards,
                it.alerting.rules,
                it.alerting.points,
                it.alerting.tree,
            )
            for it in grafana.organisations.values()
        ],
        sort_keys=True,
    )
