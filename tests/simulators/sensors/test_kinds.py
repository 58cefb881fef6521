from __future__ import annotations

import numpy as np
import pytest

from core.localtime import day_window_ms, local
from core.model.fixtable import Floats, Ints
from simulators import specs
from simulators.sensors.salinity import conductivity_of_salinity, salinity_gl, salinity_of_conductivity, season
from simulators.sensors.soil import Soil, conductivity_uspcm, moisture_pct
from simulators.sensors.tide import HIGHEST_M, tide_m
from simulators.sensors.water import BUND_M, Paddy, canal_level_m, field_level_m
from simulators.weather.course import Course, course
from tests.simulators.sensors.posts import DAY_MS, END_MS, HOUR_MS, START_MS, month, sensor, values

TEN_MINUTES = np.arange(START_MS, END_MS, 600_000, dtype=np.int64)
PADDY = Paddy(percolation_m_per_day=0.005, drainable=0.2, first_m=0.03)


def dry() -> Course:
    return course(specs.Weather(showers_per_day=0.0), START_MS, END_MS, 3)


def spread(values: Floats, per: int) -> Floats:
    """Highest less lowest of every ``per`` values."""
    whole = values[: len(values) // per * per].reshape(-1, per)
    found: Floats = whole.max(axis=1) - whole.min(axis=1)
    return found


def test_a_station_says_what_the_weather_is() -> None:
    made = sensor(specs.Sensor(kind="weather"))
    off = {q: np.abs(values(made, q) - made.truth[q]) for q in ("air_temperature", "air_pressure", "wind_speed")}
    assert all(0.0 < error.max() < 0.6 for error in off.values())
    assert (values(made, "wind_gust") >= values(made, "wind_speed")).all()
    assert values(made, "air_humidity").max() <= 100.0
    total = values(made, "rain_total")
    assert (np.diff(total) >= 0.0).all()
    assert total[-1] == pytest.approx(month().rain_mm[-1], abs=0.3)
    assert total[-1] > 5.0
    assert set(np.round(np.diff(total) / 0.2, 6) % 1.0) == {0.0}
    light = values(made, "light")
    assert light[0] == 0.0
    assert 60_000.0 < light.max() < 125_000.0


def test_water_sinks_faster_below_the_soil_and_is_flooded_again_at_15_cm() -> None:
    level = field_level_m(dry(), PADDY, TEN_MINUTES)
    assert -0.152 < level.min() <= -0.149
    assert 0.049 < level.max() < 0.057
    falls = -np.diff(level)
    above, below = falls[(level[:-1] > 0.005) & (falls > 0)], falls[(level[:-1] < -0.005) & (falls > 0)]
    assert 0.006 < above.mean() * 144 < 0.014
    assert below.mean() > 3.5 * above.mean()
    floods = np.flatnonzero((level[:-1] < 0.0) & (level[1:] >= 0.0))
    assert 2 <= len(floods) <= 4
    for flood in floods:
        assert level[flood - 36 : flood + 37].max() > 0.045


def test_rain_raises_the_water_up_to_the_bund() -> None:
    storm = course(
        specs.Weather(showers_per_day=0.0, fronts=[specs.Front(at_h=12.0, day=2, rain_mmph=40.0)]), START_MS, END_MS, 3
    )
    ts = TEN_MINUTES[TEN_MINUTES < START_MS + 4 * DAY_MS]
    with_rain, without = field_level_m(storm, PADDY, ts), field_level_m(dry(), PADDY, ts)
    at = int(np.searchsorted(ts, START_MS + 2 * DAY_MS + 12 * HOUR_MS))
    assert with_rain[at - 1] == pytest.approx(without[at - 1], abs=0.003)
    gained = with_rain[at + 12] - without[at + 12]
    assert gained == pytest.approx(storm.rain_mm[-1] / 1000.0, abs=0.004)
    wet = course(specs.Weather(showers_per_day=12.0), START_MS, END_MS, 3)
    assert field_level_m(wet, PADDY, TEN_MINUTES).max() == BUND_M


def test_the_tide_is_mixed_with_two_high_waters_a_day_springs_and_neaps() -> None:
    ts = np.arange(START_MS, START_MS + 90 * DAY_MS, 600_000, dtype=np.int64)
    tide = tide_m(ts)
    assert np.abs(tide).max() <= HIGHEST_M
    peaks = np.flatnonzero((tide[1:-1] > tide[:-2]) & (tide[1:-1] >= tide[2:])) + 1
    assert 1.6 < len(peaks) / 90.0 < 2.0
    assert np.abs(np.diff(tide[peaks])).max() > 0.4  # unequal high waters: K1 and O1
    ranges = spread(tide, 144)
    assert 2.8 < ranges.max() < 4.3
    assert ranges.min() < 0.65 * ranges.max()
    smooth = np.convolve(spread(tide, 144), np.ones(3) / 3.0, "same")[1:-1]
    springs = np.flatnonzero((smooth[1:-1] > smooth[:-2]) & (smooth[1:-1] >= smooth[2:]))
    assert 12 <= np.diff(springs).mean() <= 17


def test_spring_tides_follow_the_moon() -> None:
    """New moon on 19 March 2026 (01:23 UTC), first quarter on 25 March: springs, then neaps."""
    ts = np.arange(day_window_ms("2026-03-15")[0], day_window_ms("2026-04-04")[0], 600_000, dtype=np.int64)
    ranges = spread(tide_m(ts), 144)
    assert 18 <= 15 + int(np.argmax(ranges[:12])) <= 23
    assert 25 <= 22 + int(np.argmin(ranges[7:])) <= 31


def test_a_canal_moves_with_the_tide() -> None:
    level = canal_level_m(month(), TEN_MINUTES, -0.1, np.random.default_rng(1))
    assert 0.7 < spread(level, 144).max() < 1.6
    later = np.corrcoef(level, tide_m(TEN_MINUTES - 5_400_000))[0, 1]
    assert later > 0.97
    made = sensor(specs.Sensor(kind="water_level", canal=True))
    assert spread(values(made, "water_level"), 144).min() > 0.3


def year_of_salt() -> tuple[Ints, Floats]:
    start_ms, end_ms = day_window_ms("2026-01-01")[0], day_window_ms("2026-12-31")[1]
    ts = np.arange(start_ms, end_ms, 3_600_000, dtype=np.int64)
    calm = course(specs.Weather(showers_per_day=0.0), start_ms, start_ms + DAY_MS, 1)
    return ts, salinity_gl(calm, ts, 10.0, np.random.default_rng(1))


def test_salt_comes_in_the_dry_season_and_goes_with_the_rains() -> None:
    ts, salt = year_of_salt()
    months = np.array([local(int(t)).month for t in ts])
    highest = {m: float(salt[months == m].max()) for m in range(1, 13)}
    assert max(highest, key=lambda m: highest[m]) in {3, 4}
    assert 7.0 < max(highest.values()) < 13.0
    assert highest[9] < 0.3
    assert highest[1] > 1.0
    assert salt.min() > 0.1
    assert season(ts).max() == pytest.approx(1.0, abs=0.001)


def test_salt_comes_with_the_tide_more_at_springs() -> None:
    ts, salt = year_of_salt()
    march = (ts > day_window_ms("2026-03-10")[0]) & (ts < day_window_ms("2026-04-10")[0])
    assert np.corrcoef(salt[march], tide_m(ts[march] - HOUR_MS))[0, 1] > 0.95
    peaks = salt[march][:720].reshape(-1, 24).max(axis=1)
    assert peaks.min() < 0.8 * peaks.max()


@pytest.mark.parametrize(
    ("uspcm", "gl"), [(53_065.0, 35.0), (17_600.0, 10.4), (9_000.0, 5.0), (3_900.0, 2.05), (0.0, 0.0)]
)
def test_salinity_of_a_conductivity_is_that_of_pss_78(uspcm: float, gl: float) -> None:
    assert salinity_of_conductivity(np.array([uspcm]))[0] == pytest.approx(gl, rel=0.02, abs=0.02)


def test_conductivity_and_salinity_are_each_others_inverse() -> None:
    salt = np.array([0.15, 0.5, 1.0, 2.0, 4.0, 12.0, 30.0, 42.0])
    assert np.allclose(salinity_of_conductivity(conductivity_of_salinity(salt)), salt, rtol=1e-4)


def test_a_salinity_probe_says_both_in_agreement() -> None:
    made = sensor(specs.Sensor(kind="salinity"))
    salt, conductivity = values(made, "salinity"), values(made, "water_conductivity")
    assert np.abs(salinity_of_conductivity(conductivity) - salt).max() < 0.02
    assert np.abs(salt - made.truth["salinity"]).max() < 0.06 * salt.max()


def test_soil_is_full_under_water_and_dries_as_it_sinks() -> None:
    soil = Soil(PADDY, full_pct=52.0, pore_dspm=2.0)
    level = np.array([0.1, 0.0, -0.05, -0.10, -0.15])
    moisture = moisture_pct(level, soil)
    assert moisture[:2].tolist() == [52.0, 52.0]
    assert (np.diff(moisture)[1:] < 0.0).all()
    assert 30.0 < moisture[-1] < 42.0
    conductivity = conductivity_uspcm(moisture, level, soil)
    assert (np.diff(conductivity)[1:] < 0.0).all()
    assert conductivity[0] < conductivity[1]
    assert (conductivity > 300.0).all()
    assert (conductivity < 2_000.0).all()


def test_soil_in_a_plot_answers_to_flooding_and_to_the_day() -> None:
    made = sensor(specs.Sensor(kind="soil"), weather=dry())
    moisture, temperature = values(made, "soil_moisture"), values(made, "soil_temperature")
    assert 8.0 < moisture.max() - moisture.min() < 20.0
    rises = np.flatnonzero(moisture[36:] - moisture[:-36] > 6.0)
    assert len(rises)
    swing = spread(temperature, 144)
    air = spread(dry().air_c[:-1:10], 144)
    assert 0.3 < swing.mean() / air.mean() < 0.55
