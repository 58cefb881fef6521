"""The live part of the geo process: follows the drones that are its own, and tells what they have covered.

What it tells is provisional: a message that gets lost, or a worker that dies, costs a few seconds of a picture. The
figures that count come from the store when the flight has closed.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from core.errors import BrokerUnavailable, CanhdongError, PayloadError, RetriableError
from core.live import LiveFeed, LiveSample
from core.ports import Clock, Message, MessageBus
from geo.live.drone import LiveDrone, Told
from geo.live.keeping import AlertKeeper
from geo.live.sharing import PRESENCE, Workers
from geo.live.surveyor import Surveyor
from geo.live.telling import alert_message
from geo.service import parse_closed, summary

log = logging.getLogger("canhdong.geo.live")

CLOSED: Final = "canhdong/v1/+/flights/closed"
PACE_MS: Final = 1_000
"""A drone's coverage is told at most so often."""
SILENT_MS: Final = 600_000
"""A drone that was not heard for so long by the wall clock is forgotten; its flight will have closed."""
_POLL_S: Final = 0.2
Key = tuple[str, str]


@dataclass(slots=True)
class LiveCounters:
    """What the live part did so far."""

    samples: int = 0
    lost: int = 0
    told: int = 0
    alerts: int = 0
    failed: int = 0


@dataclass(slots=True)
class _Followed:
    drone: LiveDrone
    heard_ms: int
    told_ms: int = -PACE_MS
    changed: bool = True


@dataclass(slots=True)
class LiveWorker:
    """Follows flying drones. Made once per process; :meth:`run` blocks.

    Args:
        name: Of this worker, another one for each.
        bus: A connection without a session: to tell, and to hear of closed flights and other workers.
        feed: Fixes and events of flying drones.
        surveyor: What is around them.
        clock: The wall clock.
        keeper: Keeps the alerts that are told; None: nobody does.
    """

    name: str
    bus: MessageBus
    feed: LiveFeed
    surveyor: Surveyor
    clock: Clock
    keeper: AlertKeeper | None = None
    counters: LiveCounters = field(default_factory=LiveCounters)
    drones: dict[Key, _Followed] = field(default_factory=dict)
    _heard: queue.SimpleQueue[Message] = field(default_factory=queue.SimpleQueue)
    _workers: Workers = field(init=False)

    def __post_init__(self) -> None:
        """It has just come, and has heard of no other worker."""
        self._workers = Workers(self.name, self.clock.now_ms())

    def start(self) -> None:
        """Subscribe, and say that it is there. Raises ``BrokerUnavailable``."""
        self.bus.subscribe((CLOSED, PRESENCE), self._heard.put, qos=0)

    def run(self, stop: threading.Event) -> None:
        """Follow drones until ``stop`` is set; whatever fails is counted, and the next second is another one."""
        while not stop.is_set():
            try:
                self.step(_POLL_S)
            except RetriableError as error:
                self.counters.failed += 1
                log.warning("live coverage pauses: %s", error)
                stop.wait(_POLL_S)
            except Exception:
                self.counters.failed += 1
                log.exception("live coverage lost a second")
                stop.wait(_POLL_S)
        self.leave()

    def leave(self) -> None:
        """Say that it goes, so that another takes its drones at once."""
        self._publish(PRESENCE, self._workers.farewell(), qos=0)
        if self.keeper is not None:
            self.keeper.flush(self.clock.now_ms())
        log.info("live: %s", self.counters)

    def step(self, timeout_s: float) -> None:
        """Hear what there is, compute, and tell."""
        workers = self._workers
        now_ms = self.clock.now_ms()
        beat = workers.beat(now_ms)
        if beat is not None:
            self._publish(PRESENCE, beat, qos=0)
        self._listen(workers, now_ms)

        def wanted(cooperative: str, device: str) -> bool:
            return workers.mine(cooperative, device, now_ms)

        for cooperative, samples in self.feed.take(timeout_s, wanted).items():
            by_device: defaultdict[str, list[LiveSample]] = defaultdict(list)
            for sample in samples:
                by_device[sample.device].append(sample)
            for device, mine in by_device.items():
                self._follow((cooperative, device), mine)
        for key in [k for k, f in self.drones.items() if not wanted(*k) or now_ms - f.heard_ms > SILENT_MS]:
            self._forget(key)
        self._tell_all(self.clock.now_ms())
        if self.keeper is not None:
            self.keeper.flush(self.clock.now_ms())

    def _listen(self, workers: Workers, now_ms: int) -> None:
        while True:
            try:
                message = self._heard.get_nowait()
            except queue.Empty:
                return
            if message.topic == PRESENCE:
                workers.hear(message.payload, now_ms)
                continue
            try:
                window = parse_closed(message)
            except PayloadError:
                continue
            followed = self.drones.get((window.cooperative, window.device))
            if followed is not None and followed.drone.last_ms <= window.end_ms:
                self._forget((window.cooperative, window.device))

    def _follow(self, key: Key, samples: Sequence[LiveSample]) -> None:
        followed = self.drones.get(key)
        if followed is None:
            followed = self.drones[key] = _Followed(LiveDrone(*key, self.surveyor), self.clock.now_ms())
        followed.heard_ms, followed.changed = self.clock.now_ms(), True
        self.counters.samples += len(samples)
        try:
            self._alert(key, followed.drone.take(samples))
        except CanhdongError as error:
            self.counters.lost += len(samples)
            self.drones.pop(key)
            log.warning("%s of %s: %d live samples lost (%s)", key[1], key[0], len(samples), error)

    def _forget(self, key: Key) -> None:
        self._alert(key, self.drones.pop(key).drone.end())

    def _tell_all(self, now_ms: int) -> None:
        for (cooperative, device), followed in self.drones.items():
            if not followed.changed or now_ms - followed.told_ms < PACE_MS:
                continue
            followed.changed, followed.told_ms = False, now_ms
            found = followed.drone.figures()
            followed.drone.settle()
            if found is None:
                continue
            body = {**summary(*found), "live": True, "ts": followed.drone.last_ms}
            topic = f"canhdong/v1/{cooperative}/drones/{device}/coverage"
            self._publish(topic, json.dumps(body).encode(), qos=0)
            self.counters.told += 1

    def _alert(self, key: Key, alerts: Sequence[Told]) -> None:
        cooperative, device = key
        for flight, alert in alerts:
            payload = alert_message(cooperative, device, flight, alert)
            self._publish(f"canhdong/v1/{cooperative}/alerts", payload, qos=1)
            self.counters.alerts += 1
            if self.keeper is not None:
                self.keeper.take(cooperative, device, flight, alert)

    def _publish(self, topic: str, payload: bytes, *, qos: int) -> None:
        try:
            self.bus.publish(topic, payload, qos=qos)
        except BrokerUnavailable as error:
            self.counters.lost += 1
            log.warning("%s is not told (%s)", topic, error)
