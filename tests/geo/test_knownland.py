"""Land that was read once gives what the registry gives."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from shapely import affinity

from core.errors import NotFound
from core.model.fleet import Calibration
from core.model.land import Device, DeviceKind, Plot
from geo.archivesource import release
from geo.knownland import KnownLand, known_land
from tests.support import rectangle
from tests.support.archived import HTX, Farm

BEFORE_MS, AFTER_MS = 1_000, 2_000


def moved(plot: Plot, name: str, north_deg: float, valid_from_ms: int = BEFORE_MS) -> Plot:
    boundary = affinity.translate(plot.boundary, yoff=north_deg)
    return replace(plot, plot=name, boundary=boundary, valid_from_ms=valid_from_ms, version=0)


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[Farm]:
    made = Farm(tmp_path)
    with closing(made.made()) as ports:
        registry, plot = ports.registry, rectangle.plot(HTX)
        for name, north_deg in (("p1", 0.01), ("p2", 0.02), ("p3", 0.03)):
            registry.put_plot(moved(plot, name, north_deg))
        registry.put_plot(moved(plot, "p2", 0.5, AFTER_MS))
        registry.retire(Plot, HTX, "p3")
        registry.add_device(Device("d1", HTX, DeviceKind.DRONE, "T40"))
    yield made
    release()


def test_it_answers_as_the_registry_does(farm: Farm) -> None:
    with closing(farm()) as ports:
        real, known = ports.registry, KnownLand(ports.registry, HTX)
        west, south, east, north = rectangle.plot(HTX).boundary.bounds
        for box in (
            (west, south, east, north),
            (west, south, east, north + 0.025),
            (west, south, east, north + 1.0),
            (east, north, east, north),
            (0.0, 0.0, 1.0, 1.0),
        ):
            for at_ms in (None, BEFORE_MS - 1, BEFORE_MS, AFTER_MS, 2**45):
                assert known.plots(HTX, box, at_ms) == real.plots(HTX, box, at_ms)
        for name in ("p1", "p2", "p3"):
            assert known.history(Plot, HTX, name) == real.history(Plot, HTX, name)
        assert known.record(Device, HTX, "d1") == real.record(Device, HTX, "d1")
        assert known.records(Calibration, HTX) == real.records(Calibration, HTX)
        assert known.plots(HTX) == real.plots(HTX)
        assert known.flights(HTX, 0, 1) == []


def test_nothing_of_another_cooperative_and_nothing_unknown(farm: Farm) -> None:
    with closing(farm()) as ports:
        known = KnownLand(ports.registry, HTX)
        assert known.plots("htx-b", rectangle.plot(HTX).boundary.bounds) == []
        for key in ((Device, "htx-b", "d1"), (Device, HTX, "nobody")):
            with pytest.raises(NotFound):
                known.record(*key)
        with pytest.raises(NotFound):
            known.history(Plot, HTX, "p9")


def test_a_run_reads_once_and_the_next_run_anew(farm: Farm) -> None:
    with closing(farm()) as ports:
        first = known_land(farm, HTX, "run-1")
        everywhere = (-180.0, -90.0, 180.0, 90.0)
        before = first.plots(HTX, everywhere)
        ports.registry.put_plot(moved(rectangle.plot(HTX), "p4", 0.04))
        assert known_land(farm, HTX, "run-1") is first
        assert first.plots(HTX, everywhere) == before
        names = {p.plot for p in known_land(farm, HTX, "run-2").plots(HTX, everywhere)}
        assert names == {p.plot for p in before} | {"p4"}
        assert not isinstance(known_land(farm, HTX, ""), KnownLand)
