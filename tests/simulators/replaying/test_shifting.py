"""Logs in another place: distances and areas stay, the first fix is where it was told to be."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError
from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.flightlog import FlightLog, LogFile
from core.model.land import DeviceKind
from core.model.samples import Event
from core.model.traffic import Stream
from geo.projection import GEOD, LocalPlane, geodesic_area_m2
from simulators.replaying.shifting import Place, first_of, moved_file, nth_round, round_label
from tests.support import rectangle
from tests.support.plots import plots_at

PLACES = st.tuples(st.floats(102.0, 110.0), st.floats(8.0, 23.5))


def _length_m(fixes: FixTable) -> float:
    lon, lat = fixes.lon_deg, fixes.lat_deg
    return float(np.sum(GEOD.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2]))


@given(PLACES)
@settings(max_examples=25, deadline=None)
def test_distances_and_areas_stay_to_a_millionth(place: tuple[float, float]) -> None:
    fixes = rectangle.flight("t40", 1_764_000_000_000)
    file = LogFile("gpx", (FlightLog("a", "t40", fixes),), (rectangle.plot("htx"), *plots_at(105.725, 9.285)))
    moved = moved_file(file, Place.to(first_of(file), place))
    (log,) = moved.logs
    assert (log.fixes.lon_deg[0], log.fixes.lat_deg[0]) == pytest.approx(place, abs=1e-9)
    assert _length_m(log.fixes) == pytest.approx(_length_m(fixes), rel=1e-6)
    for before, after in zip(file.plots, moved.plots, strict=True):
        assert geodesic_area_m2(after.boundary) == pytest.approx(geodesic_area_m2(before.boundary), rel=1e-6)
        assert after.plot == before.plot


def test_plots_stay_under_the_flights() -> None:
    file = LogFile("gpx", (FlightLog("a", "t40", rectangle.flight("t40", 0)),), (rectangle.plot("htx"),))
    moved = moved_file(file, Place.by(first_of(file), 5_000.0, -3_000.0))
    offsets = []
    for one in (file, moved):
        lon, lat = one.logs[0].fixes.lon_deg, one.logs[0].fixes.lat_deg
        plane = LocalPlane(float(lon[0]), float(lat[0]))
        offsets.append(shapely.get_coordinates(plane.to_plane(one.plots[0].boundary)))
    np.testing.assert_allclose(offsets[1], offsets[0], atol=2e-4)


def test_a_move_by_metres() -> None:
    place = Place.by((105.7, 9.2), 300.0, 400.0)
    lon, lat = place.moved_one(105.7, 9.2)
    assert GEOD.inv(105.7, 9.2, lon, lat)[2] == pytest.approx(500.0, abs=0.01)
    assert lon > 105.7
    assert lat > 9.2


def test_positions_that_are_none_stay_so() -> None:
    lon, lat = Place.to((105.7, 9.2), (106.0, 10.0)).moved(np.array([np.nan, 105.7]), np.array([9.2, 9.2]))
    assert np.isnan(lon[0])
    assert (lon[1], lat[1]) == (106.0, 10.0)


def test_nothing_to_move_is_wrong_use() -> None:
    with pytest.raises(ConfigError, match="no fix"):
        first_of(LogFile("gpx", (FlightLog("a", "t40", FixTable.empty("t40")),)))
    with pytest.raises(ConfigError, match="no longitude"):
        Place.to((105.7, 9.2), (105.7, 99.0))


def test_later_rounds_have_boots_of_their_own() -> None:
    streams = (
        Stream("t40", DeviceKind.DRONE, rectangle.flight("t40", 0)),
        Stream("t40", DeviceKind.DRONE, [Event("t40", 0, EventKind.TAKEOFF, "b1"), Event("t40", 1, EventKind.LANDING)]),
    )
    assert nth_round(streams, 0) == streams
    fixes, events = (stream.samples for stream in nth_round(streams, 2))
    assert isinstance(fixes, FixTable)
    assert set(fixes.boot.values()) == {"b1 #3"}
    assert isinstance(events, list)
    assert [e.boot for e in events if isinstance(e, Event)] == ["b1 #3", ""]
    assert len(round_label("x" * 128, 11)) == 128
    assert round_label("x" * 128, 11).endswith(" #12")
