"""``canhdong sensor add``."""

from __future__ import annotations

import argparse
import math
from typing import ClassVar

from cli import output, wiring
from cli.commands.cooperative_add import checked_identifier
from core.model.land import Device, DeviceKind


class Command:
    """Register a field sensor of a cooperative, with the place where it stands."""

    name: ClassVar[str] = "sensor add"
    vietnamese: ClassVar[str] = "Đăng ký một cảm biến đồng ruộng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose sensor")
        parser.add_argument("device", help="identifier in topics: lower-case letters, digits, hyphens")
        parser.add_argument("--name", default="", help="name that people read")
        parser.add_argument("--model", default="", help="maker and model")
        parser.add_argument("--lat", type=float, default=math.nan, metavar="DEG", help="latitude, WGS 84")
        parser.add_argument("--lon", type=float, default=math.nan, metavar="DEG", help="longitude, WGS 84")

    def run(self, args: argparse.Namespace) -> int:
        """Add it."""
        identifier = checked_identifier(args.device)
        with wiring.stores() as stores:
            stores.registry.add_device(
                Device(
                    identifier,
                    args.cooperative,
                    DeviceKind.SENSOR,
                    args.name,
                    args.model,
                    lat_deg=args.lat,
                    lon_deg=args.lon,
                )
            )
        topic = f"canhdong/v1/{args.cooperative}/{DeviceKind.SENSOR}/{identifier}/telemetry"
        output.note(f"sensor {identifier} is registered; it publishes to {topic}")
        return 0
