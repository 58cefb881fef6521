"""Answers as JSON: entities, collections, references and data arrays (OGC 18-088, 8.1 and 12)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote, urlencode

from api.sensorthings import observations
from api.sensorthings.addresses import Many
from api.sensorthings.evaluation import Look, holds, look_at, sorted_by
from api.sensorthings.inventory import Inventory
from api.sensorthings.jsonvalues import json_value
from api.sensorthings.model import ID, IDS, SELF, SHAPES, Entity, Kind
from api.sensorthings.observations import Budget, Found
from api.sensorthings.options import RESUME, Options

_REQUIREMENTS: Final = "http://www.opengis.net/spec/iot_sensing/1.1/req/"
CONFORMS_TO: Final = tuple(
    _REQUIREMENTS + name
    for name in (
        "datamodel",
        "resource-path/resource-path-to-entities",
        "request-data",
    )
)
"""What is built: the data model, paths and queries. Nothing is created, and the data array is for reading only."""
_ENTITY_COST: Final = 10
"""An entity that is written counts as so many readings that are looked at."""
_ALWAYS: Final = frozenset(("result", "resultTime", "feature"))
"""Properties that are there also where they are null."""


def root_document(root: str) -> dict[str, Any]:
    """The entity sets, and what is built."""
    return {
        "value": [{"name": kind, "url": f"{root}/{kind}"} for kind in Kind],
        "serverSettings": {"conformance": list(CONFORMS_TO)},
    }


class Writer:
    """Writes what one request asks for."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._budget = Budget()

    def collection(self, many: Many, options: Options, here: str) -> dict[str, Any]:
        """A page of a collection; ``here`` is its address without options."""
        found = self._select(many, options)
        told: dict[str, Any] = {} if found.count is None else {"@iot.count": found.count}
        onward = _onward(here, found, options)
        if onward:
            told["@iot.nextLink"] = onward
        if many.references:
            return told | {"value": [self.reference(it) for it in found.page]}
        if options.data_array:
            return told | {"value": self._arrays(found.page, options)}
        return told | {"value": [self.entity(it, options) for it in found.page]}

    def entity(self, it: Entity, options: Options) -> dict[str, Any]:
        """One entity with its links, and what is expanded."""
        self._budget.spend(_ENTITY_COST)
        shape, here = SHAPES[it.kind], self._inventory.address(it.kind, it.identifier)
        wanted = options.select
        told: dict[str, Any] = {}
        if wanted is None or not IDS.isdisjoint(wanted):
            told[ID] = it.identifier
        if wanted is None:
            told[SELF] = here
        for name in shape.properties:
            if wanted is None or name in wanted:
                value = it.value(name)
                if value is not None or name in _ALWAYS or wanted is not None:
                    told[name] = json_value(name, value)
        for name in shape.links:
            if name in options.expand:
                told |= self._expanded(it, name, options.expand[name], f"{here}/{name}")
            elif wanted is None or name in wanted:
                told[f"{name}@iot.navigationLink"] = f"{here}/{name}"
        return told

    def reference(self, it: Entity) -> dict[str, str]:
        """An entity's address."""
        return {SELF: self._inventory.address(it.kind, it.identifier)}

    def _expanded(self, it: Entity, name: str, options: Options, here: str) -> dict[str, Any]:
        link = SHAPES[it.kind].links[name]
        if not link.many:
            targets = self._inventory.follow(it, name)
            return {name: self.entity(targets[0], options) if targets else None}
        found = self._select(Many.of(self._inventory, link.to, it, name), options)
        told: dict[str, Any] = {name: [self.entity(to, options) for to in found.page]}
        if found.count is not None:
            told[f"{name}@iot.count"] = found.count
        onward = _onward(here, found, options)
        return told | ({f"{name}@iot.nextLink": onward} if onward else {})

    def _select(self, many: Many, options: Options) -> Found:
        if many.kind is Kind.OBSERVATIONS:
            return observations.select(many.streams(), options, self._inventory, self._budget)
        where = options.where
        members = [it for it in many.members() if where is None or holds(where, self._look(it))]
        ordered = sorted_by(options.orders, members, self._look)
        until = options.skip + options.page
        page = ordered[options.skip : until]
        return Found(page, len(members) if options.count else None, skip=until if page and until < len(ordered) else 0)

    def _look(self, it: Entity) -> Look:
        return lambda names: look_at(it, names, self._inventory.follow)

    def _arrays(self, page: Sequence[Entity], options: Options) -> list[dict[str, Any]]:
        """Observations as a table for each datastream (OGC 18-088, 12)."""
        names = options.select or (ID, "phenomenonTime", "result", "resultTime")
        columns = ["id" if name in IDS else name for name in names if name not in SHAPES[Kind.OBSERVATIONS].links]
        rows: dict[str, list[list[Any]]] = {}
        for it in page:
            datastream = it.identifier.rpartition("~")[0]
            rows.setdefault(datastream, []).append([json_value(name, it.value(name)) for name in columns])
        return [
            {
                "Datastream@iot.navigationLink": self._inventory.address(Kind.DATASTREAMS, datastream),
                "components": columns,
                "dataArray@iot.count": len(table),
                "dataArray": table,
            }
            for datastream, table in rows.items()
        ]


def _onward(here: str, found: Found, options: Options) -> str:
    """The address of the next page; "" where this is the last one."""
    if found.resume:
        further = (*options.told, (RESUME, found.resume))
    elif found.skip:
        further = (*options.told, ("$skip", str(found.skip)))
    else:
        return ""
    return f"{here}?{urlencode(further, quote_via=quote, safe=_PLAIN)}"


_PLAIN: Final = "$/:(),'"
