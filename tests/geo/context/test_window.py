from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.context import Cause, Window
from geo.context.window import Limits, judge
from tests.geo.context.made import fair


def test_all_within_the_limits_is_green_without_reasons() -> None:
    verdict = judge(fair())
    assert (verdict.window, verdict.reasons, verdict.missing) == (Window.GREEN, (), ())


@pytest.mark.parametrize(
    ("changed", "window", "cause", "limit"),
    [
        ({"wind_mps": 0.4}, Window.AMBER, Cause.WIND_LOW, 1.0),
        ({"wind_mps": 0.9}, Window.AMBER, Cause.WIND_LOW, 1.0),
        ({"wind_mps": 0.4, "sun_deg": 5.0}, Window.RED, Cause.INVERSION_PROXY, 0.5),
        ({"wind_mps": 0.4, "sun_deg": -40.0}, Window.RED, Cause.INVERSION_PROXY, 0.5),
        ({"wind_mps": 0.6, "sun_deg": 5.0}, Window.AMBER, Cause.WIND_LOW, 1.0),
        ({"wind_mps": 3.1}, Window.AMBER, Cause.WIND_HIGH, 3.0),
        ({"wind_mps": 4.1}, Window.RED, Cause.WIND_HIGH, 4.0),
        ({"wind_mps": 6.1}, Window.RED, Cause.WIND_STOP, 6.0),
        ({"gust_mps": 4.5}, Window.AMBER, Cause.GUST_HIGH, 4.0),
        ({"gust_mps": 6.5}, Window.RED, Cause.GUST_STOP, 6.0),
        ({"delta_t_c": 1.9}, Window.AMBER, Cause.DELTA_T_LOW, 2.0),
        ({"delta_t_c": 8.1}, Window.AMBER, Cause.DELTA_T_MARGINAL, 8.0),
        ({"delta_t_c": 10.1}, Window.AMBER, Cause.DELTA_T_HIGH, 10.0),
        ({"rain_mmph": 0.1}, Window.AMBER, Cause.RAIN, 0.0),
        ({"rain_mmph": 1.1}, Window.RED, Cause.RAIN, 1.0),
    ],
)
def test_one_value_beyond_a_limit(changed: dict[str, float], window: Window, cause: Cause, limit: float) -> None:
    verdict = judge(fair(**changed))
    assert verdict.window is window
    (reason,) = verdict.reasons
    assert (reason.window, reason.cause, reason.limit) == (window, cause, limit)
    assert reason.value == next(iter(changed.values()))
    assert reason.unit


@pytest.mark.parametrize(
    "changed",
    [{"wind_mps": 1.0}, {"wind_mps": 3.0}, {"gust_mps": 4.0}, {"delta_t_c": 2.0}, {"delta_t_c": 8.0}],
)
def test_a_value_on_a_limit_is_on_its_better_side(changed: dict[str, float]) -> None:
    assert judge(fair(**changed)).window is Window.GREEN


def test_missing_wind_or_delta_t_is_no_data_and_never_ok() -> None:
    assert judge(fair(wind_mps=math.nan)).window is Window.NO_DATA
    verdict = judge(fair(delta_t_c=math.nan, wind_mps=3.5))
    assert verdict.window is Window.NO_DATA
    assert [r.cause for r in verdict.reasons] == [Cause.DELTA_T_UNKNOWN, Cause.WIND_HIGH]


def test_what_is_known_to_be_red_stays_red() -> None:
    verdict = judge(fair(delta_t_c=math.nan, wind_mps=4.5))
    assert verdict.window is Window.RED
    assert verdict.reasons[0].cause is Cause.WIND_HIGH


def test_gust_and_rain_may_be_missing_unless_they_are_required() -> None:
    weather = fair(gust_mps=math.nan, rain_mmph=math.nan)
    verdict = judge(weather)
    assert verdict.window is Window.GREEN
    assert verdict.missing == (Cause.GUST_UNKNOWN, Cause.RAIN_UNKNOWN)
    assert judge(weather, Limits(required=frozenset((Cause.RAIN_UNKNOWN,)))).window is Window.NO_DATA


def test_limits_are_configurable() -> None:
    assert judge(fair(delta_t_c=1.0), Limits(delta_t_red_low=1.5)).window is Window.RED
    assert judge(fair(wind_mps=4.5), Limits(fresh_mps=5.0, strong_mps=5.5)).window is Window.GREEN


ORDER = [Window.GREEN, Window.AMBER, Window.RED]
speeds = st.floats(1.0, 15.0)


@given(wind=speeds, more=speeds, gust=speeds, sun=st.floats(-90.0, 90.0), delta_t=st.floats(0.0, 20.0))
def test_more_wind_is_never_better(wind: float, more: float, gust: float, sun: float, delta_t: float) -> None:
    """From the light wind up: below it, more wind ends the calm that the inversion proxy goes by."""
    before, after = (
        judge(fair(wind_mps=w, gust_mps=g, sun_deg=sun, delta_t_c=delta_t))
        for w, g in ((wind, gust), (wind + more, gust + more))
    )
    assert ORDER.index(after.window) >= ORDER.index(before.window)


@given(wind=st.floats(0.0, 15.0), gust=st.floats(0.0, 15.0), sun=st.floats(-90.0, 90.0))
def test_the_verdict_is_its_worst_reason(wind: float, gust: float, sun: float) -> None:
    verdict = judge(fair(wind_mps=wind, gust_mps=gust, sun_deg=sun))
    assert verdict.window is max((r.window for r in verdict.reasons), key=ORDER.index, default=Window.GREEN)
