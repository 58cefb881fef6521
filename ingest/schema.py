"""The native payload as JSON Schema (2020-12), made from the objects that the codec reads; kept in docs/schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import msgspec

from ingest.wire import EventWire, FixWire, ReadingWire

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs" / "schema"

_PAYLOADS: Final[dict[str, tuple[type[msgspec.Struct], str]]] = {
    "fix": (FixWire, "Telemetry of a drone: canhdong/v1/{cooperative}/drones/{device}/telemetry"),
    "event": (EventWire, "Events of a drone: canhdong/v1/{cooperative}/drones/{device}/events"),
    "reading": (ReadingWire, "Telemetry of a field sensor: canhdong/v1/{cooperative}/sensors/{device}/telemetry"),
}


def schemas() -> dict[str, str]:
    """The text of every schema by its file's name."""
    return {f"{name}.schema.json": _text(wire, title) for name, (wire, title) in _PAYLOADS.items()}


def _text(wire: type[msgspec.Struct], title: str) -> str:
    (reference,), parts = msgspec.json.schema_components([wire], ref_template="#/$defs/{name}")
    for name, part in parts.items():
        parts[name] = _tolerant(part)
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "description": "One object, or an array of them (a batch). A field that is absent or null is not told; "
        "unknown fields are tolerated and counted. The device must be the topic's.",
        "oneOf": [reference, {"type": "array", "items": reference, "minItems": 1}],
        "$defs": parts,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _tolerant(part: dict[str, Any]) -> dict[str, Any]:
    """What is optional may be null, and a default of "not told" (NaN is no JSON) is not shown."""
    required = set(part.get("required", ()))
    shown: dict[str, Any] = {}
    for name, field in part["properties"].items():
        told = {key: value for key, value in field.items() if key != "default"}
        shown[name] = told if name in required else {"anyOf": [told, {"type": "null"}]}
    return {**{k: v for k, v in part.items() if k != "title"}, "properties": shown}


def write(folder: Path = FOLDER) -> None:
    """Write every schema into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
