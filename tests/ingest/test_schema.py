"""The published schema says what the codec does: golden payloads are valid exactly where they were taken in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from core.errors import PayloadError
from ingest import schema
from ingest.codecs import native_json
from tests.support.shared import ROOT

CASES = sorted(path.parent for path in (ROOT / "tests/golden/codecs/native_json").glob("*/expected.json"))
KINDS = {"drones/telemetry": "fix", "drones/events": "event", "sensors/telemetry": "reading"}


def valid(value: Any, rule: dict[str, Any]) -> bool:
    return bool(Draft202012Validator(rule).is_valid(value))


def rule_for(topic: str) -> dict[str, Any]:
    parts = topic.split("/")
    text = (schema.FOLDER / f"{KINDS[f'{parts[3]}/{parts[5]}']}.schema.json").read_text(encoding="utf-8")
    rule: dict[str, Any] = json.loads(text)
    return rule


def test_the_schemas_in_docs_are_the_codecs() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in schema.FOLDER.glob("*.schema.json")}
    assert kept.pop("statement.schema.json"), "statements have a test of their own"
    assert kept == schema.schemas(), "run: python -c 'from ingest import schema; schema.write()'"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_golden_payloads_are_valid_where_nothing_of_them_was_refused(case: Path) -> None:
    topic = (case / "topic").read_text(encoding="utf-8").strip()
    payload = (case / "payload.json").read_bytes()
    rule = rule_for(topic)
    faults = [f for f in native_json.decode(topic, payload).faults if f.reason == "schema"]
    beyond = [f for f in faults if "out of range" in f.message]  # of a double: JSON Schema has no word for that
    assert valid(json.loads(payload), rule) == (not faults or faults == beyond)


@pytest.mark.parametrize(
    "row",
    [
        {"device": "", "ts": 1, "lat": 9, "lon": 105},
        {"device": "d1", "ts": 2**53 + 1, "lat": 9, "lon": 105},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "swath_m": -1},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "job": "x" * 129},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "on": 1},
        {"device": "d1", "ts": None, "lat": 9, "lon": 105},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "sections": [{"offset_m": 0, "width_m": 1}]},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "on": None, "seq": None, "sections": None},
        {"device": "d1", "ts": 1, "lat": 9, "lon": 105, "more": {"a": [1]}},
    ],
)
def test_schema_and_codec_agree(row: dict[str, Any]) -> None:
    topic = "canhdong/v1/htx/drones/d1/telemetry"
    rule = rule_for(topic)
    try:
        faults = native_json.decode(topic, json.dumps(row).encode()).faults
        taken = not [f for f in faults if f.reason == "schema"]
    except PayloadError:
        taken = False
    assert valid(row, rule) == taken
