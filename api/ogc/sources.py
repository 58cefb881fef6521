"""The sources of the collections on the registry and the kept shapes."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from api.ogc.collections import Extent, Feature, Page, Source
from api.ogc.parameters import Query
from core.localtime import iso_utc, local_day
from core.model.coverage import Flight
from core.model.enums import Operation
from core.model.land import Plot, Site
from core.registry import Registry
from core.shapes import FlightShape, ShapeKind, ShapeQuery, ShapeStore
from core.units import ha
from geo.projection import geodesic_area_m2

T = TypeVar("T")
_EVER: Final = (-(2**62), 2**62)
_CHUNK: Final = 500


def sources(registry: Registry, shapes: ShapeStore) -> dict[str, Source]:
    """The source of every collection."""
    return {
        "plots": Listed(lambda c, _: (_plot(c, it) for it in registry.plots(c))),
        "sites": Listed(lambda c, _: (_site(c, it) for it in registry.records(Site, c))),
        "flights": Listed(lambda c, q: _flights(registry, shapes, c, q), timed=True),
        "swaths": Drawn(shapes, (ShapeKind.SWATH,)),
        "coverage": Drawn(shapes, (ShapeKind.COVERED, ShapeKind.OVERLAP, ShapeKind.OFF_TARGET)),
        "missed": Drawn(shapes, (ShapeKind.MISSED,)),
    }


def _named(cooperative: str, key: str) -> str:
    """A feature's identifier: a cooperative's identifier holds no dot."""
    return f"{cooperative}.{key}"


@dataclass(frozen=True, slots=True)
class Listed:
    """A source whose features of one cooperative are all at hand. ``timed``: they have ``start`` and ``end``."""

    listed: Callable[[str, Query], Iterable[Feature]]
    timed: bool = False

    def page(self, cooperatives: Sequence[str], query: Query) -> Page:
        """See the port."""
        found = [f for c in cooperatives for f in self.listed(c, query)]
        found = _within([f for f in found if _has(f.properties, query.properties)], query.area)
        found.sort(key=lambda f: f.identifier)
        rest = [f for f in found if f.identifier > query.after] if query.after else found
        return Page(rest[: query.limit], len(found), len(rest) > query.limit)

    def feature(self, cooperatives: Sequence[str], identifier: str) -> Feature | None:
        """See the port."""
        owner = identifier.partition(".")[0]
        if owner not in cooperatives:
            return None
        return next((f for f in self.listed(owner, Query()) if f.identifier == identifier), None)

    def extent(self, cooperatives: Sequence[str]) -> Extent | None:
        """See the port."""
        found = [f for c in cooperatives for f in self.listed(c, Query()) if f.geometry is not None]
        if not found:
            return None
        west, south, east, north = shapely.total_bounds([f.geometry for f in found]).tolist()
        if not self.timed:
            return Extent((west, south, east, north))
        times = [f.properties[name] for f in found for name in ("start", "end")]
        return Extent((west, south, east, north), (_ms(min(times)), _ms(max(times))))


@dataclass(frozen=True, slots=True)
class Drawn:
    """A source of kept shapes of some kinds: read page by page, however many there are."""

    shapes: ShapeStore
    kinds: tuple[ShapeKind, ...]

    def page(self, cooperatives: Sequence[str], query: Query) -> Page:
        """See the port. They come in the order in which they were kept; nobody counts them within an area."""
        asked = self._asked(query)
        if asked is None:
            return Page([], 0, more=False)
        last_owner, _, last_number = query.after.partition(".")
        owners = [c for c in cooperatives if c >= last_owner and query.properties.get("cooperative", c) == c]
        found: list[Feature] = []
        for owner in owners:
            after = int(last_number) if owner == last_owner and last_number.isdigit() else 0
            while len(found) <= query.limit:
                chunk = self.shapes.shapes(owner, asked, after, _CHUNK)
                found += _within([_drawn(number, it) for number, it in chunk], query.area)
                if len(chunk) < _CHUNK:
                    break
                after = chunk[-1][0]
        matched = None
        if query.area is None:
            every = [c for c in cooperatives if query.properties.get("cooperative", c) == c]
            matched = sum(self.shapes.count_shapes(c, asked) for c in every)
        return Page(found[: query.limit], matched, len(found) > query.limit)

    def feature(self, cooperatives: Sequence[str], identifier: str) -> Feature | None:
        """See the port."""
        owner, _, number = identifier.partition(".")
        if owner not in cooperatives or not re.fullmatch(r"\d{1,18}", number):
            return None
        found = self.shapes.shapes(owner, ShapeQuery(self.kinds), int(number) - 1, 1)
        return _drawn(*found[0]) if found and found[0][0] == int(number) else None

    def extent(self, cooperatives: Sequence[str]) -> Extent | None:
        """See the port."""
        found = [e for c in cooperatives if (e := self.shapes.shape_extent(c, self.kinds)) is not None]
        if not found:
            return None
        boxes = np.array([e.box for e in found])
        west, south = boxes[:, :2].min(axis=0).tolist()
        east, north = boxes[:, 2:].max(axis=0).tolist()
        return Extent((west, south, east, north), (min(e.start_ms for e in found), max(e.end_ms for e in found)))

    def _asked(self, query: Query) -> ShapeQuery | None:
        """What to ask the store; None where nothing can match."""
        told = query.properties
        kinds = tuple(k for k in self.kinds if told.get("kind", k.value) == k.value)
        words = {op.word: op for op in Operation}
        if not kinds or told.get("operation", "spray") not in words or "" in told.values():
            return None
        start_ms, end_ms = query.window_ms or (None, None)
        return ShapeQuery(
            kinds,
            box=query.box,
            window_ms=None if query.window_ms is None else (_or(start_ms, _EVER[0]), _or(end_ms, _EVER[1])),
            flight=told.get("flight", ""),
            plot=told.get("plot", ""),
            device=told.get("device", ""),
            op=words[told["operation"]] if "operation" in told else None,
        )


def _or(value: int | None, other: int) -> int:
    return other if value is None else value


def _within(features: list[Feature], area: BaseGeometry | None) -> list[Feature]:
    """Those whose geometry meets the area, and those that have none."""
    if area is None or not features:
        return features
    shapely.prepare(area)
    geometries = np.array([f.geometry for f in features], np.object_)
    meets = shapely.intersects(area, geometries) | shapely.is_missing(geometries)
    return [f for f, met in zip(features, meets.tolist(), strict=True) if met]


def _has(properties: Mapping[str, Any], wanted: Mapping[str, str]) -> bool:
    return all(str(properties.get(name)) == value for name, value in wanted.items())


def _number(value: float, digits: int) -> float | None:
    return None if math.isnan(value) else round(value, digits)


def _area(area_m2: float) -> dict[str, float | None]:
    return {"area_m2": _number(area_m2, 3), "area_ha": _number(ha(area_m2), 7)}


def _plot(cooperative: str, it: Plot) -> Feature:
    told = {name: getattr(it, name) for name in ("plot", "name", "crop", "season", "kind", "cadastral", "source_crs")}
    declared = {"declared_area_m2": _number(it.declared_area_m2, 3)}
    properties = {"cooperative": cooperative} | told | declared | _area(geodesic_area_m2(it.boundary))
    return Feature(_named(cooperative, it.plot), it.boundary, properties)


def _site(cooperative: str, it: Site) -> Feature:
    properties = {
        "cooperative": cooperative,
        "site": it.site,
        "kind": it.kind.value,
        "name": it.name,
        "buffer_m": _number(it.buffer_m, 3),
        "downwind_m": _number(it.downwind_m, 3),
        "source": it.source,
    }
    return Feature(_named(cooperative, it.site), it.boundary, properties)


def _flown(flight: str, device: str, op: Operation, start_ms: int, end_ms: int) -> dict[str, Any]:
    return {
        "flight": flight,
        "device": device,
        "operation": op.word,
        "start": iso_utc(start_ms),
        "end": iso_utc(end_ms),
        "day": local_day(start_ms),
    }


def _flights(registry: Registry, shapes: ShapeStore, cooperative: str, query: Query) -> Iterable[Feature]:
    start_ms, end_ms = query.window_ms or (None, None)
    asked = (_or(start_ms, _EVER[0]), _or(end_ms, _EVER[1]))
    flights = registry.flights(cooperative, *asked)
    tracks = {s.flight: s for _, s in shapes.shapes(cooperative, ShapeQuery((ShapeKind.TRACK,), window_ms=asked))}
    return [_flight(it, tracks.get(it.flight)) for it in flights]


def _flight(it: Flight, track: FlightShape | None) -> Feature:
    properties = {"cooperative": it.cooperative} | _flown(it.flight, it.device, it.op, it.start_ms, it.end_ms)
    length_m = math.nan if track is None else track.length_m
    properties |= {"job": it.job, "fixes": it.fixes, "length_m": _number(length_m, 2)}
    return Feature(_named(it.cooperative, it.flight), None if track is None else track.shape, properties)


def _drawn(number: int, it: FlightShape) -> Feature:
    properties = {"cooperative": it.cooperative} | _flown(it.flight, it.device, it.op, it.start_ms, it.end_ms)
    properties |= {"plot": it.plot, "kind": it.kind.value, "part": it.part} | _area(it.area_m2)
    return Feature(_named(it.cooperative, str(number)), it.shape, properties)


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000.0)
