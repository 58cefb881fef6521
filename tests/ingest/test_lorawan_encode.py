"""Uplinks as the network servers write them: what is written is read back, and the same uplink is the same bytes."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.samples import Reading
from ingest.codecs import chirpstack_v3, chirpstack_v4, senml, ttn_v3
from ingest.uplink import Uplink

EUI = "24e124136b316231"
NOW_MS = 1_772_500_000_000
CODECS: dict[str, Any] = {"chirpstack_v3": chirpstack_v3, "chirpstack_v4": chirpstack_v4, "ttn_v3": ttn_v3}


def uplink(ts_ms: int = NOW_MS, eui: str = EUI, depth_cm: int = 57) -> Uplink:
    told = {"battery": 92, "depth": depth_cm}
    return Uplink(eui, "Milesight", "EM500-SWL", "em500-swl", ts_ms, 85, told)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
@settings(max_examples=50, deadline=None)
@given(
    ts_ms=st.integers(1_200_000_000_000, 2_500_000_000_000),
    eui=st.binary(min_size=8, max_size=8).map(bytes.hex),
    depth_cm=st.integers(0, 30_000),
)
def test_an_uplink_is_read_back(codec: Any, ts_ms: int, eui: str, depth_cm: int) -> None:
    topic, payload = codec.encode(uplink(ts_ms, eui, depth_cm))
    found = codec.decode(topic, payload, NOW_MS)
    assert found.samples == [
        Reading(eui, ts_ms, "battery", 92.0, "%"),
        Reading(eui, ts_ms, "water_level", depth_cm / 100.0, "m"),
    ]
    assert not found.faults


def test_the_servers_versions_are_told_apart() -> None:
    v3, v4 = (codec.encode(uplink())[1] for codec in (chirpstack_v3, chirpstack_v4))
    assert chirpstack_v3.recognises(v3)
    assert not chirpstack_v3.recognises(v4)
    assert chirpstack_v4.recognises(v4)
    assert not chirpstack_v4.recognises(v3)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_the_same_uplink_is_the_same_bytes_and_another_is_another(codec: Any) -> None:
    assert codec.encode(uplink()) == codec.encode(uplink())
    assert codec.encode(uplink())[1] != codec.encode(uplink(NOW_MS + 1))[1]


def test_frames_are_counted_and_radio_figures_are_those_of_lora() -> None:
    ups = [uplink(NOW_MS + 600_000 * n) for n in range(200)]
    counts = [up.count for up in ups]
    assert all(0 <= count < 65_536 for count in counts)
    assert {(b - a) % 65_536 for a, b in pairwise(counts)} == {10}
    assert len({up.unique for up in ups}) == 200
    assert all(-125 <= up.rssi <= -60 and -20 <= up.snr <= 15 for up in ups)
    assert json.loads(chirpstack_v4.encode(ups[0])[1])["txInfo"] == {"frequency": 921_400_000}


@given(value=st.floats(-1e6, 1e6), ts_ms=st.integers(1_200_000_000_000, 2_500_000_000_000))
def test_senml_is_read_back(value: float, ts_ms: int) -> None:
    said = [
        Reading(EUI, ts_ms, "water_level", value, "m"),
        Reading(EUI, ts_ms, "soil_moisture", 37.5, "%"),
        Reading(EUI, ts_ms, "soil_conductivity", 812.0, "uS/cm"),
        Reading(EUI, ts_ms, "water_level_2", float("nan"), "m"),
    ]
    topic, payload = senml.encode(EUI, said)
    assert topic == f"senml/{EUI}/up"
    found = senml.decode(topic, payload, NOW_MS)
    assert not found.faults
    for back, reading in zip(found.samples, said, strict=False):
        assert isinstance(back, Reading)
        assert (back.device, back.ts_ms, back.quantity, back.unit) == (
            EUI, ts_ms, reading.quantity, reading.unit,
        )  # fmt: skip
        assert back.value == pytest.approx(reading.value, rel=1e-12)
    assert len(found.samples) == 3
