"""File provisioning: the same data sources, folders, boards, rules and contact points as ``publish`` makes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml  # type: ignore[import-untyped]

from dashboards.publish.catalogue import FOLDERS, load
from dashboards.publish.wanted import MARK, MapKey, Reader
from dashboards.render import RENDERED
from dashboards.sources import API, PLATFORM, PROVINCE, TELEMETRY, Audience

ROOT = Path(__file__).resolve().parents[2]
GRAFANA = ROOT / "deploy" / "grafana"
PROVISIONING = GRAFANA / "provisioning"
ENVIRONMENT = {
    "CANHDONG_GRAFANA_INFLUX_URL": "http://influxdb:8086",
    "CANHDONG_GRAFANA_API_URL": "http://api:8000",
    "CANHDONG_GRAFANA_COOPERATIVE": "htx-a",
    "CANHDONG_GRAFANA_COOPERATIVE_PASSWORD": "p-htx-a",
    "CANHDONG_GRAFANA_PROVINCE_PASSWORD": "p-province",
    "CANHDONG_GRAFANA_PLATFORM_PASSWORD": "p-platform",
    "CANHDONG_GRAFANA_API_KEY": "cdk",
    "CANHDONG_RENDERED": str(RENDERED),
}
_STRING: dict[str, Any] = {"type": "string", "minLength": 1}
SOURCES: dict[str, Any] = {
    "type": "object",
    "required": ["apiVersion", "datasources"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": 1},
        "datasources": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "uid", "type", "access", "url", "orgId", "jsonData", "secureJsonData"],
                "additionalProperties": False,
                "properties": {
                    **dict.fromkeys(("name", "url", "database", "user"), _STRING),
                    "uid": {"type": "string", "pattern": "^[a-z_]{1,40}$"},
                    "type": {"enum": ["influxdb", "prometheus"]},
                    "access": {"const": "proxy"},
                    "orgId": {"const": 1},
                    **{name: {"type": "boolean"} for name in ("isDefault", "editable")},
                    **{name: {"type": "object"} for name in ("jsonData", "secureJsonData")},
                },
            },
        },
    },
}
PROVIDERS: dict[str, Any] = {
    "type": "object",
    "required": ["apiVersion", "providers"],
    "additionalProperties": False,
    "properties": {
        "apiVersion": {"const": 1},
        "providers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "orgId", "folder", "folderUid", "type", "options"],
                "additionalProperties": False,
                "properties": {
                    **dict.fromkeys(("name", "folder", "folderUid"), _STRING),
                    "orgId": {"const": 1},
                    "type": {"const": "file"},
                    "disableDeletion": {"type": "boolean"},
                    "allowUiUpdates": {"const": False},
                    "updateIntervalSeconds": {"type": "integer", "minimum": 10},
                    "options": {
                        "type": "object",
                        "required": ["path"],
                        "additionalProperties": False,
                        "properties": {"path": _STRING, "foldersFromFilesStructure": {"type": "boolean"}},
                    },
                },
            },
        },
    },
}


def expanded(value: Any, environment: dict[str, str]) -> Any:
    """What Grafana makes of it: variables of its environment in every text; one that is not set fails here."""
    if isinstance(value, str):
        return re.sub(r"\$\{?([A-Z_]+)\}?", lambda it: environment[it[1]], value)
    if isinstance(value, dict):
        return {name: expanded(it, environment) for name, it in value.items()}
    return [expanded(it, environment) for it in value] if isinstance(value, list) else value


def read(path: Path, schema: dict[str, Any]) -> Any:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    return expanded(document, ENVIRONMENT)


def test_data_sources_are_those_that_publish_makes() -> None:
    found = {it["uid"]: it for it in read(PROVISIONING / "datasources" / "canhdong.yaml", SOURCES)["datasources"]}
    keys = {TELEMETRY: "htx-a", PROVINCE: "province", PLATFORM: "platform"}
    wanted = {
        uid: Reader("http://influxdb:8086", f"canhdong_{key}", f"canhdong_read_{key}", f"p-{key}").document(uid)
        for uid, key in keys.items()
    }
    wanted[API] = MapKey("http://api:8000", "htx-a", "cdk").document(API)
    assert set(found) == set(wanted)
    for uid, document in wanted.items():
        del document["jsonData"][MARK]
        own = ("name", "isDefault")  # all of them stand in one organisation
        for name in set(document) - set(own):
            assert found[uid][name] == document[name], (uid, name)
        assert not found[uid]["editable"]
    assert len({it["name"] for it in found.values()}) == len(found)
    assert [uid for uid, it in found.items() if it["isDefault"]] == [TELEMETRY]


def test_no_secret_stands_in_a_file() -> None:
    for path in GRAFANA.rglob("*.yaml"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"(?i)\b(password|token|httpHeaderValue1|credentials):", line):
                assert re.fullmatch(r"[^:]+: (Bearer )?\$\{?[A-Z_]+\}?", line), (path.name, line)


def test_boards_come_from_the_rendered_files_into_the_same_folders() -> None:
    providers = read(PROVISIONING / "dashboards" / "canhdong.yaml", PROVIDERS)["providers"]
    folders = {Path(it["options"]["path"]): (it["folderUid"], it["folder"]) for it in providers}
    assert folders == {RENDERED / language: (it.uid, it.title) for language, it in FOLDERS.items()}
    known = {uid for it in load().parts.values() for uid in it.boards}
    found = [json.loads(file.read_text(encoding="utf-8")) for path in folders for file in path.glob("*.json")]
    assert {it["uid"] for it in found} == known
    assert len(found) == len(known)


def test_all_that_boards_name_is_there() -> None:
    """No board of a file-provisioned Grafana asks a data source that it does not have."""
    uids = {it["uid"] for it in read(PROVISIONING / "datasources" / "canhdong.yaml", SOURCES)["datasources"]}
    text = json.dumps([it.boards for it in load().parts.values()])
    named = set(re.findall(r'"uid": "(canhdong_\w+)"', text)) | set(re.findall(r"proxy/uid/(\w+)/", text))
    assert named
    assert named <= uids


@pytest.mark.parametrize("audience", list(Audience))
def test_rules_are_the_rendered_ones_by_a_link_that_holds_in_a_container_too(audience: Audience) -> None:
    link = PROVISIONING / "alerting" / f"{audience}.json"
    assert link.is_symlink()
    assert link.resolve() == RENDERED / "provisioning" / f"{audience}.json"
    inside = os.path.normpath(Path("/etc/grafana/provisioning/alerting") / link.readlink())
    assert inside == f"/dashboards/rendered/provisioning/{audience}.json"
    document = json.loads(link.read_text(encoding="utf-8"))
    assert document["apiVersion"] == 1
    rules = {it["uid"]: it for group in document["groups"] for it in group["rules"]}
    assert {group["folder"] for group in document["groups"]} <= {FOLDERS["vi"].title}, "one folder, with the boards"
    wanted = load().of(audience).rules
    assert set(rules) == set(wanted)
    for uid, rule in rules.items():
        assert rule["data"] == wanted[uid]["data"]
        assert rule["condition"] == wanted[uid]["condition"]


def test_contact_points_are_the_rendered_templates() -> None:
    wanted = {it["uid"]: it for it in load().of(Audience.COOPERATIVE).points}
    files = sorted((GRAFANA / "contact-points").glob("*.yaml"))
    assert {f"cd_{file.stem}" for file in files} == set(wanted)
    for file in files:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        ((point,),) = [[it] for it in document["contactPoints"]]
        (receiver,) = point["receivers"]
        same = wanted[receiver["uid"]]
        assert (point["name"], point["orgId"]) == (same["name"], 1)
        assert receiver == {name: value for name, value in same.items() if name != "name"}
