from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.context import Weather
from core.model.samples import Reading
from geo.context.psychrometry import delta_t_c, wet_bulb_c
from geo.context.readings import Readings, Stations
from geo.context.sun import elevation_deg
from geo.context.weather import Search, weather_at
from tests.geo.context.made import NOON_MS, readings, stations
from tests.geo.tracks import PLANE

NEAR_FAR = stations(near=1_000.0, far=5_000.0, beyond=11_000.0)


def at(found: Readings, where: Stations = NEAR_FAR, search: Search | None = None, at_s: float = 0.0) -> Weather:
    lon, lat = np.array([PLANE.lon0_deg]), np.array([PLANE.lat0_deg])
    return weather_at(np.array([NOON_MS + int(1000 * at_s)]), lon, lat, where, found, search).row(0)


@pytest.mark.parametrize(
    ("temperature", "humidity", "expected"),
    [(30.0, 60.0, 6.1), (30.0, 85.0, 2.1), (26.0, 90.0, 1.3), (34.0, 50.0, 8.6)],
)
def test_delta_t_of_the_psychrometric_formula(temperature: float, humidity: float, expected: float) -> None:
    found = delta_t_c(np.array([temperature]), np.array([humidity]), np.array([1010.0]))
    assert found[0] == pytest.approx(expected, abs=0.05)


@given(temperature=st.floats(0.0, 50.0), humidity=st.floats(0.0, 100.0), pressure=st.floats(800.0, 1050.0))
def test_the_wet_bulb_solves_the_psychrometer_equation(temperature: float, humidity: float, pressure: float) -> None:
    wet = float(wet_bulb_c(np.array([temperature]), np.array([humidity]), np.array([pressure]))[0])
    factor = 1.0016 + 3.15e-6 * pressure - 0.074 / pressure

    def saturated(t: float) -> float:
        return factor * 6.112 * float(np.exp(17.62 * t / (243.12 + t)))

    vapour = saturated(wet) - 6.53e-4 * (1.0 + 0.000944 * wet) * pressure * (temperature - wet)
    assert vapour == pytest.approx(humidity / 100.0 * saturated(temperature), abs=1e-9)
    assert wet <= temperature


def test_saturated_air_has_no_depression_and_nothing_is_made_of_nothing() -> None:
    found = delta_t_c(np.array([28.0, np.nan, 28.0]), np.array([100.0, 50.0, np.nan]), np.full(3, 1010.0))
    assert found[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(found[1:]).all()


def test_the_sun_stands_where_the_reference_of_nrel_says() -> None:
    """The example of NREL/TP-560-34302 (Reda and Andreas): 39.872 degrees before refraction."""
    when = datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC).timestamp() * 1000.0
    found = elevation_deg(np.array([int(when)]), np.array([-105.1786]), np.array([39.742476]))
    assert found[0] == pytest.approx(39.872046, abs=0.02)


def test_each_quantity_comes_from_the_nearest_station_that_knows_it() -> None:
    weather = at(
        readings(
            NEAR_FAR,
            ("near", "air_temperature", -120, 30.0),
            ("far", "air_temperature", -10, 20.0),
            ("near", "air_humidity", -3_600, 10.0),  # stale
            ("far", "air_humidity", -30, 60.0),
            ("beyond", "rain_rate", 0, 5.0),
        )
    )
    assert weather.temperature_c == 30.0
    assert weather.humidity_pct == 60.0
    assert weather.delta_t_c == pytest.approx(6.14, abs=0.01)
    assert np.isnan(weather.rain_mmph)
    assert weather.sources is not None
    assert set(weather.sources) == {"air_temperature", "air_humidity"}
    source = weather.sources["air_humidity"]
    assert (source.station, source.age_s) == ("far", 30.0)
    assert source.distance_m == pytest.approx(5_000.0, abs=0.1)
    assert weather.sources["air_temperature"].age_s == 120.0


def test_limits_of_age_and_distance_are_inclusive_and_choose() -> None:
    found = readings(NEAR_FAR, ("near", "air_temperature", -900, 30.0), ("beyond", "air_temperature", 0, 20.0))
    assert at(found).temperature_c == 30.0
    assert np.isnan(at(found, at_s=0.001).temperature_c)
    assert at(found, at_s=0.001, search=Search(max_distance_m=12_000.0)).temperature_c == 20.0


def test_nothing_after_the_instant_is_used() -> None:
    found = readings(NEAR_FAR, ("near", "wind_speed", 1, 9.0), ("far", "wind_speed", -5, 2.0))
    assert at(found).wind_mps == 2.0


def test_pressure_is_the_stations_or_else_assumed_and_told() -> None:
    told = at(readings(NEAR_FAR, ("far", "air_pressure", -5, 990.0)))
    assert (told.pressure_hpa, told.pressure_assumed) == (990.0, False)
    assumed = at(readings(NEAR_FAR))
    assert (assumed.pressure_hpa, assumed.pressure_assumed) == (1010.0, True)


def test_wind_is_averaged_as_scalar_and_as_vector_over_ten_minutes() -> None:
    weather = at(
        readings(
            NEAR_FAR,
            *(("near", "wind_speed", s, v) for s, v in ((-601, 50.0), (-600, 40.0), (-400, 3.0), (0, 4.0))),
            *(("near", "wind_direction", s, v) for s, v in ((-601, 10.0), (-400, 0.0), (0, 90.0))),
            *(("near", "wind_gust", s, v) for s, v in ((-700, 30.0), (-400, 7.0), (0, 6.0))),
            *(("near", "rain_rate", s, v) for s, v in ((-300, 2.0), (0, 0.0))),
        )
    )
    assert weather.wind_mps == pytest.approx(3.5)
    assert weather.wind_vector_mps == pytest.approx(2.5)
    assert weather.wind_from_deg == pytest.approx(np.degrees(np.arctan2(4.0, 3.0)))
    assert (weather.gust_mps, weather.rain_mmph) == (7.0, 2.0)


def test_directions_are_averaged_around_the_circle() -> None:
    rows = [("near", "wind_direction", s, v) for s, v in ((-60, 350.0), (0, 20.0))]
    alone = at(readings(NEAR_FAR, *rows))
    assert alone.wind_from_deg == pytest.approx(5.0)
    assert np.isnan(alone.wind_vector_mps)
    assert np.isnan(alone.wind_mps)
    against = [("near", "wind_direction", s, v) for s, v in ((-60, 90.0), (0, 270.0))]
    speeds = [("near", "wind_speed", s, 2.0) for s in (-60, 0)]
    whirled = at(readings(NEAR_FAR, *against, *speeds))
    assert np.isnan(whirled.wind_from_deg)
    assert whirled.wind_mps == 2.0


def test_a_slow_station_counts_by_its_last_reading() -> None:
    rows = [("near", "wind_speed", -880, 2.5), ("near", "wind_direction", -880, 200.0)]
    weather = at(readings(NEAR_FAR, *rows))
    assert weather.wind_mps == 2.5
    assert weather.wind_from_deg == pytest.approx(200.0)


def test_readings_in_another_unit_are_refused_and_repeats_count_once() -> None:
    rows = [
        Reading("near", NOON_MS, "wind_speed", 2.0, "m/s"),
        Reading("near", NOON_MS, "wind_speed", 2.0, "m/s"),
        Reading("near", NOON_MS - 1000, "wind_speed", 4.0, "m/s"),
        Reading("near", NOON_MS, "wind_speed", 20.0, "km/h"),
        Reading("near", NOON_MS, "wind_speed", float("nan"), "m/s"),
        Reading("near", NOON_MS, "soil_moisture", 20.0, "%"),
        Reading("unheard-of", NOON_MS, "wind_speed", 20.0, "m/s"),
    ]
    found = Readings.from_samples(rows, NEAR_FAR)
    assert found.refused == 2
    assert at(found).wind_mps == 3.0
    assert at(Readings.from_samples(rows[::-1], NEAR_FAR)).wind_mps == 3.0


def test_without_stations_everything_is_unknown_but_the_sun() -> None:
    weather = at(readings(stations()), stations())
    assert np.isnan([weather.wind_mps, weather.temperature_c, weather.delta_t_c, weather.wind_from_deg]).all()
    assert weather.sun_deg > 70.0
    assert weather.sources == {}


@given(turn=st.floats(0.0, 360.0))
def test_a_turned_wind_turns_the_mean_and_keeps_its_length(turn: float) -> None:
    rows = [(-300, 2.0, 10.0), (-200, 3.0, 60.0), (0, 1.0, 300.0)]
    first, turned = (
        at(
            readings(
                NEAR_FAR,
                *(("near", "wind_speed", s, v) for s, v, _ in rows),
                *(("near", "wind_direction", s, (d + by) % 360.0) for s, _, d in rows),
            )
        )
        for by in (0.0, turn)
    )
    assert turned.wind_vector_mps == pytest.approx(first.wind_vector_mps)
    assert (turned.wind_from_deg - first.wind_from_deg - turn + 180.0) % 360.0 == pytest.approx(180.0)


def test_a_direction_shortly_before_a_speed_belongs_to_it() -> None:
    speeds = [("near", "wind_speed", s, v) for s, v in ((-300, 1.0), (0, 3.0))]
    directions = [("near", "wind_direction", s, v) for s, v in ((-330, 0.0), (-30, 90.0))]
    assert at(readings(NEAR_FAR, *speeds, *directions)).wind_vector_mps == pytest.approx(np.sqrt(10.0) / 2.0)
