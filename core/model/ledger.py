"""What came of everything that a device sent: the ledger's pages, per boot and per day, and the device's clock.

A page belongs to one slot of ingest (several ingesters share the load); pages of several slots are merged by
:func:`merged` when they are read.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

import msgspec

Run = list[int]
"""First and last sequence number of an unbroken run, both included."""


MOST_RUNS = 10_000
"""A device that counts at random must not fill the memory: past this, the oldest gap of a boot is forgotten."""


class Account(msgspec.Struct, kw_only=True, gc=False):
    """One boot of one device (``boot`` is empty where the device tells none, as sensors do).

    ``received = stored + duplicates + conflicts + rejected``, in samples. ``runs`` are the sequence numbers that came,
    rejected ones included: they were sent and have arrived. ``late`` counts samples that came more than a minute after
    their device time. Times are ms since 1970 UTC; 0 where nothing has come.
    """

    cooperative: str
    device: str
    boot: str = ""
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    late: int = 0
    first_ms: int = 0
    last_ms: int = 0
    first_received_ms: int = 0
    last_received_ms: int = 0
    runs: list[Run] = []

    @property
    def expected(self) -> int:
        """How many sequence numbers there are from the lowest to the highest that came; 0 where none is told."""
        return self.runs[-1][1] - self.runs[0][0] + 1 if self.runs else 0

    @property
    def missing(self) -> int:
        """How many of the expected ones have not come."""
        return self.expected - sum(last - first + 1 for first, last in self.runs)

    @property
    def gaps(self) -> list[Run]:
        """The missing ones as intervals."""
        return [[before[1] + 1, after[0] - 1] for before, after in zip(self.runs, self.runs[1:], strict=False)]

    def has(self, seq: int) -> bool:
        """Whether a sequence number has come."""
        at = bisect_right(self.runs, seq, key=lambda run: run[0]) - 1
        return at >= 0 and seq <= self.runs[at][1]

    def add(self, seq: int) -> None:
        """Note a sequence number."""
        runs = self.runs
        if runs and seq == runs[-1][1] + 1:
            runs[-1][1] = seq
        elif not self.has(seq):
            self._insert(seq)

    def _insert(self, seq: int) -> None:
        at = bisect_right(self.runs, seq, key=lambda run: run[0])
        before = self.runs[at - 1] if at else None
        after = self.runs[at] if at < len(self.runs) else None
        joins_before = before is not None and before[1] == seq - 1
        joins_after = after is not None and after[0] == seq + 1
        if before is not None and after is not None and joins_before and joins_after:
            before[1] = after[1]
            del self.runs[at]
        elif before is not None and joins_before:
            before[1] = seq
        elif after is not None and joins_after:
            after[0] = seq
        else:
            self.runs.insert(at, [seq, seq])
            if len(self.runs) > MOST_RUNS:
                self.runs[1][0] = self.runs[0][0]
                del self.runs[0]


class DayAccount(msgspec.Struct, kw_only=True, gc=False):
    """One device on one local day of its own time (Asia/Ho_Chi_Minh): what data quality is computed from.

    ``flagged`` counts stored samples that are odd (too fast, outside the area ...), ``live`` those that came within a
    minute. ``first_ms`` and ``last_ms`` are the day's first and last device time; ``step_ms`` is the least time between
    two readings of one quantity that was seen, 0 where it is not known. ``seqs`` and ``span`` are the sequenced fixes
    that came and those that should have (both 0 for what has no sequence numbers).
    """

    cooperative: str
    device: str
    day: str
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    flagged: int = 0
    live: int = 0
    first_ms: int = 0
    last_ms: int = 0
    span: int = 0
    seqs: int = 0


class DeviceClock(msgspec.Struct, kw_only=True, gc=False):
    """What is known of a device's clock.

    ``offset_ms`` estimates reception minus device time of a message that was not held up: positive where the clock is
    behind. ``state`` is ``ok``, ``ahead`` or ``unset`` by what the last samples said, ``since_ms`` when it began.
    """

    cooperative: str
    device: str
    offset_ms: int | None = None
    low_ms: int | None = None
    low_until_ms: int = 0
    state: str = "ok"
    since_ms: int = 0


class Activity(msgspec.Struct, frozen=True, gc=False):
    """What a batch told of one drone's time: marks of (device time, boot, event kind or −1 for a fix), in order.

    Of fixes that follow each other only the first and the last are marks.
    """

    cooperative: str
    device: str
    marks: list[tuple[int, str, int]]


def merged(accounts: Iterable[Account]) -> Account:
    """One boot's pages of several slots as one: a sequence number that two slots have is a duplicate of one.

    Raises:
        ValueError: There is none, or they belong to different boots.
    """
    found = list(accounts)
    if len({(a.cooperative, a.device, a.boot) for a in found}) != 1:
        raise ValueError("pages of one boot are merged")
    if len(found) == 1:
        return found[0]
    runs = _union(run for a in found for run in a.runs)
    twice = sum(_length(a.runs) for a in found) - _length(runs)
    first = found[0]
    return Account(
        cooperative=first.cooperative,
        device=first.device,
        boot=first.boot,
        received=sum(a.received for a in found),
        stored=sum(a.stored for a in found) - twice,
        duplicates=sum(a.duplicates for a in found) + twice,
        conflicts=sum(a.conflicts for a in found),
        rejected=sum(a.rejected for a in found),
        late=sum(a.late for a in found),
        first_ms=min(a.first_ms for a in found),
        last_ms=max(a.last_ms for a in found),
        first_received_ms=min(a.first_received_ms for a in found),
        last_received_ms=max(a.last_received_ms for a in found),
        runs=runs,
    )


def added(days: Iterable[DayAccount]) -> DayAccount:
    """One device's day of several slots as one.

    Raises:
        ValueError: There is none.
    """
    found = list(days)
    if not found:
        raise ValueError("a day without pages")
    total = DayAccount(cooperative=found[0].cooperative, device=found[0].device, day=found[0].day)
    for page in found:
        for name in _SUMS:
            setattr(total, name, getattr(total, name) + getattr(page, name))
    total.first_ms = min(page.first_ms for page in found)
    total.last_ms = max(page.last_ms for page in found)
    return total


_SUMS = ("received", "stored", "duplicates", "conflicts", "rejected", "flagged", "live", "span", "seqs")


def _length(runs: Iterable[Run]) -> int:
    return sum(last - first + 1 for first, last in runs)


def _union(runs: Iterable[Run]) -> list[Run]:
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1][1] = max(joined[-1][1], last)
        else:
            joined.append([first, last])
    return joined
