"""``canhdong rollup`` and ``canhdong plots history`` after flights that were computed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cli import following, wiring
from core.model.land import Device, DeviceKind
from core.settings import GeoSettings, load
from geo.recompute import recompute
from tests.cli.conftest import Run
from tests.support import rectangle

HTX, DAY = "htx", "2026-11-20"
START_MS = 1_795_143_600_000


@pytest.fixture
def flown(run: Run) -> Run:
    """Two drones did lines 1 to 4 and 3 to 6 of one job."""
    with wiring.stores() as stores:
        stores.registry.put(rectangle.plot(HTX))
        for name, first, last in (("d1", 0, 4), ("d2", 2, 6)):
            stores.registry.add_device(Device(name, HTX, DeviceKind.DRONE))
            start_ms = START_MS + first * 60_000
            table = rectangle.flight(name, start_ms).with_columns(job="dot-1").take(slice(first * 41, last * 41))
            stores.telemetry.write(HTX, list(table.rows()), START_MS)
            window = int(table.ts_ms[0]), int(table.ts_ms[-1])
            done = recompute(stores.telemetry, stores.registry, HTX, name, *window)
        for follower in following.followers(stores, load(GeoSettings)):
            follower.follow(done)
    return run


def document(out: Any) -> dict[str, Any]:
    return dict(json.loads(out) if isinstance(out, str) else out)


def test_one_farm_is_withheld_and_a_refresh_says_the_same(flown: Run) -> None:
    code, out, _ = flown("rollup", "show", "--day", DAY, "--json")
    cells = document(out)["cells"]
    assert code == 0
    assert {(cell["withheld"], cell["net_ha"]) for cell in cells} == {(True, None)}
    assert flown("rollup", "refresh", "--from", DAY, "--to", DAY)[0] == 0
    assert document(flown("rollup", "show", "--day", DAY, "--json")[1])["cells"] == cells
    assert "Không nêu / Withheld" in flown("rollup", "show", "--day", DAY)[1]


def test_a_plots_history_credits_the_later_flight_with_what_was_missed(flown: Run) -> None:
    code, out, _ = flown("plots", "history", "rect-1", "--from", "2026-11-01", "--to", "2026-11-25", "--json")
    told = document(out)
    assert code == 0
    (season,), credits_ = told["seasons"], told["credits"]
    assert season["days_since"] == 5
    assert season["net_m2"] == pytest.approx(rectangle.AREA_M2, rel=1e-3)
    first, later = (it["credit"] for it in credits_)
    line_m2 = rectangle.AREA_M2 / rectangle.LINES
    assert (first["respray_m2"], first["fresh_m2"]) == (0.0, pytest.approx(4 * line_m2, rel=1e-3))
    assert later["respray_m2"] == pytest.approx(2 * line_m2, rel=1e-3)
    assert later["again_m2"] == pytest.approx(2 * line_m2, rel=1e-3)
