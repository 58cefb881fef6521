"""What the processes need from the outside world. Adapters implement these; only ``cli.wiring`` chooses which.

Every method that reads or writes a cooperative's data takes the cooperative: nothing can be asked for across tenants.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

import msgspec

from core.localtime import iso_utc
from core.model.figures import Figures
from core.model.fixtable import FixTable
from core.model.samples import Event, Fix, Reading

Sample = Fix | Event | Reading


class Clock(Protocol):
    """The wall clock, so that tests need not wait."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        ...


class Verdict(StrEnum):
    """What became of a sample that was not stored as a new one."""

    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RefusedSample:
    """A sample that the store itself does not take; ``reason`` is a short stable code such as ``store-type``."""

    sample: Sample
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of the samples of one write: ``stored + duplicates + conflicts + len(refused)`` is their number.

    A duplicate has the key and the content of a sample that is there already. A conflict has its key and other content:
    it is kept beside it, never over it. Once it is kept, it is there: sent again, it is a duplicate. ``verdicts`` tells
    of each sample that is not among the stored ones what it was, by its place in the write; a sum of results has none.
    """

    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: tuple[RefusedSample, ...] = ()
    verdicts: Mapping[int, Verdict] = field(default_factory=dict, compare=False)

    def __add__(self, other: WriteResult) -> WriteResult:
        return WriteResult(
            self.stored + other.stored,
            self.duplicates + other.duplicates,
            self.conflicts + other.conflicts,
            self.refused + other.refused,
        )


class TelemetryStore(Protocol):
    """Fixes, events and readings by cooperative, device and device time."""

    def write(self, cooperative: str, samples: Sequence[Sample], received_ms: int) -> WriteResult:
        """Store samples of any devices of one cooperative; durable (fsynced) when it returns, all or nothing.

        The key of a fix is (device, ts_ms, seq, boot), of an event (device, ts_ms, kind, boot), of a reading
        (device, quantity, ts_ms).

        Raises:
            StoreUnavailable: The store did not take it; nothing was stored.
        """
        ...

    def fixes(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> FixTable:
        """Fixes with ``start_ms <= ts_ms <= end_ms`` by time, then sequence number."""
        ...

    def events(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Event]:
        """Events with ``start_ms <= ts_ms <= end_ms`` by time."""
        ...

    def readings(self, cooperative: str, device: str, start_ms: int, end_ms: int) -> list[Reading]:
        """Readings of all quantities with ``start_ms <= ts_ms <= end_ms`` by time."""
        ...

    def readings_page(  # noqa: PLR0917
        self,
        cooperative: str,
        device: str,
        quantity: str,
        start_ms: int,
        end_ms: int,
        limit: int,
        *,
        newest_first: bool = False,
    ) -> list[Reading]:
        """The first ``limit`` readings of one quantity with ``start_ms <= ts_ms <= end_ms``, in the order of time.

        Whoever wants more asks again from the millisecond after the last one on, or before it.
        """
        ...

    def count_readings(self, cooperative: str, device: str, quantity: str, start_ms: int, end_ms: int) -> int:
        """How many readings of one quantity have ``start_ms <= ts_ms <= end_ms``."""
        ...

    def latest_fixes(self, cooperative: str) -> list[Fix]:
        """The fix with the highest device time (then sequence number) of each drone, by device."""
        ...

    def latest_readings(self, cooperative: str) -> list[Reading]:
        """The reading with the highest device time of each sensor and quantity, by device and quantity."""
        ...

    def put_figures(self, name: str, rows: Sequence[Figures]) -> None:
        """Keep rows of figures of a cooperative, or of the ``platform``; one of the same tags and time is replaced.

        Raises:
            StoreUnavailable: The store did not take them.
        """
        ...

    def figures(self, name: str, measurement: str, start_ms: int, end_ms: int) -> list[Figures]:
        """Rows with ``start_ms <= ts_ms <= end_ms`` by time, then tags."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be taken in, kept whole with the reason.

    ``format`` is the codec's name; ``sender`` is ``cooperative/device`` for our own formats, the external identifier
    for foreign ones; ``replayed_ms`` is when it was published again (0: never). Of letters with the same ``origin``
    (where in which spool it stood), only the first is kept.
    """

    received_ms: int
    topic: str
    payload: bytes
    reason: str
    message: str
    number: int = 0
    format: str = ""
    sender: str = ""
    replayed_ms: int = 0
    origin: str = ""

    def told(self) -> dict[str, str | None]:
        """What it is, but for the payload, as JSON says it."""
        return {
            "received": iso_utc(self.received_ms),
            "topic": self.topic,
            "format": self.format,
            "sender": self.sender,
            "reason": self.reason,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Stranger:
    """A sender in quarantine: what it sent is kept, and creates nothing. ``topic`` is where it was last heard."""

    format: str
    sender: str
    letters: int
    first_ms: int
    last_ms: int
    topic: str


class DeadLetters(Protocol):
    """Where rejected messages are kept and read back."""

    def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep letters; durable when it returns. Raises ``StoreUnavailable``."""
        ...

    def letters(
        self, after: int = 0, limit: int = 100, *, reason: str = "", sender: str = "", pending: bool = False
    ) -> list[DeadLetter]:
        """Letters in the order of arrival, from number ``after`` (exclusive).

        Only those of a reason, of a sender, or that were not replayed yet, where asked.
        """
        ...

    def letter(self, number: int) -> DeadLetter:
        """One letter; raises ``NotFound``."""
        ...

    def strangers(self) -> list[Stranger]:
        """Senders that the registry did not know, of letters that were not replayed, the last heard first."""
        ...

    def replayed(self, numbers: Sequence[int], at_ms: int) -> None:
        """These letters were published again; a number that no letter has changes nothing."""
        ...

    def counts(self) -> dict[str, int]:
        """Letters by reason."""
        ...

    def close(self) -> None:
        """Release files and connections."""
        ...


class Message(msgspec.Struct, frozen=True, gc=False):
    """A message that the broker delivered. ``handle`` belongs to the bus; ``repeat`` is the broker's duplicate flag.

    ``retained`` says that it waited at the broker (or, where that was asked for, that it was published to be retained).
    """

    topic: str
    payload: bytes
    received_ms: int
    handle: object = None
    repeat: bool = False
    retained: bool = False
    qos: int = 1


class Delivery(Protocol):
    """A publication under way."""

    def wait(self, timeout_s: float) -> bool:
        """True as soon as the broker has acknowledged, False when the time is up."""
        ...


class MessageBus(Protocol):
    """MQTT as the processes see it: at least once, acknowledged by hand."""

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> Delivery:
        """Hand a message to the broker; blocks while too many are under way. With QoS 0 nobody acknowledges it.

        Raises:
            BrokerUnavailable: There was no connection for longer than the bus is allowed to wait.
        """
        ...

    def subscribe(
        self, filters: Sequence[str], handler: Callable[[Message], None], *, qos: int = 1, as_published: bool = False
    ) -> None:
        """Receive messages; ``handler`` runs on the bus's own thread and must not block for long.

        ``qos`` is the highest with which messages come. ``as_published`` lets ``retained`` say how a message was
        published, where the broker can tell (MQTT 5).
        """
        ...

    def acknowledge(self, *messages: Message) -> None:
        """Tell the broker that messages are safe; from any thread, once per message. Many at once cost little more."""
        ...

    @property
    def window(self) -> int:
        """How many messages the broker lets be in flight to one client, as far as that is known."""
        ...

    def close(self) -> None:
        """Disconnect, keeping the persistent session."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
