"""Resource paths (OGC 18-088, 9.2): ``Things('htx~w1')/Datastreams``, ``.../name``, ``.../$value``, ``.../$ref``."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.sensorthings import observations
from api.sensorthings.errors import BadQuery, NotThere
from api.sensorthings.inventory import Inventory, Stream
from api.sensorthings.jsonvalues import json_value
from api.sensorthings.model import IDS, SHAPES, Entity, Kind

_SEGMENT: Final = re.compile(r"(?P<name>[$@A-Za-z][\w.@]*)(?:\((?P<id>'(?:[^']|'')*'|-?\d+)\))?")
_LONGEST: Final = 12
_VALUE: Final = "$value"
_REF: Final = "$ref"


@dataclass(frozen=True, slots=True)
class Many:
    """A collection: entities, or the streams of observations. ``references`` asks for addresses only."""

    kind: Kind
    members: Callable[[], Sequence[Entity]]
    streams: Callable[[], Sequence[Stream]]
    references: bool = False

    @classmethod
    def of(cls, inventory: Inventory, kind: Kind, entity: Entity | None = None, link: str = "") -> Many:
        """All entities of a kind, or those that a link of an entity leads to."""
        if entity is None:
            return cls(kind, lambda: inventory.members(kind), inventory.streams)
        return cls(kind, lambda: inventory.follow(entity, link), lambda: inventory.streams(entity))


@dataclass(frozen=True, slots=True)
class One:
    """An entity; ``reference`` asks for its address only."""

    entity: Entity
    reference: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an entity, by its name; ``raw`` asks for the bare value."""

    name: str
    value: Any
    raw: bool = False


Resource = Many | One | Property


def resource_of(inventory: Inventory, path: str) -> Resource:
    """What an address means.

    Raises:
        BadQuery: The path cannot be read.
        NotThere: There is nothing.
    """
    segments = [_segment(it) for it in _split(path)]
    if len(segments) > _LONGEST:
        raise BadQuery(f"the path has more than {_LONGEST} parts")
    found = _set(inventory, *segments[0])
    for place, (name, identifier) in enumerate(segments[1:], 1):
        last = place == len(segments) - 1
        if name in {_REF, _VALUE} and not last:
            raise BadQuery(f"{name} has to come last")
        found = _next(inventory, found, name, identifier)
    return found


def _set(inventory: Inventory, name: str, identifier: str | None) -> Resource:
    if name not in tuple(Kind):
        raise NotThere(f"there is no {name[:40]!r}; there are: {', '.join(Kind)}")
    kind = Kind(name)
    return Many.of(inventory, kind) if identifier is None else One(_entity(inventory, kind, identifier))


def _next(inventory: Inventory, at: Resource, name: str, identifier: str | None) -> Resource:
    if isinstance(at, Many):
        if name == _REF and identifier is None:
            return Many(at.kind, at.members, at.streams, references=True)
        raise NotThere(f"behind {at.kind} comes an identifier, or {_REF}, not {name[:40]!r}")
    if isinstance(at, Property):
        return _within(at, name)
    link = SHAPES[at.entity.kind].links.get(name)
    if link is None:
        return _property(at.entity, name, identifier)
    if not link.many:
        if identifier is not None:
            raise BadQuery(f"{name} is one entity; leave the identifier out")
        targets = inventory.follow(at.entity, name)
        if not targets:
            raise NotThere(f"there is no {name} of this entity")
        return One(targets[0])
    many = Many.of(inventory, link.to, at.entity, name)
    return many if identifier is None else One(_member(inventory, many, identifier))


def _property(entity: Entity, name: str, identifier: str | None) -> Resource:
    if name == _REF:
        return One(entity, reference=True)
    if identifier is not None or (name not in SHAPES[entity.kind].properties and name not in IDS):
        raise NotThere(f"{entity.kind} have no {name[:40]!r}")
    return Property(name, entity.value(name))


def _within(at: Property, name: str) -> Property:
    if at.raw:
        raise BadQuery(f"{_VALUE} has to come last")
    if name == _VALUE:
        return Property(at.name, at.value, raw=True)
    value = json_value(at.name, at.value)
    if not isinstance(value, dict) or name not in value:
        raise NotThere(f"{at.name} has no {name[:40]!r}")
    return Property(name, value[name])


def _entity(inventory: Inventory, kind: Kind, identifier: str) -> Entity:
    found = observations.find(inventory, identifier) if kind is Kind.OBSERVATIONS else inventory.find(kind, identifier)
    if found is None:
        raise NotThere(f"there is no {kind}({identifier[:120]!r})")
    return found


def _member(inventory: Inventory, many: Many, identifier: str) -> Entity:
    """An entity of a collection; absent where it belongs to another one."""
    found = _entity(inventory, many.kind, identifier)
    if many.kind is Kind.OBSERVATIONS:
        inside = any(
            it.datastream.key == found.key[:3] and it.start_ms <= int(found.key[3]) <= it.end_ms
            for it in many.streams()
        )
    else:
        inside = any(it.key == found.key for it in many.members())
    if not inside:
        raise NotThere(f"there is no {many.kind}({identifier[:120]!r}) here")
    return found


def _split(path: str) -> list[str]:
    """Parts between strokes that stand in no quotes; a stroke at the end says nothing."""
    parts, quoted = [""], False
    for letter in path.removesuffix("/"):
        quoted ^= letter == "'"
        if letter == "/" and not quoted:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _segment(text: str) -> tuple[str, str | None]:
    found = _SEGMENT.fullmatch(text)
    if found is None or not text.isprintable():
        raise NotThere(f"cannot read {text[:60]!r}; write Name or Name('identifier')")
    identifier = found["id"]
    if identifier is not None and identifier.startswith("'"):
        identifier = identifier[1:-1].replace("''", "'")
    return found["name"], identifier
