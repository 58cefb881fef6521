from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, Polygon
from shapely.affinity import rotate, translate
from shapely.geometry.base import BaseGeometry

from core.model.context import SiteContact
from core.model.land import SiteKind
from geo.context.released import Released
from geo.context.sites import Flown, Keep, MinuteWind, contact, contacts
from geo.context.weather import WeatherTable
from geo.context.window import Limits
from tests.geo.context.made import DAWN_MS, NOON_MS, box, site, wind
from tests.geo.tracks import PLANE

MINUTE = 60_000
WEST, EAST = 270.0, 90.0
POND = shapely.box(100.0, 0.0, 140.0, 40.0)
"""East of everything that is released here."""


def beside(
    treated: Released, weather: WeatherTable | None, *, shape: BaseGeometry = POND, **keep: float
) -> SiteContact:
    (found,) = contacts(treated, weather, PLANE, [site(shape, **keep)])  # type: ignore[arg-type]
    return found


def test_distance_and_litres_all_round_and_downwind() -> None:
    """Three boxes of 10 m, 3 L each, whose east edges are 5, 30 and 60 m from the pond; the wind blows at it."""
    treated = Released.concat([box(NOON_MS, x - 10, 10, x, 20, litres=3.0) for x in (95.0, 70.0, 40.0)])
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=10.0, downwind_m=35.0)
    assert found.distance_m == pytest.approx(5.0, abs=1e-3)
    assert found.in_buffer_l == pytest.approx(1.5, abs=1e-3)
    assert found.in_buffer_s == pytest.approx(0.5, abs=1e-3)
    assert found.downwind_l == pytest.approx(3.0 + 1.5, abs=1e-3)
    assert found.downwind_s == pytest.approx(1.5, abs=1e-3)
    assert found.reasons == ()
    assert found.drift_min == 0.0


def test_the_downwind_distance_counts_only_in_the_minutes_when_the_wind_blows_at_the_site() -> None:
    treated = Released.concat([box(NOON_MS + k * MINUTE, 80, 10, 90, 20, litres=k + 1.0) for k in range(3)])
    found = beside(treated, wind(treated, [2.0, 2.0, 0.0], [WEST, EAST, WEST]), buffer_m=5.0, downwind_m=50.0)
    assert found.minutes.start_ms.tolist() == [NOON_MS, NOON_MS + MINUTE, NOON_MS + 2 * MINUTE]
    assert found.minutes.upwind.tolist() == [1, 0, 0]
    assert found.minutes.downwind_l == pytest.approx([1.0, 0.0, 0.0])
    assert found.minutes.distance_m == pytest.approx([10.0] * 3, abs=1e-3)
    assert [found.downwind_l, found.in_buffer_l] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize(("off_deg", "hit"), [(0.0, True), (44.0, True), (46.0, False), (-44.0, True), (-46.0, False)])
def test_downwind_is_up_to_45_degrees_from_the_wind(off_deg: float, *, hit: bool) -> None:
    treated = box(NOON_MS, -1, -1, 1, 1)
    found = beside(
        treated, wind(treated, [2.0], [WEST + off_deg]), shape=Point(30.0, 0.0), buffer_m=5.0, downwind_m=50.0
    )
    assert found.downwind_l == pytest.approx(1.0 if hit else 0.0)
    assert found.minutes.upwind.tolist() == [int(hit)]


def test_a_canal_is_downwind_where_any_of_it_within_reach_is() -> None:
    """The nearest spot of the canal lies north, upwind; its far end lies south-east, 28 m from the strip's middle."""
    canal = LineString([(0, 10), (40, 10), (40, -60), (20, -20)])
    treated = box(NOON_MS, -1, -1, 1, 1)
    weather = wind(treated, [2.0], [315.0])
    assert beside(treated, weather, shape=canal, buffer_m=5.0, downwind_m=27.0).downwind_l == pytest.approx(1.0)
    assert beside(treated, weather, shape=canal, buffer_m=5.0, downwind_m=25.0).downwind_l == 0.0


def test_without_weather_downwind_figures_are_unknown_and_never_zero() -> None:
    treated = box(NOON_MS, 80, 10, 90, 20)
    for weather in (None, wind(treated, [math.nan], [math.nan]), wind(treated, [2.0], [math.nan])):
        found = beside(treated, weather, buffer_m=20.0, downwind_m=50.0)
        assert math.isnan(found.downwind_l)
        assert math.isnan(found.downwind_s)
        assert found.reasons == ("no-data",)
        assert found.minutes.upwind.tolist() == [-1]
        assert found.in_buffer_l == pytest.approx(1.0)
    assert math.isnan(beside(treated, None, buffer_m=20.0, downwind_m=50.0).drift_min)


def test_a_minute_without_weather_counts_only_where_it_matters() -> None:
    treated = Released.concat([box(NOON_MS, 80, 10, 90, 20), box(NOON_MS + MINUTE, -300, 10, -290, 20)])
    found = beside(treated, wind(treated, [2.0, math.nan], [WEST, math.nan]), buffer_m=5.0, downwind_m=50.0)
    assert found.downwind_l == pytest.approx(1.0)
    assert found.drift_min == 0.0
    assert found.reasons == ()
    assert found.minutes.upwind.tolist() == [1, -1]


def test_ground_of_the_site_itself_counts_whatever_the_wind() -> None:
    treated = box(NOON_MS, 110, 10, 120, 20)
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=0.0, downwind_m=0.0)
    assert found.distance_m == 0.0
    assert [found.in_buffer_l, found.downwind_l] == pytest.approx([1.0, 1.0])


def test_flow_that_nobody_tells_is_unknown_but_seconds_are_not() -> None:
    treated = box(NOON_MS, 80, 10, 90, 20, litres=math.nan)
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=30.0, downwind_m=50.0)
    assert math.isnan(found.in_buffer_l)
    assert math.isnan(found.downwind_l)
    assert found.in_buffer_s == pytest.approx(1.0)
    assert found.reasons == ("no-flow",)
    apart = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=5.0, downwind_m=6.0)
    assert (apart.in_buffer_l, apart.downwind_l, apart.reasons) == (0.0, 0.0, ())


def test_drift_prone_minutes() -> None:
    """Strong wind counts at its lee only; a calm at dawn counts on every side; both only within the distance."""
    treated = Released.concat(
        [box(NOON_MS + k * MINUTE, x - 10, 10, x, 20) for k, x in enumerate((90, 90, 90, 90, 30))]
    )
    speed, direction = [4.5, 4.5, 0.3, 2.0, 4.5], [WEST, EAST, EAST, WEST, WEST]
    noon = beside(treated, wind(treated, speed, direction), buffer_m=5.0, downwind_m=50.0)
    assert noon.minutes.drift.tolist() == [1, 0, 0, 0, 0]
    assert noon.drift_min == 1.0
    dawn = beside(treated, wind(treated, speed, direction, sun_deg=3.0), buffer_m=5.0, downwind_m=50.0)
    assert dawn.minutes.drift.tolist() == [1, 0, 1, 0, 0]
    lost = beside(treated, wind(treated, [4.5, 2, 2, 2, 2], [math.nan, *direction[1:]]), buffer_m=5.0, downwind_m=50.0)
    assert lost.minutes.drift.tolist() == [-1, 0, 0, 0, 0]
    assert math.isnan(lost.drift_min)


def test_a_spot_counts_by_its_swath() -> None:
    """Spraying on the spot has no area: the line of its swath, half of which lies within, stands for it."""
    corners = [85, 10, 85, 10, 95, 10, 95, 10]
    treated = Released(np.array([NOON_MS]), np.array([2.0]), np.array([corners], float), np.array([4.0]))
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=10.0, downwind_m=10.0)
    assert found.in_buffer_l == pytest.approx(2.0, abs=1e-3)
    assert found.downwind_s == pytest.approx(1.0, abs=1e-3)


def test_distances_that_nobody_set_are_the_suggested_ones_and_say_so() -> None:
    assert Keep.of(site(POND)) == Keep(10.0, 50.0, "suggested")
    assert Keep.of(site(POND, 3.0, 7.0)) == Keep(3.0, 7.0, "statute")
    assert Keep.of(site(POND, 3.0, kind=SiteKind.HIVE)) == Keep(3.0, 100.0, "statute; suggested")


def test_sites_come_nearest_first_and_far_ones_not_at_all() -> None:
    treated = box(NOON_MS, 0, 0, 10, 10)
    sites = [site(Point(10.0 + far, 5.0), name=f"s{far:.0f}") for far in (300.0, 20.0, 501.0)]
    found = contacts(treated, None, PLANE, sites)
    assert [c.site for c in found] == ["s20", "s300"]
    assert found[1].downwind_l == 0.0  # nothing within its reach, whatever the wind
    assert contacts(Released.concat([]), None, PLANE, sites) == []


def random_flight(seed: int) -> tuple[Released, MinuteWind]:
    """Twenty strips over four minutes around the origin, some minutes without wind."""
    random = np.random.default_rng(seed)
    parts = []
    for k in range(20):
        angle, at = random.uniform(0, 2 * np.pi), random.uniform(-60, 60, 2)
        along, across = (r * np.array([np.cos(a), np.sin(a)]) for r, a in ((3.0, angle), (2.0, angle + np.pi / 2)))
        ring = [at - along - across, at + along - across, at + along + across, at - along + across]
        litres = np.array([random.uniform(0.1, 1.0)])
        parts.append(Released(np.array([DAWN_MS + k * 12_000]), np.ones(1), np.array([np.concatenate(ring)]), litres))
    speed = random.choice([0.0, 0.3, 2.0, 5.0], 4)
    return Released.concat(parts), MinuteWind(speed, random.uniform(0, 360, 4), np.array([2.0, 50.0, 50.0, 5.0]))


def measured(
    treated: Released, blown: MinuteWind, shape: BaseGeometry, keep: Keep, half_deg: float = 45.0
) -> SiteContact:
    flight = Flown(treated, treated.ground, *treated.minutes(), blown, Limits(), half_deg)
    return contact(flight, site(Point(0, 0)), shape, keep)


TRIANGLE = Polygon([(0, 0), (25, 5), (10, 20)])
FIGURES = ("distance_m", "in_buffer_l", "in_buffer_s", "downwind_l", "downwind_s", "drift_min")


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), turn_deg=st.floats(0, 360), dx=st.floats(-500, 500), dy=st.floats(-500, 500))
def test_turning_and_moving_everything_changes_nothing(seed: int, turn_deg: float, dx: float, dy: float) -> None:
    treated, blown = random_flight(seed)
    keep = Keep(8.0, 25.0, "")
    before = measured(treated, blown, TRIANGLE, keep)
    cos, sin = np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))
    x, y = treated.corners[:, 0::2], treated.corners[:, 1::2]
    corners = np.stack([cos * x - sin * y + dx, sin * x + cos * y + dy], axis=2).reshape(-1, 8)
    moved = Released(treated.ts_ms, treated.dt_s, corners, treated.litres)
    turned = MinuteWind(blown.wind_mps, (blown.from_deg - turn_deg) % 360.0, blown.sun_deg)
    shape = translate(rotate(TRIANGLE, turn_deg, origin=(0, 0)), dx, dy)
    after = measured(moved, turned, shape, keep)
    for name in FIGURES:
        assert getattr(after, name) == pytest.approx(getattr(before, name), abs=2e-3), name


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), near=st.floats(0, 60), more=st.floats(0, 60))
def test_a_wider_buffer_never_holds_less(seed: int, near: float, more: float) -> None:
    treated, blown = random_flight(seed)
    small = measured(treated, blown, TRIANGLE, Keep(near, near, ""))
    large = measured(treated, blown, TRIANGLE, Keep(near + more, near + more, ""))
    for name in FIGURES[1:]:
        assert getattr(large, name) >= getattr(small, name) - 1e-9, name
    assert small.downwind_l <= small.in_buffer_l + 1e-9
    assert small.in_buffer_l <= treated.litres.sum() + 1e-9


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10_000), narrow=st.floats(1, 90), wide=st.floats(1, 90))
def test_a_wider_angle_never_holds_less(seed: int, narrow: float, wide: float) -> None:
    treated, blown = random_flight(seed)
    keep = Keep(5.0, 30.0, "")
    small, large = (measured(treated, blown, TRIANGLE, keep, a) for a in sorted((narrow, wide)))
    assert large.downwind_l >= small.downwind_l - 1e-9


def test_an_angle_that_is_none_is_refused() -> None:
    treated, blown = random_flight(1)
    with pytest.raises(ValueError, match="half angle"):
        measured(treated, blown, TRIANGLE, Keep(50.0, 50.0, ""), 120.0)


def test_a_strip_over_the_sites_edge_counts_downwind_though_its_middle_lies_past_it() -> None:
    treated = box(NOON_MS, 138, 10, 150, 20, litres=6.0)
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=0.0, downwind_m=0.0)
    assert found.downwind_l == pytest.approx(1.0, abs=1e-3)


def test_a_minute_is_upwind_where_any_strip_within_reach_is() -> None:
    treated = Released.concat([box(NOON_MS, 142, 10, 150, 20), box(NOON_MS, 80, 10, 90, 20)])
    found = beside(treated, wind(treated, [2.0], [WEST]), buffer_m=5.0, downwind_m=50.0)
    assert found.minutes.upwind.tolist() == [1]
    assert found.downwind_l == pytest.approx(1.0)
