"""``canhdong drone add``."""

from __future__ import annotations

import argparse
import math
from typing import ClassVar

from cli import output, wiring
from cli.commands.cooperative_add import checked_identifier
from core.model.land import Device, DeviceKind


class Command:
    """Register a drone of a cooperative. Telemetry of one that is not registered goes to the dead letters."""

    name: ClassVar[str] = "drone add"
    vietnamese: ClassVar[str] = "Đăng ký một máy bay của hợp tác xã."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose drone")
        parser.add_argument("device", help="identifier in topics: lower-case letters, digits, hyphens")
        parser.add_argument("--name", default="", help="name that people read")
        parser.add_argument("--model", default="", help="maker and model")
        parser.add_argument("--swath", type=float, default=math.nan, metavar="M", help="calibrated swath width in m")

    def run(self, args: argparse.Namespace) -> int:
        """Add it."""
        identifier = checked_identifier(args.device)
        with wiring.stores() as stores:
            stores.registry.add_device(
                Device(identifier, args.cooperative, DeviceKind.DRONE, args.name, args.model, args.swath)
            )
        topic = f"canhdong/v1/{args.cooperative}/{DeviceKind.DRONE}/{identifier}/telemetry"
        output.note(f"drone {identifier} is registered; it publishes to {topic}")
        return 0
