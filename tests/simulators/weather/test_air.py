from __future__ import annotations

import numpy as np
import pytest

from core.localtime import day_window_ms, local
from simulators.weather.air import delta_t_c, dew_point_c, radiation_wm2, saturation_hpa, sun_height, uv_index


@pytest.mark.parametrize(("air_c", "hpa"), [(0.0, 6.11), (20.0, 23.37), (30.0, 42.43), (40.0, 73.78)])
def test_saturation_is_that_of_the_tables(air_c: float, hpa: float) -> None:
    assert saturation_hpa(np.array([air_c]))[0] == pytest.approx(hpa, rel=0.002)


@pytest.mark.parametrize(
    ("air_c", "humidity_pct", "delta_c"), [(30.0, 60.0, 6.1), (30.0, 85.0, 2.1), (26.0, 90.0, 1.3), (34.0, 50.0, 8.6)]
)
def test_delta_t_is_that_of_the_psychrometer(air_c: float, humidity_pct: float, delta_c: float) -> None:
    found = delta_t_c(np.array([air_c]), np.array([humidity_pct]), np.array([1010.0]))[0]
    assert found == pytest.approx(delta_c, abs=0.06)


def test_air_at_its_dew_point_is_full() -> None:
    air = np.array([24.0, 28.0, 33.0, 25.0])
    humidity = np.array([95.0, 82.0, 55.0, 100.0])
    dew = dew_point_c(air, humidity)
    assert np.allclose(saturation_hpa(dew), saturation_hpa(air) * humidity / 100.0, rtol=1e-4)
    assert dew[3] == pytest.approx(25.0, abs=0.001)
    assert (delta_t_c(air, humidity, np.full(4, 1010.0))[:3] > 0.0).all()


@pytest.mark.parametrize(
    ("day", "rise_h", "set_h", "highest"),
    [("2026-03-21", 6.1, 18.1, 0.985), ("2026-06-21", 5.7, 18.2, 0.969), ("2026-12-21", 6.2, 17.7, 0.841)],
)
def test_the_sun_of_bac_lieu(day: str, rise_h: float, set_h: float, highest: float) -> None:
    start_ms, end_ms = day_window_ms(day)
    ts = np.arange(start_ms, end_ms, 60_000, dtype=np.int64)
    height = sun_height(ts, 9.3, 105.7)
    up = [local(int(t)) for t in ts[height > 0.0][[0, -1]]]
    assert [t.hour + t.minute / 60.0 for t in up] == pytest.approx([rise_h, set_h], abs=0.15)
    assert height.max() == pytest.approx(highest, abs=0.004)


def test_clouds_dim_the_light() -> None:
    sun = np.array([-0.1, 0.5, 1.0, 1.0])
    light = radiation_wm2(sun, np.array([0.0, 0.0, 0.0, 1.0]))
    assert light.tolist() == [0.0, 425.0, 880.0, 220.0]
    assert uv_index(sun, light)[2:] == pytest.approx([12.5, 12.5 / 4.0])
