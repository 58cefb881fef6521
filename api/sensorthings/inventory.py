"""The entities that somebody may see, but for observations: read from tenants when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import quote

from api.sensorthings import entities
from api.sensorthings.model import Entity, Kind
from api.sensorthings.places import Place, place_at, places_of
from api.sensorthings.times import FIRST_MS, LAST_MS
from api.tenancy import Tenant
from core.errors import NotFound
from core.model.land import Device, DeviceKind
from core.model.samples import Reading


@dataclass(frozen=True, slots=True)
class Stream:
    """The readings of one datastream that an address means: those from one time to another, both included."""

    tenant: Tenant
    datastream: Entity
    start_ms: int = FIRST_MS
    end_ms: int = LAST_MS


class Inventory:
    """What some tenants have, for one request.

    Args:
        tenants: The cooperatives that may be seen.
        root: The address of this part, without a slash at its end.
    """

    def __init__(self, tenants: Sequence[Tenant], root: str) -> None:
        self.root = root
        self._tenants = {it.cooperative.cooperative: it for it in tenants}
        self._devices: dict[str, dict[str, Device]] = {}
        self._latest: dict[str, dict[str, list[Reading]]] = {}
        self._places: dict[tuple[str, str], tuple[Place, ...]] = {}
        self._found: dict[tuple[Kind, tuple[str, ...]], Entity | None] = {}

    def address(self, kind: Kind, identifier: str) -> str:
        """The address of an entity."""
        literal = "'" + identifier.replace("'", "''") + "'"
        return f"{self.root}/{kind}({quote(literal, safe=_PLAIN)})"

    def members(self, kind: Kind) -> list[Entity]:
        """All entities of a kind, by cooperative, device and what follows."""
        if kind is Kind.OBSERVED_PROPERTIES:
            names = {it.quantity for c in self._tenants for of in self._latest_of(c).values() for it in of}
            return [self._observed_property(name) for name in sorted(names)]
        return [it for c in self._tenants for device in self._devices_of(c).values() for it in self._made(kind, device)]

    def find(self, kind: Kind, identifier: str) -> Entity | None:
        """One entity; None where there is none, or it is another's."""
        key = entities.key_of(kind, identifier)
        if key is None:
            return None
        if (kind, key) not in self._found:
            self._found[kind, key] = self._find(kind, key)
        return self._found[kind, key]

    def follow(self, entity: Entity, link: str) -> Sequence[Entity]:
        """Where a link leads, but for observations."""
        of = _FOLLOWED.get((entity.kind, link))
        return self._kept(of(self, entity)) if of is not None else ()

    def streams(self, entity: Entity | None = None) -> list[Stream]:
        """The readings of everything, of a datastream, or of a feature of interest."""
        if entity is None:
            return [Stream(self._tenants[it.key[0]], it) for it in self.members(Kind.DATASTREAMS)]
        tenant = self._tenants[entity.key[0]]
        if entity.kind is Kind.DATASTREAMS:
            return [Stream(tenant, entity)]
        device = self._device(entity)
        (place,) = (it for it in self._places_of(device) if str(it.number) == entity.key[2])
        return [Stream(tenant, it, place.from_ms, place.until_ms - 1) for it in self._made(Kind.DATASTREAMS, device)]

    # --- by kind

    def _find(self, kind: Kind, key: tuple[str, ...]) -> Entity | None:
        if kind is Kind.OBSERVED_PROPERTIES:
            known = any(key[0] == it.quantity for c in self._tenants for of in self._latest_of(c).values() for it in of)
            return self._observed_property(key[0]) if known else None
        tenant = self._tenants.get(key[0])
        if tenant is None:
            return None
        try:
            device = tenant.device(key[1])
        except NotFound:
            return None
        if device.kind is not DeviceKind.SENSOR:
            return None
        if kind is Kind.DATASTREAMS:
            last = tenant.readings_page(key[1], key[2], FIRST_MS, LAST_MS, 1, newest_first=True)
            return self._datastream(tenant, device, last[0]) if last else None
        return next((it for it in self._made(kind, device) if it.key == key), None)

    def _made(self, kind: Kind, device: Device) -> Iterator[Entity]:
        """The entities of a kind that a sensor gives."""
        if kind in _OF_DEVICE:
            yield _OF_DEVICE[kind](device)
        elif kind is Kind.DATASTREAMS:
            tenant = self._tenants[device.cooperative]
            for last in self._latest_of(device.cooperative).get(device.device, ()):
                yield self._datastream(tenant, device, last)
        else:
            for place in self._places_of(device):
                if place.point is not None or kind is Kind.FEATURES_OF_INTEREST:
                    yield _OF_PLACE[kind](device, place)

    def _datastream(self, tenant: Tenant, device: Device, last: Reading) -> Entity:
        first = partial(_first_ms, tenant, last)
        return entities.datastream(device, last, first)

    def _observed_property(self, quantity: str) -> Entity:
        return entities.observed_property(quantity, self.address(Kind.OBSERVED_PROPERTIES, quantity))

    # --- by link

    def _kept(self, found: Sequence[Entity]) -> Sequence[Entity]:
        for it in found:
            self._found.setdefault((it.kind, it.key), it)
        return found

    def _device(self, entity: Entity) -> Device:
        cooperative, name = entity.key[:2]
        known = self._devices.get(cooperative)
        if known is not None and name in known:
            return known[name]
        return self._tenants[cooperative].device(name)

    def _same(self, kind: Kind, entity: Entity) -> list[Entity]:
        """What of a kind the entity's sensor gives."""
        return list(self._made(kind, self._device(entity)))

    def _datastreams_of_quantity(self, entity: Entity) -> list[Entity]:
        return [it for it in self.members(Kind.DATASTREAMS) if it.key[2] == entity.key[0]]

    def _present(self, entity: Entity) -> list[Entity]:
        """Where a thing is now: nowhere if its last place is not known."""
        device = self._device(entity)
        place = self._places_of(device)[-1]
        return [] if place.point is None else [entities.location(device, place)]

    def _things_there(self, entity: Entity) -> list[Entity]:
        device = self._device(entity)
        return [entities.thing(device)] if str(self._places_of(device)[-1].number) == entity.key[2] else []

    def _same_place(self, kind: Kind, entity: Entity) -> list[Entity]:
        return [it for it in self._same(kind, entity) if it.key[2] == entity.key[2]]

    def _property_of(self, entity: Entity) -> list[Entity]:
        return [self._observed_property(entity.key[2])]

    def _datastream_of(self, entity: Entity) -> list[Entity]:
        found = self.find(Kind.DATASTREAMS, entities.MARK.join(entity.key[:3]))
        return [] if found is None else [found]

    def _feature_of(self, entity: Entity) -> list[Entity]:
        device = self._device(entity)
        place = place_at(self._places_of(device), int(entity.key[3]))
        key = (*entity.key[:2], str(place.number))
        found = self._found.get((Kind.FEATURES_OF_INTEREST, key))
        return [found or entities.feature_of_interest(device, place)]

    # --- from the tenants

    def _devices_of(self, cooperative: str) -> dict[str, Device]:
        if cooperative not in self._devices:
            found = self._tenants[cooperative].devices(DeviceKind.SENSOR)
            self._devices[cooperative] = {it.device: it for it in sorted(found, key=lambda it: it.device)}
        return self._devices[cooperative]

    def _latest_of(self, cooperative: str) -> dict[str, list[Reading]]:
        if cooperative not in self._latest:
            sensors = self._devices_of(cooperative)
            found = self._tenants[cooperative].latest_readings()
            self._latest[cooperative] = {name: of for name, of in found.items() if name in sensors}
        return self._latest[cooperative]

    def _places_of(self, device: Device) -> tuple[Place, ...]:
        key = (device.cooperative, device.device)
        if key not in self._places:
            several = device.version > 1
            versions = self._tenants[key[0]].history(Device, key[1]) if several else [device]
            self._places[key] = places_of([it for it in versions if not it.retired] or [device])
        return self._places[key]


def _first_ms(tenant: Tenant, last: Reading) -> int:
    found = tenant.readings_page(last.device, last.quantity, FIRST_MS, last.ts_ms, 1)
    return found[0].ts_ms if found else last.ts_ms


_PLAIN: Final = "'~:"
_OF_DEVICE: Final[Mapping[Kind, Callable[[Device], Entity]]] = {
    Kind.THINGS: entities.thing,
    Kind.SENSORS: entities.sensor,
}
_OF_PLACE: Final[Mapping[Kind, Callable[[Device, Place], Entity]]] = {
    Kind.LOCATIONS: entities.location,
    Kind.HISTORICAL_LOCATIONS: entities.historical_location,
    Kind.FEATURES_OF_INTEREST: entities.feature_of_interest,
}


def _same(kind: Kind) -> Callable[[Inventory, Entity], Sequence[Entity]]:
    return lambda inventory, entity: inventory._same(kind, entity)  # noqa: SLF001 - its own table


def _same_place(kind: Kind) -> Callable[[Inventory, Entity], Sequence[Entity]]:
    return lambda inventory, entity: inventory._same_place(kind, entity)  # noqa: SLF001 - its own table


_FOLLOWED: Final[Mapping[tuple[Kind, str], Callable[[Inventory, Entity], Sequence[Entity]]]] = {
    (Kind.THINGS, "Datastreams"): _same(Kind.DATASTREAMS),
    (Kind.THINGS, "Locations"): Inventory._present,  # noqa: SLF001 - its own table
    (Kind.THINGS, "HistoricalLocations"): _same(Kind.HISTORICAL_LOCATIONS),
    (Kind.LOCATIONS, "Things"): Inventory._things_there,  # noqa: SLF001 - its own table
    (Kind.LOCATIONS, "HistoricalLocations"): _same_place(Kind.HISTORICAL_LOCATIONS),
    (Kind.HISTORICAL_LOCATIONS, "Thing"): _same(Kind.THINGS),
    (Kind.HISTORICAL_LOCATIONS, "Locations"): _same_place(Kind.LOCATIONS),
    (Kind.DATASTREAMS, "Thing"): _same(Kind.THINGS),
    (Kind.DATASTREAMS, "Sensor"): _same(Kind.SENSORS),
    (Kind.DATASTREAMS, "ObservedProperty"): Inventory._property_of,  # noqa: SLF001 - its own table
    (Kind.SENSORS, "Datastreams"): _same(Kind.DATASTREAMS),
    (Kind.OBSERVED_PROPERTIES, "Datastreams"): Inventory._datastreams_of_quantity,  # noqa: SLF001 - its own table
    (Kind.OBSERVATIONS, "Datastream"): Inventory._datastream_of,  # noqa: SLF001 - its own table
    (Kind.OBSERVATIONS, "FeatureOfInterest"): Inventory._feature_of,  # noqa: SLF001 - its own table
}
