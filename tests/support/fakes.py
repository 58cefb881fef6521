"""Adapters in memory that obey :mod:`core.ports`, for tests that are not about servers."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Self, TypeVar

from shapely import Point

from core.errors import Conflict, NotFound, StoreRefused, StoreUnavailable
from core.model.admin import AdminLevel, AdminUnit, Succession
from core.model.coverage import Basis, Coverage, Flight, JobKey, JobPlot, Standing, Window, job_of
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.land import Cooperative, Device, ForeignDevice, Plot
from core.model.samples import Event, Fix, Reading
from core.model.versions import Versioned, key_of
from core.model.work import Product
from core.ports import DeadLetter, Message, RefusedSample, Sample, Stranger, Verdict, WriteResult

Key = tuple[object, ...]
R = TypeVar("R", bound=Versioned)


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self, now_ms: int = 1_764_000_000_000) -> None:
        self.time_ms = now_ms

    def now_ms(self) -> int:
        return self.time_ms

    def advance(self, seconds: float) -> None:
        self.time_ms += int(seconds * 1_000)


class Outage:
    """Raises :class:`StoreUnavailable` the next ``left`` times that it is asked."""

    def __init__(self) -> None:
        self.left = 0
        self.met = 0

    def check(self) -> None:
        if self.left > 0:
            self.left -= 1
            self.met += 1
            raise StoreUnavailable("the fake store is away")


class FakeTelemetryStore:
    """Keeps samples in dictionaries; ``outage.left = n`` lets the next n writes and reads fail.

    Cooperatives in ``refused`` have no database, as it were; fixes with a number in ``bad_seqs`` are not taken.
    """

    def __init__(self) -> None:
        self.outage = Outage()
        self.refused: set[str] = set()
        self.bad_seqs: set[int] = set()
        self.writes = 0
        self._kept: dict[str, dict[Key, list[Sample]]] = defaultdict(dict)
        self._figures: dict[tuple[str, str, int, tuple[tuple[str, str], ...]], Figures] = {}
        self._lock = threading.Lock()

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        self.outage.check()
        if cooperative in self.refused:
            raise StoreRefused(f"there is no database for {cooperative!r}")
        with self._lock:
            self.writes += 1
            put = [self._put(self._kept[cooperative], sample) for sample in samples]
            said = Counter(put)
            return WriteResult(
                said[None],
                said[Verdict.DUPLICATE],
                said[Verdict.CONFLICT],
                tuple(
                    RefusedSample(sample, "store-type", "of another type")
                    for sample, verdict in zip(samples, put, strict=True)
                    if verdict is Verdict.REFUSED
                ),
                verdicts={place: verdict for place, verdict in enumerate(put) if verdict is not None},
            )

    def _put(self, kept: dict[Key, list[Sample]], sample: Sample) -> Verdict | None:
        if isinstance(sample, Fix) and sample.seq in self.bad_seqs:
            return Verdict.REFUSED
        same = kept.setdefault(_key(sample), [])
        if any(repr(sample) == repr(other) for other in same):
            return Verdict.DUPLICATE
        same.append(sample)
        return None if len(same) == 1 else Verdict.CONFLICT

    def content(self, cooperative: str) -> set[str]:
        """Everything that is kept, conflicts too, in a form that compares (NaN equals NaN)."""
        return {repr(sample) for same in self._kept[cooperative].values() for sample in same}

    def _first(self, cooperative: str) -> list[Sample]:
        """What was stored under each key first: all that a reader sees."""
        self.outage.check()
        with self._lock:
            return [same[0] for same in self._kept[cooperative].values()]

    def _chosen(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Sample]:
        first = self._first(cooperative)
        return [s for s in first if s.device == device and start_ms <= s.ts_ms <= end_ms]

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        chosen = [s for s in self._chosen(cooperative, device, start_ms, end_ms) if isinstance(s, Fix)]
        return FixTable.of(sorted(chosen, key=_order)).with_columns(device=device)

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        chosen = [s for s in self._chosen(cooperative, device, start_ms, end_ms) if isinstance(s, Event)]
        return sorted(chosen, key=lambda e: (e.ts_ms, e.kind, e.boot))

    def readings(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Reading]:
        chosen = [s for s in self._chosen(cooperative, device, start_ms, end_ms) if isinstance(s, Reading)]
        return sorted(chosen, key=lambda r: (r.ts_ms, r.quantity))

    def readings_page(  # noqa: PLR0917
        self,
        cooperative: str,
        device: str,
        quantity: str,
        start_ms: int,
        end_ms: int,
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[Reading]:
        found = [r for r in self.readings(cooperative, device, start_ms, end_ms) if r.quantity == quantity]
        return (found[::-1] if newest_first else found)[:limit]

    def count_readings(self, cooperative: str, device: str, quantity: str, start_ms: int, end_ms: int) -> int:
        return sum(r.quantity == quantity for r in self.readings(cooperative, device, start_ms, end_ms))

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        self.outage.check()
        for row in rows:
            self._figures[name, row.measurement, row.ts_ms, tuple(sorted(row.tags.items()))] = row

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        keys = sorted(key for key in self._figures if key[:2] == (name, measurement) and start_ms <= key[2] <= end_ms)
        return [self._figures[key] for key in keys]

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        fixes = sorted((s for s in self._first(cooperative) if isinstance(s, Fix)), key=_order)
        latest = {fix.device: fix for fix in fixes}
        return [latest[device] for device in sorted(latest)]

    def latest_readings(self, cooperative: str) -> list[Reading]:
        readings = sorted((s for s in self._first(cooperative) if isinstance(s, Reading)), key=lambda r: r.ts_ms)
        latest = {(r.device, r.quantity): r for r in readings}
        return [latest[key] for key in sorted(latest)]

    def close(self) -> None:
        pass


def _order(fix: Fix) -> tuple[int, int, str]:
    return (fix.ts_ms, fix.seq, fix.boot)


def _key(sample: Sample) -> Key:
    if isinstance(sample, Fix):
        return ("fix", sample.device, sample.ts_ms, sample.seq, sample.boot)
    if isinstance(sample, Event):
        return ("event", sample.device, sample.ts_ms, sample.kind, sample.boot)
    return ("reading", sample.device, sample.quantity, sample.ts_ms)


class FakeRegistry:
    """Keeps everything in dictionaries; ``asked`` counts look-ups of devices."""

    def __init__(self) -> None:
        self.outage = Outage()
        self.asked = 0
        self._records: dict[tuple[type[Versioned], str, tuple[str, ...]], list[Versioned]] = {}
        self._foreign: dict[tuple[str, str, int], ForeignDevice] = {}
        self._results: dict[tuple[str, str], tuple[Flight, Coverage]] = {}
        self._ever: dict[tuple[str, str], list[tuple[Flight, Coverage]]] = {}
        self._jobs: dict[tuple[str, str, str, str], JobPlot] = {}
        self._units: dict[tuple[AdminLevel, str, date], AdminUnit] = {}

    @property
    def revision_is_near(self) -> bool:
        return True

    def revision(self) -> str:
        self.outage.check()
        return repr((self._records, self._foreign, self._ever, self._jobs, self._units))

    def put(self, record: R, expected: int | None = None) -> R:
        return self.put_all([record], expected)[0]

    def put_all(self, records: Sequence[R], expected: int | None = None) -> list[R]:
        for record in records:
            if not isinstance(record, Cooperative):
                self._known(_owner(record), national=isinstance(record, Product))
            if expected is not None:
                there = self._versions(type(record), _owner(record), key_of(record))
                standing = there[-1].version if there else 0
                if expected != standing and not (there and _same(there[-1], record)):
                    raise Conflict(f"{_owner(record)} {key_of(record)}: version {standing} stands, not {expected}")
        return [self._put(record) for record in records]

    def _put(self, record: R) -> R:
        place = (type(record), _owner(record), key_of(record))
        versions = self._records.setdefault(place, [])
        if versions and _same(versions[-1], record):
            return versions[-1]  # type: ignore[return-value]
        since_ms = record.valid_from_ms or (time.time_ns() // 1_000_000 if versions else 0)
        versions.append(replace(record, version=len(versions) + 1, valid_from_ms=since_ms))
        return versions[-1]  # type: ignore[return-value]

    def _versions(self, kind: type[R], cooperative: str, key: tuple[str, ...]) -> list[R]:
        return self._records.get((kind, cooperative, key), [])  # type: ignore[return-value]

    def record(self, kind: type[R], cooperative: str, *key: str, version: int | None = None) -> R:
        chosen = [r for r in self._versions(kind, cooperative, key) if version in {None, r.version}]
        if not chosen:
            raise NotFound(f"no {kind.__name__} {key!r} in {cooperative!r}")
        return chosen[-1]

    def records(
        self,
        kind: type[R],
        cooperative: str,
        *,
        at_ms: int | None = None,
        box: tuple[float, float, float, float] | None = None,
        retired: bool = False,
        after: str = "",
        limit: int = 0,
    ) -> list[R]:
        self.outage.check()
        mine = sorted(place for place in self._records if place[:2] == (kind, cooperative))
        stood = [[r for r in self._records[p] if at_ms is None or r.valid_from_ms <= at_ms] for p in mine]
        found: list[Any] = [versions[-1] for versions in stood if versions]
        found = [r for r in found if retired or not r.retired]
        found = [r for r in found if box is None or _meets(r.boundary.bounds, *box)]
        found = [r for r in found if not after or key_of(r)[0] > after]
        return found[:limit] if limit else found

    def versions(self, kind: type[R], cooperative: str) -> int:
        return sum(len(v) for place, v in self._records.items() if place[:2] == (kind, cooperative))

    def history(self, kind: type[R], cooperative: str, *key: str) -> list[R]:
        self.record(kind, cooperative, *key)
        return list(self._versions(kind, cooperative, key))

    def retire(self, kind: type[R], cooperative: str, *key: str, expected: int | None = None) -> R:
        there = self.record(kind, cooperative, *key)
        return self.put(replace(there, retired=True, valid_from_ms=0), there.version if expected is None else expected)

    def add_cooperative(self, cooperative: Cooperative) -> None:
        self.put(cooperative, 0)

    def cooperatives(self) -> list[Cooperative]:
        self.outage.check()
        named = sorted(place[1] for place in self._records if place[0] is Cooperative)
        found = [self.record(Cooperative, name) for name in named]
        return [it for it in found if not it.retired]

    def _known(self, cooperative: str, *, national: bool = False) -> None:
        if not (national and not cooperative) and not self._versions(Cooperative, cooperative, ()):
            raise NotFound(f"no cooperative {cooperative!r}")

    def add_device(self, device: Device) -> None:
        self.put(device)

    def device(self, cooperative: str, device: str) -> Device:
        self.outage.check()
        self.asked += 1
        found = self.record(Device, cooperative, device)
        if found.retired:
            raise NotFound(f"device {device!r} of {cooperative!r} is retired")
        return found

    def devices(self, cooperative: str) -> list[Device]:
        return self.records(Device, cooperative)

    def add_foreign(self, known: ForeignDevice) -> None:
        self.record(Device, known.cooperative, known.device)
        there = self._foreign.setdefault((known.format, known.external, known.valid_from_ms), known)
        if there != known:
            raise Conflict(f"{known.external!r} is another's already")

    def foreign(self, form: str, external: str) -> list[ForeignDevice]:
        self.outage.check()
        return [self._foreign[key] for key in sorted(self._foreign) if key[:2] == (form, external)]

    def foreign_devices(self, cooperative: str) -> list[ForeignDevice]:
        found = [it for it in self._foreign.values() if it.cooperative == cooperative]
        return sorted(found, key=lambda it: (it.device, it.format, it.external, it.valid_from_ms))

    def put_plot(self, plot: Plot) -> Plot:
        return self.put(plot)

    def plot(self, cooperative: str, plot: str, version: int | None = None) -> Plot:
        return self.record(Plot, cooperative, plot, version=version)

    def plots(
        self, cooperative: str, bbox: tuple[float, float, float, float] | None = None, at_ms: int | None = None
    ) -> list[Plot]:
        return self.records(Plot, cooperative, at_ms=at_ms, box=bbox)

    def plots_at(self, cooperative: str, lon_deg: float, lat_deg: float, at_ms: int | None = None) -> list[Plot]:
        return [p for p in self.plots(cooperative, at_ms=at_ms) if p.boundary.covers(Point(lon_deg, lat_deg))]

    def put_admin(self, units: Sequence[AdminUnit], successions: Sequence[Succession], source: str) -> None:
        for unit in units:
            there = self._units.setdefault((unit.level, unit.code, unit.valid_from), unit)
            if unit.boundary is not None:
                self._units[unit.level, unit.code, unit.valid_from] = replace(there, boundary=unit.boundary)

    def admin_units(self, level: AdminLevel, day: date, parent: str = "") -> list[AdminUnit]:
        found = [u for u in self._units.values() if u.level is level and u.stands_on(day) and parent in {"", u.parent}]
        return sorted(found, key=lambda u: u.code)

    def save_flights(
        self,
        cooperative: str,
        device: str,
        start_ms: int,
        end_ms: int,
        results: Sequence[tuple[Flight, Coverage]],
        *,
        rows: Sequence[JobPlot] = (),
        basis: Basis | None = None,
    ) -> None:
        self.outage.check()
        self._known(cooperative)
        if basis is not None:
            here = {it.flight.flight: it.version for it in self.device_results(cooperative, device, start_ms, end_ms)}
            if here != dict(basis.replaced):
                raise Conflict("other flights of the window stand")
            for job, rests in basis.jobs.items():
                members = self.job_results(cooperative, job, rests.plots)
                if {it.flight.flight: it.version for it in members} != dict(rests.versions):
                    raise Conflict(f"other flights of job {job} stand")
        touching = [f for f in self.flights(cooperative, start_ms, end_ms) if f.device == device]
        for flight in touching:
            del self._results[cooperative, flight.flight]
        for flight, coverage in results:
            self._results[cooperative, flight.flight] = (flight, coverage)
            ever = self._ever.setdefault((cooperative, flight.flight), [])
            if not ever or repr(ever[-1]) != repr((flight, coverage)):
                ever.append((flight, coverage))
        self._put_rows(cooperative, rows)

    def save_windows(self, cooperative: str, windows: Sequence[Window], rows: Sequence[JobPlot] = ()) -> None:
        for it in windows:
            self.save_flights(cooperative, it.device, it.start_ms, it.end_ms, it.results)
        self.save_job_plots(cooperative, rows)

    def _standing(self, flights: Sequence[Flight]) -> list[Standing]:
        in_order = sorted(flights, key=lambda f: (f.start_ms, f.flight))
        keys = [(f.cooperative, f.flight) for f in in_order]
        return [Standing(*self._results[key], len(self._ever[key])) for key in keys]

    def device_results(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Standing]:
        return self._standing([f for f in self.flights(cooperative, start_ms, end_ms) if f.device == device])

    def job_results(self, cooperative: str, job: JobKey, plots: Collection[str]) -> list[Standing]:
        mine = [f for f in self.flights(cooperative, -(2**62), 2**62) if job_of(f) == job]
        return [it for it in self._standing(mine) if {p.plot for p in it.coverage.plots} & set(plots)]

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Flight]:
        mine = [flight for (owner, _), (flight, _) in self._results.items() if owner == cooperative]
        touching = [f for f in mine if f.start_ms <= end_ms and f.end_ms >= start_ms]
        return sorted(touching, key=lambda f: (-f.start_ms, f.flight))

    def _result(self, cooperative: str, flight: str) -> tuple[Flight, Coverage]:
        try:
            return self._results[cooperative, flight]
        except KeyError:
            raise NotFound(f"no flight {flight!r} in {cooperative!r}") from None

    def flight(self, cooperative: str, flight: str) -> Flight:
        return self._result(cooperative, flight)[0]

    def coverage(self, cooperative: str, flight: str) -> Coverage:
        return self._result(cooperative, flight)[1]

    def flight_history(self, cooperative: str, flight: str) -> list[tuple[Flight, Coverage]]:
        if (cooperative, flight) not in self._ever:
            raise NotFound(f"no flight {flight!r} in {cooperative!r}")
        return list(self._ever[cooperative, flight])

    def save_job_plots(self, cooperative: str, rows: Sequence[JobPlot]) -> None:
        self.outage.check()
        self._known(cooperative)
        self._put_rows(cooperative, rows)

    def _put_rows(self, cooperative: str, rows: Sequence[JobPlot]) -> None:
        for row in rows:
            key = (cooperative, row.job, row.day, row.coverage.plot)
            self._jobs.pop(key, None)
            if row.flights:
                self._jobs[key] = row

    def job_plots(self, cooperative: str, day: str, until: str = "") -> list[JobPlot]:
        rows = [self._jobs[k] for k in sorted(self._jobs) if k[0] == cooperative]
        return sorted((it for it in rows if day <= it.day <= (until or day)), key=lambda it: it.day)

    def close(self) -> None:
        pass


def _same(known: Versioned, record: Versioned) -> bool:
    """Whether a record says what a version says already; a version's number and start are no content."""
    bare = [replace(r, version=0, valid_from_ms=0) for r in (known, record)]
    boundaries = [getattr(r, "boundary", Point(0.0, 0.0)) for r in bare]
    texts = [repr(replace(r, boundary=None)) if hasattr(r, "boundary") else repr(r) for r in bare]  # type: ignore[call-arg]
    return texts[0] == texts[1] and bool(boundaries[0].equals_exact(boundaries[1], 0.0))


def _owner(record: Versioned) -> str:
    return str(getattr(record, "cooperative"))  # noqa: B009


def _meets(bounds: Sequence[float], west: float, south: float, east: float, north: float) -> bool:
    return bool(bounds[0] <= east and bounds[2] >= west and bounds[1] <= north and bounds[3] >= south)


class FakeDeadLetters:
    """Keeps letters in a list."""

    def __init__(self) -> None:
        self.outage = Outage()
        self.kept: list[DeadLetter] = []

    def add(self, letters: Sequence[DeadLetter]) -> None:
        self.outage.check()
        for letter in letters:
            if not letter.origin or all(letter.origin != known.origin for known in self.kept):
                self.kept.append(replace(letter, number=len(self.kept) + 1))

    def letters(
        self, after: int = 0, limit: int = 100, *, reason: str = "", sender: str = "", pending: bool = False
    ) -> list[DeadLetter]:
        found = [it for it in self.kept if it.number > after and reason in {"", it.reason}]
        found = [it for it in found if sender in {"", it.sender} and not (pending and it.replayed_ms)]
        return found[:limit]

    def letter(self, number: int) -> DeadLetter:
        if not 0 < number <= len(self.kept):
            raise NotFound(f"there is no dead letter {number}")
        return self.kept[number - 1]

    def strangers(self) -> list[Stranger]:
        found: dict[tuple[str, str], list[DeadLetter]] = defaultdict(list)
        for it in self.kept:
            if it.reason == "identity" and not it.replayed_ms:
                found[it.format, it.sender].append(it)
        made = [
            Stranger(*key, len(some), min(s.received_ms for s in some), max(s.received_ms for s in some), _newest(some))
            for key, some in found.items()
        ]
        return sorted(made, key=lambda s: (-s.last_ms, s.format, s.sender))

    def replayed(self, numbers: Sequence[int], at_ms: int) -> None:
        self.kept = [replace(it, replayed_ms=at_ms) if it.number in numbers else it for it in self.kept]

    def counts(self) -> dict[str, int]:
        return dict(Counter(letter.reason for letter in self.kept))

    def close(self) -> None:
        pass


def _newest(letters: Sequence[DeadLetter]) -> str:
    return max(letters, key=lambda letter: (letter.received_ms, letter.number)).topic


@dataclass
class FakeDelivery:
    """A publication that the fake broker has taken already."""

    taken: bool = True

    def wait(self, timeout_s: float) -> bool:
        return self.taken


@dataclass
class FakeBus:
    """A broker with one client: what is published reaches the subscribers of the same bus at once, until ``close``.

    ``trace`` lists what happened in order: ("publish", topic) and ("acknowledge", handle).
    """

    clock: FakeClock = field(default_factory=FakeClock)
    published: list[tuple[str, bytes]] = field(default_factory=list)
    acknowledged: list[object] = field(default_factory=list)
    trace: list[tuple[str, object]] = field(default_factory=list)
    outage: Outage = field(default_factory=Outage)
    window: int = 1_000
    subscribed: threading.Event = field(default_factory=threading.Event)
    _handlers: list[tuple[tuple[str, ...], Callable[[Message], None]]] = field(default_factory=list)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> FakeDelivery:
        self.outage.check()
        self.published.append((topic, payload))
        self.trace.append(("publish", topic))
        self.deliver(topic, payload)
        return FakeDelivery()

    def deliver(self, topic: str, payload: bytes, *, repeat: bool = False) -> int:
        """Hand a message to the subscribers, as a broker would; returns its number."""
        number = next(self._numbers)
        for filters, handler in self._handlers:
            if any(matches(f, topic) for f in filters):
                handler(Message(topic, payload, self.clock.now_ms(), number, repeat))
        return number

    def subscribe(
        self, filters: Sequence[str], handler: Callable[[Message], None], *, qos: int = 1, as_published: bool = False
    ) -> None:
        self._handlers.append((tuple(filters), handler))
        self.subscribed.set()

    def acknowledge(self, *messages: Message) -> None:
        self.acknowledged += [message.handle for message in messages]
        self.trace += [("acknowledge", message.handle) for message in messages]

    def close(self) -> None:
        self._handlers.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def matches(filter_: str, topic: str) -> bool:
    """Whether an MQTT filter (also a shared subscription's) takes a topic."""
    wanted = filter_.split("/")
    if wanted[0] == "$share":
        wanted = wanted[2:]
    levels = topic.split("/")
    for i, level in enumerate(wanted):
        if level == "#":
            return True
        if i >= len(levels) or level not in {"+", levels[i]}:
            return False
    return len(wanted) == len(levels)
