"""Answers of the broker, matched with those who wait for them, whichever of the two comes first."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from core.errors import BrokerUnavailable

REFUSED = 0x80
"""MQTT 5 reason codes from here on say no; in a SUBACK of 3.1.1 it is the only code that does."""


@dataclass(slots=True)
class Pending:
    """One packet under way; implements :class:`core.ports.Delivery`."""

    what: str
    _done: threading.Event = field(default_factory=threading.Event)
    _reasons: tuple[tuple[int, str], ...] = ()

    def wait(self, timeout_s: float) -> bool:
        """True as soon as the broker has acknowledged, False when the time is up.

        Raises:
            BrokerUnavailable: The broker answered with a refusal.
        """
        if not self._done.wait(timeout_s):
            return False
        for code, words in self._reasons:
            if code >= REFUSED:
                raise BrokerUnavailable(f"the broker refused {self.what}: {words}")
        return True

    def settle(self, reasons: tuple[tuple[int, str], ...]) -> None:
        """Note the broker's answer."""
        self._reasons = reasons
        self._done.set()


class Settlements:
    """Packets by their identifier. An answer may come before the identifier of its packet is known to us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[int, Pending] = {}
        self._early: dict[int, tuple[tuple[int, str], ...]] = {}

    def expect(self, packet: int, pending: Pending) -> None:
        """Name the packet that somebody waits for."""
        with self._lock:
            if packet not in self._early:
                self._waiting[packet] = pending
                return
            reasons = self._early.pop(packet)
        pending.settle(reasons)

    def settle(self, packet: int, reasons: tuple[tuple[int, str], ...]) -> None:
        """Hand over the broker's answer; reason codes with their words."""
        with self._lock:
            pending = self._waiting.pop(packet, None)
            if pending is None:
                self._early[packet] = reasons
                return
        pending.settle(reasons)
