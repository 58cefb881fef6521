"""Which worker computes which drone: each one is told by all workers alike, without anybody in charge.

Workers tell every few seconds that they are there. A drone belongs to the worker for which the hash of both names is
the highest (rendezvous hashing, Thaler and Ravishankar 1998): where one goes, only its drones move.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

PRESENCE: Final = "canhdong/v1/geo/workers"
"""Where workers say that they are there; nothing is retained, so nothing has to be taken back."""
BEAT_MS: Final = 3_000
GONE_MS: Final = 12_000
"""A worker that was not heard for so long is gone: with the next fix of its drones the others have them."""


@dataclass(slots=True)
class Workers:
    """The workers that one of them knows, by name, and when each was last heard (its own wall clock)."""

    name: str
    since_ms: int
    heard: dict[str, int] = field(default_factory=dict)
    beaten_ms: int = -BEAT_MS

    def beat(self, now_ms: int) -> bytes | None:
        """What to publish now; None where it is too early."""
        if now_ms - self.beaten_ms < BEAT_MS:
            return None
        self.beaten_ms = now_ms
        return json.dumps({"worker": self.name}).encode()

    def hear(self, payload: bytes, now_ms: int) -> None:
        """Take in what a worker published; anything else is passed over."""
        try:
            body: Any = json.loads(payload)
        except (ValueError, RecursionError):
            return
        name = body.get("worker") if isinstance(body, dict) else None
        if isinstance(name, str) and 0 < len(name) < _LONGEST:
            if body.get("gone"):
                self.heard.pop(name, None)
            else:
                self.heard[name] = now_ms

    def farewell(self) -> bytes:
        """What to publish last, so that the others need not wait."""
        return json.dumps({"worker": self.name, "gone": True}).encode()

    def alive(self, now_ms: int) -> list[str]:
        """Those that are there, this one included."""
        self.heard = {name: ms for name, ms in self.heard.items() if now_ms - ms <= GONE_MS}
        return sorted({self.name, *self.heard})

    def mine(self, cooperative: str, device: str, now_ms: int) -> bool:
        """Whether a drone is this worker's; none is before it can have heard of the others."""
        if now_ms - self.since_ms < BEAT_MS + 1_000:
            return False
        return max(self.alive(now_ms), key=lambda name: _weight(name, cooperative, device)) == self.name


_LONGEST: Final = 200


def _weight(worker: str, cooperative: str, device: str) -> bytes:
    text = f"{worker}\0{cooperative}\0{device}".encode()
    return blake2b(text, digest_size=8).digest()
