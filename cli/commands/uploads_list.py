"""``canhdong uploads list``."""

from __future__ import annotations

import argparse
from typing import ClassVar

from cli import output, owners, uploads, wiring
from core.uploads import Receipt


class Command:
    """List the logs that were handed in, the newest first, with what came of each; also those taken back."""

    name: ClassVar[str] = "uploads list"
    vietnamese: ClassVar[str] = "Liệt kê các nhật ký đã nạp."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="so many at most")
        owners.add_option(parser)
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and print."""
        with wiring.stores() as stores:
            cooperative = owners.owner(stores.registry, args.cooperative).cooperative
            found = [Receipt(it) for it in stores.uploads.uploads(cooperative, limit=args.limit)]
        if args.json:
            output.print_json([uploads.shown(it) for it in found])
        for it in found if not args.json else ():
            uploads.tell(it)
        return 0
