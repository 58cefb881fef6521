"""Shapes for pictures follow the same rules as the figures of record."""

from __future__ import annotations

import numpy as np
import pytest

from api.results import Results
from core.localtime import day_window_ms
from core.model.land import Cooperative, Device, DeviceKind
from geo.recompute import recompute
from tests.support import rectangle
from tests.support.fakes import FakeRegistry, FakeTelemetryStore

DAY = "2026-11-20"
START_MS = day_window_ms(DAY)[0] + 6 * 3_600_000


def test_each_drone_of_a_plots_picture_has_its_own_registered_swath() -> None:
    store, registry = FakeTelemetryStore(), FakeRegistry()
    registry.add_cooperative(Cooperative("htx-a", "A"))
    registry.put_plot(rectangle.plot("htx-a"))
    for number, swath_m in enumerate((7.0, 3.5)):
        device = f"d{number}"
        registry.add_device(Device(device, "htx-a", DeviceKind.DRONE, swath_m=swath_m))
        table = rectangle.flight(device, START_MS + number * 3_600_000).with_columns(swath_m=np.nan)
        store.write("htx-a", list(table.rows()), START_MS)
        recompute(store, registry, "htx-a", device, int(table.ts_ms[0]), int(table.ts_ms[-1]))
    (row,) = registry.job_plots("htx-a", DAY)
    drawn = Results(store, registry).of_plot("htx-a", "rect-1", DAY).coverage.plots[0]
    assert row.coverage.gross_m2 == pytest.approx(1.5 * rectangle.AREA_M2, rel=1e-3)
    assert drawn.gross_m2 == pytest.approx(row.coverage.gross_m2)
    assert drawn.overlap_m2 == pytest.approx(row.coverage.overlap_m2)
