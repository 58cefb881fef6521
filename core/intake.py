"""The ports of ingest's own memory: the spool between the broker and the stores, the ledger, the outbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from core.model.ledger import Account, Activity, DayAccount, DeviceClock
from core.ports import Message


@dataclass(frozen=True, slots=True)
class SpoolBatch:
    """Messages of a spool, and the position behind them.

    ``groups`` are the positions where groups begin, each with the place of its first message.
    """

    messages: list[Message]
    position: int
    groups: list[tuple[int, int]]


class Spool(Protocol):
    """A durable queue of messages between the broker and the stores. Positions only grow, over restarts too."""

    def append(self, messages: Sequence[Message]) -> int:
        """Keep messages behind all others; on the disk (fsynced) when it returns. Gives the position behind them.

        Raises:
            SpoolFull: The limit is reached or the disk is full; nothing was kept.
            StoreUnavailable: The disk does not work; nothing was kept.
        """
        ...

    def read(self, position: int, limit: int, *, until: int = -1, span_ms: int = 1_000) -> SpoolBatch:
        """The messages from a position on, before the position ``until`` (−1: to the end).

        At least one group where there is one; none more when ``limit`` messages are there, or when it was received
        more than ``span_ms`` after the first.
        """
        ...

    def release(self, position: int) -> None:
        """Everything before the position is done and may be deleted."""
        ...

    def advance(self, position: int) -> None:
        """What is appended stands at the position or behind it: it was processed, whatever became of the files."""
        ...

    @property
    def first(self) -> int:
        """The position of the oldest byte that is kept."""
        ...

    @property
    def end(self) -> int:
        """The position behind the newest message."""
        ...

    @property
    def depth_bytes(self) -> int:
        """How much is kept on the disk, in bytes."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...


Range = tuple[int, int]
"""A stretch of a spool: the position of its begin and of its end; the end is −1 for "and all that comes"."""


class IntakeCommit(msgspec.Struct, kw_only=True):
    """What a batch came to, kept in one piece with what of its spool (by name) is still to be processed.

    ``memory`` is what sessions of codecs must not forget: codec, then text to text. ``totals`` are the slot's counters,
    ``letters`` messages (topic, payload) for the outbox; ``at_ms`` is the time of the commit.
    """

    todo: Mapping[str, Sequence[Range]]
    at_ms: int = 0
    accounts: Sequence[Account] = ()
    days: Sequence[DayAccount] = ()
    clocks: Sequence[DeviceClock] = ()
    activity: Sequence[Activity] = ()
    memory: Mapping[str, Mapping[str, str]] = {}
    totals: Mapping[str, int] = {}
    letters: Sequence[tuple[str, bytes]] = ()


class AccountSource(Protocol):
    """Where geo asks what the ledger knows of a device."""

    def of(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> Sequence[Account]:
        """Pages of the device's boots that have a sample between two device times, both included, merged by boot.

        Raises:
            StoreUnavailable: The ledger is there but does not answer.
        """
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class IntakeStore(Protocol):
    """Where ingest keeps the ledger, and how far each slot has come.

    Every method raises ``StoreUnavailable`` where the store does not answer.
    """

    def todo(self, spool: str) -> list[Range]:
        """What of a spool is still to be processed, the last without an end; at first ``[(0, -1)]``."""
        ...

    def totals(self, slot: str) -> dict[str, int]:
        """The slot's counters since it was made."""
        ...

    def slots(self) -> list[str]:
        """All slots that ever committed, by name."""
        ...

    def memory(self, codec: str) -> dict[str, str]:
        """What sessions of a codec had to remember."""
        ...

    def account(self, slot: str, cooperative: str, device: str, boot: str) -> Account | None:
        """The slot's page of a boot."""
        ...

    def day(self, slot: str, cooperative: str, device: str, day: str) -> DayAccount | None:
        """The slot's page of a device's day."""
        ...

    def clock(self, cooperative: str, device: str) -> DeviceClock | None:
        """What is known of a device's clock."""
        ...

    def commit(self, slot: str, change: IntakeCommit) -> None:
        """Keep all of it, or nothing; durable when it returns."""
        ...

    def accounts(self, cooperative: str, device: str = "", since_ms: int = 0) -> list[Account]:
        """Pages of all slots, merged by boot: by device and first device time; those heard of since a time only."""
        ...

    def days(self, cooperative: str, first_day: str, last_day: str) -> list[DayAccount]:
        """Pages of all slots, added up by device and day."""
        ...

    def days_since(self, cooperative: str, since_ms: int) -> list[str]:
        """The days of which a page was committed since a time."""
        ...

    def clocks(self, cooperative: str) -> list[DeviceClock]:
        """The clocks of a cooperative's devices, by device."""
        ...

    def activity(self, limit: int) -> list[tuple[int, Activity]]:
        """What no one has watched for ends of flights yet, in order, each with its number."""
        ...

    def watched(self, up_to: int, letters: Sequence[tuple[str, bytes]]) -> None:
        """Activity up to a number is done with, and has led to these messages (topic, payload): kept until sent."""
        ...

    def outbox(self, limit: int) -> list[tuple[int, str, bytes]]:
        """Messages (number, topic, payload) that wait to be published, in order."""
        ...

    def sent(self, numbers: Sequence[int]) -> None:
        """These messages are with the broker."""
        ...

    def lease(self, name: str) -> bool:
        """Whether this object holds a lease, taken now where it is free; held until ``close`` or the process's end."""
        ...

    def free(self, name: str) -> bool:
        """Whether nobody holds a lease, as of now."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...
