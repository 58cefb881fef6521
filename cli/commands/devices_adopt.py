"""``canhdong devices adopt``."""

from __future__ import annotations

import argparse
import time
from datetime import datetime
from types import ModuleType
from typing import ClassVar

from cli import letters, output, wiring
from cli.identifiers import checked_identifier
from core.errors import ConfigError, Conflict, NotFound, PayloadError
from core.localtime import ZONE
from core.model.land import Device, DeviceKind, ForeignDevice
from core.model.samples import Reading
from core.ports import DeadLetter
from core.registry import Registry


class Command:
    """Say whose an unknown sender is, and take in what it has sent so far.

    Registers the device where it is not registered yet, tells the registry that EXTERNAL in FORMAT is that device, and
    replays what the quarantine keeps of it. For our own formats EXTERNAL is cooperative/device, and nothing but the
    device is registered.
    """

    name: ClassVar[str] = "devices adopt"
    vietnamese: ClassVar[str] = "Nhận một thiết bị lạ vào hợp tác xã, và lấy lại dữ liệu nó đã gửi."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("format", help="payload format, as devices quarantine shows it")
        parser.add_argument("external", help="the sender's identifier, as devices quarantine shows it")
        parser.add_argument("--cooperative", required=True, help="whose it is")
        parser.add_argument("--device", required=True, help="its identifier here")
        kinds = [kind.value for kind in DeviceKind]
        parser.add_argument("--kind", choices=kinds, default="", help="default: what it has sent, else sensors")
        parser.add_argument("--name", default="", help="name that people read")
        parser.add_argument("--model", default="", help="maker and model")
        parser.add_argument("--valid-from", default="", metavar="ISO", help="since when; default: ever since")
        parser.add_argument("--no-replay", action="store_true", help="leave what it has sent in the quarantine")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Check everything, register, tell, replay."""
        from ingest import codecs  # noqa: PLC0415

        codec = codecs.codec(args.format)
        known = ForeignDevice(
            args.format,
            args.external,
            checked_identifier(args.cooperative),
            checked_identifier(args.device),
            _milliseconds(args.valid_from),
        )
        if not codec.FOREIGN:
            _check_native(known)
        with wiring.stores() as stores:
            kept = stores.dead_letters
            numbers = letters.waiting(kept, reason="identity", sender=known.external, form=known.format)
            heard = _kind(codec, kept.letter(numbers[-1])) if numbers else None
            made = _registered(stores.registry, args, known, heard)
            if codec.FOREIGN:
                stores.registry.add_foreign(known)
            if numbers and not args.no_replay:
                _await_ingest()
                told = letters.replay(kept, numbers)
            else:
                told = letters.Replay(0, len(numbers))
        _tell(args, made, told)
        return 0


def _check_native(known: ForeignDevice) -> None:
    """A sender of ours is named by its topic, now and ever."""
    if known.external != f"{known.cooperative}/{known.device}":
        raise ConfigError(f"a sender of {known.format} is named by its topic: {known.external!r} is no other device")
    if known.valid_from_ms:
        raise ConfigError(f"--valid-from is for foreign identifiers: {known.external!r} has no other owner")


def _registered(registry: Registry, args: argparse.Namespace, known: ForeignDevice, heard: DeviceKind | None) -> bool:
    """Register the device where it is not; whether that was needed.

    Raises:
        Conflict: The identifier is another device's, or the device is of another kind; nothing is registered.
        NotFound: There is no such cooperative.
    """
    for other in registry.foreign(known.format, known.external):
        if other.valid_from_ms == known.valid_from_ms and other != known:
            raise Conflict(f"{known.external!r} is device {other.device!r} of {other.cooperative!r} already")
    kind = DeviceKind(args.kind) if args.kind else heard
    try:
        there = registry.device(known.cooperative, known.device)
    except NotFound:
        new = Device(known.device, known.cooperative, kind or DeviceKind.SENSOR, args.name, args.model)
        registry.add_device(new)
        return True
    if kind not in {None, there.kind}:
        raise Conflict(f"device {there.device!r} is registered under {there.kind}, and this sender is of {kind}")
    return False


def _kind(codec: ModuleType, letter: DeadLetter) -> DeviceKind | None:
    """What a sender is, by a message of it: our topics say so, and only drones send anything but readings."""
    from ingest import topics  # noqa: PLC0415

    try:
        if not codec.FOREIGN:
            return topics.parse(letter.topic).kind
        if not hasattr(codec, "decode"):
            return None  # its messages cannot be read without those before
        decoded = codec.decode(letter.topic, letter.payload, letter.received_ms)
    except PayloadError:
        return None
    of = [sample for sample in decoded.samples if sample.device == letter.sender]
    if not of:
        return None
    return DeviceKind.SENSOR if all(isinstance(sample, Reading) for sample in of) else DeviceKind.DRONE


def _await_ingest() -> None:
    """Wait until ingest asks the registry again: what it held for unknown a moment ago would come back at once."""
    from ingest.validate import UNKNOWN_FOR_MS  # noqa: PLC0415

    time.sleep(UNKNOWN_FOR_MS / 1_000.0 + 0.1)


def _tell(args: argparse.Namespace, made: bool, told: letters.Replay) -> None:  # noqa: FBT001
    waits = told.chosen - told.done
    if args.json:
        output.print_json(
            {
                "device": args.device,
                "cooperative": args.cooperative,
                "registered": made,
                "replayed": told.done,
                "waiting": waits,
            }
        )
    output.note(
        f"{args.external} is {args.device} of {args.cooperative}; {told.done} of {told.chosen} letters replayed"
    )
    if told.fault:
        output.note(told.fault)
    if waits:
        output.note(f"canhdong deadletter replay --sender {args.external} does it later")


def _milliseconds(text: str) -> int:
    if not text:
        return 0
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError(
            f"--valid-from {text!r}: give a time such as 2026-11-26 or 2026-11-26T05:00:00+07:00"
        ) from None
    return int((when if when.tzinfo else when.replace(tzinfo=ZONE)).timestamp() * 1_000)
