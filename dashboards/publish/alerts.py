"""Alert rules: read by uid and from the ruler, for 9.3 lists none; checked by us, for it takes rules that cannot work.

An unknown uid is a 500 before it is a 404 in newer versions, and a repeated POST is one, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from core.errors import ConfigError
from dashboards.publish.changes import Action, Change
from dashboards.publish.compare import differences, in_words, seconds
from dashboards.publish.folders import PREFIX
from dashboards.publish.server import Grafana, Told
from dashboards.sources import EXPRESSIONS

KIND: Final = "alert rule"
_RULES: Final = "/v1/provisioning/alert-rules"
_ABSENT: Final = "could not find alert rule"
_DURATIONS: Final = ("for",)
_VARIABLE: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_OWN: Final = frozenset(("id", "orgID", "updated", "provenance", "version"))
"""Fields that are the server's."""


def changes(grafana: Grafana, organisation: str, wanted: Mapping[str, dict[str, Any]]) -> Iterator[Change]:
    """What is to change of an organisation's alert rules, by uid."""
    for uid, rule in wanted.items():
        told = grafana.ask("GET", f"{_RULES}/{uid}")
        if _absent(told):
            yield Change(organisation, KIND, uid, Action.ADD, "", partial(_add, grafana, rule))
            continue
        why = in_words(differences(_plain(rule), _plain(told.expected()), more=True))
        if why:
            yield Change(organisation, KIND, uid, Action.CHANGE, why, partial(_change, grafana, rule))
    yield from stale(grafana, organisation, set(wanted))


def stale(grafana: Grafana, organisation: str, wanted: set[str]) -> Iterator[Change]:
    """Ours, by folder and uid, that are wanted no more."""
    for uid in _listed(grafana):
        if uid not in wanted:
            yield Change(organisation, KIND, uid, Action.STALE, "", partial(_remove, grafana, uid))


def check(rule: Mapping[str, Any], sources: set[str]) -> None:
    """Look at what the server would take without a word, and never fire.

    Raises:
        ConfigError: The condition or an expression names no query, or a query names no data source.
    """
    queries = {str(it["refId"]): it for it in rule["data"]}
    wrong = [] if rule["condition"] in queries else [f"its condition {rule['condition']!r} is no query"]
    for name, it in queries.items():
        if it["datasourceUid"] not in sources | {EXPRESSIONS}:
            wrong.append(f"query {name} asks {it['datasourceUid']!r}, which its organisation does not have")
        if it["datasourceUid"] == EXPRESSIONS:
            strange = [named for named in _named(it["model"]) if named not in queries]
            wrong += [f"expression {name} names {named!r}, which is no query" for named in strange]
    if wrong:
        raise ConfigError(f"alert rule {rule['uid']}: {'; '.join(wrong)}")


def _named(model: Mapping[str, Any]) -> list[str]:
    """The queries that an expression rests on."""
    text = str(model.get("expression", ""))
    if model.get("type") != "math":
        return [text]
    return [braced or bare for braced, bare in _VARIABLE.findall(text)]


def _listed(grafana: Grafana) -> Iterator[str]:
    folders = grafana.ask("GET", "/ruler/grafana/api/v1/rules").expected() or {}
    for groups in folders.values():
        for rule in (rule for group in groups for rule in group["rules"]):
            told = rule["grafana_alert"]
            uid = str(told["uid"])
            if uid.startswith(PREFIX) and str(told.get("namespace_uid", "")).startswith(PREFIX):
                yield uid


def _absent(told: Told) -> bool:
    return told.status == HTTPStatus.NOT_FOUND or (
        told.status == HTTPStatus.INTERNAL_SERVER_ERROR and _ABSENT in told.message
    )


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule to compare: 60s and 1m are the same, and the server's own fields do not matter."""
    bare = {name: value for name, value in rule.items() if name not in _OWN}
    return bare | {name: seconds(str(bare[name])) for name in _DURATIONS if name in bare}


def _add(grafana: Grafana, rule: dict[str, Any]) -> None:
    told = grafana.ask("POST", _RULES, rule | {"orgID": grafana.org})
    if not told.ok and not _absent(grafana.ask("GET", f"{_RULES}/{rule['uid']}")):
        _change(grafana, rule)  # somebody made it a moment ago, under the same uid
        return
    told.expected(f"a rule in that folder may be called {rule['title']!r} already: rename or remove it")


def _change(grafana: Grafana, rule: dict[str, Any]) -> None:
    hint = f"a rule in that folder may be called {rule['title']!r} already, or it was provisioned by a file"
    grafana.ask("PUT", f"{_RULES}/{rule['uid']}", rule | {"orgID": grafana.org}).expected(hint)


def _remove(grafana: Grafana, uid: str) -> None:
    told = grafana.ask("DELETE", f"{_RULES}/{uid}")
    if told.status != HTTPStatus.NOT_FOUND:
        told.expected()
