"""Contact points: templates whose ``${NAMES}`` are filled from a file of each organisation's own values.

A contact point with a value missing is left out, and told of. Secrets come back hidden: they are taken for unchanged,
and written again on demand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from dashboards.publish.changes import Action, Change
from dashboards.publish.compare import differences, in_words
from dashboards.publish.folders import PREFIX
from dashboards.publish.server import Grafana

KIND: Final = "contact point"
_POINTS: Final = "/v1/provisioning/contact-points"
_HOLE: Final = re.compile(r"\$\{?([A-Z][A-Z0-9_]*)\}?")
_OWN: Final = frozenset(("provenance",))


@dataclass(frozen=True, slots=True)
class Filled:
    """Contact points that have all their values, and for the others the names that are missing, by uid."""

    points: Mapping[str, dict[str, Any]]
    missing: Mapping[str, tuple[str, ...]]


def filled(templates: Sequence[dict[str, Any]], values: Mapping[str, str]) -> Filled:
    """Fill templates with values by name; an empty value is a missing one."""
    points: dict[str, dict[str, Any]] = {}
    missing: dict[str, tuple[str, ...]] = {}
    for template in templates:
        names = sorted(set(_names(template["settings"])))
        lacking = tuple(name for name in names if not values.get(name))
        if lacking:
            missing[template["uid"]] = lacking
        else:
            points[template["uid"]] = template | {"settings": _put(template["settings"], values)}
    return Filled(points, missing)


def changes(
    grafana: Grafana, organisation: str, wanted: Mapping[str, dict[str, Any]], *, anew: bool = False
) -> Iterator[Change]:
    """What is to change of an organisation's contact points, by uid.

    Args:
        grafana: The server, within the organisation.
        organisation: Its name.
        wanted: Contact points with their secrets.
        anew: Write those again that hold secrets, which cannot be compared.
    """
    there = {str(it["uid"]): it for it in grafana.ask("GET", _POINTS).expected()}
    for uid, point in wanted.items():
        if uid not in there:
            yield Change(organisation, KIND, uid, Action.ADD, "", partial(_add, grafana, point))
            continue
        told = {name: value for name, value in there[uid].items() if name not in _OWN}
        why = in_words(differences(point, told, more=True)) or ("secrets" if anew and _hides(told) else "")
        if why:
            yield Change(organisation, KIND, uid, Action.CHANGE, why, partial(_change, grafana, point))


def stale(grafana: Grafana, organisation: str, wanted: set[str]) -> Iterator[Change]:
    """Ours that are wanted no more. They go last: one that a route names cannot be removed."""
    for it in grafana.ask("GET", _POINTS).expected():
        uid = str(it["uid"])
        if uid.startswith(PREFIX) and uid not in wanted:
            yield Change(organisation, KIND, uid, Action.STALE, "", partial(_remove, grafana, uid))


def names(grafana: Grafana) -> list[str]:
    """What all contact points of ours are called that stand in an organisation."""
    there = grafana.ask("GET", _POINTS).expected()
    return sorted({str(it["name"]) for it in there if str(it["uid"]).startswith(PREFIX)})


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _HOLE.findall(value)
    elif isinstance(value, Mapping):
        for it in value.values():
            yield from _names(it)
    elif isinstance(value, list):
        for it in value:
            yield from _names(it)


def _put(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _HOLE.sub(lambda hole: values[hole[1]], value)
    if isinstance(value, Mapping):
        return {name: _put(it, values) for name, it in value.items()}
    return [_put(it, values) for it in value] if isinstance(value, list) else value


def _hides(point: Mapping[str, Any]) -> bool:
    return "REDACTED" in str(point["settings"])


def _add(grafana: Grafana, point: dict[str, Any]) -> None:
    told = grafana.ask("POST", _POINTS, point)
    if told.status == HTTPStatus.INTERNAL_SERVER_ERROR and "already exist" in told.message:
        _change(grafana, point)  # somebody made it a moment ago
        return
    told.expected(f"look at the values of {point['name']!r} in CANHDONG_GRAFANA_CONTACTS_FILE")


def _change(grafana: Grafana, point: dict[str, Any]) -> None:
    hint = f"look at the values of {point['name']!r} in CANHDONG_GRAFANA_CONTACTS_FILE"
    grafana.ask("PUT", f"{_POINTS}/{point['uid']}", point).expected(hint)


def _remove(grafana: Grafana, uid: str) -> None:
    told = grafana.ask("DELETE", f"{_POINTS}/{uid}")
    if told.status != HTTPStatus.NOT_FOUND:
        told.expected("a notification policy that is not ours sends to it: change that one first")
