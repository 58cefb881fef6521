"""Alerts: kept from beginning to end, once, whoever tells them how often, on every database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.alerts import AlertQuery
from core.errors import NotFound
from core.model.context import Alert, AlertKind
from storage.registry.repository import SqlRegistry
from tests.contracts.samples import NOBODY, OTHER, C

D = OTHER.cooperative
T0 = 1_795_132_800_000
DAY = AlertQuery(T0, T0 + 86_400_000)
OUTSIDE = Alert(AlertKind.OUTSIDE_PLOT, True, T0 + 1_000, 105.7, 9.28, "", "", 3.5, 2.0, "m")
POND = Alert(AlertKind.IN_BUFFER, True, T0 + 2_000, 105.7, 9.28, "ao-1", "downwind", 4.0, 10.0, "m")


def over(alert: Alert, after_ms: int = 5_000) -> Alert:
    return replace(alert, raised=False, ts_ms=alert.ts_ms + after_ms)


def told(
    registry: SqlRegistry, query: AlertQuery = DAY, cooperative: str = C
) -> list[tuple[str, str, int, int | None]]:
    """Kind, drone, first and last ms after T0."""
    return [
        (it.began.kind.value, it.device, it.began.ts_ms - T0, None if it.end_ms is None else it.end_ms - T0)
        for it in registry.past_alerts(cooperative, query)
    ]


def test_an_alert_is_kept_as_it_was_raised_until_it_is_over(kept: SqlRegistry) -> None:
    kept.note_alert(C, "d1", "f1", OUTSIDE)
    (standing,) = kept.past_alerts(C, DAY)
    assert (standing.cooperative, standing.device, standing.flight) == (C, "d1", "f1")
    assert (standing.began, standing.end_ms) == (OUTSIDE, None)
    kept.note_alert(C, "d1", "f1", over(OUTSIDE))
    (past,) = kept.past_alerts(C, DAY)
    assert (past.began, past.end_ms) == (OUTSIDE, T0 + 6_000)


def test_what_nobody_knows_of_an_alert_stays_unknown(kept: SqlRegistry) -> None:
    bare = Alert(AlertKind.BAD_WEATHER, True, T0, 105.7, 9.28)
    kept.note_alert(C, "d1", "f1", bare)
    (it,) = kept.past_alerts(C, DAY)
    assert repr(it.began) == repr(bare)


def test_a_replay_doubles_nothing(kept: SqlRegistry) -> None:
    course = [OUTSIDE, POND, over(POND), over(OUTSIDE), replace(OUTSIDE, ts_ms=T0 + 60_000)]
    course += [over(course[-1])]
    for _ in range(3):
        for alert in course:
            kept.note_alert(C, "d1", "f1", alert)
    assert told(kept) == [
        ("outside-plot", "d1", 60_000, 65_000),
        ("in-buffer", "d1", 2_000, 7_000),
        ("outside-plot", "d1", 1_000, 6_000),
    ]


def test_a_successor_that_sees_it_later_raises_it_no_second_time(kept: SqlRegistry) -> None:
    later = replace(OUTSIDE, ts_ms=OUTSIDE.ts_ms + 3_000)
    kept.note_alert(C, "d1", "f1", OUTSIDE)
    kept.note_alert(C, "d1", "f1", later)
    assert told(kept) == [("outside-plot", "d1", 1_000, None)]
    kept.note_alert(C, "d1", "f1", over(OUTSIDE))
    kept.note_alert(C, "d1", "f1", later)
    kept.note_alert(C, "d1", "f1", over(OUTSIDE))
    assert told(kept) == [("outside-plot", "d1", 1_000, 6_000)]
    kept.note_alert(C, "d1", "f2", replace(later, ts_ms=T0 + 20_000))  # another flight: another alert
    assert told(kept) == [("outside-plot", "d1", 20_000, None), ("outside-plot", "d1", 1_000, 6_000)]


def test_the_end_of_one_alert_ends_no_other(kept: SqlRegistry) -> None:
    ditch = replace(POND, subject="ao-2")
    for device, alert in (("d1", POND), ("d1", ditch), ("d2", POND)):
        kept.note_alert(C, device, f"f-{device}", alert)
    kept.note_alert(D, "d1", "f-d1", POND)
    kept.note_alert(C, "d1", "f-d1", over(POND))
    kept.note_alert(C, "d1", "f-d1", over(OUTSIDE))  # of which nobody heard the beginning
    ends = {(it.device, it.began.subject): it.end_ms for it in kept.past_alerts(C, DAY)}
    assert ends == {("d1", "ao-1"): T0 + 7_000, ("d1", "ao-2"): None, ("d2", "ao-1"): None}
    assert told(kept, cooperative=D) == [("in-buffer", "d1", 2_000, None)]


def test_alerts_of_a_flight_end_with_it(kept: SqlRegistry) -> None:
    kept.note_alert(C, "d1", "f1", OUTSIDE)
    kept.note_alert(C, "d2", "f2", OUTSIDE)
    kept.note_alert(C, "d1", "f3", replace(POND, ts_ms=T0 + 90_000))
    for _ in range(2):
        kept.end_alerts(C, "d1", T0, T0 + 30_000)
        kept.end_alerts(D, "d2", T0, T0 + 30_000)
    assert told(kept) == [
        ("in-buffer", "d1", 90_000, None),
        ("outside-plot", "d1", 1_000, 30_000),
        ("outside-plot", "d2", 1_000, None),
    ]


def test_a_list_is_of_a_window_and_of_what_is_asked_for(kept: SqlRegistry) -> None:
    kept.note_alert(C, "d1", "f1", OUTSIDE)
    kept.note_alert(C, "d1", "f1", over(OUTSIDE))
    kept.note_alert(C, "d2", "f2", POND)
    outside, pond = ("outside-plot", "d1", 1_000, 6_000), ("in-buffer", "d2", 2_000, None)
    assert told(kept, AlertQuery(T0, T0 + 999)) == []
    assert told(kept, AlertQuery(T0 + 6_000, T0 + 7_000)) == [pond, outside]
    assert told(kept, AlertQuery(T0 + 6_001, T0 + 7_000)) == [pond]
    assert told(kept, replace(DAY, kind=AlertKind.OUTSIDE_PLOT)) == [outside]
    assert told(kept, replace(DAY, device="d2")) == told(kept, replace(DAY, flight="f2")) == [pond]
    assert told(kept, replace(DAY, standing=True)) == [pond]
    assert told(kept, replace(DAY, standing=False)) == [outside]


def test_pages_hold_everything_once(kept: SqlRegistry) -> None:
    kinds = (OUTSIDE, replace(POND, ts_ms=OUTSIDE.ts_ms), replace(POND, ts_ms=OUTSIDE.ts_ms, subject="AO-9"))
    for step in range(3):
        for device in ("d1", "D2"):
            for alert in kinds:
                kept.note_alert(C, device, f"f{step}", replace(alert, ts_ms=alert.ts_ms + 60_000 * step))
    whole = [it.place for it in kept.past_alerts(C, DAY)]
    assert len(whole) == len(set(whole)) == 18
    assert whole == sorted(whole, key=lambda it: (-it[0], *it[1:]))
    paged, after = list[object](), None
    while some := kept.past_alerts(C, replace(DAY, after=after, limit=4)):
        paged += [it.place for it in some]
        after = some[-1].place
    assert paged == whole


def test_nobody_keeps_alerts_of_a_cooperative_that_there_is_not(kept: SqlRegistry) -> None:
    with pytest.raises(NotFound):
        kept.note_alert(NOBODY, "d1", "f1", OUTSIDE)
    assert kept.past_alerts(NOBODY, DAY) == []
