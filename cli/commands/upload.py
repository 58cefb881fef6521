"""``canhdong upload``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

from cli import output, owners, uploads, wiring
from core.errors import FlightLogError


class Command:
    """Hand in flight or work logs: what is new of them is laid over the telemetry, and the flights are computed anew.

    A log that is there already is kept no second time. The geo service computes; --here does it in this process.
    See docs/uploads.md.
    """

    name: ClassVar[str] = "upload"
    vietnamese: ClassVar[str] = "Nạp nhật ký bay hoặc nhật ký làm việc; không nạp trùng."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="logs of any known format")
        parser.add_argument("--drone", default="", metavar="ID", help="whose logs; needed where they do not tell it")
        parser.add_argument("--here", action="store_true", help="compute the flights in this process, without a broker")
        owners.add_option(parser)
        parser.add_argument("--json", action="store_true", help="one JSON document on stdout")

    def run(self, args: argparse.Namespace) -> int:
        """Read and keep; a bad file does not hide the good ones."""
        from contextlib import closing  # noqa: PLC0415

        from cli.enrolling import entry  # noqa: PLC0415
        from core.uploads import NobodyAsked  # noqa: PLC0415
        from ingest.uploads.desk import Handed  # noqa: PLC0415

        made = []
        failed = 0
        with (
            wiring.stores() as stores,
            closing(wiring.people()) as people,
            wiring.asker("canhdong-upload") as asker,
        ):
            cooperative = owners.owner(stores.registry, args.cooperative).cooperative
            desk = wiring.uploading(stores, NobodyAsked() if args.here else asker)
            for path in args.files:
                who = entry("uploaded", str(path), cooperative)
                try:
                    receipt = desk.take_in(path, Handed(cooperative, who.actor, path.name, args.drone))
                except (FlightLogError, OSError) as error:
                    failed += 1
                    output.note(f"warning: {error}")
                    made.append({"file": path.name, "error": str(error)})
                    continue
                people.write_down(entry("uploaded", f"upload {receipt.upload.number}, {path.name}", cooperative))
                told = uploads.shown(receipt)
                if args.here and receipt.upload.number and not receipt.same_as:
                    told["flights"] = uploads.compute(stores, receipt.upload)
                made.append(told)
                if not args.json:
                    uploads.tell(receipt)
                    for it in told.get("flights", []):
                        print(f"  {it['flight']}: {it['fixes']} fixes, net {it['net_m2'] / 1e4:.3f} ha")
        if args.json:
            output.print_json({"cooperative": cooperative, "files": made})
        return 1 if failed else 0
