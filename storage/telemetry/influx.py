"""Telemetry in InfluxDB: a database (a bucket) for each cooperative, named ``canhdong_<cooperative>``.

A point of the same tags and time would take the place of the one that is there. So the store knows, for every device,
the highest device time that it has stored (asked of the server once): samples above it are new for certain and go out
at once; of the others, what stands there is read first and compared. What contradicts a stored sample goes beside it,
into a measurement of its own. After a write that was not answered the server is asked again.

Where several processes write the same device, one does not see what the other has written since: the same sample twice
stays one point (and counts as stored twice), a contradicting one takes the first one's place. ``read_back`` reads
before every write, for one query more per device and batch; then only two writes at the same instant can meet.

Databases are made by ``canhdong storage init``, never by a write.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from core.errors import RetriableError
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.samples import Event, Fix, Reading
from core.ports import RefusedSample, Sample, Verdict, WriteResult
from storage.telemetry import influx_read
from storage.telemetry.influx_http import BadData, InfluxHttp
from storage.telemetry.influx_known import Known, Stored, content_of, key_of, measurement_of
from storage.telemetry.influx_latest import latest_readings
from storage.telemetry.lineprotocol import CONFLICT, EVENT, FIX, NS_PER_MS, READING, Lines, figures_line, point_ns

log = logging.getLogger("canhdong.storage")

PREFIX: Final = "canhdong_"
LINES_AT_ONCE: Final = 5_000
BYTES_AT_ONCE: Final = 4_000_000


def _of_quantity(start_ms: int, end_ms: int) -> str:
    """From where readings of one device and quantity come, in a window with both ends."""
    window = f"time >= {start_ms * NS_PER_MS} AND time <= {end_ms * NS_PER_MS + NS_PER_MS - 1}"
    return f'FROM "{READING}" WHERE "device" = $device AND "quantity" = $quantity AND {window}'


def database(cooperative: str, prefix: str = PREFIX) -> str:
    """The name of a cooperative's database."""
    return prefix + cooperative


class InfluxTelemetry:
    """A :class:`core.ports.TelemetryStore` on an InfluxDB server; safe from several threads.

    Args:
        http: The server.
        prefix: What the names of the databases begin with.
        read_back: Whether every sample is looked for on the server before it is written.
    """

    def __init__(self, http: InfluxHttp, prefix: str = PREFIX, *, read_back: bool = False) -> None:
        self._http = http
        self._prefix = prefix
        self._known = Known(http, read_back=read_back)
        self._lines: dict[str, Lines] = {}
        self._writing = threading.Lock()

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        """See the port. A retention that is shorter than a sample's age refuses it.

        Raises:
            StoreRefused: The server refuses the credential, or has no database for the cooperative.
            StoreUnavailable: The server does not answer; some of it may be stored, and is a duplicate next time.
        """
        if not samples:
            return WriteResult()
        name = database(cooperative, self._prefix)
        verdicts: dict[int, Verdict] = {}
        with self._writing:
            try:
                refused = self._write(name, cooperative, samples, received_ms, verdicts)
            except RetriableError:
                self._known.forget(name, samples)
                raise
            self._known.stored(name, samples)
        for place, _ in refused:
            verdicts[place] = Verdict.REFUSED
        said = Counter(verdicts.values())
        return WriteResult(
            len(samples) - len(verdicts),
            said[Verdict.DUPLICATE],
            said[Verdict.CONFLICT],
            tuple(RefusedSample(samples[place], bad.reason, bad.words) for place, bad in refused),
            verdicts=verdicts,
        )

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """See the port."""
        return influx_read.fix_table(device, self._select(cooperative, FIX, device, start_ms, end_ms))[0]

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """See the port."""
        return [it for it, _ in influx_read.events(self._select(cooperative, EVENT, device, start_ms, end_ms))]

    def readings(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Reading]:
        """See the port."""
        return [it for it, _ in influx_read.readings(self._select(cooperative, READING, device, start_ms, end_ms))]

    def readings_page(  # noqa: PLR0917 - as the port has it
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
        """See the port."""
        order = f"ORDER BY time {'DESC' if newest_first else 'ASC'} LIMIT {limit}"
        query = f'SELECT "device", "quantity", "value", "unit", "received_ms" {_of_quantity(start_ms, end_ms)} {order}'
        answer = self._http.csv(database(cooperative, self._prefix), query, {"device": device, "quantity": quantity})
        found = [it for it, _ in influx_read.readings(influx_read.columns(answer))]
        return found[::-1] if newest_first else found

    def count_readings(self, cooperative: str, device: str, quantity: str, start_ms: int, end_ms: int) -> int:
        """See the port."""
        query = f'SELECT COUNT("received_ms") {_of_quantity(start_ms, end_ms)}'
        told = self._http.statement(
            query, database(cooperative, self._prefix), {"device": device, "quantity": quantity}
        )
        return sum(int(row[1]) for it in told["results"] for series in it.get("series", ()) for row in series["values"])

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        """See the port."""
        name = database(cooperative, self._prefix)
        found: list[Fix] = []
        for device in self._known.devices(name, FIX):
            last_ms = self._known.last_ms(name, FIX, device)
            if last_ms is not None:
                table = self.fixes(cooperative, device, last_ms, last_ms)
                found += list(table.rows())[-1:]
        return found

    def latest_readings(self, cooperative: str) -> list[Reading]:
        """See the port."""
        return latest_readings(self._http, database(cooperative, self._prefix))

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """See the port. A row that the server does not take is logged: figures can be computed again."""
        for place, bad in self._put(database(name, self._prefix), list(enumerate(map(figures_line, rows)))):
            log.error("figures of %s are refused: %s (%r)", name, bad.words, rows[place])

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        """See the port."""
        where = f"time >= {start_ms * NS_PER_MS} AND time <= {end_ms * NS_PER_MS + NS_PER_MS - 1}"
        query = f'SELECT * FROM "{measurement}" WHERE {where} GROUP BY *'  # noqa: S608 - our own name
        found = self._http.statement(query, database(name, self._prefix))
        return influx_read.figures(measurement, found)

    def close(self) -> None:
        """See the port."""
        self._http.close()

    # --- reading

    def _select(
        self, cooperative: str, measurement: str, device: str, start_ms: int, end_ms: int
    ) -> influx_read.Columns | None:
        first, last = start_ms * NS_PER_MS, end_ms * NS_PER_MS + NS_PER_MS - 1
        return self._known.select(database(cooperative, self._prefix), measurement, device, first, last)

    # --- writing

    def _write(
        self,
        name: str,
        cooperative: str,
        samples: Sequence[Sample],
        received_ms: int,
        verdicts: dict[int, Verdict],
    ) -> list[tuple[int, BadData]]:
        """Write samples; notes the verdicts on those that are not new, and gives the refused ones."""
        lines = self._lines.setdefault(cooperative, Lines(cooperative))
        certain, doubtful = self._known.split(name, samples)
        refused = self._put(name, [(at, lines.line(samples[at], received_ms)) for at in certain])
        if doubtful:
            refused += self._put_doubtful(name, lines, samples, doubtful, received_ms, verdicts)
        return refused

    def _put(self, name: str, lines: Sequence[tuple[int, bytes]]) -> list[tuple[int, BadData]]:
        """Write lines, each with the place of its sample; gives those that the server does not take, each alone."""
        return [bad for batch in _batches(lines) for bad in self._bisected(name, batch)]

    def _bisected(self, name: str, lines: Sequence[tuple[int, bytes]]) -> list[tuple[int, BadData]]:
        """Write lines; halve what is not taken until the bad ones are alone. The good ones are stored."""
        bad = self._http.write(name, b"\n".join(line for _, line in lines))
        if bad is None:
            return []
        if len(lines) == 1 or bad.dropped == len(lines):
            return [(place, bad) for place, _ in lines]
        middle = len(lines) // 2
        return self._bisected(name, lines[:middle]) + self._bisected(name, lines[middle:])

    def _put_doubtful(  # noqa: PLR0917
        self,
        name: str,
        lines: Lines,
        samples: Sequence[Sample],
        places: Sequence[int],
        received_ms: int,
        verdicts: dict[int, Verdict],
    ) -> list[tuple[int, BadData]]:
        """Compare with what is stored; write what is new or contradicts."""
        there = self._known.around(name, [samples[place] for place in places])
        made: list[tuple[int, bytes]] = []
        for place in places:
            sample = samples[place]
            verdict, ns = _judged(there, sample)
            if verdict is Verdict.DUPLICATE:
                verdicts[place] = verdict
                continue
            suffix = ""
            if verdict is Verdict.CONFLICT:
                verdicts[place] = verdict
                suffix = CONFLICT
            made.append((place, lines.line(sample, received_ms, ns, suffix)))
        refused = self._put(name, made)
        for place, _ in refused:
            verdicts.pop(place, None)
        return refused


def _batches(lines: Sequence[tuple[int, bytes]]) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Lines in pieces that one request may hold."""
    first = size = 0
    for at, (_, line) in enumerate(lines):
        if at > first and (at - first == LINES_AT_ONCE or size + len(line) > BYTES_AT_ONCE):
            yield lines[first:at]
            first, size = at, 0
        size += len(line) + 1
    if lines:
        yield lines[first:]


def _judged(there: Stored, sample: Sample) -> tuple[Verdict | None, int]:
    """What a sample is beside what is stored, and the ns at which it is to be written; notes it as stored."""
    key, content = key_of(sample), content_of(sample)
    said = there.contents.get(key)
    measurement = measurement_of(sample)
    if said is None:
        ns = there.free(measurement, point_ns(sample))
        there.contents[key] = [content]
        return None, ns
    if content in said:
        return Verdict.DUPLICATE, 0
    said.append(content)
    return Verdict.CONFLICT, there.free(measurement + CONFLICT, point_ns(sample))
