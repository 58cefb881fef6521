"""Organisations: made and renamed, never removed, for people and boards of their own may be in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from core.errors import Conflict
from dashboards.publish.changes import Action, Change
from dashboards.publish.server import Grafana
from dashboards.publish.wanted import Organisation

KIND: Final = "organisation"


class Organisations:
    """Which organisation of the server is whose, by the end of its name."""

    def __init__(self, grafana: Grafana) -> None:
        self._grafana = grafana
        self._there: list[dict[str, Any]] = grafana.ask("GET", "/orgs").expected()

    def id_of(self, wanted: Organisation) -> int:
        """Its number; 0: there is none.

        Raises:
            Conflict: Several end alike: nobody knows which is meant, and one of them may be a stranger's.
        """
        found = [it for it in self._there if _key(it) == wanted.key]
        if len(found) > 1:
            names = ", ".join(repr(it["name"]) for it in found)
            raise Conflict(f"Grafana has several organisations for {wanted.key!r}: {names}; rename all but one")
        return int(found[0]["id"]) if found else 0

    def changes(self, wanted: Organisation) -> Iterator[Change]:
        """What is to change of one."""
        org = self.id_of(wanted)
        name = next((it["name"] for it in self._there if it["id"] == org), "")
        if not org:
            yield Change(wanted.name, KIND, wanted.key, Action.ADD, "", partial(self._make, wanted))
        elif name != wanted.name:
            yield Change(wanted.name, KIND, wanted.key, Action.CHANGE, "name", partial(self._rename, org, wanted))

    def others(self, wanted: Sequence[Organisation]) -> Iterator[tuple[int, str]]:
        """Number and name of all that nobody wants: strangers', and those of cooperatives that are gone."""
        keys = {it.key for it in wanted}
        yield from ((int(it["id"]), str(it["name"])) for it in self._there if _key(it) not in keys)

    def _make(self, wanted: Organisation) -> None:
        hint = "an organisation of that name was made at the same time: do it again"
        body = self._grafana.ask("POST", "/orgs", {"name": wanted.name}).expected(hint)
        self._there.append({"id": int(body["orgId"]), "name": wanted.name})

    def _rename(self, org: int, wanted: Organisation) -> None:
        hint = "another organisation has that name: rename it"
        self._grafana.ask("PUT", f"/orgs/{org}", {"name": wanted.name}).expected(hint)
        self._there = [it | {"name": wanted.name} if it["id"] == org else it for it in self._there]


def _key(organisation: dict[str, Any]) -> str:
    """Whose it is: what stands in brackets at the end of its name."""
    name = str(organisation["name"])
    return name.removesuffix(")").rpartition("(")[2] if name.endswith(")") else ""
