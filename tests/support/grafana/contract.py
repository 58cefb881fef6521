"""The 92 calls that were recorded from a real Grafana 9.3.2, by the name of their case."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from typing import Any

from tests.support.shared import shared

FILE = "grafana/http_contract_9.3.2.json"


@dataclass(frozen=True)
class Call:
    """One recorded call. ``who`` asked; ``org`` is the header that chooses an organisation ("" none)."""

    case: str
    who: str
    method: str
    path: str
    request: Any
    status: int
    response: Any
    org: str = ""


def calls() -> list[Call]:
    """All of them, in their order, which matters."""
    document = json.loads(shared(FILE).read_text(encoding="utf-8"))
    return [
        Call(
            it["case"],
            it["as"],
            it["method"],
            it["path"],
            it["request"],
            it["status"],
            it["response"],
            it.get("headers", {}).get("X-Grafana-Org-Id", ""),
        )
        for it in document["calls"]
    ]


class Contract:
    """Answers by case: what the real server said, with what the state of the test server puts in its place."""

    def __init__(self) -> None:
        self.calls = calls()
        self._by_case: dict[str, Call] = {}
        for it in self.calls:
            self._by_case.setdefault(it.case, it)

    def answer(self, case: str, **put: Any) -> tuple[int, Any]:
        """Status and body of a case, some fields of the body replaced."""
        it = self._by_case[case]
        body = copy.deepcopy(it.response)
        return it.status, body | put if put else body
