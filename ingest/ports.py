"""What ingest needs from outside, put together by whoever starts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from core.intake import IntakeStore, Spool
from core.ports import DeadLetters, MessageBus, TelemetryStore
from core.registry import Registry


class Slot(msgspec.Struct, frozen=True):
    """What a slot needs from outside: its session at the broker, its spool, and spools for what is put aside.

    ``left_aside`` names the cooperatives for which an earlier process has put something aside.
    """

    name: str
    bus: MessageBus
    spool: Spool
    aside: Callable[[str], Spool]
    left_aside: Sequence[str] = ()


class Ports(msgspec.Struct, frozen=True):
    """What ingest needs from outside, beside its slots."""

    telemetry: TelemetryStore
    registry: Registry
    dead_letters: DeadLetters
    intake: IntakeStore
