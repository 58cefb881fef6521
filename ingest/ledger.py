"""The ledger: what came of every sample of every device, per boot and per day, and what its clock says.

The pages (:mod:`core.model.ledger`) live in memory while their device is active; what has changed is committed together
with the position in the spool, so that after a crash the same messages are counted from the same pages again: once.

A store's verdict "duplicate" is not always the truth about a device: what was written just before a crash, and not yet
committed here, is in the store when the spool is read again, and yet came once; so is what was written when the answer
got lost. While such a stretch of the spool is entered (:attr:`Ledger.again`), a sample that the pages do not know
counts as stored, whatever the store says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from core.intake import IntakeStore
from core.localtime import day_number, day_text
from core.model.ledger import Account, Activity, DayAccount, DeviceClock
from core.model.samples import Event, Fix, Reading
from core.ports import Sample, Verdict
from ingest.clock import EARLIEST_MS
from ingest.pipeline import Rejection, Share

LATE_MS: Final = 60_000
"""What comes later than this after its device time is late, and not live."""
CLOCK_WINDOW_MS: Final = 6 * 3_600_000
"""The smallest delay of so long a time is taken for the error of the device's clock."""
BAD_OFFSET_MS: Final = 300_000
_DEVICES: Final = 20_000
SPAN_MS: Final = 60_000
_FIX_MARK: Final = -1


class Health(msgspec.Struct, frozen=True, gc=False):
    """A device's clock has begun to be ``ahead``, ``unset`` (before 2005) or ``behind``, or is ``ok`` again."""

    cooperative: str
    device: str
    state: str
    at_ms: int
    offset_ms: int


class _Device(msgspec.Struct):
    """The pages of one device that are in memory."""

    clock: DeviceClock
    boots: dict[str, Account] = {}
    days: dict[int, DayAccount] = {}


class Counts(msgspec.Struct):
    """What came of one share, in samples: ``received = stored + duplicates + conflicts + rejected``."""

    received: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    late: int = 0


class _Stretch(msgspec.Struct):
    """Samples of one boot of one device on one day that follow each other, counted but not yet entered."""

    account: Account
    day: DayAccount
    clock: DeviceClock
    number: int
    samples: int = 0
    late: int = 0

    def enter(self) -> None:
        """Add the samples, as stored ones, to the pages."""
        self.account.received += self.samples
        self.account.stored += self.samples
        self.account.late += self.late
        self.day.received += self.samples
        self.day.stored += self.samples
        self.day.live += self.samples - self.late
        self.samples = self.late = 0


class Ledger:
    """The pages of one slot.

    Args:
        store: Where the pages are kept.
        slot: Whose pages.
    """

    def __init__(self, store: IntakeStore, slot: str) -> None:
        self._store = store
        self._slot = slot
        self._devices: dict[tuple[str, str], _Device] = {}
        self._accounts: dict[int, Account] = {}
        self._days: dict[int, DayAccount] = {}
        self._clocks: dict[int, DeviceClock] = {}
        self._health: list[Health] = []
        self._seen: set[tuple[object, ...]] = set()
        self._again = False
        self._at_ms = 0

    @property
    def again(self) -> bool:
        """Whether the stretch of the spool that is entered now may have been written before, and not entered."""
        return self._again

    @again.setter
    def again(self, value: bool) -> None:
        if not value:
            self._seen.clear()
        self._again = value

    def apply(self, cooperative: str, share: Share, verdicts: Mapping[int, Verdict], received: Sequence[int]) -> Counts:
        """Enter a share that is stored by now.

        Args:
            cooperative: Whose share it is.
            share: Samples and rejections.
            verdicts: What of the samples the store did not store as new, by place.
            received: When each message of the batch was received, in ms.

        Raises:
            StoreUnavailable: A page cannot be read; nothing has been entered.
        """
        self._load(cooperative, share)
        self._at_ms = max(received, default=0)
        counts = Counts(received=len(share.samples) + len(share.rejections), stored=len(share.samples))
        self._arrivals(cooperative, share, verdicts, received, counts)
        for at in share.flagged:
            sample = share.samples[at]
            self._devices[cooperative, sample.device].days[day_number(sample.ts_ms)].flagged += 1
        for rejection in share.rejections:
            self._reject(cooperative, rejection)
        counts.rejected += len(share.rejections)
        return counts

    def changes(self) -> tuple[list[Account], list[DayAccount], list[DeviceClock], list[Health]]:
        """The pages that have changed since the last call, and what the clocks have begun to be."""
        found = (
            list(self._accounts.values()),
            list(self._days.values()),
            list(self._clocks.values()),
            list(self._health),
        )
        for kept in (self._accounts, self._days, self._clocks):
            kept.clear()
        self._health.clear()
        if len(self._devices) > _DEVICES:
            self._devices.clear()
        return found

    # --- pages

    def _load(self, cooperative: str, share: Share) -> None:
        """Bring the pages that a share needs into memory."""
        for sample in share.samples:
            device = self._devices.get((cooperative, sample.device)) or self._device(cooperative, sample.device)
            boot = "" if isinstance(sample, Reading) else sample.boot
            if boot not in device.boots:
                self._account(cooperative, sample.device, boot)
            if (number := day_number(sample.ts_ms)) not in device.days:
                self._day(cooperative, sample.device, number)
        for rejection in share.rejections:
            self._account(cooperative, rejection.device, _boot(rejection.sample))
            self._day(cooperative, rejection.device, day_number(rejection.received_ms))

    def _device(self, cooperative: str, name: str) -> _Device:
        key = (cooperative, name)
        found = self._devices.get(key)
        if found is None:
            clock = self._store.clock(cooperative, name) or DeviceClock(cooperative=cooperative, device=name)
            found = self._devices[key] = _Device(clock)
        return found

    def _account(self, cooperative: str, name: str, boot: str) -> Account:
        device = self._device(cooperative, name)
        found = device.boots.get(boot)
        if found is None:
            kept = self._store.account(self._slot, cooperative, name, boot)
            found = kept or Account(cooperative=cooperative, device=name, boot=boot)
            device.boots[boot] = found
        return found

    def _day(self, cooperative: str, name: str, number: int) -> DayAccount:
        device = self._device(cooperative, name)
        found = device.days.get(number)
        if found is None:
            day = day_text(number)
            kept = self._store.day(self._slot, cooperative, name, day)
            found = kept or DayAccount(cooperative=cooperative, device=name, day=day)
            device.days[number] = found
        return found

    # --- entering

    def _arrivals(
        self,
        cooperative: str,
        share: Share,
        verdicts: Mapping[int, Verdict],
        received: Sequence[int],
        counts: Counts,
    ) -> None:
        stretch: _Stretch | None = None
        name, boot = "", ""
        for at, (sample, origin) in enumerate(zip(share.samples, share.origins, strict=True)):
            ts_ms = sample.ts_ms
            told = "" if isinstance(sample, Reading) else sample.boot
            number = day_number(ts_ms)
            if stretch is None or sample.device != name or told != boot or number != stretch.number:
                if stretch is not None:
                    stretch.enter()
                name, boot = sample.device, told
                stretch = self._stretch(cooperative, name, boot, number)
            if verdicts and at in verdicts:
                self._deviating(stretch, sample, verdicts[at], counts)
            late = self._arrival(stretch, sample, ts_ms, received[origin])
            stretch.samples += 1
            if late:
                stretch.late += 1
                counts.late += 1
        if stretch is not None:
            stretch.enter()

    def _stretch(self, cooperative: str, name: str, boot: str, number: int) -> _Stretch:
        device = self._devices[cooperative, name]
        account, day, clock = device.boots[boot], device.days[number], device.clock
        self._accounts[id(account)] = account
        self._days[id(day)] = day
        self._clocks[id(clock)] = clock
        if clock.state != "ok":
            self._turn(clock, "ok", self._at_ms, clock.offset_ms or 0)
        return _Stretch(account, day, clock, number)

    def _arrival(self, stretch: _Stretch, sample: Sample, ts_ms: int, received_ms: int) -> bool:
        """Enter one sample's times and number; whether it is late."""
        account, day, clock = stretch.account, stretch.day, stretch.clock
        account.last_ms = max(account.last_ms, ts_ms)
        if ts_ms < account.first_ms or not account.first_ms:
            account.first_ms = ts_ms
        day.last_ms = max(day.last_ms, ts_ms)
        if ts_ms < day.first_ms or not day.first_ms:
            day.first_ms = ts_ms
        if not account.first_received_ms:
            account.first_received_ms = received_ms
        account.last_received_ms = received_ms
        if type(sample) is Fix and sample.seq >= 0:
            _count_on(account, day, sample.seq)
        delay_ms = received_ms - ts_ms
        if clock.low_ms is None or received_ms > clock.low_until_ms or delay_ms < clock.low_ms:
            self._heard(clock, delay_ms, received_ms)
        return delay_ms - (clock.offset_ms or 0) > LATE_MS

    def _deviating(self, stretch: _Stretch, sample: Sample, verdict: Verdict, counts: Counts) -> None:
        """Take back one of the stored ones of a stretch, for what it really was."""
        account, day = stretch.account, stretch.day
        if verdict is Verdict.DUPLICATE and self._again and self._is_new(account, sample):
            return
        counts.stored -= 1
        account.stored -= 1
        day.stored -= 1
        if verdict is Verdict.DUPLICATE:
            counts.duplicates += 1
            account.duplicates += 1
            day.duplicates += 1
        elif verdict is Verdict.CONFLICT:
            counts.conflicts += 1
            account.conflicts += 1
            day.conflicts += 1
        else:
            counts.rejected += 1
            account.rejected += 1
            day.rejected += 1

    def _is_new(self, account: Account, sample: Sample) -> bool:
        """Whether the pages, as they were committed, do not know a sample that the store knows."""
        if isinstance(sample, Fix) and sample.seq >= 0:
            return not account.has(sample.seq)
        what = sample.quantity if isinstance(sample, Reading) else sample.kind if isinstance(sample, Event) else ""
        key = (account.cooperative, account.device, account.boot, what, sample.ts_ms)
        known = key in self._seen
        self._seen.add(key)
        return not known

    def _reject(self, cooperative: str, rejection: Rejection) -> None:
        account = self._account(cooperative, rejection.device, _boot(rejection.sample))
        day = self._day(cooperative, rejection.device, day_number(rejection.received_ms))
        clock = self._device(cooperative, rejection.device).clock
        self._accounts[id(account)] = account
        self._days[id(day)] = day
        account.received += 1
        account.rejected += 1
        account.last_received_ms = max(account.last_received_ms, rejection.received_ms)
        day.received += 1
        day.rejected += 1
        sample = rejection.sample
        if isinstance(sample, Fix) and sample.seq >= 0:
            _count_on(account, day, sample.seq)
        if rejection.reason == "clock" and sample is not None:
            state = "unset" if sample.ts_ms < EARLIEST_MS else "ahead"
            self._clocks[id(clock)] = clock
            self._turn(clock, state, rejection.received_ms, rejection.received_ms - sample.ts_ms)

    # --- clocks

    def _heard(self, clock: DeviceClock, delay_ms: int, received_ms: int) -> None:
        """Follow the smallest delay; at the end of a window it is the clock's offset."""
        if clock.low_ms is not None and received_ms <= clock.low_until_ms:
            clock.low_ms = min(clock.low_ms, delay_ms)
            if clock.offset_ms is not None:
                clock.offset_ms = min(clock.offset_ms, clock.low_ms)
            return
        if clock.low_ms is not None:
            clock.offset_ms = clock.low_ms
            if clock.offset_ms > BAD_OFFSET_MS:
                self._turn(clock, "behind", received_ms, clock.offset_ms)
        clock.low_ms = delay_ms
        clock.low_until_ms = received_ms + CLOCK_WINDOW_MS

    def _turn(self, clock: DeviceClock, state: str, at_ms: int, offset_ms: int) -> None:
        if clock.state == "behind" and state == "ok" and (clock.offset_ms or 0) > BAD_OFFSET_MS:
            return
        if clock.state != state:
            clock.state, clock.since_ms = state, at_ms
            self._health.append(Health(clock.cooperative, clock.device, state, at_ms, offset_ms))


def _boot(sample: Sample | None) -> str:
    return "" if sample is None or isinstance(sample, Reading) else sample.boot


def _count_on(account: Account, day: DayAccount, seq: int) -> None:
    """Note a sequence number, and what the day should have had: every number since the highest before it."""
    runs = account.runs
    if not runs:
        runs.append([seq, seq])
        day.span += 1
        day.seqs += 1
    elif seq > (highest := runs[-1][1]):
        day.span += seq - highest
        day.seqs += 1
        account.add(seq)
    elif not account.has(seq):
        account.add(seq)
        day.seqs += 1


def activity_of(cooperative: str, samples: Sequence[Sample], span_ms: int = SPAN_MS) -> list[Activity]:
    """What a batch tells of drones' times: of fixes of a boot that follow each other, the first and the last.

    Fixes follow each other where no more than ``span_ms`` lies between them, and the batch holds no event of the drone:
    an event may belong between any two of them.
    """
    eventful = {sample.device for sample in samples if type(sample) is Event}
    marks: dict[str, list[tuple[int, str, int]]] = {}
    running: dict[str, tuple[int, int, str]] = {}
    for sample in samples:
        if type(sample) is Fix:
            run = running.get(sample.device)
            ts_ms = sample.ts_ms
            follows = run is not None and run[2] == sample.boot and run[1] <= ts_ms <= run[1] + span_ms
            if run is not None and follows and sample.device not in eventful:
                running[sample.device] = (run[0], ts_ms, run[2])
                continue
            if run is not None:
                _mark(marks.setdefault(sample.device, []), run)
            running[sample.device] = (ts_ms, ts_ms, sample.boot)
        elif type(sample) is Event:
            if (run := running.pop(sample.device, None)) is not None:
                _mark(marks.setdefault(sample.device, []), run)
            marks.setdefault(sample.device, []).append((sample.ts_ms, sample.boot, int(sample.kind)))
    for device, run in running.items():
        _mark(marks.setdefault(device, []), run)
    return [Activity(cooperative, device, found) for device, found in marks.items()]


def _mark(marks: list[tuple[int, str, int]], run: tuple[int, int, str]) -> None:
    first_ms, last_ms, boot = run
    marks.append((first_ms, boot, _FIX_MARK))
    if last_ms > first_ms:
        marks.append((last_ms, boot, _FIX_MARK))
