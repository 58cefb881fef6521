"""Boards and alert rules as JSON: the same bytes for the same code, committed under ``dashboards/rendered``.

``rendered/{vi,en}/{board}.json`` are dashboards, ``rendered/alerts/{audience}.json`` alert rules as the provisioning
interface takes them, ``rendered/provisioning/{audience}.json`` the same for file provisioning (JSON is YAML),
``rendered/contacts.json`` contact points whose secrets come from the environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from dashboards.alerts import contacts, rules
from dashboards.boards import all_boards
from dashboards.building.boards import dashboard
from dashboards.language import Language, Text
from dashboards.sources import Audience

RENDERED: Final = Path(__file__).parent / "rendered"


def rendered() -> dict[str, str]:
    """Everything, by path below :data:`RENDERED`."""
    files: dict[str, str] = {}
    for language in Language:
        for board in all_boards():
            files[f"{language}/{board.name}.json"] = _written(dashboard(board, language), language)
    for audience in Audience:
        told = rules.of(audience)
        files[f"alerts/{audience}.json"] = _written(told, Language.VI)
        files[f"provisioning/{audience}.json"] = _written(rules.file(told, audience), Language.VI)
    files["contacts.json"] = _written(contacts.templates(), Language.VI)
    return dict(sorted(files.items()))


def stale(folder: Path = RENDERED) -> list[str]:
    """Files that are not what the code renders: missing, different, or no longer rendered."""
    files = rendered()
    there = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*.json"))}
    different = [n for n, text in files.items() if n not in there or there[n].read_text(encoding="utf-8") != text]
    return sorted({*different, *(there.keys() - files.keys())})


def write(folder: Path = RENDERED) -> list[str]:
    """Write what is stale, remove what is no longer rendered, and say which files these were."""
    files = rendered()
    changed = stale(folder)
    for name in changed:
        path = folder / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()
    return changed


def centred(board: Mapping[str, Any], lat: float, lon: float, zoom: float) -> dict[str, Any]:
    """A rendered board whose maps look at another place: that of a cooperative's plots, in degrees."""
    view = {"id": "coords", "lat": lat, "lon": lon, "zoom": zoom}
    panels = [
        panel | {"options": panel["options"] | {"view": view}} if panel["type"] == "geomap" else panel
        for panel in board["panels"]
    ]
    return {**board, "panels": panels}


def _written(part: Any, language: Language) -> str:
    def said(value: Any) -> Any:
        if isinstance(value, Text):
            return value.said(language)
        raise TypeError(f"{value!r} cannot be rendered")

    told = msgspec.to_builtins(part, enc_hook=said)
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n"
