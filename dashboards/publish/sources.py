"""Data sources: compared but for their secrets, of which a mark tells whether they are the ones at hand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from core.errors import Conflict
from dashboards.publish.changes import Action, Change
from dashboards.publish.compare import differences, in_words
from dashboards.publish.server import Grafana, Told
from dashboards.publish.wanted import MARK, Organisation

KIND: Final = "data source"
PREFIX: Final = "canhdong_"
"""What the uids of ours begin with."""


def changes(grafana: Grafana, wanted: Organisation) -> Iterator[Change]:
    """What is to change of an organisation's data sources; ours that are wanted no more are stale."""
    documents = wanted.sources()
    for uid, document in documents.items():
        told = grafana.ask("GET", f"/datasources/uid/{uid}")
        if told.status == HTTPStatus.NOT_FOUND:
            yield Change(wanted.name, KIND, uid, Action.ADD, "", partial(_add, grafana, document))
            continue
        why = _differs(document, told.expected())
        if why:
            there: dict[str, Any] = told.body
            yield Change(
                wanted.name,
                KIND,
                uid,
                Action.CHANGE,
                why,
                partial(_change, grafana, document, there),
            )
    yield from stale(grafana, wanted.name, set(documents))


def stale(grafana: Grafana, organisation: str, wanted: set[str]) -> Iterator[Change]:
    """Ours that are wanted no more."""
    for it in grafana.ask("GET", "/datasources").expected():
        uid = str(it["uid"])
        if uid.startswith(PREFIX) and MARK in it.get("jsonData", {}) and uid not in wanted:
            path = f"/datasources/uid/{uid}"
            yield Change(organisation, KIND, uid, Action.STALE, "", partial(_remove, grafana, path))


def ill(grafana: Grafana, wanted: Organisation) -> Iterator[str]:
    """What is wrong with data sources that were just written, in the server's own words."""
    for uid in wanted.sources():
        told = grafana.ask("GET", f"/datasources/uid/{uid}/health")
        if told.status in {HTTPStatus.NOT_FOUND, HTTPStatus.NOT_IMPLEMENTED}:
            continue  # the version cannot ask this kind
        state = str(told.body.get("status", "")) if isinstance(told.body, dict) else ""
        if not told.ok or state == "ERROR":
            yield f"{wanted.name}: data source {uid}: {told.message or 'no answer'}"


def _differs(document: dict[str, Any], there: dict[str, Any]) -> str:
    """Where a data source is not what is wanted; "" where it is."""
    plain = {name: value for name, value in document.items() if name != "secureJsonData"}
    found = list(differences(plain, there, more=True))
    kept = there.get("secureJsonFields") or {}
    found += [f"secureJsonData.{name}" for name in document["secureJsonData"] if not kept.get(name)]
    return in_words(iter(found))


def _add(grafana: Grafana, document: dict[str, Any]) -> None:
    told = grafana.ask("POST", "/datasources", document)
    if told.status == HTTPStatus.CONFLICT:
        told = _again(grafana, document, told)
    told.expected(f"another data source there is called {document['name']!r}: rename or remove it")


def _again(grafana: Grafana, document: dict[str, Any], refused: Told) -> Told:
    """It was made a moment ago by somebody else, under the same uid: change that one."""
    there = grafana.ask("GET", f"/datasources/uid/{document['uid']}")
    return grafana.ask("PUT", f"/datasources/uid/{document['uid']}", document) if there.ok else refused


def _change(grafana: Grafana, document: dict[str, Any], there: dict[str, Any]) -> None:
    if there.get("readOnly"):
        raise Conflict(
            f"Grafana: data source {document['uid']} was provisioned by a file: remove the file, or do not publish"
        )
    grafana.ask("PUT", f"/datasources/uid/{document['uid']}", document).expected()


def _remove(grafana: Grafana, path: str) -> None:
    told = grafana.ask("DELETE", path)
    if told.status != HTTPStatus.NOT_FOUND:
        told.expected()
