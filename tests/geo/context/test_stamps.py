from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from core.model.context import Cause, Stamps, Window
from core.model.samples import Section
from geo.cleaning import clean
from geo.context.released import Released, released
from geo.context.stamps import minute_weather, stamps, together, treating
from geo.parameters import Parameters
from geo.passes import treated_steps
from tests.geo.context.made import NOON_MS, readings, stations
from tests.geo.tracks import PLANE, line, table

ONE = stations(a=500.0)
ROUND_TRIP_M = 0.003
"""There and back through the plane: PROJ's inverse is a millimetre off in y."""


def flown(on: list[bool] | None = None, seconds: int = 180, **columns: Any) -> Released:
    """A straight flight to the east at 1 m/s, one fix a second, 4 m wide, 6 L/min."""
    ts_ms = NOON_MS + 1000 * np.arange(seconds + 1)
    told: dict[str, Any] = {"swath_m": 4.0, "flow_lpm": 6.0} | columns
    state: object = True if on is None else on
    cleaned = clean(table(line((1, 0), (1 + seconds, 0), seconds), ts_ms=ts_ms, on=state, **told))
    xy = PLANE.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
    return released(cleaned.fixes, treated_steps(cleaned, *xy, Parameters()), Parameters())


def stamped(treated: Released, *rows: tuple[str, str, int, float]) -> Stamps:
    when = treating(treated, PLANE)
    assert when is not None
    return stamps(when, ONE, readings(ONE, *rows))


CALM = [("a", q, s, v) for s in (-60, 60, 120) for q, v in (("air_temperature", 30.0), ("air_humidity", 60.0))]


def test_strips_keep_time_litres_and_ground() -> None:
    treated = flown([False] * 60 + [True] * 60 + [False] * 61)
    assert len(treated) == 60
    assert treated.ts_ms[0] == NOON_MS + 60_000
    assert float(treated.dt_s.sum()) == pytest.approx(60.0)
    assert float(treated.litres.sum()) == pytest.approx(6.0)
    assert treated.corners[0] == pytest.approx([61, -2, 62, -2, 62, 2, 61, 2], abs=ROUND_TRIP_M)


def test_sections_share_time_and_litres() -> None:
    rows = [(Section(-3.0, 2.0, on=True, flow_lpm=1.0), Section(1.0, 2.0, on=True, flow_lpm=3.0))] * 11
    treated = flown(seconds=10, flow_lpm=math.nan, sections=rows)
    assert len(treated) == 20
    assert float(treated.dt_s.sum()) == pytest.approx(10.0)
    assert float(treated.litres.sum()) == pytest.approx(4.0 * 10.0 / 60.0)
    right = treated.middle[:, 1] < 0.0
    assert float(treated.litres[right].sum()) == pytest.approx(3.0 * 10.0 / 60.0)
    assert float(treated.middle[right, 1][0]) == pytest.approx(-1.0, abs=ROUND_TRIP_M)


def test_a_drone_on_the_spot_releases_on_its_swath() -> None:
    cleaned = clean(table([(5, 5), (5, 5), (5, 5)], step_ms=1000, swath_m=4.0, flow_lpm=6.0))
    xy = PLANE.xy(cleaned.fixes.lon_deg, cleaned.fixes.lat_deg)
    treated = released(cleaned.fixes, treated_steps(cleaned, *xy, Parameters()), Parameters())
    assert float(treated.litres.sum()) == pytest.approx(0.2)
    assert [shape.length for shape in treated.ground] == pytest.approx([4.0, 4.0], abs=1e-4)


def test_before_worst_mean_and_after() -> None:
    treated = flown([False] * 30 + [True] * 150 + [False])
    gusts = [("a", "wind_gust", s, v) for s, v in ((-5, 2.0), (100, 6.5))]
    winds = [("a", "wind_speed", s, v) for s, v in ((-590, 1.5), (29, 2.5), (31, 5.0), (181, 90.0))]
    found = stamped(treated, *CALM, *winds, *gusts)
    assert found.before.weather.ts_ms == NOON_MS + 30_000
    assert found.before.weather.wind_mps == pytest.approx(2.5)  # the first is over ten minutes old
    assert found.before.verdict.window is Window.GREEN
    assert found.after.weather.ts_ms == NOON_MS + 180_000
    assert found.after.weather.wind_mps == pytest.approx(3.75)
    assert found.after.verdict.window is Window.RED
    assert (found.minutes, found.minutes_without) == (3, 0)
    assert found.worst.weather.ts_ms == NOON_MS + 119_999
    assert found.worst.verdict.reasons[0].cause is Cause.GUST_STOP
    assert found.mean.weather.wind_mps == pytest.approx(3.75)
    assert found.mean.weather.gust_mps == 6.5


def test_the_mean_direction_goes_around_the_circle() -> None:
    """Each minute hears one reading more than the last: vectors, not degrees, are averaged."""
    treated = flown(seconds=120)
    rows = [("a", "wind_speed", s, 2.0) for s in (30, 90)] + [
        ("a", "wind_direction", s, v) for s, v in ((30, 350.0), (90, 30.0))
    ]
    found = stamped(treated, *CALM, *rows)
    first, both = np.exp(1j * np.radians(350.0)), np.exp(1j * np.radians([350.0, 30.0])).mean()
    expected = np.degrees(np.angle((first + both) / 2.0)) % 360.0
    assert found.mean.weather.wind_from_deg == pytest.approx(expected)
    assert found.mean.weather.wind_vector_mps == pytest.approx(abs(first + both))


def test_minutes_without_data_are_counted_and_never_ok() -> None:
    found = stamped(flown(), *CALM, ("a", "wind_speed", 90, 2.0))
    assert found.before.verdict.window is Window.NO_DATA
    assert (found.minutes, found.minutes_without) == (3, 1)
    assert found.worst.verdict.window is Window.NO_DATA
    assert found.mean.weather.wind_mps == 2.0
    assert found.after.verdict.window is Window.GREEN
    nothing = stamped(flown())
    assert nothing.mean.verdict.window is Window.NO_DATA
    assert nothing.minutes_without == 3


def test_a_job_that_treated_nothing_has_no_stamps() -> None:
    assert treating(flown([False] * 181), PLANE) is None
    assert together([]) is None


def test_the_minutes_spot_is_where_it_treated() -> None:
    when = treating(flown(), PLANE)
    assert when is not None
    found = minute_weather(when, ONE, readings(ONE, *CALM))
    x, y = PLANE.xy(found.lon_deg, found.lat_deg)
    assert x == pytest.approx([31.0, 91.0, 151.0], abs=ROUND_TRIP_M)
    assert y == pytest.approx([0.0] * 3, abs=ROUND_TRIP_M)
    assert found.sources["air_temperature"].distance_m == pytest.approx([469.0, 409.0, 349.0], abs=0.01)


def test_flights_that_share_a_minute_meet_in_the_middle_of_their_strips() -> None:
    one, other = flown(seconds=60), flown(seconds=150)
    alone = treating(one, PLANE), treating(other, PLANE)
    both = together([part for part in alone if part is not None])
    at_once = treating(Released.concat([one, other]), PLANE)
    assert both is not None
    assert at_once is not None
    assert (both.first.ts_ms, both.last.ts_ms) == (at_once.first.ts_ms, at_once.last.ts_ms)
    assert [(m.start_ms, m.strips) for m in both.minutes] == [(m.start_ms, m.strips) for m in at_once.minutes]
    for a, b in zip(both.minutes, at_once.minutes, strict=True):
        assert (a.lon_deg, a.lat_deg) == pytest.approx((b.lon_deg, b.lat_deg), abs=1e-8)
