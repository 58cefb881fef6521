"""What a run brings along is registered: every cooperative with its own, and nothing that stands is changed."""

from __future__ import annotations

import pytest
from shapely import box

from cli.publishing import register, register_run
from core.errors import ConfigError, Conflict
from core.model.fleet import Mount
from core.model.land import Cooperative, Device, DeviceKind, ForeignDevice, Plot
from core.model.traffic import Run
from tests.support.fakes import FakeRegistry

EUI = "24e124713b492613"
ONE, TWO = Cooperative("one", "HTX Một"), Cooperative("two", "HTX Hai")


def a_device(device: str, cooperative: str, kind: DeviceKind = DeviceKind.DRONE, name: str = "") -> Device:
    return Device(device, cooperative, kind, name)


def a_run(**parts: tuple[object, ...]) -> Run:
    return Run("test", 1, 0, (), **parts)  # type: ignore[arg-type]


def test_a_run_of_several_cooperatives() -> None:
    registry = FakeRegistry()
    run = a_run(
        cooperatives=(ONE, TWO),
        devices=(a_device("d1", "one"), a_device("w1", "one", DeviceKind.SENSOR), a_device("d1", "two")),
        plots=(Plot("p1", box(105.7, 9.2, 105.71, 9.21), cooperative="two"),),
        aliases=(ForeignDevice("chirpstack_v4", EUI, "one", "w1"),),
    )
    mount = Mount("w1", "one", "water_level", "2026-01-01", -0.4, "m")
    for _ in range(2):  # again: nothing new
        register_run(registry, run, [mount])
    assert [c.name for c in registry.cooperatives()] == ["HTX Một", "HTX Hai"]
    assert [d.device for d in registry.devices("one")] == ["d1", "w1"]
    assert [d.device for d in registry.devices("two")] == ["d1"]
    assert [p.plot for p in registry.plots("two")] == ["p1"]
    assert registry.plots("one") == []
    assert [a.device for a in registry.foreign("chirpstack_v4", EUI)] == ["w1"]
    (kept,) = registry.records(Mount, "one")
    assert (kept.offset, kept.version) == (-0.4, 1)


def test_a_cooperative_that_is_only_named_is_registered_too() -> None:
    registry = FakeRegistry()
    register_run(registry, a_run(devices=(a_device("d1", "three"),)))
    assert [(c.cooperative, c.name) for c in registry.cooperatives()] == [("three", "three")]


def test_what_belongs_to_nobody_is_refused() -> None:
    with pytest.raises(ConfigError, match="it is not told whose this is: Device"):
        register_run(FakeRegistry(), a_run(cooperatives=(ONE,), devices=(a_device("d1", ""),)))


def test_what_stands_stays() -> None:
    registry = FakeRegistry()
    registry.add_cooperative(Cooperative("one", "Tên cũ"))
    registry.add_device(a_device("d1", "one", name="cũ"))
    register(registry, ONE, [a_device("d1", "", name="mới"), a_device("d2", "")], [])
    assert registry.cooperatives()[0].name == "Tên cũ"
    assert {d.device: d.name for d in registry.devices("one")} == {"d1": "cũ", "d2": ""}


def test_a_makers_name_that_is_another_devices_is_a_conflict() -> None:
    registry = FakeRegistry()
    for cooperative in (ONE, TWO):
        registry.add_cooperative(cooperative)
    devices = [a_device("w1", "", DeviceKind.SENSOR)]
    register(registry, ONE, devices, [], aliases=[ForeignDevice("chirpstack_v4", EUI, "", "w1")])
    with pytest.raises(Conflict):
        register(registry, TWO, devices, [], aliases=[ForeignDevice("chirpstack_v4", EUI, "", "w1")])
