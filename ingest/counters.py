"""What became of everything that came in: ``received = stored + duplicates + conflicts + rejected``, in samples."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields


@dataclass(slots=True)
class Counters:
    """Samples since the start; a message that cannot be read counts as one sample.

    Each slot has its own, which only its worker changes, a batch at a time, when all of it is durable.
    ``rejected`` is by reason (each kept as a dead letter), ``flagged`` by kind (stored all the same), ``late`` those
    that came more than a minute after their device time, ``closed`` the closed flights told to geo, ``retries`` how
    often a store or the broker was away. ``writes`` to the store took ``write_s`` seconds together.
    """

    messages: int = 0
    received: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    late: int = 0
    closed: int = 0
    retries: int = 0
    writes: int = 0
    write_s: float = 0.0

    @property
    def balanced(self) -> bool:
        """Whether every sample that came in is accounted for (true between batches)."""
        return self.received == self.stored + self.duplicates + self.conflicts + self.rejected.total()

    def __add__(self, other: Counters) -> Counters:
        return Counters(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})

    def totals(self) -> dict[str, int]:
        """The counters as plain numbers."""
        names = ("messages", "received", "stored", "duplicates", "conflicts", "late")
        return {name: getattr(self, name) for name in names} | {"rejected": self.rejected.total()}

    def line(self) -> str:
        """One line for the log."""
        parts = [f"{name}={getattr(self, name)}" for name in ("messages", "received", "stored", "duplicates")]
        parts += [f"conflicts={self.conflicts}", f"rejected={self.rejected.total()}{_by(self.rejected)}"]
        parts += [f"flagged={self.flagged.total()}{_by(self.flagged)}"]
        return " ".join([*parts, f"flights_closed={self.closed}", f"retries={self.retries}"])


def _by(counts: Counter[str]) -> str:
    return f" ({', '.join(f'{name} {n}' for name, n in sorted(counts.items()))})" if counts else ""
