"""The test server itself: the recorded calls, played to it in their order, are answered as the real server did."""

from __future__ import annotations

import re
from typing import Any

import httpx2 as httpx

from tests.support.grafana.contract import Call, calls
from tests.support.grafana.server import ADMIN, PUBLISHER, running_grafana

_VOLATILE = frozenset(("id", "created", "updated", "traceID", "accessErrorId", "typeLogoUrl", "folderId"))
_PLAYED = re.compile(
    r"/api/(folders(/\w+)?|datasources(/uid/\w+(/health)?)?|dashboards/(db|uid/\w+)|orgs|org|health"
    r"|v1/provisioning/(alert-rules/\w+|alert-rules|contact-points(/\w+)?|policies)|ruler/\S+)(\?\S+)?"
)


def tidy(value: Any) -> Any:
    """A body without what differs from run to run, and what only other parts of the server tell."""
    if isinstance(value, dict):
        return {name: tidy(it) for name, it in value.items() if name not in _VOLATILE}
    return [tidy(it) for it in value] if isinstance(value, list) else value


def asked(client: httpx.Client, it: Call) -> httpx.Response:
    headers = {"X-Grafana-Org-Id": it.org} if it.org else {}
    if it.who != ADMIN:
        headers["Authorization"] = f"Bearer {it.who}"
    auth = ("admin", "admin") if it.who == ADMIN else None
    return client.request(it.method, it.path, json=it.request, headers=headers, auth=auth)


def test_the_recorded_calls_are_answered_as_recorded() -> None:
    wrong: list[str] = []
    with running_grafana() as grafana, httpx.Client(base_url=grafana.url) as client:
        verbatim = len(grafana.verbatim)
        for it in calls():
            answer = asked(client, it)
            body = answer.json() if answer.content else None
            if answer.status_code != it.status or tidy(body) != tidy(it.response):
                wrong.append(f"{it.case}: {answer.status_code} {tidy(body)} instead of {it.status} {tidy(it.response)}")
    assert not wrong, "\n".join(wrong)
    assert verbatim - len(grafana.verbatim) <= 40, "most are answered by what the server holds, not by heart"


def test_what_publish_uses_is_never_answered_by_heart() -> None:
    """A call that changes something, played a second time, is answered by the state it meets."""
    ours = [it for it in calls() if it.who in {ADMIN, PUBLISHER} and _PLAYED.fullmatch(it.path)]
    assert len(ours) > 50
    with running_grafana() as grafana, httpx.Client(base_url=grafana.url) as client:
        for it in ours:
            asked(client, it)
        learnt = [it.case for it in ours if it not in grafana.verbatim]
    assert learnt == ["organisations with a token", "alert rules, listed"]
