"""The department's roll-ups follow what is computed: right sums, no leak, and the same rows whoever wrote last."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.localtime import day_window_ms
from core.model.coverage import JobPlot, PlotCoverage
from core.model.enums import Operation
from core.model.figures import Figures
from core.model.land import Cooperative, Plot
from core.model.work import Job, Product, ProductUse
from core.rollup import ALL, DATABASE, MEASUREMENT
from geo.recompute import recompute
from geo.rollup_following import RollupFollower, days_between
from storage.telemetry.influx import InfluxTelemetry
from storage.telemetry.sqlite import SqliteTelemetry
from tests.support import rectangle
from tests.support.fakes import FakeRegistry, FakeTelemetryStore
from tests.support.influx import running_influxd

DAY = "2026-11-20"
T0 = day_window_ms(DAY)[0]
COOPERATIVES = ("htx-a", "htx-b", "htx-c")
Cell = tuple[str, str, str]
SPRAYED: Cell = ("31840", "spray", "insecticide")


class ByName:
    """Every plot in one commune."""

    def codes(self, plots: Sequence[Plot], day: str) -> dict[str, str]:
        return {plot.plot: "31840" for plot in plots}


def registered(cooperatives: Sequence[str] = COOPERATIVES) -> FakeRegistry:
    registry = FakeRegistry()
    for owner in cooperatives:
        registry.add_cooperative(Cooperative(owner, owner))
        registry.put_plot(rectangle.plot(owner))
        product = Product("p1", "1", "Thuốc trừ rầy", owner, uses=(ProductUse("lúa", "rầy nâu"),))
        registry.put(product)
        registry.put(Job("j1", owner, Operation.SPRAY, DAY, ("rect-1",), "p1"))
    return registry


def fly(registry: FakeRegistry, follower: RollupFollower, owner: str) -> None:
    """Six lines over the plot; the job is named by no fix, so that it is planned by hand below."""
    store = FakeTelemetryStore()
    table = rectangle.flight("d1", T0 + 6 * 3_600_000)
    rows = [msgspec.structs.replace(fix, job="j1") for fix in table.rows()]
    store.write(owner, rows, T0)
    follower.follow(recompute(store, registry, owner, "d1", int(table.ts_ms[0]), int(table.ts_ms[-1])))


def kept(sink: Any, day: str = DAY) -> dict[Cell, dict[str, Any]]:
    at_ms = day_window_ms(day)[0]
    rows: list[Figures] = sink.figures(DATABASE, MEASUREMENT, at_ms, at_ms)
    return {(r.tags["commune"], r.tags["operation"], r.tags["product_group"]): dict(r.values) for r in rows}


def check_a_day(sink: Any) -> None:
    """Two farms are withheld, the third shows them, and a farm that goes takes the figures back."""
    registry = registered()
    follower = RollupFollower(sink, registry, ByName())
    fly(registry, follower, "htx-a")
    fly(registry, follower, "htx-b")
    assert {values["withheld"] for values in kept(sink).values()} == {1.0}
    fly(registry, follower, "htx-c")
    cell = kept(sink)[SPRAYED]
    assert cell["net_ha"] == pytest.approx(3 * rectangle.AREA_M2 / 1e4, rel=1e-3)
    assert cell["volume_l"] == pytest.approx(3 * rectangle.VOLUME_L, rel=0.02)
    assert (cell["flights"], cell["drones"], cell["farms"], cell["withheld"]) == (3.0, 3.0, 3.0, 0.0)
    assert cell["hours"] == pytest.approx(3 * 247.0 / 3_600.0, rel=0.05)
    before = kept(sink)
    follower.refresh([DAY])
    assert kept(sink) == before
    gone = [replace(row, flights=()) for row in registry.job_plots("htx-c", DAY)]
    registry.save_job_plots("htx-c", gone)
    follower.refresh([DAY])
    assert kept(sink)[SPRAYED] == dict.fromkeys(cell, 0.0) | {"withheld": 1.0}
    for owner in ("htx-a", "htx-b"):
        registry.save_job_plots(owner, [replace(row, flights=()) for row in registry.job_plots(owner, DAY)])
    assert follower.refresh([DAY]) == 0
    assert all(set(values.values()) == {0.0} for values in kept(sink).values())


def test_a_day_in_sqlite(tmp_path: Path) -> None:
    with closing(SqliteTelemetry(tmp_path / "t.sqlite")) as sink:
        check_a_day(sink)


def test_a_day_in_influxdb(tmp_path: Path) -> None:
    with running_influxd(tmp_path) as server:
        server.make_database("canhdong_province")
        with closing(InfluxTelemetry(server.http())) as sink:
            check_a_day(sink)


class Overtaken(FakeTelemetryStore):
    """Another worker saves a result, reads and writes while this one is about to write."""

    other: Any = None

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        if self.other is not None:
            other, self.other = self.other, None
            other()
        super().put_figures(name, rows)


def test_a_worker_that_was_overtaken_writes_again() -> None:
    sink, registry = Overtaken(), registered()
    follower = RollupFollower(sink, registry, ByName())
    for owner in ("htx-a", "htx-b"):
        fly(registry, follower, owner)
    sink.other = lambda: fly(registry, follower, "htx-c")
    follower.refresh([DAY])
    assert kept(sink)[SPRAYED]["farms"] == 3.0


def test_members_are_farms_of_their_own() -> None:
    sink, registry = FakeTelemetryStore(), registered(("htx-a",))
    rows = []
    for k in range(3):
        registry.put_plot(replace(rectangle.plot("htx-a", f"m{k}"), member=f"member-{k}"))
        figures = PlotCoverage(f"m{k}", 1e4, 1e4, 1e4, 0.0, 0.0, 0.0)
        rows.append(JobPlot("j1", DAY, Operation.SPRAY, ("f1",), figures))
    follower = RollupFollower(sink, registry, ByName())
    fly(registry, follower, "htx-a")
    registry.save_job_plots("htx-a", rows)
    follower.refresh([DAY])
    assert kept(sink)[ALL, ALL, ALL]["farms"] == 4.0


def test_days_between_names_both_ends() -> None:
    assert days_between("2026-02-27", "2026-03-01") == ["2026-02-27", "2026-02-28", "2026-03-01"]
