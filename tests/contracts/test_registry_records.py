"""Registry: what people register stands in versions, belongs to one cooperative, and is never overwritten."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from shapely import LineString, Point, Polygon, box

from core.errors import Conflict, NotFound
from core.model.admin import AdminLevel, AdminUnit, Extent, Succession
from core.model.enums import Operation
from core.model.fleet import Calibration, Implement, Member, Mount, Pilot
from core.model.land import Cooperative, Device, Plot, Site, SiteKind
from core.model.versions import Versioned, key_of
from core.model.work import Job, Product, ProductUse
from core.registry import Registry
from tests.contracts.backends import REGISTRIES, Backend, each
from tests.contracts.samples import MINE, NOBODY, OTHER, C, D, a_device, a_plot, field, reprs

USE = ProductUse("lúa", "rầy nâu", 0.5, "kg/ha", 14)
SPRAY = Operation.SPRAY
RECORDS: list[tuple[Versioned, dict[str, Any]]] = [
    (replace(MINE, organisation="H01.23", scheme="ĐKKD"), {"m2_per_cong": 1_296.0}),
    (a_device(serial="SN1", registration="VN-1", registration_until="2027-01-01", mtow_kg=92.0), {"serial": "SN2"}),
    (a_plot(season="đông xuân", growing_area="VN-1", cadastral="thửa 12, tờ 5"), {"cadastral": "thửa 12, tờ 6"}),
    (Site("ao", C, SiteKind.POND, Point(105.7, 9.28), "Ao", 10.0, 50.0, "Sở"), {"boundary": field(1)}),
    (Site("kênh", C, SiteKind.CANAL, LineString([(105.7, 9.28), (105.8, 9.29)])), {"downwind_m": 20.0}),
    (Member("m1", C, "Nguyễn Văn A", "0900"), {"phone": ""}),
    (Pilot("p1", C, "Trần Thị B", "L1", "VLOS", "2027-06-30"), {"licence_until": "2028-06-30"}),
    (Implement("i1", C, SPRAY, "Bình", "d1", "XR11002", 40.0, 12.0), {"tank_l": 30.0}),
    (Calibration("c1", C, "d1", SPRAY, "2026-03-01", 7.2, 22.0, 2.5, 6.0), {"swath_m": 6.8}),
    (Mount("s1", C, "water_level", "2026-01-01", -0.4, "m"), {"offset": -0.35}),
    (Product("thuốc", "75/2025", "Thuốc A", C, "2026-02-10", "", ("abamectin",), "EC", "III", (USE,)), {"uses": ()}),
    (Job("j1", C, SPRAY, "2026-11-26", ("p1", "p2"), "thuốc", 20.0, "L/ha", "d1", "p1"), {"plots": ("p1",)}),
]
every = pytest.mark.parametrize(
    ("record", "changed"), RECORDS, ids=[f"{type(r).__name__}-{'-'.join(key_of(r))}" for r, _ in RECORDS]
)


def stripped(record: Versioned) -> str:
    """What a record says, without its bookkeeping; a boundary as its bytes."""
    bare: Any = replace(record, version=0, valid_from_ms=0)
    shape = getattr(bare, "boundary", None)
    return repr(replace(bare, boundary=shape.wkb)) if shape is not None else repr(bare)


@every
def test_a_record_comes_back_as_it_went_in(registry: Registry, record: Versioned, changed: dict[str, Any]) -> None:
    del changed
    put = registry.put(record)
    assert stripped(put) == stripped(record)
    assert stripped(registry.record(type(record), C, *key_of(record))) == stripped(record)
    assert stripped(record) in [stripped(r) for r in registry.records(type(record), C)]


@every
def test_a_change_is_the_next_version_and_the_old_one_stays(
    registry: Registry, record: Versioned, changed: dict[str, Any]
) -> None:
    first = registry.put(record)
    assert stripped(registry.put(record)) == stripped(first)
    second = registry.put(replace(record, **changed))
    kind, key = type(record), key_of(record)
    assert second.version == first.version + 1
    assert [stripped(r) for r in registry.history(kind, C, *key)][-2:] == [stripped(first), stripped(second)]
    assert stripped(registry.record(kind, C, *key)) == stripped(second)
    assert stripped(registry.record(kind, C, *key, version=first.version)) == stripped(first)
    assert [stripped(r) for r in registry.records(kind, C) if key_of(r) == key] == [stripped(second)]


@every
def test_who_changes_what_somebody_else_has_changed_is_told(
    registry: Registry, record: Versioned, changed: dict[str, Any]
) -> None:
    first = registry.put(record)
    registry.put(replace(record, **changed), expected=first.version)
    again = replace(record, retired=True)
    with pytest.raises(Conflict):
        registry.put(again, expected=first.version)
    with pytest.raises(Conflict):
        registry.put(again, expected=0)
    assert registry.record(type(record), C, *key_of(record)).version == first.version + 1


@every
def test_a_retired_record_is_kept_and_listed_only_where_asked(
    registry: Registry, record: Versioned, changed: dict[str, Any]
) -> None:
    del changed
    registry.put(record)
    kind, key = type(record), key_of(record)
    before = len(registry.records(kind, C, retired=True))
    assert registry.retire(kind, C, *key).retired
    assert key not in [key_of(r) for r in registry.records(kind, C)]
    assert len(registry.records(kind, C, retired=True)) == before
    assert registry.record(kind, C, *key).retired
    back = registry.put(record)
    assert not back.retired
    assert key in [key_of(r) for r in registry.records(kind, C)]


@every
def test_nobody_sees_or_changes_what_is_anothers(
    registry: Registry, record: Versioned, changed: dict[str, Any]
) -> None:
    registry.put(record)
    kind, key = type(record), key_of(record)
    theirs: Versioned = replace(record, **(changed | {"cooperative": D}))
    registry.put(theirs)
    assert stripped(registry.record(kind, C, *key)) == stripped(record)
    assert stripped(registry.record(kind, D, *key)) == stripped(theirs)
    registry.retire(kind, D, *key)
    assert not registry.record(kind, C, *key).retired
    assert registry.records(kind, NOBODY) == []
    with pytest.raises(NotFound):
        registry.record(kind, NOBODY, *key)
    with pytest.raises(NotFound):
        registry.history(kind, NOBODY, *key)
    with pytest.raises(NotFound):
        registry.retire(kind, NOBODY, *key)
    if kind is not Cooperative:
        nobodys: dict[str, Any] = {"cooperative": NOBODY}
        with pytest.raises(NotFound, match=NOBODY):
            registry.put(replace(record, **nobodys))


def test_what_stood_at_a_time_can_be_asked_for(registry: Registry) -> None:
    for since, crop in ((100, "lúa"), (200, "sen"), (300, "tôm")):
        registry.put(a_plot(crop=crop, valid_from_ms=since))
    registry.put(a_plot("p2", field(1), valid_from_ms=250))
    asked = {at: [(p.plot, p.crop) for p in registry.plots(C, at_ms=at)] for at in (99, 100, 199, 260, 10**14)}
    assert asked == {
        99: [],
        100: [("p1", "lúa")],
        199: [("p1", "lúa")],
        260: [("p1", "sen"), ("p2", "lúa")],
        10**14: [("p1", "tôm"), ("p2", "lúa")],
    }
    assert [p.crop for p in registry.plots(C, field(0).bounds, at_ms=150)] == ["lúa"]
    assert registry.plots(C, field(3).bounds, at_ms=150) == []


def test_a_later_version_that_says_not_since_when_counts_from_now(registry: Registry) -> None:
    registry.put(a_plot(crop="lúa"))
    newer = registry.put(a_plot(crop="sen"))
    assert newer.valid_from_ms > 1_700_000_000_000
    assert [p.crop for p in registry.plots(C, at_ms=1_000)] == ["lúa"]
    assert [p.crop for p in registry.plots(C, at_ms=newer.valid_from_ms)] == ["sen"]


def test_a_plot_is_found_by_a_point_on_its_ground(registry: Registry) -> None:
    moved = registry.put(a_plot("p1", field(0), valid_from_ms=1))
    registry.put(a_plot("p1", field(2), valid_from_ms=50))
    outline, pond = box(105.70, 9.28, 105.74, 9.32), box(105.71, 9.29, 105.72, 9.30)
    registry.put(a_plot("hole", Polygon(outline.exterior, [pond.exterior])))
    registry.put(a_plot("theirs", field(2), cooperative=D))
    inside = field(2).centroid
    assert [p.plot for p in registry.plots_at(C, inside.x, inside.y)] == ["hole", "p1"]
    assert registry.plots_at(C, 105.715, 9.295) == []
    corner = field(2).bounds[:2]
    assert "p1" in [p.plot for p in registry.plots_at(C, *corner)]
    old = moved.boundary.centroid
    assert [p.plot for p in registry.plots_at(C, old.x, old.y)] == ["hole"]
    assert [(p.plot, p.version) for p in registry.plots_at(C, old.x, old.y, at_ms=10)] == [("hole", 1), ("p1", 1)]


def test_many_are_put_at_once_or_none(registry: Registry) -> None:
    plots = [a_plot(f"p{n:03}", field(n)) for n in range(900)]
    assert [p.version for p in registry.put_all(plots)] == [1] * 900
    changed = [replace(p, crop="sen") if n % 3 == 0 else p for n, p in enumerate(plots)]
    assert [p.version for p in registry.put_all(changed)] == [2, 1, 1] * 300
    assert len(registry.plots(C)) == 900
    assert [p.plot for p in registry.plots(C, field(7).bounds)] == ["p007"]
    with pytest.raises(Conflict):
        registry.put_all([replace(p, crop="tôm") for p in plots], expected=1)
    assert {p.crop for p in registry.plots(C)} == {"lúa", "sen"}
    assert registry.put_all(list[Plot]()) == []


def test_the_same_key_twice_in_one_go_is_two_versions(registry: Registry) -> None:
    put = registry.put_all([a_plot(crop="lúa"), a_plot(crop="sen"), a_plot(crop="sen")])
    assert [p.version for p in put] == [1, 2, 2]
    assert [p.crop for p in registry.plots(C)] == ["sen"]
    assert [p.crop for p in registry.history(Plot, C, "p1")] == ["lúa", "sen"]


def test_records_of_two_cooperatives_or_kinds_are_not_put_at_once(registry: Registry) -> None:
    if type(registry).__name__ == "FakeRegistry":
        pytest.skip("a fault of the program, which the fake does not look for")
    with pytest.raises(TypeError):
        registry.put_all([a_plot(), a_plot(cooperative=D)])
    assert registry.plots(C) == []


def test_a_retired_device_is_no_device_any_more(registry: Registry) -> None:
    registry.add_device(a_device())
    registry.retire(Device, C, "d1")
    assert registry.devices(C) == []
    with pytest.raises(NotFound, match="retired"):
        registry.device(C, "d1")


def test_a_retired_cooperative_is_not_listed_and_keeps_its_records(registry: Registry) -> None:
    registry.put(a_plot())
    registry.retire(Cooperative, C)
    assert registry.cooperatives() == [OTHER]
    assert [p.plot for p in registry.plots(C)] == ["p1"]


def test_the_national_product_list_belongs_to_nobody_and_stands_in_several_versions(registry: Registry) -> None:
    old = Product("thuốc", "25/2024", "Thuốc A", listed_from="2025-01-31", listed_until="2026-02-09", uses=(USE,))
    new = Product("thuốc", "75/2025", "Thuốc A", listed_from="2026-02-10", drones=True, banned_kinds=("rice-shrimp",))
    registry.put_all([old, new])
    assert registry.records(Product, "") == [old, new]
    assert registry.records(Product, C) == []
    assert [p.list_version for p in (old, new) if p.listed_on("2026-02-09")] == ["25/2024"]
    assert [p.list_version for p in (old, new) if p.listed_on("2026-02-10")] == ["75/2025"]
    assert old.phi_days("Lúa") == 14
    assert new.phi_days("lúa") is None
    with pytest.raises(NotFound):
        registry.put(a_plot(cooperative=""))
    assert registry.cooperatives() == [MINE, OTHER]


def test_a_dose_that_nobody_knows_stays_unknown_inside_a_list(registry: Registry) -> None:
    product = Product("x", "1", "X", uses=(ProductUse("lúa"), USE))
    registry.put(product)
    assert registry.put(replace(product, valid_from_ms=5)).version == 1
    (known,) = registry.records(Product, "")
    assert math.isnan(known.uses[0].dose)
    assert known.uses[1] == USE


def test_lists_are_sorted_by_code_points_whatever_the_server_speaks(registry: Registry) -> None:
    names = ["a", "B", "đ", "z", "Ä", "10", "9", "_"]
    registry.put_all([Member(name, C, name) for name in names])
    assert [m.member for m in registry.records(Member, C)] == sorted(names)


def test_units_are_told_by_their_dates(registry: Registry) -> None:
    day, before = date(2025, 7, 1), date(2025, 6, 30)
    old = AdminUnit("52", AdminLevel.PROVINCE, "Tỉnh Bình Định", date(2004, 1, 1), day)
    new = AdminUnit("52", AdminLevel.PROVINCE, "Tỉnh Gia Lai", day)
    ward = AdminUnit("21553", AdminLevel.COMMUNE, "Phường Quy Nhơn", day, parent="52")
    became = Succession(AdminLevel.PROVINCE, "52", "52", day, Extent.WHOLE)
    for _ in range(2):
        registry.put_admin([old, new, ward], [became], "a package")
    assert registry.admin_units(AdminLevel.PROVINCE, before) == [old]
    assert registry.admin_units(AdminLevel.PROVINCE, day) == [new]
    assert registry.admin_units(AdminLevel.COMMUNE, day, "52") == [ward]
    assert registry.admin_units(AdminLevel.COMMUNE, day, "96") == []
    registry.put_admin([replace(ward, boundary=field(0))], [], "the department")
    (found,) = registry.admin_units(AdminLevel.COMMUNE, day)
    assert found.boundary is not None
    assert found.boundary.equals(field(0))


@pytest.mark.parametrize("backend", each(REGISTRIES, durable=True))
def test_two_who_change_the_same_at_the_same_time_do_not_lose_a_change(
    backend: Backend[Registry], tmp_path: Path
) -> None:
    with closing(backend.open(tmp_path)) as registry:
        registry.add_cooperative(MINE)
        registry.put(Member("m1", C, "Một"))
        outcomes = _at_once([lambda n=n: registry.put(Member("m1", C, f"Tên {n}"), 1) for n in range(8)])  # type: ignore[misc]
        assert sorted(outcomes) == ["Conflict"] * 7 + ["Member"]
        _at_once([lambda n=n: registry.put(Member("m2", C, f"Tên {n}")) for n in range(8)])  # type: ignore[misc]
        assert [m.version for m in registry.history(Member, C, "m2")] == list(range(1, 9))
        assert len(registry.records(Member, C)) == 2


def _at_once(actions: list[Callable[[], object]]) -> list[str]:
    """What became of each: the type of what it gave or raised."""
    outcomes: list[str] = []

    def act(action: Callable[[], object]) -> None:
        try:
            outcomes.append(type(action()).__name__)
        except Conflict as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=act, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.parametrize("backend", each(REGISTRIES, durable=True))
def test_versions_are_there_after_opening_again(backend: Backend[Registry], tmp_path: Path) -> None:
    with closing(backend.open(tmp_path)) as registry:
        registry.add_cooperative(MINE)
        registry.put_all([a_plot(crop="lúa"), a_plot(crop="sen")])
    with closing(backend.open(tmp_path)) as registry:
        assert reprs([p.crop for p in registry.history(Plot, C, "p1")]) == reprs(["lúa", "sen"])
