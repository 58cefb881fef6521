"""The entities of the standard, their properties and how they hang together (OGC 18-088, 8.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """An entity set, by its name in addresses."""

    THINGS = "Things"
    LOCATIONS = "Locations"
    HISTORICAL_LOCATIONS = "HistoricalLocations"
    DATASTREAMS = "Datastreams"
    SENSORS = "Sensors"
    OBSERVED_PROPERTIES = "ObservedProperties"
    OBSERVATIONS = "Observations"
    FEATURES_OF_INTEREST = "FeaturesOfInterest"


@dataclass(frozen=True, slots=True)
class Link:
    """A navigation property: where it leads, and whether to one entity or to many."""

    to: Kind
    many: bool = True


@dataclass(frozen=True, slots=True)
class Shape:
    """What entities of a kind have: properties in the order of the standard, and links by name."""

    properties: tuple[str, ...]
    links: Mapping[str, Link]


_NAMED: Final = ("name", "description")
SHAPES: Final[Mapping[Kind, Shape]] = {
    Kind.THINGS: Shape(
        (*_NAMED, "properties"),
        {
            "Datastreams": Link(Kind.DATASTREAMS),
            "Locations": Link(Kind.LOCATIONS),
            "HistoricalLocations": Link(Kind.HISTORICAL_LOCATIONS),
        },
    ),
    Kind.LOCATIONS: Shape(
        (*_NAMED, "encodingType", "location", "properties"),
        {"Things": Link(Kind.THINGS), "HistoricalLocations": Link(Kind.HISTORICAL_LOCATIONS)},
    ),
    Kind.HISTORICAL_LOCATIONS: Shape(
        ("time",), {"Thing": Link(Kind.THINGS, many=False), "Locations": Link(Kind.LOCATIONS)}
    ),
    Kind.DATASTREAMS: Shape(
        (
            *_NAMED,
            "observationType",
            "unitOfMeasurement",
            "observedArea",
            "phenomenonTime",
            "resultTime",
            "properties",
        ),
        {
            "Thing": Link(Kind.THINGS, many=False),
            "Sensor": Link(Kind.SENSORS, many=False),
            "ObservedProperty": Link(Kind.OBSERVED_PROPERTIES, many=False),
            "Observations": Link(Kind.OBSERVATIONS),
        },
    ),
    Kind.SENSORS: Shape((*_NAMED, "encodingType", "metadata", "properties"), {"Datastreams": Link(Kind.DATASTREAMS)}),
    Kind.OBSERVED_PROPERTIES: Shape(
        ("name", "definition", "description", "properties"), {"Datastreams": Link(Kind.DATASTREAMS)}
    ),
    Kind.OBSERVATIONS: Shape(
        ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"),
        {
            "Datastream": Link(Kind.DATASTREAMS, many=False),
            "FeatureOfInterest": Link(Kind.FEATURES_OF_INTEREST, many=False),
        },
    ),
    Kind.FEATURES_OF_INTEREST: Shape(
        (*_NAMED, "encodingType", "feature", "properties"), {"Observations": Link(Kind.OBSERVATIONS)}
    ),
}
ID: Final = "@iot.id"
SELF: Final = "@iot.selfLink"
IDS: Final = frozenset(("id", ID))
"""How queries name the identifier."""


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """One entity.

    ``values`` holds what it has of its shape's properties: texts, numbers, JSON objects, shapes of shapely, times as
    :class:`api.sensorthings.times.Span`, or functions that find these out; what is not there is null. ``key`` is the
    cooperative, and what tells the entity apart within it.
    """

    kind: Kind
    identifier: str
    key: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Any:
        """A property or the identifier; None where it is null."""
        if name in IDS:
            return self.identifier
        found = self.values.get(name)
        return found() if callable(found) else found
