"""Folders, one for each language: boards and alert rules are in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from dashboards.publish.changes import Action, Change
from dashboards.publish.server import Grafana

KIND: Final = "folder"
PREFIX: Final = "cd_"
"""What the uids of ours begin with, but for data sources."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by its uid, which is the same in every organisation."""

    uid: str
    title: str


def changes(grafana: Grafana, organisation: str, wanted: Folder) -> Iterator[Change]:
    """What is to change of one folder."""
    told = grafana.ask("GET", f"/folders/{wanted.uid}")
    if told.status == HTTPStatus.NOT_FOUND:
        yield Change(organisation, KIND, wanted.uid, Action.ADD, "", partial(_add, grafana, wanted))
    elif told.expected()["title"] != wanted.title:
        yield Change(organisation, KIND, wanted.uid, Action.CHANGE, "title", partial(_rename, grafana, wanted))


def stale(grafana: Grafana, organisation: str, wanted: Folder) -> Iterator[Change]:
    """A folder of ours that is wanted no more and holds nothing any more: what people put there stays."""
    told = grafana.ask("GET", f"/folders/{wanted.uid}")
    if told.status == HTTPStatus.NOT_FOUND:
        return
    found = grafana.ask("GET", f"/search?type=dash-db&folderIds={told.expected()['id']}").expected()
    if not found:
        yield Change(organisation, KIND, wanted.uid, Action.STALE, "", partial(_remove, grafana, wanted.uid))


def _add(grafana: Grafana, wanted: Folder) -> None:
    told = grafana.ask("POST", "/folders", {"uid": wanted.uid, "title": wanted.title})
    if told.status == HTTPStatus.PRECONDITION_FAILED and grafana.ask("GET", f"/folders/{wanted.uid}").ok:
        return  # somebody made it a moment ago, under the same uid
    told.expected(f"another folder or board there is called {wanted.title!r}: rename or remove it")


def _rename(grafana: Grafana, wanted: Folder) -> None:
    document = {"title": wanted.title, "overwrite": True}
    grafana.ask("PUT", f"/folders/{wanted.uid}", document).expected(f"something else is called {wanted.title!r}")


def _remove(grafana: Grafana, uid: str) -> None:
    told = grafana.ask("DELETE", f"/folders/{uid}")
    if told.status != HTTPStatus.NOT_FOUND:
        told.expected("it holds alert rules or boards that are not ours: move them")
