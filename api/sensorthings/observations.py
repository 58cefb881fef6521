"""Observations, read from the telemetry store page by page: never more of them in memory than an answer holds.

What a filter says of the time, and of the datastream, is taken to the store; the rest is asked of each reading. In the
order of time, and datastream after datastream (which is where nothing is said), reading ends with the page and goes on
behind its last observation. Any other order has to look at all readings: it keeps the first ones only.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final

from api.sensorthings import entities
from api.sensorthings.errors import BadQuery
from api.sensorthings.evaluation import Look, holds, look_at, rank, values
from api.sensorthings.expressions import Expression, Order, Path
from api.sensorthings.inventory import Inventory, Stream
from api.sensorthings.model import IDS, Entity, Kind
from api.sensorthings.narrowing import TIMES, Follow, behind, ms_of, narrowed
from api.sensorthings.options import Options
from api.sensorthings.times import Span
from core.model.samples import Reading

MOST_READINGS: Final = 200_000
"""How many readings one request may look at."""
_FIRST_READ: Final = 128
_FIRST_OF_MANY: Final = 16
_LARGEST_READ: Final = 8_000
_READ_COST: Final = 40
"""A question to the store counts as so many readings."""
_RESULT: Final = ("result",)


class Budget:
    """Counts what a request has looked at."""

    def __init__(self, left: int = MOST_READINGS) -> None:
        self._left = left

    def spend(self, count: int = 1) -> None:
        """Raise ``BadQuery`` where it was too much."""
        self._left -= count
        if self._left < 0:
            raise BadQuery(
                f"that would look at more than {MOST_READINGS} readings; narrow it by phenomenonTime or datastream"
            )


class _By(Enum):
    STREAM = auto()
    OLDEST = auto()
    NEWEST = auto()
    VALUE = auto()


@dataclass(frozen=True, slots=True)
class Found:
    """A page: ``count`` is None unless it was asked for, ``resume`` and ``skip`` tell where the next one begins."""

    page: Sequence[Entity]
    count: int | None = None
    resume: str = ""
    skip: int = 0


def select(streams: Sequence[Stream], options: Options, inventory: Inventory, budget: Budget) -> Found:
    """A page of observations; raises ``BadQuery``."""
    within, rest = narrowed(streams, options.where, inventory.follow)
    scan = _Scan(rest, inventory.follow, budget)
    count = scan.count(within) if options.count else None
    if not options.page:
        return Found((), count)
    by = _order(options.orders)
    if by is _By.VALUE:
        return _by_value(scan, within, options, count)
    ordered = sorted(within, key=lambda it: it.datastream.key)
    if options.resume:
        ordered = behind(ordered, options.resume, rising=by is _By.OLDEST, falling=by is _By.NEWEST)
    rows = list(itertools.islice(scan.rows(ordered, by), options.skip, options.skip + options.page + 1))
    page = [it.entity() for it in rows[: options.page]]
    return Found(page, count, page[-1].identifier if len(rows) > options.page else "")


def find(inventory: Inventory, identifier: str) -> Entity | None:
    """One observation; None where there is none, or it is another's."""
    key = entities.key_of(Kind.OBSERVATIONS, identifier)
    ts_ms = None if key is None else ms_of(key[3])
    if key is None or ts_ms is None:
        return None
    datastream = inventory.find(Kind.DATASTREAMS, entities.MARK.join(key[:3]))
    if datastream is None:
        return None
    (stream,) = inventory.streams(datastream)
    found = stream.tenant.readings_page(key[1], key[2], ts_ms, ts_ms, 1)
    return entities.observation(key[0], found[0], _unit(datastream)) if found else None


class _Row:
    """A reading, which becomes an entity only where more is asked of it than its time and its value."""

    __slots__ = ("_entity", "_follow", "reading", "stream")

    def __init__(self, reading: Reading, stream: Stream, follow: Follow) -> None:
        self.reading = reading
        self.stream = stream
        self._follow = follow
        self._entity: Entity | None = None

    def entity(self) -> Entity:
        """The observation."""
        if self._entity is None:
            datastream = self.stream.datastream
            self._entity = entities.observation(datastream.key[0], self.reading, _unit(datastream))
        return self._entity

    def look(self, names: tuple[str, ...]) -> Sequence[Any]:
        """The values of a path."""
        if names == _RESULT:
            value = self.reading.value
            return (value if math.isfinite(value) else None,)
        if names in TIMES:
            return (Span.at(self.reading.ts_ms),)
        return look_at(self.entity(), names, self._follow)


class _Scan:
    """Reads streams and lets through what a filter's rest says."""

    def __init__(self, rest: Sequence[Expression], follow: Follow, budget: Budget) -> None:
        self._rest = rest
        self._follow = follow
        self._budget = budget

    def count(self, streams: Sequence[Stream]) -> int:
        """How many observations there are in all."""
        if self._rest:
            return sum(1 for _ in self.rows(streams, _By.STREAM))
        total = 0
        for it in streams:
            _, device, quantity = it.datastream.key
            total += it.tenant.count_readings(device, quantity, it.start_ms, it.end_ms)
        return total

    def rows(self, streams: Sequence[Stream], by: _By) -> Iterator[_Row]:
        """Readings in an order; of the same time, by datastream."""
        if by is _By.NEWEST:
            each = [self._filtered(it, _FIRST_OF_MANY, newest_first=True) for it in streams]
            return heapq.merge(*each, key=lambda it: -it.reading.ts_ms)
        if by is _By.OLDEST:
            each = [self._filtered(it, _FIRST_OF_MANY, newest_first=False) for it in streams]
            return heapq.merge(*each, key=lambda it: it.reading.ts_ms)
        return itertools.chain.from_iterable(self._filtered(it, _FIRST_READ, newest_first=False) for it in streams)

    def _filtered(self, stream: Stream, size: int, *, newest_first: bool) -> Iterator[_Row]:
        for reading in self._readings(stream, size, newest_first=newest_first):
            found = _Row(reading, stream, self._follow)
            if all(holds(it, found.look) for it in self._rest):
                yield found

    def _readings(self, stream: Stream, size: int, *, newest_first: bool) -> Iterator[Reading]:
        _, device, quantity = stream.datastream.key
        start_ms, end_ms = stream.start_ms, stream.end_ms
        while start_ms <= end_ms:
            self._budget.spend(_READ_COST)
            found = stream.tenant.readings_page(device, quantity, start_ms, end_ms, size, newest_first=newest_first)
            for reading in found:
                self._budget.spend()
                yield reading
            if len(found) < size:
                return
            if newest_first:
                end_ms = found[-1].ts_ms - 1
            else:
                start_ms = found[-1].ts_ms + 1
            size = min(size * 4, _LARGEST_READ)


def _by_value(scan: _Scan, streams: Sequence[Stream], options: Options, count: int | None) -> Found:
    """A page of an order that no store has: keeps no more than the first ones."""
    keyed = (
        (tuple(_place(order, it.look) for order in options.orders), it.stream.datastream.key, it.reading.ts_ms, it)
        for it in scan.rows(streams, _By.STREAM)
    )
    until = options.skip + options.page
    if until >= MOST_READINGS:
        raise BadQuery(f"$skip: no further than {MOST_READINGS} in this order")
    first = heapq.nsmallest(until + 1, keyed, key=lambda it: it[:3])
    page = [it.entity() for *_, it in first[options.skip : until]]
    return Found(page, count, skip=until if len(first) > until else 0)


@dataclass(frozen=True, slots=True)
class _Reversed:
    """A key that sorts the other way round."""

    key: tuple[int, Any]

    def __lt__(self, other: _Reversed) -> bool:
        return other.key < self.key


def _place(order: Order, look: Look) -> Any:
    key = rank(values(order.by, look)[0])
    return _Reversed(key) if order.descending else key


def _order(orders: Sequence[Order]) -> _By:
    """How to read: by time or by datastream where the first term says so, for nothing is left to later terms."""
    if not orders:
        return _By.STREAM
    first = orders[0]
    if isinstance(first.by, Path) and first.by.names[0] in IDS and not first.descending:
        return _By.STREAM  # identifiers rise so
    if isinstance(first.by, Path) and first.by.names in TIMES and _settled(orders[1:]):
        return _By.NEWEST if first.descending else _By.OLDEST
    return _By.VALUE


def _settled(orders: Sequence[Order]) -> bool:
    """Whether later terms say nothing but what is so anyway: the other time, and identifiers that rise."""
    return all(
        isinstance(it.by, Path) and (it.by.names in TIMES or (it.by.names[0] in IDS and not it.descending))
        for it in orders
    )


def _unit(datastream: Entity) -> str:
    return str(datastream.value("properties")["unit"])
