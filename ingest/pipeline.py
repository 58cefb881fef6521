"""From messages to checked samples: nothing here writes or waits for anything but the registry's answers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.errors import PayloadError
from core.ports import DeadLetter, Message, Sample
from ingest import topics
from ingest.codec import Decoded
from ingest.codecs import native_json
from ingest.validate import Identity, Limits


@dataclass(slots=True)
class Batch:
    """What a batch of messages came to: samples by cooperative, letters for what was refused, and the counts.

    ``received = samples + rejected``. ``received_ms`` is when the batch's last message came in.
    """

    samples: defaultdict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))
    letters: list[DeadLetter] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    flagged: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    received: int = 0
    received_ms: int = 0


@dataclass(frozen=True, slots=True)
class _Refused:
    """One row that is not taken in."""

    place: int
    reason: str
    message: str


class Pipeline:
    """Decodes and checks batches of messages."""

    def __init__(self, identity: Identity, limits: Limits) -> None:
        self._identity = identity
        self._limits = limits

    def process(self, messages: Sequence[Message]) -> Batch:
        """Decode and check every message, each on its own: a bad one never touches the others.

        Raises:
            StoreUnavailable: The registry could not be asked; nothing has come of any of the messages yet.
        """
        batch = Batch(messages=len(messages))
        for message in messages:
            batch.received_ms = max(batch.received_ms, message.received_ms)
            try:
                address = topics.parse(message.topic)
                decoded = native_json.decode(message.topic, message.payload)
            except PayloadError as error:
                batch.received += 1
                batch.rejected[error.reason] += 1
                batch.letters.append(_letter(message, message.payload, error.reason, str(error)))
                continue
            rows = len(decoded.samples) + len(decoded.faults)
            batch.received += rows
            try:
                self._identity.check(address)
            except PayloadError as error:
                batch.rejected[error.reason] += rows
                batch.letters.append(_letter(message, message.payload, error.reason, str(error)))
                continue
            self._take(batch, message, address.cooperative, decoded)
        return batch

    def _take(self, batch: Batch, message: Message, cooperative: str, decoded: Decoded) -> None:
        refused = [_Refused(f.index, f.reason, f.message) for f in decoded.faults]
        kept = batch.samples[cooperative]
        before = len(kept)
        for sample, place in zip(decoded.samples, decoded.places, strict=True):
            try:
                self._limits.check(sample, message.received_ms)
            except PayloadError as error:
                refused.append(_Refused(place, error.reason, str(error)))
                continue
            self._limits.flag(sample, batch.flagged)
            kept.append(sample)
        if decoded.unknown:
            batch.flagged["unknown-field"] += decoded.unknown
        if refused:
            _refuse(batch, message, refused, whole=len(kept) == before)


def _refuse(batch: Batch, message: Message, refused: list[_Refused], *, whole: bool) -> None:
    """Keep the message itself where nothing of it was good, else each refused row."""
    batch.rejected.update(r.reason for r in refused)
    if whole:
        first = refused[0]
        words = first.message if len(refused) == 1 else f"{first.message} (and {len(refused) - 1} more rows)"
        batch.letters.append(_letter(message, message.payload, first.reason, words))
        return
    rows = native_json.row_payloads(message.payload, [r.place for r in refused])
    for r, row in zip(refused, rows, strict=True):
        batch.letters.append(_letter(message, row, r.reason, f"row {r.place}: {r.message}"))


def _letter(message: Message, payload: bytes, reason: str, words: str) -> DeadLetter:
    return DeadLetter(message.received_ms, message.topic, payload, reason, words)
