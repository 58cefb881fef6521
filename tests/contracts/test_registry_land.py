"""Registry: cooperatives, devices, and plots whose boundaries are never overwritten."""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from shapely import MultiPolygon, Polygon

from core.errors import Conflict, NotFound
from core.model.land import Boundary, Cooperative, DeviceKind, Plot
from core.registry import Registry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.contracts.samples import MINE, NOBODY, OTHER, C, D, a_device, a_plot, field, reprs

HOLED = Polygon(field(0).exterior.coords, [field(0).buffer(-0.0003).exterior.coords])
SPLIT = MultiPolygon([HOLED, field(1)])
FINE = Polygon([(105.1 + 0.1 / 3.0, 9.0), (105.2, 9.0 + 5e-16), (105.2, 9.1), (105.1, math.nextafter(9.1, 10.0))])


def bounds(column: int) -> tuple[float, float, float, float]:
    """The box of a field."""
    west, south, east, north = field(column).bounds
    return west, south, east, north


def same(a: Plot, b: Plot) -> bool:
    """Equal to the last bit of the boundary."""
    bare = [repr(replace(p, boundary=field(0))) for p in (a, b)]
    return bare[0] == bare[1] and a.boundary.wkb == b.boundary.wkb


def test_cooperatives_are_listed_by_identifier(registry: Registry) -> None:
    first = Cooperative("htx-a", "Đầu tiên", 1_000.0 / 3.0)
    registry.add_cooperative(first)
    assert registry.cooperatives() == [first, MINE, OTHER]


def test_the_same_cooperative_again_changes_nothing(registry: Registry) -> None:
    registry.add_cooperative(MINE)
    assert registry.cooperatives() == [MINE, OTHER]


@pytest.mark.parametrize("other", [replace(MINE, name="Khác"), replace(MINE, m2_per_cong=1_296.0)])
def test_a_cooperative_with_other_content_is_a_conflict(registry: Registry, other: Cooperative) -> None:
    with pytest.raises(Conflict, match=C):
        registry.add_cooperative(other)
    assert registry.cooperatives() == [MINE, OTHER]


def test_a_device_comes_back_as_it_went_in(registry: Registry) -> None:
    drone = a_device(name="Máy bay 1", model="T40", swath_m=7.1)
    sensor = a_device("s1", kind=DeviceKind.SENSOR, lat_deg=9.285, lon_deg=105.1 + 0.2)
    registry.add_device(sensor)
    registry.add_device(drone)
    assert reprs(registry.devices(C)) == reprs([drone, sensor])
    assert repr(registry.device(C, "s1")) == repr(sensor)


def test_a_device_again_makes_the_next_version_of_its_description(registry: Registry) -> None:
    registry.add_device(a_device(name="cũ", swath_m=7.0))
    registry.add_device(a_device(model="mới", valid_from_ms=7))
    assert reprs(registry.devices(C)) == reprs([a_device(model="mới", version=2, valid_from_ms=7)])


def test_devices_belong_to_their_cooperative(registry: Registry) -> None:
    registry.add_device(a_device(name="của ta"))
    registry.add_device(a_device(name="của họ", cooperative=D))
    assert [d.name for d in registry.devices(C)] == ["của ta"]
    assert registry.device(D, "d1").name == "của họ"
    assert registry.devices(NOBODY) == []


def test_a_plot_comes_back_as_it_went_in(registry: Registry) -> None:
    full = a_plot(declared_area_m2=12_345.6, source_crs="EPSG:6960", valid_from_ms=1_764_000_000_000)
    assert same(registry.put_plot(full), full)
    assert same(registry.plot(C, "p1"), full)
    least = Plot("p0", field(1), cooperative=C)
    registry.put_plot(least)
    assert [same(a, b) for a, b in zip(registry.plots(C), [least, full], strict=True)] == [True, True]


@pytest.mark.parametrize("boundary", [HOLED, SPLIT, FINE], ids=["hole", "parts", "last-bits"])
def test_any_boundary_comes_back_to_the_last_bit(registry: Registry, boundary: Boundary) -> None:
    registry.put_plot(a_plot(boundary=boundary))
    known = registry.plot(C, "p1").boundary
    assert known.wkb == boundary.wkb
    assert registry.put_plot(a_plot(boundary=boundary)).version == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"boundary": field(1)},
        {"boundary": HOLED},
        {"boundary": MultiPolygon([field(0)])},
        {"boundary": Polygon([(105.7, 9.28), *list(field(0).exterior.coords)[:-1]])},
        {"name": "Thửa 2"},
        {"crop": "sen"},
        {"declared_area_m2": 1.0},
        {"source_crs": "EPSG:6960"},
    ],
    ids=["moved", "hole", "multi", "vertex", "name", "crop", "declared", "crs"],
)
def test_a_change_makes_the_next_version_and_keeps_the_old_one(registry: Registry, changed: dict[str, object]) -> None:
    registry.put_plot(a_plot())
    newer = replace(a_plot(**changed), version=2, valid_from_ms=9)  # type: ignore[arg-type]
    assert same(registry.put_plot(replace(newer, version=1)), newer)
    assert same(registry.plot(C, "p1"), newer)
    assert same(registry.plot(C, "p1", 2), newer)
    assert same(registry.plot(C, "p1", 1), a_plot())
    assert [p.version for p in registry.plots(C)] == [2]


def test_the_smallest_move_of_a_large_boundary_is_a_change(registry: Registry) -> None:
    ring = [(105.7 + 0.01 * math.cos(a / 50.0), 9.28 + 0.01 * math.sin(a / 50.0)) for a in range(300)]
    moved = [*ring[:-1], (math.nextafter(ring[-1][0], 0.0), ring[-1][1])]
    registry.put_plot(a_plot(boundary=Polygon(ring)))
    assert registry.put_plot(a_plot(boundary=Polygon(moved))).version == 2


def test_the_same_plot_again_changes_nothing_whichever_version_and_start_it_names(registry: Registry) -> None:
    first = registry.put_plot(a_plot(valid_from_ms=5))
    for again in (a_plot(), a_plot(version=7), a_plot(valid_from_ms=9)):
        assert same(registry.put_plot(again), first)
    assert [p.version for p in registry.plots(C)] == [1]


def test_going_back_to_an_earlier_boundary_is_a_version_too(registry: Registry) -> None:
    for boundary in (field(0), field(1), field(0)):
        registry.put_plot(a_plot(boundary=boundary))
    assert registry.plot(C, "p1").version == 3
    assert [registry.plot(C, "p1", v).boundary.bounds[0] for v in (1, 2, 3)] == [bounds(n)[0] for n in (0, 1, 0)]


def test_plots_belong_to_their_cooperative(registry: Registry) -> None:
    registry.put_plot(a_plot(name="của ta"))
    registry.put_plot(a_plot(name="của họ", cooperative=D, boundary=field(3)))
    assert [p.name for p in registry.plots(C)] == ["của ta"]
    assert registry.plot(D, "p1").name == "của họ"
    assert registry.plot(D, "p1").version == 1
    assert registry.plots(NOBODY) == []


@pytest.mark.parametrize(
    ("bbox", "found"),
    [
        ((105.0, 9.0, 106.0, 10.0), ["p0", "p1", "p2"]),
        (bounds(1), ["p1"]),
        ((bounds(0)[2], 9.28, bounds(1)[0], 9.29), ["p0", "p1"]),
        ((105.7001, 9.2801, 105.7002, 9.2802), ["p0"]),
        ((105.0, 9.0, 105.6, 10.0), []),
        ((105.0, 9.0, 106.0, 9.2), []),
    ],
    ids=["all", "its-own-box", "touching-borders", "inside", "west-of-all", "south-of-all"],
)
def test_plots_are_found_by_the_box_that_theirs_meets(
    registry: Registry, bbox: tuple[float, float, float, float], found: list[str]
) -> None:
    for n in (2, 0, 1):
        registry.put_plot(a_plot(f"p{n}", field(n)))
    registry.put_plot(a_plot("theirs", field(1), cooperative=D))
    assert [p.plot for p in registry.plots(C, bbox)] == found


def test_a_box_looks_at_newest_versions_only(registry: Registry) -> None:
    registry.put_plot(a_plot(boundary=field(0)))
    registry.put_plot(a_plot(boundary=field(1)))
    assert registry.plots(C, bounds(0)) == []
    assert [p.version for p in registry.plots(C, bounds(1))] == [2]


def test_what_does_not_exist_is_not_found(registry: Registry) -> None:
    registry.put_plot(a_plot(cooperative=D))
    registry.add_device(a_device(cooperative=D))
    with pytest.raises(NotFound, match="d1"):
        registry.device(C, "d1")
    with pytest.raises(NotFound, match="p1"):
        registry.plot(C, "p1")
    with pytest.raises(NotFound, match="p1"):
        registry.plot(D, "p1", 2)
    with pytest.raises(NotFound, match=NOBODY):
        registry.add_device(a_device(cooperative=NOBODY))
    with pytest.raises(NotFound, match=NOBODY):
        registry.put_plot(a_plot(cooperative=NOBODY))


@pytest.mark.parametrize("backend", each(REGISTRIES, durable=True))
def test_the_land_is_there_after_opening_again(backend: Backend[Registry], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as registry:
        registry.add_cooperative(MINE)
        registry.add_device(a_device())
        registry.put_plot(a_plot())
    with closing(backend.open(tmp_path)) as registry:
        assert registry.cooperatives() == [MINE]
        assert reprs(registry.devices(C)) == reprs([a_device()])
        assert same(registry.put_plot(a_plot()), a_plot())
        assert registry.put_plot(a_plot(crop="sen")).version == 2
