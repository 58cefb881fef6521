"""What the store knows of what the server has: the highest device times, and what stands around doubtful samples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from core.model.samples import Event, Fix, Reading
from core.ports import Sample
from storage.telemetry import influx_read
from storage.telemetry.influx_http import InfluxHttp
from storage.telemetry.lineprotocol import CONFLICT, EVENT, FIX, NS_PER_MS, READING

_CLUSTER_MS: Final = {FIX: 60_000, EVENT: 86_400_000, READING: 86_400_000}
"""A longer gap between doubtful samples divides the windows that are read back; drones tell more in it than sensors."""
_DEVICES: Final = 50_000
_COLUMNS: Final = {
    FIX: influx_read.FIX_COLUMNS,
    EVENT: ("device", "kind", "boot", "received_ms"),
    READING: ("device", "quantity", "value", "unit", "received_ms"),
}

Key = tuple[object, ...]


def measurement_of(sample: Sample) -> str:
    """The measurement that a sample stands in."""
    return FIX if isinstance(sample, Fix) else EVENT if isinstance(sample, Event) else READING


def key_of(sample: Sample) -> Key:
    """What tells samples apart, as the port says."""
    if isinstance(sample, Fix):
        return (FIX, sample.device, sample.ts_ms, sample.seq, sample.boot)
    if isinstance(sample, Event):
        return (EVENT, sample.device, sample.ts_ms, sample.kind, sample.boot)
    return (READING, sample.device, sample.quantity, sample.ts_ms)


def content_of(sample: Sample) -> bytes:
    """All that a sample says, in a form that compares: NaN equals NaN, 0.0 is not −0.0."""
    return msgspec.json.encode(sample)


class Stored(msgspec.Struct):
    """What stands on the server around some samples: contents by key (the first is what readers see), and taken ns."""

    contents: dict[Key, list[bytes]] = {}
    taken: dict[str, set[int]] = {}

    def add(self, measurement: str, sample: Sample, ns: int) -> None:
        """Note a stored sample."""
        self.contents.setdefault(key_of(sample), []).append(content_of(sample))
        self.taken.setdefault(measurement, set()).add(ns)

    def free(self, measurement: str, ns: int) -> int:
        """The first free ns of the millisecond, from the one that is wanted on; taken from now on."""
        taken = self.taken.setdefault(measurement, set())
        start = ns - ns % NS_PER_MS
        while ns in taken:
            ns = start + (ns + 1 - start) % NS_PER_MS
        taken.add(ns)
        return ns


class Known:
    """The highest device time of every device (and quantity) that is known to be stored.

    Where it is too high (samples that were refused), something is read in vain. It is too low where another process has
    written since it was asked for: what that one has stored is then taken for new, and is written over. With
    ``read_back`` nothing is taken for new without reading.
    """

    def __init__(self, http: InfluxHttp, *, read_back: bool = False) -> None:
        self._http = http
        self._read_back = read_back
        self._highest: dict[tuple[str, ...], int] = {}

    def split(self, database: str, samples: Sequence[Sample]) -> tuple[list[int], list[int]]:
        """The places of samples that are new for certain, and of those that may be there already.

        Raises:
            StoreUnavailable: The server does not answer.
        """
        if self._read_back:
            return [], list(range(len(samples)))
        rising: dict[tuple[str, ...], int] = {}
        certain: list[int] = []
        doubtful: list[int] = []
        for place, sample in enumerate(samples):
            key = _series(sample)
            highest = rising.get(key)
            if highest is None:
                highest = self._ask(database, key)
            if sample.ts_ms > highest:
                certain.append(place)
                rising[key] = sample.ts_ms
            else:
                doubtful.append(place)
                rising[key] = highest
        return certain, doubtful

    def stored(self, database: str, samples: Sequence[Sample]) -> None:
        """Note that samples are stored."""
        if len(self._highest) > _DEVICES:
            self._highest.clear()
        for sample in samples:
            key = (database, *_series(sample))
            if sample.ts_ms > self._highest.get(key, -(2**62)):
                self._highest[key] = sample.ts_ms

    def forget(self, database: str, samples: Sequence[Sample]) -> None:
        """The server did not say what it has stored of samples: it is asked again before their devices' next write."""
        for sample in samples:
            self._highest.pop((database, *_series(sample)), None)

    def around(self, database: str, samples: Sequence[Sample]) -> Stored:
        """What stands on the server at the times of samples, contradictions too.

        Raises:
            StoreUnavailable: The server does not answer.
        """
        found = Stored()
        for (measurement, device), first_ms, last_ms in _clusters(samples):
            first, last = first_ms * NS_PER_MS, last_ms * NS_PER_MS + NS_PER_MS - 1
            for name in (measurement, measurement + CONFLICT):
                answer = self.select(database, name, device, first, last)
                for sample, ns in _rows(measurement, device, answer):
                    found.add(name, sample, ns)
        return found

    def select(
        self, database: str, measurement: str, device: str, first_ns: int, last_ns: int
    ) -> influx_read.Columns | None:
        """The columns of a device's points in a time window, ends included."""
        names = influx_read.quoted(_COLUMNS[measurement.removesuffix(CONFLICT)])
        window = f"time >= {first_ns} AND time <= {last_ns}"
        query = f'SELECT {names} FROM "{measurement}" WHERE "device" = $device AND {window}'  # noqa: S608 - our own names
        return influx_read.columns(self._http.csv(database, query, {"device": device}))

    def devices(self, database: str, measurement: str) -> list[str]:
        """The devices that have points in a measurement."""
        query = f'SHOW TAG VALUES FROM "{measurement}" WITH KEY = "device"'
        results = self._http.statement(query, database)["results"]
        return sorted(value for it in results for series in it.get("series", ()) for _, value in series["values"])

    def last_ms(self, database: str, measurement: str, device: str, quantity: str = "") -> int | None:
        """The highest device time of a device's points; None where it has none."""
        query = f'SELECT LAST("received_ms") FROM "{measurement}" WHERE "device" = $device'  # noqa: S608 - our own name
        parameters = {"device": device}
        if quantity:
            query += ' AND "quantity" = $quantity'
            parameters["quantity"] = quantity
        found = influx_read.columns(self._http.csv(database, query, parameters))
        return None if found is None else int(found["time"][0].as_py()) // NS_PER_MS

    def _ask(self, database: str, series: tuple[str, ...]) -> int:
        key = (database, *series)
        known = self._highest.get(key)
        if known is None:
            last_ms = self.last_ms(database, *series)
            known = self._highest[key] = -(2**62) if last_ms is None else last_ms
        return known


def _series(sample: Sample) -> tuple[str, ...]:
    if type(sample) is Fix:
        return (FIX, sample.device)
    if isinstance(sample, Reading):
        return (READING, sample.device, sample.quantity)
    return (EVENT, sample.device)


def _clusters(samples: Sequence[Sample]) -> Iterator[tuple[tuple[str, str], int, int]]:
    """Windows of time that hold the samples, by measurement and device; long gaps divide them."""
    times: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for sample in samples:
        times[measurement_of(sample), sample.device].append(sample.ts_ms)
    for of, found in times.items():
        found.sort()
        first = before = found[0]
        for ts_ms in found[1:]:
            if ts_ms - before > _CLUSTER_MS[of[0]]:
                yield of, first, before
                first = ts_ms
            before = ts_ms
        yield of, first, before


def _rows(measurement: str, device: str, answer: influx_read.Columns | None) -> Iterator[tuple[Any, int]]:
    if measurement == FIX:
        table, ns = influx_read.fix_table(device, answer)
        yield from zip(table.rows(), ns.tolist(), strict=True)
    elif measurement == EVENT:
        yield from influx_read.events(answer)
    else:
        yield from influx_read.readings(answer)
