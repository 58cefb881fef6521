"""What ingest tells of itself: the ledger as ``ingest_stats`` every ten seconds, data quality every minute.

``device_health`` tells when a device's clock has begun to be wrong, and when it is right again. Rows about devices go
to their cooperative's database, those about the process to ``platform``, with dead letters by reason. All of it can be
computed again from the ledger: a store that is away only makes the next report longer. Fields: docs/dashboards-data.md.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from core.errors import RetriableError, StoreRefused
from core.localtime import day_window_ms, local_day
from core.model.figures import Figures, Value
from core.model.ledger import Account, DayAccount, DeviceClock
from core.ports import Clock
from ingest import quality
from ingest.counters import Counters
from ingest.ports import Ports

log = logging.getLogger("canhdong.ingest")

STATS: Final = "ingest_stats"
HEALTH: Final = "device_health"
LETTERS: Final = "dead_letters"
PLATFORM: Final = "platform"
STATS_EVERY_MS: Final = 10_000
QUALITY_EVERY_MS: Final = 60_000


class Reports:
    """Writes reports when they are due; one thread calls it."""

    def __init__(self, ports: Ports, counters: Callable[[], Counters], clock: Clock) -> None:
        self._ports = ports
        self._counters = counters
        self._clock = clock
        self._stats_ms = self._quality_ms = clock.now_ms()
        self._stats_from_ms = self._quality_from_ms = 0
        self._ledger: dict[str, float] = {}
        self._written = 0, 0.0

    def step(self, slot: str, spool_bytes: int, waiting: int, *, devices: bool = True, all_now: bool = False) -> None:
        """Write what is due; ``all_now`` does not wait for it.

        Args:
            slot: The slots of this process.
            spool_bytes: What of their spools is still to be processed.
            waiting: Messages that are not yet in a spool.
            devices: Whether this process tells of the devices, of several that share the ledger.
            all_now: Do not wait until it is due.
        """
        now_ms = self._clock.now_ms()
        try:
            if all_now or now_ms - self._stats_ms >= STATS_EVERY_MS:
                ledger = self._write_devices(now_ms) if devices else {}
                self._write_process(now_ms, slot, {"spool_bytes": spool_bytes, "waiting": waiting} | ledger)
                self._stats_ms = now_ms
                self._stats_from_ms = now_ms - STATS_EVERY_MS
            if devices and (all_now or now_ms - self._quality_ms >= QUALITY_EVERY_MS):
                self._write_quality(now_ms)
                self._quality_ms = now_ms
                self._quality_from_ms = now_ms - QUALITY_EVERY_MS
        except RetriableError as error:
            log.warning("reports wait (%s)", error)
            self._stats_ms = self._quality_ms = now_ms

    def _write_devices(self, now_ms: int) -> dict[str, float]:
        """Write what the ledger says of the devices; what it says of all of them together."""
        heard = gaps = 0
        for it in self._ports.registry.cooperatives():
            name = it.cooperative
            accounts = self._ports.intake.accounts(name, since_ms=self._stats_from_ms)
            heard += len({account.device for account in accounts})
            gaps += sum(len(account.gaps) for account in accounts)
            rows = [_account_row(account, now_ms) for account in accounts]
            rows += [_health_row(c) for c in self._ports.intake.clocks(name) if c.since_ms >= self._stats_from_ms > 0]
            self._put(name, rows)
        return self._ledger | {"devices": float(heard), "gaps": float(gaps)}

    def _write_process(self, now_ms: int, slot: str, told: Mapping[str, float]) -> None:
        counters = self._counters()
        values: dict[str, Value] = {name: float(value) for name, value in counters.totals().items()}
        values |= {name: float(value) for name, value in told.items()}
        values |= {"retries": float(counters.retries), "writes": float(counters.writes)}
        writes, seconds = counters.writes - self._written[0], counters.write_s - self._written[1]
        if writes > 0:
            values["store_ms"] = 1_000.0 * seconds / writes
        self._put(PLATFORM, [Figures(STATS, now_ms, {"slot": slot}, values)])
        self._written = counters.writes, counters.write_s

    def _write_quality(self, now_ms: int) -> None:
        today = local_day(now_ms)
        expected = came = 0
        for it in self._ports.registry.cooperatives():
            for day in self._ports.intake.days_since(it.cooperative, self._quality_from_ms):
                self._put(it.cooperative, list(quality_rows(self._ports, it.cooperative, day)))
            pages = self._ports.intake.days(it.cooperative, today, today)
            expected += sum(page.span for page in pages)
            came += sum(page.seqs for page in pages)
        letters = self._ports.dead_letters.counts()
        rows = [Figures(LETTERS, now_ms, {"reason": name}, {"letters": float(n)}) for name, n in letters.items()]
        self._put(PLATFORM, rows)
        self._ledger = {
            "expected": float(expected),
            "missing": float(expected - came),
            "dead_letters": float(sum(letters.values())),
        }

    def _put(self, name: str, rows: Sequence[Figures]) -> None:
        """Write rows; a database that refuses keeps its cooperative's from being written, and nobody else's."""
        if not rows:
            return
        try:
            self._ports.telemetry.put_figures(name, rows)
        except StoreRefused as error:
            log.debug("reports of %s are refused (%s)", name, error)


def quality_rows(ports: Ports, cooperative: str, day: str) -> Iterator[Figures]:
    """The scores of every device of a cooperative on a day, and of all of them together (without a device)."""
    pages = ports.intake.days(cooperative, day, day)
    start_ms, _ = day_window_ms(day)
    known: list[quality.Quality] = []
    for page in pages:
        known.append(quality.quality(page, _reports(ports, page)))
        tags = {"cooperative": cooperative, "device": page.device}
        yield Figures(quality.MEASUREMENT, start_ms, tags, quality.values(known[-1]))
    if pages:
        values = quality.values(quality.together(pages, known))
        yield Figures(quality.MEASUREMENT, start_ms, {"cooperative": cooperative}, values)


def _reports(ports: Ports, page: DayAccount) -> list[int]:
    """When a sensor reported, which has no sequence numbers."""
    if page.span or not page.first_ms:
        return []
    return [r.ts_ms for r in ports.telemetry.readings(page.cooperative, page.device, page.first_ms, page.last_ms)]


def _account_row(account: Account, now_ms: int) -> Figures:
    tags = {"cooperative": account.cooperative, "device": account.device}
    names = ("received", "stored", "duplicates", "conflicts", "rejected", "late", "expected", "missing")
    values: dict[str, float | str] = {name: float(getattr(account, name)) for name in names}
    return Figures(STATS, now_ms, tags, values | {"gaps": float(len(account.gaps)), "boot": account.boot})


def _health_row(clock: DeviceClock) -> Figures:
    tags = {"cooperative": clock.cooperative, "device": clock.device}
    return Figures(HEALTH, clock.since_ms, tags, {"clock": clock.state, "offset_s": (clock.offset_ms or 0) / 1_000.0})
