"""The archive on files of Parquet."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final

from core.archive import DIGITS, Entry, FlightRecord
from core.errors import ArchiveError
from core.localtime import DAY_MS, day_number, day_text, local_day
from core.model.coverage import Flight
from core.model.fixtable import FixTable
from storage.archive import content
from storage.archive.files import Files, files_at
from storage.archive.names import WITHDRAWN, Name, parsed, quoted, unquoted

_AHEAD: Final = 8
_READERS: Final = 2
_DIGITS_OF_DAY: Final = 10


class ParquetArchive:
    """Flights in files. Opening is free; several processes may write at once.

    In a folder versions are counted under a lock. An object store has none: two processes that keep different content
    of one flight in the same second may give both the same number, and the order of their hashes decides.
    """

    def __init__(self, files: Files) -> None:
        self._files = files

    def put(self, record: FlightRecord) -> Entry:
        """See :class:`core.archive.FlightArchive`."""
        return self._put(record, record.input_hash[:DIGITS])

    def withdraw(self, entry: Entry) -> Entry:
        """See :class:`core.archive.FlightArchive`."""
        record = self.read(entry)
        gone = replace(record, fixes=FixTable.empty(record.fixes.device), events=(), input_hash="")
        return self._put(gone, WITHDRAWN)

    def _put(self, record: FlightRecord, digits: str) -> Entry:
        flight = record.flight
        home = quoted(flight.cooperative)
        with self._files.held(home):
            standing = self.versions(flight.cooperative, flight.flight)
            if standing and self._same(standing[-1], record, digits):
                return standing[-1]
            version = standing[-1].version + 1 if standing else 1
            name = Name(quoted(flight.flight), flight.start_ms, flight.end_ms, version, digits)
            path = f"{home}/{local_day(flight.start_ms)}/{name}"
            self._files.put(path, content.written(record))
        return _entry(flight, name, path)

    def _same(self, newest: Entry, record: FlightRecord, digits: str) -> bool:
        """Whether a file holds what is to be kept; a damaged one does not."""
        if (newest.digits, newest.start_ms, newest.end_ms) != (digits, record.flight.start_ms, record.flight.end_ms):
            return False
        try:
            held, told_hash = content.read(self._files.get(newest.path), newest.path)
        except ArchiveError:
            return False
        return told_hash == content.content_hash(record) == content.content_hash(held)

    def flights(self, cooperative: str, start_ms: int, end_ms: int) -> list[Entry]:
        """See :class:`core.archive.FlightArchive`."""
        newest: dict[str, Entry] = {}
        for day in self._days(cooperative, start_ms, end_ms):
            for entry in self._listed(cooperative, day):
                newest[entry.flight] = max(newest.get(entry.flight, entry), entry, key=_rank)
        found = [e for e in newest.values() if e.start_ms <= end_ms and e.end_ms >= start_ms and not e.withdrawn]
        return sorted(found, key=lambda e: (e.start_ms, e.flight))

    def versions(self, cooperative: str, flight: str) -> list[Entry]:
        """See :class:`core.archive.FlightArchive`."""
        home, wanted = quoted(cooperative), f"{quoted(flight)}."
        found = [
            _named(cooperative, flight, name, f"{home}/{day}/{text}")
            for day in self._files.names(home)
            for text in self._files.names(f"{home}/{day}")
            if text.startswith(wanted) and (name := parsed(text))
        ]
        return sorted(found, key=_rank)

    def read(self, entry: Entry, *, checked: bool = False, area_only: bool = False) -> FlightRecord:
        """See :class:`core.archive.FlightArchive`."""
        record, told_hash = content.read(self._files.get(entry.path), entry.path, area_only=area_only and not checked)
        if checked and content.content_hash(record) != told_hash:
            raise ArchiveError(f"{entry.path}: the file was changed: its content does not have the hash that it tells")
        flight = record.flight
        digits = WITHDRAWN if entry.withdrawn else record.input_hash[:DIGITS]
        told = (flight.cooperative, flight.flight, flight.start_ms, flight.end_ms, digits)
        named = (entry.cooperative, entry.flight, entry.start_ms, entry.end_ms, entry.digits)
        if told != named:
            raise ArchiveError(f"{entry.path}: the file is of flight {flight.flight!r}, its name says another or else")
        return record

    def read_all(self, entries: Sequence[Entry]) -> Iterator[FlightRecord]:
        """See :class:`core.archive.FlightArchive`."""
        with ThreadPoolExecutor(_READERS) as readers:
            ahead: deque[Future[FlightRecord]] = deque()
            for entry in entries:
                ahead.append(readers.submit(self.read, entry))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()

    def close(self) -> None:
        """See :class:`core.archive.FlightArchive`."""

    def _days(self, cooperative: str, start_ms: int, end_ms: int) -> list[str]:
        """The folders of days that flights of a span may lie in: none takes longer than a day."""
        days = [d for d in self._files.names(quoted(cooperative)) if len(d) == _DIGITS_OF_DAY]
        first, last = _day(start_ms - DAY_MS), _day(end_ms)
        return [d for d in days if first <= d <= last]

    def _listed(self, cooperative: str, day: str) -> Iterator[Entry]:
        folder = f"{quoted(cooperative)}/{day}"
        for text in self._files.names(folder):
            name = parsed(text)
            if name is not None:
                path = f"{folder}/{text}"
                flight = unquoted(name.flight) or self._told(path)
                yield _named(cooperative, flight, name, path)

    def _told(self, path: str) -> str:
        """The flight of a file whose name was cut."""
        return content.told_flight(self._files.get(path), path)[0].flight


def open_archive(url: str) -> ParquetArchive:
    """The archive behind a URL (``s3://BUCKET/FOLDER``, ``gs://…``) or in a folder.

    Raises:
        ConfigError: Nobody knows such a URL.
    """
    return ParquetArchive(files_at(url))


def _day(ts_ms: int) -> str:
    """The local day; far beyond the calendar, its first or last one."""
    number = day_number(ts_ms)
    if number <= -719_000:  # noqa: PLR2004 - days before the year 1
        return "0001-01-01"
    return "9999-12-31" if number >= 2_932_000 else day_text(number)  # noqa: PLR2004 - days after the year 9997


def _rank(entry: Entry) -> tuple[int, str]:
    return entry.version, entry.digits


def _entry(flight: Flight, name: Name, path: str) -> Entry:
    return _named(flight.cooperative, flight.flight, name, path)


def _named(cooperative: str, flight: str, name: Name, path: str) -> Entry:
    facts = (name.version, name.start_ms, name.end_ms, name.digits, path)
    return Entry(cooperative, flight, *facts, withdrawn=name.digits == WITHDRAWN)
