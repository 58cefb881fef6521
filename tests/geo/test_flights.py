from __future__ import annotations

import numpy as np

from core.model.enums import EventKind
from core.model.fixtable import FixTable
from core.model.samples import Event
from geo.flights import split_flights
from tests.geo.tracks import line, table

T0_MS = 1_795_507_200_000  # 2026-11-24T08:00:00Z


def flown(seconds: list[int]) -> FixTable:
    return table(line((0, 0), (5.0 * len(seconds), 0), len(seconds) - 1), ts_ms=T0_MS + np.array(seconds) * 1000)


def event(second: float, kind: EventKind) -> Event:
    return Event("d1", T0_MS + int(second * 1000), kind)


def test_identifier_is_device_and_first_fix_in_utc() -> None:
    (span,) = split_flights(flown([0, 1, 2]), [])
    assert span.flight == "d1-20261124T080000Z"
    assert (span.start_ms, span.end_ms, span.reason) == (T0_MS, T0_MS + 2000, "end")


def test_silence_splits_and_a_shorter_gap_does_not() -> None:
    spans = split_flights(flown([0, 1, 301, 302, 603]), [])
    assert [s.rows.tolist() for s in spans] == [[0, 1, 2, 3], [4]]
    assert [s.reason for s in spans] == ["silence", "end"]
    assert len(split_flights(flown([0, 1, 301, 302, 603]), [], gap_s=600.0)) == 1


def test_rows_are_indices_into_the_table_given() -> None:
    fixes = flown([0, 1, 2, 1000, 1001]).take(np.array([4, 0, 3, 2, 1]))
    spans = split_flights(fixes, [])
    assert [s.rows.tolist() for s in spans] == [[1, 4, 3], [2, 0]]


def test_landing_ends_a_flight_and_what_follows_on_the_ground_belongs_to_it() -> None:
    fixes = flown(list(range(100)))
    on_ground = table([(500.0, 0.0)] * 20, ts_ms=T0_MS + (100 + np.arange(20)) * 1000, on=False)
    again = table(line((500, 0), (900, 0), 79), ts_ms=T0_MS + (120 + np.arange(80)) * 1000)
    events = [event(99.5, EventKind.LANDING), event(119.5, EventKind.DISARM)]
    spans = split_flights(FixTable.concat([fixes, on_ground, again]), events)
    assert [(len(s.rows), s.reason) for s in spans] == [(120, "landing"), (80, "end")]


def test_a_new_boot_and_a_new_label_split() -> None:
    fixes = flown(list(range(6)))
    boots = fixes.with_columns(boot=["a", "a", "a", "b", "b", "b"])
    assert [s.reason for s in split_flights(boots, [])] == ["boot", "end"]
    labels = fixes.with_columns(flight=["x", "x", "", "x", "y", "y"])
    assert [len(s.rows) for s in split_flights(labels, [])] == [4, 2]


def test_flights_of_one_second_have_different_names() -> None:
    fixes = table(line((0, 0), (5, 0), 3), ts_ms=T0_MS + np.array([0, 100, 200, 300]), boot=["a", "a", "b", "b"])
    assert [s.flight for s in split_flights(fixes, [])] == ["d1-20261124T080000Z", "d1-20261124T080000Z-2"]


def test_another_devices_events_do_not_count() -> None:
    other = Event("d2", T0_MS + 1500, EventKind.LANDING)
    assert len(split_flights(flown([0, 1, 2, 3]), [other])) == 1
    assert split_flights(FixTable.empty("d1"), []) == []
