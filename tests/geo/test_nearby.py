"""What a flight did near a place, against figures of a rectangle that are known exactly."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely

from core.model.enums import EventKind
from core.model.samples import Event
from geo.nearby import Nearby, Place, nearby
from tests.support import rectangle

START_MS = 1_795_000_000_000
FIXES = rectangle.flight("d1", START_MS)
END_MS = int(FIXES.ts_ms[-1])
FLOW_LPS = rectangle.DOSE_LPHA * rectangle.SPEED_MPS * rectangle.SWATH_M * 0.0001


def place(x: float, y: float, radius_m: float, start_ms: int = START_MS, end_ms: int = END_MS) -> Place:
    """A spot in metres from the rectangle's south-western corner."""
    lon, lat = rectangle._PLANE.lonlat(np.array([x]), np.array([y]))
    return Place(float(lat[0]), float(lon[0]), radius_m, start_ms, end_ms)


def found(where: Place, **changed: object) -> Nearby:
    it = nearby(FIXES.with_columns(**changed), [], where)
    assert it is not None
    return it


def test_beside_the_rectangle_distances_and_times_are_those_of_the_first_line() -> None:
    it = found(place(100.0, -30.0, 50.0))
    assert it.distance_m == pytest.approx(33.5, abs=0.01)
    assert it.treated_distance_m == pytest.approx(30.0, abs=0.01)
    assert it.ts_ms == START_MS + 20_000
    assert abs(it.treated_ts_ms - (START_MS + 20_000)) <= 1_000
    assert it.on
    assert it.swath_known
    assert it.bearing_deg == pytest.approx(180.0, abs=0.1)
    assert found(place(230.0, 21.0, 50.0)).bearing_deg == pytest.approx(90.0, abs=0.1)


def test_litres_are_those_of_the_ground_within_the_radius() -> None:
    """A circle within the treated ground gets the dose on its area; the whole rectangle gets all of it."""
    it = found(place(100.0, 21.0, 10.0))
    assert it.treated_distance_m == 0.0
    assert math.isnan(it.bearing_deg)
    assert it.litres == pytest.approx(rectangle.DOSE_LPHA * math.pi * 10.0**2 / 10_000.0, rel=0.005)
    assert it.treated_s == pytest.approx(it.litres / FLOW_LPS, rel=1e-6)
    whole = found(place(100.0, 21.0, 300.0))
    assert whole.litres == pytest.approx(rectangle.VOLUME_L, rel=1e-6)
    plane = rectangle._PLANE
    assert plane.to_plane(whole.treated).area == pytest.approx(rectangle.AREA_M2, rel=1e-4)
    assert shapely.length(plane.to_plane(whole.track)) == pytest.approx(rectangle.DISTANCE_M, rel=1e-4)


def test_a_place_out_of_reach_has_nothing() -> None:
    assert nearby(FIXES, [], place(100.0, -30.0, 29.0)) is None
    assert nearby(FIXES, [], place(100.0, -30.0, 31.0)) is not None


def test_spray_that_reaches_further_than_the_drone_counts() -> None:
    it = found(place(100.0, -30.0, 32.0))
    assert it.distance_m > 32.0
    assert it.entered_ms == it.left_ms == -1
    assert it.track.is_empty
    assert it.litres > 0.0


def test_only_the_asked_time_counts() -> None:
    second_line_ms = START_MS + 41_400
    late = place(100.0, -30.0, 60.0, second_line_ms)
    it = found(late)
    assert it.distance_m == pytest.approx(40.5, abs=0.01)
    assert it.treated_distance_m == pytest.approx(37.0, abs=0.01)
    assert nearby(FIXES, [], replace(late, start_ms=END_MS + 1, end_ms=END_MS + 2)) is None


def test_the_drone_is_within_from_when_it_enters_to_when_it_leaves() -> None:
    it = found(place(100.0, 3.5, 10.0, end_ms=START_MS + 40_000))
    assert (it.entered_ms, it.left_ms) == (START_MS + 18_000, START_MS + 22_000)
    assert it.distance_m == pytest.approx(0.0, abs=0.01)


def test_a_pump_that_is_off_is_told() -> None:
    it = found(place(100.0, -30.0, 50.0), on=np.zeros(len(FIXES), np.bool_))
    assert not it.on
    assert it.treated_ts_ms == -1
    assert math.isnan(it.treated_distance_m)
    assert it.litres == 0.0
    assert it.treated.is_empty


def test_events_switch_the_pump_between_fixes() -> None:
    off = Event("d1", START_MS + 20_500, EventKind.OFF, "b1")
    with_event = nearby(FIXES, [off], place(102.5, -30.0, 34.0, end_ms=START_MS + 21_000))
    without = nearby(FIXES, [], place(102.5, -30.0, 34.0, end_ms=START_MS + 21_000))
    assert with_event is not None
    assert without is not None
    assert with_event.litres < without.litres


def test_without_a_flow_nobody_knows_the_litres() -> None:
    it = found(place(100.0, 21.0, 10.0), flow_lpm=np.full(len(FIXES), np.nan))
    assert math.isnan(it.litres)
    assert it.treated_s > 0.0


def test_without_a_swath_the_path_is_what_was_treated() -> None:
    it = found(place(100.0, -30.0, 50.0), swath_m=np.full(len(FIXES), np.nan))
    assert not it.swath_known
    assert it.treated_distance_m == pytest.approx(33.5, abs=0.05)


def test_fixes_across_a_gap_are_no_path() -> None:
    """Whoever was silent for a minute between two far places did not fly over what lies between for sure."""
    ends = FIXES.take(np.array([0, 1, 2, 3, 40]))
    times = START_MS + np.array([0, 1_000, 2_000, 3_000, 60_000])
    silent = ends.with_columns(ts_ms=times, on=np.zeros(5, np.bool_))
    assert nearby(silent, [], place(100.0, 3.5, 20.0, end_ms=START_MS + 60_000)) is None
    for x in (5.0, 195.0):
        assert nearby(silent, [], place(x, 3.5, 20.0, end_ms=START_MS + 60_000)) is not None


def test_the_box_holds_the_radius() -> None:
    where = place(0.0, 0.0, 100.0)
    west, south, east, north = where.box
    plane = where.plane
    x, y = plane.xy(np.array([west, east]), np.array([south, north]))
    assert x[1] - x[0] == pytest.approx(240.0, abs=0.1)
    assert y[1] - y[0] == pytest.approx(240.0, abs=0.1)
