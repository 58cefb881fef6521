"""What is written here must be what ingest reads: the same readings, by ingest's own codecs."""

from __future__ import annotations

import json
import math
from itertools import groupby
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.model.samples import Reading
from ingest import codecs
from ingest.codec import Decoded
from ingest.dispatch import Dispatch
from ingest.quantities import UNITS
from simulators import specs
from simulators.sensors import encode
from simulators.sensors.models import MODELS, OURS, Channel
from tests.simulators.sensors.posts import SERVERS, WIRES, readings, sensor

EUI = "24e124136b316231"
NOW_MS = 1_772_500_000_000

RANGES: dict[str, tuple[float, float]] = {
    "battery": (0.0, 100.0),
    "battery_voltage": (2.5, 4.0),
    "air_temperature": (10.0, 45.0),
    "soil_temperature": (10.0, 45.0),
    "water_temperature": (10.0, 45.0),
    "probe_temperature": (10.0, 60.0),
    "air_humidity": (5.0, 100.0),
    "air_pressure": (950.0, 1050.0),
    "wind_speed": (0.0, 40.0),
    "wind_gust": (0.0, 60.0),
    "wind_direction": (0.0, 359.0),
    "rain_rate": (0.0, 150.0),
    "rain_total": (0.0, 3_000.0),
    "light": (0.0, 150_000.0),
    "uv_index": (0.0, 15.0),
    "soil_moisture": (0.0, 100.0),
    "soil_conductivity": (0.0, 20_000.0),
    "water_level": (0.0, 10.0),
    "distance": (0.3, 8.0),
    "salinity": (0.0, 45.0),
    "water_conductivity": (0.0, 60_000.0),
}


def sent(channel: Channel, ts_ms: int) -> st.SearchStrategy[Reading]:
    low, high = RANGES[channel.quantity]
    steps = st.integers(math.ceil(low * channel.per), math.floor(high * channel.per))
    return steps.map(lambda n: Reading("s1", ts_ms, channel.quantity, n / channel.per, channel.unit))


def channels(kind: str, wire: str) -> tuple[Channel, ...]:
    model = MODELS.get(wire.partition("/")[2])
    return OURS[kind] if model is None else model.channels


def decoded(wire: str, sample: list[Reading]) -> Decoded:
    """What ingest makes of an uplink."""
    topic, payload = encode(wire, EUI, sample)
    found = codecs.codec(wire.partition("/")[0]).decode(topic, payload, NOW_MS)
    assert isinstance(found, Decoded)
    return found


@pytest.mark.parametrize(("kind", "wire"), WIRES)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_back(kind: str, wire: str, data: st.DataObject) -> None:
    ts_ms = data.draw(st.integers(1_700_000_000_000, 1_900_000_000_000))
    sample = [data.draw(sent(channel, ts_ms)) for channel in channels(kind, wire)]
    found = decoded(wire, sample)
    assert not found.faults
    assert not found.unknown
    got = {r.quantity: r for r in found.samples if isinstance(r, Reading)}
    assert len(got) == len(found.samples) == len(sample)
    for reading, channel in zip(sample, channels(kind, wire), strict=True):
        back = got[reading.quantity]
        assert (back.device, back.ts_ms) == (EUI, ts_ms)
        assert abs(back.value - reading.value) < 0.01 / channel.per
        assert back.unit == UNITS.get(reading.quantity, back.unit)


@pytest.mark.parametrize(("kind", "wire"), WIRES)
def test_a_month_goes_over_the_wire_without_a_fault(kind: str, wire: str) -> None:
    made = sensor(msgspec.convert({"kind": kind, "format": wire, "every_s": 7200.0}, specs.Sensor))
    seen: set[int] = set()
    for ts_ms, group in groupby(readings(made), lambda r: r.ts_ms):
        sample = list(group)
        found = decoded(wire, sample)
        assert not found.faults
        assert {r.quantity for r in found.samples if isinstance(r, Reading)} == {r.quantity for r in sample}
        seen.add(ts_ms)
    assert len(seen) == 360


@pytest.mark.parametrize(("kind", "wire"), WIRES)
def test_the_dispatch_finds_the_codec_of_the_topic(kind: str, wire: str) -> None:
    sample = [Reading("s1", NOW_MS, c.quantity, RANGES[c.quantity][0], c.unit) for c in channels(kind, wire)]
    topic, payload = encode(wire, EUI, sample)
    name, _ = Dispatch(list(codecs.codecs()), lambda _: {}).find(topic, payload)
    assert name == wire.partition("/")[0]


def test_the_same_readings_are_the_same_bytes() -> None:
    for _, wire in WIRES:
        sample = [Reading("s1", NOW_MS, "battery", 90.0, "%"), Reading("s1", NOW_MS, "water_level", 0.3, "m")]
        assert encode(wire, EUI, sample) == encode(wire, EUI, sample)


def objects(wire: str, sample: list[Reading]) -> dict[str, Any]:
    """The decoded object inside the envelope."""
    _, payload = encode(wire, EUI, sample)
    it = json.loads(payload)
    if "uplink_message" in it:
        found = it["uplink_message"]["decoded_payload"]
    else:
        found = it["object"] if "object" in it else json.loads(it["objectJSON"])
    assert isinstance(found, dict)
    return found


def reading(quantity: str, value: float) -> Reading:
    return Reading("s1", NOW_MS, quantity, value, UNITS.get(quantity, ""))


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize(
    ("level_m", "told"),
    [
        (0.57, {"depth": 57}),
        (0.0, {"depth": 0}),
        (-0.05, {"depth": 65_531}),
        (-0.02, {"depth": 65_534}),
        (-0.01, {"depth_error": "collection failed"}),
        (-0.03, {"depth_error": "out of range"}),
        (math.nan, {"depth_error": "collection failed"}),
    ],
)
def test_a_depth_is_unsigned_and_two_depths_are_errors(server: str, level_m: float, told: dict[str, Any]) -> None:
    sample = [reading("battery", 92.0), reading("water_level", level_m)]
    assert objects(f"{server}/em500-swl", sample) == {"battery": 92, **told}
    found = decoded(f"{server}/em500-swl", sample)
    levels = [r.value for r in found.samples if isinstance(r, Reading) and r.quantity == "water_level"]
    assert levels == ([] if "depth_error" in told else [level_m])
    assert [f.reason for f in found.faults] == (["sensor-error"] if "depth_error" in told else [])


@pytest.mark.parametrize("server", SERVERS)
def test_a_failed_soil_probe_of_milesight_is_a_tenth_below_zero(server: str) -> None:
    sample = [reading(q, math.nan) for q in ("soil_temperature", "soil_moisture", "soil_conductivity")]
    told = objects(f"{server}/em500-smtc", [reading("battery", 70.0), *sample])
    assert told == {
        "battery": 70,
        "temperature": -0.1,
        "moisture_error": "collection failed",
        "electricity_error": "collection failed",
    }
    found = decoded(f"{server}/em500-smtc", [reading("battery", 70.0), *sample])
    assert [r.quantity for r in found.samples if isinstance(r, Reading)] == ["battery"]
    assert [f.reason for f in found.faults] == ["sensor-error"] * 3


@pytest.mark.parametrize(
    ("model", "quantity"),
    [
        ("em500-udl", "distance"),
        ("ldds75", "distance"),
        ("ldds75", "probe_temperature"),
        ("lse01", "probe_temperature"),
        ("wts506", "wind_speed"),
        ("s2120", "air_pressure"),
    ],
)
@pytest.mark.parametrize("server", SERVERS)
def test_a_failed_probe_is_refused_with_its_reason_and_nothing_else_is_lost(
    server: str, model: str, quantity: str
) -> None:
    sample = [
        reading(c.quantity, math.nan if c.quantity == quantity else float(math.ceil(RANGES[c.quantity][0])))
        for c in MODELS[model].channels
    ]
    found = decoded(f"{server}/{model}", sample)
    assert {f.reason for f in found.faults} == {"sensor-error"}
    assert {r.quantity for r in found.samples if isinstance(r, Reading)} == {
        c.quantity for c in MODELS[model].channels if c.quantity != quantity
    }


def test_dragino_sends_texts_here_and_numbers_there() -> None:
    sample = [reading("soil_moisture", 37.0), reading("soil_temperature", 24.5), reading("battery_voltage", 3.6)]
    assert objects("ttn_v3/lse01", sample)["water_SOIL"] == "37.00"
    assert objects("chirpstack_v4/lse01", sample)["water_SOIL"] == 37
    far = [reading("distance", 2.41), reading("battery_voltage", 3.4), reading("probe_temperature", 25.5)]
    assert objects("ttn_v3/ldds75", far) == {
        "Node_type": "LDDS75",
        "Bat": 3.4,
        "Distance": 2410,
        "Interrupt_flag": 0,
        "TempC_DS18B20": "25.50",
        "Sensor_flag": 1,
    }
    assert objects("chirpstack_v4/ldds75", far)["Distance"] == "2410 mm"


def test_an_unidentified_soil_probe_of_dragino_says_so() -> None:
    lost = objects("chirpstack_v4/lse01", [reading("soil_moisture", math.nan)])
    assert (lost["s_flag"], lost["water_SOIL"]) == (0, 0)
    assert objects("chirpstack_v4/lse01", [reading("soil_moisture", 30.0)])["s_flag"] == 1


def test_sensecap_sends_lists_of_lists_and_pascals() -> None:
    told = objects("chirpstack_v4/s2120", [reading("air_pressure", 1008.4), reading("battery", 97.0)])
    assert told["messages"] == [
        [{"measurementValue": 100_840, "measurementId": "4101", "type": "Barometric Pressure"}],
        [{"Battery(%)": 97}],
    ]
    assert set(objects("chirpstack_v3/s2120", [reading("air_pressure", 1008.4)])) == {"data"}


def test_senml_uses_its_own_units() -> None:
    topic, payload = encode("senml", EUI, [reading("soil_moisture", 45.0), reading("battery", 88.0)])
    assert topic == f"senml/{EUI}/up"
    assert json.loads(payload) == [
        {"bn": f"{EUI}:", "n": "soil_moisture", "u": "/", "v": 0.45, "t": NOW_MS / 1000},
        {"n": "battery", "u": "%EL", "v": 88.0, "t": NOW_MS / 1000},
    ]


def test_what_nobody_speaks_is_refused() -> None:
    one = reading("battery", 1.0)
    for wire in ("native_json", "chirpstack_v4/unknown", "chirpstack_v4", "lwm2m/wts506", ""):
        with pytest.raises(ConfigError, match="speaks"):
            encode(wire, EUI, [one])
    with pytest.raises(ConfigError, match="one instant"):
        encode("senml", EUI, [one, Reading("s1", NOW_MS + 1, "battery", 1.0, "%")])
    with pytest.raises(ConfigError, match="one instant"):
        encode("senml", EUI, [])
