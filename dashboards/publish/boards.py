"""Boards: every POST makes a new version, so a board is written only where it differs from what stands.

Never with ``overwrite``: a stranger's board of the same title would be taken over by it. The version that was read is
sent instead, and a refusal because of another version is answered by reading again, once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from core.errors import Conflict
from dashboards.publish.changes import Action, Change
from dashboards.publish.compare import differences, in_words
from dashboards.publish.folders import PREFIX
from dashboards.publish.server import Grafana, Told

KIND: Final = "board"
TAG: Final = "canhdong"
_OWN: Final = frozenset(("id", "version"))
"""Fields that are the server's."""
ADDS_FROM: Final = (12,)
"""From this version on a server may add fields to a board as it keeps it."""
_MESSAGE: Final = "canhdong dashboards publish"


def changes(
    grafana: Grafana, organisation: str, wanted: Mapping[str, tuple[str, dict[str, Any]]], version: Sequence[int]
) -> Iterator[Change]:
    """What is to change of an organisation's boards.

    Args:
        grafana: The server, within the organisation.
        organisation: Its name.
        wanted: By uid: the folder's uid, and the board.
        version: The server's.
    """
    more = tuple(version) >= ADDS_FROM
    for uid, (folder, board) in wanted.items():
        told = grafana.ask("GET", f"/dashboards/uid/{uid}")
        if told.status == HTTPStatus.NOT_FOUND:
            yield Change(organisation, KIND, uid, Action.ADD, "", partial(_write, grafana, folder, board, 0))
            continue
        why = _differs(folder, board, told.expected(), more=more)
        if why:
            yield Change(
                organisation,
                KIND,
                uid,
                Action.CHANGE,
                why,
                partial(_change, grafana, folder, board, told),
            )
    yield from stale(grafana, organisation, set(wanted))


def stale(grafana: Grafana, organisation: str, wanted: set[str]) -> Iterator[Change]:
    """Ours that are wanted no more, by folder, tag and uid: a copy that somebody saved has another uid."""
    for it in grafana.ask("GET", f"/search?type=dash-db&tag={TAG}&limit=5000").expected():
        uid = str(it["uid"])
        ours = uid.startswith(PREFIX) and str(it.get("folderUid", "")).startswith(PREFIX)
        if ours and uid not in wanted:
            yield Change(organisation, KIND, uid, Action.STALE, "", partial(_remove, grafana, uid))


def _differs(folder: str, board: dict[str, Any], told: dict[str, Any], *, more: bool) -> str:
    there = {name: value for name, value in told["dashboard"].items() if name not in _OWN}
    bare = {name: value for name, value in board.items() if name not in _OWN}
    found = list(differences(bare, there, more=more))
    if told["meta"].get("folderUid", "") != folder:
        found.insert(0, "folder")
    return in_words(iter(found))


def _change(grafana: Grafana, folder: str, board: dict[str, Any], told: Told) -> None:
    if told.body["meta"].get("provisioned"):
        raise Conflict(f"Grafana: board {board['uid']} was provisioned by a file: remove the file, or do not publish")
    _write(grafana, folder, board, int(told.body["dashboard"]["version"]))


def _write(grafana: Grafana, folder: str, board: dict[str, Any], version: int) -> None:
    told = _post(grafana, folder, board, version)
    if told.status == HTTPStatus.PRECONDITION_FAILED and told.word == "version-mismatch":
        newer = grafana.ask("GET", f"/dashboards/uid/{board['uid']}").expected()
        told = _post(grafana, folder, board, int(newer["dashboard"]["version"]))
    if told.word == "name-exists":
        told.expected(f"another board in that folder is called {board['title']!r}: rename, move or remove it")
    told.expected("somebody saves this board at the same time: do it again")


def _post(grafana: Grafana, folder: str, board: dict[str, Any], version: int) -> Told:
    document = {
        "dashboard": board | {"id": None, "version": version},
        "folderUid": folder,
        "message": _MESSAGE,
        "overwrite": False,
    }
    return grafana.ask("POST", "/dashboards/db", document)


def _remove(grafana: Grafana, uid: str) -> None:
    told = grafana.ask("DELETE", f"/dashboards/uid/{uid}")
    if told.status != HTTPStatus.NOT_FOUND:
        told.expected()
