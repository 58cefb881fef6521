"""What there is to publish: the files of ``dashboards/rendered``, read as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigError
from dashboards.publish.alerts import check
from dashboards.publish.folders import Folder
from dashboards.publish.routing import LABEL
from dashboards.publish.wanted import Organisation
from dashboards.sources import Audience

RENDERED: Final = Path(__file__).resolve().parents[1] / "rendered"
FOLDERS: Final = {"vi": Folder("cd_vi", "Cánh Đồng"), "en": Folder("cd_en", "Cánh Đồng (English)")}
"""Where boards go, by language."""


@dataclass(frozen=True, slots=True)
class Part:
    """What goes to the organisations of one audience."""

    boards: Mapping[str, tuple[str, dict[str, Any]]]
    rules: Mapping[str, dict[str, Any]]
    points: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of it, by audience."""

    parts: Mapping[Audience, Part]
    folders: tuple[Folder, ...] = tuple(FOLDERS.values())

    def of(self, audience: Audience) -> Part:
        """What goes to one."""
        return self.parts.get(audience, Part({}, {}, ()))

    def check(self, wanted: Sequence[Organisation]) -> None:
        """Look at every alert rule before anything is written; raises ``ConfigError``."""
        for it in wanted:
            for rule in self.of(it.audience).rules.values():
                check(rule, set(it.sources()))


def load(folder: Path = RENDERED) -> Catalogue:
    """Read all files.

    Raises:
        ConfigError: Something is missing or is not what it should be: render it anew.
    """
    boards: dict[Audience, dict[str, tuple[str, dict[str, Any]]]] = {it: {} for it in Audience}
    for language, kept in FOLDERS.items():
        for board in _documents(folder / language):
            boards[_audience(board)][board["uid"]] = kept.uid, board
    if not all(boards.values()):
        raise ConfigError(f"{folder} does not hold boards for everybody: canhdong dashboards render")
    points = _listed(folder / "contacts.json")
    parts = {it: Part(boards[it], _rules(folder / "alerts" / f"{it}.json"), points) for it in Audience}
    return Catalogue(parts)


def _rules(file: Path) -> dict[str, dict[str, Any]]:
    """Alert rules by uid, in the one folder of ours, with the label that routes go by."""
    return {
        it["uid"]: it | {"folderUID": FOLDERS["vi"].uid, "labels": it.get("labels", {}) | {LABEL: "1"}}
        for it in _listed(file)
    }


def _audience(board: Mapping[str, Any]) -> Audience:
    found = [it for it in Audience if it.value in board["tags"]]
    if len(found) != 1:
        raise ConfigError(f"board {board['uid']}: its tags name {len(found)} audiences instead of one")
    return found[0]


def _documents(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted(folder.glob("*.json")):
        yield json.loads(file.read_text(encoding="utf-8"))


def _listed(file: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return found
