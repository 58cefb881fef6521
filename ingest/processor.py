"""Works a slot's spool off: decode, check, write, enter into the ledger, keep dead letters, commit.

All that a batch changes is committed with the position behind it, after the store has it. After a crash the batch is
done again from the last commit: writing it twice changes nothing, and it is counted once.

A cooperative whose database refuses (a wrong credential, a database that is not there) holds up nobody else: its
messages go aside into a spool of their own, which is tried again every half minute.
"""

from __future__ import annotations

import base64
import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, TypeVar

from core.errors import RetriableError, StoreRefused
from core.intake import IntakeCommit, Spool
from core.localtime import iso_utc
from core.model.ledger import Activity
from core.ports import Clock, DeadLetter, Verdict, WriteResult
from core.retry import retried
from ingest import topics
from ingest.codecs import native_json
from ingest.counters import Counters
from ingest.lanes import Lanes, Work
from ingest.ledger import SPAN_MS, Health, Ledger, activity_of
from ingest.pipeline import NOBODY, Batch, Pipeline, Share
from ingest.ports import Ports

log = logging.getLogger("canhdong.ingest")

REFUSED_FOR_MS: Final = 30_000
TOLD_BYTES: Final = 65_536
"""So much of a dead letter's payload is published: a broker that takes 1 MiB closes the connection on more."""

T = TypeVar("T")


class Processor:
    """One slot's work; one thread calls it.

    Args:
        slot: The slot's name.
        lanes: What of the slot's spool is to be done.
        ports: Where things go.
        aside: Opens the spool of a cooperative whose database refuses.
        pipeline: What decodes and checks.
        memory: What sessions of codecs remember, by codec.
        counters: The slot's counters.
        clock: The wall clock.
        stop: Ends waiting for a store.
        span_ms: Fixes that are not further apart make one stretch for the watch of flights.
    """

    def __init__(  # noqa: PLR0917
        self,
        slot: str,
        lanes: Lanes,
        ports: Ports,
        aside: Callable[[str], Spool],
        pipeline: Pipeline,
        memory: Mapping[str, Mapping[str, str]],
        counters: Counters,
        clock: Clock,
        stop: threading.Event,
        span_ms: int = SPAN_MS,
    ) -> None:
        self.slot = slot
        self.lanes = lanes
        self._ports = ports
        self._open_aside = aside
        self._pipeline = pipeline
        self._memory = memory
        self._counters = counters
        self._clock = clock
        self._stop = stop
        self._span_ms = span_ms
        self._ledger = Ledger(ports.intake, slot)
        self._before = ports.intake.totals(slot)
        self._asides: dict[str, Lanes] = {}
        self._refused_until: dict[str, int] = {}
        self._remembered: dict[str, dict[str, str]] = {}

    @property
    def aside_bytes(self) -> dict[str, int]:
        """How much waits aside, by cooperative."""
        return {name: lanes.pending_bytes for name, lanes in self._asides.items() if lanes.pending_bytes}

    def resume(self, cooperatives: Sequence[str]) -> None:
        """Take up what an earlier process has put aside."""
        for cooperative in cooperatives:
            self._aside(cooperative)

    def step(self, limit: int) -> int:
        """Do a batch of live messages, one of old ones, and one of what waits aside; gives how many messages.

        Raises:
            Stopped: The process is to end, and a store is away.
        """
        done = 0
        now_ms = self._clock.now_ms()
        for work in (self.lanes.live(limit, now_ms), self.lanes.old(limit)):
            if work is not None:
                self._do(self.lanes, work)
                done += len(work.messages)
        for cooperative, lanes in list(self._asides.items()):
            if now_ms >= self._refused_until.get(cooperative, 0):
                work = lanes.live(limit, 0)
                if work is not None:
                    self._do(lanes, work, only=cooperative)
                    done += len(work.messages)
        return done

    # --- one batch

    def _do(self, lanes: Lanes, work: Work, only: str = "") -> None:
        batch = self._retried("the registry", lambda: self._pipeline.process(work.messages))
        self._ledger.again = work.begin < lanes.known_end
        received = [message.received_ms for message in work.messages]
        letters: list[tuple[int, DeadLetter]] = []
        activity: list[Activity] = []
        for cooperative, share in batch.shares.items():
            if only and cooperative != only:
                continue
            failures = self._counters.retries
            result = self._write(cooperative, share, batch.received_ms, aside=bool(only))
            if self._counters.retries > failures:
                self._ledger.again = True  # a write that failed may have been done, and be what is there already
            if result is None:
                if only:
                    return  # refused again: it stays where it is
                self._put_aside(cooperative, share, batch)
                continue
            verdicts = dict(result.verdicts)
            letters += share.letters + _refusals(share, result, batch, verdicts)
            self._enter(cooperative, share, verdicts, received)
            activity += activity_of(cooperative, share.samples, self._span_ms)
        self._counters.messages += len(work.messages)
        self._commit(lanes, work, letters, activity, batch.replies)

    def _write(self, cooperative: str, share: Share, received_ms: int, *, aside: bool) -> WriteResult | None:
        """Write a share; None where the store refuses the cooperative."""
        if not share.samples:
            return WriteResult()
        if not aside and self._clock.now_ms() < self._refused_until.get(cooperative, 0):
            return None

        def write() -> WriteResult | StoreRefused:
            begun_s = time.perf_counter()
            try:
                done = self._ports.telemetry.write(cooperative, share.samples, received_ms)
            except StoreRefused as error:
                return error
            self._counters.write_s += time.perf_counter() - begun_s
            self._counters.writes += 1
            return done

        result = self._retried("the store", write)
        if isinstance(result, StoreRefused):
            log.error("%s; what %s sends is kept aside and tried again", result, cooperative)
            self._refused_until[cooperative] = self._clock.now_ms() + REFUSED_FOR_MS
            return None
        return result

    def _enter(self, cooperative: str, share: Share, verdicts: Mapping[int, Verdict], received: Sequence[int]) -> None:
        counters = self._counters
        counters.rejected += share.rejected
        counters.flagged += share.flags
        if cooperative == NOBODY:
            counters.received += share.rejected.total()
            return
        counts = self._retried("the ledger", lambda: self._ledger.apply(cooperative, share, verdicts, received))
        counters.received += counts.received
        counters.stored += counts.stored
        counters.duplicates += counts.duplicates
        counters.conflicts += counts.conflicts
        counters.late += counts.late

    def _commit(
        self,
        lanes: Lanes,
        work: Work,
        letters: Sequence[tuple[int, DeadLetter]],
        activity: Sequence[Activity],
        replies: Sequence[tuple[str, bytes]],
    ) -> None:
        named = _named(lanes, work, letters)
        if named:
            self._retried("the dead letters", lambda: self._ports.dead_letters.add(named))
        lanes.finish(work)
        accounts, days, clocks, health = self._ledger.changes()
        change = IntakeCommit(
            todo={lanes.name: lanes.todo},
            at_ms=self._clock.now_ms(),
            accounts=accounts,
            days=days,
            clocks=clocks,
            activity=activity,
            memory=self._changed_memory(),
            totals=self._totals(),
            letters=[*replies, *map(_dead_letter, named), *map(_alert, health)],
        )
        self._retried("the ledger", lambda: self._ports.intake.commit(self.slot, change))
        lanes.spool.release(lanes.first)

    def _totals(self) -> dict[str, int]:
        """The slot's counters since it was made."""
        return {name: value + self._before.get(name, 0) for name, value in self._counters.totals().items()}

    def _changed_memory(self) -> dict[str, dict[str, str]]:
        changed = {name: dict(memory) for name, memory in self._memory.items() if self._remembered.get(name) != memory}
        self._remembered.update(changed)
        return changed

    # --- aside

    def _aside(self, cooperative: str) -> Lanes:
        found = self._asides.get(cooperative)
        if found is None:
            name = f"{self.lanes.name}/{cooperative}"
            spool = self._retried("the spool", lambda: self._open_aside(cooperative))
            todo = self._retried("the ledger", lambda: self._ports.intake.todo(name))
            found = self._asides[cooperative] = Lanes(name, spool, todo)
        return found

    def _put_aside(self, cooperative: str, share: Share, batch: Batch) -> None:
        places = sorted({*share.origins, *(place for place, _ in share.letters)})
        lanes = self._aside(cooperative)
        self._retried("the spool", lambda: lanes.spool.append([batch.messages[place] for place in places]))

    def close(self) -> None:
        """Let go of the spools aside."""
        for lanes in self._asides.values():
            lanes.spool.close()

    def _retried(self, what: str, action: Callable[[], T]) -> T:
        """Do it until it works, while the process is to run."""

        def note(error: RetriableError) -> None:
            self._counters.retries += 1
            log.warning("%s is away (%s); trying again", what, error)

        return retried(action, self._stop, note)


def _named(lanes: Lanes, work: Work, letters: Sequence[tuple[int, DeadLetter]]) -> list[DeadLetter]:
    """The letters in the order of their messages, each with where it comes from: the same one is kept once."""
    named: list[DeadLetter] = []
    of_place: Counter[int] = Counter()
    for place, letter in sorted(letters, key=itemgetter(0)):
        named.append(replace(letter, origin=f"{lanes.name}@{work.position(place)}.{of_place[place]}"))
        of_place[place] += 1
    return named


def _refusals(
    share: Share, result: WriteResult, batch: Batch, verdicts: dict[int, Verdict]
) -> list[tuple[int, DeadLetter]]:
    """Letters for the samples that the store itself does not take, by its own words."""
    letters: list[tuple[int, DeadLetter]] = []
    places = {id(sample): at for at, sample in enumerate(share.samples)} if result.refused else {}
    for refused in result.refused:
        at = places[id(refused.sample)]
        verdicts[at] = Verdict.REFUSED
        share.rejected[refused.reason] += 1
        message = batch.messages[share.origins[at]]
        letter = DeadLetter(
            message.received_ms, message.topic, native_json.encode([refused.sample]), refused.reason, refused.message
        )
        letters.append((share.origins[at], letter))
    return letters


def _dead_letter(letter: DeadLetter) -> tuple[str, bytes]:
    """What the platform tells of a dead letter: no more of its payload than any broker takes. The store has it all."""
    body = {
        **letter.told(),
        "payload_bytes": len(letter.payload),
        "payload_base64": base64.b64encode(letter.payload[:TOLD_BYTES]).decode(),
    }
    return topics.dead_letter_topic(letter.reason), json.dumps(body, ensure_ascii=False).encode()


def _alert(health: Health) -> tuple[str, bytes]:
    body = {
        "kind": "device-clock",
        "device": health.device,
        "state": health.state,
        "at": iso_utc(health.at_ms) if health.at_ms else None,
        "offset_s": round(health.offset_ms / 1_000.0, 3),
    }
    return topics.alerts_topic(health.cooperative), json.dumps(body).encode()
