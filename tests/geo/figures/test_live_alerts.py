"""Alerts are shown at once, and kept whatever becomes of showing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from core.alerts import AlertQuery
from core.errors import StoreRefused
from core.model.context import Alert, AlertKind
from core.model.figures import Figures
from core.model.land import Cooperative
from geo.figures.following import past_alerts
from geo.figures.live_alerts import ShownAlerts
from geo.live.keeping import AlertKeeper
from storage.registry.repository import SqlRegistry
from tests.geo.figures.conftest import ALWAYS, DRONE, HTX, START_MS, Farm
from tests.geo.figures.test_following import Counting
from tests.support.fakes import FakeTelemetryStore

OUTSIDE = Alert(AlertKind.OUTSIDE_PLOT, True, START_MS + 5_000, 105.7, 9.28, "", "", 3.5, 2.0, "m")
OVER = replace(OUTSIDE, raised=False, ts_ms=START_MS + 9_000)
EVER = AlertQuery(0, 2**53)


def test_an_alert_is_shown_while_it_stands_and_when_it_is_over(farm: Farm) -> None:
    keeper = AlertKeeper(ShownAlerts(farm.registry, farm.store))
    keeper.take(HTX, DRONE, "f1", OUTSIDE)
    keeper.flush(0)
    (row,) = farm.rows("alert")
    assert (row.ts_ms, row.tags) == (OUTSIDE.ts_ms, {"device": DRONE, "kind": "outside-plot"})
    assert (row.values["active"], "ended_ms" in row.values) == (1.0, False)
    keeper.take(HTX, DRONE, "f1", OVER)
    keeper.flush(0)
    (row,) = farm.rows("alert")
    assert (row.values["active"], row.values["ended_ms"]) == (0.0, float(OVER.ts_ms))


def test_what_was_shown_live_is_what_the_closed_flight_says(farm: Farm) -> None:
    shown = ShownAlerts(farm.registry, farm.store)
    for alert in (OUTSIDE, OVER):
        shown.note_alert(HTX, DRONE, "d1-20261120T030000Z", alert)
    live = farm.rows("alert")
    farm.fly()
    farm.follow()
    assert farm.rows("alert", standing=False) == live


def test_a_store_of_rows_that_is_away_delays_showing_only(registry: SqlRegistry) -> None:
    store = FakeTelemetryStore()
    registry.add_cooperative(Cooperative(HTX, HTX))
    shown = ShownAlerts(registry, store)
    store.outage.left = 1
    shown.note_alert(HTX, DRONE, "f1", OUTSIDE)
    assert len(registry.past_alerts(HTX, EVER)) == 1
    assert store.figures(HTX, "alert", *ALWAYS) == []
    shown.note_alert(HTX, "d2", "f2", OUTSIDE)
    assert {row.tags["device"] for row in store.figures(HTX, "alert", *ALWAYS)} == {DRONE, "d2"}


def test_an_alert_without_a_store_of_rows_is_shown_when_the_flight_closes(quick: Farm) -> None:
    quick.store.outage.left = 1  # type: ignore[attr-defined]
    ShownAlerts(quick.registry, quick.store).note_alert(HTX, DRONE, "f1", OUTSIDE)
    quick.fly()
    quick.follow()
    (row,) = quick.rows("alert")
    assert (row.values["active"], row.values["flight"]) == (0.0, "f1")


def test_what_is_shown_is_not_shown_again(registry: SqlRegistry) -> None:
    store = Counting(FakeTelemetryStore())
    registry.add_cooperative(Cooperative(HTX, HTX))
    shown = ShownAlerts(registry, store)
    for device in (DRONE, "d2", "d3"):
        shown.note_alert(HTX, device, "f1", OUTSIDE)
    assert [row.tags["device"] for row in store.written] == [DRONE, "d2", "d3"]


def test_all_alerts_of_a_window_are_found_page_by_page(registry: SqlRegistry) -> None:
    registry.add_cooperative(Cooperative(HTX, HTX))
    for k in range(7):
        registry.note_alert(HTX, f"d{k}", "f1", replace(OUTSIDE, ts_ms=START_MS + k // 2))
    for at_once in (1, 3, 7, 100):
        found = past_alerts(registry, HTX, EVER, at_once)
        assert sorted(it.device for it in found) == [f"d{k}" for k in range(7)]


class Refusing(FakeTelemetryStore):
    """Has no database for some cooperatives."""

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        if name in self.refused:
            raise StoreRefused(name)
        super().put_figures(name, rows)


def test_a_cooperative_whose_database_refuses_holds_nobody_up(registry: SqlRegistry) -> None:
    store = Refusing()
    store.refused.add(HTX)
    shown = ShownAlerts(registry, store)
    for name in (HTX, "htx-b"):
        registry.add_cooperative(Cooperative(name, name))
        shown.note_alert(name, DRONE, "f1", OUTSIDE)
    assert store.figures(HTX, "alert", *ALWAYS) == []
    assert len(store.figures("htx-b", "alert", *ALWAYS)) == 1
    assert len(shown.past_alerts(HTX, EVER)) == 1
    shown.end_alerts(HTX, DRONE, *ALWAYS)
    assert shown.past_alerts(HTX, EVER)[0].end_ms == ALWAYS[1]
