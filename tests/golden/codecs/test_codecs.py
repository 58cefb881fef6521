"""Every codec against its folder of cases: topic and payload in, samples and faults out."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any, Final, cast

import pytest
from msgspec.structs import asdict

from core.errors import PayloadError
from ingest import codecs
from ingest.codec import Decoded, Decoder

HERE = Path(__file__).parent
RECEIVED: Final = 1_764_000_000_000
"""When every case's payload was received: 2025-11-24 16:00 UTC."""
CASES = sorted(path.parent for path in HERE.glob("*/*/topic"))


def described(decoded: Decoded) -> dict[str, Any]:
    """A result as JSON: what samples tell, faults by row and reason."""
    replies = [[topic, payload.hex()] for topic, payload in decoded.replies]
    return {
        "samples": [{"is": type(s).__name__, **_told(asdict(s))} for s in decoded.samples],
        "places": list(decoded.places),
        "faults": [{"row": f.index, "reason": f.reason, "message": f.message} for f in decoded.faults],
        "unknown": decoded.unknown,
        **({"replies": replies} if replies else {}),
    }


def _told(values: dict[str, Any]) -> dict[str, Any]:
    return dict(_told_pairs(values))


def _told_pairs(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if name == "sections":
            if value:
                yield name, [_told(asdict(section)) for section in value]
        elif isinstance(value, IntEnum):
            if value >= 0:
                yield name, value.name.lower()
        elif not (isinstance(value, float) and math.isnan(value)) and value not in {"", -1}:
            yield name, value


def decoder(case: Path) -> Decoder:
    """The case's codec; a session that has seen what lies in the folder ``before`` (NN.topic, NN.payload)."""
    module = codecs.codec(case.parent.name)
    if not hasattr(module, "session"):
        return cast(Decoder, module)
    session: Decoder = module.session({})
    for topic in sorted((case / "before").glob("*.topic")):
        session.decode(topic.read_text(encoding="utf-8").strip(), topic.with_suffix(".payload").read_bytes(), RECEIVED)
    return session


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_case(case: Path) -> None:
    topic = (case / "topic").read_text(encoding="utf-8").strip()
    (payload,) = case.glob("payload.*")
    refused = case / "expected.err"
    if refused.exists():
        with pytest.raises(PayloadError) as raised:
            decoder(case).decode(topic, payload.read_bytes(), RECEIVED)
        assert f"{raised.value.reason}: {raised.value}" == refused.read_text(encoding="utf-8").strip()
        return
    expected = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    assert described(decoder(case).decode(topic, payload.read_bytes(), RECEIVED)) == expected


def test_every_codec_has_cases() -> None:
    assert set(codecs.codecs()) == {case.parent.name for case in CASES}


@pytest.mark.parametrize("name", codecs.codecs())
def test_every_codec_has_a_good_and_a_refused_case(name: str) -> None:
    cases = [case for case in CASES if case.parent.name == name]
    assert {(case / "expected.err").exists() for case in cases} == {True, False}


@pytest.mark.parametrize("name", codecs.codecs())
def test_every_codec_is_named_like_its_module(name: str) -> None:
    assert name == codecs.codec(name).FORMAT
