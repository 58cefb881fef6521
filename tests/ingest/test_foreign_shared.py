"""Codecs against messages that nobody here wrote: SenML's own examples, Eclipse Tahu's encoder."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.model.samples import Reading
from ingest.codecs import senml, sparkplug_b
from tests.support.shared import shared

NOW_MS = 1_499_109_309_000
_TAHU = [("NBIRTH", "", "NBIRTH"), ("DBIRTH", "/d", "DBIRTH"), ("DDATA", "/d", "DDATA_alias_only")]
RESOLVED = [n for n in range(1, 13) if n != 7]


@pytest.mark.parametrize("number", RESOLVED)
def test_packs_resolve_as_the_standard_says(number: int) -> None:
    """ex7 is left out: its answer lacks a row that the pack has as an extension."""
    folder = shared("mqtt/senml")
    pack = (folder / f"ex{number}.json").read_bytes()
    answer = json.loads((folder / f"ex{number}.gen.resolved.json").read_text(encoding="utf-8"))
    now_ms = round(answer[-1]["t"] * 1_000) if number in {1, 2, 6, 8, 9, 10, 11, 12} else NOW_MS
    got = [_plain(record) for record, _ in senml.resolved(pack, now_ms)]
    assert [{k: v for k, v in it.items() if k != "t"} for it in got] == [
        {k: v for k, v in it.items() if k != "t"} for it in answer
    ]


@pytest.mark.parametrize("number", [3, 4, 5])
def test_absolute_times_resolve_as_the_standard_says(number: int) -> None:
    folder = shared("mqtt/senml")
    answer = json.loads((folder / f"ex{number}.gen.resolved.json").read_text(encoding="utf-8"))
    got = [record["t"] for record, _ in senml.resolved((folder / f"ex{number}.json").read_bytes(), NOW_MS)]
    assert got == pytest.approx([it["t"] for it in answer], abs=1e-6)


def _plain(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "named"}


def test_every_pack_of_the_standard_is_read() -> None:
    for path in sorted(shared("mqtt/senml").glob("ex*.json")):
        if ".gen." not in path.name:
            decoded = senml.decode("senml/x/up", path.read_bytes(), NOW_MS)
            assert decoded.samples or decoded.faults


def test_sparkplug_of_another_encoder() -> None:
    session = sparkplug_b.session({})
    read = {}
    for kind, device, name in _TAHU:
        payload = shared(f"mqtt/sparkplug_tahu_{name}.bin").read_bytes()
        read[kind] = session.decode(f"spBv1.0/g/{kind}/n{device}", payload, NOW_MS)
    assert [(r.quantity, r.value) for r in _of(read["DBIRTH"].samples)] == [
        ("input/Device Metric1", 1.0),
        ("output/Device Metric2", 16.0),
        ("output/Device Metric3", 1.0),
    ]
    assert [(r.quantity, r.value, r.ts_ms) for r in _of(read["DDATA"].samples)] == [
        ("output/Device Metric2", -12.0, 1_795_306_101_616),
        ("input/Device Metric1", 0.0, 1_795_306_101_616),
    ]
    assert not read["NBIRTH"].faults
    assert not any(r.quantity.startswith(("bdSeq", "Node Control")) for r in _of(read["NBIRTH"].samples))


def _of(samples: list[Any]) -> list[Reading]:
    return [sample for sample in samples if isinstance(sample, Reading)]


def test_a_births_aliases_outlive_the_process() -> None:
    memory: dict[str, str] = {}
    birth = shared("mqtt/sparkplug_tahu_DBIRTH.bin").read_bytes()
    sparkplug_b.session(memory).decode("spBv1.0/g/DBIRTH/n/d", birth, NOW_MS)
    data = shared("mqtt/sparkplug_tahu_DDATA_alias_only.bin").read_bytes()
    decoded = sparkplug_b.session(json.loads(json.dumps(memory))).decode("spBv1.0/g/DDATA/n/d", data, NOW_MS)
    assert [r.value for r in _of(decoded.samples)] == [-12.0, 0.0]
