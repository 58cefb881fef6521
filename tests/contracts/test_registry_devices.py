"""Registry: whose a foreign identifier is."""

from __future__ import annotations

import pytest

from core.errors import Conflict, NotFound
from core.model.land import ForeignDevice
from core.registry import Registry
from tests.contracts.samples import MINE, OTHER, C, D, a_device

EUI = "24e124136b316231"


@pytest.fixture
def stocked(registry: Registry) -> Registry:
    registry.add_cooperative(MINE)
    registry.add_cooperative(OTHER)
    for cooperative in (C, D):
        registry.add_device(a_device("s1", cooperative=cooperative))
    return registry


def test_nobody_owns_what_was_never_told(stocked: Registry) -> None:
    assert stocked.foreign("chirpstack_v4", EUI) == []
    assert stocked.foreign_devices(C) == []


def test_an_identifier_belongs_to_a_device_in_one_format(stocked: Registry) -> None:
    known = ForeignDevice("chirpstack_v4", EUI, C, "s1")
    stocked.add_foreign(known)
    stocked.add_foreign(known)
    assert stocked.foreign("chirpstack_v4", EUI) == [known]
    assert stocked.foreign("ttn_v3", EUI) == []
    assert stocked.foreign_devices(C) == [known]
    assert stocked.foreign_devices(D) == []


def test_an_identifier_may_change_hands_and_its_past_is_kept(stocked: Registry) -> None:
    later = ForeignDevice("senml", "urn:dev:1", D, "s1", 2_000)
    first = ForeignDevice("senml", "urn:dev:1", C, "s1")
    stocked.add_foreign(later)
    stocked.add_foreign(first)
    assert stocked.foreign("senml", "urn:dev:1") == [first, later]


def test_a_cooperatives_identifiers_come_by_device_format_identifier_and_time(stocked: Registry) -> None:
    stocked.add_device(a_device("s0", cooperative=C))
    known = [
        ForeignDevice("ttn_v3", "b", C, "s0"),
        ForeignDevice("senml", "a", C, "s1", 1_000),
        ForeignDevice("senml", "a", C, "s1", 2_000),
        ForeignDevice("senml", "b", C, "s1"),
        ForeignDevice("ttn_v3", "a", C, "s1"),
    ]
    for it in reversed(known):
        stocked.add_foreign(it)
    assert stocked.foreign_devices(C) == known


def test_it_has_one_owner_at_a_time(stocked: Registry) -> None:
    stocked.add_foreign(ForeignDevice("senml", "urn:dev:1", C, "s1"))
    with pytest.raises(Conflict):
        stocked.add_foreign(ForeignDevice("senml", "urn:dev:1", D, "s1"))
    assert [it.cooperative for it in stocked.foreign("senml", "urn:dev:1")] == [C]


@pytest.mark.parametrize(("cooperative", "device"), [(C, "s9"), ("htx-nobody", "s1")])
def test_an_unknown_device_owns_nothing(stocked: Registry, cooperative: str, device: str) -> None:
    with pytest.raises(NotFound):
        stocked.add_foreign(ForeignDevice("senml", "urn:dev:1", cooperative, device))


def test_a_device_keeps_its_identifiers_when_it_is_described_anew(stocked: Registry) -> None:
    stocked.add_foreign(ForeignDevice("senml", "urn:dev:1", C, "s1"))
    stocked.add_device(a_device("s1", name="Trạm 1"))
    assert len(stocked.foreign_devices(C)) == 1
