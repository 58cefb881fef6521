"""Alert rules, contact points and the notification policy of one organisation, with the odd 500s that were recorded."""

from __future__ import annotations

import copy
from typing import Any

from tests.support.grafana.contract import Contract

Answer = tuple[int, Any]
HIDDEN = "[REDACTED]"
_SECRET = frozenset(("bottoken", "password", "authorization_credentials"))
_DEFAULT = {
    "uid": "",
    "name": "email receiver",
    "type": "email",
    "settings": {"addresses": "<example@email.com>"},
    "disableResolveMessage": False,
}


class Alerting:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self.rules: dict[str, dict[str, Any]] = {}
        self.points: dict[str, dict[str, Any]] = {}
        self.tree: dict[str, Any] = contract.answer("policies")[1]
        self._made = 0

    # --- rules

    def rule(self, uid: str) -> Answer:
        if uid not in self.rules:
            return self._contract.answer("alert rule that does not exist")
        return 200, _shown(self.rules[uid])

    def add_rule(self, sent: dict[str, Any]) -> Answer:
        same = [
            it for it in self.rules.values() if it["folderUID"] == sent["folderUID"] and it["title"] == sent["title"]
        ]
        if sent["uid"] in self.rules or same:
            return self._contract.answer("alert rule, again")
        self._made += 1
        self.rules[sent["uid"]] = _kept(sent, self._made, 1)
        return 201, _shown(self.rules[sent["uid"]])

    def put_rule(self, uid: str, sent: dict[str, Any]) -> Answer:
        if uid not in self.rules:
            return self._contract.answer("alert rule that does not exist")
        there = self.rules[uid]
        self.rules[uid] = _kept(sent, there["id"], there["version"] + 1)
        return 200, _shown(self.rules[uid])

    def drop_rule(self, uid: str) -> Answer:
        self.rules.pop(uid, None)
        return self._contract.answer("alert rule removed")

    def ruler(self, titles: dict[str, str]) -> Answer:
        """What the ruler lists, by the folders' titles."""
        found: dict[str, list[dict[str, Any]]] = {}
        for rule in self.rules.values():
            told = {
                **{name: rule[name] for name in ("id", "title", "condition", "data", "uid", "provenance")},
                "orgId": rule["orgID"],
                "intervalSeconds": 60,
                "version": rule["version"],
                "namespace_uid": rule["folderUID"],
                "namespace_id": 1,
                "rule_group": rule["ruleGroup"],
                "no_data_state": rule["noDataState"],
                "exec_err_state": rule["execErrState"],
            }
            shown = {name: rule[name] for name in ("for", "labels", "annotations")} | {
                "expr": "",
                "grafana_alert": told,
            }
            groups = found.setdefault(titles[rule["folderUID"]], [])
            groups.append({"name": rule["ruleGroup"], "interval": "1m", "rules": [shown]})
        return 200, found

    def group(self, folder: str, name: str) -> Answer:
        rules = [_shown(it) for it in self.rules.values() if (it["folderUID"], it["ruleGroup"]) == (folder, name)]
        return 200, {"title": name, "folderUid": folder, "interval": 60, "rules": rules}

    # --- contact points

    def listed(self) -> Answer:
        return 200, [
            *({**copy.deepcopy(it), "settings": _hidden(it["settings"])} for it in self.points.values()),
            _DEFAULT,
        ]

    def add_point(self, sent: dict[str, Any]) -> Answer:
        if sent["uid"] in self.points:
            return self._contract.answer("contact point, again")
        self.points[sent["uid"]] = sent | {"provenance": "api"}
        hidden = dict.fromkeys(_SECRET - {"bottoken"}, HIDDEN) if sent["type"] == "webhook" else {}
        return 202, self.points[sent["uid"]] | {"settings": hidden | _hidden(sent["settings"])}

    def put_point(self, uid: str, sent: dict[str, Any]) -> Answer:
        self.points[uid] = sent | {"provenance": "api"}
        return self._contract.answer("contact point changed")

    def drop_point(self, uid: str) -> Answer:
        name = self.points[uid]["name"]
        if name in self._receivers():
            return self._contract.answer(
                "contact point in use removed",
                message=f"contact point '{name}' is currently used by a notification policy",
            )
        del self.points[uid]
        return 202, {"message": "contactpoint deleted"}

    # --- the policy

    def put_tree(self, sent: dict[str, Any]) -> Answer:
        known = {it["name"] for it in self.points.values()} | {"grafana-default-email", "email receiver"}
        wrong = [it for it in _receivers(sent) if it not in known]
        if wrong:
            message = f"invalid object specification: receiver '{wrong[0]}' does not exist"
            return self._contract.answer("policies, unknown receiver", message=message)
        self.tree = sent | {"provenance": "api"}
        return self._contract.answer("policies changed")

    def _receivers(self) -> list[str]:
        return _receivers(self.tree)


def _receivers(tree: dict[str, Any]) -> list[str]:
    return [tree["receiver"], *(it["receiver"] for it in tree.get("routes") or ())]


def _hidden(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: HIDDEN if name in _SECRET else value for name, value in settings.items()}


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    return {name: copy.deepcopy(value) for name, value in rule.items() if name != "version"}


def _kept(sent: dict[str, Any], number: int, version: int) -> dict[str, Any]:
    """A rule as the server keeps it: it fills in how often a query is asked."""
    queries = [it | {"model": {"intervalMs": 1000, "maxDataPoints": 43200} | it["model"]} for it in sent["data"]]
    own = {"id": number, "version": version, "updated": "2026-11-23T00:40:35Z", "provenance": "api"}
    return copy.deepcopy(sent) | own | {"data": queries}
