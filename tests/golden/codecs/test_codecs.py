"""Every codec against its folder of cases: topic and payload in, samples and faults out."""

from __future__ import annotations

import importlib
import json
import math
import pkgutil
from collections.abc import Iterator
from dataclasses import asdict
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from core.errors import PayloadError
from ingest import codecs
from ingest.codecs.native_json import Decoded

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/topic"))


def described(decoded: Decoded) -> dict[str, Any]:
    """A result as JSON: what samples tell, faults by row and reason."""
    return {
        "samples": [{"is": type(s).__name__, **_told(asdict(s))} for s in decoded.samples],
        "places": decoded.places,
        "faults": [{"row": f.index, "reason": f.reason, "message": f.message} for f in decoded.faults],
        "unknown": decoded.unknown,
    }


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return dict(_told_pairs(values))


def _told_pairs(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if name == "sections":
            if value:
                yield name, [_told(section) for section in value]
        elif isinstance(value, IntEnum):
            if value >= 0:
                yield name, value.name.lower()
        elif not (isinstance(value, float) and math.isnan(value)) and value not in {"", -1}:
            yield name, value


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(case: Path) -> None:
    codec = importlib.import_module(f"ingest.codecs.{case.parent.name}")
    topic = (case / "topic").read_text(encoding="utf-8").strip()
    payload = (case / "payload.json").read_bytes()
    refused = case / "expected.err"
    if refused.exists():
        with pytest.raises(PayloadError) as raised:
            codec.decode(topic, payload)
        assert f"{raised.value.reason}: {raised.value}" == refused.read_text(encoding="utf-8").strip()
        return
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert described(codec.decode(topic, payload)) == expected


def test_every_codec_has_cases() -> None:
    found = {module.name for module in pkgutil.iter_modules(codecs.__path__)}
    assert found == {case.parent.name for case in CASES}
