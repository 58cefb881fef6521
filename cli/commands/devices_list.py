"""``canhdong devices list``."""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import ClassVar

from cli import output, owners, wiring


class Command:
    """Show the devices of a cooperative, and the foreign identifiers under which they send."""

    name: ClassVar[str] = "devices list"
    vietnamese: ClassVar[str] = "Xem các thiết bị của một hợp tác xã."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("cooperative", help="whose devices")
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            owners.required(stores.registry, args.cooperative)
            devices = stores.registry.devices(args.cooperative)
            foreign = stores.registry.foreign_devices(args.cooperative)
        of: defaultdict[str, list[dict[str, object]]] = defaultdict(list)
        for it in foreign:
            of[it.device].append({"format": it.format, "external": it.external, "valid_from_ms": it.valid_from_ms})
        if args.json:
            rows = [
                {
                    "device": it.device,
                    "kind": it.kind.value,
                    "name": it.name,
                    "model": it.model,
                    "foreign": of[it.device],
                }
                for it in devices
            ]
            output.print_json({"devices": rows})
            return 0
        cells = [
            [
                it.device,
                it.kind.value,
                it.name,
                it.model,
                ", ".join(f"{f['format']} {f['external']}" for f in of[it.device]),
            ]
            for it in devices
        ]
        output.print_table("devices / thiết bị", ["device", "kind", "name", "model", "foreign identifiers"], cells, 5)
        return 0
