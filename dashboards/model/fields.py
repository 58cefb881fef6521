"""How values are shown: units, colours, thresholds, words for values, and exceptions for single fields."""

from __future__ import annotations

from typing import Any

from dashboards.language import Words
from dashboards.model.part import Part


class Step(Part, frozen=True, kw_only=True):
    """From ``value`` (None: from below) on, this colour."""

    color: str
    value: float | None


class Thresholds(Part, frozen=True, kw_only=True):
    """Colours by value, in rising order."""

    mode: str
    steps: tuple[Step, ...]


class Color(Part, frozen=True, kw_only=True):
    """How a field gets its colour: ``fixed``, ``thresholds`` or ``palette-classic``."""

    mode: str
    fixed_color: str = ""


class Shown(Part, frozen=True, kw_only=True):
    """What is shown for a value."""

    text: Words
    index: int
    color: str = ""


class Mapping(Part, frozen=True, kw_only=True):
    """Words for values."""

    type: str
    options: dict[str, Shown]


class Link(Part, frozen=True, kw_only=True):
    """Where a click leads; the address may hold Grafana's variables."""

    title: Words
    url: Words
    target_blank: bool = False


class Matcher(Part, frozen=True, kw_only=True):
    """Which fields: ``byName``, ``byType``, ``byRegexp``."""

    id: str
    options: Words


class Property(Part, frozen=True, kw_only=True):
    """One thing that is different."""

    id: str
    value: Any


class Override(Part, frozen=True, kw_only=True):
    """What is different for some fields."""

    matcher: Matcher
    properties: tuple[Property, ...]


class Defaults(Part, frozen=True, kw_only=True):
    """What holds for all fields of a panel."""

    custom: Part | None = None
    unit: Words = ""
    decimals: int | None = None
    min: float | None = None
    max: float | None = None
    no_value: Words = ""
    color: Color | None = None
    thresholds: Thresholds | None = None
    mappings: tuple[Mapping, ...] = ()
    links: tuple[Link, ...] = ()


class FieldConfig(Part, frozen=True, kw_only=True):
    """All of it."""

    defaults: Defaults
    overrides: tuple[Override, ...]


def steps(base: str, *rising: tuple[float, str]) -> Thresholds:
    """A colour from below, and others from a value on."""
    return Thresholds(
        mode="absolute", steps=(Step(color=base, value=None), *(Step(color=c, value=v) for v, c in rising))
    )


def said(**words: tuple[Words, str]) -> Mapping:
    """Words and colours for values."""
    told = {value: Shown(text=text, index=i, color=color) for i, (value, (text, color)) in enumerate(words.items())}
    return Mapping(type="value", options=told)


def by_name(name: Words, **properties: Any) -> Override:
    """What is different for one field; ``__`` in a property's name stands for a dot."""
    return _override("byName", name, properties)


def by_regexp(pattern: str, **properties: Any) -> Override:
    """What is different for the fields whose shown name matches."""
    return _override("byRegexp", pattern, properties)


def by_type(kind: str, **properties: Any) -> Override:
    """What is different for the fields of one type: a time column is called ``Time`` or ``time``, by version."""
    return _override("byType", kind, properties)


def _override(matcher: str, options: Words, properties: dict[str, Any]) -> Override:
    told = tuple(Property(id=name.replace("__", "."), value=value) for name, value in properties.items())
    return Override(matcher=Matcher(id=matcher, options=options), properties=told)
