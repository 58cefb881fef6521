"""Codecs against messages that nobody here wrote: The Things Stack, SenML's own examples, Eclipse Tahu's encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import PayloadError
from core.model.samples import Reading
from ingest import sensors
from ingest.codecs import senml, sparkplug_b, ttn_v3
from tests.support.shared import shared

NOW_MS = 1_499_109_309_000
_TAHU = [("NBIRTH", "", "NBIRTH"), ("DBIRTH", "/d", "DBIRTH"), ("DDATA", "/d", "DDATA_alias_only")]
RESOLVED = [n for n in range(1, 13) if n != 7]


def test_uplinks_of_the_things_stack_ask_for_a_decoder() -> None:
    for name in ("mqtt/tts_v3_uplink_mqtt.json", "mqtt/tts_v3_uplink_storage.ndjson"):
        for line in _documents(shared(name)):
            with pytest.raises(PayloadError, match="payload decoder") as raised:
                ttn_v3.decode("v3/app1/devices/dev1/up", line, NOW_MS)
            assert raised.value.reason == "schema"


def test_a_join_is_no_uplink() -> None:
    with pytest.raises(PayloadError, match="no uplink_message"):
        ttn_v3.decode("v3/app1/devices/dev1/up", shared("mqtt/tts_v3_join_accept_0.json").read_bytes(), NOW_MS)


def _documents(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [line for line in data.splitlines() if line.strip()] if path.suffix == ".ndjson" else [data]


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


@pytest.mark.parametrize(
    ("decoded", "values"),
    [
        (
            {"Bat": 3.625, "TempC_DS18B20": "24.1", "conduct_SOIL": 28200, "temp_SOIL": "24.59", "water_SOIL": "19.57"},
            {"battery_voltage": 3.625, "probe_temperature": 24.1, "soil_conductivity": 28_200.0}
            | {"soil_temperature": 24.59, "soil_moisture": 19.57},
        ),
        ({"battery": 92, "level": 2}, {"battery": 92.0, "water_level": 0.02}),
        (
            {"valid": True, "err": 0, "messages": [{"measurementId": 4097, "measurementValue": 21.4}]},
            {"air_temperature": 21.4},
        ),
    ],
    ids=["lse01", "em500-swl", "sensecap"],
)
def test_objects_of_public_decoders(decoded: dict[str, Any], values: dict[str, float]) -> None:
    """The outputs that TheThingsNetwork/lorawan-devices publishes for its example bytes."""
    sensor = sensors.choose([], decoded)
    assert sensor is not None
    assert {quantity: value for quantity, value, _ in sensors.read(sensor, decoded).values} == pytest.approx(values)
