"""``canhdong devices adopt``."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import ClassVar

from cli import letters, output, wiring
from cli.commands.cooperative_add import checked_identifier
from core.errors import BrokerUnavailable, ConfigError, NotFound
from core.localtime import ZONE
from core.model.land import Device, DeviceKind, ForeignDevice
from core.ports import Registry

_NATIVE = "native_"
_EVERYTHING = 2**31


class Command:
    """Say whose an unknown sender is, and take in what it has sent so far.

    Registers the device where it is not registered yet, tells the registry that EXTERNAL in FORMAT is that device, and
    replays what the quarantine keeps of it. For our own formats EXTERNAL is cooperative/device.
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
        parser.add_argument("--kind", choices=kinds, default=DeviceKind.SENSOR.value, help="what it is (%(default)s)")
        parser.add_argument("--name", default="", help="name that people read")
        parser.add_argument("--model", default="", help="maker and model")
        parser.add_argument("--valid-from", default="", metavar="ISO", help="since when; default: ever since")
        parser.add_argument("--no-replay", action="store_true", help="leave what it has sent in the quarantine")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Register, tell, replay."""
        device = checked_identifier(args.device)
        native = args.format.startswith(_NATIVE)
        if native and args.external != f"{args.cooperative}/{device}":
            raise ConfigError(f"a sender of {args.format} is named by its topic: {args.external!r} is no other device")
        with wiring.stores() as stores:
            made = _registered(stores.registry, args, device)
            if not native:
                since_ms = _milliseconds(args.valid_from)
                stores.registry.add_foreign(
                    ForeignDevice(args.format, args.external, args.cooperative, device, since_ms)
                )
            waiting = stores.dead_letters.letters(0, _EVERYTHING, reason="identity", sender=args.external, pending=True)
            chosen = [] if args.no_replay else [letter for letter in waiting if letter.format == args.format]
            try:
                done = letters.replay(stores.dead_letters, chosen) if chosen else 0
            except BrokerUnavailable as error:
                done = 0
                output.note(f"{error}; canhdong deadletter replay --sender {args.external} does it later")
        if args.json:
            output.print_json({"device": device, "cooperative": args.cooperative, "registered": made, "replayed": done})
        else:
            output.note(f"{args.external} is {device} of {args.cooperative}; {done} of {len(chosen)} letters replayed")
        return 0


def _registered(registry: Registry, args: argparse.Namespace, device: str) -> bool:
    """Register the device where it is not; whether that was needed."""
    try:
        registry.device(args.cooperative, device)
    except NotFound:
        kind = DeviceKind(args.kind)
        registry.add_device(Device(device, args.cooperative, kind, args.name, args.model))
        return True
    return False


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
