"""A load on a broker and on whoever listens: many drones from several processes, with figures of how it went."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final

import numpy as np

from core.errors import BrokerUnavailable
from messaging.address import Address
from simulators.loading.fleet import Plan
from simulators.loading.worker import BIN_S, Done, Second, work

REACHED: Final = 0.98
"""What counts as having kept up: this share of the fixes that were asked for."""
_START_S: Final = 0.5
_READY_S: Final = 120.0
_LOOK_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Report:
    """How a load went; fixes, and seconds.

    Attributes:
        asked_per_s: Fixes a second that were asked for.
        offered_per_s: Fixes a second that were sent while the load lasted.
        acknowledged_per_s: Fixes a second that the broker acknowledged, until the last one.
        offered: Fixes sent.
        acknowledged: Fixes that the broker acknowledged.
        messages: Messages sent.
        unacknowledged: Messages that the broker did not acknowledge.
        p50_ms: Half of the messages were acknowledged within this time.
        p99_ms: 99 of 100 were.
        latest_s: How far behind its schedule a message was sent at worst.
        wall_s: From the start to the last acknowledgement.
        cpu_pct: CPU of each process, in percent of a core.
        faults: What went wrong.
        kept_up: Whether at least 98 % of what was asked for was sent and acknowledged in its time.
    """

    asked_per_s: float
    offered_per_s: float
    acknowledged_per_s: float
    offered: int
    acknowledged: int
    messages: int
    unacknowledged: int
    p50_ms: float
    p99_ms: float
    latest_s: float
    wall_s: float
    cpu_pct: tuple[float, ...]
    faults: tuple[str, ...]

    @property
    def kept_up(self) -> bool:
        """See above."""
        return min(self.offered_per_s, self.acknowledged_per_s) >= REACHED * self.asked_per_s


@dataclass(frozen=True, slots=True)
class Moment:
    """A second of a load: fixes a second offered and acknowledged in it, how late the latest process is, CPU in %."""

    second: int
    offered_per_s: float
    acknowledged_per_s: float
    late_s: float
    cpu_pct: tuple[float, ...]


def run_load(
    plan: Plan, address: Address, *, stop: threading.Event, progress: Callable[[Moment], None] = lambda _: None
) -> Report:
    """Send a load, each process over a connection of its own.

    Args:
        plan: What to send.
        address: The broker.
        stop: Ends it early; what was sent until then is still waited for.
        progress: Called every second.

    Raises:
        BrokerUnavailable: A process cannot connect.
    """
    context = multiprocessing.get_context("spawn")
    pipes: list[Connection] = []
    workers: list[SpawnProcess] = []
    try:
        for number in range(plan.processes):
            ours, theirs = context.Pipe()
            worker = context.Process(target=work, args=(plan, number, address, theirs), name=f"load-{number}")
            worker.start()
            theirs.close()
            pipes.append(ours)
            workers.append(worker)
        _await_ready(pipes)
        start_ms = round((time.time() + _START_S) * 1000.0)
        for pipe in pipes:
            pipe.send(start_ms)
        done = _Watch(plan, stop, progress).over(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for worker in workers:
            worker.join(5.0)
            if worker.is_alive():
                worker.kill()
                worker.join()
    return _report(plan, done, stopped=stop.is_set())


def _await_ready(pipes: Sequence[Connection]) -> None:
    until_s = time.monotonic() + _READY_S
    for pipe in pipes:
        if not pipe.poll(max(until_s - time.monotonic(), 0.0)):
            raise BrokerUnavailable(f"a process of the load was not ready within {_READY_S:.0f} s")
        try:
            said = pipe.recv()
        except EOFError:
            raise BrokerUnavailable("a process of the load ended before it was ready") from None
        if isinstance(said, Done):
            raise BrokerUnavailable(said.fault)


class _Watch:
    """Gathers what the processes say until all are done."""

    def __init__(self, plan: Plan, stop: threading.Event, progress: Callable[[Moment], None]) -> None:
        self._plan = plan
        self._stop = stop
        self._progress = progress
        self._seconds: dict[int, dict[int, Second]] = {}
        self._before = {n: Second(n, 0, 0.0, 0, 0, 0.0, 0.0) for n in range(plan.processes)}

    def over(self, pipes: Sequence[Connection]) -> list[Done]:
        """Watch until the end."""
        done: dict[int, Done] = {}
        left, asked = list(pipes), False
        while left:
            heard = wait(left, _LOOK_S)
            for pipe in [pipe for pipe in left if pipe in heard]:
                said = self._said(pipe)
                if isinstance(said, Second):
                    self._second(said)
                    continue
                left.remove(pipe)
                if isinstance(said, Done):
                    done[said.process] = said
            if self._stop.is_set() and not asked:
                asked = True
                _ask_to_stop(left)
        gone = [n for n in range(self._plan.processes) if n not in done]
        return [*done.values(), *(_dead(self._before[n]) for n in gone)]

    @staticmethod
    def _said(pipe: Any) -> Any:
        try:
            return pipe.recv()
        except (EOFError, OSError):
            return None

    def _second(self, said: Second) -> None:
        """Tell of a second as soon as every process has told of it."""
        all_of_it = self._seconds.setdefault(said.number, {})
        all_of_it[said.process] = said
        if len(all_of_it) < self._plan.processes:
            return
        del self._seconds[said.number]
        pairs = [(self._before[n], all_of_it[n]) for n in sorted(all_of_it)]
        spans = [max(now.at_s - then.at_s, 1e-3) for then, now in pairs]
        each = list(zip(pairs, spans, strict=True))
        self._progress(
            Moment(
                said.number,
                self._plan.batch * sum((now.sent - then.sent) / s for (then, now), s in each),
                self._plan.batch * sum((now.acknowledged - then.acknowledged) / s for (then, now), s in each),
                max(now.late_s for _, now in pairs),
                tuple(100.0 * (now.cpu_s - then.cpu_s) / s for (then, now), s in each),
            )
        )
        self._before = all_of_it


def _dead(last: Second) -> Done:
    """What is known of a process that ended without a word."""
    words = "the process has died"
    return Done(
        last.process, last.sent, last.acknowledged, last.late_s, last.at_s, last.at_s, last.cpu_s, ([], []), words
    )


def _ask_to_stop(pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        try:
            pipe.send(None)
        except OSError:
            continue


def _report(plan: Plan, done: Sequence[Done], *, stopped: bool) -> Report:
    sent, acknowledged = sum(d.sent for d in done), sum(d.acknowledged for d in done)
    wall_s = max((d.wall_s for d in done), default=0.0)
    sending_s = max((d.sending_s for d in done), default=0.0)
    lasted_s = max(sending_s, 1e-3 if stopped else plan.seconds)
    p50_ms, p99_ms = _percentiles(done, (0.5, 0.99))
    return Report(
        asked_per_s=plan.per_s,
        offered_per_s=sent * plan.batch / lasted_s,
        acknowledged_per_s=acknowledged * plan.batch / max(wall_s, lasted_s),
        offered=sent * plan.batch,
        acknowledged=acknowledged * plan.batch,
        messages=sent,
        unacknowledged=sent - acknowledged,
        p50_ms=p50_ms,
        p99_ms=p99_ms,
        latest_s=max((d.latest_s for d in done), default=0.0),
        wall_s=wall_s,
        cpu_pct=tuple(100.0 * d.cpu_s / max(d.wall_s, 1e-3) for d in sorted(done, key=lambda d: d.process)),
        faults=tuple(f"process {d.process}: {d.fault}" for d in done if d.fault),
    )


def _percentiles(done: Sequence[Done], shares: Sequence[float]) -> list[float]:
    """Latencies in ms that these shares of all messages do not exceed; NaN where there are none."""
    bins = np.array([b for d in done for b in d.latencies[0]], np.int64)
    counts = np.array([c for d in done for c in d.latencies[1]], np.int64)
    if not len(bins):
        return [float("nan")] * len(shares)
    order = np.argsort(bins, kind="stable")
    reached = np.cumsum(counts[order])
    at = [int(np.searchsorted(reached, share * reached[-1])) for share in shares]
    return [float((bins[order][min(i, len(order) - 1)] + 1) * BIN_S * 1000.0) for i in at]
