"""Hostile input: whatever comes, a codec gives samples and faults, or refuses it with a reason; it never breaks."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PayloadError
from core.model.samples import Fix, Reading
from ingest import codecs
from tests.golden.codecs.test_codecs import CASES, RECEIVED, decoder

NAMES: Final = sorted(codecs.codecs())
SEEDS: Final = {name: [case for case in CASES if case.parent.name == name] for name in NAMES}
WRONG: Final[list[Any]] = [
    None,
    True,
    -1,
    0,
    1e308,
    -1e308,
    2**70,
    "",
    "x",
    "é" * 300,
    [],
    [[]],
    {},
    {"": None},
    [None],
    "\x00",
]


def tried(case: Path, payload: bytes) -> None:
    topic = (case / "topic").read_text(encoding="utf-8").strip()
    try:
        decoded = decoder(case).decode(topic, payload, RECEIVED)
    except PayloadError:
        return
    assert len(decoded.samples) == len(decoded.places)
    assert all(fault.reason and fault.message for fault in decoded.faults)
    for sample in decoded.samples:
        assert sample.device
        assert isinstance(sample.ts_ms, int)
        if isinstance(sample, Reading):
            assert sample.quantity
            assert sample.value == sample.value
        elif isinstance(sample, Fix):
            assert sample.lat_deg == sample.lat_deg


def mutated(payload: bytes, dice: random.Random) -> bytes:
    """A payload with some bytes changed, cut, doubled or moved; or, of JSON, with a value replaced."""
    if dice.random() < 0.5 and (document := _document(payload)) is not None:
        return msgspec.json.encode(_replaced(document, dice))
    data = bytearray(payload)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(data)) if data else 0
        match dice.randrange(5):
            case 0 if data:
                data[at] ^= 1 << dice.randrange(8)
            case 1:
                del data[at : at + dice.randint(1, 12)]
            case 2:
                data[at:at] = data[at : at + dice.randint(1, 30)]
            case 3:
                data[at:at] = bytes([dice.randrange(256)])
            case _ if data:
                del data[at:]
    return bytes(data)


def _document(payload: bytes) -> Any:
    try:
        return msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _replaced(it: Any, dice: random.Random) -> Any:
    if isinstance(it, dict) and it and dice.random() < 0.85:
        name = dice.choice(sorted(it))
        if dice.random() < 0.15:
            return {key: value for key, value in it.items() if key != name}
        return {**it, name: _replaced(it[name], dice)}
    if isinstance(it, list) and it and dice.random() < 0.85:
        at = dice.randrange(len(it))
        return [*it[:at], _replaced(it[at], dice), *it[at + 1 :]]
    return dice.choice(WRONG)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_payloads(name: str) -> None:
    dice = random.Random(name)  # noqa: S311 - the same payloads every time
    for _ in range(int(2_500 * float(os.environ.get("CANHDONG_SOAK", "1")))):
        case = dice.choice(SEEDS[name])
        (payload,) = case.glob("payload.*")
        tried(case, mutated(payload.read_bytes(), dice))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=150, deadline=None)
@given(payload=st.binary(max_size=200))
def test_any_bytes(name: str, payload: bytes) -> None:
    tried(SEEDS[name][0], payload)
