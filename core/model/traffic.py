"""What devices send and when it reaches the broker, and what a simulation knows to be true beside it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from core.model.fixtable import FixTable, Floats, Ints, Labels
from core.model.land import Cooperative, Device, DeviceKind, ForeignDevice, Plot
from core.model.samples import Event, Reading

_BLOCK: Final = 1024
_KEPT: Final = 4


class RawMessage(msgspec.Struct, frozen=True, gc=False):
    """A message as it is, byte for byte, with the instant at which it reaches the broker."""

    ts_ms: int
    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Sending:
    """The messages of a stream in order of arrival, as columns of shape (m,).

    Message k reaches the broker at ``due_ms[k]`` (true time, ms since 1970 UTC) and carries the rows
    ``first[k]:end[k]`` of the stream's samples. A message that is delivered twice stands twice, one that is lost not at
    all; ``due_ms`` never falls.
    """

    due_ms: Ints
    first: Ints
    end: Ints

    def __len__(self) -> int:
        return len(self.due_ms)


@dataclass(frozen=True, slots=True)
class Stream:
    """Samples of one device in the order in which it took them. ``replay`` marks a device that only repeats a log.

    ``cooperative`` is whose the device is ("" leaves it to whoever sends). ``sending`` says what reaches the broker and
    when; without it the sender makes batches that arrive at once. ``wire`` is the format that the device speaks: ""
    for ours, else ``codec/model`` (``chirpstack_v4/wts506``), under the name ``external``.
    """

    device: str
    kind: DeviceKind
    samples: FixTable | list[Event] | list[Reading] | list[RawMessage]
    replay: bool = False
    cooperative: str = ""
    sending: Sending | None = None
    wire: str = ""
    external: str = ""


class SampleRows:
    """The samples of a stream one by one; of a table, the blocks of fixes that were asked for last are kept."""

    def __init__(self, samples: FixTable | list[Event] | list[Reading] | list[RawMessage]) -> None:
        self._samples = samples
        self._blocks: dict[int, list[Any]] = {}

    def between(self, first: int, end: int) -> list[Any]:
        """The samples of the rows ``first`` to ``end`` (exclusive)."""
        if isinstance(self._samples, list):
            return self._samples[first:end]
        found: list[Any] = []
        while first < end:
            number, at = divmod(first, _BLOCK)
            part = self._block(number)[at : at + end - first]
            found += part
            first += len(part)
        return found

    def _block(self, number: int) -> list[Any]:
        block = self._blocks.pop(number, None)
        if block is None:
            assert isinstance(self._samples, FixTable)  # noqa: S101 - lists are sliced above
            block = list(self._samples.take(slice(number * _BLOCK, (number + 1) * _BLOCK)).rows())
            while len(self._blocks) >= _KEPT:
                del self._blocks[next(iter(self._blocks))]
        self._blocks[number] = block
        return block


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """What was really treated: strips, each swept by a straight boom, as the union of quadrilaterals.

    Strip k has the cross-sections ``start[k]:start[k + 1]`` of the other columns; between two neighbouring
    cross-sections lies a quadrilateral. WGS 84 degrees, ms since 1970 UTC.

    Attributes:
        cooperative: Per strip (as are ``device``, ``boot``, ``job``, ``op``, ``swath_m``): whose drone treated it.
        device: Which drone.
        boot: Under which boot label the drone's telemetry tells of it.
        job: Of which job.
        op: Codes of :class:`core.model.enums.Operation`.
        swath_m: Width of the strip.
        start: First cross-section of each strip, and one more for the end: shape (strips + 1,).
        ts_ms: When the boom was there (fractions of a millisecond occur), per cross-section.
        left_lon_deg: Left end of the cross-section, looking along the flight.
        left_lat_deg: The same.
        right_lon_deg: Right end of it.
        right_lat_deg: The same.
        released: Litres (spray) or kilograms (spread, sow) let go from this cross-section to the next; 0 at a strip's
            last.
    """

    cooperative: Labels
    device: Labels
    boot: Labels
    job: Labels
    op: Ints
    swath_m: Floats
    start: Ints
    ts_ms: Floats
    left_lon_deg: Floats
    left_lat_deg: Floats
    right_lon_deg: Floats
    right_lat_deg: Floats
    released: Floats

    def __len__(self) -> int:
        return len(self.start) - 1


@dataclass(frozen=True, slots=True)
class Run:
    """What a scenario or a recording holds: who is there, and everything that is sent.

    ``name`` is the scenario's, ``seed`` that of all that is random (−1: nothing is), ``start_ms`` where its time
    begins.
    """

    name: str
    seed: int
    start_ms: int
    streams: tuple[Stream, ...]
    cooperatives: tuple[Cooperative, ...] = ()
    devices: tuple[Device, ...] = ()
    plots: tuple[Plot, ...] = ()
    aliases: tuple[ForeignDevice, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
