from __future__ import annotations

import time

import msgspec
import numpy as np
import pytest

from core.errors import ConfigError
from core.localtime import local_day
from core.model.land import DeviceKind, ForeignDevice
from ingest.quantities import UNITS
from simulators import specs
from simulators.sensors import installed
from tests.simulators.sensors.posts import (
    DAY_MS,
    END_MS,
    PLACE,
    START_MS,
    WIRES,
    month,
    readings,
    sensor,
    times,
    values,
)  # fmt: skip


def _spec(kind: str, wire: str, **more: object) -> specs.Sensor:
    return msgspec.convert({"kind": kind, "format": wire, **more}, specs.Sensor)


def test_our_own_sensor_needs_no_foreign_name() -> None:
    made = sensor(specs.Sensor(kind="weather"), 2)
    assert made.device.device == "weather-02"
    assert made.device.cooperative == "htx-a"
    assert made.device.kind is DeviceKind.SENSOR
    assert (made.device.lon_deg, made.device.lat_deg) == PLACE
    assert (made.stream.device, made.stream.cooperative) == ("weather-02", "htx-a")
    assert (made.stream.wire, made.stream.external, made.aliases, made.mounts) == ("", "", (), ())


@pytest.mark.parametrize(("kind", "wire"), WIRES)
def test_a_foreign_sensor_is_known_by_its_eui(kind: str, wire: str) -> None:
    made = sensor(_spec(kind, wire))
    assert made.stream.wire == wire
    assert len(bytes.fromhex(made.stream.external)) == 8
    assert made.aliases == (ForeignDevice(wire.partition("/")[0], made.stream.external, "htx-a", made.device.device),)
    assert made.stream.external != sensor(_spec(kind, wire), 2).stream.external


@pytest.mark.parametrize("kind", ["weather", "water_level", "salinity", "soil"])
def test_readings_come_in_order_at_even_steps_in_units_of_the_platform(kind: str) -> None:
    made = sensor(_spec(kind, "native_json", every_s=900.0))
    said = readings(made)
    ts = np.array([r.ts_ms for r in said])
    assert (np.diff(ts) >= 0).all()
    steps = np.unique(ts)
    assert (np.diff(steps) == 900_000).all()
    assert START_MS <= steps[0] < START_MS + 900_000
    assert END_MS - 900_000 < steps[-1] <= END_MS
    assert {r.quantity: r.unit for r in said}.items() <= {**UNITS, "water_conductivity": "uS/cm"}.items()
    assert {r.device for r in said} == {made.device.device}


def test_sensors_do_not_measure_at_the_same_instant_nor_the_same_water() -> None:
    tubes = [sensor(specs.Sensor(kind="water_level"), number) for number in (1, 2, 3)]
    assert len({readings(tube)[0].ts_ms for tube in tubes}) == 3
    assert len({values(tube, "water_level")[0] for tube in tubes}) == 3


def test_the_same_seed_says_the_same() -> None:
    spec = specs.Sensor(kind="soil", format="ttn_v3/lse01")
    assert readings(sensor(spec)) == readings(sensor(spec))
    assert readings(sensor(spec)) != readings(sensor(spec, seed=2))


def test_a_level_probe_has_a_mount_that_makes_the_soil_its_zero() -> None:
    made = sensor(specs.Sensor(kind="water_level", format="chirpstack_v4/em500-swl"))
    (mount,) = made.mounts
    assert (mount.device, mount.cooperative, mount.quantity) == (made.device.device, "htx-a", "water_level")
    assert (mount.since, mount.unit) == (local_day(START_MS), "m")
    depth = values(made, "water_level")
    assert (depth > 0.0).all()
    assert np.abs(depth + mount.offset - made.truth["water_level"]).max() < 0.011


def test_a_distance_is_from_the_sensor_down() -> None:
    for wire in ("chirpstack_v4/em500-udl", "ttn_v3/ldds75"):
        made = sensor(specs.Sensor(kind="water_level", format=wire))
        assert made.mounts == ()
        assert np.abs(made.height_m - values(made, "distance") - made.truth["water_level"]).max() < 0.01
        assert values(made, "distance").min() > 0.28


@pytest.mark.parametrize(
    ("kind", "form", "words"),
    [
        ("weather", "lorawan", "native_json"),
        ("weather", "chirpstack_v4", "wts506"),
        ("weather", "chirpstack_v4/lse01", "wts506, s2120"),
        ("salinity", "ttn_v3/lse01", "no maker's model"),
        ("soil", "native_json/x", "native_json"),
    ],
)
def test_formats_that_do_not_fit_are_refused(kind: str, form: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        sensor(_spec(kind, form))


def test_too_short_a_time_for_a_reading_gives_none() -> None:
    for kind in ("weather", "water_level", "salinity", "soil"):
        spec = _spec(kind, "native_json", every_s=86_400.0, faults=[{"kind": "stuck"}, {"kind": "drift"}])
        made = installed(spec, 1, PLACE, month(), cooperative="c", start_ms=START_MS, end_ms=START_MS, seed=1)
        assert made.stream.samples == []


def test_the_battery_falls_and_an_empty_one_ends_it() -> None:
    fault = specs.Fault(kind="battery", from_h=24.0, amount=8.0)
    made = sensor(specs.Sensor(kind="soil", faults=[fault]))
    level = values(made, "battery")
    assert (np.diff(level) <= 0.0).all()
    assert level[-1] <= 2.0
    last = times(made, "battery")[-1]
    assert START_MS + 10 * DAY_MS < last < START_MS + 15 * DAY_MS
    volts = values(sensor(specs.Sensor(kind="soil", format="ttn_v3/lse01")), "battery_voltage")
    assert 3.4 < volts.min() <= volts.max() <= 3.6
    assert volts[-1] < volts[0]


def test_sensors_of_our_own_once_a_minute() -> None:
    station = readings(sensor(specs.Sensor(kind="weather", every_s=60.0), seed=4))
    minutes = sorted({r.ts_ms for r in station})
    assert minutes == [minutes[0] + 60_000 * i for i in range(len(minutes))]
    assert {"air_temperature", "wind_direction", "rain_total"} <= {r.quantity for r in station}
    assert station == readings(sensor(specs.Sensor(kind="weather", every_s=60.0), seed=4))
    tube = specs.Sensor(kind="water_level", every_s=60.0)
    assert readings(sensor(tube, seed=4)) != readings(sensor(tube, seed=5))


def test_a_month_of_forty_sensors_takes_seconds() -> None:
    kinds = [("weather", "chirpstack_v4/wts506"), ("water_level", "ttn_v3/ldds75"), ("salinity", "senml"), ("soil", "")]
    began = time.process_time()
    said = sum(
        len(readings(sensor(_spec(kind, form or "native_json"), number)))
        for number in range(1, 11)
        for kind, form in kinds
    )
    assert said > 700_000
    assert time.process_time() - began < 10.0
