from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from defusedxml import ElementTree

from core.model.enums import FixQuality
from core.model.fixtable import FixTable
from geo.cleaning import clean, distance_m, usable
from tests.geo.tracks import line, table
from tests.support.shared import shared


def gpx_tracks() -> list[FixTable]:
    root = ElementTree.fromstring(shared("flightlogs/gpxpy_cerknicko-jezero.gpx").read_bytes())
    space = root.tag.partition("}")[0] + "}"
    tables = []
    for track in root.iter(f"{space}trk"):
        points = list(track.iter(f"{space}trkpt"))
        times = [datetime.fromisoformat(p.findtext(f"{space}time", "")) for p in points]
        ts_ms = [int(t.timestamp() * 1000) for t in times]
        tables.append(
            FixTable.build(ts_ms, [float(p.attrib["lat"]) for p in points], [p.attrib["lon"] for p in points])
        )
    return tables


def test_distance_of_a_real_track_with_its_jump() -> None:
    assert sum(distance_m(usable(t).fixes) for t in gpx_tracks()) == pytest.approx(4_580.1, rel=0.005)


def test_distance_of_a_real_track_without_its_jump() -> None:
    states = [clean(t) for t in gpx_tracks()]
    assert sum(distance_m(s.fixes, s.breaks) for s in states) == pytest.approx(4_396.0, rel=0.005)
    assert sum(int(s.breaks.sum()) for s in states) == 1
    assert all(not s.rejected for s in states), "the track goes on at the new place: no fix is lost"


def test_usable_counts_every_reason_and_leaves_breaks() -> None:
    fixes = FixTable.build(
        np.arange(7) * 1000,
        [9.0, 9.0, 0.0, 9.0, 95.0, np.nan, 9.0],
        [105.0, 105.0, 0.0, 105.0, 105.0, 105.0, 105.0],
        quality=[FixQuality.RTK, FixQuality.NONE, -1, FixQuality.UNKNOWN, 4, 4, 4],
    )
    state = usable(fixes)
    assert state.rejected == {"no-fix": 1, "null-island": 1, "out-of-range": 1, "no-position": 1}
    assert state.fixes.ts_ms.tolist() == [0, 3000, 6000]
    assert state.breaks.tolist() == [False, True, True]


def test_repeats_are_dropped_and_rows_sorted() -> None:
    track = table(line((0, 0), (10, 0), 10))
    shuffled = track.take(np.array([3, 1, 0, 2, 3, 3, 10, 9, 8, 7, 6, 5, 4]))
    state = clean(shuffled)
    assert state.rejected == {"repeat": 2}
    assert state.fixes.ts_ms.tolist() == track.ts_ms.tolist()
    assert not state.breaks.any()


def test_a_lone_outlier_is_rejected_and_splits() -> None:
    points = line((0, 0), (40, 0), 40)
    points[20] = (20.0, 400.0)
    state = clean(table(points))
    assert state.rejected == {"jump": 1}
    assert np.flatnonzero(state.breaks).tolist() == [20]
    assert len(state.fixes) == 40


def test_a_lasting_jump_is_a_new_place() -> None:
    points = line((0, 0), (20, 0), 20) + line((500, 0), (520, 0), 20)
    state = clean(table(points))
    assert state.rejected == {}
    assert np.flatnonzero(state.breaks).tolist() == [21]
    assert distance_m(state.fixes, state.breaks) == pytest.approx(40.0, abs=0.01)


def test_reported_speed_tightens_the_limit() -> None:
    points = line((0, 0), (40, 0), 40)
    points[20] = (20.0, 9.0)  # 9 m aside within 0.2 s
    assert clean(table(points)).rejected == {"jump": 1}
    points[20] = (20.0, 5.0)  # 25 m/s: possible for what reports no speed, not at 5 m/s
    assert clean(table(points)).rejected == {}
    assert clean(table(points, speed_mps=5.0)).rejected == {"jump": 1}


def test_speeds_that_are_always_nought_are_not_believed() -> None:
    state = clean(table(line((0, 0), (200, 0), 40), speed_mps=0.0))
    assert state.rejected == {}
    assert not state.breaks.any()


def test_positions_held_between_receiver_updates_are_no_jumps() -> None:
    points = [p for p in line((0, 0), (120, 0), 20) for _ in range(10)]  # 10 rows a second, the receiver once
    state = clean(table(points, step_ms=100, speed_mps=6.0))
    assert state.rejected == {}
    assert not state.breaks.any()


def test_tables_of_no_or_one_row() -> None:
    for n in (0, 1):
        state = clean(table([(1.0, 1.0)] * n))
        assert len(state.fixes) == n
        assert distance_m(state.fixes, state.breaks) == 0.0
