"""From messages to checked samples: nothing here writes or waits for anything but the registry's answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from core.errors import PayloadError
from core.ports import DeadLetter, Message, Sample
from ingest import codecs, topics
from ingest.codec import Decoded
from ingest.dispatch import Dispatch
from ingest.validate import Identity, Limits, Refused

NOBODY = ""
"""The share of what belongs to no cooperative that we know."""


class Rejection(msgspec.Struct, frozen=True, gc=False):
    """A row of a known device that was not taken in; ``sample`` where it could be read at all."""

    device: str
    reason: str
    received_ms: int
    sample: Sample | None = None


class Share(msgspec.Struct):
    """One cooperative's part of a batch: ``received = samples + rejected`` rows.

    ``origins[i]`` is the place of the message that ``samples[i]`` came with; ``flagged`` are places of odd samples.
    """

    samples: list[Sample] = []
    origins: list[int] = []
    flagged: list[int] = []
    rejections: list[Rejection] = []
    letters: list[tuple[int, DeadLetter]] = []
    flags: Counter[str] = msgspec.field(default_factory=Counter)
    rejected: Counter[str] = msgspec.field(default_factory=Counter)


class Batch(msgspec.Struct):
    """What a batch of messages came to. ``received_ms`` is when its last message came in."""

    messages: Sequence[Message]
    shares: dict[str, Share] = {}
    replies: list[tuple[str, bytes]] = []
    received_ms: int = 0

    def share(self, cooperative: str) -> Share:
        """A cooperative's part, made where it is missing."""
        found = self.shares.get(cooperative)
        if found is None:
            found = self.shares[cooperative] = Share()
        return found


class Pipeline:
    """Decodes and checks batches of messages."""

    def __init__(self, dispatch: Dispatch, identity: Identity, limits: Limits) -> None:
        self._dispatch = dispatch
        self._identity = identity
        self._limits = limits
        self._foreign: dict[str, bool] = {}

    def process(self, messages: Sequence[Message]) -> Batch:
        """Decode and check every message, each on its own: a bad one never touches the others.

        Raises:
            StoreUnavailable: The registry could not be asked; nothing has come of any of the messages yet.
        """
        batch = Batch(messages)
        for place, message in enumerate(messages):
            batch.received_ms = max(batch.received_ms, message.received_ms)
            name = ""
            try:
                name, decoder = self._dispatch.find(message.topic, message.payload)
                decoded = decoder.decode(message.topic, message.payload, message.received_ms)
            except PayloadError as error:
                self._unreadable(batch, place, name, error)
                continue
            if decoded.replies:
                batch.replies += decoded.replies
            if self._is_foreign(name):
                self._foreign_message(batch, place, name, decoded)
            else:
                self._own_message(batch, place, name, decoded)
        return batch

    def _is_foreign(self, name: str) -> bool:
        known = self._foreign.get(name)
        if known is None:
            known = self._foreign[name] = bool(codecs.codec(name).FOREIGN)
        return known

    def _unreadable(self, batch: Batch, place: int, name: str, error: PayloadError) -> None:
        """Keep a message of which nothing could be read; it counts as one row of the device, if that is a known one."""
        message = batch.messages[place]
        cooperative, device = NOBODY, ""
        try:
            address = topics.parse(message.topic)
            self._identity.check(address)
            cooperative, device = address.cooperative, address.device
        except PayloadError:
            pass
        share = batch.share(cooperative)
        share.rejected[error.reason] += 1
        if device:
            share.rejections.append(Rejection(device, error.reason, message.received_ms))
        sender = _sender(message.topic)
        share.letters.append((place, _letter(message, message.payload, error.reason, str(error), name, sender)))

    def _own_message(self, batch: Batch, place: int, name: str, decoded: Decoded) -> None:
        message = batch.messages[place]
        address = topics.parse(message.topic)
        try:
            self._identity.check(address)
        except PayloadError as error:
            sender = f"{address.cooperative}/{address.device}"
            _unknown(batch, place, len(decoded.samples) + len(decoded.faults), error, name, sender)
            return
        self._take(batch, place, address.cooperative, name, decoded, decoded.samples)

    def _foreign_message(self, batch: Batch, place: int, name: str, decoded: Decoded) -> None:
        """Put the platform's devices in the place of foreign identifiers, and split by who owns them."""
        owned: dict[str, tuple[list[Sample], list[int]]] = {}
        strangers: dict[str, tuple[int, PayloadError]] = {}
        for sample, row in zip(decoded.samples, decoded.places, strict=True):
            try:
                owner = self._identity.owner(name, sample.device, sample.ts_ms)
            except PayloadError as error:
                known = strangers.get(sample.device)
                strangers[sample.device] = (known[0] + 1 if known else 1, error)
                continue
            samples, rows_of = owned.setdefault(owner.cooperative, ([], []))
            samples.append(replace(sample, device=owner.device))
            rows_of.append(row)
        for external, (rows, refusal) in strangers.items():
            _unknown(batch, place, rows, refusal, name, external)
        faults = decoded.faults
        for cooperative, (samples, rows_of) in owned.items():
            part = Decoded(samples, faults, rows_of, decoded.unknown)
            self._take(batch, place, cooperative, name, part, samples)
            faults = []
        if faults:
            _refuse(batch, place, NOBODY, name, [_Row(f.index, f.reason, f.message) for f in faults], whole=True)

    def _take(  # noqa: PLR0917
        self, batch: Batch, place: int, cooperative: str, name: str, decoded: Decoded, samples: list[Sample]
    ) -> None:
        message = batch.messages[place]
        share = batch.share(cooperative)
        refused = self._limits.refused(samples, message.received_ms) or self._limits.too_many(cooperative, samples)
        if refused or decoded.faults:
            samples = self._leave_out(batch, place, cooperative, name, decoded, refused)
        odd = self._limits.odd(samples, share.flags)
        if odd:
            first = len(share.samples)
            share.flagged += [first + index for index in odd]
        if decoded.unknown:
            share.flags["unknown-field"] += decoded.unknown
        share.samples += samples
        share.origins += [place] * len(samples)

    def _leave_out(  # noqa: PLR0917
        self, batch: Batch, place: int, cooperative: str, name: str, decoded: Decoded, refused: Sequence[Refused]
    ) -> list[Sample]:
        """Keep what of a message is bad as letters; gives what is left."""
        message = batch.messages[place]
        share = batch.share(cooperative)
        samples = decoded.samples
        device = samples[0].device if samples else _sender(message.topic).rpartition("/")[2]
        rows = [_Row(f.index, f.reason, f.message) for f in decoded.faults]
        rows += [_Row(decoded.places[r.index], r.reason, r.message) for r in refused]
        share.rejections += [Rejection(device, f.reason, message.received_ms) for f in decoded.faults]
        share.rejections += [
            Rejection(samples[r.index].device, r.reason, message.received_ms, samples[r.index]) for r in refused
        ]
        bad = {r.index for r in refused}
        kept = [sample for index, sample in enumerate(samples) if index not in bad]
        _refuse(batch, place, cooperative, name, rows, whole=not kept or self._is_foreign(name))
        return kept


class _Row(msgspec.Struct, frozen=True, gc=False):
    """A row of a message that is refused."""

    place: int
    reason: str
    message: str


def _unknown(batch: Batch, place: int, rows: int, error: PayloadError, name: str, sender: str) -> None:  # noqa: PLR0917
    """Keep the whole message of a sender that the registry does not know."""
    share = batch.share(NOBODY)
    share.rejected[error.reason] += rows
    message = batch.messages[place]
    share.letters.append((place, _letter(message, message.payload, error.reason, str(error), name, sender)))


def _refuse(batch: Batch, place: int, cooperative: str, name: str, rows: Sequence[_Row], *, whole: bool) -> None:
    """Keep the message itself where nothing of it was good or it cannot be taken apart, else each refused row."""
    message = batch.messages[place]
    share = batch.share(cooperative)
    share.rejected.update(row.reason for row in rows)
    sender = _sender(message.topic)
    if whole:
        words = rows[0].message if len(rows) == 1 else f"{rows[0].message} (and {len(rows) - 1} more rows)"
        share.letters.append((place, _letter(message, message.payload, rows[0].reason, words, name, sender)))
        return
    bodies = codecs.codec(name).row_payloads(message.payload, [row.place for row in rows])
    for row, body in zip(rows, bodies, strict=True):
        words = f"row {row.place}: {row.message}"
        share.letters.append((place, _letter(message, body, row.reason, words, name, sender)))


def _sender(topic: str) -> str:
    """The native sender that a topic names; nothing for others."""
    try:
        address = topics.parse(topic)
    except PayloadError:
        return ""
    return f"{address.cooperative}/{address.device}"


def _letter(  # noqa: PLR0917
    message: Message, payload: bytes, reason: str, words: str, form: str, sender: str
) -> DeadLetter:
    return DeadLetter(message.received_ms, message.topic, payload, reason, words, format=form, sender=sender)
