"""Rendered boards, and their queries as Grafana sends them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from core.localtime import day_window_ms, local_day
from dashboards.render import rendered
from dashboards.sources import PLATFORM, PROVINCE, TELEMETRY
from tests.dashboards.seeding import HTX, Seeded

DATABASES: Final = {
    TELEMETRY: f"canhdong_{HTX}",
    PROVINCE: "canhdong_province",
    PLATFORM: "canhdong_platform",
}
_UNITS_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_LEFT: Final = re.compile(r"\$[\w{]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of a panel."""

    board: str
    panel: dict[str, Any]
    target: dict[str, Any]
    since: str

    @property
    def name(self) -> str:
        return f"{self.board}: {self.panel['title']} [{self.target['refId']}]"


def boards(language: str = "vi") -> dict[str, dict[str, Any]]:
    """Every board of a language as it is rendered now."""
    files = rendered()
    names = [name for name in files if name.startswith(f"{language}/")]
    return {name.removeprefix(f"{language}/").removesuffix(".json"): json.loads(files[name]) for name in names}


def asked() -> Iterator[Asked]:
    """Every query of every panel."""
    for name, board in boards("en").items():
        for panel in board["panels"]:
            for target in panel["targets"]:
                yield Asked(name, panel, target, panel.get("timeFrom") or board["time"]["from"])


def variables(query: str, chosen: dict[str, str]) -> str:
    """A query with the values of variables; of what nobody chose, all."""
    query = re.sub(r"\$\{(\w+):regex\}", lambda it: chosen.get(it[1], ".*"), query)
    return query.replace("${cong_m2}", "1000").replace("${plan_lpha}", "15")


def filled(query: str, since_ms: int, until_ms: int, interval: str, chosen: dict[str, str] | None = None) -> str:
    """A query as it reaches InfluxDB; its now is that of the seeding, however long ago that is."""
    window = f"time >= {since_ms}ms and time <= {until_ms}ms"
    sent = variables(query, chosen or {}).replace("$timeFilter", window).replace("$__interval", interval)
    sent = sent.replace("now()", f"{until_ms}ms")
    assert not _LEFT.search(sent.replace("$/", "")), f"something is not filled in: {sent}"
    return sent


def since_ms(since: str, seeded: Seeded) -> int:
    """The begin of a range; that of today is never after the first take-off, so that tests may run at midnight."""
    if since.endswith("now/d"):
        return min(day_window_ms(local_day(seeded.now_ms))[0], seeded.start_ms)
    number, unit = re.fullmatch(r"(?:now-)?(\d+)([smhd])", since).groups()  # type: ignore[union-attr]
    return seeded.now_ms - int(number) * _UNITS_MS[unit]


def sent(it: Asked, seeded: Seeded) -> str:
    """What a panel asks, over its range."""
    start_ms = since_ms(it.since, seeded)
    interval = it.panel.get("interval") or f"{max(10, (seeded.now_ms - start_ms) // 500_000)}s"
    return filled(it.target["query"], start_ms, seeded.now_ms, interval)


def answer(seeded: Seeded, source: str, query: str) -> list[dict[str, Any]]:
    """The rows of an answer, with the tags of their series; fails where InfluxDB refuses the query."""
    told = seeded.server.ask(query, DATABASES[source])
    assert "error" not in told, f"{told['error']}: {query}"
    return [
        dict(zip(series["columns"], row, strict=True)) | series.get("tags", {})
        for series in told.get("series", ())
        for row in series["values"]
    ]
