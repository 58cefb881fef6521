from __future__ import annotations

import numpy as np
import pytest

from core.localtime import day_window_ms
from core.model.fixtable import Floats
from simulators import specs
from simulators.weather.course import Course, course

MINUTE_MS = 60_000
DAY_MS = 86_400_000
START_MS = day_window_ms("2026-03-02")[0]
FINE = specs.Weather(showers_per_day=0.0)


def weather(spec: specs.Weather, days: int = 30, seed: int = 3) -> Course:
    return course(spec, START_MS, START_MS + days * DAY_MS - 1, seed)


def by_hour(column: Floats) -> list[float]:
    """Mean of a column in each hour of the day."""
    days = len(column) // 1440
    means: list[float] = column[: days * 1440].reshape(days, 24, 60).mean(axis=(0, 2)).tolist()
    return means


@pytest.fixture(scope="module")
def month() -> Course:
    return weather(specs.Weather(showers_per_day=1.0))


@pytest.fixture(scope="module")
def fine() -> Course:
    return weather(FINE)


def test_every_minute_is_there(month: Course) -> None:
    assert month.start_ms == START_MS
    assert month.ts_ms[[0, -1]].tolist() == [START_MS, START_MS + 30 * DAY_MS]


def test_what_cannot_be_does_not_happen(month: Course) -> None:
    assert (month.humidity_pct <= 100.0).all()
    assert (month.humidity_pct > 0.0).all()
    assert (month.dew_point_c() <= month.air_c).all()
    assert (month.gust_mps >= month.wind_mps).all()
    assert (month.wind_mps > 0.0).all()
    assert (month.rain_mmph >= 0.0).all()
    assert (np.diff(month.rain_mm) >= 0.0).all()
    assert (month.radiation_wm2 >= 0.0).all()
    assert month.radiation_wm2.max() < 1_100.0


def test_the_climate_is_that_of_the_scenario(fine: Course) -> None:
    assert fine.air_c.mean() == pytest.approx(28.0, abs=0.4)
    assert fine.humidity_pct.mean() == pytest.approx(82.0, abs=1.5)
    assert fine.wind_mps.mean() == pytest.approx(2.2, rel=0.15)
    assert fine.pressure_hpa.mean() == pytest.approx(1009.0, abs=0.8)
    daily_range = fine.air_c[: 30 * 1440].reshape(30, 1440)
    assert np.mean(daily_range.max(axis=1) - daily_range.min(axis=1)) == pytest.approx(7.6, abs=1.5)
    assert weather(specs.Weather(humidity_pct=60.0)).humidity_pct.mean() == pytest.approx(60.0, abs=2.0)


def test_the_day_has_its_course(fine: Course) -> None:
    air, humidity, wind, light = (
        by_hour(c) for c in (fine.air_c, fine.humidity_pct, fine.wind_mps, fine.radiation_wm2)
    )
    assert 13 <= int(np.argmax(air)) <= 14
    assert 5 <= int(np.argmin(air)) <= 6
    assert 12 <= int(np.argmin(humidity)) <= 15
    assert 13 <= int(np.argmax(wind)) <= 16
    assert wind[5] < 0.6 * np.mean(wind)
    assert 11 <= int(np.argmax(light)) <= 12
    assert light[0] == light[20] == 0.0


def test_the_sea_breeze_turns_the_wind_in_the_afternoon(fine: Course) -> None:
    direction = by_hour(fine.from_deg)
    assert direction[2] == pytest.approx(225.0, abs=8.0)
    assert direction[14] < direction[2] - 15.0


def test_the_pressure_has_its_tide(fine: Course) -> None:
    pressure = by_hour(fine.pressure_hpa)
    tide = np.array(pressure) - np.mean(pressure)
    assert tide[[9, 10, 21, 22]].min() > 0.7
    assert tide[[3, 4, 15, 16]].max() < -0.7


def test_delta_t_is_small_at_dawn_and_good_for_spraying_by_day(fine: Course) -> None:
    delta = by_hour(fine.delta_t_c())
    assert 0.0 < delta[5] < 1.0
    assert 3.0 < delta[13] < 6.0


def test_it_rains_as_often_as_ordered_and_mostly_after_noon() -> None:
    wet = weather(specs.Weather(showers_per_day=2.0), days=120)
    begins = np.flatnonzero(np.diff((wet.rain_mmph > 0.0).astype(int)) == 1)
    assert 170 < len(begins) < 270
    hours = begins % 1440 // 60
    assert np.mean((hours >= 12) & (hours < 19)) > 0.4
    assert wet.rain_mmph.max() < 60.0
    assert wet.humidity_pct[wet.rain_mmph > 2.0].min() > 90.0
    assert weather(FINE).rain_mmph.max() == 0.0


def test_a_squall_line_brings_what_it_says_at_its_hour() -> None:
    front = specs.Front(at_h=15.0, day=1, hours=1.5, gust_mps=16.0, turn_deg=70.0, rain_mmph=40.0, cooling_c=6.0)
    with_front = weather(specs.Weather(showers_per_day=0.0, fronts=[front]), days=2)
    quiet = weather(FINE, days=2)
    at = 1440 + 15 * 60
    before, after = slice(at - 30, at), slice(at + 4, at + 21)
    assert with_front.gust_mps[at - 120 : at].max() < 10.0
    assert with_front.gust_mps[after].max() == 16.0
    assert with_front.gust_mps.max() == 16.0
    turn = with_front.from_deg[after].mean() - with_front.from_deg[before].mean()
    assert turn == pytest.approx(70.0, abs=15.0)
    assert quiet.air_c[at + 20] - with_front.air_c[at + 20] == pytest.approx(6.0, abs=0.8)
    assert with_front.pressure_hpa[at + 6] - with_front.pressure_hpa[at - 1] == pytest.approx(2.5, abs=0.3)
    assert with_front.rain_mmph[:at].max() == 0.0
    assert with_front.rain_mmph.max() == 40.0
    assert with_front.rain_mmph[at + 120 :].max() == 0.0
    assert with_front.wind_mps[at + 180] < 6.0


def test_a_front_in_the_night_before_still_cools_the_morning() -> None:
    front = specs.Front(at_h=6.5)
    late = course(specs.Weather(showers_per_day=0.0, fronts=[front]), START_MS + 7 * 3_600_000, START_MS + DAY_MS, 3)
    assert late.rain_mmph[0] > 5.0
    assert late.start_ms == START_MS + 7 * 3_600_000


def test_the_wind_vector_points_where_it_blows_and_is_linear_between_minutes(month: Course) -> None:
    east, north = month.wind_to(month.ts_ms)
    assert np.allclose(np.sqrt(east * east + north * north), month.wind_mps, rtol=1e-9)
    radians = np.radians(month.from_deg)
    assert np.allclose(east, -month.wind_mps * np.sin(radians), atol=1e-9)
    assert np.allclose(north, -month.wind_mps * np.cos(radians), atol=1e-9)
    middle = month.wind_to(month.ts_ms[:-1] + MINUTE_MS // 2)[0]
    assert np.allclose(middle, (east[:-1] + east[1:]) / 2.0)
    south_west = course(specs.Weather(wind_from_deg=225.0), START_MS, START_MS + DAY_MS, 1)
    assert south_west.east_mps.mean() > 0.5
    assert south_west.north_mps.mean() > 0.5


def test_columns_hold_before_and_after(month: Course) -> None:
    ts = np.array([month.start_ms - 10**9, int(month.ts_ms[-1]) + 10**9], dtype=np.int64)
    assert month.at(month.air_c, ts).tolist() == [month.air_c[0], month.air_c[-1]]
    direction = month.wind_from_deg(month.ts_ms)
    assert ((direction >= 0.0) & (direction < 360.0)).all()


def test_the_strongest_gust_of_spans(month: Course) -> None:
    until = month.ts_ms[20:2000:10] + 1
    since = until - 10 * MINUTE_MS
    found = month.strongest_gust(since, until)
    starts = range(11, 1991, 10)
    assert found.tolist() == [month.gust_mps[i : i + 10].max() for i in starts]
    first = month.strongest_gust(month.ts_ms[:1] - DAY_MS, month.ts_ms[:1])
    assert first.tolist() == [month.gust_mps[0]]


def test_the_same_seed_is_the_same_weather() -> None:
    one, again, other = (weather(specs.Weather(), days=2, seed=seed) for seed in (5, 5, 6))
    for column in ("air_c", "humidity_pct", "pressure_hpa", "gust_mps", "from_deg", "rain_mmph", "radiation_wm2"):
        assert getattr(one, column).tobytes() == getattr(again, column).tobytes()
    assert one.air_c.tobytes() != other.air_c.tobytes()


def test_an_instant_has_weather() -> None:
    now = course(FINE, START_MS + 12_345, START_MS + 12_345, 1)
    assert len(now) == 2
    assert now.wind_to(np.array([START_MS + 12_345], dtype=np.int64))[0].shape == (1,)
