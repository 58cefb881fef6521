"""The notification policy: our routes to our contact points stand in it, and nothing else of it is touched.

There is one tree for an organisation, which is read and written whole: people's own routes are sent back as they came.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

from dashboards.publish.changes import Action, Change
from dashboards.publish.server import Grafana

KIND: Final = "notification policy"
LABEL: Final = "canhdong"
"""The label that alert rules of ours carry."""
_TREE: Final = "/v1/provisioning/policies"


def changes(grafana: Grafana, organisation: str, wanted: Sequence[str], known: Sequence[str] = ()) -> Iterator[Change]:
    """What is to change of the tree.

    Args:
        grafana: The server, within the organisation.
        organisation: Its name.
        wanted: Names of contact points that alerts of ours go to, all of them.
        known: Names of all contact points that have ever been ours.
    """
    tree: dict[str, Any] = grafana.ask("GET", _TREE).expected()
    there = list(tree.get("routes") or ())
    theirs = [it for it in there if not _ours(it, {*wanted, *known})]
    routes = [*(_route(name) for name in wanted), *theirs]
    if [_plain(it) for it in there] != [_plain(it) for it in routes]:
        sent = {name: value for name, value in tree.items() if name != "provenance"} | {"routes": routes}
        yield Change(organisation, KIND, "routes", Action.CHANGE, "routes", partial(_write, grafana, sent))


def _route(name: str) -> dict[str, Any]:
    """To one contact point, and on to the next."""
    return {"receiver": name, "object_matchers": [[LABEL, "=", "1"]], "continue": True}


def _ours(route: Mapping[str, Any], names: set[str]) -> bool:
    return route.get("receiver") in names and route.get("object_matchers") == [[LABEL, "=", "1"]]


def _plain(route: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in route.items() if name != "provenance"}


def _write(grafana: Grafana, tree: dict[str, Any]) -> None:
    grafana.ask("PUT", _TREE, tree).expected("a contact point that it sends to may be gone")
