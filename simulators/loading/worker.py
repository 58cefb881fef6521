"""One process of a load: sends the messages of its drones when they are due, and hears what is acknowledged."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

import msgspec
import numpy as np

from core.errors import BrokerUnavailable, CanhdongError
from core.lifetime import die_with_parent
from core.model.fixtable import Floats, Ints
from messaging.address import Address
from simulators.loading.fleet import LoadFleet, Plan
from simulators.loading.link import LoadLink

BIN_S: Final = 1e-4
"""Latencies are counted in bins of a tenth of a millisecond ..."""
BINS: Final = 600_001
"""... up to a minute."""
ACK_TIMEOUT_S: Final = 30.0
_UNDER_WAY: Final = 20_000
_STEP_S: Final = 0.02
_MOST_GROUP: Final = 2_000
_LOOK_S: Final = 0.1
_TINY_S: Final = 1e-6
_GRACE_S: Final = 1.0
"""For so long what was due before the end is still sent after it."""
_IDS: Final = 65_536


class Second(msgspec.Struct, frozen=True, gc=False):
    """How far a process is: messages sent and acknowledged so far, how late the newest was, CPU seconds used.

    ``number`` counts the seconds from 1, ``at_s`` is when it was told, both from the start of the load.
    """

    process: int
    number: int
    at_s: float
    sent: int
    acknowledged: int
    late_s: float
    cpu_s: float


class Done(msgspec.Struct, frozen=True, gc=False):
    """What a process did: messages; times from the start to the last message sent and to the last acknowledgement.

    ``latest_s`` is how far behind its schedule a message was sent at worst, ``latencies`` the bins (:data:`BIN_S`) and
    how many messages were acknowledged within each; ``fault`` says why it ended early.
    """

    process: int
    sent: int
    acknowledged: int
    latest_s: float
    sending_s: float
    wall_s: float
    cpu_s: float
    latencies: tuple[list[int], list[int]]
    fault: str = ""


def work(plan: Plan, process: int, address: Address, pipe: Connection) -> None:
    """Run in a process of its own: say ``ready``, take the start time from the pipe, send, tell, end.

    Through the pipe go: ``True`` when it is connected; from the other side the start (ms since 1970), later anything
    to end early; then a :class:`Second` a second, and one :class:`Done`.
    """
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, and it tells us
    sender = Sender(plan, process)
    try:
        link = LoadLink(address, f"canhdong-load-{os.getppid()}-{process}")
    except CanhdongError as error:
        pipe.send(sender.done(str(error)))
        return
    fault = ""
    try:
        pipe.send(True)  # noqa: FBT003
        start_ms: int = pipe.recv()
        fault = sender.run(link, start_ms, pipe.poll, pipe.send)
    except BrokerUnavailable as error:
        fault = str(error)
    except EOFError:
        fault = "the command is gone"
    finally:
        link.close()
    pipe.send(sender.done(fault))


class Sender:
    """Sends a process's share of a plan.

    Args:
        plan: The load.
        process: Which share.
        patience_s: How long it waits at the end for what is not acknowledged.
    """

    def __init__(self, plan: Plan, process: int, patience_s: float = ACK_TIMEOUT_S) -> None:
        self._plan = plan
        self._patience_s = patience_s
        self._process = process
        self._drones = plan.share(process)
        self._began_s = self._last_s = 0.0
        self._cpu_s = time.process_time()
        self._next_id = 1
        self._sent_s: Floats = np.zeros(_IDS)
        self._open = np.zeros(_IDS, np.bool_)
        self._latencies: Ints = np.zeros(BINS, np.int64)
        self._sent = self._acknowledged = 0
        self._late_s = self._latest_s = self._sending_s = 0.0

    def run(self, link: LoadLink, start_ms: int, stopped: Callable[[], bool], tell: Callable[[Second], None]) -> str:
        """Send until the plan's time is over, then wait for what is not acknowledged yet; gives what went wrong.

        Raises:
            BrokerUnavailable: The connection is gone.
        """
        groups = _groups(self._plan, len(self._drones))
        fleet = LoadFleet(self._plan, self._drones, start_ms, groups)
        step_s = fleet.period_s / groups
        time.sleep(max(0.0, start_ms / 1000.0 - time.time()))
        self._began_s = self._last_s = time.perf_counter()
        told, number = 1, 0
        while True:
            now_s = time.perf_counter() - self._began_s
            if now_s >= told:
                tell(self._second(told, now_s))
                told = int(now_s) + 1
                if stopped():
                    break
            due_s = number * step_s
            if due_s >= self._plan.seconds - _TINY_S or now_s >= self._plan.seconds + _GRACE_S:
                break
            turn, group = divmod(number, groups)
            room = self._sent - self._acknowledged + fleet.size(group) <= _UNDER_WAY
            if link.idle and room and now_s >= due_s:
                self._hand_over(link, fleet, group, turn, now_s - due_s)
                number += 1
                self._hear(link.wait(0.0))
                continue
            wait_s = due_s - now_s if link.idle and room else _LOOK_S
            self._hear(link.wait(min(wait_s, _LOOK_S)))
        fault = self._finish(link)
        tell(self._second(told, time.perf_counter() - self._began_s))
        return fault

    def done(self, fault: str) -> Done:
        """What was done."""
        bins = np.flatnonzero(self._latencies)
        return Done(
            self._process,
            self._sent,
            self._acknowledged,
            self._latest_s,
            self._sending_s,
            self._last_s - self._began_s,
            time.process_time() - self._cpu_s,
            (bins.tolist(), self._latencies[bins].tolist()),
            fault,
        )

    def _hand_over(self, link: LoadLink, fleet: LoadFleet, group: int, turn: int, late_s: float) -> None:
        size = fleet.size(group)
        packets = fleet.packets(group, turn, self._next_id)
        ids = (self._next_id - 1 + np.arange(size)) % (_IDS - 1) + 1
        self._next_id = (self._next_id - 1 + size) % (_IDS - 1) + 1
        self._open[ids] = True
        self._sent_s[ids] = time.perf_counter()
        self._sent += size
        self._late_s = late_s
        self._latest_s = max(self._latest_s, late_s)
        link.hand_over(packets)
        self._sending_s = time.perf_counter() - self._began_s

    def _hear(self, ids: Ints) -> None:
        if not len(ids):
            return
        ids = ids[self._open[ids]]
        self._open[ids] = False
        self._last_s = time.perf_counter()
        bins = np.minimum(((self._last_s - self._sent_s[ids]) / BIN_S).astype(np.int64), BINS - 1)
        np.add.at(self._latencies, bins, 1)
        self._acknowledged += len(ids)

    def _finish(self, link: LoadLink) -> str:
        until_s = time.perf_counter() + self._patience_s
        while not link.idle or self._acknowledged < self._sent:
            if time.perf_counter() > until_s:
                left = self._sent - self._acknowledged
                return f"{left} messages were not acknowledged within {self._patience_s:g} s"
            self._hear(link.wait(_LOOK_S))
        return ""

    def _second(self, number: int, at_s: float) -> Second:
        used_s = time.process_time() - self._cpu_s
        return Second(self._process, number, at_s, self._sent, self._acknowledged, self._late_s, used_s)


def _groups(plan: Plan, drones: int) -> int:
    """So many groups that one is sent every 20 ms, and none is larger than a broker's window likes."""
    period_s = plan.batch / plan.rate_hz
    return min(drones, max(round(period_s / _STEP_S), -(-drones // _MOST_GROUP), 1))
